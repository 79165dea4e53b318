"""A copy in memory that is never older than a moment, for what hot paths read again and again."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from showroom.errors import TryAgain

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

MAX_AGE_SECONDS = 2.0
# So long a source may take before whoever has a copy goes on with it.
PATIENCE_SECONDS = 0.3


class Fresh(Generic[Key, Value]):
    """What `load` returned for a key, for at most `max_age` seconds.

    While the source does not answer (`TryAgain`, or nothing at all) the last known value serves on:
    a call must not end because the database that knows its showroom is away.

    Many callers at once cause one load of a key. An error is never kept: the next caller tries
    again.
    """

    def __init__(
        self,
        load: Callable[[Key], Awaitable[Value]],
        max_age: float = MAX_AGE_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._max_age = max_age
        self._now = now
        self._kept: dict[Key, tuple[float, Value]] = {}
        self._loads: dict[Key, asyncio.Future[Value]] = {}

    async def get(self, key: Key) -> Value:
        """Return the value of `key`; raises what `load` raises."""
        kept = self._kept.get(key)
        if kept is not None and self._now() - kept[0] <= self._max_age:
            return kept[1]
        load = self._loads.get(key) or self._start(key)
        # Whoever stops waiting leaves the load at work: what it brings is taken when it comes.
        await asyncio.wait({load}, timeout=None if kept is None else PATIENCE_SECONDS)
        try:
            if load.done() or kept is None:
                return load.result()
        except TryAgain:
            if kept is None:
                raise
        if self._kept.get(key) is kept:
            # From now: those who come while the source hangs must not wait for it one by one.
            self._kept[key] = (self._now(), kept[1])
        return kept[1]

    def _start(self, key: Key) -> asyncio.Future[Value]:
        # Aged from before the load: what was read may change while it travels.
        asked_at = self._now()
        load = self._loads[key] = asyncio.ensure_future(self._load(key))

        def keep(done: asyncio.Future[Value]) -> None:
            failed = done.cancelled() or done.exception() is not None
            if self._loads.get(key) is done:  # else it was forgotten meanwhile
                del self._loads[key]
                if not failed:
                    self._kept[key] = (asked_at, done.result())

        load.add_done_callback(keep)
        return load

    def forget(self) -> None:
        """Drop everything, because this process changed something itself."""
        self._kept.clear()
        self._loads.clear()
