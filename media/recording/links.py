"""Addresses of recordings and their copies: for one person in one session, opened within a minute.

Who has opened one in time may go on playing and jumping about: a player asks for ranges until the
end. Only we can make one; which were opened stands in Redis.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from media.recording.book import Recording
from showroom.clock import Clock
from showroom.ids import StaffId

LIFE_MS = 60_000
# Longer than anybody watches one call.
PLAY_SECONDS = 4 * 3600


@dataclass(frozen=True, slots=True)
class Pass:
    """What stands in an address. `until`: UTC milliseconds."""

    until: int
    code: str


class RecordingLinks:
    """Makes and checks them. `session`: the digest of the session in which one is good."""

    def __init__(self, secret: str, redis: Redis, clock: Clock) -> None:
        self._key = hashlib.sha256(b"links to recordings:" + secret.encode()).digest()
        # redis-py types bytes and text, waiting and not, all at once; ours is the text kind.
        self._redis: Any = redis
        self._clock = clock

    def make(self, recording: Recording, staff: StaffId, session: str) -> Pass:
        """Return what lets this person open this recording within a minute."""
        until = self._clock() + LIFE_MS
        return Pass(until, self._code(recording, staff, session, until))

    async def admits(self, given: Pass, recording: Recording, staff: StaffId, session: str) -> bool:
        """Say whether they may play it with this."""
        code = self._code(recording, staff, session, given.until)
        if not given.code.isascii() or not hmac.compare_digest(given.code, code):
            return False
        opened = f"vs:playing:{code}"
        if self._clock() <= given.until:
            await self._redis.set(opened, "1", ex=PLAY_SECONDS)
            return True
        return bool(await self._redis.exists(opened))

    def _code(self, recording: Recording, staff: StaffId, session: str, until: int) -> str:
        # The stem, too: who may open the copy has not opened the recording.
        text = f"{recording.id}:{recording.stem}:{staff}:{session}:{until}"
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
