"""What the cameras of running calls show, small, for the managers of their showrooms.

They go from node to node over Redis' channels, which keep nothing: what was written into Redis
itself would get into its append-only file, and so onto a disk. Each node remembers the newest of
each call for some seconds.
"""

import asyncio
import base64
import binascii
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from showroom.ids import CallId, ShowroomId

log = structlog.get_logger()

CHANNEL = "vs:stills"
LIFE_SECONDS = 8.0
# Of about 6 kB each.
MOST = 2000
LARGEST = 64_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A thumbnail in base64, and when it came, on this node's own clock."""

    jpeg: str
    at: float


class Thumbnails:
    """The newest still of each call, on every node, for `LIFE_SECONDS`."""

    def __init__(self, redis: Redis, now: Callable[[], float] = time.monotonic) -> None:
        self._redis: Any = redis
        self._now = now
        self._kept: OrderedDict[tuple[ShowroomId, CallId], Kept] = OrderedDict()

    async def show(self, showroom: ShowroomId, call: CallId, jpeg: bytes) -> None:
        """Send a still to all nodes. One that gets lost is followed by the next."""
        text = base64.b64encode(jpeg).decode()
        try:
            await self._redis.publish(CHANNEL, json.dumps([showroom, call, text]))
        except (RedisError, OSError):
            log.warning("a still could not be shown to managers")

    def of(self, showroom: ShowroomId, calls: Iterable[CallId]) -> Mapping[CallId, str]:
        """Return the stills in base64 of those calls of a showroom that have a fresh one."""
        self._forget_old()
        found = ((call, self._kept.get((showroom, call))) for call in calls)
        return {call: kept.jpeg for call, kept in found if kept}

    async def run(self) -> None:
        """Hear what other nodes show, until cancelled. A Redis that is away is waited for."""
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.subscribe(CHANNEL)
                    while True:
                        if message := await channel.get_message(timeout=1):
                            self._hear(message["data"])
                        self._forget_old()
            except (RedisError, OSError):
                log.warning("the channel of stills does not answer; trying again")
                await asyncio.sleep(0.5)

    def _hear(self, text: str) -> None:
        """Remember a still; what is not one of ours is dropped."""
        try:
            showroom, call, jpeg = json.loads(text)
            base64.b64decode(jpeg, validate=True)
        except (ValueError, TypeError, binascii.Error):
            return
        if not (isinstance(showroom, str) and isinstance(call, str) and len(jpeg) <= LARGEST):
            return
        which = ShowroomId(showroom), CallId(call)
        self._kept.pop(which, None)
        self._kept[which] = Kept(jpeg, self._now())
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def _forget_old(self) -> None:
        """Drop what is too old; the oldest stand first."""
        while self._kept:
            kept = next(iter(self._kept.values()))
            if self._now() - kept.at <= LIFE_SECONDS:
                break
            self._kept.popitem(last=False)
