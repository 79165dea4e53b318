"""The manager's page of advisors' time: how long they were there, and what they did meanwhile."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from aiohttp.web import Request, StreamResponse

from showroom.words import Dimension, Period
from showroom.work import KNOWN, WORK
from web.figures.asked import DIMENSIONS, PAGE, FiguresAsked
from web.figures.mail_list import mails_of
from web.figures.parts import tile
from web.figures.shared import asked_by, config_of, context_of, csv_of, seen_of
from web.keys import WORK as READ
from web.pages import render

FIRST_TILES = ("occupancy", "at_work_s")
TILES = ("talking_s", "wrap_up_s", "ready_s", "away_s")


class AdvisorsAsked(FiguresAsked):
    """The address of the page: time has nothing but somebody whose it is."""

    PAGE: ClassVar[str] = f"{PAGE}/advisors"
    PLOTS: ClassVar[Sequence[str]] = tuple(WORK.by_name)
    GROUPS: ClassVar[Mapping[str, Period | Dimension]] = {
        **{one.value: one for one in Period},
        **{name: one for name, one in DIMENSIONS.items() if one in KNOWN},
    }

    def group(self, days: int) -> Period | Dimension:
        """Return by what time is told apart; where nobody says, by whose it is."""
        return super().group(days) if self.by in self.GROUPS else Dimension.ADVISOR


async def page(request: Request) -> StreamResponse:
    """Occupancy and what it is made of: tiles, a chart, and the table by advisor or by time."""
    session, showroom, rooms, asked = await asked_by(request, AdvisorsAsked)
    read = request.app[READ]
    seen = await seen_of(request, showroom, asked, read, WORK)
    begun = await read.begun(showroom.id)
    late = begun is not None and seen.told.stretch.since_ms < begun
    context = {
        **context_of(session, rooms, seen),
        **await mails_of(request, session, seen, "advisors"),
        "first_tiles": [tile(seen, name, first=True) for name in FIRST_TILES],
        "tiles": [tile(seen, name) for name in TILES],
        "begun": seen.written.moment(begun) if late and begun else "",
        "config_json": config_of(seen),
    }
    return render(request, "figures_advisors.html", context, showroom)


async def export(request: Request) -> StreamResponse:
    """The page's table as CSV."""
    _, showroom, _, asked = await asked_by(request, AdvisorsAsked)
    read = request.app[READ]
    return csv_of(await seen_of(request, showroom, asked, read, WORK), "advisors")
