"""The manager's page and the figures behind it."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp.web import Request, StreamResponse, json_response

from showroom.clock import to_datetime
from showroom.ids import CallId
from showroom.showrooms import Showroom
from web.keys import (
    CALLS,
    CLOCK,
    COPIES,
    DESK,
    ENDPOINTS,
    FOLLOW_UPS,
    LIVE,
    RECORDINGS,
    STAFF,
    USUAL,
    VEHICLES,
)
from web.pages import language_of, render, safe_json
from web.recordings import recording_data
from web.staff import MANAGES
from web.statistics import CallsOfToday, call_data, event_data
from web.visitor import check_csrf, session_of, staff_showroom


async def _manages(request: Request) -> tuple[Showroom, list[Showroom], str]:
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    return showroom, rooms, session.name


async def _today(request: Request, showroom: Showroom) -> dict[str, Any]:
    names = await request.app[STAFF].names(showroom.id)
    now = request.app[CLOCK]()
    today = await _calls(request).today(showroom, now, names)
    usual = await request.app[USUAL].so_far(showroom, now)
    return {
        **today,
        "usual": asdict(usual) if usual else None,
        "taken": [
            {"id": one.id, "name": one.name, "by": names.get(one.taken_by, "…")}
            for one in await request.app[FOLLOW_UPS].open_items(showroom.id)
            if one.taken_by
        ],
        "troubled": await _troubled(request, showroom),
        "campaigns": _campaigns(showroom, now),
    }


def _campaigns(showroom: Showroom, now_ms: int) -> list[dict[str, str]]:
    """Return the campaigns that run, or ended within a week; an extension adds to `from`."""
    today = to_datetime(now_ms).astimezone(ZoneInfo(showroom.zone)).date()
    week_ago, yesterday = today - timedelta(days=7), today - timedelta(days=1)
    return [
        {
            "name": one.name,
            "first": one.first.isoformat(),
            "last": one.last.isoformat(),
            "from": max(one.last, yesterday).isoformat(),
        }
        for one in showroom.campaigns
        if one.first <= today and one.last >= week_ago
    ]


def _calls(request: Request) -> CallsOfToday:
    return CallsOfToday(request.app[CALLS], request.app[LIVE])


async def page(request: Request) -> StreamResponse:
    """Who is here, who waits, what runs, and how today went."""
    showroom, rooms, name = await _manages(request)
    config = {
        "showroom": showroom.slug,
        "showrooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "name": name,
        "zone": showroom.zone,
        "language": language_of(request, showroom),
        "stills": showroom.policy.manager_stills,
        "vehicles": {v.slug: v.name for v in await request.app[VEHICLES].of(showroom.id)},
        **await _today(request, showroom),
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
        "name": name,
        "spoken": showroom.languages,
    }
    words = ("common", "error", "call", "check", "manager", "supervision")
    return render(request, "manager.html", context, showroom, words=words)


async def _troubled(request: Request, showroom: Showroom) -> str:
    """Name the endpoints that get nothing, and that nobody has disabled on purpose."""
    known = await request.app[ENDPOINTS].of(showroom.id)
    return ", ".join(one.name for one in known if one.failing_since or one.disabled_reason)


async def figures(request: Request) -> StreamResponse:
    """Today's figures and calls as JSON."""
    showroom, _, _ = await _manages(request)
    return json_response(await _today(request, showroom))


async def release(request: Request) -> StreamResponse:
    """Give back what an advisor has taken on, so that another may call the customer."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    showroom, _, _ = await _manages(request)
    await request.app[DESK].release_follow_up(showroom, request.match_info["follow_up"], None)
    return json_response({"ok": True})


async def call(request: Request) -> StreamResponse:
    """One call with its timeline, also while it runs. A call of another showroom is not found."""
    showroom, _, _ = await _manages(request)
    which = CallId(request.match_info["call"])
    record, events = await _calls(request).call(showroom.id, which, request.app[CLOCK]())
    names = await request.app[STAFF].names(showroom.id)
    recorded = await request.app[RECORDINGS].of_call(showroom.id, which)
    copies = await request.app[COPIES].of(showroom.id, [one.id for one in recorded])
    return json_response(
        {
            "call": call_data(record, names),
            "events": event_data(events),
            "names": names,
            "recordings": recording_data(recorded, copies),
        }
    )
