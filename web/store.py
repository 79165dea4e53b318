"""Back from the online store: its signed events. `docs/store.md` is for whoever sends them."""

import json
from collections.abc import Sequence

import structlog
from aiohttp.web import Request, Response, StreamResponse, json_response
from pydantic import ValidationError

from booking.leads.origin import ids_of, touches_of
from booking.store.events import EVENT
from booking.store.signature import verify
from showroom.errors import BadRequest, BadSignature, NotFound
from showroom.ids import CallId
from showroom.showrooms import Showroom
from signaling.gateway import explain
from web.api.store import EventKept
from web.customer import showroom_of
from web.keys import CLOCK, DESK, SHOWROOMS, STORE_EVENTS, STORE_SECRETS, VEHICLES
from web.keys import STORE_LINKS as LINKS
from web.limits import STORE_LINKS, STORES, limit
from web.origins import origin_of
from web.pages import language_of
from web.visitor import tickets_of

log = structlog.get_logger()


async def go_on(request: Request) -> StreamResponse:
    """Lead on to the online store, with the car and the call from which the customer comes.

    The link is made when it is tapped: its context is good for a short while only.
    """
    limit(request, STORE_LINKS)
    showroom = await showroom_of(request)
    cars = {car.slug: car for car in await request.app[VEHICLES].of(showroom.id)}
    own = await request.app[DESK].call_of(showroom, tickets_of(request).of(showroom.id))
    car, call = request.query.get("vehicle", ""), own.id if own else None
    letter = await request.app[LINKS].opened(showroom, request.query.get("from", ""))
    if letter:
        car, call = letter.vehicle, CallId(letter.call)
    origin = origin_of(request, showroom)
    _, last = touches_of(origin, request.app[CLOCK]())
    campaign = {"source": last.source, "medium": last.medium, "name": last.name} if last else {}
    link = await request.app[LINKS].link(
        showroom,
        cars.get(car),
        request.query.get("configuration", "") or ids_of(origin).configuration,
        language_of(request, showroom),
        call,
        {name: text for name, text in campaign.items() if text},
    )
    return Response(status=303, headers={"Location": link})


async def receive(request: Request) -> StreamResponse:
    """Keep one event. The same one again is answered alike, with `duplicate` true.

    The body names the showroom, whose store's secrets must have signed it. A showroom that does not
    exist, or shares no secret, is answered like a wrong signature.
    """
    limit(request, STORES)
    body = await request.read()
    showroom, secrets = await _signatories(request, body)
    try:
        message_id = verify(secrets, request.headers, body, request.app[CLOCK])
    except BadSignature:
        log.warning("a store's event is not signed", known=showroom is not None)
        raise
    if showroom is None:
        raise BadSignature
    try:
        event = EVENT.validate_json(body)
    except ValidationError as error:
        raise BadRequest(explain(error)) from error
    new = await request.app[STORE_EVENTS].receive(showroom, message_id, event)
    log.info("a store told of an event", type=event.type, new=new)
    return json_response(EventKept(duplicate=not new).model_dump())


async def _signatories(request: Request, body: bytes) -> tuple[Showroom | None, Sequence[str]]:
    """Return whose event this says to be, and what must have signed it. Nothing is sure yet."""
    try:
        told = json.loads(body)
        showroom = await request.app[SHOWROOMS].by_slug(str(told["showroom"]))
    except (ValueError, LookupError, TypeError, RecursionError, NotFound):
        return None, ()
    return showroom, await request.app[STORE_SECRETS].of(showroom.id)
