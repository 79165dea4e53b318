"""For the tests of booking: a showroom, who works there, and what was announced."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.appointments import Appointment, Appointments, Consent, Guest
from booking.roster import Roster
from showroom.clock import to_ms
from showroom.database import Database
from showroom.hours import Interval, WeeklyHours
from showroom.ids import StaffId
from showroom.showrooms import Showroom, Showrooms, VisitRules
from showroom.tables import staff, staff_roles
from showroom.words import AppointmentEvent, Role
from tests.samples import a_showroom
from tests.virtual_clock import VirtualClock

MINUTE_MS = 60_000
DAYTIME = (Interval.of("09:00", "18:00"),)
EVERY_DAY = WeeklyHours(*(DAYTIME,) * 7)
RULES = VisitRules(length=30, step=15, before=5, after=5, notice=60)
JEANNE = Guest("Jeanne Moreau", "jeanne@example.com", "+33612345678")
CONSENTS = (Consent("contact", "2025-10", 1_760_000_000_000),)
CAMPAIGN = {"source": "letter", "medium": "paper", "name": "autumn"}


def at(text: str, zone: str = "Europe/Paris") -> int:
    """Return a local time like `2025-10-10 09:00` as UTC milliseconds."""
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def local(ms: int, zone: str = "Europe/Paris") -> str:
    """Return UTC milliseconds as a local time like `10-10 09:00`."""
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).strftime("%m-%d %H:%M")


# The clock of the tests starts on Thursday 9 October 2025 at 10:53:20 in Paris.
TOMORROW = at("2025-10-10 09:00")


def bookable(slug: str = "paris", rules: VisitRules = RULES, **changes: Any) -> Showroom:
    """Return a showroom that is open from nine to six."""
    usual: dict[str, Any] = {"hours": EVERY_DAY, "visits": rules}
    return replace(a_showroom(slug), **(usual | changes))


@dataclass
class Diary:
    """One showroom's appointments, and the events that were announced."""

    database: Database
    showroom: Showroom
    clock: VirtualClock
    events: list[AppointmentEvent] = field(default_factory=list)
    told: list[Appointment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.showrooms = Showrooms(self.database)
        self.roster = Roster(self.database)
        self.book = Appointments(
            self.database, self.showrooms, self.roster, self.announce, self.clock
        )

    async def announce(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        appointment: Appointment,
        event: AppointmentEvent,
    ) -> None:
        """Note what is announced; it must be in the transaction, and for the right showroom."""
        assert connection.in_transaction()
        assert showroom.id == appointment.showroom_id
        self.events.append(event)
        self.told.append(appointment)

    async def change(self, **changes: Any) -> None:
        """Give the showroom other hours or rules."""
        self.showroom = replace(self.showroom, **changes)
        await self.showrooms.save(self.showroom)

    async def hold(self, starts_at: int = TOMORROW, **changes: Any) -> Appointment:
        wanted = {"language": "en", "zone": "Europe/Paris", "vehicle": None} | changes
        return await self.book.hold(self.showroom, starts_at, **wanted)

    async def confirm(self, held: Appointment, **changes: Any) -> Appointment:
        form: dict[str, Any] = {
            "guest": JEANNE,
            "language": held.language,
            "wish": "the boot",
            "vehicle": "crete",
            "consents": CONSENTS,
            "campaign": CAMPAIGN,
        }
        return await self.book.confirm(held.token, **(form | changes))

    async def booked(self, starts_at: int = TOMORROW, **changes: Any) -> Appointment:
        return await self.confirm(await self.hold(starts_at, **changes))

    async def free(self, **changes: Any) -> list[int]:
        wanted = {"language": "en"} | changes
        return [slot.starts_at for slot in await self.book.slots(self.showroom, **wanted)]

    def until(self, moment: int) -> None:
        """Let time pass until a moment."""
        assert moment >= self.clock.now_ms
        self.clock.now_ms = moment


async def hire(
    database: Database,
    showroom: Showroom,
    *names: str,
    languages: Iterable[str] = ("en", "fr"),
    robot: bool = False,
    role: Role = Role.ADVISOR,
) -> None:
    """Put staff into the database; their ids are their names."""
    async with database.write() as connection:
        for name in names:
            row: dict[str, Any] = {"id": name, "email": f"{name}@orvanne.example"}
            row |= {"name": name.title(), "password": "-", "languages": list(languages)}
            row |= {"robot": robot, "created_at": 1}
            await connection.execute(sa.insert(staff).values(row))
    await lend(database, showroom, *names, role=role)


async def lend(
    database: Database, showroom: Showroom, *names: str, role: Role = Role.ADVISOR
) -> None:
    """Let staff work in one more showroom."""
    async with database.write() as connection:
        for name in names:
            row = {"staff_id": StaffId(name), "showroom_id": showroom.id, "role": role.value}
            await connection.execute(sa.insert(staff_roles).values(row))


async def open_diary(
    database: Database, clock: VirtualClock, showroom: Showroom, *names: str
) -> Diary:
    """Return the diary of a new showroom in which these advisors work."""
    diary = Diary(database, showroom, clock)
    await diary.showrooms.save(showroom)
    await hire(database, showroom, *names)
    return diary
