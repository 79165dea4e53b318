"""One visit, for whoever has its address: confirm, join, reschedule, cancel, book again.

The token in the address is the only proof; a wrong, foreign or lapsed one is not found. What is
shown is what the customer needs to come, and nothing of who they are.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from aiohttp.web import Request, Response, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, StringConstraints

from booking.appointments import Appointment, Consent, Guest
from booking.contact import parse_email, parse_name, parse_phone
from booking.leads.origin import TOUCH, Origin
from booking.visits import EARLY_MS, MINUTE_MS
from showroom.errors import BadRequest, NotFound
from showroom.showrooms import Showroom
from showroom.words import AppointmentState, PageKind
from signaling.messages import Id
from web.arriving import arrives
from web.booking import (
    LONGEST_CAMPAIGN,
    Language,
    Moment,
    first_name,
    known_vehicle,
    slots_data,
)
from web.consents import VISIT
from web.customer import parse, vehicle_data
from web.keys import APPOINTMENTS, CLOCK, INVITATIONS, RETURNED, SHOWROOMS, STAFF, VEHICLES
from web.limits import VISITS, limit
from web.origins import origin_of
from web.pages import language_of, render, safe_json
from web.visitor import check_csrf

# Longer texts are no name, address or number that somebody has; the checks behind say what is.
Line = Annotated[str, StringConstraints(max_length=400)]


class Agreement(BaseModel):
    """What the customer agreed to, by the version of the text that they read."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    purpose: Literal["contact"]
    version: Annotated[str, StringConstraints(max_length=64)]


class Touch(BaseModel):
    """Where the customer came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    source: Annotated[str, StringConstraints(max_length=LONGEST_CAMPAIGN)] = ""
    medium: Annotated[str, StringConstraints(max_length=LONGEST_CAMPAIGN)] = ""
    name: Annotated[str, StringConstraints(max_length=LONGEST_CAMPAIGN)] = ""


class Person(BaseModel):
    """Who fills a form in, and how to reach them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: Line
    email: Line | None = None
    phone: Line | None = None


class Confirmation(Person):
    """The form that turns a hold into a visit."""

    language: Language
    wish: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    vehicle: Id | None = None
    consents: tuple[Agreement, ...]
    campaign: Touch = Touch()


class NewTime(BaseModel):
    """When a visit shall begin instead."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    starts_at: Moment


async def page(request: Request) -> StreamResponse:
    """The visit's own page, with what can be done about it now."""
    visit, showroom = await _visit(request)
    language = language_of(request, showroom)
    cars = [vehicle_data(v, language) for v in await request.app[VEHICLES].of(showroom.id)]
    car = next((one for one in cars if one["id"] == visit.vehicle), None)
    shown = car or next((one for one in cars if not one["withdrawn"]), None)
    config = {
        "showroom": showroom.slug,
        "zone": showroom.zone,
        "visit": await _data(request, showroom, visit),
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
        "car": car["name"] if car else "",
        "picture": shown["picture"] if shown else None,
    }
    arrives(request, showroom, PageKind.VISIT)
    return render(
        request, "visit.html", context, showroom, words=("common", "error", "book", "visit")
    )


async def state(request: Request) -> StreamResponse:
    """How the visit stands, for the page that is open."""
    visit, showroom = await _visit(request)
    return json_response({"ok": True, "visit": await _data(request, showroom, visit)})


async def slots(request: Request) -> StreamResponse:
    """The times to which this visit can move, or at which it can be booked again."""
    visit, showroom = await _visit(request)
    moves = visit.state is AppointmentState.BOOKED
    free = await request.app[APPOINTMENTS].slots(
        showroom,
        visit.language,
        visit.advisor_id if moves and visit.named else None,
        leaving_out=visit.id if moves else None,
    )
    answer = json_response(slots_data(showroom, free))
    answer.enable_compression()
    return answer


async def invitation(request: Request) -> StreamResponse:
    """The visit as a calendar file (RFC 5545)."""
    visit, showroom = await _visit(request)
    return Response(
        body=await request.app[INVITATIONS](showroom, visit),
        content_type="text/calendar",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="visit.ics"'},
    )


async def release(request: Request) -> StreamResponse:
    """Give a hold back, because the customer chose another time."""
    await request.app[APPOINTMENTS].release(changing(request))
    return json_response({"ok": True})


async def confirm(request: Request) -> StreamResponse:
    """Turn a hold into a visit. The same form sent twice books once."""
    token = changing(request)
    form = await parse(request, Confirmation)
    showroom = await request.app[APPOINTMENTS].showroom_of(token)
    visit = await request.app[APPOINTMENTS].confirm(
        token,
        guest_of(form, showroom.market),
        form.language,
        form.wish,
        await known_vehicle(request, showroom, form.vehicle),
        _consents(form, request.app[CLOCK]()),
        _origin(form, origin_of(request, showroom)),
    )
    return await _answer(request, visit)


async def reschedule(request: Request) -> StreamResponse:
    """Move a visit to another free time."""
    token = changing(request)
    wish = await parse(request, NewTime)
    visit = await request.app[APPOINTMENTS].reschedule(token, wish.starts_at)
    return await _answer(request, visit)


async def cancel(request: Request) -> StreamResponse:
    """Cancel a visit; a second time changes nothing."""
    visit = await request.app[APPOINTMENTS].cancel(changing(request))
    return await _answer(request, visit)


async def rebook(request: Request) -> StreamResponse:
    """Book a new visit in place of one that did not take place; its token is another."""
    token = changing(request)
    wish = await parse(request, NewTime)
    visit = await request.app[APPOINTMENTS].rebook(token, wish.starts_at)
    return json_response({"ok": True, "token": visit.token}, status=201)


async def _visit(request: Request) -> tuple[Appointment, Showroom]:
    """Return the visit of the address. Guessing addresses is slow: every question counts."""
    limit(request, VISITS)
    visit = await request.app[APPOINTMENTS].by_token(request.match_info["token"])
    if visit.state is AppointmentState.HELD:
        raise NotFound
    return visit, await request.app[SHOWROOMS].by_id(visit.showroom_id)


def changing(request: Request) -> str:
    """Return the address's token, for a change that comes from a page of ours."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    limit(request, VISITS)
    return request.match_info["token"]


async def _answer(request: Request, visit: Appointment) -> StreamResponse:
    showroom = await request.app[SHOWROOMS].by_id(visit.showroom_id)
    return json_response({"ok": True, "visit": await _data(request, showroom, visit)})


async def _data(request: Request, showroom: Showroom, visit: Appointment) -> dict[str, Any]:
    """Return what a page needs of a visit: no name, no address, no number."""
    names = await request.app[STAFF].names(showroom.id) if visit.advisor_id else {}
    name = names.get(visit.advisor_id) if visit.advisor_id else None
    returned = await request.app[RETURNED].of(showroom.id, [visit.id] if visit.email else [])
    return {
        "state": visit.state,
        "starts_at": visit.starts_at,
        "ends_at": visit.ends_at,
        "advisor": first_name(name) if name else None,
        "join_from": visit.starts_at - EARLY_MS,
        "change_until": visit.starts_at - showroom.visits.change_until * MINUTE_MS,
        "mail_returned": visit.id in returned,
        "now": request.app[CLOCK](),
    }


def guest_of(form: Person, region: str) -> Guest:
    """Return who fills a form in.

    Raises `BadRequest`, which names the field and says what is right.
    """
    name = _checked("name", parse_name, form.name)
    email = _checked("email", parse_email, form.email) if (form.email or "").strip() else None
    phone = None
    if form.phone and form.phone.strip():
        phone = _checked("phone", parse_phone, form.phone, region)
    if email is None and phone is None:
        raise BadRequest("Give us an e-mail address or a phone number.", field="contact")
    return Guest(name, email, phone)


def _checked(field: str, check: Callable[..., str], *given: str | None) -> str:
    try:
        return check(*given)
    except BadRequest as error:
        raise BadRequest(error.message, field=field) from None


def _origin(form: Confirmation, kept: Origin) -> Origin:
    """Return where the customer came from: what their browser kept, or what the page said."""
    if any(name in kept for name in TOUCH):
        return kept
    return {**kept, **{name: text for name, text in form.campaign.model_dump().items() if text}}


def _consents(form: Confirmation, now: int) -> tuple[Consent, ...]:
    """Return what was agreed to. Raises `BadRequest` without it: then we may keep nothing."""
    if [agreed.version for agreed in form.consents] != [VISIT]:
        raise BadRequest(
            "Please agree that we may contact you about this visit: without it we may not book.",
            field="consent",
        )
    return tuple(Consent(agreed.purpose, agreed.version, now) for agreed in form.consents)
