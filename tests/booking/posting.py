"""The whole way of a letter: announced, put into the outbox, written, and sent."""

import sqlalchemy as sa

from booking.letters import KIND, Letters, Topic
from booking.mail import Mailer
from booking.mail_sink import MailSink
from booking.outbox import Outbox
from booking.worker import Worker
from booking.writing import Writer
from showroom.database import Database
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import outbox as rows
from showroom.vehicles import Vehicles
from showroom.words import AppointmentEvent
from tests.booking.visits import AVisit, Diary
from tests.samples import staff_of
from tests.virtual_clock import VirtualClock

ADDRESS = "https://live.example.com"
SENDER = "visits@orvanne.example"


class Post:
    """A showroom's letters, from the announcement to the mailer."""

    def __init__(
        self,
        database: Database,
        clock: VirtualClock,
        showroom: Showroom,
        mailer: Mailer,
        outbox: Outbox | None = None,
    ) -> None:
        self.database, self.showroom, self.clock = database, showroom, clock
        self.diary = Diary()
        self.outbox = outbox or Outbox(database, clock, chance=lambda: 0)
        self.letters = Letters(self.outbox, clock)
        self.sink = MailSink(
            mailer,
            Writer(ADDRESS),
            self.diary,
            Showrooms(database),
            Vehicles(database),
            staff_of(database, clock).names,
            SENDER,
            clock,
        )

    async def tell(self, visit: AVisit, event: AppointmentEvent) -> None:
        """Put a visit into the diary, and announce what happened to it."""
        self.diary.put(visit)
        async with self.database.write() as connection:
            await self.letters.announce(connection, self.showroom, visit, event)

    async def put(self, visit: AVisit, topic: Topic) -> None:
        """Put one letter into the outbox, due now."""
        async with self.database.write() as connection:
            await self.outbox.add(
                connection,
                visit.showroom_id,
                KIND,
                topic,
                visit.id,
                {"sequence": visit.sequence},
                self.clock(),
            )

    def worker(self, delivery_seconds: float = 15) -> Worker:
        """Return a worker that looks again often."""
        return Worker(
            self.outbox, {KIND: self.sink}, delivery_seconds=delivery_seconds, poll_seconds=0.02
        )

    async def send_due(self) -> None:
        """Try every letter that is due once."""
        for delivery in await self.outbox.claim(KIND, 100):
            await self.outbox.settle(delivery, await self.sink.deliver(delivery))

    async def endings(self) -> list[tuple[str, str | None]]:
        """Return topic and result of each row."""
        async with self.database.read() as connection:
            found = await connection.execute(sa.select(rows).order_by(rows.c.number))
            return [(row.topic, row.result) for row in found]

    async def answers(self) -> list[str]:
        """Return what is kept of each row's last try."""
        async with self.database.read() as connection:
            return list(await connection.scalars(sa.select(rows.c.answer).order_by(rows.c.number)))
