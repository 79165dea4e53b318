"""Dealers: the nearest ones for the customer's forms, and the manager's page about all of them."""

from typing import Annotated, Any
from urllib.parse import urlencode

from aiohttp.web import HTTPSeeOther, Request, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from booking.dealers.dealer_csv import MOST_BYTES, Imported, import_dealers
from booking.dealers.directory import Dealer, Near, search
from showroom.errors import BadRequest, ShowroomError
from showroom.ids import StaffId
from showroom.showrooms import Showroom
from showroom.staff import Session
from signaling.gateway import explain
from web.customer import showroom_of
from web.file_forms import checked_parts, fields
from web.keys import DEALERS
from web.limits import DEALERS as ALLOWED
from web.limits import limit
from web.pages import render, words_for
from web.staff import MANAGES
from web.visitor import checked_form, session_of, staff_showroom

NEAREST = 5
# So many a page lists; who has more dealers than that searches.
LISTED = 200
# A form around the file takes some bytes, too.
MOST_UPLOADED = MOST_BYTES + 64_000


class DealersAsked(BaseModel):
    """Which dealers are asked for: those near a postcode, or those whom a text fits."""

    model_config = ConfigDict(frozen=True)
    postcode: Annotated[str, StringConstraints(strip_whitespace=True, max_length=16)] = ""
    q: Annotated[str, StringConstraints(max_length=100)] = ""


async def near(request: Request) -> StreamResponse:
    """The five nearest dealers as JSON; with `found` false the list to choose from instead."""
    limit(request, ALLOWED)
    showroom = await showroom_of(request)
    try:
        asked = DealersAsked.model_validate(dict(request.query))
    except ValidationError as error:
        raise BadRequest(explain(error)) from error
    dealers = request.app[DEALERS]
    found: list[Near] = []
    if asked.postcode:
        found = await dealers.nearest(showroom.id, showroom.market, asked.postcode, NEAREST)
    shown = [_dealer_data(one.dealer) | {"km": round(one.km, 1)} for one in found]
    if not found:
        there = search(await dealers.open(showroom.id), asked.q)
        shown = [_dealer_data(one) | {"km": None} for one in there[:LISTED]]
    answer = json_response({"ok": True, "found": bool(found), "dealers": shown})
    answer.enable_compression()
    return answer


async def page(request: Request) -> StreamResponse:
    """The manager's directory."""
    return await _page(request)


async def bring(request: Request) -> StreamResponse:
    """Import a CSV file, and say what became of each broken line."""
    parts = await checked_parts(request)
    session, showroom, _ = await _manages(request)
    form = {one.name: one.content async for one in fields(parts, MOST_UPLOADED)}
    try:
        if not form.get("file"):
            raise BadRequest("Choose a CSV file first.")
        done = await import_dealers(
            request.app[DEALERS],
            showroom,
            form["file"],
            good_lines="good_lines" in form,
            who=session.staff_id,
        )
    except ShowroomError as error:
        said = error.message if isinstance(error, BadRequest) else words_for(request, error)
        return await _page(request, error=said, status=error.status)
    return await _page(request, done=done, status=200 if done.kept or not done.problems else 400)


async def close(request: Request) -> StreamResponse:
    """Let a dealer take no more leads."""
    showroom, code, who = await _changes(request)
    await request.app[DEALERS].close(showroom.id, code, who=who)
    raise _back(showroom)


async def reopen(request: Request) -> StreamResponse:
    """Let a dealer take leads again."""
    showroom, code, who = await _changes(request)
    await request.app[DEALERS].reopen(showroom.id, code, who=who)
    raise _back(showroom)


async def _manages(request: Request) -> tuple[Session, Showroom, list[Showroom]]:
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    return session, showroom, rooms


async def _changes(request: Request) -> tuple[Showroom, str, StaffId]:
    """Return whose dealer a form is about, the dealer's code, and who has sent it."""
    form = await checked_form(request)
    session, showroom, _ = await _manages(request)
    return showroom, form.get("code", ""), session.staff_id


def _back(showroom: Showroom) -> HTTPSeeOther:
    return HTTPSeeOther(f"/manager/dealers?{urlencode({'showroom': showroom.slug})}")


async def _page(
    request: Request, done: Imported | None = None, error: str = "", status: int = 200
) -> StreamResponse:
    session, showroom, rooms = await _manages(request)
    wanted = request.query.get("q", "")[:100]
    every = await request.app[DEALERS].all(showroom.id)
    found = search(every, wanted)
    context = {
        "showroom": showroom.name,
        "slug": showroom.slug,
        "rooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "name": session.name,
        "dealers": found[:LISTED],
        "found": len(found),
        "total": len(every),
        "open": sum(one.closed_at is None for one in every),
        "q": wanted,
        "done": done,
        "error": error,
    }
    return render(request, "dealers.html", context, showroom, status=status)


def _dealer_data(dealer: Dealer) -> dict[str, Any]:
    """Return what everybody may know of a dealer."""
    return {
        "code": dealer.code,
        "kind": dealer.kind,
        "name": dealer.name,
        "street": dealer.street,
        "postcode": dealer.postcode,
        "city": dealer.city,
        "country": dealer.country,
        "latitude": dealer.latitude,
        "longitude": dealer.longitude,
        "phone": dealer.phone,
    }
