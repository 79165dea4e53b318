"""The robot's picture and sound as WebRTC media tracks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from fractions import Fraction
from functools import partial
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from aiortc.mediastreams import VIDEO_CLOCK_RATE, VIDEO_TIME_BASE
from av import AudioFrame, VideoFrame
from numpy.typing import NDArray

from showroom.robot.clip import ClipTracks
from showroom.robot.pacing import Beat, LoopTiming, Timing, WorkedTrack

AUDIO_RATE = 48_000
AUDIO_TIME_BASE = Fraction(1, AUDIO_RATE)
_FRAME_SAMPLES = AUDIO_RATE // 50
# A quarter of a second of sound is made at a time: few visits to the thread, little memory.
_BLOCK_FRAMES = 12
_SLACK_FRAMES = 10


class PictureSource(Protocol):
    """What `PictureTrack` shows."""

    def draw(self, seconds: float, clock: datetime, /) -> NDArray[np.uint8]:
        """Return a picture (height, width, 3), BGR, even sizes; called on one thread at a time."""


class SoundSource(Protocol):
    """What `VoiceTrack` says."""

    def samples(self, n: int) -> NDArray[np.int16]:
        """Return the next `n` samples, mono, 48,000 a second."""


def _local_time() -> datetime:
    return datetime.now().astimezone()


class _Drawing(NamedTuple):
    beat: int
    frame: asyncio.Future[VideoFrame]


class PictureTrack(WorkedTrack):
    """A drawn picture as video, `fps` frames a second (RTP's 90 kHz clock, RFC 3551).

    One picture is drawn ahead, while the one before it is encoded. A frame that would come too
    late is never drawn: a slow source lowers the frame rate and nothing piles up.
    """

    kind = "video"

    def __init__(
        self,
        source: PictureSource,
        fps: float = 20,
        *,
        executor: Executor | None = None,
        timing: Timing | None = None,
        clock: Callable[[], datetime] = _local_time,
    ) -> None:
        super().__init__(executor)
        self._source, self._fps, self._clock = source, fps, clock
        self._beat = Beat(fps, timing or LoopTiming())
        self._ahead: _Drawing | None = None

    async def recv(self) -> VideoFrame:
        """Return the next frame, when it is due. Raises `MediaStreamError` once stopped."""
        self._check_live()
        drawing, self._ahead = self._ahead or self._begin_drawing(), None
        frame = await self._finish(drawing.frame)
        await self._beat.wait_for(drawing.beat)
        self._check_live()
        self._ahead = self._begin_drawing()
        frame.pts = round(drawing.beat * VIDEO_CLOCK_RATE / self._fps)
        frame.time_base = VIDEO_TIME_BASE
        return frame

    def stop(self) -> None:
        """End the track and throw away the picture that was drawn ahead."""
        super().stop()
        ahead, self._ahead = self._ahead, None
        if ahead is not None and not ahead.frame.get_loop().is_closed():
            ahead.frame.cancel()

    def _begin_drawing(self) -> _Drawing:
        beat = self._beat.claim()
        return _Drawing(beat, self._begin(partial(self._draw, beat / self._fps, self._clock())))

    def _draw(self, seconds: float, clock: datetime) -> VideoFrame:
        picture = self._source.draw(seconds, clock)
        # The encoders want this format; converting here keeps that off the event loop as well.
        planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), dtype=np.uint8)
        return VideoFrame.from_ndarray(planes, format="yuv420p")


class VoiceTrack(WorkedTrack):
    """A sound as audio in frames of 20 ms, 48 kHz mono.

    After a stall of more than a fifth of a second, the time that was missed is skipped.
    """

    kind = "audio"

    def __init__(
        self,
        voice: SoundSource,
        *,
        executor: Executor | None = None,
        timing: Timing | None = None,
    ) -> None:
        super().__init__(executor)
        self._voice = voice
        self._beat = Beat(50, timing or LoopTiming(), slack=_SLACK_FRAMES)
        self._block = np.zeros(0, dtype=np.int16)

    async def recv(self) -> AudioFrame:
        """Return the next 20 ms, when they are due. Raises `MediaStreamError` once stopped."""
        self._check_live()
        beat = await self._beat.next()
        if len(self._block) == 0:
            make = partial(self._voice.samples, _BLOCK_FRAMES * _FRAME_SAMPLES)
            self._block = await self._work(make)
        self._check_live()
        now, self._block = self._block[:_FRAME_SAMPLES], self._block[_FRAME_SAMPLES:]
        frame = AudioFrame.from_ndarray(now[None], format="s16", layout="mono")
        frame.sample_rate = AUDIO_RATE
        frame.pts = beat * _FRAME_SAMPLES
        frame.time_base = AUDIO_TIME_BASE
        return frame


__all__ = ["ClipTracks", "PictureSource", "PictureTrack", "SoundSource", "VoiceTrack"]
