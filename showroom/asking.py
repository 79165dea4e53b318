"""Questions to the rollups: the figures of any period, by whatever, of whichever calls."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from showroom.call_figures import CallFigures
from showroom.clock import DAY_MS
from showroom.database import Database
from showroom.days import STEP_MS, offsets
from showroom.errors import BadRequest
from showroom.figure_tables import call_rollups, call_waits
from showroom.hours import instant
from showroom.measures import LONGEST, MEASURES
from showroom.showrooms import Showroom
from showroom.words import Dimension, Period

HOUR_MS = 3_600_000
EPOCH = date(1970, 1, 1)
# The epoch was a Thursday, and weeks begin on Monday.
EPOCH_HOUR_OF_WEEK = EPOCH.weekday() * 24
HOURS_A_WEEK = 7 * 24

# A period's first moment in UTC milliseconds, an hour of the week, or a dimension's value; an empty
# text is none.
Key = int | str
By = Period | Dimension | None
# Of each dimension, the values that count.
Where = Mapping[Dimension, Collection[str]]
# From when on the clocks are ahead of UTC by how many milliseconds.
Clocks = Sequence[tuple[int, int]]

SUMS = [
    (sa.func.max if name == LONGEST else sa.func.sum)(call_rollups.c[name]).label(name)
    for name in MEASURES
]


class Figures:
    """Reads the rollups; every question names the showroom."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def figures(
        self,
        showroom: Showroom,
        since_ms: int,
        until_ms: int,
        by: By = None,
        where: Where | None = None,
    ) -> dict[Key, CallFigures]:
        """Return what the calls requested in [since, until) came to, in the order of the keys.

        Groups without a call are left out. Without `by` there is one group, under an empty text,
        also when nobody called. Periods are those of the showroom's clocks, and count only what
        lies in [since, until). Raises `BadRequest` unless that begins and ends on a quarter of an
        hour.
        """
        if since_ms % STEP_MS or until_ms % STEP_MS:
            raise BadRequest("A period begins and ends on a quarter of an hour.")
        if since_ms >= until_ms:
            return {} if by else {"": CallFigures()}
        clocks = offsets(showroom.zone, since_ms, until_ms)

        def asked(table: sa.Table, *columns: sa.ColumnElement[Any]) -> sa.Select[*tuple[Any, ...]]:
            at = table.c.quarter_at
            which = [table.c.showroom_id == showroom.id, at >= since_ms, at < until_ms]
            which += [table.c[name.value].in_(list(ok)) for name, ok in (where or {}).items()]
            part = _part(table, by, clocks).label("part")
            return sa.select(part, *columns).where(*which).group_by(sa.text("part"))

        seconds = call_waits.c.waited_seconds
        waited = asked(call_waits, seconds, sa.func.sum(call_waits.c.calls)).group_by(seconds)
        async with self._database.read() as connection:
            rows = (await connection.execute(asked(call_rollups, *SUMS))).all()
            waits = (await connection.execute(waited)).all()
        return _folded(rows, waits, _key(by, showroom.zone), [] if by else [""])


def _folded(
    rows: Iterable[Any],
    waits: Iterable[Any],
    key: Callable[[Any], Key],
    always: Iterable[Key],
) -> dict[Key, CallFigures]:
    """Add up the parts that are of one group."""
    sums: dict[Key, Counter[str]] = {one: Counter() for one in always}
    for part, *values in rows:
        total = sums.setdefault(key(part), Counter())
        longest = total[LONGEST]
        total.update({name: int(n) for name, n in zip(MEASURES, values, strict=True)})
        total[LONGEST] = max(longest, total[LONGEST] - longest)
    histograms: dict[Key, Counter[int]] = defaultdict(Counter)
    for part, waited, number in waits:
        histograms[key(part)][waited] += int(number)
    return {one: CallFigures.of(sums[one], histograms[one]) for one in sorted(sums, key=_order)}


def _order(key: Key) -> tuple[int, str]:
    return (key, "") if isinstance(key, int) else (0, key)


def _part(table: sa.Table, by: By, clocks: Clocks) -> sa.ColumnElement[Any]:
    """Return what SQL groups by: days for weeks and months, too, which are made of them."""
    if by is None:
        return sa.literal("")
    if isinstance(by, Dimension):
        return table.c[by.value]
    at = table.c.quarter_at
    (_, ahead_ms), *changes = clocks
    local: sa.ColumnElement[Any] = at + ahead_ms
    begun: sa.ColumnElement[Any] = at - local % HOUR_MS
    for change_ms, then_ms in changes:
        later = at + then_ms
        # Where clocks change within an hour, the rest of it begins with the change.
        rest = at - later % HOUR_MS
        rest = sa.case((rest < change_ms, change_ms), else_=rest)
        local = sa.case((at < change_ms, local), else_=later)
        begun = sa.case((at < change_ms, begun), else_=rest)
    if by is Period.HOUR:
        return begun
    if by is Period.HOUR_OF_WEEK:
        return (local // HOUR_MS + EPOCH_HOUR_OF_WEEK) % HOURS_A_WEEK
    return local // DAY_MS


def _key(by: By, zone: str) -> Callable[[Any], Key]:
    """Return what says of a part to which group it belongs."""
    if by not in (Period.DAY, Period.WEEK, Period.MONTH):
        return lambda part: part
    here = ZoneInfo(zone)

    @cache
    def first_moment(days: int) -> int:
        day = EPOCH + timedelta(days=days)
        if by is Period.WEEK:
            day -= timedelta(days=day.weekday())
        elif by is Period.MONTH:
            day = day.replace(day=1)
        return instant(day, 0, here)

    return first_moment
