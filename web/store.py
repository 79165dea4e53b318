"""Back from the online store: its signed events. `docs/store.md` is for whoever sends them."""

import json
from collections.abc import Sequence

import structlog
from aiohttp.web import Request, StreamResponse, json_response
from pydantic import ValidationError

from booking.store.events import EVENT
from booking.store.signature import verify
from showroom.errors import BadRequest, BadSignature, NotFound
from showroom.showrooms import Showroom
from signaling.gateway import explain
from web.keys import CLOCK, SHOWROOMS, STORE_EVENTS, STORE_SECRETS
from web.limits import STORES, limit

log = structlog.get_logger()


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
    return json_response({"ok": True, "duplicate": not new})


async def _signatories(request: Request, body: bytes) -> tuple[Showroom | None, Sequence[str]]:
    """Return whose event this says to be, and what must have signed it. Nothing is sure yet."""
    try:
        told = json.loads(body)
        showroom = await request.app[SHOWROOMS].by_slug(str(told["showroom"]))
    except (ValueError, LookupError, TypeError, RecursionError, NotFound):
        return None, ()
    return showroom, await request.app[STORE_SECRETS].of(showroom.id)
