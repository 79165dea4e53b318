"""One answer for all who ask the same at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class UnderWay(Generic[Key, Value]):
    """What `ask` returns for a key, asked once by those who want it at the same time.

    Nothing is kept: whoever comes after the answer asks anew.
    """

    def __init__(self, ask: Callable[[Key], Awaitable[Value]]) -> None:
        self._ask = ask
        self._asked: dict[Key, asyncio.Future[Value]] = {}

    async def get(self, key: Key) -> Value:
        """Return the value of `key`; raises what `ask` raises."""
        asked = self._asked.get(key) or self._start(key)
        # Whoever stops waiting leaves it at work for the others.
        return await asyncio.shield(asked)

    def _start(self, key: Key) -> asyncio.Future[Value]:
        asked = self._asked[key] = asyncio.ensure_future(self._ask(key))

        def over(done: asyncio.Future[Value]) -> None:
            del self._asked[key]
            if not done.cancelled():
                done.exception()  # seen, also when nobody waits for it any more

        asked.add_done_callback(over)
        return asked
