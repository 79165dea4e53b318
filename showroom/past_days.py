"""Whole days of the past, by one dimension or by two, out of the rollups: for long periods.

A day is forgotten in the transaction in which a call of it changes, and made again within the hour;
so is that day of traffic, with it. What is not there is read from the
rollups, so that figures are true whatever days there are.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.clock import DAY_MS, Clock
from showroom.database import Database
from showroom.days import offsets
from showroom.figure_tables import call_rollups, call_waits, day_figures, sums_of
from showroom.figures_lock import lock
from showroom.ids import ShowroomId
from showroom.measures import MEASURES
from showroom.showrooms import Showroom, Showrooms
from showroom.slicing import DAYS, By, part_of, part_of_day, whole_days
from showroom.traffic_tables import COUNTS, KEYS, day_traffic, traffic
from showroom.words import Dimension, Period

Kind = Dimension | Period | None


def _name(kind: Kind) -> str:
    return "" if kind is None else kind.value


# By what the days are told apart: by nothing, by the hour of the week, by each dimension, and by
# each two of them, in their order.
PAIRS: tuple[tuple[Kind, Kind], ...] = (
    (None, None),
    (Period.HOUR_OF_WEEK, None),
    *((one, None) for one in Dimension),
    *combinations(Dimension, 2),
)
NAMES = sorted({_name(kind) for kind, _ in PAIRS})
# A day is made once it has been over for so long: it hardly changes any more.
LATE_MS = 3_600_000
# Other writers wait for as many days at most.
BATCH = 7
Days = Sequence[tuple[int, int]]


class Kept(NamedTuple):
    """Rows of days: told apart by what, and of which values only, where not of all."""

    kinds: tuple[Kind, Kind]
    where: Mapping[Dimension, Collection[str]]

    @classmethod
    def of(cls, by: By, where: Mapping[Dimension, Collection[str]]) -> "Kept | None":
        """Return which rows of whole days answer a question; None when none do."""
        own = by if isinstance(by, Dimension) or by is Period.HOUR_OF_WEEK else None
        named: list[Kind] = [one for one in Dimension if one in where or one is own]
        if own is Period.HOUR_OF_WEEK:
            named.append(own)
        first, second = (*named, None, None)[:2]
        known = len(named) <= 2 and by is not Period.HOUR and (first, second) in PAIRS
        return cls((first, second), where) if known else None


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
        firsts = [
            sa.select(sa.func.min(table.c.quarter_at)).where(table.c.showroom_id == showroom.id)
            for table in (call_rollups, traffic)
        ]
        async with self._database.read() as connection:
            begun = [int(at) for one in firsts if (at := await connection.scalar(one)) is not None]
            if not begun:
                return 0
            over = self._clock() - LATE_MS
            days = whole_days(showroom.zone, min(begun) - 2 * DAY_MS, over)
            there = await _there(connection, showroom.id, min(begun) - 4 * DAY_MS, over)
        # Those that are missing, and those of another zone.
        wrong = there ^ set(days)
        made = 0
        for n in range(0, len(days), BATCH):
            some = days[n : n + BATCH]
            if any(begin < some[-1][1] and end > some[0][0] for begin, end in wrong):
                made += await self._fill(showroom, some)
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

    def touched(table: sa.Table) -> list[sa.ColumnElement[bool]]:
        # Days have at most 25 hours, or a few more where a zone moves: an index finds the first.
        begun = table.c.from_at.between(since_ms - 3 * DAY_MS, until_ms - 1)
        return [table.c.showroom_id == showroom_id, begun, table.c.until_at > since_ms]

    ours = day_figures.c.dimension.in_(NAMES), *touched(day_figures)
    gone = await connection.execute(sa.delete(day_figures).where(*ours))
    if gone.rowcount:
        await connection.execute(sa.delete(day_traffic).where(*touched(day_traffic)))


async def kept_days(
    connection: AsyncConnection, showroom: Showroom, since_ms: int, until_ms: int
) -> Days:
    """Return the days in [since, until) that can be read, in order."""
    days = whole_days(showroom.zone, since_ms, until_ms)
    there = await _there(connection, showroom.id, since_ms, until_ms)
    # Of another zone, from before a change: no day of these is one of ours.
    return [day for day in days if day in there] if there <= set(days) else []


def beside_days(since_ms: int, until_ms: int, days: Days) -> Iterable[tuple[int, int]]:
    """Yield the stretches of [since, until) that are not of these days."""
    for begin_ms, end_ms in days:
        if since_ms < begin_ms:
            yield since_ms, begin_ms
        since_ms = end_ms
    if since_ms < until_ms:
        yield since_ms, until_ms


async def kept_figures(
    connection: AsyncConnection,
    showroom: Showroom,
    days: Days,
    by: By,
    which: Kept,
    with_waits: bool,
) -> tuple[Iterable[Any], Iterable[Any]]:
    """Return the sums of each part, and its waits, out of the days; parts are as `part_of`'s."""
    table, (first, second) = day_figures.c, which.kinds
    mine = [
        table.showroom_id == showroom.id,
        table.dimension == _name(first),
        table.beside == _name(second),
        table.from_at >= days[0][0],
        table.until_at <= days[-1][1],
    ]
    columns = {first: table.value, second: table.beside_value}
    mine += [columns[one].in_(list(values)) for one, values in which.where.items()]
    part = sa.literal("") if by is None else table.from_at if by in DAYS else columns[by]
    sums = sums_of(day_figures)
    # The texts of a part's days side by side: they are read at once, which takes a third.
    texts = sa.func.aggregate_strings(sa.cast(table.waits, sa.Text), ",")
    query = sa.select(part.label("part"), *sums, *([texts] if with_waits else [])).where(*mine)
    shown = part_of_day(by, showroom.zone)
    found: list[tuple[Any, ...]] = []
    waits: dict[Any, dict[int, int]] = {}
    for value, *numbers in await connection.execute(query.group_by(sa.text("part"))):
        key = shown(value)
        found.append((key, *numbers[: len(sums)]))
        if with_waits:
            waits[key] = _added(json.loads(f"[{numbers[-1]}]"))
    return found, waits.items()


def _added(histograms: Iterable[Mapping[str, int]]) -> dict[int, int]:
    """Return how many calls waited for so many seconds, of all days."""
    total: dict[str, int] = {}
    for waited in histograms:
        for seconds, number in waited.items():
            total[seconds] = total.get(seconds, 0) + number
    return {int(seconds): number for seconds, number in total.items()}


async def _there(
    connection: AsyncConnection, showroom_id: ShowroomId, since_ms: int, until_ms: int
) -> set[tuple[int, int]]:
    table = day_figures.c
    query = sa.select(table.from_at, table.until_at).where(
        table.showroom_id == showroom_id,
        table.dimension == "",
        table.beside == "",
        table.from_at >= since_ms,
        table.until_at <= until_ms,
    )
    return {(row.from_at, row.until_at) for row in await connection.execute(query)}


async def _make(connection: AsyncConnection, showroom: Showroom, days: Days) -> None:
    since_ms, until_ms = days[0][0], days[-1][1]
    await _make_traffic(connection, showroom.id, days)
    clocks = offsets(showroom.zone, since_ms, until_ms)
    begins = {part_of_day(Period.DAY, showroom.zone)(begin): (begin, end) for begin, end in days}

    def asked(
        kinds: tuple[Kind, Kind], table: sa.Table, *columns: sa.ColumnElement[Any]
    ) -> sa.Select[*tuple[Any, ...]]:
        at = table.c.quarter_at
        which = table.c.showroom_id == showroom.id, at >= since_ms, at < until_ms
        day = part_of(table, Period.DAY, clocks).label("day")
        value, other = (part_of(table, kind, clocks) for kind in kinds)
        query = sa.select(day, value.label("value"), other.label("other"), *columns).where(*which)
        return query.group_by(sa.text("day"), sa.text("value"), sa.text("other"))

    seconds = call_waits.c.waited_seconds
    for kinds in PAIRS:
        waited = asked(kinds, call_waits, seconds, sa.func.sum(call_waits.c.calls))
        waits: dict[tuple[Any, ...], dict[int, int]] = defaultdict(dict)
        for *key, s, number in await connection.execute(waited.group_by(seconds)):
            waits[tuple(key)][s] = int(number)
        found: dict[tuple[Any, ...], dict[str, int]] = {}
        if kinds == (None, None):  # says that the day is there, also when nobody called
            found = {(day, "", ""): dict.fromkeys(MEASURES, 0) for day in begins}
        sums = asked(kinds, call_rollups, *sums_of(call_rollups))
        for day, value, other, *numbers in await connection.execute(sums):
            found[day, value, other] = {
                measure: int(n) for measure, n in zip(MEASURES, numbers, strict=True)
            }
        first, second = map(_name, kinds)
        rows = [
            {
                "showroom_id": showroom.id,
                "dimension": first,
                "beside": second,
                "from_at": begins[key[0]][0],
                "until_at": begins[key[0]][1],
                "value": str(key[1]),
                "beside_value": str(key[2]),
                "waits": waits.get(key, {}),
                **numbers,
            }
            for key, numbers in found.items()
        ]
        if rows:
            await connection.execute(sa.insert(day_figures), rows)


async def _make_traffic(connection: AsyncConnection, showroom_id: ShowroomId, days: Days) -> None:
    """Keep what came on these days, which are not there."""
    named = [traffic.c[name] for name in KEYS[2:]]
    sums = [sa.func.sum(traffic.c[name]) for name in COUNTS]
    columns = ["showroom_id", "from_at", "until_at", *KEYS[2:], *COUNTS]
    at = traffic.c.quarter_at
    for begin, end in days:
        day = [sa.literal(moment, sa.BigInteger) for moment in (begin, end)]
        told = (
            sa.select(traffic.c.showroom_id, *day, *named, *sums)
            .where(traffic.c.showroom_id == showroom_id, at >= begin, at < end)
            .group_by(traffic.c.showroom_id, *named)
        )
        await connection.execute(sa.insert(day_traffic).from_select(columns, told))
