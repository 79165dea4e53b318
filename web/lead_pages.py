"""The pages of the follow-up list: an advisor's, and the manager's with the table of points.

What they show they fetch from the routes of `web/leads.py`.
"""

from aiohttp.web import Request, StreamResponse

from showroom.words import Role
from web.agenda import ADVISES
from web.keys import LEADS, STAFF, VEHICLES
from web.pages import language_of, render, safe_json
from web.staff import MANAGES
from web.visitor import session_of, staff_showroom


async def own_page(request: Request) -> StreamResponse:
    """The advisor's list: their own leads, and those that nobody takes care of."""
    return await _page(request, ADVISES, team=False)


async def team_page(request: Request) -> StreamResponse:
    """The manager's list: all leads, whoever takes care of them."""
    return await _page(request, MANAGES, team=True)


async def _page(request: Request, roles: frozenset[Role], *, team: bool) -> StreamResponse:
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, roles)
    names = await request.app[STAFF].names(showroom.id)
    carers = await request.app[LEADS].carers(showroom.id)
    config = {
        "showroom": showroom.slug,
        "showrooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "base": "/manager/leads" if team else "/advisor/leads",
        "team": team,
        "me": session.staff_id,
        "zone": showroom.zone,
        "language": language_of(request, showroom),
        "vehicles": {v.slug: v.name for v in await request.app[VEHICLES].of(showroom.id)},
        "on_show": [v.slug for v in await request.app[VEHICLES].on_show(showroom.id)],
        # Who has left still has a name in the history, and maybe leads.
        "advisors": [
            {"id": one, "name": name, "cares": one in carers} for one, name in names.items()
        ],
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
        "name": session.name,
        "team": team,
    }
    words = ("common", "error", "lead", "leads")
    return render(request, "leads.html", context, showroom, words=words)
