"""The trade desk: reservations, and the way to the online store and back, put together."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from booking.dealers.directory import Dealer
from booking.leads.facts import last_order
from booking.leads.moves import Move
from booking.leads.rows import News
from booking.mail import mailer_of, sender_of
from booking.postman import Postman
from booking.recap import KIND as RECAP
from booking.recap import RecapSink
from booking.reservations.letters import KIND, ReservationLetters, ReservationWriter
from booking.reservations.life import ReservationState
from booking.reservations.news import ReservationNews
from booking.reservations.report import ReservationReport
from booking.reservations.reservations import Order, Reservations
from booking.reservations.rows import Reservation
from booking.reservations.sink import ReservationSink
from booking.store.events import OrderCancelled, OrderCreated, StoreEvents, Told
from booking.store.funnel import Funnels
from booking.store.linking import Links
from booking.store.secrets import StoreSecrets
from booking.store.waiting import Waiting
from booking.worker import Worker
from booking.writing import Writer
from showroom.ids import CallId, ShowroomId
from showroom.parts import Books
from showroom.shared import Shared
from showroom.showrooms import Showroom
from signaling.chores import Loop


@dataclass(frozen=True)
class Trade:
    """What the pages need of it, and what must run."""

    secrets: StoreSecrets
    links: Links
    events: StoreEvents
    funnels: Funnels
    reservations: Reservations
    report: ReservationReport
    loops: Sequence[Loop]


def trade(shared: Shared, books: Books) -> Trade:
    """Put reservations and the way to the store and back together."""
    settings, database, clock = shared.settings, shared.database, shared.clock
    letters, news = ReservationLetters(books.outbox, clock), ReservationNews(books.publish)

    async def announce(
        connection: AsyncConnection, showroom: Showroom, reservation: Reservation, dealer: Dealer
    ) -> None:
        await letters.announce(connection, showroom, reservation, dealer)
        await news.announce(connection, showroom, reservation, dealer)
        await books.leads.tell(connection, showroom, reservation.lead_id, _happened(reservation))

    rooms, cars, dealers = books.showrooms, books.vehicles, books.dealers
    reservations = Reservations(database, rooms, cars, dealers, announce, clock)

    async def hear(connection: AsyncConnection, showroom: Showroom, told: Told) -> None:
        """Bind what the store tells to its lead, and an order to what was reserved."""
        event, move = told.event, None
        if isinstance(event, OrderCancelled):
            await reservations.not_ordered(connection, showroom.id, event.data.order)
        if told.lead_id is None:
            return
        if isinstance(event, OrderCreated) and told.stands:
            order, move = Order(event.data.order, told.at, event.data.vehicle), Move.WIN
            await reservations.ordered(connection, showroom.id, told.lead_id, order)
        elif isinstance(event, OrderCancelled):
            was_last = await last_order(connection, told.lead_id, event.data.order)
            move = Move.REOPEN if was_last else None
        await books.leads.tell(connection, showroom, told.lead_id, _told(told), move)

    secrets = StoreSecrets(database, clock)
    postman = Postman(mailer_of(settings), Writer(settings.address), sender_of(settings), clock)
    writer = ReservationWriter(settings.address)
    sink = ReservationSink(postman, writer, reservations, rooms, cars, dealers)
    links = Links(database, secrets, clock)
    waiting = Waiting(database, rooms, [hear])

    async def photos_of(showroom_id: ShowroomId, call_id: CallId) -> str:
        if not await books.photos.of_call(showroom_id, call_id):
            return ""
        return f"{settings.address}/p/{books.photo_links.token(showroom_id, call_id)}"

    recap = RecapSink(postman, links, database, rooms, cars, photos_of, settings.address)
    return Trade(
        secrets,
        links,
        StoreEvents(database, secrets, clock, [hear]),
        Funnels(database),
        reservations,
        ReservationReport(database),
        loops=[
            Worker(books.outbox, {KIND: sink, RECAP: recap}).run,
            reservations.run,
            waiting.run,
        ],
    )


def _happened(reservation: Reservation) -> News:
    """Return what a lead's history says of a reservation: `reservation.given`, and so on."""
    what = {"vehicle": reservation.vehicle, "dealer": reservation.dealer}
    given = reservation.state is ReservationState.GIVEN
    by = (reservation.given_by or "") if given else ""
    return News(f"reservation.{reservation.state}", by, what)


def _told(told: Told) -> News:
    """Return what a lead's history says of an event of the store: its type and what it is about."""
    about = told.event.data.model_dump(mode="json", exclude={"lead", "context"}, exclude_none=True)
    return News(told.event.type, "store", about)
