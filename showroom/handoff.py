"""The handoff, put together: what happened reaches stores and dealers, whatever dies on the way."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from booking.delivery import Sink
from booking.handoff.attempts import Attempts, Sweeper
from booking.handoff.couriers import Couriers
from booking.handoff.crm import AdfHttp, AdfMail, Prospects
from booking.handoff.deliveries import Deliveries
from booking.handoff.endpoint import EndpointKind
from booking.handoff.endpoints import Endpoints
from booking.handoff.files import CsvWay, FolderWay, file_threads
from booking.handoff.guard import Guard
from booking.handoff.metrics import Metrics
from booking.handoff.posting import open_poster
from booking.handoff.sink import HandoffSink, Way
from booking.handoff.webhooks import Webhooks
from booking.mail import Mailer, sender_of
from showroom.parts import Books
from showroom.shared import Shared
from signaling.chores import Loop


@dataclass(frozen=True)
class Handoff:
    """What the pages and the rules need of it, and what must run."""

    endpoints: Endpoints
    deliveries: Deliveries
    metrics: Metrics
    loops: Sequence[Loop]


def handoff(shared: Shared, books: Books, mailer: Mailer) -> Handoff:
    """Put the handoff together, on top of the outbox that everything is written into."""
    settings, database, clock = shared.settings, shared.database, shared.clock
    outbox, guard = books.outbox, Guard(settings.handoff_hosts)
    endpoints = Endpoints(database, guard, clock)
    attempts, metrics = Attempts(database), Metrics(database, clock)
    sender = sender_of(settings)
    prospects = Prospects(database, books.showrooms, books.vehicles.of, sender)

    @asynccontextmanager
    async def open_sink() -> AsyncIterator[Sink]:
        with file_threads() as threads:
            async with open_poster(guard, clock) as poster:
                ways: dict[EndpointKind, Way] = {
                    EndpointKind.WEBHOOK: Webhooks(poster, clock),
                    EndpointKind.ADF_MAIL: AdfMail(prospects, mailer, sender, clock),
                    EndpointKind.ADF_HTTP: AdfHttp(prospects, poster),
                    EndpointKind.FOLDER: FolderWay(settings.data_dir, threads),
                    EndpointKind.CSV: CsvWay(settings.data_dir, threads),
                }
                yield HandoffSink(endpoints, attempts, ways, clock, metrics.count)

    return Handoff(
        endpoints,
        Deliveries(database, clock, outbox),
        metrics,
        loops=[
            Couriers(database, outbox, open_sink, clock).run,
            Sweeper(books.showrooms, outbox, attempts, clock).run,
        ],
    )
