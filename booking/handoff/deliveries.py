"""Deliveries as a manager sees them: what waits, what went out, what failed; and the replay."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from booking.delivery import Ending
from booking.outbox import Outbox
from showroom.clock import Clock
from showroom.database import Database, after_commit
from showroom.errors import IllegalMove, NotFound
from showroom.ids import DeliveryId, EndpointId, ShowroomId
from showroom.lead_tables import delivery_attempts, endpoints
from showroom.tables import outbox

PAGE = 50


class DeliveryState(StrEnum):
    """Where a delivery stands: an `Ending`, or it waits for its next try."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Line:
    """A delivery in a list. Moments in UTC milliseconds; `next_try_at` while it waits.

    `number` grows; a list goes on below the smallest one that it has shown.
    """

    number: int
    id: DeliveryId
    endpoint_id: EndpointId
    topic: str
    subject_id: str
    state: DeliveryState
    created_at: int
    finished_at: int | None
    next_try_at: int | None
    attempts: int
    answer: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt as the log keeps it. `status` is HTTP's; `result` that of `booking.delivery`."""

    attempt: int
    happened_at: int
    took_ms: int
    request: Mapping[str, Any]
    status: int | None
    answer: str
    result: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for an endpoint: how many, and since when the oldest does."""

    waiting: int = 0
    since: int | None = None


class Deliveries:
    """The deliveries to the endpoints of all showrooms. Every question names the showroom."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox

    async def of(
        self,
        showroom_id: ShowroomId,
        endpoint_id: EndpointId | None = None,
        state: DeliveryState | None = None,
        below: int | None = None,
        most: int = PAGE,
    ) -> Sequence[Line]:
        """Return up to `most`, the newest first: of one endpoint, in one state, below a number."""
        query = sa.select(outbox).where(*_of(showroom_id))
        if endpoint_id is not None:
            query = query.where(outbox.c.endpoint_id == endpoint_id)
        if state is DeliveryState.WAITING:
            query = query.where(outbox.c.finished_at.is_(None))
        elif state is not None:
            query = query.where(outbox.c.result == state.value)
        if below is not None:
            query = query.where(outbox.c.number < below)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(outbox.c.number.desc()).limit(most))
            return [_line(row) for row in rows]

    async def about(
        self, showroom_id: ShowroomId, subjects: Collection[str], since_ms: int
    ) -> Sequence[Line]:
        """Return what was written of these leads, calls or visits since then, first to last."""
        query = (
            sa.select(outbox)
            .where(
                *_of(showroom_id),
                outbox.c.subject_id.in_(list(subjects)),
                outbox.c.created_at >= since_ms,
            )
            .order_by(outbox.c.number)
            .limit(PAGE)
        )
        async with self._database.read() as connection:
            return [_line(row) for row in await connection.execute(query)]

    async def get(
        self, showroom_id: ShowroomId, delivery_id: DeliveryId
    ) -> tuple[Line, Sequence[Attempt]]:
        """Return one with its attempts, the newest first; raises `NotFound`."""
        log = delivery_attempts.c
        attempts = (
            sa.select(*(log[name] for name in Attempt.__slots__))
            .where(log.delivery_id == delivery_id, log.showroom_id == showroom_id)
            .order_by(log.attempt.desc())
        )
        async with self._database.read() as connection:
            which = sa.select(outbox).where(*_of(showroom_id), outbox.c.id == delivery_id)
            row = (await connection.execute(which)).one_or_none()
            if row is None:
                raise NotFound
            tried = await connection.execute(attempts)
            return _line(row), [Attempt(**one) for one in tried.mappings()]

    async def backlogs(self, showroom_id: ShowroomId) -> Mapping[EndpointId, Backlog]:
        """Return what waits for each endpoint of a showroom that anything waits for."""
        query = (
            sa.select(outbox.c.endpoint_id, sa.func.count(), sa.func.min(outbox.c.created_at))
            .where(
                outbox.c.showroom_id == showroom_id,
                outbox.c.endpoint_id.is_not(None),
                outbox.c.finished_at.is_(None),
            )
            .group_by(outbox.c.endpoint_id)
        )
        async with self._database.read() as connection:
            found = await connection.execute(query)
            return {EndpointId(one): Backlog(waiting, since) for one, waiting, since in found}

    async def replay(self, showroom_id: ShowroomId, delivery_id: DeliveryId) -> None:
        """Send one again, now and with all its tries, under the same id.

        What waits is tried now. Raises `NotFound`, and `IllegalMove` when its endpoint was removed.
        """
        await self.get(showroom_id, delivery_id)
        if not await self._again(showroom_id, outbox.c.id == delivery_id):
            raise IllegalMove(
                "This can't be sent again: its endpoint was removed, or it is on its way right now."
            )

    async def replay_failed(
        self, showroom_id: ShowroomId, endpoint_id: EndpointId, since_ms: int
    ) -> int:
        """Send again all that has failed for good since then; return how many they are."""
        return await self._again(
            showroom_id,
            outbox.c.endpoint_id == endpoint_id,
            outbox.c.result == Ending.FAILED.value,
            outbox.c.finished_at >= since_ms,
        )

    async def _again(self, showroom_id: ShowroomId, *which: sa.ColumnElement[bool]) -> int:
        now = self._clock()
        there = sa.exists().where(endpoints.c.id == outbox.c.endpoint_id)
        free = outbox.c.claimed_until.is_(None) | (outbox.c.claimed_until <= now)
        # Without a claim: whoever lost it must not end this with what they hear in the end.
        anew = {"finished_at": None, "result": None, "attempts": 0, "claimed_until": None}
        change = (
            sa.update(outbox)
            .where(*_of(showroom_id), *which, there, free)
            .values(**anew, next_try_at=now, expires_at=None)
            .returning(outbox.c.kind)
        )
        async with self._database.write() as connection:
            kinds = (await connection.scalars(change)).all()
            for kind in set(kinds):
                after_commit(connection, self._outbox.news(kind).set)
        return len(kinds)


def _of(showroom_id: ShowroomId) -> tuple[sa.ColumnElement[bool], ...]:
    return outbox.c.showroom_id == showroom_id, outbox.c.endpoint_id.is_not(None)


def _line(row: sa.Row[Any]) -> Line:
    waits = row.finished_at is None
    return Line(
        number=row.number,
        id=DeliveryId(row.id),
        endpoint_id=EndpointId(row.endpoint_id),
        topic=row.topic,
        subject_id=row.subject_id,
        state=DeliveryState.WAITING if waits else DeliveryState(row.result),
        created_at=row.created_at,
        finished_at=row.finished_at,
        next_try_at=row.next_try_at if waits else None,
        attempts=row.attempts,
        answer=row.answer,
    )
