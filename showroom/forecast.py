"""How many calls each half hour of a coming day is likely to bring, by what such days have brought.

What counts as such a day, and what is left out: docs/figures.md.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from showroom.database import Database
from showroom.days import Day, days_of, today
from showroom.figure_tables import call_rollups
from showroom.hours import Timetable, spans
from showroom.showrooms import Showroom
from showroom.words import Channel

WEEKS = 8
# With fewer talks their mean says little: then a call takes as long as people plan with.
FEW_TALKS = 30
ASSUMED_S = 600.0
SLOT_MINUTES = 30
# From, until, in UTC milliseconds; the end is not in it.
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Half:
    """A half hour as a place's clock shows it, in UTC milliseconds.

    `slot` counts them from 0 at midnight; `again`: the clock shows it for the second time.
    """

    from_ms: int
    until_ms: int
    slot: int
    again: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """A half hour of a coming day: `open` is when in it the showroom is, `calls` what it brings."""

    half: Half
    open: tuple[Span, ...]
    calls: float

    @property
    def open_ms(self) -> int:
        return sum(until - since for since, until in self.open)


@dataclass(frozen=True, slots=True)
class DayForecast:
    """A coming day by its half hours, as far as it is open.

    `like`: by how many days of the past; `own_hours`: an exception or a holiday, which counts as an
    ordinary day in its hours; `campaign`: one runs, and with `as_campaign` one ran on those days,
    too.
    """

    day: date
    halves: tuple[Expected, ...]
    like: int
    own_hours: bool
    campaign: bool
    as_campaign: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """Coming days. `handling_s`: what a call takes an advisor, by so many `talks`; assumed when
    these are few."""

    days: tuple[DayForecast, ...]
    handling_s: float
    talks: int

    @property
    def assumed(self) -> bool:
        return self.talks < FEW_TALKS


class Forecasts:
    """Reads the rollups; every question names the showroom."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def days(
        self, showroom: Showroom, first: date, count: int, now_ms: int, language: str | None = None
    ) -> Forecast:
        """Return `count` days from `first` on, by the eight weeks before today.

        Only calls of people who came count: whoever booked is known by their visit.
        """
        yesterday = today(showroom.zone, now_ms) - timedelta(days=1)
        past = days_of(showroom.zone, yesterday - timedelta(days=7 * WEEKS - 1), 7 * WEEKS)
        found = await self._quarters(showroom, past[0].from_ms, past[-1].until_ms, language)
        known = _Past(showroom.timetable, past, {at: offered for at, offered, *_ in found})
        talks, talking, wraps, wrapping = (sum(row[n] for row in found) for n in range(2, 6))
        handling = (talking / talks if talks else 0) + (wrapping / wraps if wraps else 0)
        return Forecast(
            tuple(
                known.forecast(day, showroom.zone) for day in days_of(showroom.zone, first, count)
            ),
            handling / 1000 if talks >= FEW_TALKS and handling else ASSUMED_S,
            talks,
        )

    async def _quarters(
        self, showroom: Showroom, since_ms: int, until_ms: int, language: str | None
    ) -> Sequence[tuple[int, ...]]:
        c = call_rollups.c
        which = [c.showroom_id == showroom.id, c.quarter_at >= since_ms, c.quarter_at < until_ms]
        which.append(c.channel == Channel.WALK_IN.value)
        if language:
            which.append(c.language == language)
        measures = (c.offered, c.talks, c.talking_ms_sum, c.wrap_ups, c.wrap_up_ms_sum)
        query = (
            sa.select(c.quarter_at, *map(sa.func.sum, measures))
            .where(*which)
            .group_by(c.quarter_at)
        )
        async with self._database.read() as connection:
            return [tuple(map(int, row)) for row in await connection.execute(query)]


def halves_of(day: Day) -> list[Half]:
    """Return the half hours of a day: two of each hour, also of one that comes twice."""
    found = []
    for hour in day.hours:
        edge = hour.from_ms + (SLOT_MINUTES - hour.minute) * 60_000
        first = hour.minute // SLOT_MINUTES
        if not first and edge < hour.until_ms:
            found.append(Half(hour.from_ms, edge, 2 * hour.hour, hour.again))
            found.append(Half(edge, hour.until_ms, 2 * hour.hour + 1, hour.again))
        else:
            found.append(Half(hour.from_ms, hour.until_ms, 2 * hour.hour + first, hour.again))
    return found


def parts(some: Collection[Span], since_ms: int, until_ms: int) -> tuple[Span, ...]:
    """Return what of these stretches lies in [since, until)."""
    cut = ((max(begins, since_ms), min(ends, until_ms)) for begins, ends in some)
    return tuple((begins, ends) for begins, ends in cut if begins < ends)


class _Past:
    """The days that were: which are like a day to come, and what they brought."""

    def __init__(self, timetable: Timetable, days: Sequence[Day], offered: dict[int, int]) -> None:
        self._timetable = timetable
        halves = {day.date: halves_of(day) for day in days}
        self._slots = {day: Counter(half.slot for half in those) for day, those in halves.items()}
        self._brought: dict[date, Counter[int]] = {day: Counter() for day in halves}
        at = sorted(
            (half.from_ms, day, half.slot) for day, those in halves.items() for half in those
        )
        place = 0
        for quarter in sorted(offered):
            while place + 1 < len(at) and at[place + 1][0] <= quarter:
                place += 1
            _, day, slot = at[place]
            self._brought[day][slot] += offered[quarter]
        # What was before the first call says nothing: the showroom may not have been there yet.
        first = next((day for day in halves if self._brought[day]), None)
        self._days = [day for day in halves if first and day >= first]

    def forecast(self, day: Day, zone: str) -> DayForecast:
        """Return what the half hours of a day are likely to bring, in its opening hours."""
        campaign = self._in_campaign(day.date)
        usual = [
            one
            for one in self._days
            if one.weekday() == day.date.weekday() and not self._own_hours(one)
        ]
        same = [one for one in usual if self._in_campaign(one) is campaign]
        like = same or usual
        hours = list(spans(self._timetable, zone, day.from_ms, day.until_ms))
        expected = [
            Expected(half, parts(hours, half.from_ms, half.until_ms), self._mean(like, half.slot))
            for half in halves_of(day)
        ]
        return DayForecast(
            day.date,
            tuple(one for one in expected if one.open),
            len(like),
            self._own_hours(day.date),
            campaign,
            campaign and bool(same),
        )

    def _mean(self, days: Sequence[date], slot: int) -> float:
        """Return the calls for each half hour of this name; where the clocks jumped is none."""
        number = sum(self._slots[day][slot] for day in days)
        return sum(self._brought[day][slot] for day in days) / number if number else 0.0

    def _own_hours(self, day: date) -> bool:
        timetable = self._timetable
        exception = any(one.day == day for one in timetable.exceptions)
        return exception or timetable.holidays.of(day) is not None

    def _in_campaign(self, day: date) -> bool:
        return any(one.first <= day <= one.last for one in self._timetable.campaigns)
