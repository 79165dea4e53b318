"""Who could receive when: the advisors' hours, less their absences and what visits take of them.

These questions are asked by everybody who looks at a showroom's free times, and twice by whoever
takes one: so their statements are made once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
# The showroom's, and its advisors' elsewhere: nobody is at two places.
_VISITS = sa.select(
    appointments.c.id,
    appointments.c.showroom_id,
    appointments.c.advisor_id,
    appointments.c.starts_at,
    appointments.c.ends_at,
    appointments.c.blocked_from,
    appointments.c.blocked_until,
).where(
    (appointments.c.showroom_id == _SHOWROOM) | appointments.c.advisor_id.in_(_IDS),
    in_state(ACTIVE),
    # A hold that is over takes nobody's time.
    (appointments.c.state != AppointmentState.HELD.value)
    | (appointments.c.held_until > sa.bindparam("now")),
    appointments.c.starts_at.between(sa.bindparam("first_ms"), sa.bindparam("last_ms")),
    appointments.c.blocked_from < _UNTIL,
    appointments.c.blocked_until > _FROM,
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
    ids = [colleague.id for colleague in team]
    away: dict[StaffId, list[Span]] = {}
    span = {"ids": ids, "from_ms": from_ms, "until_ms": until_ms}
    for row in await connection.execute(_AWAY, span):
        away.setdefault(row.staff_id, []).append((row.starts_at, row.ends_at))
    taken: dict[StaffId, list[Span]] = {}
    visits = []
    # A new visit at the edge of the stretch has buffers that reach beyond it.
    first_ms = from_ms - showroom.visits.before * MINUTE_MS
    last_ms = until_ms + showroom.visits.after * MINUTE_MS
    around = {"from_ms": first_ms, "until_ms": last_ms, "now": now, "ids": ids}
    around |= {"first_ms": first_ms - LONGEST_MS, "last_ms": last_ms + LONGEST_MS}
    for which, room, who, starts_at, ends_at, begins, ends in await connection.execute(
        _VISITS, around | {"showroom_id": showroom.id}
    ):
        if which == leaving_out:
            continue
        taken.setdefault(who, []).append((begins, ends))
        if room == showroom.id:
            visits.append((starts_at, ends_at))
    open_hours = list(spans(showroom.timetable, showroom.zone, from_ms, until_ms))

    def hours_of(one: Colleague) -> Sequence[Span]:
        if one.hours is None:
            return open_hours
        return list(spans(Timetable(one.hours), showroom.zone, from_ms, until_ms))

    workers = [
        Worker(one.id, one.languages, hours_of(one), away.get(one.id, ()), taken.get(one.id, ()))
        for one in team
    ]
    return Staffing(workers, visits)
