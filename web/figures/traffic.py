"""The manager's page of traffic: who came, what they opened, and what a television spot brought."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from aiohttp.web import Request, StreamResponse

from showroom.clock import to_ms
from showroom.days import STEP_MS
from showroom.noise import by_chance_counts
from showroom.showrooms import Showroom
from showroom.traffic import KNOWN, TRAFFIC, TrafficFigures
from showroom.words import Dimension, PageKind, Period
from web.figures.asked import DIMENSIONS, PAGE, FiguresAsked, Stretch
from web.figures.mail_list import mails_of
from web.figures.parts import tile
from web.figures.seen import Seen
from web.figures.shared import asked_by, config_of, context_of, csv_of, seen_of
from web.figures.writing import NONE
from web.keys import TRAFFIC as READ
from web.pages import render

FIRST_TILES = ("visitors", "views")
TILES = ("widget_opens", "views_per_visitor", "calls", "calls_per_visitor")
# What a spot brought is seen in the quarters of an hour from its own on, beside as many before.
QUARTERS = 2
# The latest spots of a period; a film may run for weeks.
MOST_SPOTS = 100


class TrafficAsked(FiguresAsked):
    """The address of the page: visits have no advisor, no car and no channel."""

    PAGE: ClassVar[str] = f"{PAGE}/traffic"
    OF_CALLS: ClassVar[bool] = False
    PLOTS: ClassVar[Sequence[str]] = tuple(TRAFFIC.by_name)
    GROUPS: ClassVar[Mapping[str, Period | Dimension]] = {
        **{one.value: one for one in Period},
        **{name: one for name, one in DIMENSIONS.items() if one in KNOWN},
    }


@dataclass(frozen=True, slots=True)
class Spot:
    """A television spot of a campaign, in UTC milliseconds."""

    at_ms: int
    campaign: str


async def page(request: Request) -> StreamResponse:
    """Who came: tiles, a chart with the moments of spots, the table, pages, and each spot."""
    session, showroom, rooms, asked = await asked_by(request, TrafficAsked)
    read = request.app[READ]
    seen = await seen_of(request, showroom, asked, read, TRAFFIC)
    days = seen.told.stretch
    spots = spots_of(showroom, asked, days)
    opened = await read.pages(showroom, days.since_ms, days.until_ms, asked.where)
    most = max(opened.values(), default=0)
    context = {
        **context_of(session, rooms, seen),
        **await mails_of(request, session, seen, "traffic"),
        "first_tiles": [tile(seen, name, first=True) for name in FIRST_TILES],
        "tiles": [tile(seen, name) for name in TILES],
        "opened": [
            (one, seen.written.count(opened[one]), opened[one] / most)
            for one in PageKind
            if one in opened
        ],
        "spots": await _brought(request, seen, spots),
        "config_json": config_of(seen, marks=_marks(seen, spots)),
    }
    return render(request, "figures_traffic.html", context, showroom)


async def export(request: Request) -> StreamResponse:
    """The page's table as CSV."""
    _, showroom, _, asked = await asked_by(request, TrafficAsked)
    read = request.app[READ]
    return csv_of(await seen_of(request, showroom, asked, read, TRAFFIC), "traffic")


def spots_of(showroom: Showroom, asked: FiguresAsked, days: Stretch) -> list[Spot]:
    """Return the spots in these days, of the campaign that is asked for, the latest last."""
    here = ZoneInfo(showroom.zone)
    found = [
        Spot(_moment(at, here), one.name)
        for one in showroom.campaigns
        if asked.campaign in (None, one.utm or one.name)
        for at in one.spots
    ]
    known = [one for one in found if days.since_ms <= one.at_ms < days.until_ms]
    return sorted(known, key=lambda one: one.at_ms)[-MOST_SPOTS:]


def _moment(at: datetime, here: ZoneInfo) -> int:
    return to_ms(at if at.tzinfo else at.replace(tzinfo=here))


def _marks(seen: Seen[TrafficFigures], spots: Sequence[Spot]) -> list[dict[str, Any]]:
    """Return below which rows of the table spots lie, where these are hours or days."""
    if seen.told.by not in (Period.HOUR, Period.DAY):
        return []
    begins = [int(group.key) for group in seen.told.groups]
    rows = [(bisect_right(begins, one.at_ms) - 1, one) for one in spots]
    return [
        {"row": row, "text": f"{seen.written.time(one.at_ms)} {one.campaign}"}
        for row, one in rows
        if row >= 0
    ]


async def _brought(
    request: Request, seen: Seen[TrafficFigures], spots: Sequence[Spot]
) -> list[dict[str, Any]]:
    """Return each spot with who came in the half hour before its quarter, and from it on."""
    begins = {one: one.at_ms // STEP_MS * STEP_MS for one in spots}
    around = {at + n * STEP_MS for at in begins.values() for n in range(-QUARTERS, QUARTERS)}
    came = await request.app[READ].visitors_in(seen.showroom, sorted(around), seen.asked.where)
    found = []
    for one, at in reversed(begins.items()):
        before = sum(came.get(at - n * STEP_MS, 0) for n in range(1, QUARTERS + 1))
        after = sum(came.get(at + n * STEP_MS, 0) for n in range(QUARTERS))
        found.append(
            {
                "when": seen.written.moment(one.at_ms),
                "campaign": one.campaign,
                "before": seen.written.count(before),
                "after": seen.written.count(after),
                "times": seen.written.mean(after / before) if before else NONE,
                "chance": by_chance_counts(after, before),
            }
        )
    return found
