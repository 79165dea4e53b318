"""The demo's online store: what a real one does with whom we send there, by `docs/store.md`.

Only `showroom demo` has these pages. A real store stands elsewhere and shares nothing with us but
the secret; so this one, too, reads the link, and tells us of an order by a signed request.
"""

import json
import re
import secrets
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientSession
from aiohttp.web import HTTPSeeOther, Request, StreamResponse
from standardwebhooks import Webhook

from booking.store.context import Context, read
from booking.store.signature import ID, SIGNATURE, TIMESTAMP
from showroom.clock import to_datetime
from showroom.errors import BadRequest, NotFound
from showroom.ids import CallId, LeadId, VehicleId
from showroom.prices import price
from showroom.showrooms import Showroom
from showroom.texts import home_of
from web.customer import vehicle_data
from web.keys import CLOCK, LEADS, LIVE, SETTINGS, SHOWROOMS, STAFF, STORE_SECRETS, VEHICLES
from web.pages import language_of, render
from web.visitor import checked_form

ORDER = re.compile(r"D-[0-9A-F]{8}")


async def page(request: Request) -> StreamResponse:
    """Who comes, in words, and 'Order this car'."""
    showroom = await request.app[SHOWROOMS].by_slug(request.query.get("showroom", ""))
    token, ordered = request.query.get("context", ""), request.query.get("order", "")
    known = await _opened(request, showroom, token)
    language = language_of(request, showroom)
    context = {
        "showroom": showroom.name,
        "slug": showroom.slug,
        "token": token,
        "known": known,
        "car": await _car(request, showroom, known, language) if known else None,
        "price": _price(known, language) if known else "",
        "advisor": await _advisor(request, showroom, known) if known else "",
        "order": ordered if ORDER.fullmatch(ordered) else "",
    }
    return render(request, "demo_store.html", context, showroom)


async def order(request: Request) -> StreamResponse:
    """Take an order, and tell the showroom of it as a store's server does."""
    form = await checked_form(request)
    showroom = await request.app[SHOWROOMS].by_slug(form.get("showroom", ""))
    token = form.get("context", "")
    known = await _opened(request, showroom, token)
    if known is None or known.price is None:
        raise BadRequest("There is no car to order. Open the store again from the showroom.")
    ref = f"D-{secrets.token_hex(4).upper()}"
    data = {
        "context": token,
        "order": ref,
        "amount": known.price,
        "currency": known.currency,
        "vehicle": known.vehicle,
        "occurred_at": to_datetime(request.app[CLOCK]()).isoformat(),
    }
    event = {"type": "order.created", "showroom": showroom.slug, "data": data}
    await _tell(request, showroom, event)
    asked = {"showroom": showroom.slug, "context": token, "order": ref}
    raise HTTPSeeOther(f"/demo/store?{urlencode(asked)}")


async def _opened(request: Request, showroom: Showroom, token: str) -> Context | None:
    """Return what the showroom says about who comes; None when it says nothing, or not any more."""
    try:
        known = read(token, await request.app[STORE_SECRETS].of(showroom.id))
    except BadRequest:
        return None
    return known if known.exp * 1000 > request.app[CLOCK]() else None


async def _tell(request: Request, showroom: Showroom, event: dict[str, Any]) -> None:
    """Send an event to the showroom, signed by Standard Webhooks 1.0.0."""
    newest, *_ = await request.app[STORE_SECRETS].of(showroom.id)
    message, now, body = f"msg_{secrets.token_hex(16)}", request.app[CLOCK](), json.dumps(event)
    headers = {
        ID: message,
        TIMESTAMP: str(now // 1000),
        SIGNATURE: Webhook(newest).sign(message, to_datetime(now), body),
        "Content-Type": "application/json",
    }
    url = f"{request.app[SETTINGS].address}/api/v1/store/events"
    async with ClientSession() as http, http.post(url, data=body, headers=headers) as response:
        if response.status != 200:
            raise BadRequest(f"The showroom did not take the order: {response.status}.")


async def _car(
    request: Request, showroom: Showroom, known: Context, language: str
) -> dict[str, Any] | None:
    try:
        car = await request.app[VEHICLES].get(showroom.id, VehicleId(known.vehicle))
    except NotFound:
        return None
    return vehicle_data(car, language)


def _price(known: Context, language: str) -> str:
    if known.price is None:
        return ""
    return price(known.price, known.currency, home_of(language))


async def _advisor(request: Request, showroom: Showroom, known: Context) -> str:
    """Return who takes care of them: the lead's advisor, or who has the call.

    The link does not say that. A real store asks `/api/v1/leads/{lead}`.
    """
    who = None
    if known.lead:
        who = (await request.app[LEADS].get(showroom.id, LeadId(known.lead))).lead.owner_id
    if who is None and known.call:
        call = await request.app[LIVE].call(showroom.id, CallId(known.call))
        who = call.advisor if call else None
    return (await request.app[STAFF].names(showroom.id)).get(who, "") if who else ""
