"""Time that tests can move, for the tracks."""

import asyncio
from fractions import Fraction

from av import AudioFrame, VideoFrame


class VirtualTiming:
    """Time that passes only when somebody sleeps, or says so."""

    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)


def stamp(frame: AudioFrame | VideoFrame) -> float:
    """The instant a frame belongs to, in seconds."""
    assert frame.pts is not None
    assert frame.time_base is not None
    return float(frame.pts * Fraction(frame.time_base.numerator, frame.time_base.denominator))
