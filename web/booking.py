"""Booking a visit: the page, the free times, and a time kept while the form is filled in."""

from functools import cache, partial
from typing import Annotated, Any
from zoneinfo import available_timezones

from aiohttp.web import Request, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from booking.slots import Slot
from showroom.errors import BadRequest
from showroom.ids import StaffId
from showroom.showrooms import Showroom
from showroom.words import PageKind
from signaling.gateway import explain
from signaling.messages import Id
from web.arriving import arrives
from web.consents import VISIT
from web.customer import parse, showroom_of, vehicle_data
from web.keys import APPOINTMENTS, CLOCK, ROSTER, VEHICLES
from web.limits import HOLDS, SLOTS, WISHES, limit
from web.origins import remember_origin
from web.pages import language_of, render, safe_json
from web.visitor import check_csrf

LONGEST_CAMPAIGN = 100

# UTC milliseconds, to the end of the century: calendars can reckon with them.
LATEST_MS = 4_102_444_800_000
Moment = Annotated[int, Field(ge=0, le=LATEST_MS)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


class SlotsAsked(BaseModel):
    """Which free times are asked for: of one advisor or of all, until a moment or the horizon."""

    model_config = ConfigDict(frozen=True)
    language: Language
    advisor: Id | None = None
    until: Moment | None = None


class HoldRequest(BaseModel):
    """What keeps a time. `zone` is the customer's, an IANA name."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    starts_at: Moment
    language: Language
    zone: Annotated[str, StringConstraints(max_length=64)]
    vehicle: Id | None = None
    advisor: Id | None = None


async def page(request: Request) -> StreamResponse:
    """Choose a time, say who comes, done: three views of one page."""
    showroom = await showroom_of(request)
    language = language_of(request, showroom)
    cars = [vehicle_data(v, language) for v in await request.app[VEHICLES].on_show(showroom.id)]
    chosen = next((car for car in cars if car["id"] == request.query.get("vehicle")), None)
    shown = chosen or (cars[0] if cars else None)
    config = {
        "showroom": showroom.slug,
        "zone": showroom.zone,
        "language": language,
        "slots": f"/s/{showroom.slug}/slots?language={language}",
        "vehicles": [{"id": car["id"], "picture": car["picture"]} for car in cars],
        "consent": {"version": VISIT},
        "campaign": campaign_of(request),
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
        "length": showroom.visits.length,
        "advisors": await _advisors(request, showroom),
        "vehicles": cars,
        "vehicle": chosen["id"] if chosen else None,
        "picture": shown["picture"] if shown else None,
    }
    words = ("common", "error", "book")
    answer = render(request, "book.html", context, showroom, words=words)
    remember_origin(request, answer, showroom)
    arrives(request, showroom, PageKind.BOOK)
    return answer


async def slots(request: Request) -> StreamResponse:
    """The free times as JSON, first to last."""
    limit(request, SLOTS)
    showroom = await showroom_of(request)
    try:
        asked = SlotsAsked.model_validate(dict(request.query))
    except ValidationError as error:
        raise BadRequest(explain(error)) from error
    free = await request.app[APPOINTMENTS].slots(
        showroom, asked.language, _staff(asked.advisor), asked.until
    )
    answer = json_response(slots_data(showroom, free))
    answer.enable_compression()
    return answer


async def hold(request: Request) -> StreamResponse:
    """Keep a time for five minutes; 409 with the next free ones when it is taken."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    limit(request, WISHES)
    showroom = await showroom_of(request)
    wish = await parse(request, HoldRequest)
    if wish.zone not in _zones():
        raise BadRequest("This is not a time zone. Send an IANA name, like Europe/Paris.", "zone")
    kept = await request.app[APPOINTMENTS].hold(
        showroom,
        wish.starts_at,
        wish.language,
        wish.zone,
        await known_vehicle(request, showroom, wish.vehicle),
        _staff(wish.advisor),
        partial(limit, request, HOLDS),
    )
    answer = {
        "ok": True,
        "token": kept.token,
        "starts_at": kept.starts_at,
        "ends_at": kept.ends_at,
        "held_until": kept.held_until,
        "now": request.app[CLOCK](),
    }
    return json_response(answer, status=201)


def slots_data(showroom: Showroom, free: list[Slot]) -> dict[str, Any]:
    """Return free times for a page. Who is free is nobody's business, how many is."""
    return {
        "zone": showroom.zone,
        "slots": [{"starts_at": one.starts_at, "advisors": len(one.workers)} for one in free],
        "first": free[0].starts_at if free else None,
    }


async def known_vehicle(request: Request, showroom: Showroom, slug: str | None) -> str | None:
    """Return a car of the range, else None: one that has left it is no reason to refuse a visit."""
    cars = {str(vehicle.slug) for vehicle in await request.app[VEHICLES].on_show(showroom.id)}
    return slug if slug in cars else None


def campaign_of(request: Request) -> dict[str, str]:
    """Return where a visit came from, by the query's `utm_source`, `utm_medium`, `utm_campaign`."""
    names = {"source": "utm_source", "medium": "utm_medium", "name": "utm_campaign"}
    found = {name: request.query.get(asked, "")[:LONGEST_CAMPAIGN] for name, asked in names.items()}
    return {name: text for name, text in found.items() if text}


async def _advisors(request: Request, showroom: Showroom) -> list[dict[str, str]]:
    """Return who can be asked for, by first name."""
    people = await request.app[ROSTER].bookable(showroom.id)
    return [{"id": one, "name": first_name(name)} for one, name in people.items()]


def first_name(name: str) -> str:
    """Return what customers may know of an advisor's name."""
    return name.split(" ")[0]


def _staff(advisor: str | None) -> StaffId | None:
    return None if advisor is None else StaffId(advisor)


@cache
def _zones() -> frozenset[str]:
    """Return every zone's name; finding them walks through hundreds of files."""
    return frozenset(available_timezones())
