"""A showroom with a car, a dealer and a lead, and its reservations, on each database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.dealers.directory import Dealer, Dealers
from booking.handoff.topics import Topic
from booking.outbox import Outbox
from booking.reservations.letters import ReservationLetters
from booking.reservations.news import ReservationNews
from booking.reservations.reservations import Reservations
from booking.reservations.rows import Reservation
from showroom.database import Database
from showroom.ids import LeadId, ShowroomId, VehicleId
from showroom.showrooms import Showroom, Showrooms
from showroom.vehicles import Vehicles
from tests.dealers import a_dealer
from tests.leads import saved_lead
from tests.samples import a_showroom, a_vehicle
from tests.virtual_clock import VirtualClock

CRETE = VehicleId("crete")


@dataclass
class Counter:
    """A showroom's counter: gives reservations, and notes what is published."""

    database: Database
    clock: VirtualClock
    showroom: Showroom
    dealer: Dealer
    lead: LeadId
    news: list[tuple[Topic, str, Mapping[str, Any], str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.showrooms, self.vehicles = Showrooms(self.database), Vehicles(self.database)
        self.dealers = Dealers(self.database, self.clock)
        self.outbox = Outbox(self.database, self.clock, chance=lambda: 0)
        letters = ReservationLetters(self.outbox, self.clock)
        news = ReservationNews(self.publish)

        async def announce(
            connection: AsyncConnection, room: Showroom, reservation: Reservation, dealer: Dealer
        ) -> None:
            await letters.announce(connection, room, reservation, dealer)
            await news.announce(connection, room, reservation, dealer)

        self.book = Reservations(
            self.database, self.showrooms, self.vehicles, self.dealers, announce, self.clock
        )

    async def publish(
        self,
        connection: AsyncConnection,
        showroom_id: ShowroomId,
        topic: Topic,
        subject_id: str,
        data: Mapping[str, Any],
        dealer: str | None,
        **more: object,
    ) -> None:
        assert connection.in_transaction()
        assert not more
        assert showroom_id == self.showroom.id
        self.news.append((topic, subject_id, data, dealer))

    async def give(self, **changes: Any) -> Reservation:
        wish = {"lead_id": self.lead, "vehicle": CRETE, "dealer_code": "75-1", "staff": None}
        return await self.book.give(self.showroom, **(wish | changes))


async def open_counter(
    database: Database, clock: VirtualClock, slug: str = "paris", **dealer: Any
) -> Counter:
    showroom = a_showroom(slug)
    await Showrooms(database).save(showroom)
    await Vehicles(database).save(a_vehicle(showroom.id))
    kept = a_dealer(showroom.id, **dealer)
    lead = await saved_lead(database, showroom.id)
    counter = Counter(database, clock, showroom, kept, lead)
    await counter.dealers.upsert(showroom.id, [kept])
    return counter


@pytest.fixture
async def counter(database: Database, clock: VirtualClock) -> Counter:
    return await open_counter(database, clock)
