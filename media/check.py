"""A customer's check of their own line: what was found, kept for a day under a code to say aloud.

It says what works, and nothing of who asked: no address, no name, no browser.
"""

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from redis.asyncio import Redis

from showroom.clock import DAY_MS, Clock
from showroom.errors import NotFound, TryAgain
from showroom.ids import ShowroomId
from showroom.valkey import AWAY

# Nothing that looks like another sign, in print or in a hurry: no 0 O Q, 1 I L, 2 Z, 5 S, 6 G, 8 B,
# U V. No vowels either, so that no code is a word.
SIGNS = "234579CDFGHJKMNPRTWXY"
LENGTH = 6
MOST = 500

# KEYS: results by code, their moments by code. ARGV: now, until when they are too old, how many
# there may be, a code, a result. The oldest give way. Returns 0 when the code is taken.
_KEEP = """
local function forget(codes)
  if #codes == 0 then return end
  redis.call('HDEL', KEYS[1], unpack(codes))
  redis.call('ZREM', KEYS[2], unpack(codes))
end
forget(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2]))
local over = redis.call('ZCARD', KEYS[2]) + 1 - tonumber(ARGV[3])
if over > 0 then forget(redis.call('ZRANGE', KEYS[2], 0, over - 1)) end
if redis.call('HSETNX', KEYS[1], ARGV[4], ARGV[5]) == 0 then return 0 end
redis.call('ZADD', KEYS[2], ARGV[1], ARGV[4])
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[1] - ARGV[2]) end
return 1
"""


class Device(StrEnum):
    """How a camera or a microphone did: the names of errors are those of W3C mediacapture-streams,
    and of `capture.js`."""

    WORKS = "works"
    SILENT = "silent"
    REFUSED = "NotAllowedError"
    MISSING = "NotFoundError"
    IN_USE = "NotReadableError"
    UNFIT = "OverconstrainedError"
    NOT_SECURE = "SecurityError"
    BROKEN = "AbortError"
    NO_CAPTURE = "NoCaptureError"


class Outcome(StrEnum):
    """How a way through the network did."""

    WORKS = "works"
    FAILS = "fails"
    NOT_SET_UP = "off"
    NOT_TRIED = "untried"


# kbit/s; None when it could not be measured.
Speed = Annotated[int, Field(ge=0, le=10_000_000)] | None


class LineCheck(BaseModel):
    """What a check has found."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    browser: Outcome
    camera: Device
    microphone: Device
    socket: Outcome
    udp: Outcome
    tcp: Outcome
    tls: Outcome
    down: Speed
    up: Speed


@dataclass(frozen=True)
class Kept:
    """A check and when it was made, in milliseconds since the epoch."""

    check: LineCheck
    at: int


class Checks:
    """The checks of the last day, in Redis: at most 500 a showroom, the oldest give way."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._keep = redis.register_script(_KEEP)

    async def keep(self, showroom: ShowroomId, check: LineCheck) -> str:
        """Keep a check; return its code. Raises `TryAgain`."""
        now = self._clock()
        while True:
            code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
            args: list[int | str] = [now, now - DAY_MS, MOST, code, check.model_dump_json()]
            try:
                if await self._keep(keys=_keys(showroom), args=args):
                    return code
            except AWAY as error:
                raise TryAgain from error

    async def of(self, showroom: ShowroomId, spoken: str) -> Kept:
        """Return the check behind a code, however it is written down; a stranger's is not found.

        Raises `NotFound`, `TryAgain`.
        """
        code = "".join(sign for sign in spoken.upper() if sign.isalnum())
        results, moments = _keys(showroom)
        try:
            found = await self._redis.hget(results, code)
            at = await self._redis.zscore(moments, code)
        except AWAY as error:
            raise TryAgain from error
        if found is None or at is None or at <= self._clock() - DAY_MS:
            raise NotFound
        return Kept(LineCheck.model_validate_json(found), int(at))


def _keys(showroom: ShowroomId) -> list[str]:
    return [f"vs:{{{showroom}}}:checks", f"vs:{{{showroom}}}:checks:at"]
