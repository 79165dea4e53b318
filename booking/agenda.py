"""An advisor's own visits, as their page lists them beside the calls."""

from booking import ledger
from booking.ledger import Appointment
from showroom.database import Database
from showroom.ids import ShowroomId, StaffId
from showroom.tables import appointments
from showroom.words import AppointmentState

# Somebody has to receive these, or had to.
SEEN = frozenset(AppointmentState) - {
    AppointmentState.HELD,
    AppointmentState.LAPSED,
    AppointmentState.CANCELLED,
}


class Agenda:
    """The visits of all showrooms; every question names the showroom that asks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_advisor(
        self, showroom_id: ShowroomId, staff_id: StaffId, from_ms: int, until_ms: int
    ) -> list[Appointment]:
        """Return an advisor's visits with any part in that time, by their start."""
        async with self._database.read() as connection:
            found = await ledger.where(
                connection,
                appointments.c.showroom_id == showroom_id,
                appointments.c.advisor_id == staff_id,
                ledger.in_state(SEEN),
                *ledger.touching(from_ms, until_ms),
            )
        return list(found)
