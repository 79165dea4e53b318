"""Whole days of the past, by one dimension at a time, out of the rollups: for long periods.

A day is forgotten in the transaction in which a call of it changes, and made again within the hour.
What is not there is read from the rollups, so that figures are true whatever days there are.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.clock import DAY_MS, Clock, to_datetime
from showroom.database import Database
from showroom.days import offsets
from showroom.figure_tables import call_rollups, call_waits, day_figures, sums_of
from showroom.figures_lock import lock
from showroom.ids import ShowroomId
from showroom.measures import MEASURES
from showroom.showrooms import Showroom, Showrooms
from showroom.slicing import DAYS, EPOCH, By, part_of, whole_days
from showroom.words import Dimension, Period

# By what the days are told apart, one at a time.
KINDS: tuple[Dimension | Period | None, ...] = (None, Period.HOUR_OF_WEEK, *Dimension)
NAMES = ["" if kind is None else kind.value for kind in KINDS]
BATCH = 28
Days = Sequence[tuple[int, int]]


class Kept(NamedTuple):
    """Rows of days: told apart by what, and of these values only; None is all."""

    kind: Dimension | Period | None
    values: tuple[str, ...] | None = None


class PastDays:
    """Keeps the days of the past."""

    def __init__(self, database: Database, showrooms: Showrooms, clock: Clock) -> None:
        self._database = database
        self._showrooms = showrooms
        self._clock = clock

    async def fill(self) -> None:
        """Make the days that are missing, of all showrooms. Every node does; twice is no harm."""
        for showroom in await self._showrooms.all():
            await self.fill_one(showroom)

    async def fill_one(self, showroom: Showroom) -> int:
        """Make the days of a showroom that are missing; return how many that were."""
        first = sa.select(sa.func.min(call_rollups.c.quarter_at)).where(
            call_rollups.c.showroom_id == showroom.id
        )
        async with self._database.read() as connection:
            since_ms = await connection.scalar(first)
        if since_ms is None:
            return 0
        days = whole_days(showroom.zone, int(since_ms) - 2 * DAY_MS, self._clock())
        made = 0
        for n in range(0, len(days), BATCH):
            made += await self._fill(showroom, days[n : n + BATCH])
        return made

    async def _fill(self, showroom: Showroom, days: Days) -> int:
        span = days[0][0], days[-1][1]
        async with self._database.read() as connection:
            if await _there(connection, showroom.id, *span) == set(days):
                return 0
        async with self._database.write() as connection:
            await lock(connection, showroom.id)
            await forget_days(connection, showroom.id, *span)
            await _make(connection, showroom, days)
        return len(days)


async def forget_days(
    connection: AsyncConnection, showroom_id: ShowroomId, since_ms: int, until_ms: int
) -> None:
    """Remove the days that have a moment in [since, until)."""
    mine = day_figures.c.showroom_id == showroom_id
    # Days have at most 25 hours, or a few more where a zone moves: an index finds the first.
    begun = day_figures.c.from_at.between(since_ms - 3 * DAY_MS, until_ms - 1)
    touched = day_figures.c.dimension.in_(NAMES), begun, day_figures.c.until_at > since_ms
    await connection.execute(sa.delete(day_figures).where(mine, *touched))


async def kept_days(
    connection: AsyncConnection, showroom: Showroom, since_ms: int, until_ms: int
) -> Days:
    """Return the days in [since, until) that can be read, in order."""
    days = whole_days(showroom.zone, since_ms, until_ms)
    there = await _there(connection, showroom.id, since_ms, until_ms)
    # Of another zone, from before a change: no day of these is one of ours.
    return [day for day in days if day in there] if there <= set(days) else []


async def kept_figures(
    connection: AsyncConnection, showroom: Showroom, days: Days, by: By, which: Kept
) -> tuple[Iterable[Any], Iterable[Any]]:
    """Return the sums of each part, and its waits, out of the days; parts are as `part_of`'s."""
    table = day_figures.c
    mine = [
        table.showroom_id == showroom.id,
        table.dimension == ("" if which.kind is None else which.kind.value),
        table.from_at >= days[0][0],
        table.until_at <= days[-1][1],
    ]
    if which.values is not None:
        mine.append(table.value.in_(list(which.values)))
    part = sa.literal("") if by is None else table.from_at if by in DAYS else table.value
    query = sa.select(part.label("part"), *sums_of(day_figures)).where(*mine)
    sums = (await connection.execute(query.group_by(sa.text("part")))).all()
    waits: dict[Any, Counter[str]] = defaultdict(Counter)
    for value, waited in await connection.execute(sa.select(part, table.waits).where(*mine)):
        total = waits[value]
        for seconds, number in waited.items():
            total[seconds] += number
    shown = _shown(by, showroom.zone)
    return (
        [(shown(value), *numbers) for value, *numbers in sums],
        [(shown(one), {int(s): n for s, n in total.items()}) for one, total in waits.items()],
    )


def _shown(by: By, zone: str) -> Callable[[Any], Any]:
    """Return what makes a part of the rollups, as `part_of` has it, of a row's day or value."""
    here = ZoneInfo(zone)
    if by in DAYS:
        return lambda at: (to_datetime(at).astimezone(here).date() - EPOCH).days
    return int if by is Period.HOUR_OF_WEEK else str


async def _there(
    connection: AsyncConnection, showroom_id: ShowroomId, since_ms: int, until_ms: int
) -> set[tuple[int, int]]:
    table = day_figures.c
    query = sa.select(table.from_at, table.until_at).where(
        table.showroom_id == showroom_id,
        table.dimension == "",
        table.from_at >= since_ms,
        table.until_at <= until_ms,
    )
    return {(row.from_at, row.until_at) for row in await connection.execute(query)}


async def _make(connection: AsyncConnection, showroom: Showroom, days: Days) -> None:
    since_ms, until_ms = days[0][0], days[-1][1]
    clocks = offsets(showroom.zone, since_ms, until_ms)
    begins = {_shown(Period.DAY, showroom.zone)(begin): (begin, end) for begin, end in days}

    def asked(
        kind: Dimension | Period | None, table: sa.Table, *columns: sa.ColumnElement[Any]
    ) -> sa.Select[*tuple[Any, ...]]:
        at = table.c.quarter_at
        day = part_of(table, Period.DAY, clocks).label("day")
        which = table.c.showroom_id == showroom.id, at >= since_ms, at < until_ms
        part = part_of(table, kind, clocks).label("part")
        query = sa.select(day, part, *columns).where(*which)
        return query.group_by(sa.text("day"), sa.text("part"))

    seconds = call_waits.c.waited_seconds
    for kind, name in zip(KINDS, NAMES, strict=True):
        waited = asked(kind, call_waits, seconds, sa.func.sum(call_waits.c.calls))
        waits: dict[tuple[int, Any], dict[int, int]] = defaultdict(dict)
        for day, part, s, number in await connection.execute(waited.group_by(seconds)):
            waits[day, part][s] = int(number)
        sums = asked(kind, call_rollups, *sums_of(call_rollups))
        found: dict[tuple[int, Any], dict[str, int]] = {}
        if kind is None:  # says that the day is there, also when nobody called
            found = {(day, ""): dict.fromkeys(MEASURES, 0) for day in begins}
        for day, part, *numbers in await connection.execute(sums):
            found[day, part] = {
                measure: int(n) for measure, n in zip(MEASURES, numbers, strict=True)
            }
        rows = [
            {
                "showroom_id": showroom.id,
                "dimension": name,
                "from_at": begins[day][0],
                "until_at": begins[day][1],
                "value": str(part),
                "waits": waits.get((day, part), {}),
                **numbers,
            }
            for (day, part), numbers in found.items()
        ]
        if rows:
            await connection.execute(sa.insert(day_figures), rows)
