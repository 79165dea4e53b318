"""Small stills of what an advisor's camera shows: judged for the advisor, shown to managers."""

from aiohttp.web import Request, StreamResponse, json_response

from showroom.errors import BadRequest, NotFound
from showroom.ids import CallId
from showroom.words import CallState
from signaling.live import LiveCall
from web.keys import COACH, LIVE, THUMBNAILS
from web.limits import LIMITS, STILLS
from web.staff import MANAGES
from web.visitor import check_csrf, session_of, staff_showroom, workplace

RUNS = frozenset({CallState.CONNECTING, CallState.LIVE})


def _shows(call: LiveCall) -> bool:
    """Say whether the advisor's picture is to be seen in this call right now."""
    media = call.advisor_media
    return call.state in RUNS and not call.held and media.camera and not media.paused


async def judge(request: Request) -> StreamResponse:
    """Say what is wrong with a still of the advisor's own call.

    `remark` is null when there was no time to look, and when no picture is shown any more: a still
    may be on its way while the call is held, handed over or ended.
    """
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    session = await session_of(request)
    showroom, _ = await workplace(request, session)
    request.app[LIMITS].take(session.staff_id, STILLS)
    which = CallId(request.match_info["call"])
    call = await request.app[LIVE].call(showroom.id, which)
    if call is None or session.staff_id not in (call.advisor, call.transferred_from):
        raise NotFound
    if request.content_type != "image/jpeg":
        raise BadRequest("A still is a JPEG picture.")
    sheet = await request.read()
    shows = call.advisor == session.staff_id and _shows(call)
    seen = await request.app[COACH].look(sheet) if shows else None
    if seen and showroom.policy.manager_stills:
        await request.app[THUMBNAILS].show(showroom.id, call.id, seen.thumbnail)
    return json_response({"ok": True, "remark": seen.remark.value if seen else None})


async def floor(request: Request) -> StreamResponse:
    """Show a manager the newest stills of the calls that run: JPEG in base64, by call."""
    session = await session_of(request)
    showroom, _ = await staff_showroom(request, session, MANAGES)
    allowed = showroom.policy.manager_stills
    calls = await request.app[LIVE].open_calls(showroom.id) if allowed else []
    shown = [call.id for call in calls if _shows(call)]
    stills = request.app[THUMBNAILS].of(showroom.id, shown)
    return json_response({"ok": True, "stills": dict(stills)})
