"""Who works when: the advisors' weekly hours, their absences, and what their visits take of it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.ledger import in_state, touching
from booking.slots import Span, Worker
from booking.visits import ACTIVE, MINUTE_MS
from showroom.database import Database, insert
from showroom.errors import BadRequest, NotFound
from showroom.hours import Timetable, WeeklyHours, spans
from showroom.ids import AbsenceId, AppointmentId, ShowroomId, StaffId, new_id
from showroom.showrooms import Showroom
from showroom.tables import absences, appointments, rosters, staff, staff_roles
from showroom.words import AppointmentState, Role

HOURS = TypeAdapter(WeeklyHours)


@dataclass(frozen=True, slots=True)
class Absence:
    """From when until when an advisor is not there, in UTC milliseconds; `reason` is for staff."""

    id: AbsenceId
    staff_id: StaffId
    starts_at: int
    ends_at: int
    reason: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """An advisor who may be booked in a showroom; without `hours` they work while it is open."""

    id: StaffId
    name: str
    languages: tuple[str, ...]
    hours: WeeklyHours | None


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who could receive in a stretch of time, and the `visits` that the showroom has in it."""

    workers: list[Worker]
    visits: list[Span]


class Roster:
    """The hours and absences of all showrooms; every question names the showroom that asks.

    An absence is a person's: it counts wherever they work. Who entered it may see and remove it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hours(self, showroom_id: ShowroomId, staff_id: StaffId) -> WeeklyHours | None:
        """Return an advisor's hours in the showroom's zone; None: whenever it is open."""
        query = sa.select(rosters.c.hours).where(*_of(rosters, showroom_id, staff_id))
        async with self._database.read() as connection:
            found = await connection.scalar(query)
        return None if found is None else HOURS.validate_python(found)

    async def set_hours(
        self, showroom_id: ShowroomId, staff_id: StaffId, hours: WeeklyHours | None
    ) -> None:
        """Replace an advisor's hours. What is booked stays. Raises `NotFound` for a stranger."""
        async with self._database.write() as connection:
            await self.require(connection, showroom_id, staff_id)
            if hours is None:
                await connection.execute(
                    sa.delete(rosters).where(*_of(rosters, showroom_id, staff_id))
                )
                return
            kept = HOURS.dump_python(hours, mode="json")
            await connection.execute(
                insert(connection, rosters)
                .values(showroom_id=showroom_id, staff_id=staff_id, hours=kept)
                .on_conflict_do_update(
                    index_elements=["showroom_id", "staff_id"], set_={"hours": kept}
                )
            )

    async def absences(
        self,
        showroom_id: ShowroomId,
        from_ms: int,
        until_ms: int,
        staff_id: StaffId | None = None,
    ) -> list[Absence]:
        """Return the absences that were entered here and touch a stretch of time, by start."""
        query = (
            sa.select(*(absences.c[field.name] for field in fields(Absence)))
            .where(
                absences.c.showroom_id == showroom_id,
                absences.c.ends_at > from_ms,
                absences.c.starts_at < until_ms,
            )
            .order_by("starts_at", "id")
        )
        if staff_id is not None:
            query = query.where(absences.c.staff_id == staff_id)
        async with self._database.read() as connection:
            return [Absence(**row) for row in (await connection.execute(query)).mappings()]

    async def remove_absence(
        self, showroom_id: ShowroomId, staff_id: StaffId, absence_id: AbsenceId
    ) -> None:
        """Remove an absence; harmless when it is gone. Visits that went to others stay there."""
        async with self._database.write() as connection:
            await connection.execute(
                sa.delete(absences).where(
                    *_of(absences, showroom_id, staff_id), absences.c.id == absence_id
                )
            )

    async def keep_absence(
        self,
        connection: AsyncConnection,
        showroom_id: ShowroomId,
        staff_id: StaffId,
        starts_at: int,
        ends_at: int,
        reason: str,
    ) -> Absence:
        """Write an absence in a transaction that finds others for the visits in it.

        `Appointments.add_absence` does both. Raises `BadRequest` when it ends before it begins,
        `NotFound` when this is no advisor of the showroom.
        """
        if starts_at >= ends_at:
            raise BadRequest("An absence ends after it begins.")
        await self.require(connection, showroom_id, staff_id)
        absence = Absence(AbsenceId(new_id()), staff_id, starts_at, ends_at, reason)
        row = {field.name: getattr(absence, field.name) for field in fields(Absence)}
        await connection.execute(sa.insert(absences).values(row | {"showroom_id": showroom_id}))
        return absence

    async def bookable(self, showroom_id: ShowroomId) -> list[Colleague]:
        """Return who may be booked, by name."""
        async with self._database.read() as connection:
            team = await self.team(connection, showroom_id)
        return sorted(team, key=lambda one: one.name)

    async def team(self, connection: AsyncConnection, showroom_id: ShowroomId) -> list[Colleague]:
        """Return who may be booked: advisors of flesh and blood whose accounts are open, by id."""
        hours = sa.and_(rosters.c.staff_id == staff.c.id, rosters.c.showroom_id == showroom_id)
        query = (
            sa.select(staff.c.id, staff.c.name, staff.c.languages, rosters.c.hours)
            .select_from(staff.join(staff_roles).outerjoin(rosters, hours))
            .where(*_advises(showroom_id))
            .order_by(staff.c.id)
        )
        return [
            Colleague(
                StaffId(row.id),
                row.name,
                tuple(row.languages),
                None if row.hours is None else HOURS.validate_python(row.hours),
            )
            for row in await connection.execute(query)
        ]

    async def staffing(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        team: Sequence[Colleague],
        from_ms: int,
        until_ms: int,
        now: int,
        leaving_out: AppointmentId | None = None,
    ) -> Staffing:
        """Return what the team's time looks like; `leaving_out` is an appointment to be moved.

        A hold that is over takes nobody's time.
        """
        ids = [colleague.id for colleague in team]
        away = await _absences_of(connection, ids, from_ms, until_ms)
        taken: dict[StaffId, list[Span]] = {}
        visits = []
        # A new visit at the edge of the stretch has buffers that reach beyond it.
        first_ms = from_ms - showroom.visits.before * MINUTE_MS
        last_ms = until_ms + showroom.visits.after * MINUTE_MS
        for row in await _visits_of(connection, showroom.id, ids, first_ms, last_ms, now):
            if row.id == leaving_out:
                continue
            taken.setdefault(row.advisor_id, []).append((row.blocked_from, row.blocked_until))
            if row.showroom_id == showroom.id:
                visits.append((row.starts_at, row.ends_at))
        open_hours = list(spans(showroom.timetable, showroom.zone, from_ms, until_ms))
        workers = [
            Worker(
                one.id,
                one.languages,
                open_hours
                if one.hours is None
                else list(spans(Timetable(one.hours), showroom.zone, from_ms, until_ms)),
                away.get(one.id, ()),
                taken.get(one.id, ()),
            )
            for one in team
        ]
        return Staffing(workers, visits)

    async def check(self, showroom_id: ShowroomId, staff_id: StaffId) -> None:
        """Raise `NotFound` unless this is an advisor of the showroom."""
        async with self._database.read() as connection:
            await self.require(connection, showroom_id, staff_id)

    async def require(
        self, connection: AsyncConnection, showroom_id: ShowroomId, staff_id: StaffId
    ) -> None:
        """Raise `NotFound` unless this is an advisor of the showroom."""
        query = (
            sa.select(staff.c.id)
            .select_from(staff.join(staff_roles))
            .where(*_advises(showroom_id), staff.c.id == staff_id)
        )
        if await connection.scalar(query) is None:
            raise NotFound


def _of(
    table: sa.Table, showroom_id: ShowroomId, staff_id: StaffId
) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.showroom_id == showroom_id, table.c.staff_id == staff_id


def _advises(showroom_id: ShowroomId) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        staff_roles.c.showroom_id == showroom_id,
        staff_roles.c.role == Role.ADVISOR.value,
        staff.c.disabled_at.is_(None),
        staff.c.robot.is_(False),
    )


async def _absences_of(
    connection: AsyncConnection, ids: Sequence[StaffId], from_ms: int, until_ms: int
) -> dict[StaffId, list[Span]]:
    query = sa.select(absences.c.staff_id, absences.c.starts_at, absences.c.ends_at).where(
        absences.c.staff_id.in_(ids),
        absences.c.ends_at > from_ms,
        absences.c.starts_at < until_ms,
    )
    found: dict[StaffId, list[Span]] = {}
    for row in await connection.execute(query):
        found.setdefault(StaffId(row.staff_id), []).append((row.starts_at, row.ends_at))
    return found


async def _visits_of(
    connection: AsyncConnection,
    showroom_id: ShowroomId,
    ids: Sequence[StaffId],
    from_ms: int,
    until_ms: int,
    now: int,
) -> list[sa.Row[Any]]:
    """Return the showroom's visits, and its advisors' elsewhere: nobody is at two places."""
    c = appointments.c
    query = sa.select(
        c.id, c.showroom_id, c.advisor_id, c.starts_at, c.ends_at, c.blocked_from, c.blocked_until
    ).where(
        (c.showroom_id == showroom_id) | c.advisor_id.in_(ids),
        in_state(ACTIVE),
        (c.state != AppointmentState.HELD.value) | (c.held_until > now),
        *touching(from_ms, until_ms, buffers=True),
    )
    return list(await connection.execute(query))
