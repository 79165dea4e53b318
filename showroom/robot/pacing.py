"""Rhythm for media tracks: when the next frame is due, and which ones were missed."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Protocol, TypeVar

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

_Result = TypeVar("_Result")


class Timing(Protocol):
    """Time that passes for a track."""

    def now(self) -> float:
        """Seconds since some fixed instant, never falling."""

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""


class LoopTiming:
    """The running event loop's own time."""

    def now(self) -> float:
        """Seconds on the loop's clock."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        await asyncio.sleep(seconds)


class Beat:
    """A steady rhythm of `rate` beats a second that starts with the first call of `next`.

    Beats that nobody asked for in time are skipped, except the last `slack` ones, which are handed
    out at once, so that a short delay can be made up for.
    """

    def __init__(self, rate: float, timing: Timing, *, slack: int = 0) -> None:
        self._rate, self._timing, self._slack = rate, timing, slack
        self._start: float | None = None
        self._last = -1

    async def next(self) -> int:
        """Wait for the next beat and return its number, which always rises."""
        beat = self.claim()
        await self.wait_for(beat)
        return beat

    def claim(self) -> int:
        """Return the number of the next beat, now or to come, without waiting for it."""
        now = self._timing.now()
        if self._start is None:
            self._start = now
        # The allowance keeps a beat that is due exactly now from being counted as the one before.
        current = math.floor((now - self._start) * self._rate + 1e-6)
        self._last = max(self._last + 1, current - self._slack)
        return self._last

    async def wait_for(self, beat: int) -> None:
        """Return when a claimed beat is due, at once if it has been."""
        now = self._timing.now()
        wait = (now if self._start is None else self._start + beat / self._rate) - now
        if wait > 0:
            await self._timing.sleep(wait)


class WorkedTrack(MediaStreamTrack):
    """A track whose frames are made on a thread, one at a time, never on the event loop.

    A given executor stays open when the track stops; without one, the track has its own thread.
    """

    def __init__(self, executor: Executor | None = None) -> None:
        super().__init__()
        self._own = None if executor else ThreadPoolExecutor(1, thread_name_prefix="robot")
        self._executor: Executor = executor or self._own  # type: ignore[assignment]

    async def _work(self, job: Callable[[], _Result]) -> _Result:
        """Run `job` on the thread. Raises `MediaStreamError` if the track has been stopped."""
        return await self._finish(self._begin(job))

    def _begin(self, job: Callable[[], _Result]) -> asyncio.Future[_Result]:
        """Start `job` on the thread. Raises `MediaStreamError` if the track has been stopped."""
        self._check_live()
        return asyncio.get_running_loop().run_in_executor(self._executor, job)

    async def _finish(self, job: asyncio.Future[_Result]) -> _Result:
        """Return what a begun job gives. Raises `MediaStreamError` if the track was stopped."""
        try:
            result = await job
        except asyncio.CancelledError:
            # Stopping throws away a job that has not begun; a cancelled caller stays cancelled.
            if self.readyState == "live":
                raise
            raise MediaStreamError("the track was stopped") from None
        self._check_live()
        return result

    def _check_live(self) -> None:
        if self.readyState != "live":
            raise MediaStreamError("the track was stopped")

    def stop(self) -> None:
        """End the track. A frame that is being made is finished and thrown away."""
        super().stop()
        if self._own is not None:
            self._own.shutdown(wait=False, cancel_futures=True)
