"""Joining a booked visit: the customer checks in, and their call goes before the queue."""

from aiohttp.web import Request, StreamResponse, json_response

from booking.visits import MINUTE_MS, joinable
from showroom.errors import IllegalMove, ShowroomError
from showroom.ids import CallId
from showroom.showrooms import Showroom
from showroom.words import CallState, Side
from signaling.desk import OVER
from signaling.party import Party
from signaling.visits import BookedVisit
from web.booking import known_vehicle
from web.customer import with_ticket
from web.devices import device_of
from web.keys import APPOINTMENTS, CLOCK, DESK, LIVE, SHOWROOMS
from web.limits import CALLS, limit
from web.origins import origin_of
from web.visit import changing
from web.visitor import tickets_of

QUEUED = frozenset({CallState.WAITING, CallState.RINGING})
# So long after the start the call is the assigned advisor's alone; then anybody's who is free.
KEPT_MS = 2 * MINUTE_MS


async def join(request: Request) -> StreamResponse:
    """Check in, and give the browser the ticket of the visit's call.

    Whoever has the visit's address is its customer, on whatever device: the last one that joins has
    the call. Raises `IllegalMove` before ten minutes before the start, and after the end.
    """
    token = changing(request)
    limit(request, CALLS)
    visit = await request.app[APPOINTMENTS].by_token(token)
    showroom = await request.app[SHOWROOMS].by_id(visit.showroom_id)
    ticket = tickets_of(request).of(showroom.id)
    own = await request.app[DESK].call_of(showroom, ticket)
    queued = own is not None and own.state in QUEUED
    if own and own.state not in OVER and (own.id == visit.call_id or not queued):
        # A second tap, a way back, or somebody who talks already: the call is there.
        return json_response({"ok": True, "call": own.id})
    # Asked before a call is made for nothing; the check-in itself looks again.
    if not joinable(visit.starts_at, visit.ends_at, request.app[CLOCK]()):
        raise IllegalMove("You can join from ten minutes before the start until the end.")
    booked = BookedVisit(
        id=visit.id,
        advisor=visit.advisor_id,
        kept_until=visit.starts_at + KEPT_MS,
        starts_at=visit.starts_at,
        name=visit.name,
        wish=visit.wish,
    )
    vehicle = await known_vehicle(request, showroom, visit.vehicle)
    # A place that they had in the queue is given up below, once the better one is certain.
    earlier = None if queued else ticket
    new = await request.app[DESK].request_call(
        showroom,
        visit.language,
        vehicle,
        earlier,
        booked,
        origin_of(request, showroom),
        device_of(request.headers.get("User-Agent", "")),
    )
    try:
        await request.app[APPOINTMENTS].check_in(token, new.call)
    except ShowroomError:
        await _give_up(request, showroom, new.call)
        raise
    for old in {own.id if own else None, visit.call_id}:
        await _give_up(request, showroom, old)
    advisors = [visit.advisor_id] if visit.advisor_id else []
    await request.app[DESK].visits_changed(showroom.id, advisors)
    return with_ticket(request, new)


async def _give_up(request: Request, showroom: Showroom, which: CallId | None) -> None:
    """Leave the queue with a call, if it is in there."""
    call = await request.app[LIVE].call(showroom.id, which) if which else None
    if call is None or call.state not in QUEUED:
        return
    try:
        await request.app[DESK].leave_queue(Party(showroom, Side.CUSTOMER, call.id))
    except ShowroomError:
        return  # somebody has accepted it this very moment, and sees the customer leave
