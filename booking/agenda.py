"""An advisor's own visits, as their page lists them beside the calls."""

from dataclasses import dataclass

import sqlalchemy as sa

from showroom.database import Database
from showroom.ids import AppointmentId, ShowroomId, StaffId
from showroom.tables import appointments
from showroom.words import AppointmentState

# What nobody has to receive.
UNSEEN = (AppointmentState.HELD, AppointmentState.LAPSED, AppointmentState.CANCELLED)


@dataclass(frozen=True, slots=True)
class AgendaVisit:
    """A visit with no more of the guest than whoever receives them needs. Times: UTC ms."""

    id: AppointmentId
    starts_at: int
    ends_at: int
    name: str
    vehicle: str | None
    language: str
    wish: str
    state: AppointmentState


class Agenda:
    """The visits of all showrooms; every question names the showroom that asks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_advisor(
        self, showroom_id: ShowroomId, staff_id: StaffId, from_ms: int, until_ms: int
    ) -> list[AgendaVisit]:
        """Return an advisor's visits with any part in that time, by their start."""
        row = appointments.c
        query = (
            sa.select(appointments)
            .where(row.showroom_id == showroom_id, row.advisor_id == staff_id)
            .where(row.ends_at > from_ms, row.starts_at < until_ms)
            .where(row.state.not_in(UNSEEN))
            .order_by(row.starts_at, row.id)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [
            AgendaVisit(
                id=AppointmentId(found.id),
                starts_at=found.starts_at,
                ends_at=found.ends_at,
                name=found.name,
                vehicle=found.vehicle,
                language=found.language,
                wish=found.wish,
                state=AppointmentState(found.state),
            )
            for found in rows
        ]
