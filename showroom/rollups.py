"""The rollups of the manager's figures: what the calls of each quarter of an hour came to.

They are made of the calls and of nothing else. When a call changes, its row is counted anew in the
same transaction, and when it moves to another row both are: sums stay true however often and in
whatever order a call is saved, and a largest value, which can't be taken away, does too.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.calls import CallRecord
from showroom.clock import DAY_MS
from showroom.database import Database
from showroom.days import STEP_MS
from showroom.figure_tables import call_rollups, call_waits
from showroom.figures_lock import lock
from showroom.ids import ShowroomId
from showroom.measures import MEASURES, WAITED, WAITED_SECONDS
from showroom.past_days import forget_days
from showroom.tables import calls
from showroom.words import Dimension

TABLES = (call_rollups, call_waits)
# So much is counted anew at once: other writers wait meanwhile.
STRETCH_MS = 7 * DAY_MS


class Row(NamedTuple):
    """The key of a row, but for its showroom; an empty text where there is none."""

    quarter_at: int
    advisor_id: str
    campaign: str
    vehicle: str
    language: str
    device: str
    channel: str


class Rollups:
    """Keeps the rollups true."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def call_kept(
        self, connection: AsyncConnection, before: CallRecord | None, call: CallRecord
    ) -> None:
        """Count the rows anew in which a call was and is. This is a `Kept`."""
        await lock(connection, call.showroom_id)
        for row in sorted({_row(one) for one in (before, call) if one}):
            await _count(connection, call.showroom_id, row.quarter_at, STEP_MS, row)
            await forget_days(connection, call.showroom_id, row.quarter_at, row.quarter_at + 1)

    async def rebuild(self, showroom_id: ShowroomId) -> int:
        """Make all rows of a showroom anew; return how many calls they count.

        It may run while calls are saved: what has been counted is true at every moment.
        """
        await self._database.learn(calls, *TABLES)
        since_ms, until_ms = await self._span(showroom_id)
        for begin_ms in range(since_ms, until_ms, STRETCH_MS):
            async with self._database.write() as connection:
                await lock(connection, showroom_id)
                await _count(connection, showroom_id, begin_ms, STRETCH_MS)
                await forget_days(connection, showroom_id, begin_ms, begin_ms + STRETCH_MS)
        await self._database.learn(*TABLES)
        async with self._database.read() as connection:
            offered = sa.select(sa.func.sum(call_rollups.c.offered)).where(
                call_rollups.c.showroom_id == showroom_id
            )
            return int(await connection.scalar(offered) or 0)

    async def _span(self, showroom_id: ShowroomId) -> tuple[int, int]:
        """Return from when until when there are calls or rows, in whole quarters of an hour."""
        found: list[int] = []
        async with self._database.read() as connection:
            for table, moment in ((calls, "created_at"), *((t, "quarter_at") for t in TABLES)):
                # One question each: then an index answers it.
                for edge in (sa.func.min, sa.func.max):
                    query = sa.select(edge(table.c[moment]))
                    at_ms = await connection.scalar(query.where(table.c.showroom_id == showroom_id))
                    found += [] if at_ms is None else [int(at_ms)]
        if not found:
            return 0, 0
        return min(found) // STEP_MS * STEP_MS, max(found) + 1


def _row(call: CallRecord) -> Row:
    return Row(
        call.created_at // STEP_MS * STEP_MS,
        call.advisor_id or "",
        call.campaign or "",
        call.vehicle or "",
        call.language,
        call.device.value,
        call.channel.value,
    )


async def _count(
    connection: AsyncConnection,
    showroom_id: ShowroomId,
    since_ms: int,
    length_ms: int,
    row: Row | None = None,
) -> None:
    """Make the rows of a stretch of time anew, or only one of them."""
    until_ms = since_ms + length_ms
    for table in TABLES:
        at = table.c.quarter_at
        mine = [table.c.showroom_id == showroom_id, at >= since_ms, at < until_ms]
        mine += [table.c[name] == value for name, value in _dimensions(row)]
        await connection.execute(sa.delete(table).where(*mine))
    at = calls.c.created_at
    counted = [calls.c.showroom_id == showroom_id, at >= since_ms, at < until_ms]
    counted += [KEYS[name] == value for name, value in _dimensions(row)]
    sums = {**KEYS, **MEASURES}
    waits = {**KEYS, "waited_seconds": WAITED_SECONDS, "calls": sa.func.count()}
    for table, columns, which in (
        (call_rollups, sums, counted),
        (call_waits, waits, [*counted, WAITED]),
    ):
        keys = [columns[one.name] for one in table.primary_key if one.name in columns]
        query = sa.select(*columns.values()).where(*which).group_by(*keys)
        await connection.execute(sa.insert(table).from_select(list(columns), query))


def _dimensions(row: Row | None) -> Iterator[tuple[str, str]]:
    for name in Dimension if row else ():
        yield name.value, getattr(row, name.value)


def _constant(value: str, kind: sa.types.TypeEngine[Any]) -> sa.ColumnClause[Any]:
    # Not a parameter: PostgreSQL must see that what it selects is what it groups by.
    return sa.literal_column(value, kind)


QUARTER = _constant(str(STEP_MS), sa.BigInteger())
# What the key of a call's row is made of, as SQL.
KEYS: dict[str, sa.ColumnElement[Any]] = {
    "showroom_id": calls.c.showroom_id,
    "quarter_at": calls.c.created_at - calls.c.created_at % QUARTER,
    **{
        name.value: sa.func.coalesce(calls.c[name.value], _constant("''", calls.c[name.value].type))
        for name in Dimension
    },
}
