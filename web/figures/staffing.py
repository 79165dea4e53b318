"""The manager's page of staffing: whom the coming days take, half an hour by half an hour, and who
will be there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

from aiohttp.web import Request, StreamResponse
from pydantic import Field

from booking.rostered import Roll
from showroom.clock import to_datetime
from showroom.days import today
from showroom.forecast import WEEKS, DayForecast, Forecast
from showroom.showrooms import Showroom
from showroom.texts import Translate
from showroom.words import Dimension, Period
from web.figures.asked import PAGE, Day, FiguresAsked
from web.figures.plan import COLUMNS, Aim, Row, rows_of
from web.figures.shared import asked_by, file_of
from web.figures.writing import NONE, Writing
from web.keys import CLOCK, FORECASTS, ROSTERS, WORDS
from web.pages import language_of, render

DAYS = 7
# Further ahead the roster is hardly made, and so are the visits.
WEEKS_AHEAD = 8


class StaffingAsked(FiguresAsked):
    """The address of the page: a day, and what is to be reached on it.

    `service` percent of calls `within` so many seconds. `shrinkage`: percent of who is there, who
    are not at their desks. `minutes` that a call takes, in place of those it took.
    """

    PAGE: ClassVar[str] = f"{PAGE}/staffing"
    GROUPS: ClassVar[Mapping[str, Period | Dimension]] = {"language": Dimension.LANGUAGE}

    day: Day | None = None
    service: Annotated[int, Field(ge=50, le=99)] = 80
    within: Annotated[int, Field(ge=0, le=600)] = 20
    shrinkage: Annotated[int, Field(ge=0, le=60)] = 0
    minutes: Annotated[float, Field(ge=0.5, le=120)] | None = None

    def shown(self, present: date) -> date:
        """Return the day that is asked for, as far as there is one to plan."""
        return min(max(self.day or present, present), last_day(present))

    def aim(self, forecast: Forecast) -> Aim:
        """Return what is to be reached."""
        handling_s = self.minutes * 60 if self.minutes else forecast.handling_s
        return Aim(self.service / 100, self.within, self.shrinkage, handling_s)


def last_day(present: date) -> date:
    """Return the last day that can be planned."""
    return present + timedelta(weeks=WEEKS_AHEAD, days=-1)


@dataclass(frozen=True, slots=True)
class Planned:
    """Seven days, and which of them is shown as a table."""

    showroom: Showroom
    asked: StaffingAsked
    shown: date
    present: date
    forecast: Forecast
    roll: Roll
    aim: Aim
    days: Sequence[tuple[DayForecast, list[Row]]]

    @property
    def day(self) -> tuple[DayForecast, list[Row]]:
        return next(one for one in self.days if one[0].day == self.shown)


async def _planned(request: Request, showroom: Showroom, asked: StaffingAsked) -> Planned:
    now = request.app[CLOCK]()
    present = today(showroom.zone, now)
    shown = asked.shown(present)
    # Weeks from today on: what is over is planned no more.
    first = shown - timedelta(days=(shown - present).days % DAYS)
    forecast = await request.app[FORECASTS].days(showroom, first, DAYS, now, asked.language)
    stretches = [half.open for day in forecast.days for half in day.halves]
    roll = await request.app[ROSTERS].roll(showroom, stretches, asked.language)
    aim, rest = asked.aim(forecast), list(roll.presences)
    days = []
    for day in forecast.days:
        mine, rest = rest[: len(day.halves)], rest[len(day.halves) :]
        days.append((day, rows_of(day, mine, aim)))
    return Planned(showroom, asked, shown, present, forecast, roll, aim, days)


async def page(request: Request) -> StreamResponse:
    """A week as a grid, and one day of it half hour by half hour."""
    session, showroom, rooms, asked = await asked_by(request, StaffingAsked)
    plan = await _planned(request, showroom, asked)
    language = language_of(request, showroom)
    words = _Words(request.app[WORDS].translator(language), language, showroom)
    context = {
        "showroom": showroom.name,
        "slug": showroom.slug,
        "rooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "name": session.name,
        "asked": asked,
        "filter": asked.query(showroom.slug),
        "shown": plan.shown,
        "first_day": plan.present,
        "last_day": last_day(plan.present),
        "spoken": [(one, words.written.language(one)) for one in showroom.languages],
        "roll": plan.roll,
        "talks": plan.forecast.talks,
        "assumed": plan.forecast.assumed and asked.minutes is None,
        "handling": words.written.mean(plan.aim.handling_s / 60),
        "weeks": WEEKS,
        "columns": COLUMNS,
        "export": f"{asked.PAGE}.csv?{asked.query(showroom.slug)}",
        **_week(plan, words),
        **_day(plan, words),
    }
    return render(request, "figures_staffing.html", context, showroom)


async def export(request: Request) -> StreamResponse:
    """The day's table as CSV: half hours by their begin and the clock's offset."""
    _, showroom, _, asked = await asked_by(request, StaffingAsked)
    plan = await _planned(request, showroom, asked)
    lines = [[_sign(showroom, row), *row.cells] for row in plan.day[1]]
    name = f"staffing-{showroom.slug}-{plan.shown}.csv"
    return file_of(name, ["half_hour", *COLUMNS], lines)


def _sign(showroom: Showroom, row: Row) -> str:
    local = to_datetime(row.half.from_ms).astimezone(ZoneInfo(showroom.zone))
    return local.isoformat(timespec="minutes")


class _Words:
    """Says what the page shows."""

    def __init__(self, t: Translate, language: str, showroom: Showroom) -> None:
        self.t = t
        self.written = Writing(t, language, showroom)

    def time(self, row: Row) -> str:
        said = self.written.time(row.half.from_ms)
        return self.t("figures.staffing.again", time=said) if row.half.again else said

    def counted(self, key: str, number: int, **more: object) -> str:
        """Return a sentence about so many."""
        return self.t.count(key, number, n=self.written.count(number), **more)

    def difference(self, row: Row) -> str:
        """Return in words whether they are enough."""
        if not row.difference:
            return self.t("figures.staffing.right")
        kind = "spare" if row.difference > 0 else "short"
        return self.counted(f"figures.staffing.{kind}", abs(row.difference))

    def cells(self, row: Row) -> list[str]:
        """Return the cells of `COLUMNS`."""
        count, who = self.written.count, row.presence
        within = NONE if row.within is None else self.written.percent(row.within)
        calls = self.written.mean(row.calls)
        numbers = (row.needed, who.rostered, who.visiting)
        return [calls, *map(count, numbers), self.difference(row), within]


def _week(plan: Planned, words: _Words) -> dict[str, Any]:
    """Return the grid: half hours below one another, days side by side."""
    slug, asked = plan.showroom.slug, plan.asked
    by_place = [{_place(row): row for row in rows} for _, rows in plan.days]
    places = sorted({place for one in by_place for place in one})
    earlier, later = (plan.shown + timedelta(days=n) for n in (-DAYS, DAYS))
    return {
        "heads": [
            (words.written.dated(day.day), asked.address(slug, day=day.day), day.day == plan.shown)
            for day, _ in plan.days
        ],
        "places": [
            (
                words.time(next(one[place] for one in by_place if place in one)),
                [_cell(one.get(place), words) for one in by_place],
            )
            for place in places
        ],
        "earlier": asked.address(slug, day=earlier) if earlier >= plan.present else None,
        "later": asked.address(slug, day=later) if later <= last_day(plan.present) else None,
    }


def _place(row: Row) -> tuple[int, bool, int]:
    """Return where a half hour stands below the others: an hour that comes again, after itself."""
    return row.half.slot // 2, row.half.again, row.half.slot % 2


def _cell(row: Row | None, words: _Words) -> dict[str, Any]:
    if row is None:
        return {"sign": NONE, "kind": "closed", "means": words.t("figures.staffing.closed")}
    number = words.written.count(abs(row.difference))
    if not row.difference:
        return {"sign": number, "kind": "right", "means": words.difference(row)}
    kind, sign = ("spare", "+") if row.difference > 0 else ("short", "−")
    return {"sign": f"{sign}{number}", "kind": kind, "means": words.difference(row)}


def _day(plan: Planned, words: _Words) -> dict[str, Any]:
    """Return the table of the day, and what is to be said of it."""
    day, rows = plan.day
    short = sum(row.difference < 0 for row in rows)
    half_hours = words.counted("figures.staffing.half_hours", len(rows))
    most = max((row.needed for row in rows), default=0)
    return {
        "day": words.written.dated(plan.shown, year=True),
        "forecast": day,
        "rows": [
            {
                "sign": _sign(plan.showroom, row),
                "label": words.time(row),
                "kind": "short" if row.difference < 0 else "",
                "cells": list(zip(COLUMNS, row.cells, words.cells(row), strict=True)),
            }
            for row in rows
        ],
        "sums": [
            ("calls", words.written.mean(sum(row.calls for row in rows))),
            ("most", words.written.count(most)),
            ("short", words.t("figures.staffing.of", n=words.written.count(short), of=half_hours)),
        ],
        "nothing_known": not day.like,
    }
