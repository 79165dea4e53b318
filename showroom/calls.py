"""Calls as a record: what was, in SQL. Live calls stand in Redis and are saved here as they change.

Saving is idempotent: whoever is not sure that a call has arrived saves it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.database import Database, insert
from showroom.errors import NotFound
from showroom.ids import CallId, ShowroomId, StaffId
from showroom.tables import call_events, calls
from showroom.words import ABANDONED, CallState, EndReason, Outcome, Quality


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call. Times are UTC milliseconds; `vehicle` is a slug; `version` grows with each change.

    `rings` counts the offers to advisors, `missed` those that passed without an answer;
    `waited_ms` runs from the request to the answer, or to the end of a call that got none.
    """

    id: CallId
    showroom_id: ShowroomId
    version: int
    state: CallState
    language: str
    vehicle: str | None
    created_at: int
    answered_at: int | None = None
    live_at: int | None = None
    ended_at: int | None = None
    closed_at: int | None = None
    end_reason: EndReason | None = None
    advisor_id: StaffId | None = None
    rings: int = 0
    missed: int = 0
    waited_ms: int = 0
    repeated: bool = False
    outcome: Outcome | None = None
    outcome_reason: str = ""
    notes: str = ""
    rating: int | None = None
    comment: str = ""
    quality: Quality | None = None


@dataclass(frozen=True, slots=True)
class CallEvent:
    """The `seq`-th thing that happened in a call. `by`: a side, a member of staff, or empty."""

    seq: int
    at: int
    kind: str
    by: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What the calls of a period came to. A call counts in the period in which it was requested.

    - `answered`: an advisor accepted, whatever came of it (`answered_at` is set);
    - `abandoned`: it ended in the queue, before anybody had accepted;
    - `missed_rings`: rings that passed without an answer; one call can have several;
    - `waiting_ms_*`: from request to accept or to the end in the queue, over these two kinds of
      calls only: who still waits is not counted yet;
    - `talking_ms_total`: from the first picture to the end, over the `talks` that had both;
    - `outcomes`: closed calls by outcome.

    `calls` is more than `answered` + `abandoned` while somebody waits.
    """

    calls: int
    answered: int
    abandoned: int
    missed_rings: int
    waiting_ms_total: int
    waiting_ms_max: int
    talking_ms_total: int
    rating_sum: int
    rating_count: int
    outcomes: Mapping[Outcome, int]
    talks: int

    @property
    def waiting_ms_average(self) -> int | None:
        """The mean wait; None without any."""
        waits = self.answered + self.abandoned
        return round(self.waiting_ms_total / waits) if waits else None

    @property
    def talking_ms_average(self) -> int | None:
        """The mean length of a talk; None without any."""
        return round(self.talking_ms_total / self.talks) if self.talks else None

    @property
    def rating_average(self) -> float | None:
        """The mean of the ratings from 1 to 5; None without any."""
        return self.rating_sum / self.rating_count if self.rating_count else None


STORED = TypeAdapter(CallRecord)
COLUMNS = [calls.c[column.name] for column in fields(CallRecord)]


class CallRecords:
    """The calls of all showrooms; every question names the showroom that asks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, record: CallRecord, events: Sequence[CallEvent]) -> None:
        """Keep a call and its events. A later version replaces an earlier one, never the reverse;
        an event is kept once by its `seq`, so it does no harm to hand in all of them each time.
        """
        row: dict[str, Any] = STORED.dump_python(record, mode="json")
        async with self._database.write() as connection:
            fresh = insert(connection, calls).values(row)
            await connection.execute(
                fresh.on_conflict_do_update(
                    index_elements=["id"],
                    set_=row,
                    where=(calls.c.version <= fresh.excluded.version)
                    & (calls.c.showroom_id == fresh.excluded.showroom_id),
                )
            )
            if events:
                await connection.execute(
                    insert(connection, call_events).on_conflict_do_nothing(),
                    [_event_row(record.id, event) for event in events],
                )

    async def get(self, showroom_id: ShowroomId, call_id: CallId) -> CallRecord:
        """Return one call of this showroom; raises `NotFound`, also for another showroom's."""
        async with self._database.read() as connection:
            return await _one(connection, showroom_id, call_id)

    async def events(self, showroom_id: ShowroomId, call_id: CallId) -> tuple[CallEvent, ...]:
        """Return what happened in a call, in order; raises `NotFound` as `get` does."""
        query = sa.select(call_events).where(call_events.c.call_id == call_id).order_by("seq")
        async with self._database.read() as connection:
            await _one(connection, showroom_id, call_id)
            rows = (await connection.execute(query)).all()
        return tuple(
            CallEvent(row.seq, row.happened_at, row.kind, row.by, row.data) for row in rows
        )

    async def page(
        self,
        showroom_id: ShowroomId,
        since_ms: int,
        until_ms: int,
        limit: int,
        before: CallId | None = None,
    ) -> tuple[CallRecord, ...]:
        """Return up to `limit` calls requested in [since, until), newest first.

        `before` is the last call of the page before. Raises `NotFound` when it is not there.
        """
        query = (
            sa.select(*COLUMNS)
            .where(*_requested(showroom_id, since_ms, until_ms))
            .order_by(calls.c.created_at.desc(), calls.c.id.desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            if before is not None:
                last = await _one(connection, showroom_id, before)
                query = query.where(
                    sa.tuple_(calls.c.created_at, calls.c.id) < (last.created_at, last.id)
                )
            rows = (await connection.execute(query)).mappings().all()
        return tuple(STORED.validate_python(dict(row)) for row in rows)

    async def figures(self, showroom_id: ShowroomId, since_ms: int, until_ms: int) -> DayFigures:
        """Return what the calls requested in [since, until) came to."""
        period = _requested(showroom_id, since_ms, until_ms)
        by_outcome = (
            sa.select(calls.c.outcome, sa.func.count())
            .where(*period, calls.c.outcome.is_not(None))
            .group_by(calls.c.outcome)
        )
        async with self._database.read() as connection:
            sums = (await connection.execute(_sums().where(*period))).mappings().one()
            outcomes = {Outcome(word): n for word, n in await connection.execute(by_outcome)}
        return DayFigures(**{name: int(n or 0) for name, n in sums.items()}, outcomes=outcomes)


def _sums() -> sa.Select[*tuple[Any, ...]]:
    answered = calls.c.answered_at.is_not(None)
    abandoned = ~answered & calls.c.end_reason.in_(ABANDONED)
    talked = calls.c.live_at.is_not(None) & calls.c.ended_at.is_not(None)
    waited = sa.case((answered | abandoned, calls.c.waited_ms), else_=0)
    return sa.select(
        sa.func.count().label("calls"),
        sa.func.count().filter(answered).label("answered"),
        sa.func.count().filter(abandoned).label("abandoned"),
        sa.func.sum(calls.c.missed).label("missed_rings"),
        sa.func.sum(waited).label("waiting_ms_total"),
        sa.func.max(waited).label("waiting_ms_max"),
        sa.func.sum(calls.c.ended_at - calls.c.live_at).filter(talked).label("talking_ms_total"),
        sa.func.count().filter(talked).label("talks"),
        sa.func.sum(calls.c.rating).label("rating_sum"),
        sa.func.count(calls.c.rating).label("rating_count"),
    )


def _requested(
    showroom_id: ShowroomId, since_ms: int, until_ms: int
) -> tuple[sa.ColumnElement[bool], ...]:
    created_at = calls.c.created_at
    return calls.c.showroom_id == showroom_id, created_at >= since_ms, created_at < until_ms


async def _one(connection: AsyncConnection, showroom_id: ShowroomId, call_id: CallId) -> CallRecord:
    query = sa.select(*COLUMNS).where(calls.c.id == call_id, calls.c.showroom_id == showroom_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise NotFound
    return STORED.validate_python(dict(row))


def _event_row(call_id: CallId, event: CallEvent) -> dict[str, Any]:
    row = asdict(event)
    return {"call_id": call_id, "happened_at": row.pop("at"), **row}
