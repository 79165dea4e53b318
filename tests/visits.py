"""Booked visits as the tests of calls need them: rows of the record, and guests who join."""

from typing import Any

import sqlalchemy as sa

from booking.follow_ups import FollowUps
from media.quality import QualityLog
from showroom.clock import system_clock
from showroom.database import Database
from showroom.ids import AppointmentId, ShowroomId, StaffId, new_id
from showroom.marks import Marks
from showroom.parts import QualityDesk
from showroom.shared import Shared
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import appointments, staff
from showroom.vehicles import Vehicles
from showroom.words import AppointmentState
from signaling.desk import Desk
from signaling.live import LiveState
from signaling.pairing import Pairing, Times
from signaling.visits import BookedVisit
from tests.people import Customer

MINUTE_MS = 60_000
LENGTH_MS = 30 * MINUTE_MS


async def saved_visit(
    database: Database, showroom_id: ShowroomId, advisor_id: StaffId, starts_at: int, **changes: Any
) -> AppointmentId:
    """Put an appointment into the record; it lasts half an hour."""
    row = {
        "id": new_id(),
        "showroom_id": showroom_id,
        "token": new_id(),
        "state": AppointmentState.BOOKED,
        "sequence": 0,
        "starts_at": starts_at,
        "ends_at": starts_at + LENGTH_MS,
        "blocked_from": starts_at,
        "blocked_until": starts_at + LENGTH_MS,
        "advisor_id": advisor_id,
        "named": False,
        "language": "fr",
        "zone": "Europe/Paris",
        "vehicle": "crete",
        "wish": "The boot, and towing",
        "name": "Jeanne Moreau",
        "email": "jeanne@example.com",
        "phone": None,
        "consents": [],
        "campaign": {},
        "created_at": starts_at,
        **changes,
    }
    async with database.write() as connection:
        await connection.execute(sa.insert(appointments).values(row))
    return AppointmentId(row["id"])


async def staff_id(database: Database, email: str) -> StaffId:
    """Return who has this address."""
    async with database.read() as connection:
        found = await connection.scalar(sa.select(staff.c.id).where(staff.c.email == email))
    assert found
    return StaffId(found)


def desk_of(shared: Shared) -> Desk:
    """Return a desk beside the node's own."""
    database, clock = shared.database, shared.clock
    return Desk(
        Pairing(shared.redis, Times.of(shared.settings)),
        LiveState(shared.redis),
        Vehicles(database),
        FollowUps(database, clock),
        QualityDesk(QualityLog(database)),
        Marks(database),
        clock,
    )


async def paris_of(shared: Shared) -> Showroom:
    return await Showrooms(shared.database).by_slug("paris")


def a_booked_visit(advisor: StaffId | None, starts_in_ms: int = 0, **changes: Any) -> BookedVisit:
    """Return Jeanne's visit, as whoever lets her join hands it to the desk."""
    starts = system_clock() + starts_in_ms
    known = {
        "id": AppointmentId(new_id()),
        "advisor": advisor,
        "kept_until": starts + 2 * MINUTE_MS,
        "starts_at": starts,
        "name": "Jeanne Moreau",
        "wish": "The boot, and towing",
    }
    return BookedVisit(**{**known, **changes})


async def joins(customer: Customer, shared: Shared, visit: BookedVisit) -> str:
    """Let a guest check in with a ticket of their own, and connect; return the call's id."""
    ticket = await desk_of(shared).request_call(await paris_of(shared), "en", None, None, visit)
    value = f"{ticket.showroom}.{ticket.call}.{ticket.secret}"
    customer.http.cookie_jar.update_cookies({"vs_call": value})
    await customer.connect()
    return ticket.call
