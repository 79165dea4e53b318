"""The manager's page of figures of calls, and what is seen on it as CSV."""

from typing import Any

from aiohttp.web import Application, Request, StreamResponse

from showroom.call_figures import CallFigures
from showroom.figure_columns import CALLS
from showroom.slicing import DAYS
from showroom.traffic import TRAFFIC
from showroom.words import Period
from web.figures.asked import FiguresAsked
from web.figures.mail_list import mails_of
from web.figures.parts import FIRST_TILES, TILES, lines_of, outcomes, said, tile
from web.figures.report import report
from web.figures.seen import Seen
from web.figures.shared import asked_by, config_of, context_of, csv_of, seen_of
from web.figures.traffic import TrafficAsked
from web.keys import CALL_DETAILS, CLOCK, FIGURES, TRAFFIC_ALONE
from web.pages import render

# What a line costs is read from the calls themselves, for a quarter of a year at most.
LINE_DAYS = 100
REMARKS = 10


async def page(request: Request) -> StreamResponse:
    """The figures of some days: tiles, a chart, and the table that it is drawn from."""
    session, showroom, rooms, asked = await asked_by(request, FiguresAsked)
    read = request.app[FIGURES]
    seen = await seen_of(request, showroom, asked, read, CALLS)
    context = {
        **context_of(session, rooms, seen),
        **await mails_of(request, session, seen, "overview"),
        "first_tiles": [
            *await visitors(request.app, seen),
            *(tile(seen, name, first=True) for name in FIRST_TILES),
        ],
        "tiles": [tile(seen, name) for name in TILES],
        "outcomes": outcomes(seen),
        **await _details(request, seen),
        "calls": asked.calls(showroom.slug, seen.told.stretch),
        "total": seen.told.total,
        "config_json": config_of(seen),
    }
    return render(request, "figures.html", context, showroom)


async def export(request: Request) -> StreamResponse:
    """The page's table as CSV."""
    _, showroom, _, asked = await asked_by(request, FiguresAsked)
    read = request.app[FIGURES]
    return csv_of(await seen_of(request, showroom, asked, read, CALLS), "figures")


async def visitors(app: Application, seen: Seen[CallFigures]) -> list[dict[str, Any]]:
    """Return how many people came, unless the filter names what only calls have."""
    # The tile has the sum, and a trend by time: by whatever else calls are told apart.
    by = seen.asked.by if seen.told.by in (Period.HOUR, *DAYS) else None
    asked = TrafficAsked.model_validate({**seen.asked.model_dump(), "by": by})
    if asked.beyond:
        return []
    now, read = app[CLOCK](), app[TRAFFIC_ALONE]
    told = await report(read, TRAFFIC, seen.showroom, asked, now)
    visits = Seen(seen.words, seen.language, seen.showroom, seen.names, asked, told)
    return [tile(visits, "visitors", first=True)]


async def _details(request: Request, seen: Seen[CallFigures]) -> dict[str, Any]:
    """Return what a poor line costs, where the days are few enough, and the latest remarks."""
    details, days = request.app[CALL_DETAILS], seen.told.stretch
    asked = seen.showroom.id, days.since_ms, days.until_ms, seen.asked.where
    few = days.days <= LINE_DAYS
    return {
        "lines": lines_of(seen, await details.by_quality(*asked)) if few else None,
        "line_days": LINE_DAYS,
        "remarks": said(seen, await details.remarks(*asked, REMARKS)),
    }
