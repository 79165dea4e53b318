"""The picture coach at work: judges a few stills at a time beside the loop, and drops the rest."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from media.coach.judge import Remark, judge
from media.coach.stills import read_stills, thumbnail

# OpenCV works without the interpreter's lock, so two threads use two cores.
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """What the coach says of a still, and the still as a small JPEG of our own."""

    remark: Remark
    thumbnail: bytes


def look(sheet: bytes) -> Seen:
    """Read and judge what a page sent. Raises `BadRequest`, `TooLarge`."""
    stills = read_stills(sheet)
    return Seen(judge(stills), thumbnail(stills))


class Coach:
    """Looks at stills in threads of its own. There is no queue: the next still is newer anyway."""

    def __init__(self, workers: int = WORKERS, look: Callable[[bytes], Seen] = look) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="coach")
        self._free = threading.BoundedSemaphore(workers)
        self._look = look
        self.dropped = 0

    async def look(self, sheet: bytes) -> Seen | None:
        """Return what is seen, or None when everybody is busy. Raises as `look` above."""
        if not self._free.acquire(blocking=False):
            self.dropped += 1
            return None
        work = self._pool.submit(self._look, sheet)
        # Not when whoever asked stops waiting: the thread is busy until it is done.
        work.add_done_callback(lambda _: self._free.release())
        return await asyncio.wrap_future(work)

    def close(self) -> None:
        """Let the threads end with what they do now."""
        self._pool.shutdown(wait=False, cancel_futures=True)
