"""Small films with a voice in them, and what their pictures show afterwards."""

import io
from collections.abc import Sequence
from fractions import Fraction

import av
import cv2
import numpy as np

from tests.media.pictures.scenes import Picture
from tests.media.pictures.streets import STYLES, Pose, background, lay, man_in_car, plate

RATE = 48_000


def film(pictures: Sequence[Picture], fps: int, form: str = "webm", sound: bool = True) -> bytes:
    """Return a film of these pictures, with a tone where sound is wanted."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as made:
        made.metadata["title"] = "Martine, 12 rue des Lilas"
        height, width = pictures[0].shape[:2]
        shown = made.add_stream("libvpx" if form == "webm" else "libx264", rate=fps)
        shown.width, shown.height, shown.pix_fmt = width, height, "yuv420p"
        shown.bit_rate = 4_000_000
        heard = made.add_stream("libopus", rate=RATE, layout="mono") if sound else None
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            made.mux(shown.encode(frame))
        made.mux(shown.encode(None))
        if heard is not None:
            seconds = len(pictures) / fps
            tone = np.sin(2 * np.pi * 440 * np.arange(int(RATE * seconds)) / RATE) * 8000
            for at in range(0, len(tone) - 959, 960):
                block = tone[at : at + 960].astype(np.int16)[None]
                voice = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
                voice.sample_rate, voice.pts, voice.time_base = RATE, at, Fraction(1, RATE)
                made.mux(heard.encode(voice))
            made.mux(heard.encode(None))
    return out.getvalue()


def pictures_of(data: bytes) -> list[Picture]:
    with av.open(io.BytesIO(data), "r") as made:
        return [
            np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in made.decode(video=0)
        ]


def sound_of(data: bytes) -> list[bytes]:
    with av.open(io.BytesIO(data), "r") as made:
        return [bytes(packet) for packet in made.demux(audio=0) if packet.size]


def passing_by(
    kind: str, count: int = 24, width: int | None = None
) -> tuple[list[Picture], list[np.ndarray]]:
    """Return pictures of a camera that moves past a face or a plate, and where that is."""
    random = np.random.default_rng(8)
    street = background(random)
    thing = man_in_car(random) if kind == "face" else plate(STYLES["Germany"], random)
    width = width or (120 if kind == "face" else 170)
    pictures, labels = [], []
    for number in range(count):
        picture = np.roll(street, -6 * number, axis=1)
        pose = Pose(width + number, (840 - 12 * number, 300 + 2 * number), 10, 0, 2)
        labels.append(lay(thing, pose, picture))
        pictures.append(picture)
    return pictures, labels


def detail(picture: Picture, corners: np.ndarray) -> float:
    """Return how much fine detail is left inside a label: what letters and eyes are made of."""
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.rint(corners).astype(np.int32), 1)
    edges = cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.CV_32F, ksize=3)
    return float(np.abs(edges[mask > 0]).mean())


def small_film_of_a_face(
    count: int = 15, fps: int = 10
) -> tuple[bytes, list[tuple[Picture, np.ndarray]]]:
    """Return a film of 320x180 past which a face goes; and its pictures, and where the face is."""
    pictures, labels = passing_by("face", count, width=280)
    small = [
        np.asarray(cv2.resize(one, (320, 180), interpolation=cv2.INTER_AREA), np.uint8)
        for one in pictures
    ]
    return film(small, fps), [(one, label / 4) for one, label in zip(small, labels, strict=True)]
