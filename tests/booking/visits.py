"""Appointments as letters and calendars read them, without the rules that make them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from booking.slots import Slot
from showroom.errors import NotFound
from showroom.ids import AppointmentId, ShowroomId, StaffId, new_id
from showroom.showrooms import Showroom
from showroom.words import AppointmentState
from tests.virtual_clock import START_MS

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
# Thursday 16 October 2025, 08:30 UTC: half past ten in Paris.
VISIT_AT = 1_760_603_400_000


@dataclass(frozen=True, slots=True)
class AVisit:
    """An appointment, booked and a week ahead unless told otherwise."""

    showroom_id: ShowroomId
    id: AppointmentId = field(default_factory=lambda: AppointmentId(new_id()))
    token: str = "2vFQ0m8cT1yq0e7rXbWzLg"
    state: AppointmentState = AppointmentState.BOOKED
    sequence: int = 0
    starts_at: int = VISIT_AT
    ends_at: int = VISIT_AT + 30 * MINUTE_MS
    advisor_id: StaffId | None = None
    named: bool = False
    language: str = "en"
    zone: str = "Europe/Paris"
    vehicle: str | None = "crete"
    wish: str = "The boot."
    name: str = "Zoé Petit"
    email: str | None = "zoe@customer.example"


class Diary:
    """Holds appointments and free slots as they were put in."""

    def __init__(self) -> None:
        self.visits: dict[AppointmentId, AVisit] = {}
        self.free: list[int] = []

    def put(self, visit: AVisit) -> AVisit:
        self.visits[visit.id] = visit
        return visit

    async def get(self, showroom_id: ShowroomId, appointment_id: AppointmentId) -> AVisit:
        visit = self.visits.get(appointment_id)
        if visit is None or visit.showroom_id != showroom_id:
            raise NotFound
        return visit

    async def slots(self, showroom: Showroom, language: str) -> Sequence[Slot]:
        if language not in showroom.languages:
            return []
        return [Slot(at, (StaffId("anybody"),)) for at in self.free]


assert VISIT_AT > START_MS + 6 * DAY_MS
