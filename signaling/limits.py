"""How much one socket and one address may send. In memory: each node guards itself."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from showroom.errors import TooMany


class Bucket:
    """A token bucket: `burst` at once, `rate` a second after that."""

    __slots__ = ("_at", "_burst", "_left", "_now", "_rate")

    def __init__(
        self, rate: float = 20, burst: float = 40, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._now = rate, burst, now
        self._left, self._at = burst, now()

    def take(self, tokens: int = 1) -> None:
        """Take tokens. Raises `TooMany` when there are not enough, and takes none."""
        self.check(tokens)
        self._left -= tokens

    def check(self, tokens: int = 1) -> None:
        """Raise `TooMany` when there are not so many tokens; take none."""
        now = self._now()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < tokens:
            raise TooMany("You send too fast. Wait a second and try again.")


class AddressLimit:
    """How many sockets one address may hold at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()

    @contextmanager
    def hold(self, address: str) -> Iterator[None]:
        """Count one socket for as long as the block runs. Raises `TooMany`."""
        if self._held[address] >= self._most:
            raise TooMany("Too many connections from your address. Close some and try again.", 10)
        self._held[address] += 1
        try:
            yield
        finally:
            self._held[address] -= 1
            if not self._held[address]:
                del self._held[address]
