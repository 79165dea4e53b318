"""The outbox: what must reach somebody outside, written in the transaction that makes it true.

A row is delivered at least once, by one worker at a time, on whatever node. A claim is a lease: who
dies with a row in hand loses it after a minute, and the next one tries again under the same id, so
that a receiver can tell a repetition. Of one kind and subject the rows go out in the order in which
they were written. What is for an endpoint that is disabled waits until it is enabled, for as long
as the showroom keeps what is personal.
"""

import random
from asyncio import Event
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.delivery import Delivered, Delivery, Dropped, Ending, Failed, Held, Later, Result
from booking.together import Together
from showroom.clock import Clock
from showroom.database import Database, after_commit
from showroom.ids import DeliveryId, EndpointId, ShowroomId, new_id
from showroom.lead_tables import endpoints
from showroom.tables import MOMENT, outbox

CLAIM_MS = 60_000
# The schedule of Standard Webhooks 1.0.0: seconds to wait before each try, three days in all.
WAITS_S = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
# Up to so much longer, so that what failed together does not come back together.
JITTER = 0.1
LONGEST_ANSWER = 500


class Outbox:
    """The rows of all showrooms. `add` and `drop` run in the caller's transaction."""

    def __init__(
        self, database: Database, clock: Clock, chance: Callable[[], float] = random.random
    ) -> None:
        """`chance` returns the jitter's part of its range, from 0 to 1."""
        self._database = database
        self._clock = clock
        self._chance = chance
        self._settling = Together(database, self._write)
        self._news: defaultdict[str, Event] = defaultdict(Event)

    def news(self, kind: str) -> Event:
        """Return what is set whenever this process commits a row of `kind`; the reader clears."""
        return self._news[kind]

    async def add(
        self,
        connection: AsyncConnection,
        showroom_id: ShowroomId,
        kind: str,
        topic: str,
        subject_id: str,
        payload: Mapping[str, Any],
        at_ms: int,
        expires_at: int | None = None,
        endpoint_id: EndpointId | None = None,
    ) -> DeliveryId:
        """Write what is to be delivered from `at_ms` on, if it can be done before `expires_at`."""
        delivery_id = DeliveryId(new_id())
        row = {
            "id": delivery_id,
            "showroom_id": showroom_id,
            "kind": kind,
            "topic": topic,
            "subject_id": subject_id,
            "endpoint_id": endpoint_id,
            "payload": dict(payload),
            "created_at": self._clock(),
            "next_try_at": at_ms,
            "expires_at": expires_at,
            "attempts": 0,
            "answer": "",
        }
        await connection.execute(sa.insert(outbox).values(row))
        after_commit(connection, self._news[kind].set)
        return delivery_id

    async def drop(
        self, connection: AsyncConnection, kind: str, subject_id: str, *topics: str
    ) -> None:
        """End what is not delivered yet of a subject: of these topics, or all without any."""
        stale = [*_open(kind), outbox.c.subject_id == subject_id]
        if topics:
            stale.append(outbox.c.topic.in_(topics))
        await connection.execute(
            sa.update(outbox)
            .where(*stale)
            .values(finished_at=self._clock(), result=Ending.DROPPED.value)
        )

    async def claim(self, kind: str, most: int) -> list[Delivery]:
        """Take up to `most` rows that are due; until they are settled they are nobody else's.

        What came too late to be of use ends as expired.
        """
        now = self._clock()
        async with self._database.read() as connection:
            # Most of the time there is nothing, and a reader is in nobody's way.
            if await connection.scalar(_ready(kind, now).limit(1)) is None:
                return []
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(outbox)
                .where(*_due(kind, now), outbox.c.expires_at <= now)
                .values(finished_at=now, result=Ending.EXPIRED.value)
            )
            # On PostgreSQL `SKIP LOCKED` keeps two from one row; SQLite has one writer.
            ready = _ready(kind, now).limit(most).with_for_update(skip_locked=True)
            numbers = (await connection.scalars(ready)).all()
            claimed = await connection.execute(
                sa.update(outbox)
                .where(outbox.c.number.in_(numbers))
                .values(claimed_until=now + CLAIM_MS, attempts=outbox.c.attempts + 1)
                .returning(outbox)
            )
            return sorted(map(_delivery, claimed), key=lambda delivery: delivery.number)

    async def expire(self, showroom_id: ShowroomId, before_ms: int) -> int:
        """End what has waited for a disabled endpoint since before then; return how much it was."""
        stale = (
            outbox.c.showroom_id == showroom_id,
            outbox.c.finished_at.is_(None),
            outbox.c.created_at < before_ms,
            _PAUSED,
        )
        ended = {"result": Ending.EXPIRED.value, "answer": "its endpoint was disabled for too long"}
        async with self._database.write() as connection:
            gone = await connection.execute(
                sa.update(outbox).where(*stale).values(finished_at=self._clock(), **ended)
            )
        return gone.rowcount

    async def forget(self, showroom_id: ShowroomId, before_ms: int) -> int:
        """Delete a showroom's rows that ended before then, and return how many they were."""
        over = outbox.c.showroom_id == showroom_id, outbox.c.finished_at < before_ms
        async with self._database.write() as connection:
            gone = await connection.execute(sa.delete(outbox).where(*over))
        return gone.rowcount

    async def settle(self, delivery: Delivery, result: Result) -> None:
        """Keep how it went. Without effect when the row was dropped or is another worker's now.

        Raises `TryAgain`.
        """
        await self._settling.keep(self._outcome(delivery, result))

    async def _write(
        self, connection: AsyncConnection, outcomes: Sequence[Mapping[str, Any]]
    ) -> None:
        await connection.execute(_SETTLE, outcomes)

    def _outcome(self, delivery: Delivery, result: Result) -> dict[str, Any]:
        outcome = {
            "of_number": delivery.number,
            "of_claim": delivery.claimed_until,
            "at": self._clock(),
            "attempts_now": delivery.attempt,
            "ending": None,
            "next_try": None,
            "said": result.answer[:LONGEST_ANSWER],
        }
        match result:
            case Delivered():
                outcome["ending"] = Ending.DELIVERED.value
            case Dropped():
                outcome["ending"] = Ending.DROPPED.value
            case Failed():
                outcome["ending"] = Ending.FAILED.value
            case Held():
                outcome["attempts_now"] = delivery.attempt - 1
            case Later(after_s):
                outcome |= self._put_off(delivery, after_s)
        return outcome

    def _put_off(self, delivery: Delivery, after_s: float | None) -> dict[str, Any]:
        if delivery.attempt >= len(WAITS_S):
            return {"ending": Ending.FAILED.value}
        wait_s = max(after_s or 0, WAITS_S[delivery.attempt]) * (1 + JITTER * self._chance())
        next_try = self._clock() + round(wait_s * 1000)
        if delivery.expires_at is not None and next_try >= delivery.expires_at:
            return {"ending": Ending.EXPIRED.value}
        return {"next_try": next_try}


# What such an endpoint gets waits until it is enabled.
_PAUSED = sa.exists().where(
    endpoints.c.id == outbox.c.endpoint_id, endpoints.c.disabled_at.is_not(None)
)
_ENDING = sa.bindparam("ending", type_=outbox.c.result.type)
# Only as the claim's owner. The number of an attempt says nothing: what is held or sent again
# counts anew.
_SETTLE = (
    sa.update(outbox)
    .where(
        outbox.c.number == sa.bindparam("of_number"),
        outbox.c.claimed_until == sa.bindparam("of_claim", type_=MOMENT),
        outbox.c.finished_at.is_(None),
    )
    .values(
        result=_ENDING,
        finished_at=sa.case((_ENDING.is_(None), None), else_=sa.bindparam("at", type_=MOMENT)),
        next_try_at=sa.func.coalesce(sa.bindparam("next_try", type_=MOMENT), outbox.c.next_try_at),
        attempts=sa.bindparam("attempts_now", type_=outbox.c.attempts.type),
        claimed_until=None,
        answer=sa.bindparam("said", type_=outbox.c.answer.type),
    )
)


def _open(kind: str) -> list[sa.ColumnElement[bool]]:
    return [outbox.c.finished_at.is_(None), outbox.c.kind == kind]


def _due(kind: str, now: int) -> list[sa.ColumnElement[bool]]:
    return [*_open(kind), outbox.c.next_try_at <= now, *unclaimed(now)]


def unclaimed(now: int) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that a row is nobody's, and that its endpoint takes what it gets."""
    return [outbox.c.claimed_until.is_(None) | (outbox.c.claimed_until <= now), ~_PAUSED]


def _ready(kind: str, now: int) -> sa.Select[int]:
    """Return the numbers of the rows that may go out now, in their order.

    A row waits for earlier ones of its subject that are due, and for those that were tried and
    will be tried again. Only what is worth nothing later does not wait for these: a reminder must
    not be lost because the confirmation before it comes back in five hours.
    """
    earlier = outbox.alias("earlier")
    # A number for each row rather than `NOT EXISTS` for all: PostgreSQL makes a join of that, and
    # compares each open row with each other while it does not know yet that many came in.
    in_front = (
        sa.select(sa.func.min(earlier.c.number))
        .where(
            earlier.c.subject_id == outbox.c.subject_id,
            earlier.c.number < outbox.c.number,
            earlier.c.kind == kind,
            sa.func.coalesce(earlier.c.finished_at, 0) == 0,
            (earlier.c.next_try_at <= now)
            | ((earlier.c.attempts > 0) & outbox.c.expires_at.is_(None)),
        )
        .scalar_subquery()
    )
    # By the index of what is open: the table keeps what has ended, too.
    return (
        sa.select(outbox.c.number)
        .where(*_due(kind, now), in_front.is_(None))
        .order_by(outbox.c.next_try_at, outbox.c.number)
    )


def _delivery(row: sa.Row[Any]) -> Delivery:
    return Delivery(
        number=row.number,
        id=DeliveryId(row.id),
        showroom_id=ShowroomId(row.showroom_id),
        kind=row.kind,
        topic=row.topic,
        subject_id=row.subject_id,
        payload=row.payload,
        created_at=row.created_at,
        expires_at=row.expires_at,
        attempt=row.attempts,
        endpoint_id=row.endpoint_id,
        claimed_until=row.claimed_until,
        repeated=row.attempts > 1 or row.answer != "",
    )
