"""The manager's page of figures, and what is seen on it as CSV."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp.web import HTTPSeeOther, Request, Response, StreamResponse

from booking.reservations.report import MARK
from booking.spreadsheet import csv_line
from showroom.asking import Key
from showroom.clock import to_datetime
from showroom.figure_columns import BY_NAME
from showroom.showrooms import Showroom
from showroom.texts import Translate
from showroom.words import Channel, Device, Dimension, Outcome, Period
from web.figures.asked import DIMENSIONS, HOURLY_DAYS, PAGE, WITHOUT, FiguresAsked, Preset, Versus
from web.figures.report import NOTHING, Group, Report, change, hour_end, kind_of, report, table
from web.figures.writing import NONE, Writing
from web.keys import CLOCK, FIGURES, STAFF, VEHICLES, WORDS
from web.pages import language_of, render, safe_json
from web.staff import MANAGES
from web.visitor import session_of, staff_showroom

# Whether the showroom was worth its cost was judged by these two.
FIRST_TILES = ("offered", "talking_average_s")
TILES = (
    "answer_rate", "service_level", "waiting_p50_s", "waiting_p90_s", "waiting_max_s",
    "rings_per_answer", "short_abandons", "rating",
)  # fmt: skip
SPARK = (120, 32)  # of the trend in a tile: its own units, which the style sheet stretches


# By dimension: what its values are called, of those that have names.
Names = Mapping[str, Mapping[str, str]]


class Page:
    """One request for the page: whose showroom, which figures, in which language."""

    def __init__(self, request: Request, showroom: Showroom, names: Names, told: Report) -> None:
        language = language_of(request, showroom)
        self.showroom, self.told = showroom, told
        self.asked = FiguresAsked.of(request.query)
        self.t: Translate = request.app[WORDS].translator(language)
        self.written = Writing(self.t, language, showroom)
        self.names = names

    def name(self, dimension: Dimension, value: str) -> str:
        """Return what a value of a dimension is called."""
        if not value:
            return self.t(f"figures.without.{_word(dimension)}")
        if dimension in (Dimension.DEVICE, Dimension.CHANNEL):
            return self.t(f"figures.{_word(dimension)}.{value}")
        return self.names.get(_word(dimension), {}).get(value, value)

    def label(self, key: Key) -> str:
        """Return what a group is called."""
        if isinstance(self.told.by, Dimension):
            return self.name(self.told.by, str(key))
        return self.written.group(self.told.by, int(key))

    def short(self, key: Key) -> str:
        """Return what stands below a group's point in the chart; a dimension has none."""
        by = self.told.by
        if isinstance(by, Dimension):
            return ""
        return self.written.short(by, int(key), self.told.stretch.days)

    def sign(self, key: Key) -> str:
        """Return what a group is called in the CSV, the same in every language.

        Days, weeks and months by their first day, hours by their begin and the clock's offset,
        hours of the week by their number from Monday 00:00 on, the rest by their names.
        """
        by = self.told.by
        if isinstance(by, Dimension):
            return self.names.get(_word(by), {}).get(str(key), str(key))
        if by is Period.HOUR_OF_WEEK:
            return str(key)
        local = to_datetime(int(key)).astimezone(ZoneInfo(self.showroom.zone))
        return local.isoformat(timespec="minutes") if by is Period.HOUR else str(local.date())

    def ways(self, key: Key) -> tuple[str | None, str | None]:
        """Return the page of a group alone, and the list of the calls in it, where there are any.

        An hour has no page: what is told of it are its calls.
        """
        asked, slug, by = self.asked, self.showroom.slug, self.told.by
        if isinstance(by, Dimension):
            one = {_word(by): str(key) or WITHOUT}
            return asked.address(slug, by=None, **one), asked.calls(slug, self.told.stretch, **one)
        if by is Period.HOUR_OF_WEEK:
            return None, None
        here = ZoneInfo(self.showroom.zone)
        begun = to_datetime(int(key)).astimezone(here)
        if by is Period.HOUR:
            span = {"since": key, "until": hour_end(int(key), begun.minute)}
            calls = asked.calls(slug, self.told.stretch, **span)
            return calls, calls
        days = self.told.stretch.part(by, begun.date())
        own = {"period": Preset.OWN, "since": days.first, "until": days.last}
        return asked.address(slug, by=None, **own), asked.calls(slug, days)


def _word(dimension: Dimension) -> str:
    """Return what the address calls a dimension."""
    return next(word for word, one in DIMENSIONS.items() if one is dimension)


async def page(request: Request) -> StreamResponse:
    """The figures of some days: tiles, a chart, and the table that it is drawn from."""
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    asked = FiguresAsked.of(request.query)
    if "form" in request.query:
        lasting = asked.tidy(showroom.zone, request.app[CLOCK]())
        raise HTTPSeeOther(lasting.address(showroom.slug))
    seen = await _seen(request, showroom)
    told = seen.told
    context = {
        "showroom": showroom.name,
        "slug": showroom.slug,
        "rooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "name": session.name,
        "asked": seen.asked,
        "by": _group_word(told.by),
        "presets": [
            (one, seen.asked.address(showroom.slug, period=one, since=None, until=None, by=None))
            for one in Preset
            if one is not Preset.OWN
        ],
        "versus": list(Versus),
        "plots": list(BY_NAME),
        "meanings": {column.name: column.figure for column in BY_NAME.values()},
        "groups": [one for one in _GROUPS if one != "hour" or told.stretch.days <= HOURLY_DAYS],
        "choices": _choices(showroom, seen),
        "filtered": bool(seen.asked.where),
        "unfiltered": seen.asked.address(showroom.slug, **dict.fromkeys(DIMENSIONS)),
        "days": told.stretch,
        "days_written": seen.written.days(told.stretch),
        "before_written": seen.written.days(told.before) if told.before else "",
        "first_tiles": [_tile(seen, name) for name in FIRST_TILES],
        "tiles": [_tile(seen, name) for name in TILES],
        "outcomes": _outcomes(seen),
        "calls": seen.asked.calls(showroom.slug, told.stretch),
        "total": told.total,
        "export": f"{PAGE}.csv?{seen.asked.query(showroom.slug)}",
        "table": _table(seen),
        "cut": told.found - len(told.groups),
        "config_json": safe_json(
            {"zone": showroom.zone, "by": told.by, "kind": BY_NAME[seen.asked.plot].kind}
        ),
    }
    return render(request, "figures.html", context, showroom)


async def export(request: Request) -> StreamResponse:
    """The page's table as CSV: the same rows, in the same order."""
    session = await session_of(request)
    showroom, _ = await staff_showroom(request, session, MANAGES)
    seen = await _seen(request, showroom)
    names, rows = table(seen.told, seen.asked.plot)
    lines = [csv_line([_group_word(seen.told.by), *names])]
    for group, row in zip(seen.told.groups, rows, strict=True):
        lines.append(csv_line([seen.sign(group.key), *row]))
    days = seen.told.stretch
    name = f"figures-{showroom.slug}-{days.first}-{days.last}.csv"
    return Response(
        body=(MARK + "".join(lines)).encode(),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _seen(request: Request, showroom: Showroom) -> Page:
    asked, now = FiguresAsked.of(request.query), request.app[CLOCK]()
    told = await report(request.app[FIGURES], showroom, asked, now)
    people = await request.app[STAFF].names(showroom.id)
    cars = await request.app[VEHICLES].of(showroom.id)
    names = {
        "advisor": {str(one): name for one, name in people.items()},
        "vehicle": {str(car.slug): car.name for car in cars},
    }
    return Page(request, showroom, names, told)


_GROUPS = ("hour", "day", "week", "month", "hour_of_week", *DIMENSIONS)


def _group_word(by: Period | Dimension) -> str:
    return by.value if isinstance(by, Period) else _word(by)


def _choices(showroom: Showroom, seen: Page) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what can be chosen of each dimension: values and their names.

    What was asked for stays on offer, also when there is nothing of it in these days.
    """
    values: dict[str, list[str]] = {
        word: sorted(known, key=lambda value: known[value].casefold())
        for word, known in seen.names.items()
    }
    values["campaign"] = list(seen.told.campaigns)
    values["language"] = list(showroom.languages)
    values["device"], values["channel"] = [*map(str, Device)], [*map(str, Channel)]
    found = []
    for word, dimension in DIMENSIONS.items():
        offered = values[word]
        if word in ("advisor", "campaign", "vehicle"):
            offered = [WITHOUT, *offered]
        asked = getattr(seen.asked, word)
        if asked is not None and asked not in offered:
            offered = [*offered, asked]
        named = [(one, seen.name(dimension, "" if one == WITHOUT else one)) for one in offered]
        found.append((word, named))
    return found


def _tile(seen: Page, name: str) -> dict[str, Any]:
    column, told = BY_NAME[name], seen.told
    tile: dict[str, Any] = {
        "name": name,
        "figure": column.figure,
        "value": seen.written.figure(column, column.of(told.total)),
        "change": "",
        "before": "",
        "chance": None,
        "spark": _spark([column.of(one) for one in told.trend]) if name in FIRST_TILES else "",
    }
    if told.total_before is not None:
        differs = change(column, told.total, told.total_before)
        tile |= {
            "change": seen.written.change(column, differs),
            "before": seen.written.figure(column, differs.before),
            "chance": differs.by_chance,
        }
    return tile


def _spark(values: list[float | None]) -> str:
    """Return the points of a trend's line, or nothing where there is none."""
    known = [(n, value) for n, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return ""
    width, height = SPARK
    most = max(value for _, value in known) or 1
    step = width / (len(values) - 1)
    return " ".join(f"{n * step:.1f},{height - value / most * height:.1f}" for n, value in known)


def _outcomes(seen: Page) -> list[dict[str, Any]]:
    """Return how calls were closed, as shares of all that were."""
    found, before = seen.told.total.outcomes, seen.told.total_before
    whole = sum(found.values())
    return [
        {
            "name": one.value,
            "count": seen.written.count(found.get(one, 0)),
            "share": found.get(one, 0) / whole if whole else 0,
            "percent": seen.written.percent(found.get(one, 0) / whole) if whole else NONE,
            "before": seen.written.count(before.outcomes.get(one, 0)) if before else "",
        }
        for one in Outcome
    ]


def _table(seen: Page) -> dict[str, Any]:
    """Return the table: of each cell what is written, and the number as the CSV has it."""
    names, rows = table(seen.told, seen.asked.plot)
    most = max((group.figures.offered for group in seen.told.groups), default=0) or 1
    return {
        "columns": [(name, kind_of(name).name, name.endswith("_before")) for name in names],
        "plot": names.index(seen.asked.plot),
        "rows": [
            _row(seen, group, names, row, most)
            for group, row in zip(seen.told.groups, rows, strict=True)
        ],
    }


def _row(
    seen: Page, group: Group, names: list[str], row: list[float | None], most: int
) -> dict[str, Any]:
    page, calls = seen.ways(group.key)
    return {
        "key": group.key,
        "sign": seen.sign(group.key),
        "label": seen.label(group.key),
        "short": seen.short(group.key),
        "page": page,
        "calls": calls if group.figures.offered else None,
        "share": group.figures.offered / most,
        "cells": [
            ("" if value is None else value, seen.written.figure(kind_of(name), value))
            for name, value in zip(names, row, strict=True)
        ],
        "empty": group.figures == NOTHING,
    }
