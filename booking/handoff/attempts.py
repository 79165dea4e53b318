"""The delivery log: each attempt with what was asked and what was answered, and the way to repeat.

It stands beside the outbox, whose rows say what is still to come. Both are kept for as long as the
showroom keeps deliveries (`delivery_days`).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.delivery import Delivered, Held, Result
from booking.outbox import Outbox
from booking.together import Together
from showroom.clock import DAY_MS, Clock
from showroom.database import Database
from showroom.errors import TryAgain
from showroom.ids import DeliveryId, EndpointId, ShowroomId
from showroom.lead_tables import delivery_attempts, endpoints
from showroom.showrooms import Showrooms

log = structlog.get_logger()

SWEEP_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt. `happened_at` in UTC milliseconds; `request` holds no secrets."""

    delivery_id: DeliveryId
    showroom_id: ShowroomId
    endpoint_id: EndpointId
    happened_at: int
    took_ms: int
    request: Mapping[str, Any]
    status: int | None
    result: Result


class Attempts:
    """The log of all showrooms, as it is written."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together = Together(database, _write)

    async def keep(self, tried: Tried) -> None:
        """Keep an attempt, and how its endpoint does. Raises `TryAgain`."""
        await self._together.keep(tried)

    async def forget(self, showroom_id: ShowroomId, before_ms: int) -> int:
        """Delete what is older than that in a showroom's log, and return how much it was."""
        c = delivery_attempts.c
        old = c.showroom_id == showroom_id, c.happened_at < before_ms
        async with self._database.write() as connection:
            gone = await connection.execute(sa.delete(delivery_attempts).where(*old))
        return gone.rowcount


class Sweeper:
    """Forgets what is over: the outbox's rows that ended, letters too, and the log.

    What waits for a disabled endpoint is over when the showroom keeps it no longer: it is personal.
    """

    def __init__(
        self, showrooms: Showrooms, outbox: Outbox, attempts: Attempts, clock: Clock
    ) -> None:
        self._showrooms = showrooms
        self._outbox = outbox
        self._attempts = attempts
        self._clock = clock

    async def run(self) -> None:
        """Sweep once an hour until cancelled."""
        while True:
            try:
                await self.sweep()
            except TryAgain:
                log.warning("the outbox can't be swept")
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> None:
        """Forget what ended longer ago than each showroom keeps it. Raises `TryAgain`."""
        now = self._clock()
        for showroom in await self._showrooms.all():
            policy = showroom.policy
            await self._outbox.expire(showroom.id, now - policy.retention_days * DAY_MS)
            before = now - policy.delivery_days * DAY_MS
            await self._outbox.forget(showroom.id, before)
            await self._attempts.forget(showroom.id, before)


# The number of an attempt goes on where the outbox counts anew: after a replay.
_NUMBER = (
    sa.select(sa.func.coalesce(sa.func.max(delivery_attempts.c.attempt), 0) + 1)
    .where(delivery_attempts.c.delivery_id == sa.bindparam("of_delivery"))
    .scalar_subquery()
)
_ADD = sa.insert(delivery_attempts).values(attempt=_NUMBER)
_WORKS = (
    sa.update(endpoints)
    .where(endpoints.c.id == sa.bindparam("which"))
    .values(delivered_at=sa.bindparam("at"), failing_since=None)
)
_FAILS = (
    sa.update(endpoints)
    .where(endpoints.c.id == sa.bindparam("which"))
    .values(failing_since=sa.func.coalesce(endpoints.c.failing_since, sa.bindparam("at")))
)


async def _write(connection: AsyncConnection, batch: Sequence[Tried]) -> None:
    await connection.execute(_ADD, [_row(tried) for tried in batch])
    # The last word of each, in one order everywhere: two nodes must not wait for one another.
    last = {tried.endpoint_id: tried for tried in batch if not isinstance(tried.result, Held)}
    for which in sorted(last):
        change = _WORKS if isinstance(last[which].result, Delivered) else _FAILS
        await connection.execute(change, {"which": which, "at": last[which].happened_at})


def _row(tried: Tried) -> dict[str, Any]:
    return {
        "of_delivery": tried.delivery_id,
        "delivery_id": tried.delivery_id,
        "showroom_id": tried.showroom_id,
        "endpoint_id": tried.endpoint_id,
        "happened_at": tried.happened_at,
        "took_ms": tried.took_ms,
        "request": dict(tried.request),
        "status": tried.status,
        "answer": tried.result.answer,
        "result": type(tried.result).__name__.lower(),
    }
