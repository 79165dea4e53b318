"""What tests of the outbox share: a rule of ours that writes, and sinks that receive."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.delivery import Delivered, Delivery, Result
from booking.handoff.couriers import Couriers
from booking.outbox import Outbox
from booking.worker import Worker
from showroom.database import Database
from showroom.errors import TryAgain
from showroom.ids import DeliveryId, ShowroomId
from showroom.process import end
from showroom.tables import outbox as rows
from tests.virtual_clock import START_MS

MAIL = "mail"
PATIENCE_SECONDS = 20


class Shaky(Database):
    """A database that can be out of reach for writers, and for readers."""

    away = unreadable = False
    refused = 0

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        if self.unreadable:
            raise TryAgain
        async with super().read() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        if self.away:
            self.refused += 1
            raise TryAgain
        async with super().write() as connection:
            yield connection


class Writer:
    """Writes rows as a rule of ours would."""

    def __init__(self, database: Database, outbox: Outbox, showroom: ShowroomId) -> None:
        self.database, self.outbox, self.showroom = database, outbox, showroom

    async def add(
        self,
        subject: str = "visit",
        topic: str = "booked",
        at: int = START_MS,
        expires_at: int | None = None,
        kind: str = MAIL,
    ) -> DeliveryId:
        async with self.database.write() as connection:
            return await self.outbox.add(
                connection, self.showroom, kind, topic, subject, {"a": [1]}, at, expires_at
            )

    async def drop(self, subject: str, *topics: str) -> None:
        async with self.database.write() as connection:
            await self.outbox.drop(connection, MAIL, subject, *topics)

    async def ended(self) -> list[tuple[str, str | None, str]]:
        """Return topic, result and answer of each row."""
        async with self.database.read() as connection:
            found = await connection.execute(sa.select(rows).order_by(rows.c.number))
            return [(row.topic, row.result, row.answer) for row in found]

    async def tried(self) -> int:
        """Return how many attempts have been made and settled."""
        settled = sa.select(sa.func.sum(rows.c.attempts)).where(rows.c.claimed_until.is_(None))
        async with self.database.read() as connection:
            return await connection.scalar(settled) or 0


class Receiver:
    """A sink that keeps what it got, and answers as it was told."""

    def __init__(self, answer: Callable[[Delivery], Awaitable[Result]] | None = None) -> None:
        self.got: list[Delivery] = []
        self._answer = answer

    async def deliver(self, delivery: Delivery) -> Result:
        self.got.append(delivery)
        return await self._answer(delivery) if self._answer else Delivered()


@asynccontextmanager
async def working(worker: Worker | Couriers) -> AsyncIterator[None]:
    """Let a worker run for as long as the block."""
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        await end([task])


async def until(true: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait until something is true; fails when it never is."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = true()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)
