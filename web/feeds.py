"""The private calendar feed of an advisor: made, revoked, and read by their calendar."""

from aiohttp.web import Request, Response, StreamResponse, json_response

from showroom.ids import StaffId
from showroom.showrooms import Showroom
from web.agenda import ADVISES
from web.keys import FEED_FILES, FEEDS, SETTINGS
from web.limits import FEEDS as ASKING
from web.limits import limit
from web.visitor import check_csrf, session_of, staff_showroom


async def create(request: Request) -> StreamResponse:
    """Make a secret address, and tell it this once; an earlier one ends."""
    showroom, staff_id = await _changing(request)
    secret = await request.app[FEEDS].create(showroom.id, staff_id)
    since = await request.app[FEEDS].since(showroom.id, staff_id)
    url = f"{request.app[SETTINGS].address}/calendar/{secret}.ics"
    return json_response({"ok": True, "url": url, "since": since}, status=201)


async def revoke(request: Request) -> StreamResponse:
    """Let the address lead nowhere from now on."""
    showroom, staff_id = await _changing(request)
    await request.app[FEEDS].revoke(showroom.id, staff_id)
    return json_response({"ok": True})


async def file(request: Request) -> StreamResponse:
    """The calendar behind a secret (RFC 5545). Calendars have no cookie: the address is the key."""
    limit(request, ASKING)
    return Response(
        body=await request.app[FEED_FILES](request.match_info["secret"]),
        content_type="text/calendar",
        charset="utf-8",
    )


async def _changing(request: Request) -> tuple[Showroom, StaffId]:
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    session = await session_of(request)
    showroom, _ = await staff_showroom(request, session, ADVISES)
    return showroom, session.staff_id
