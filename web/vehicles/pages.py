"""The manager's list of cars: those on show, those withdrawn, and what each page of them needs."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlencode

from aiohttp.web import HTTPSeeOther, Request, StreamResponse
from babel.numbers import format_currency
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from showroom.errors import BadRequest
from showroom.showrooms import Showroom
from showroom.staff import Session
from showroom.vehicles import picture_address
from signaling.gateway import explain
from web.keys import RANGE_EDITOR
from web.pages import language_of, render
from web.staff import MANAGES
from web.vehicles.files import MOST_ROWS, FileRefused
from web.visitor import checked_form, session_of, staff_showroom

PAGE = "/manager/vehicles"
# So many a page lists; who has more cars than that searches.
LISTED = 200
SEARCHED = ("slug", "name", "version", "body", "energy")


class VehiclesAsked(BaseModel):
    """Which cars are asked for; `done` says how many were kept by what has led here."""

    model_config = ConfigDict(frozen=True)
    q: str = Field("", max_length=100)
    state: Literal["", "on_show", "withdrawn"] = ""
    done: int | None = Field(None, ge=0, le=100_000)


async def page(request: Request) -> StreamResponse:
    """All cars of the showroom; it needs no script."""
    return await shown(request)


async def shown(request: Request, refused: FileRefused | None = None) -> StreamResponse:
    """Show the list, with why a file was refused."""
    session, showroom, rooms = await manages(request)
    try:
        asked = VehiclesAsked.model_validate({k: v for k, v in request.query.items() if v})
    except ValidationError as error:
        raise BadRequest(explain(error)) from error
    tables = await request.app[RANGE_EDITOR].tables(showroom.id)
    found = [one for one in tables if _fits(one, asked)]
    language = language_of(request, showroom)
    context = {
        **place(session, showroom, rooms),
        "cars": [_row(one, language) for one in found[:LISTED]],
        "found": len(found),
        "total": len(tables),
        "on_show": sum(not one["withdrawn"] for one in tables),
        "asked": asked,
        "refused": refused,
        "most_rows": MOST_ROWS,
    }
    return render(request, "vehicles.html", context, showroom, status=400 if refused else 200)


async def withdraw(request: Request) -> StreamResponse:
    """Offer a car to nobody any more."""
    raise await _moved(request, withdrawn=True)


async def bring_back(request: Request) -> StreamResponse:
    """Offer a car again."""
    raise await _moved(request, withdrawn=False)


async def _moved(request: Request, *, withdrawn: bool) -> HTTPSeeOther:
    await checked_form(request)
    session, showroom, _ = await manages(request)
    slug, editor = request.match_info["vehicle"], request.app[RANGE_EDITOR]
    await editor.table(showroom.id, slug)
    given = [{"slug": slug, "withdrawn": withdrawn}]
    await editor.apply(showroom.id, given, session.staff_id)
    return back(showroom)


async def manages(request: Request) -> tuple[Session, Showroom, list[Showroom]]:
    """Return who asks, about which showroom, and all that they manage."""
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    return session, showroom, rooms


def place(session: Session, showroom: Showroom, rooms: Sequence[Showroom]) -> dict[str, Any]:
    """Return what the head of each of these pages needs."""
    return {
        "showroom": showroom.name,
        "slug": showroom.slug,
        "rooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "name": session.name,
    }


def back(showroom: Showroom, below: str = "", **query: str | int) -> HTTPSeeOther:
    """Return the way to one of these pages."""
    return HTTPSeeOther(f"{PAGE}{below}?{urlencode({'showroom': showroom.slug, **query})}")


def _fits(table: Mapping[str, Any], asked: VehiclesAsked) -> bool:
    if asked.state and table["withdrawn"] is not (asked.state == "withdrawn"):
        return False
    text = " ".join(str(table[name]) for name in SEARCHED).casefold()
    return all(word in text for word in asked.q.casefold().split())


def _row(table: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        "slug": table["slug"],
        "name": table["name"],
        "version": table["version"],
        "price": format_currency(table["price"], table["currency"], locale=language),
        "stock": table["stock"],
        "withdrawn": table["withdrawn"],
        "picture": picture_address(_picture(table), small=True),
        "pictured": bool(table["pictures"]),
    }


def _picture(table: Mapping[str, Any]) -> str:
    """Return the path of the picture that a list shows, as `Vehicle.picture` does."""
    paths = [one["path"] for one in table["pictures"] if one["angle"] == "three_quarter"]
    return str((paths or [one["path"] for one in table["pictures"]] or [""])[0])
