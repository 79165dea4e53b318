"""A video file, looped, as a pair of WebRTC media tracks.

Picture and sound are read by two decoders that never wait for each other. Both know how long one
round of the clip takes, and every round begins at a multiple of it, so they stay together however
long the clip runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from aiortc.mediastreams import VIDEO_CLOCK_RATE, VIDEO_TIME_BASE, MediaStreamError
from av import AudioFrame, VideoFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from showroom.errors import StartupError
from showroom.robot.pacing import Beat, LoopTiming, Timing, WorkedTrack

_RATE = 48_000
_FRAME_SAMPLES = _RATE // 50
_SLACK_FRAMES = 10
_LARGEST = (1280, 720)
# A frame later than this is decoded but not shown.
_LATE_SECONDS = 0.1


@dataclass(frozen=True)
class _Round:
    """One run through the clip: its length in seconds and whether there is sound in it."""

    seconds: float
    has_sound: bool


def _measure(path: Path) -> _Round:
    """Read the file's packets, without decoding. Raises `ValueError` if it holds no video."""
    with av.open(str(path)) as container:
        if not container.streams.video:
            raise ValueError("the clip has no video stream")
        streams = [container.streams.video[0], *container.streams.audio[:1]]
        first: float | None = None
        end: float | None = None
        for packet in container.demux(streams):
            if packet.pts is None or packet.time_base is None:
                continue
            start = float(packet.pts * packet.time_base)
            stop = start + float((packet.duration or 0) * packet.time_base)
            first = start if first is None else min(first, start)
            end = stop if end is None else max(end, stop)
        if first is None or end is None or end <= first:
            raise ValueError("the clip has no length")
        return _Round(end - first, len(streams) == 2)


def check_clip(path: Path) -> None:
    """Raise `StartupError` if a file can't be shown: now, and not in the first call."""
    try:
        _measure(path)
    except (OSError, ValueError, av.error.FFmpegError) as error:
        raise StartupError(f"The clip {path} can't be shown: {error}.") from error


class ClipTracks:
    """The tracks `video` and `audio` of a looped file; silence if the file has no sound.

    Opening reads the file once; do it at the start of the program, not during a call. Raises
    `av.error.FFmpegError` (an `OSError` for a missing file) or `ValueError` if it cannot be used.
    """

    def __init__(self, path: Path | str, *, timing: Timing | None = None) -> None:
        path, timing = Path(path), timing or LoopTiming()
        length = _measure(path)
        self.video = ClipVideoTrack(path, length.seconds, timing)
        self.audio = ClipAudioTrack(path if length.has_sound else None, length.seconds, timing)

    def stop(self) -> None:
        """End both tracks."""
        self.video.stop()
        self.audio.stop()


class ClipVideoTrack(WorkedTrack):
    """The clip's picture, at its own frame rate, no larger than 1280 by 720."""

    kind = "video"

    def __init__(self, path: Path, round_seconds: float, timing: Timing) -> None:
        super().__init__()
        self._timing = timing
        self._frames = _looped_pictures(path, round_seconds)
        self._start: float | None = None

    async def recv(self) -> VideoFrame:
        """Return the next frame, when it is due. Raises `MediaStreamError` once stopped."""
        if self._start is None:
            self._check_live()
            self._start = self._timing.now()
        elapsed = self._timing.now() - self._start
        due, frame = await self._work(lambda: self._next(elapsed))
        wait = self._start + due - self._timing.now()
        if wait > 0:
            await self._timing.sleep(wait)
            self._check_live()
        return frame

    def _next(self, elapsed: float) -> tuple[float, VideoFrame]:
        for due, frame in self._frames:
            if due < elapsed - _LATE_SECONDS:
                continue
            shown = _fitted(frame)
            shown.pts = round(due * VIDEO_CLOCK_RATE)
            shown.time_base = VIDEO_TIME_BASE
            return due, shown
        raise MediaStreamError("the clip has no pictures")


def _fitted(frame: VideoFrame) -> VideoFrame:
    """Return the frame in the encoders' format, with even sizes, shrunk if it is too large."""
    share = min(1.0, _LARGEST[0] / frame.width, _LARGEST[1] / frame.height)
    width, height = (max(2, int(size * share) // 2 * 2) for size in (frame.width, frame.height))
    return frame.reformat(width=width, height=height, format="yuv420p")


def _looped_pictures(path: Path, round_seconds: float) -> Iterator[tuple[float, VideoFrame]]:
    """Every frame with the second at which it is due, round after round."""
    begin, last = 0.0, -1.0
    while True:
        shown = 0
        first: float | None = None
        with av.open(str(path)) as container:
            for frame in container.decode(container.streams.video[0]):
                if frame.pts is None:
                    continue
                first = frame.time if first is None else first
                due = begin + frame.time - first
                # A damaged file may jump back in time; a stream must not.
                if last < due < begin + round_seconds:
                    last, shown = due, shown + 1
                    yield due, frame
        if not shown:
            return
        begin += round_seconds


class ClipAudioTrack(WorkedTrack):
    """The clip's sound in frames of 20 ms, 48 kHz mono; silence without a path."""

    kind = "audio"

    def __init__(self, path: Path | None, round_seconds: float, timing: Timing) -> None:
        super().__init__()
        self._chunks = _looped_sound(path, round_seconds)
        self._chunk_number = -1
        self._beat = Beat(50, timing, slack=_SLACK_FRAMES)

    async def recv(self) -> AudioFrame:
        """Return the next 20 ms, when they are due. Raises `MediaStreamError` once stopped."""
        self._check_live()
        beat = await self._beat.next()
        chunk = await self._work(lambda: self._skip_to(beat))
        frame = AudioFrame.from_ndarray(chunk[None], format="s16", layout="mono")
        frame.sample_rate = _RATE
        frame.pts = beat * _FRAME_SAMPLES
        frame.time_base = Fraction(1, _RATE)
        return frame

    def _skip_to(self, beat: int) -> NDArray[np.int16]:
        chunk = next(self._chunks)
        self._chunk_number += 1
        while self._chunk_number < beat:
            chunk = next(self._chunks)
            self._chunk_number += 1
        return chunk


def _looped_sound(path: Path | None, round_seconds: float) -> Iterator[NDArray[np.int16]]:
    """Chunks of 960 samples. Every round is cut or filled up with silence to its exact length."""
    rest = np.zeros(0, dtype=np.int16)
    sent, rounds = 0, 0
    while True:
        rounds += 1
        goal = math.floor(rounds * round_seconds * _RATE)
        for piece in _sound(path):
            piece = piece[: goal - sent]
            sent += len(piece)
            rest = np.concatenate([rest, piece])
            while len(rest) >= _FRAME_SAMPLES:
                yield rest[:_FRAME_SAMPLES]
                rest = rest[_FRAME_SAMPLES:]
        while sent < goal:
            piece = np.zeros(min(goal - sent, _FRAME_SAMPLES), dtype=np.int16)
            sent += len(piece)
            rest = np.concatenate([rest, piece])
            if len(rest) >= _FRAME_SAMPLES:
                yield rest[:_FRAME_SAMPLES]
                rest = rest[_FRAME_SAMPLES:]


def _sound(path: Path | None) -> Iterator[NDArray[np.int16]]:
    """One round of the file's sound, in pieces of any length, mono at 48 kHz."""
    if path is None:
        return
    resampler = AudioResampler(format="s16", layout="mono", rate=_RATE)
    with av.open(str(path)) as container:
        for frame in container.decode(container.streams.audio[0]):
            for resampled in resampler.resample(frame):
                yield resampled.to_ndarray().reshape(-1).astype(np.int16, copy=False)
        for resampled in resampler.resample(None):
            yield resampled.to_ndarray().reshape(-1).astype(np.int16, copy=False)
