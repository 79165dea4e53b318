"""The trade desk: reservations, and the way to the online store and back, put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from booking.dealers.directory import Dealer
from booking.handoff.topics import Publish, Topic
from booking.mail import mailer_of, sender_of
from booking.outbox import Outbox
from booking.postman import Postman
from booking.reservations.letters import KIND, ReservationLetters, ReservationWriter
from booking.reservations.news import ReservationNews
from booking.reservations.report import ReservationReport
from booking.reservations.reservations import Reservations
from booking.reservations.rows import Reservation
from booking.reservations.sink import ReservationSink
from booking.store.events import OrderCancelled, OrderCreated, StoreEvents, Told
from booking.store.funnel import Funnels
from booking.store.secrets import StoreSecrets
from booking.worker import Worker
from booking.writing import Writer
from showroom.ids import ShowroomId
from showroom.parts import Books
from showroom.shared import Shared
from showroom.showrooms import Showroom
from signaling.chores import Loop


@dataclass(frozen=True)
class Trade:
    """What the pages need of it, and what must run."""

    secrets: StoreSecrets
    events: StoreEvents
    funnels: Funnels
    reservations: Reservations
    report: ReservationReport
    loops: Sequence[Loop]


async def nobody_listens(
    _connection: AsyncConnection,
    _showroom: ShowroomId,
    _topic: Topic,
    _subject: str,
    _data: Mapping[str, Any],
    _dealer: str | None,
) -> None:
    """Publish to nobody."""


def trade(shared: Shared, books: Books, publish: Publish = nobody_listens) -> Trade:
    """Put reservations and the way to the store and back together."""
    settings, database, clock = shared.settings, shared.database, shared.clock
    outbox = Outbox(database, clock)
    letters, news = ReservationLetters(outbox, clock), ReservationNews(publish)

    async def announce(
        connection: AsyncConnection, showroom: Showroom, reservation: Reservation, dealer: Dealer
    ) -> None:
        await letters.announce(connection, showroom, reservation, dealer)
        await news.announce(connection, showroom, reservation, dealer)

    rooms, cars, dealers = books.showrooms, books.vehicles, books.dealers
    reservations = Reservations(database, rooms, cars, dealers, announce, clock)

    async def note_order(connection: AsyncConnection, showroom: Showroom, told: Told) -> None:
        if told.lead_id is not None and isinstance(told.event, OrderCreated | OrderCancelled):
            at = told.at if isinstance(told.event, OrderCreated) else None
            await reservations.ordered(connection, showroom.id, told.lead_id, at)

    secrets = StoreSecrets(database, clock)
    postman = Postman(mailer_of(settings), Writer(settings.address), sender_of(settings), clock)
    writer = ReservationWriter(settings.address)
    sink = ReservationSink(postman, writer, reservations, rooms, cars, dealers)
    return Trade(
        secrets,
        StoreEvents(database, secrets, clock, [note_order]),
        Funnels(database),
        reservations,
        ReservationReport(database),
        loops=[Worker(outbox, {KIND: sink}).run, reservations.run],
    )
