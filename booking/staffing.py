"""Who could receive when: the advisors' hours, less their absences and what visits take of them.

These questions are asked by everybody who looks at a showroom's free times, and twice by whoever
takes one: so their statements are made once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.ledger import LONGEST_MS, in_state
from booking.roster import HOURS, advises
from booking.slots import Span, Worker
from booking.visits import ACTIVE, MINUTE_MS
from showroom.hours import Timetable, WeeklyHours, spans
from showroom.ids import AppointmentId, ShowroomId, StaffId
from showroom.showrooms import Showroom
from showroom.tables import MOMENT, absences, appointments, rosters, staff, staff_roles
from showroom.words import AppointmentState


@dataclass(frozen=True, slots=True)
class Colleague:
    """An advisor who may be booked in a showroom; without `hours` they work while it is open."""

    id: StaffId
    languages: tuple[str, ...]
    hours: WeeklyHours | None


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who could receive in a stretch of time, and the `visits` that the showroom has in it."""

    workers: list[Worker]
    visits: list[Span]


_SHOWROOM = sa.bindparam("showroom_id", type_=sa.String)
_IDS = sa.bindparam("ids", expanding=True, type_=sa.String)
_FROM = sa.bindparam("from_ms", type_=MOMENT)
_UNTIL = sa.bindparam("until_ms", type_=MOMENT)

_TEAM = (
    sa.select(staff.c.id, staff.c.languages, rosters.c.hours)
    .select_from(
        staff.join(staff_roles).outerjoin(
            rosters,
            (rosters.c.staff_id == staff.c.id)
            & (rosters.c.showroom_id == staff_roles.c.showroom_id),
        )
    )
    .where(*advises(_SHOWROOM))
    .order_by(staff.c.id)
)
_AWAY = sa.select(absences.c.staff_id, absences.c.starts_at, absences.c.ends_at).where(
    absences.c.staff_id.in_(_IDS), absences.c.ends_at > _FROM, absences.c.starts_at < _UNTIL
)
# A hold that is over takes nobody's time.
_COUNTS = in_state(ACTIVE) & (
    (appointments.c.state != AppointmentState.HELD.value)
    | (appointments.c.held_until > sa.bindparam("now"))
)
_NEAR = appointments.c.starts_at.between(sa.bindparam("first_ms"), sa.bindparam("last_ms"))
_OTHERS = appointments.c.id != sa.bindparam("leaving_out")
# In whatever showroom: nobody is at two places.
_TAKEN = sa.select(
    appointments.c.advisor_id, appointments.c.blocked_from, appointments.c.blocked_until
).where(
    appointments.c.advisor_id.in_(_IDS),
    _COUNTS,
    _NEAR,
    _OTHERS,
    appointments.c.blocked_from < _UNTIL,
    appointments.c.blocked_until > _FROM,
)
_VISITS = sa.select(appointments.c.starts_at, appointments.c.ends_at).where(
    appointments.c.showroom_id == _SHOWROOM, _COUNTS, _NEAR, _OTHERS
)


async def team_of(connection: AsyncConnection, showroom_id: ShowroomId) -> list[Colleague]:
    """Return who may be booked: advisors of flesh and blood whose accounts are open, by id."""
    return [
        Colleague(
            StaffId(row.id),
            tuple(row.languages),
            None if row.hours is None else HOURS.validate_python(row.hours),
        )
        for row in await connection.execute(_TEAM, {"showroom_id": showroom_id})
    ]


async def staffing(
    connection: AsyncConnection,
    showroom: Showroom,
    team: Sequence[Colleague],
    from_ms: int,
    until_ms: int,
    now: int,
    leaving_out: AppointmentId | None = None,
) -> Staffing:
    """Return what the team's time looks like; `leaving_out` is an appointment to be moved."""
    # A new visit at the edge of the stretch has buffers that reach beyond it.
    first_ms = from_ms - showroom.visits.before * MINUTE_MS
    last_ms = until_ms + showroom.visits.after * MINUTE_MS
    asked = {
        "showroom_id": showroom.id,
        "ids": [colleague.id for colleague in team],
        "from_ms": first_ms,
        "until_ms": last_ms,
        "first_ms": first_ms - LONGEST_MS,
        "last_ms": last_ms,
        "now": now,
        "leaving_out": leaving_out or "",
    }
    away = await _by_advisor(connection, _AWAY, asked)
    taken = await _by_advisor(connection, _TAKEN, asked)
    visits: list[Span] = []
    if showroom.visits.side_by_side:
        visits = [(row[0], row[1]) for row in (await connection.execute(_VISITS, asked)).all()]
    open_hours = list(spans(showroom.timetable, showroom.zone, from_ms, until_ms))

    # Most of a team has one of a few weeks: each is computed once.
    weeks: dict[WeeklyHours, Sequence[Span]] = {}

    def hours_of(one: Colleague) -> Sequence[Span]:
        if one.hours is None:
            return open_hours
        if one.hours not in weeks:
            week = spans(Timetable(one.hours), showroom.zone, from_ms, until_ms)
            weeks[one.hours] = list(week)
        return weeks[one.hours]

    workers = [
        Worker(one.id, one.languages, hours_of(one), away.get(one.id, ()), taken.get(one.id, ()))
        for one in team
    ]
    return Staffing(workers, visits)


async def _by_advisor(
    connection: AsyncConnection, statement: sa.Select[Any], asked: Mapping[str, Any]
) -> dict[StaffId, list[Span]]:
    """Return the spans that a statement finds, of each advisor."""
    found: defaultdict[StaffId, list[Span]] = defaultdict(list)
    for who, begins, ends in (await connection.execute(statement, asked)).all():
        found[who].append((begins, ends))
    return found
