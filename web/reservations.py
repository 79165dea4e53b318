"""Reservations: the customer's page, the dealer's, the manager's report, and giving one."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Annotated, Any

import segno
from aiohttp.web import HTTPSeeOther, Request, Response, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from booking.reservations.life import ReservationState, spoken
from booking.reservations.report import as_csv, total
from booking.reservations.rows import Reservation
from booking.times import TimeWords
from showroom.days import days_of, today
from showroom.errors import BadRequest, IllegalMove, NotFound, TooLate
from showroom.ids import LeadId, ReservationId, VehicleId
from showroom.showrooms import Showroom
from showroom.words import Role
from signaling.gateway import explain
from signaling.messages import Id
from web.customer import parse, vehicle_data
from web.keys import (
    CLOCK,
    DEALERS,
    FUNNELS,
    RESERVATION_REPORT,
    RESERVATIONS,
    SHOWROOMS,
    VEHICLES,
)
from web.limits import RESERVATIONS as ALLOWED
from web.limits import limit
from web.pages import language_of, render
from web.staff import MANAGES
from web.visitor import check_csrf, checked_form, session_of, staff_showroom

GIVES = frozenset({Role.ADVISOR, *MANAGES})
NAMED = frozenset({ReservationState.GIVEN, ReservationState.REDEEMED})
# The report shows so many days unless it is asked for others, and never more than a year of them.
USUAL_DAYS, MOST_DAYS = 30, 366


class Wanted(BaseModel):
    """What keeps a car: for whom, which one, and where; without a dealer at the lead's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    lead: Id
    vehicle: Id
    dealer: Id | None = None


class Period(BaseModel):
    """Which days a report is about, the last one included."""

    model_config = ConfigDict(frozen=True)
    first: Annotated[date, Field(ge=date(2000, 1, 1), le=date(2200, 1, 1))] | None = None
    last: Annotated[date, Field(ge=date(2000, 1, 1), le=date(2200, 1, 1))] | None = None


async def page(request: Request) -> StreamResponse:
    """The customer's page: the code, until when, and where."""
    limit(request, ALLOWED)
    found = await request.app[RESERVATIONS].by_token(request.match_info["token"])
    # For the dealer's system, which takes the code. The page's address is the customer's secret.
    qr = segno.make_qr(spoken(found.code), error="m")
    picture = qr.svg_data_uri(light="#ffffff", border=2, scale=4)
    return await _page(request, found, "reservation.html", {"qr": picture})


async def cancel(request: Request) -> StreamResponse:
    """Give the car back; a second time changes nothing."""
    token = await _changing(request)
    # What can't be changed any more says so on the page.
    with suppress(IllegalMove, TooLate):
        await request.app[RESERVATIONS].cancel(token)
    raise HTTPSeeOther(f"/r/{token}")


async def dealer_page(request: Request) -> StreamResponse:
    """The dealer's page: who comes for what, and 'Redeem'."""
    limit(request, ALLOWED)
    found = await request.app[RESERVATIONS].by_dealer_token(request.match_info["token"])
    # Who it was for is no matter of the dealer's when they don't come, or take their consent back.
    named = _state(found, request.app[CLOCK]()) in NAMED
    holder = await request.app[RESERVATIONS].holder(found)
    name = holder.name if named and holder.agreed else ""
    return await _page(request, found, "reservation_dealer.html", {"holder": name})


async def redeem(request: Request) -> StreamResponse:
    """Note that the customer came; a second tap changes nothing."""
    token = await _changing(request)
    with suppress(IllegalMove, TooLate):
        await request.app[RESERVATIONS].redeem(token)
    raise HTTPSeeOther(f"/r/dealer/{token}")


async def give(request: Request) -> StreamResponse:
    """Keep a car for a lead; asking again is answered with the same one."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    session = await session_of(request)
    showroom, _ = await staff_showroom(request, session, GIVES)
    wanted = await parse(request, Wanted)
    given = await request.app[RESERVATIONS].give(
        showroom,
        LeadId(wanted.lead),
        VehicleId(wanted.vehicle),
        wanted.dealer,
        session.staff_id,
    )
    return json_response({"ok": True, "reservation": await _kept(request, given)}, status=201)


async def of_lead(request: Request) -> StreamResponse:
    """A lead's reservations, the newest first."""
    showroom, _ = await staff_showroom(request, await session_of(request), GIVES)
    lead = LeadId(request.match_info["lead"])
    found = await request.app[RESERVATIONS].of_lead(showroom.id, lead)
    return json_response({"ok": True, "reservations": [await _kept(request, one) for one in found]})


async def call_off(request: Request) -> StreamResponse:
    """Give a car back for the customer; a second time changes nothing."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    showroom, _ = await staff_showroom(request, await session_of(request), GIVES)
    which = ReservationId(request.match_info["reservation"])
    ended = await request.app[RESERVATIONS].call_off(showroom.id, which)
    return json_response({"ok": True, "reservation": await _kept(request, ended)})


async def report(request: Request) -> StreamResponse:
    """The manager's report: what became of a period's reservations, and the way to orders."""
    showroom, rooms, name = await _manages(request)
    first, last, span = _period(request, showroom)
    figures = await request.app[RESERVATION_REPORT].by_dealer(showroom.id, *span)
    names = {one.code: one.name for one in await request.app[DEALERS].all(showroom.id)}
    context = {
        "showroom": showroom.name,
        "slug": showroom.slug,
        "rooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "name": name,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "figures": figures,
        "total": total(figures),
        "names": names,
        "funnel": await request.app[FUNNELS].of(showroom.id, *span),
    }
    return render(request, "reservations.html", context, showroom)


async def export(request: Request) -> StreamResponse:
    """The period's reservations as CSV."""
    showroom, _, _ = await _manages(request)
    first, last, span = _period(request, showroom)
    found = await request.app[RESERVATION_REPORT].of(showroom.id, *span)
    name = f"reservations-{showroom.slug}-{first}-{last}.csv"
    return Response(
        body=as_csv(found),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _changing(request: Request) -> str:
    """Return the address's token, for a change that comes from a page of ours."""
    await checked_form(request)
    limit(request, ALLOWED)
    return request.match_info["token"]


async def _page(
    request: Request, found: Reservation, template: str, more: dict[str, Any]
) -> StreamResponse:
    showroom = await request.app[SHOWROOMS].by_id(found.showroom_id)
    dealer = await request.app[DEALERS].get(showroom.id, found.dealer)
    language = language_of(request, showroom)
    times = TimeWords(language, showroom.market, dealer.zone, instead=showroom.zone)
    context = {
        "showroom": showroom.name,
        "slug": showroom.slug,
        "reservation": found,
        "state": _state(found, request.app[CLOCK]()),
        "code": spoken(found.code),
        "until": times.day(found.expires_at - 1),
        "ended": times.day(found.ended_at) if found.ended_at else "",
        "dealer": dealer,
        "car": await _car(request, showroom, found.vehicle, language),
        **more,
    }
    return render(request, template, context, showroom)


async def _kept(request: Request, found: Reservation) -> dict[str, Any]:
    """Return a reservation as staff see it; its last day by the dealer's clock."""
    dealer = await request.app[DEALERS].get(found.showroom_id, found.dealer)
    return {
        "id": found.id,
        "code": spoken(found.code),
        "state": _state(found, request.app[CLOCK]()),
        "ordered": found.ordered_at is not None,
        "vehicle": found.vehicle,
        "dealer": dealer.name,
        "last_day": today(dealer.zone, found.expires_at - 1).isoformat(),
        "link": f"/r/{found.token}",
    }


def _state(found: Reservation, now: int) -> ReservationState:
    """Return how it stands: its time may be over before somebody has noted it."""
    over = found.state is ReservationState.GIVEN and now >= found.expires_at
    return ReservationState.EXPIRED if over else found.state


async def _car(request: Request, showroom: Showroom, slug: str, language: str) -> dict[str, Any]:
    try:
        return vehicle_data(await request.app[VEHICLES].get(showroom.id, VehicleId(slug)), language)
    except NotFound:
        return {"name": slug, "picture": None}  # it has left the range since


async def _manages(request: Request) -> tuple[Showroom, list[Showroom], str]:
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    return showroom, rooms, session.name


def _period(request: Request, showroom: Showroom) -> tuple[date, date, tuple[int, int]]:
    """Return the first and the last day that are asked for, and their span in UTC milliseconds."""
    asked = {name: text for name, text in request.query.items() if text}
    try:
        period = Period.model_validate(asked)
    except ValidationError as error:
        raise BadRequest(explain(error)) from error
    last = period.last or today(showroom.zone, request.app[CLOCK]())
    first = period.first or last - timedelta(days=USUAL_DAYS - 1)
    count = (last - first).days + 1
    if not 0 < count <= MOST_DAYS:
        raise BadRequest(f"Choose a first day before the last one, at most {MOST_DAYS} days.")
    begun = days_of(showroom.zone, first, 1)[0].from_ms
    return first, last, (begun, days_of(showroom.zone, last, 1)[0].until_ms)
