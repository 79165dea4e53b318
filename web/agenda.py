"""The agendas: an advisor's own, and the manager's over all advisors, with giving visits on."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from aiohttp.web import Request, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from booking.appointments import Appointment
from booking.plan import Shift
from booking.roster import Absence
from showroom.days import Day, days_of, today
from showroom.errors import BadRequest, SlotTaken
from showroom.ids import AppointmentId, StaffId
from showroom.showrooms import Showroom
from showroom.staff import Session
from showroom.words import Role
from signaling.gateway import explain, refusal
from signaling.messages import Id
from web.customer import parse
from web.keys import APPOINTMENTS, CLOCK, FEEDS, PLAN, RETURNED, ROSTER, STAFF, VEHICLES
from web.pages import language_of, render, safe_json
from web.staff import MANAGES
from web.visitor import check_csrf, session_of, staff_showroom

ADVISES = frozenset({Role.ADVISOR})
LONGEST_DAYS = 14


class DaysAsked(BaseModel):
    """Which days an agenda shows: so many from a date on, without one from today on."""

    model_config = ConfigDict(frozen=True)
    day: Annotated[date, Field(ge=date(2000, 1, 1), le=date(2200, 1, 1))] | None = None
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = 1


class Successor(BaseModel):
    """Who shall receive a visit instead."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    advisor: Id


async def own_page(request: Request) -> StreamResponse:
    """The advisor's agenda: their visits, hours, absences, and the feed for their calendar."""
    session, showroom, rooms = await _works(request, ADVISES)
    more = {
        "base": "/advisor/agenda",
        "feed_since": await request.app[FEEDS].since(showroom.id, session.staff_id),
    }
    return await _page(request, session, showroom, rooms, more)


async def team_page(request: Request) -> StreamResponse:
    """The manager's agenda: all advisors side by side."""
    session, showroom, rooms = await _works(request, MANAGES)
    return await _page(request, session, showroom, rooms, {"base": "/manager/agenda"}, team=True)


async def own_days(request: Request) -> StreamResponse:
    """Some days of the advisor who asks."""
    session, showroom, _ = await _works(request, ADVISES)
    return await _days(request, showroom, session.staff_id)


async def team_days(request: Request) -> StreamResponse:
    """Some days of all advisors."""
    _, showroom, _ = await _works(request, MANAGES)
    return await _days(request, showroom, None)


async def takers(request: Request) -> StreamResponse:
    """Who else could receive a visit, and what keeps the others from it."""
    _, showroom, _ = await _works(request, MANAGES)
    which = AppointmentId(request.match_info["visit"])
    found = await request.app[PLAN].takers(showroom, which)
    known = [{"id": one.id, "name": one.name, "obstacle": one.obstacle} for one in found]
    return json_response({"ok": True, "takers": known})


async def reassign(request: Request) -> StreamResponse:
    """Give a visit to another advisor, at the same time. A refusal says what is in the way."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    _, showroom, _ = await _works(request, MANAGES)
    wish = await parse(request, Successor)
    which, advisor = AppointmentId(request.match_info["visit"]), StaffId(wish.advisor)
    try:
        visit = await request.app[APPOINTMENTS].reassign(showroom, which, advisor)
    except SlotTaken as error:
        others = await request.app[PLAN].takers(showroom, which)
        why = next((one.obstacle for one in others if one.id == advisor), None)
        return json_response(refusal(error) | {"obstacle": why}, status=error.status)
    return json_response({"ok": True, "visit": visit_data(visit)})


async def _works(
    request: Request, roles: frozenset[Role]
) -> tuple[Session, Showroom, list[Showroom]]:
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, roles)
    return session, showroom, rooms


async def _page(
    request: Request,
    session: Session,
    showroom: Showroom,
    rooms: Sequence[Showroom],
    more: dict[str, Any],
    *,
    team: bool = False,
) -> StreamResponse:
    config = {
        "showroom": showroom.slug,
        "showrooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "zone": showroom.zone,
        "language": language_of(request, showroom),
        "today": today(showroom.zone, request.app[CLOCK]()).isoformat(),
        "vehicles": {v.slug: v.name for v in await request.app[VEHICLES].of(showroom.id)},
        **more,
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
        "name": session.name,
        "team": team,
    }
    return render(request, "agenda.html", context, showroom, words=("common", "error", "agenda"))


async def _days(request: Request, showroom: Showroom, advisor: StaffId | None) -> StreamResponse:
    """Answer with the days that are asked for, of one advisor or of all."""
    try:
        asked = DaysAsked.model_validate(dict(request.query))
    except ValidationError as error:
        raise BadRequest(explain(error)) from error
    now = request.app[CLOCK]()
    present = today(showroom.zone, now)
    days = days_of(showroom.zone, asked.day or present, asked.days)
    span = (days[0].from_ms, days[-1].until_ms)
    shifts = await request.app[PLAN].shifts(showroom, *span)
    visits = await request.app[APPOINTMENTS].of(showroom.id, *span, advisor)
    absences = await request.app[ROSTER].absences(showroom.id, *span, advisor)
    names = await request.app[STAFF].names(showroom.id)
    returned = await request.app[RETURNED].of(showroom.id, [one.id for one in visits if one.email])
    answer = json_response(
        {
            "ok": True,
            "now": now,
            "today": present.isoformat(),
            "days": [_day_data(day) for day in days],
            "advisors": [_shift_data(one, absences) for one in shifts if advisor in (None, one.id)],
            "visits": [visit_data(one, names, one.id in returned) for one in visits],
        }
    )
    answer.enable_compression()
    return answer


def visit_data(
    visit: Appointment, names: dict[StaffId, str] | None = None, returned: bool = False
) -> dict[str, Any]:
    """Return what staff see of a visit: with the customer's contact, without their token.

    `returned`: the last letter to the customer came back.
    """
    return {
        "id": visit.id,
        "advisor": visit.advisor_id,
        "advisor_name": (names or {}).get(visit.advisor_id) if visit.advisor_id else None,
        "named": visit.named,
        "starts_at": visit.starts_at,
        "ends_at": visit.ends_at,
        "state": visit.state,
        "end_reason": visit.end_reason,
        "name": visit.name,
        "email": visit.email,
        "mail_returned": returned,
        "phone": visit.phone,
        "language": visit.language,
        "vehicle": visit.vehicle,
        "wish": visit.wish,
    }


def _day_data(day: Day) -> dict[str, Any]:
    return {
        "date": day.date.isoformat(),
        "from": day.from_ms,
        "until": day.until_ms,
        "hours": [
            {
                "from": one.from_ms,
                "until": one.until_ms,
                "hour": one.hour,
                "minute": one.minute,
                "again": one.again,
            }
            for one in day.hours
        ],
    }


def _shift_data(shift: Shift, absences: Sequence[Absence]) -> dict[str, Any]:
    """Return an advisor's time. An absence that was entered elsewhere has no reason here."""
    reasons = {
        (one.starts_at, one.ends_at): one.reason for one in absences if one.staff_id == shift.id
    }
    return {
        "id": shift.id,
        "name": shift.name,
        "languages": shift.languages,
        "working": shift.working,
        "away": [
            {"from": begins, "until": ends, "reason": reasons.get((begins, ends), "")}
            for begins, ends in shift.away
        ],
        "elsewhere": shift.elsewhere,
    }
