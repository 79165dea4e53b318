"""The check of a customer's line: what a page tries it with, and its result for who is asked.

It needs no account. What it may cost us is bounded: by address, by size, by time, and by how many
measure at once on this node.
"""

import asyncio
import hashlib
import hmac
import os
from contextlib import AbstractContextManager, suppress

from aiohttp.web import (
    AppKey,
    HTTPSeeOther,
    Request,
    Response,
    StreamResponse,
    json_response,
)

from media.check import LineCheck
from media.ice import ways_out
from showroom.errors import TooLarge
from showroom.throttle import network_of
from showroom.words import PageKind, Role
from signaling.limits import AddressLimit
from web.arriving import arrives
from web.customer import parse, showroom_of
from web.keys import CHECKS, CLOCK, SETTINGS, SHOWROOMS
from web.limits import CHECK_CODES, CHECKING, LOOKUPS, MEASURING, limit
from web.pages import language_of, render, safe_json
from web.staff import MANAGES
from web.visitor import address_of, check_csrf, session_of, staff_showroom

STAFF = MANAGES | {Role.ADVISOR}
MOST_DOWN = 4_000_000
MOST_UP = 2_000_000
LONGEST_SECONDS = 10.0
# No proxy on the way makes random bytes smaller, and the block is longer than what gzip looks back.
BLOCK = os.urandom(64_000)
# What is sent piece by piece is out of reach of the middleware that adds headers.
STREAM = {
    "Content-Type": "application/octet-stream",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
# Whoever measures on this node: more at once would measure each other.
MEASURED: AppKey[AddressLimit] = AppKey("measured")
AT_ONCE = 8


async def chooser(request: Request) -> StreamResponse:
    """Which showroom's line is to be checked? Where there is one, it is that."""
    rooms = await request.app[SHOWROOMS].all()
    if len(rooms) == 1:
        raise HTTPSeeOther(f"/s/{rooms[0].slug}/check")
    listed = [{"slug": room.slug, "name": room.name, "market": room.market} for room in rooms]
    return render(request, "home.html", {"showrooms": listed, "words": "check", "way": "/check"})


async def page(request: Request) -> StreamResponse:
    """The check, in the showroom's brand."""
    showroom = await showroom_of(request)
    config = {
        "showroom": showroom.slug,
        "language": language_of(request, showroom),
        "most": {"up": MOST_UP},
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
    }
    arrives(request, showroom, PageKind.CHECK)
    words = ("common", "error", "call", "check")
    return render(request, "check.html", context, showroom, words=words)


async def ways(request: Request) -> StreamResponse:
    """What to try each way through a firewall with: for a minute, with one quota an address."""
    _begin(request)
    await showroom_of(request)
    settings = request.app[SETTINGS]
    network = network_of(address_of(request)).encode()
    key = settings.require_secret_key().encode()
    # The TURN server counts by it, and writes it into its log: no address, and not to be guessed.
    user = f"check-{hmac.new(key, b'check:' + network, hashlib.sha256).hexdigest()[:20]}"
    found = ways_out(settings, user, request.app[CLOCK]())
    return json_response({"ok": True, "ways": found})


async def down(request: Request) -> StreamResponse:
    """Random bytes for the page to measure how fast they come; it stops when it has seen enough."""
    _begin(request, measures=True)
    await showroom_of(request)
    response = StreamResponse(headers=STREAM)
    with _measured(request):
        await response.prepare(request)
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                for _ in range(MOST_DOWN // len(BLOCK)):
                    await response.write(BLOCK)
                await response.write_eof()
        except (TimeoutError, ConnectionError):
            # A page that has seen enough goes away, and one that reads no more is sent away.
            if request.transport:
                request.transport.abort()
    return response


async def up(request: Request) -> StreamResponse:
    """Take what the page sends, and forget it."""
    _begin(request, measures=True)
    await showroom_of(request)
    if (request.content_length or 0) > MOST_UP:
        raise TooLarge
    taken = 0
    with _measured(request), suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_SECONDS):
            async for chunk in request.content.iter_any():
                taken += len(chunk)
                if taken > MOST_UP:
                    raise TooLarge
            return json_response({"ok": True, "bytes": taken})
    if request.transport:
        request.transport.abort()
    return Response(status=408)


async def keep(request: Request) -> StreamResponse:
    """Keep what was found for a day, under a code that the customer can say."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    limit(request, CHECK_CODES)
    showroom = await showroom_of(request)
    found = await parse(request, LineCheck)
    code = await request.app[CHECKS].keep(showroom.id, found)
    return json_response({"ok": True, "code": code}, status=201)


async def look_up(request: Request) -> StreamResponse:
    """What the customer on the phone sees, for staff of that showroom."""
    session = await session_of(request)
    showroom, _ = await staff_showroom(request, session, STAFF)
    limit(request, LOOKUPS)
    kept = await request.app[CHECKS].of(showroom.id, request.match_info["code"])
    return json_response({"ok": True, "check": kept.check.model_dump(mode="json"), "at": kept.at})


def _begin(request: Request, measures: bool = False) -> None:
    """Let only pages of ours begin, and not too often from one address."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    limit(request, MEASURING if measures else CHECKING)


def _measured(request: Request) -> AbstractContextManager[None]:
    """Take one of the places to measure. Raises `TooMany`."""
    return request.app[MEASURED].hold("this node")
