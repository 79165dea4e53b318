"""Alarms on the manager's floor, over HTTP: their history, who has seen one, and silence."""

from collections.abc import Mapping
from typing import Any

from aiohttp.web import Request, StreamResponse, json_response

from booking.alarms.rows import Alarm
from showroom.alarms import AlarmKind
from showroom.errors import NotFound
from showroom.ids import StaffId
from web.customer import parse
from web.floor import Given, orders_of
from web.keys import ALARMS, DESK, STAFF
from web.staff import MANAGES
from web.visitor import session_of, staff_showroom

HISTORY = 100


class SilenceGiven(Given):
    """Whether alarms of a kind are told to nobody for an hour."""

    silent: bool


async def history(request: Request) -> StreamResponse:
    """The newest alarms, those that are up first of all: when, for how long, who has seen them."""
    session = await session_of(request)
    showroom, _ = await staff_showroom(request, session, MANAGES)
    found, _ = await request.app[ALARMS].of(showroom.id, HISTORY)
    names = await request.app[STAFF].names(showroom.id)
    return json_response({"ok": True, "alarms": [_line(one, names) for one in found]})


async def acknowledge(request: Request) -> StreamResponse:
    """Say to all managers that somebody has seen an alarm; that it is over already is no fault."""
    session, showroom = await orders_of(request)
    alarm = request.match_info["alarm"]
    await request.app[ALARMS].acknowledge(showroom.id, alarm, session.staff_id)
    await request.app[DESK].floor_changed(showroom.id)
    return json_response({"ok": True})


async def silence(request: Request) -> StreamResponse:
    """Tell nobody of a kind for an hour, or end that. Answers what it `was`, as orders do."""
    session, showroom = await orders_of(request)
    try:
        kind = AlarmKind(request.match_info["kind"])
    except ValueError:
        raise NotFound from None
    given = await parse(request, SilenceGiven)
    was = await request.app[ALARMS].silence(showroom.id, kind, given.silent, session.staff_id)
    await request.app[DESK].floor_changed(showroom.id)
    return json_response({"ok": True, "was": was})


def _line(alarm: Alarm, names: Mapping[StaffId, str]) -> dict[str, Any]:
    seen_by = names.get(alarm.acknowledged_by, "") if alarm.acknowledged_by else ""
    return {
        "id": alarm.id,
        "kind": alarm.kind,
        "name": alarm.name,
        "numbers": dict(alarm.numbers),
        "since": alarm.since_at,
        "raised_at": alarm.raised_at,
        "cleared_at": alarm.cleared_at,
        "acknowledged_at": alarm.acknowledged_at,
        "acknowledged_by": seen_by,
    }
