"""Who works when: the advisors' weekly hours, and their absences."""

from dataclasses import dataclass, fields

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.database import Database, insert
from showroom.errors import BadRequest, NotFound
from showroom.hours import WeeklyHours
from showroom.ids import AbsenceId, ShowroomId, StaffId, new_id
from showroom.tables import absences, rosters, staff, staff_roles
from showroom.words import Role

HOURS = TypeAdapter(WeeklyHours)


@dataclass(frozen=True, slots=True)
class Absence:
    """From when until when an advisor is not there, in UTC milliseconds; `reason` is for staff."""

    id: AbsenceId
    staff_id: StaffId
    starts_at: int
    ends_at: int
    reason: str


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

    async def bookable(self, showroom_id: ShowroomId) -> dict[StaffId, str]:
        """Return the names of those who may be asked for, in their order."""
        query = (
            sa.select(staff.c.id, staff.c.name)
            .select_from(staff.join(staff_roles))
            .where(*advises(showroom_id))
            .order_by(staff.c.name, staff.c.id)
        )
        async with self._database.read() as connection:
            return {StaffId(row.id): row.name for row in await connection.execute(query)}

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

        `Absences.add` does both. Raises `BadRequest` when it ends before it begins,
        `NotFound` when this is no advisor of the showroom.
        """
        if starts_at >= ends_at:
            raise BadRequest("An absence ends after it begins.")
        await self.require(connection, showroom_id, staff_id)
        absence = Absence(AbsenceId(new_id()), staff_id, starts_at, ends_at, reason)
        row = {field.name: getattr(absence, field.name) for field in fields(Absence)}
        await connection.execute(sa.insert(absences).values(row | {"showroom_id": showroom_id}))
        return absence

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
            .where(*advises(showroom_id), staff.c.id == staff_id)
        )
        if await connection.scalar(query) is None:
            raise NotFound


def _of(
    table: sa.Table, showroom_id: ShowroomId, staff_id: StaffId
) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.showroom_id == showroom_id, table.c.staff_id == staff_id


def advises(
    showroom_id: ShowroomId | sa.BindParameter[str],
) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition that somebody is an advisor who may be booked in a showroom."""
    return (
        staff_roles.c.showroom_id == showroom_id,
        staff_roles.c.role == Role.ADVISOR.value,
        staff.c.disabled_at.is_(None),
        staff.c.robot.is_(False),
    )
