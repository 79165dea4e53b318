"""The manager's page of figures, and what is seen on it as CSV."""

from typing import Any

from aiohttp.web import HTTPSeeOther, Request, Response, StreamResponse

from booking.reservations.report import MARK
from booking.spreadsheet import csv_line
from showroom.figure_columns import BY_NAME
from showroom.showrooms import Showroom
from showroom.words import Channel, Device
from web.figures.asked import (
    DIMENSIONS,
    GROUPS,
    HOURLY_DAYS,
    PAGE,
    WITHOUT,
    FiguresAsked,
    Preset,
    Versus,
    word_of,
)
from web.figures.parts import FIRST_TILES, TILES, grid, lines_of, outcomes, said, tile
from web.figures.report import report, table
from web.figures.seen import Seen
from web.keys import CALL_DETAILS, CLOCK, FIGURES, STAFF, VEHICLES
from web.pages import render, safe_json
from web.staff import MANAGES
from web.visitor import session_of, staff_showroom

# What a line costs is read from the calls themselves, for a quarter of a year at most.
LINE_DAYS = 100
REMARKS = 10


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
        "filter": seen.asked.query(showroom.slug),
        "by": word_of(told.by),
        "presets": [
            (one, seen.asked.address(showroom.slug, period=one, since=None, until=None, by=None))
            for one in Preset
            if one is not Preset.OWN
        ],
        "versus": list(Versus),
        "plots": list(BY_NAME),
        "meanings": {column.name: column.figure for column in BY_NAME.values()},
        "groups": [one for one in GROUPS if one != "hour" or told.stretch.days <= HOURLY_DAYS],
        "choices": _choices(showroom, seen),
        "filtered": bool(seen.asked.where),
        "unfiltered": seen.asked.address(showroom.slug, **dict.fromkeys(DIMENSIONS)),
        "days": told.stretch,
        "days_written": seen.written.days(told.stretch),
        "before_written": seen.written.days(told.before) if told.before else "",
        "first_tiles": [tile(seen, name) for name in FIRST_TILES],
        "tiles": [tile(seen, name) for name in TILES],
        "outcomes": outcomes(seen),
        **await _details(request, seen),
        "calls": seen.asked.calls(showroom.slug, told.stretch),
        "total": told.total,
        "export": f"{PAGE}.csv?{seen.asked.query(showroom.slug)}",
        "table": grid(seen),
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
    lines = [csv_line([word_of(seen.told.by), *names])]
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


async def _details(request: Request, seen: Seen) -> dict[str, Any]:
    """Return what a poor line costs, where the days are few enough, and the latest remarks."""
    details, days = request.app[CALL_DETAILS], seen.told.stretch
    asked = seen.showroom.id, days.since_ms, days.until_ms, seen.asked.where
    few = days.days <= LINE_DAYS
    return {
        "lines": lines_of(seen, await details.by_quality(*asked)) if few else None,
        "line_days": LINE_DAYS,
        "remarks": said(seen, await details.remarks(*asked, REMARKS)),
    }


async def _seen(request: Request, showroom: Showroom) -> Seen:
    asked, now = FiguresAsked.of(request.query), request.app[CLOCK]()
    told = await report(request.app[FIGURES], showroom, asked, now)
    people = await request.app[STAFF].names(showroom.id)
    cars = await request.app[VEHICLES].of(showroom.id)
    names = {
        "advisor": {str(one): name for one, name in people.items()},
        "vehicle": {str(car.slug): car.name for car in cars},
    }
    return Seen(request, showroom, names, told)


def _choices(showroom: Showroom, seen: Seen) -> list[tuple[str, list[tuple[str, str]]]]:
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
