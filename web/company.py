"""The customer's link for others: the page behind it, and asking to be let in."""

from typing import Annotated

from aiohttp.web import Request, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, StringConstraints

from showroom.errors import NotFound
from showroom.words import PageKind
from signaling.company import LINK_MS, Invitation
from signaling.tickets import COMPANION_COOKIE, PersonTicket
from web.arriving import arrives
from web.customer import parse, showroom_of
from web.keys import COMPANY
from web.limits import CALLS, limit
from web.pages import language_of, render, safe_json
from web.visitor import check_csrf, set_cookie


class Knock(BaseModel):
    """Who asks to be let in."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


def invitation_of(request: Request) -> Invitation:
    """Return what stands in the address. Raises `NotFound`."""
    invitation = Invitation.parse(request.match_info["link"])
    if invitation is None:
        raise NotFound("This link leads nowhere. Ask whoever sent it for a new one.")
    return invitation


async def page(request: Request) -> StreamResponse:
    """Show the page behind a link; whoever was let in before is in again."""
    showroom = await showroom_of(request)
    invitation = invitation_of(request)
    company = request.app[COMPANY]
    ticket = PersonTicket.parse(request.cookies.get(COMPANION_COOKIE, ""))
    known = ticket is not None and ticket.call == invitation.call
    if not known and not await company.is_open(showroom, invitation):
        raise NotFound("This link has ended. Ask whoever sent it for a new one.")
    config = {
        "showroom": showroom.slug,
        "language": language_of(request, showroom),
        "known": known,
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
    }
    arrives(request, showroom, PageKind.JOIN)
    words = ("common", "error", "call", "join", "photo.open")
    answer = render(request, "join.html", context, showroom, words=words)
    # The address is a key: it must not leave with a link or a picture.
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


async def knock(request: Request) -> StreamResponse:
    """Ask to be let in, and give the browser what proves who it is."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    limit(request, CALLS)
    showroom = await showroom_of(request)
    wish = await parse(request, Knock)
    ticket = await request.app[COMPANY].knock(showroom, invitation_of(request), wish.name)
    response = json_response({"ok": True}, status=201)
    set_cookie(request, response, COMPANION_COOKIE, str(ticket), LINK_MS // 1000)
    return response
