"""A copy in memory that is never older than a moment, for what hot paths read again and again."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from showroom.errors import TryAgain

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

MAX_AGE_SECONDS = 2.0


class Fresh(Generic[Key, Value]):
    """What `load` returned for a key, for at most `max_age` seconds.

    While the source does not answer (`TryAgain`) the last known value serves on: a call must not
    end because the database that knows its showroom is away.

    Many callers at once cause one load. An error is never kept: the next caller tries again.
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
        self._loading = asyncio.Lock()

    async def get(self, key: Key) -> Value:
        """Return the value of `key`; raises what `load` raises."""
        kept = self._kept.get(key)
        if kept is None or self._now() - kept[0] > self._max_age:
            async with self._loading:
                kept = self._kept.get(key)
                if kept is None or self._now() - kept[0] > self._max_age:
                    # Aged from before the load: what was read may change while it travels.
                    asked_at = self._now()
                    try:
                        kept = (asked_at, await self._load(key))
                    except TryAgain:
                        if kept is None:
                            raise
                        # From now: who waited while the source hung must not ask it one by one.
                        kept = (self._now(), kept[1])
                    self._kept[key] = kept
        return kept[1]

    def forget(self) -> None:
        """Drop everything, because this process changed something itself."""
        self._kept.clear()
