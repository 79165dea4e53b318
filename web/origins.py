"""Where a browser came from: campaigns and the store's ids, kept from its first page to the lead.

A plain cookie of one showroom. What is in it is the browser's own word: cut short, one line, and
nothing is decided by it.
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from aiohttp.web import Request, StreamResponse

from booking.leads.origin import IDS, Origin, arrived, cleaned
from showroom.showrooms import Showroom
from web.keys import CLOCK
from web.visitor import set_cookie

ORIGIN_COOKIE = "vs_origin"
ORIGIN_SECONDS = 90 * 24 * 3600
# Browsers drop cookies that are longer.
LONGEST_COOKIE = 4096
UTM = {"source": "utm_source", "medium": "utm_medium", "name": "utm_campaign"}


def origin_of(request: Request, showroom: Showroom) -> Origin:
    """Return where this browser came from, this request's address included."""
    utm = {name: request.query.get(asked, "") for name, asked in UTM.items()}
    ids = {name: request.query.get(name, "") for name in IDS}
    return arrived(_kept(request, showroom), utm, ids, request.app[CLOCK]())


def remember_origin(request: Request, response: StreamResponse, showroom: Showroom) -> None:
    """Keep what the address of a page says of where its visitor came from."""
    origin = origin_of(request, showroom)
    if origin != _kept(request, showroom):
        text = json.dumps([showroom.id, origin], ensure_ascii=False, separators=(",", ":"))
        value = urlsafe_b64encode(text.encode()).decode()
        set_cookie(request, response, ORIGIN_COOKIE, value, ORIGIN_SECONDS)


def _kept(request: Request, showroom: Showroom) -> Origin:
    """Return what the cookie says; nothing when it is another showroom's, or makes no sense."""
    try:
        raw = urlsafe_b64decode(request.cookies.get(ORIGIN_COOKIE, "")[:LONGEST_COOKIE])
        whose, origin = json.loads(raw)
    except (ValueError, TypeError, RecursionError, binascii.Error):
        return {}
    return cleaned(origin) if whose == showroom.id and isinstance(origin, dict) else {}
