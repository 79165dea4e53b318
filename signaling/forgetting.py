"""Calls that somebody wants forgotten: out of Redis, before their time there is over.

Only of calls that are closed: those that run are the script's alone.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from redis.asyncio import Redis

from showroom.ids import ShowroomId
from showroom.words import CallState
from signaling.pairing import prefix

OF_CALL = ("call", "log", "said", "tried", "people", "photos")
OF_PHOTO = ("ink", "upload")
# So many entries of the feed are read at a time.
PAGE = 1000


class Forgetting:
    """Removes what Redis has of calls."""

    def __init__(self, redis: Redis) -> None:
        # redis-py types bytes and text, waiting and not, all at once; ours is the text kind.
        self._redis: Any = redis

    async def in_call(self, showroom_id: ShowroomId, of_calls: Sequence[str]) -> bool:
        """Say whether one of these calls is not closed yet."""
        start = prefix(showroom_id)
        for call in of_calls:
            state = await self._redis.hget(f"{start}:call:{call}", "state")
            if state and state != CallState.CLOSED:
                return True
        return False

    async def forget(
        self, showroom_id: ShowroomId, of_calls: Sequence[str], photos: Iterable[str]
    ) -> None:
        """Remove what there is of closed calls and of photos. Repeatable."""
        start = prefix(showroom_id)
        shown = set(photos)
        for call in of_calls:
            if await self.in_call(showroom_id, [call]):
                continue
            shown |= await self._redis.smembers(f"{start}:photos:{call}")
            await self._redis.delete(*(f"{start}:{kind}:{call}" for kind in OF_CALL))
            await self._redis.srem(f"{start}:unsaved", call)
        for photo in sorted(shown):
            await self._redis.delete(*(f"{start}:{kind}:{photo}" for kind in OF_PHOTO))
        await self._forget_hints(f"{start}:feed", frozenset(of_calls))

    async def _forget_hints(self, feed: str, of_calls: frozenset[str]) -> None:
        """Remove what was said in calls from the feed, where it stays for about a minute."""
        after = "-"
        while page := await self._redis.xrange(feed, after, "+", PAGE):
            stale = [entry for entry, hint in page if hint.get("c") in of_calls]
            if stale:
                await self._redis.xdel(feed, *stale)
            after = f"({page[-1][0]}"
