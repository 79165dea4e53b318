"""A film in, an anonymised film out: its pictures are decoded, veiled and encoded anew as VP8.

The sound is copied as it is. Nothing else comes along: no metadata, no attachments, no subtitles.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import IO, Any, cast

import av
import cv2
import numpy as np
from av.container import InputContainer, OutputContainer

from media.anonymise.faces import Faces
from media.anonymise.places import Detector, Picture
from media.anonymise.plates import Plates
from media.anonymise.tracks import BACK, Seen, Tracks
from media.anonymise.veil import veil

# How often faces and plates are looked for, in seconds of the film.
LOOK_SECONDS = 0.2
# The longer side of the pictures in which things are followed.
FOLLOWED = 640
# What is found grows by these shares on each side: of its width, and of its height.
FACE_MARGIN, PLATE_MARGIN = (0.3, 0.35), (0.15, 0.3)
# About what a good line carries: bits a second for each pixel of the picture.
BITS_A_PIXEL = 2.5
_MS = Fraction(1, 1000)
# Fast, and as many threads as one: others go before.
_ENCODER = {"deadline": "realtime", "cpu-used": "6", "auto-alt-ref": "0", "threads": "1"}


@dataclass(frozen=True, slots=True)
class Made:
    """What was made. `pictures`: how many; `hidden`: in how many of them something was."""

    pictures: int
    hidden: int
    duration_ms: int


class NoPicture(ValueError):
    """There is no picture in this file, so there is nothing to anonymise."""


@dataclass(slots=True)
class _Waiting:
    picture: Picture
    at: int
    scale: float
    faces: Seen
    plates: Seen


class Veiler:
    """Veils one picture after the other; each comes out `BACK` pictures later."""

    def __init__(self, faces: Detector | None = None, plates: Detector | None = None) -> None:
        self._detectors = faces or Faces(), plates or Plates()
        self._tracks = Tracks(), Tracks()
        self._waiting: deque[_Waiting] = deque()
        self._looked = -1e9
        self._shape: tuple[int, ...] = ()

    def put(self, picture: Picture, at: int) -> list[tuple[Picture, int, bool]]:
        """Take a picture shown at so many ms; return those that are done."""
        scale = min(1.0, FOLLOWED / max(picture.shape[:2]))
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        reduced = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        small = np.asarray(reduced, np.uint8)
        # A phone that was turned shows another part of the street: what is there now?
        looks = at - self._looked >= 1000 * LOOK_SECONDS or grey.shape != self._shape
        if looks:
            self._looked, self._shape = at, grey.shape
        seen = [
            tracks.follow(
                small,
                [one.scaled(scale) for one in detector.find(picture)] if looks else None,
            )
            for detector, tracks in zip(self._detectors, self._tracks, strict=True)
        ]
        self._waiting.append(_Waiting(picture, at, scale, *seen))
        return [self._done()] if len(self._waiting) > BACK else []

    def rest(self) -> list[tuple[Picture, int, bool]]:
        """Return those that wait; there are no more."""
        return [self._done() for _ in range(len(self._waiting))]

    def _done(self) -> tuple[Picture, int, bool]:
        one = self._waiting.popleft()
        back = 1 / one.scale
        faces = [place.scaled(back).grown(*FACE_MARGIN) for place in one.faces.hidden]
        plates = [place.scaled(back).grown(*PLATE_MARGIN) for place in one.plates.hidden]
        veil(one.picture, [*faces, *plates])
        return one.picture, one.at, bool(faces or plates)


def anonymise(
    source: IO[bytes], out: IO[bytes], progress: Callable[[float], None] = lambda _: None
) -> Made:
    """Write an anonymised WebM of a film. `progress` hears the share that is done, 0 to 1.

    Whatever `progress` raises stops it. Raises `NoPicture`, and `av.FFmpegError` for
    what is no film.
    """
    with av.open(source, "r") as film:
        if not film.streams.video:
            raise NoPicture
        with av.open(out, "w", format="webm") as made:
            return _Copying(film, made, progress).run()


class _Copying:
    def __init__(
        self, film: InputContainer, made: OutputContainer, progress: Callable[[float], None]
    ) -> None:
        self._film, self._made, self._progress = film, made, progress
        self._shown = film.streams.video[0]
        self._length = (film.duration or 0) / 1000
        # Half an hour of film is forty thousand pictures: nobody needs to hear of each.
        self._told = -1.0
        self._picture: Any = None
        self._sounds = {
            sound.index: made.add_stream_from_template(sound) for sound in film.streams.audio
        }
        self._veiler = Veiler()
        self._pictures = self._hidden = self._end = 0
        self._latest = -1

    def run(self) -> Made:
        wanted = [self._shown, *self._film.streams.audio]
        early: list[Any] = []
        for packet in self._film.demux(wanted):
            if packet.stream.index in self._sounds:
                # A file's header names all its streams, so sound waits for the first picture.
                early.append(packet)
            else:
                self._decode(packet)
            if self._picture is not None:
                for sound in early:
                    self._copy(sound)
                early.clear()
        self._encode(self._veiler.rest())
        if self._picture is None:
            raise NoPicture
        self._made.mux(self._picture.encode(None))
        self._progress(1.0)
        return Made(self._pictures, self._hidden, self._end)

    def _decode(self, packet: Any) -> None:
        try:
            frames = packet.decode()
        except av.FFmpegError:
            return  # a picture that is broken is left out, and those that need it are
        for frame in frames:
            if frame.pts is None:
                continue
            at = int(frame.pts * frame.time_base / _MS)
            if at <= self._latest:
                continue
            self._latest = at
            if self._picture is None:
                self._begin(frame)
            picture = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            self._encode(self._veiler.put(picture, at))
            self._tell(at)

    def _begin(self, frame: av.VideoFrame) -> None:
        """Set the picture up: as large as the first one, in whole pairs of pixels."""
        self._picture = cast(Any, self._made.add_stream("libvpx", rate=30, options=_ENCODER))
        width, height = (max(2, side - side % 2) for side in (frame.width, frame.height))
        self._picture.width, self._picture.height = width, height
        self._picture.pix_fmt = "yuv420p"
        self._picture.bit_rate = max(200_000, int(BITS_A_PIXEL * width * height))
        self._picture.codec_context.time_base = _MS
        self._picture.codec_context.gop_size = 150

    def _encode(self, done: list[tuple[Picture, int, bool]]) -> None:
        for picture, at, hidden in done:
            fitted = fit(picture, self._picture.width, self._picture.height)
            frame = av.VideoFrame.from_ndarray(fitted, format="bgr24")
            frame.pts, frame.time_base = at, _MS
            self._made.mux(self._picture.encode(frame))
            self._pictures += 1
            self._hidden += hidden
            self._end = max(self._end, at)

    def _copy(self, packet: Any) -> None:
        if packet.pts is None or not packet.size:
            return
        self._end = max(self._end, int(packet.pts * packet.time_base / _MS))
        packet.stream = self._sounds[packet.stream.index]
        self._made.mux(packet)

    def _tell(self, at: int) -> None:
        share = min(0.99, at / self._length) if self._length else 0.0
        if share - self._told >= 0.005:
            self._told = share
            self._progress(share)


def fit(picture: Picture, width: int, height: int) -> Picture:
    """Return a picture of this size: whole, upright, with black beside it where need be.

    A line that gets worse makes pictures smaller in mid-film, a phone that is turned other ones.
    """
    tall, wide = picture.shape[:2]
    if (tall, wide) == (height, width):
        return picture
    scale = min(width / wide, height / tall)
    across, down = max(1, round(wide * scale)), max(1, round(tall * scale))
    fitted = np.zeros((height, width, 3), np.uint8)
    x, y = (width - across) // 2, (height - down) // 2
    fitted[y : y + down, x : x + across] = cv2.resize(
        picture, (across, down), interpolation=cv2.INTER_AREA
    )
    return fitted
