"""Bookings: what a store's own page needs to let people book a visit there."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, TypeAdapter

from booking.appointments import Appointment
from booking.visits import MINUTE_MS, TENTATIVE
from showroom.api_keys import Scope
from showroom.errors import IllegalMove, NotFound, SlotTaken, TooLate
from showroom.ids import AppointmentId, StaffId
from showroom.words import AppointmentState
from web.api.operations import Answer, Call, Nothing, Operation
from web.api.paging import Page, Paged, cursor_to, page, place_of
from web.api.people import Campaign, ConsentTold, Contact, consents_of, guest_of
from web.api.problems import FieldProblem, Invalid
from web.api.reading import Asked
from web.api.values import LATEST_MS, Given, Id, Language, Moment, Prose, Told, Zone
from web.booking import first_name
from web.keys import APPOINTMENTS, CLOCK, ROSTER, SETTINGS, STAFF, VEHICLES

YEAR_MS = 366 * 24 * 60 * MINUTE_MS
# Where a page ends: the begin of its last booking, and its id.
PLACE = TypeAdapter(tuple[Annotated[int, Field(ge=0, le=LATEST_MS)], Id])


class BookingsAsked(Paged):
    """Which bookings are asked for: those with any part in a stretch of time."""

    from_: Annotated[Moment | None, Field(alias="from", description="Left out, now.")] = None
    until: Annotated[Moment | None, Field(description="Left out, a year later.")] = None
    advisor: Annotated[Id | None, Field(description="Only this advisor's.")] = None


class NewBooking(Contact):
    """A visit to be booked."""

    starts_at: Annotated[Moment, Field(description="One of the free times.")]
    language: Language
    zone: Annotated[
        Zone | None, Field(description="The customer's zone; left out, the showroom's.")
    ] = None
    advisor: Annotated[Id | None, Field(description="Only this advisor.")] = None
    vehicle: Annotated[
        Id | None, Field(description="A vehicle of the showroom.", examples=["crete"])
    ] = None
    wish: Annotated[Prose, Field(max_length=2000, description="What they want to see.")] = ""
    campaign: Campaign = Campaign()


class NewTime(Given):
    """When a visit shall begin instead."""

    starts_at: Annotated[Moment, Field(description="One of the free times.")]


class Advisor(Told):
    """Who receives a visit."""

    id: Id
    name: str


class Booking(Told):
    """A booked visit."""

    id: Id
    state: AppointmentState
    starts_at: Moment
    ends_at: Moment
    advisor: Annotated[Advisor | None, Field(description="Null when it was called off.")]
    language: str
    zone: Annotated[str, Field(description="The customer's (IANA).")]
    vehicle: str | None
    wish: str
    name: str
    email: str | None
    phone: Annotated[str | None, Field(description="E.164.")]
    consents: list[ConsentTold]
    campaign: dict[str, str]
    sequence: Annotated[int, Field(description="Grows with each new time (RFC 5545).")]
    booked_at: Moment | None
    url: Annotated[
        str,
        Field(description="The customer's page: join, change, cancel. Whoever has it may."),
    ]


class BookingPage(Page[Booking]):
    """Bookings, by their begin."""


async def book(call: Call[Asked, NewBooking]) -> Answer:
    """Book a free time."""
    wish, showroom = call.body, call.showroom
    guest = guest_of(wish, showroom.market)
    await _require_vehicle(call, wish.vehicle)
    if wish.advisor is not None:
        await _require_advisor(call, StaffId(wish.advisor))
    visit = await call.app[APPOINTMENTS].book(
        showroom,
        AppointmentId(call.new_id),
        wish.starts_at,
        wish.zone or showroom.zone,
        guest,
        wish.language,
        wish.wish,
        wish.vehicle,
        consents_of(wish, call.app[CLOCK]()),
        wish.campaign.texts(),
        _staff(wish.advisor),
    )
    there = {"Location": f"{call.request.path}/{visit.id}"}
    return Answer(await _told(call, visit), status=201, headers=there)


async def show(call: Call[Asked, Nothing]) -> Answer:
    """Tell one booking."""
    return Answer(await _told(call, await _visit(call)))


async def reschedule(call: Call[Asked, NewTime]) -> Answer:
    """Move a booking to another free time."""
    seen = await _seen(call, AppointmentState.BOOKED, call.body.starts_at)
    visit = await call.app[APPOINTMENTS].reschedule(
        seen.token, call.body.starts_at, seen if call.conditional else None
    )
    return Answer(await _told(call, visit))


async def cancel(call: Call[Asked, Nothing]) -> Answer:
    """Cancel a booking."""
    seen = await _seen(call, AppointmentState.CANCELLED)
    visit = await call.app[APPOINTMENTS].cancel(seen.token, seen if call.conditional else None)
    return Answer(await _told(call, visit))


async def listed(call: Call[BookingsAsked, Nothing]) -> Answer:
    """List the bookings of a stretch of time."""
    query, showroom = call.query, call.showroom
    if query.advisor is not None:
        await call.app[ROSTER].check(showroom.id, StaffId(query.advisor))
    begin = call.app[CLOCK]() if query.from_ is None else query.from_
    end = begin + YEAR_MS if query.until is None else query.until
    advisor, after, most = _staff(query.advisor), place_of(query, PLACE), query.limit + 1
    found = await call.app[APPOINTMENTS].of(showroom.id, begin, end, advisor, after, most)
    shown = found[: query.limit]
    more = len(found) > len(shown)
    cursor = cursor_to([shown[-1].starts_at, shown[-1].id]) if more else None
    names = await call.app[STAFF].names(showroom.id)
    return page(call.request, BookingPage, [_booking(call, one, names) for one in shown], cursor)


# Calls differ by their query and body, which these don't read.
AnyCall = Call[Asked, NewBooking] | Call[Asked, NewTime] | Call[Asked, Nothing]


async def _visit(call: AnyCall) -> Appointment:
    """Return the booking of the address; a mere hold is none. Raises `NotFound`."""
    named = AppointmentId(call.named("booking"))
    visit = await call.app[APPOINTMENTS].get(call.showroom.id, named)
    if visit.state in TENTATIVE:
        raise NotFound("There is no such booking in this showroom.")
    return visit


async def _seen(call: AnyCall, wanted: AppointmentState, at: int | None = None) -> Appointment:
    """Return the booking as the caller has seen it, or as they want it: perhaps they changed it
    before, and the answer got lost (RFC 9110, 13.1.1). Raises `ChangedMeanwhile`.
    """
    visit = await _visit(call)
    if visit.state is not wanted or at not in (None, visit.starts_at):
        call.require_match(await _told(call, visit))
    return visit


async def _told(call: AnyCall, visit: Appointment) -> Booking:
    names = await call.app[STAFF].names(call.showroom.id) if visit.advisor_id else {}
    return _booking(call, visit, names)


def _booking(
    call: AnyCall | Call[BookingsAsked, Nothing], visit: Appointment, names: Mapping[StaffId, str]
) -> Booking:
    host = visit.advisor_id
    return Booking(
        id=visit.id,
        state=visit.state,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        advisor=Advisor(id=host, name=first_name(names.get(host, ""))) if host else None,
        language=visit.language,
        zone=visit.zone,
        vehicle=visit.vehicle,
        wish=visit.wish,
        name=visit.name,
        email=visit.email,
        phone=visit.phone,
        consents=[
            ConsentTold(purpose=one.purpose, version=one.version, at=one.at)
            for one in visit.consents
        ],
        campaign=dict(visit.campaign),
        sequence=visit.sequence,
        booked_at=visit.booked_at,
        url=f"{call.app[SETTINGS].address}/v/{visit.token}",
    )


async def _require_vehicle(call: Call[Asked, NewBooking], slug: str | None) -> None:
    cars = {str(vehicle.slug) for vehicle in await call.app[VEHICLES].on_show(call.showroom.id)}
    if slug is not None and slug not in cars:
        raise Invalid([FieldProblem(detail="There is no such vehicle here.", pointer="/vehicle")])


async def _require_advisor(call: Call[Asked, NewBooking], advisor: StaffId) -> None:
    try:
        await call.app[ROSTER].check(call.showroom.id, advisor)
    except NotFound:
        problem = FieldProblem(detail="There is no such advisor here.", pointer="/advisor")
        raise Invalid([problem]) from None


def _staff(advisor: str | None) -> StaffId | None:
    return None if advisor is None else StaffId(advisor)


OPERATIONS = (
    Operation(
        id="book",
        method="POST",
        path="/bookings",
        group="Visits",
        scope=Scope.BOOKINGS_WRITE,
        summary="Book a visit",
        description="The customer gets the same letters as after booking on our page. When the"
        " time was taken meanwhile, `free` in the problem names the next ones: book one of them"
        " under a new `Idempotency-Key`.",
        handle=book,
        query=Asked,
        body=NewBooking,
        answers={201: Booking},
        refusals=(SlotTaken,),
    ),
    Operation(
        id="list_bookings",
        method="GET",
        path="/bookings",
        group="Visits",
        scope=Scope.BOOKINGS_READ,
        summary="Booked visits, by their begin",
        description="Also those that were cancelled, or to which nobody came.",
        handle=listed,
        query=BookingsAsked,
        body=Nothing,
        answers={200: BookingPage},
    ),
    Operation(
        id="get_booking",
        method="GET",
        path="/bookings/{booking}",
        group="Visits",
        scope=Scope.BOOKINGS_READ,
        summary="One booked visit",
        handle=show,
        query=Asked,
        body=Nothing,
        answers={200: Booking},
    ),
    Operation(
        id="reschedule_booking",
        method="POST",
        path="/bookings/{booking}/reschedule",
        group="Visits",
        scope=Scope.BOOKINGS_WRITE,
        summary="Move a visit to another free time",
        handle=reschedule,
        query=Asked,
        body=NewTime,
        answers={200: Booking},
        refusals=(SlotTaken, TooLate, IllegalMove),
        conditional=True,
    ),
    Operation(
        id="cancel_booking",
        method="POST",
        path="/bookings/{booking}/cancel",
        group="Visits",
        scope=Scope.BOOKINGS_WRITE,
        summary="Cancel a visit",
        handle=cancel,
        query=Asked,
        body=Nothing,
        answers={200: Booking},
        refusals=(TooLate, IllegalMove),
        conditional=True,
    ),
)
