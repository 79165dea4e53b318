"""Calls as a record: what was, in SQL. Calls that run stand in Redis; they are saved here when they
end, and again when something is added to them (an outcome, a rating).

Saving is idempotent: whoever is not sure that a call has arrived saves it again.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.database import Database, insert
from showroom.errors import NotFound
from showroom.figures import DayFigures, sums
from showroom.ids import CallId, ShowroomId, StaffId
from showroom.tables import call_events, calls
from showroom.words import CallState, Channel, Device, EndReason, Outcome, Quality


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call. Times are UTC milliseconds; `vehicle` is a slug; `version` grows with each change.

    `rings` counts the offers to advisors, `missed` those that passed without an answer;
    `waited_ms` runs from the request to the answer, or to the end of a call that got none.
    `origin` is where the customer came from, as strangers' flat text; None when nobody knows.
    `campaign` is the name in it by which figures tell campaigns apart, at most 100 characters.
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
    origin: Mapping[str, str] | None = None
    campaign: str | None = None
    device: Device = Device.UNKNOWN
    channel: Channel = Channel.WALK_IN

    @property
    def talked_ms(self) -> int | None:
        """From the first picture to the end; None without a picture, or while it runs."""
        if self.live_at is None or self.ended_at is None:
            return None
        return self.ended_at - self.live_at


@dataclass(frozen=True, slots=True)
class CallEvent:
    """The `seq`-th thing that happened in a call. `by`: a side, a member of staff, or empty."""

    seq: int
    at: int
    kind: str
    by: str
    data: Mapping[str, Any] = field(default_factory=dict)


# Hears of each change of a call that is kept: in the transaction of the connection, with the record
# as it was before, or None. Whoever says the same again says nothing.
Kept = Callable[[AsyncConnection, CallRecord | None, CallRecord], Awaitable[None]]


async def nobody_hears(
    _connection: AsyncConnection, _before: CallRecord | None, _now: CallRecord
) -> None:
    """Keep calls for their own sake."""


STORED = TypeAdapter(CallRecord)
COLUMNS = [calls.c[column.name] for column in fields(CallRecord)]


class CallRecords:
    """The calls of all showrooms; every question names the showroom that asks."""

    def __init__(self, database: Database, kept: Kept = nobody_hears) -> None:
        self._database = database
        self._kept = kept

    async def save(self, record: CallRecord, events: Sequence[CallEvent]) -> None:
        """Keep a call and its events. A later version replaces an earlier one, never the reverse;
        an event is kept once by its `seq`, so it does no harm to hand in all of them each time.
        """
        async with self._database.write() as connection:
            if await _add(connection, record):
                await self._kept(connection, None, record)
            else:
                await self._change(connection, record)
            if events:
                await connection.execute(
                    insert(connection, call_events).on_conflict_do_nothing(),
                    [_event_row(record.id, event) for event in events],
                )

    async def _change(self, connection: AsyncConnection, record: CallRecord) -> None:
        """Write a later version of a call; what is another showroom's nobody touches."""
        try:
            before = await _one(connection, record.showroom_id, record.id, lock=True)
        except NotFound:
            return
        if before.version <= record.version and before != record:
            await _replace(connection, record)
            await self._kept(connection, before, record)

    async def get(self, showroom_id: ShowroomId, call_id: CallId) -> CallRecord:
        """Return one call of this showroom; raises `NotFound`, also for another showroom's."""
        async with self._database.read() as connection:
            return await _one(connection, showroom_id, call_id)

    async def several(
        self, showroom_id: ShowroomId, ids: Collection[CallId]
    ) -> tuple[CallRecord, ...]:
        """Return those of `ids` that are kept here for this showroom, in no order."""
        if not ids:
            return ()
        wanted = calls.c.showroom_id == showroom_id, calls.c.id.in_(list(ids))
        async with self._database.read() as connection:
            return await _all(connection, sa.select(*COLUMNS).where(*wanted))

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
            return await _all(connection, query)

    async def figures(
        self,
        showroom_id: ShowroomId,
        since_ms: int,
        until_ms: int,
        without: Collection[CallId] = (),
    ) -> DayFigures:
        """Return what the calls requested in [since, until) came to, but for `without`."""
        period = _requested(showroom_id, since_ms, until_ms)
        if without:
            period = (*period, calls.c.id.not_in(list(without)))
        by_outcome = (
            sa.select(calls.c.outcome, sa.func.count())
            .where(*period, calls.c.outcome.is_not(None))
            .group_by(calls.c.outcome)
        )
        async with self._database.read() as connection:
            totals = (await connection.execute(sums().where(*period))).mappings().one()
            outcomes = {Outcome(word): n for word, n in await connection.execute(by_outcome)}
        return DayFigures(**{name: int(n or 0) for name, n in totals.items()}, outcomes=outcomes)


def _requested(
    showroom_id: ShowroomId, since_ms: int, until_ms: int
) -> tuple[sa.ColumnElement[bool], ...]:
    created_at = calls.c.created_at
    return calls.c.showroom_id == showroom_id, created_at >= since_ms, created_at < until_ms


async def _all(
    connection: AsyncConnection, query: sa.Select[*tuple[Any, ...]]
) -> tuple[CallRecord, ...]:
    rows = (await connection.execute(query)).mappings()
    return tuple(STORED.validate_python(dict(row)) for row in rows)


async def _add(connection: AsyncConnection, record: CallRecord) -> bool:
    """Add a call; say whether it was not there yet."""
    row = STORED.dump_python(record, mode="json")
    added = await connection.execute(
        insert(connection, calls).values(row).on_conflict_do_nothing(index_elements=["id"])
    )
    return bool(added.rowcount)


async def _replace(connection: AsyncConnection, record: CallRecord) -> None:
    row = STORED.dump_python(record, mode="json")
    mine = calls.c.id == record.id, calls.c.showroom_id == record.showroom_id
    await connection.execute(sa.update(calls).where(*mine).values(row))


async def _one(
    connection: AsyncConnection, showroom_id: ShowroomId, call_id: CallId, *, lock: bool = False
) -> CallRecord:
    query = sa.select(*COLUMNS).where(calls.c.id == call_id, calls.c.showroom_id == showroom_id)
    found = await connection.execute(query.with_for_update() if lock else query)
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound
    return STORED.validate_python(dict(row))


def _event_row(call_id: CallId, event: CallEvent) -> dict[str, Any]:
    row = asdict(event)
    return {"call_id": call_id, "happened_at": row.pop("at"), **row}
