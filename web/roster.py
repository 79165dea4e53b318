"""Hours and absences: an advisor's own, and for managers those of every advisor.

Local times come in as a person types them, on the showroom's clock, and become instants here.
"""

from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from aiohttp.web import Request, StreamResponse, json_response
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NaiveDatetime,
    StringConstraints,
    ValidationError,
)

from booking.appointments import Appointment
from booking.roster import Absence
from showroom.errors import BadRequest
from showroom.hours import MINUTES_A_DAY, WEEKDAYS, Interval, Intervals, WeeklyHours, instant
from showroom.ids import AbsenceId, StaffId
from showroom.showrooms import Showroom
from showroom.words import AppointmentState
from signaling.gateway import explain
from web.agenda import ADVISES
from web.customer import parse
from web.keys import ABSENCES, APPOINTMENTS, CLOCK, ROSTER, STAFF
from web.staff import MANAGES
from web.visitor import check_csrf, session_of, staff_showroom

MOST_INTERVALS = 4
YEARS = range(2000, 2200)
# So far ahead absences are listed: as far as anybody enters one.
AHEAD_MS = 400 * 24 * 3_600_000

Minute = Annotated[int, Field(ge=0, le=MINUTES_A_DAY)]
DayHours = Annotated[tuple[tuple[Minute, Minute], ...], Field(max_length=MOST_INTERVALS)]


class Week(BaseModel):
    """The hours of each weekday: from and until, in minutes after midnight; 1440 is 24:00."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    monday: DayHours = ()
    tuesday: DayHours = ()
    wednesday: DayHours = ()
    thursday: DayHours = ()
    friday: DayHours = ()
    saturday: DayHours = ()
    sunday: DayHours = ()


class HoursGiven(BaseModel):
    """An advisor's working hours; None: whenever the showroom is open."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    hours: Week | None


class Away(BaseModel):
    """From when until when somebody is away, on the showroom's clock."""

    model_config = ConfigDict(frozen=True)
    begins: NaiveDatetime
    ends: NaiveDatetime


class AbsenceGiven(Away):
    """An absence as it is entered; the reason is for staff."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


async def of(request: Request) -> StreamResponse:
    """An advisor's weekly hours, and the absences that are not over."""
    showroom, staff_id = await _whose(request)
    return await _answer(request, showroom, staff_id)


async def set_hours(request: Request) -> StreamResponse:
    """Replace the weekly hours. What is booked stays booked."""
    showroom, staff_id = await _changing(request)
    given = await parse(request, HoursGiven)
    hours = None if given.hours is None else _weekly(given.hours)
    await request.app[ROSTER].set_hours(showroom.id, staff_id, hours)
    return await _answer(request, showroom, staff_id)


async def effect(request: Request) -> StreamResponse:
    """What an absence would mean: the visits in that time, before anybody enters it."""
    showroom, staff_id = await _whose(request)
    try:
        asked = Away.model_validate(dict(request.query))
    except ValidationError as error:
        raise BadRequest(explain(error)) from error
    begins_ms, ends_ms = _span(showroom, asked)
    visits = await request.app[APPOINTMENTS].of(showroom.id, begins_ms, ends_ms, staff_id)
    return json_response({"ok": True, "visits": sum(map(_can_move, visits))})


async def add_absence(request: Request) -> StreamResponse:
    """Enter an absence: colleagues take the visits in it, or the customers hear of other times."""
    showroom, staff_id = await _changing(request)
    given = await parse(request, AbsenceGiven)
    begins_ms, ends_ms = _span(showroom, given)
    if ends_ms <= request.app[CLOCK]():
        raise BadRequest("This time is over already.", field="ends")
    await request.app[ABSENCES].add(showroom, staff_id, begins_ms, ends_ms, given.reason)
    return await _answer(request, showroom, staff_id, status=201)


async def remove_absence(request: Request) -> StreamResponse:
    """Remove an absence; visits that went to colleagues stay with them."""
    showroom, staff_id = await _changing(request)
    which = AbsenceId(request.match_info["absence"])
    await request.app[ROSTER].remove_absence(showroom.id, staff_id, which)
    return await _answer(request, showroom, staff_id)


async def _changing(request: Request) -> tuple[Showroom, StaffId]:
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    return await _whose(request)


async def _whose(request: Request) -> tuple[Showroom, StaffId]:
    """Return whose roster it is: the one that the address names, for managers, or one's own.

    Raises `NotFound` for somebody who is no advisor of the showroom.
    """
    session = await session_of(request)
    advisor = request.match_info.get("advisor")
    showroom, _ = await staff_showroom(request, session, MANAGES if advisor else ADVISES)
    staff_id = StaffId(advisor) if advisor else session.staff_id
    await request.app[ROSTER].check(showroom.id, staff_id)
    return showroom, staff_id


async def _answer(
    request: Request, showroom: Showroom, staff_id: StaffId, status: int = 200
) -> StreamResponse:
    roster, now = request.app[ROSTER], request.app[CLOCK]()
    hours = await roster.hours(showroom.id, staff_id)
    absences = await roster.absences(showroom.id, now, now + AHEAD_MS, staff_id)
    names = await request.app[STAFF].names(showroom.id)
    answer = {
        "ok": True,
        "name": names.get(staff_id, ""),
        "hours": None if hours is None else _week_data(hours),
        "opening": _week_data(showroom.hours),
        "absences": [_absence_data(one) for one in absences],
    }
    return json_response(answer, status=status)


def _week_data(hours: WeeklyHours) -> dict[str, list[list[int]]]:
    return {
        day: [[one.opens, one.closes] for one in sorted(getattr(hours, day))] for day in WEEKDAYS
    }


def _absence_data(absence: Absence) -> dict[str, Any]:
    return {
        "id": absence.id,
        "from": absence.starts_at,
        "until": absence.ends_at,
        "reason": absence.reason,
    }


def _weekly(week: Week) -> WeeklyHours:
    """Return the hours of a week. Raises `BadRequest`, which names the day that is wrong."""
    return WeeklyHours(**{day: _intervals(day, getattr(week, day)) for day in WEEKDAYS})


def _intervals(day: str, given: tuple[tuple[int, int], ...]) -> Intervals:
    try:
        intervals = tuple(sorted(Interval(opens, closes) for opens, closes in given))
    except BadRequest as error:
        raise BadRequest(error.message, field=day) from None
    for one, following in pairwise(intervals):
        if following.opens < one.closes:
            raise BadRequest("Two stretches of one day share time.", field=day)
    return intervals


def _span(showroom: Showroom, away: Away) -> tuple[int, int]:
    """Return the instants of local times. Raises `BadRequest` when they end before they begin."""
    begins_ms = _instant(showroom, away.begins)
    ends_ms = _instant(showroom, away.ends, last=True)
    if begins_ms >= ends_ms:
        raise BadRequest("An absence ends after it begins.", field="ends")
    return begins_ms, ends_ms


def _instant(showroom: Showroom, local: datetime, *, last: bool = False) -> int:
    if local.year not in YEARS:
        raise BadRequest("This date is too far away.")
    minute = local.hour * 60 + local.minute
    return instant(local.date(), minute, ZoneInfo(showroom.zone), last=last)


def _can_move(visit: Appointment) -> bool:
    """Say whether an absence moves this visit: whoever waits or talks already is received."""
    return visit.state is AppointmentState.BOOKED
