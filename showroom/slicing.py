"""How rows of figures are grouped: by a dimension, or by the hours and days of a place's clocks."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from showroom.clock import DAY_MS, to_datetime
from showroom.hours import instant
from showroom.words import Dimension, Period

HOUR_MS = 3_600_000
EPOCH = date(1970, 1, 1)
# The epoch was a Thursday, and weeks begin on Monday.
EPOCH_HOUR_OF_WEEK = EPOCH.weekday() * 24
HOURS_A_WEEK = 7 * 24
DAYS = (Period.DAY, Period.WEEK, Period.MONTH)

# A period's first moment in UTC milliseconds, an hour of the week, or a dimension's value; an empty
# text is none.
Key = int | str
By = Period | Dimension | None
# From when on the clocks are ahead of UTC by how many milliseconds.
Clocks = Sequence[tuple[int, int]]


def part_of(table: sa.Table, by: By, clocks: Clocks) -> sa.ColumnElement[Any]:
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


def key_of(by: By, zone: str) -> Callable[[Any], Key]:
    """Return what says of a part (`part_of`) to which group it belongs."""
    if by not in DAYS:
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


def part_of_day(by: By, zone: str) -> Callable[[Any], Any]:
    """Return what makes a part as `part_of` has it of a whole day's begin, or of a value."""
    here = ZoneInfo(zone)
    if by in DAYS:
        return lambda at: (to_datetime(at).astimezone(here).date() - EPOCH).days
    return int if by is Period.HOUR_OF_WEEK else str


def whole_days(zone: str, since_ms: int, until_ms: int) -> list[tuple[int, int]]:
    """Return the local days that lie in [since, until), from their first moment to the next's."""
    here = ZoneInfo(zone)
    first, last = (to_datetime(at).astimezone(here).date() for at in (since_ms, until_ms))
    dates = [first + timedelta(days=n) for n in range((last - first).days + 2)]
    begins = [instant(day, 0, here) for day in dates]
    return [(begin, end) for begin, end in pairwise(begins) if since_ms <= begin < end <= until_ms]
