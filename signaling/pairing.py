"""The one door to the Lua in `lua/`: runs an operation atomically, turns refusals into errors."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from showroom.errors import (
    AdvisorNotFree,
    Conflict,
    HumanAvailable,
    IllegalMove,
    NotFound,
    QueueClosed,
    ShowroomError,
    TooMany,
    TryAgain,
)
from showroom.ids import ShowroomId
from showroom.settings import Settings
from showroom.showrooms import Showroom
from signaling.batches import Batches
from signaling.life import lua_moves

# How long a call skips an advisor who declined or missed it.
SKIP_MS = 60_000
# A seat is renewed every 5 s; what a dead node leaves behind lasts this much longer than the grace.
LEASE_MS = 10_000
LOG_LIMIT = 2_000
# In this order: each uses what stands in those before it.
PARTS = (
    "records", "recording", "rings", "ends", "seats", "visits", "desk", "orders", "paths", "people",
    "consents", "talk", "photos", "deadlines",
)  # fmt: skip

REFUSALS: dict[str, type[ShowroomError]] = {
    kind.code: kind
    for kind in (
        NotFound,
        IllegalMove,
        Conflict,
        AdvisorNotFree,
        HumanAvailable,
        TooMany,
        QueueClosed,
    )
}


def prefix(showroom: ShowroomId) -> str:
    """Return what every Redis key of one showroom begins with; the braces keep it in one slot."""
    return f"vs:{{{showroom}}}"


def library() -> tuple[str, str]:
    """Return the function's name and the source of the library that has it.

    The name carries a digest of the source: while nodes are updated one by one, the old ones and
    the new ones each call their own.
    """
    folder = Path(__file__).parent / "lua"
    parts = [(folder / f"{part}.lua").read_text(encoding="utf-8") for part in PARTS]
    body = "\n".join([lua_moves(), *parts])
    name = f"showroom_{sha256(body.encode()).hexdigest()[:12]}"
    return name, f"#!lua name={name}\nlocal NAME = '{name}'\n{body}"


@dataclass(frozen=True)
class Times:
    """The waits that the script needs, in milliseconds."""

    queue_grace_ms: int
    call_grace_ms: int
    advisor_grace_ms: int
    connect_ms: int
    wrap_up_ms: int
    skip_ms: int = SKIP_MS
    lease_ms: int = LEASE_MS

    @classmethod
    def of(cls, settings: Settings) -> "Times":
        return cls(
            queue_grace_ms=int(settings.queue_grace_seconds * 1000),
            call_grace_ms=int(settings.call_grace_seconds * 1000),
            advisor_grace_ms=int(settings.advisor_grace_seconds * 1000),
            connect_ms=int(settings.connect_seconds * 1000),
            wrap_up_ms=int(settings.wrap_up_seconds * 1000),
        )


class ScriptFailed(Exception):
    """The script broke: a fault of ours, or of what somebody else wrote to our keys."""


class Pairing:
    """Runs the script's operations.

    `now_ms` is for tests: a virtual clock. Without it the Redis server's own clock counts, so
    that nodes whose clocks differ agree.
    """

    def __init__(self, redis: Redis, times: Times, now_ms: int = 0) -> None:
        self.redis = redis
        self.times = times
        self.now_ms = now_ms
        self._function, self._library = library()
        self._batches = Batches(redis)

    async def run(self, showroom: Showroom, op: str, **arguments: Any) -> list[str]:
        """Run one operation; return what it answers after its `ok`.

        Raises the `ShowroomError` that the script names, `TryAgain` when Redis is away, and
        `ScriptFailed`.
        """
        known = {
            **self.times.__dict__,
            "now": self.now_ms,
            "ring_ms": int(showroom.policy.ring_seconds * 1000),
            "log_limit": LOG_LIMIT,
            "stay_relayed": not showroom.policy.direct_again,
            **arguments,
        }
        try:
            answer = await self._call(prefix(showroom.id), op, json.dumps(known))
        except (RedisError, OSError) as error:
            # An error within a script says where (`… on @user_function:<line>`).
            if isinstance(error, ResponseError) and "@user_function" in str(error):
                raise ScriptFailed from error
            raise TryAgain from error
        if answer[0] == "ok":
            return answer[1:]
        raise REFUSALS[answer[1]]

    async def _call(self, key: str, op: str, arguments: str) -> list[str]:
        run = ("FCALL", self._function, 1, key, op, arguments)
        answer: list[str]
        try:
            answer = await self._batches.run(*run)
        except ResponseError as error:
            if "Function not found" not in str(error):
                raise
            # A new server, or one that was emptied. Whoever is first loads it; twice is no harm.
            await self.redis.function_load(self._library, replace=True)
            answer = await self._batches.run(*run)
        return answer
