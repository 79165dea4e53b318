"""Practice calls: the page, and what it asks."""

from typing import Any, Literal

from aiohttp.web import Request, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict

from media.ice import ice_servers
from media.practice import LENGTH
from media.recording.book import Recording, State
from showroom.errors import BadRequest, NotFound
from showroom.ids import CallId, RecordingId, ShowroomId
from showroom.showrooms import Showroom
from showroom.staff import Session
from signaling.messages import Count, Sdp
from web.agenda import ADVISES
from web.customer import parse
from web.keys import CLOCK, COACH, PRACTICES, SETTINGS
from web.limits import LIMITS, PRACTISING, STILLS
from web.pages import language_of, render, safe_json
from web.recordings import address, send
from web.visitor import check_csrf, session_of, staff_showroom

WORDS = ("common", "error", "call", "practice", "advisor")


class Offer(BaseModel):
    """A page's offer to the relay; `turn` is always 1, and `rank` as in a call."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    turn: Literal[1]
    sdp: Sdp
    rank: Count | None = None


async def page(request: Request) -> StreamResponse:
    """Half a minute in front of the camera, and what it looked like."""
    session, showroom, rooms = await _workplace(request)
    config = {
        "showroom": showroom.slug,
        "showrooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "language": language_of(request, showroom),
        "seconds": LENGTH,
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
        "name": session.name,
    }
    return render(request, "practice.html", context, showroom, words=WORDS)


async def begin(request: Request) -> StreamResponse:
    """Begin one; tell how to connect."""
    session, showroom = await _asked(request)
    request.app[LIMITS].take(session.staff_id, PRACTISING)
    practice = await request.app[PRACTICES].begin(showroom.id, session.staff_id)
    settings, now = request.app[SETTINGS], request.app[CLOCK]()
    ice = {
        "servers": ice_servers(settings, CallId(practice), now),
        "policy": "relay" if showroom.policy.relay_only else "all",
    }
    return json_response({"ok": True, "practice": practice, "ice": ice})


async def offer(request: Request) -> StreamResponse:
    """Connect the page to the relay."""
    session, _ = await _asked(request)
    given, practices = await parse(request, Offer), request.app[PRACTICES]
    sdp, rank = await practices.connect(session.staff_id, _name(request), given.rank, given.sdp)
    return json_response({"ok": True, "sdp": sdp, "rank": rank})


async def judge(request: Request) -> StreamResponse:
    """Say what is wrong with a still of a practice.

    `remark` is null when there was no time to look, and when the practice has ended: a still may
    be on its way at that moment.
    """
    session, showroom = await _asked(request)
    request.app[LIMITS].take(session.staff_id, STILLS)
    practice = await _own(request, showroom.id, session)
    if request.content_type != "image/jpeg":
        raise BadRequest("A still is a JPEG picture.")
    sheet = await request.read()
    seen = await request.app[COACH].look(sheet) if practice.state is State.RUNNING else None
    return json_response({"ok": True, "remark": seen.remark.value if seen else None})


async def end(request: Request) -> StreamResponse:
    """End it; it can be watched some seconds later."""
    session, showroom = await _asked(request)
    await request.app[PRACTICES].end(showroom.id, session.staff_id, _name(request))
    return json_response({"ok": True})


async def state(request: Request) -> StreamResponse:
    """Say how far it is; once it is ready, with an address that is good for a minute."""
    session, showroom, _ = await _workplace(request)
    practice = await _own(request, showroom.id, session)
    answer: dict[str, Any] = {"ok": True, "state": practice.state}
    if practice.state is State.READY:
        path = f"/advisor/practice/{practice.id}/film"
        answer["address"] = address(request, path, session, practice)
    return json_response(answer)


async def film(request: Request) -> StreamResponse:
    """Send what was recorded, to who made it."""
    session, showroom, _ = await _workplace(request)
    practice = await _own(request, showroom.id, session)
    if practice.state is not State.READY:
        raise NotFound
    return await send(request, session, practice, _workplace)


async def erase(request: Request) -> StreamResponse:
    """Delete it."""
    session, showroom = await _asked(request)
    await request.app[PRACTICES].erase(showroom.id, session.staff_id, _name(request))
    return json_response({"ok": True})


async def _workplace(request: Request) -> tuple[Session, Showroom, list[Showroom]]:
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, ADVISES)
    return session, showroom, rooms


async def _asked(request: Request) -> tuple[Session, Showroom]:
    """Return who changes something, and where. Raises `Forbidden`, and `StalePage`."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    session, showroom, _ = await _workplace(request)
    return session, showroom


async def _own(request: Request, showroom: ShowroomId, session: Session) -> Recording:
    return await request.app[PRACTICES].get(showroom, session.staff_id, _name(request))


def _name(request: Request) -> RecordingId:
    return RecordingId(request.match_info["practice"])
