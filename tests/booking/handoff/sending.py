"""What tests of the handoff share: the whole way of an event, from the rule that publishes it."""

import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from booking.delivery import Delivery, Result, Sink
from booking.handoff.attempts import Attempts
from booking.handoff.couriers import Couriers
from booking.handoff.crm import AdfHttp, AdfMail, Prospects
from booking.handoff.deliveries import Attempt, Deliveries, Line
from booking.handoff.endpoint import Endpoint, EndpointKind
from booking.handoff.endpoints import Endpoints
from booking.handoff.files import CsvWay, FolderWay, file_threads
from booking.handoff.guard import Guard, LookUp
from booking.handoff.posting import open_poster
from booking.handoff.publishing import Publishing, queue_of
from booking.handoff.sink import HandoffSink, Way
from booking.handoff.topics import Topic
from booking.handoff.webhooks import Webhooks
from booking.mail import FolderMailer, Mailer
from booking.outbox import Outbox
from showroom.clock import Clock, system_clock
from showroom.database import Database
from showroom.ids import EndpointId, ShowroomId
from showroom.lead_tables import dealers
from showroom.showrooms import Showrooms
from showroom.tables import outbox as rows
from showroom.vehicles import Vehicles
from tests.virtual_clock import VirtualClock

SENDER = "visits@orvanne.example"
LOOPBACK = ("127.0.0.0/8",)
LEAD: Mapping[str, Any] = {
    "id": "lead-1",
    "version": 3,
    "state": "new",
    "contact": {
        "name": "Zoé Dupont",
        "email": "zoe@example.com",
        "phone": "+33612345678",
        "postcode": "75011",
        "language": "fr",
    },
    "consents": [{"purpose": "contact", "version": "1", "at": "2025-10-09T08:53:20Z"}],
    "vehicles": [{"slug": "crete", "version": "", "configuration": "C-77"}],
    "wishes": ["test-drive", "trade-in"],
    "trade_in": {
        "make": "Fiat",
        "model": "Panda",
        "year": 2014,
        "mileage": 91000,
        "condition": "fair",
        "registration": "AB-123-CD",
    },
    "budget": {"amount": 3_500_050, "currency": "EUR"},
    "financing": "monthly rates",
    "horizon": "month",
    "dealer": {"code": "D-12", "chosen": True},
    "notes": "Wants a tow bar.",
    "campaign": {
        "first": None,
        "last": {
            "source": "mail",
            "medium": "letter",
            "name": "spring",
            "at": "2025-10-09T08:50:00Z",
        },
    },
    "score": 70,
    "reasons": [{"rule": "contact", "points": 20}],
    "created_at": "2025-10-09T08:53:20Z",
}


class Handing:
    """A showroom's handoff with a real database, outbox, log and ways out."""

    def __init__(
        self,
        database: Database,
        clock: VirtualClock,
        showroom: ShowroomId,
        data_dir: Path,
        *,
        allowed: Sequence[str] = LOOPBACK,
        look_up: LookUp | None = None,
        mailer: Mailer | None = None,
        signing: Clock = system_clock,
    ) -> None:
        self.seconds = 15.0
        self.database, self.clock, self.showroom = database, clock, showroom
        self.data_dir = data_dir
        self.guard, self.look_up, self.signing = Guard(allowed), look_up, signing
        self.outbox = Outbox(database, clock, chance=lambda: 0)
        self.endpoints = Endpoints(database, self.guard, clock)
        self.deliveries = Deliveries(database, clock, self.outbox)
        self.attempts = Attempts(database)
        self.publishing = Publishing(self.outbox, clock)
        self.tls: ssl.SSLContext | bool = True
        self.mailer = mailer or FolderMailer(data_dir / "mail")
        self.counted: list[tuple[str, str]] = []

    async def endpoint(
        self,
        address: str = "",
        kind: EndpointKind = EndpointKind.WEBHOOK,
        topics: Sequence[Topic] = tuple(Topic),
        dealer: str | None = None,
        showroom: ShowroomId | None = None,
    ) -> Endpoint:
        where = showroom or self.showroom
        return await self.endpoints.add(where, kind, "A store", address, topics, dealer)

    async def publish(
        self,
        subject: str = "lead-1",
        topic: Topic = Topic.LEAD_QUALIFIED,
        data: Mapping[str, Any] = LEAD,
        dealer: str | None = None,
    ) -> None:
        where = self.showroom, topic, subject, data, dealer
        async with self.database.write() as connection:
            await self.publishing.publish(connection, *where)

    @asynccontextmanager
    async def sink(self) -> AsyncIterator[Sink]:
        prospects = Prospects(
            self.database, Showrooms(self.database), Vehicles(self.database).of, SENDER
        )
        async with AsyncExitStack() as stack:
            threads = stack.enter_context(file_threads())
            poster = await stack.enter_async_context(
                open_poster(self.guard, self.clock, self.look_up, self.seconds, self.tls)
            )
            ways: dict[EndpointKind, Way] = {
                EndpointKind.WEBHOOK: Webhooks(poster, self.signing),
                EndpointKind.ADF_MAIL: AdfMail(prospects, self.mailer, SENDER, self.clock),
                EndpointKind.ADF_HTTP: AdfHttp(prospects, poster),
                EndpointKind.FOLDER: FolderWay(self.data_dir, threads),
                EndpointKind.CSV: CsvWay(self.data_dir, threads),
            }
            count = lambda kind, result: self.counted.append((kind, result))  # noqa: E731
            yield HandoffSink(self.endpoints, self.attempts, ways, self.clock, count)

    async def send_due(self, endpoint: EndpointId) -> list[Result]:
        """Try once all that is due for an endpoint, and return the results."""
        results = []
        async with self.sink() as sink:
            for delivery in await self.outbox.claim(queue_of(endpoint), 100):
                results.append(await sink.deliver(delivery))
                await self.outbox.settle(delivery, results[-1])
        return results

    async def claimed(self, endpoint: EndpointId) -> list[Delivery]:
        return await self.outbox.claim(queue_of(endpoint), 100)

    def couriers(self, places: int = 32) -> Couriers:
        """Return couriers that look again often."""
        return Couriers(
            self.database, self.outbox, self.sink, self.clock, places, poll_seconds=0.02
        )

    async def lines(self) -> list[Line]:
        """Return all deliveries, the oldest first."""
        return list(reversed(await self.deliveries.of(self.showroom, most=10_000)))

    async def log(self, line: Line) -> Sequence[Attempt]:
        """Return the attempts of a delivery, the newest first."""
        return (await self.deliveries.get(self.showroom, line.id))[1]

    async def moved(self, endpoint: EndpointId, address: str) -> None:
        """Give an endpoint another address: what it is tells only a receiver that has started."""
        await self.endpoints.move(self.showroom, endpoint, address)

    async def kept(self, endpoint: EndpointId) -> Sequence[sa.Row[Any]]:
        """Return the outbox's rows of an endpoint in their order."""
        query = sa.select(rows).where(rows.c.endpoint_id == endpoint).order_by(rows.c.number)
        async with self.database.read() as connection:
            return (await connection.execute(query)).all()

    async def waiting(self) -> int:
        """Return how many rows are not over."""
        query = sa.select(sa.func.count()).where(rows.c.finished_at.is_(None))
        async with self.database.read() as connection:
            return await connection.scalar(query) or 0


async def saved_dealer(database: Database, showroom: ShowroomId, **changes: Any) -> None:
    """Put a dealer into the directory."""
    dealer = {
        "showroom_id": showroom,
        "code": "D-12",
        "kind": "dealer",
        "name": "Garage de l’Étoile",
        "street": "1 rue de la Paix",
        "postcode": "75002",
        "city": "Paris",
        "country": "FR",
        "latitude": 48.87,
        "longitude": 2.33,
        "zone": "Europe/Paris",
        "phone": "+33140000000",
        "email": "etoile@example.com",
        "closed_at": None,
    }
    async with database.write() as connection:
        await connection.execute(sa.insert(dealers).values(dealer | changes))
