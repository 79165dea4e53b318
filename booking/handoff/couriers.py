"""The couriers: one worker for each endpoint that anything waits for.

So a receiver that hangs, or has a week of backlog, takes the places of its own worker and of nobody
else. A worker sees at once what its own node wrote. For the rest, one question each second asks
which endpoints have something due, and another one which of those at work were removed; a thousand
that sleep cost nothing.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager

import sqlalchemy as sa
import structlog

from booking.delivery import Sink
from booking.handoff.publishing import NEWS, queue_of
from booking.outbox import Outbox, unclaimed
from booking.worker import POLL_SECONDS, Worker, news_or
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import TryAgain
from showroom.ids import EndpointId
from showroom.lead_tables import endpoints
from showroom.tables import outbox as rows

log = structlog.get_logger()

# So many requests at a time does one endpoint get from one node.
PLACES = 32
# Longer than any way takes, so that each says itself what happened; shorter than a claim.
DELIVERY_SECONDS = 25.0
PAUSE_SECONDS = 0.1
# A worker is woken when there is something to do; this is for news that got lost.
IDLE_SECONDS = 60.0


class Couriers:
    """The loop of one node."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        open_sink: Callable[[], AbstractAsyncContextManager[Sink]],
        clock: Clock,
        places: int = PLACES,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """`open_sink` yields what delivers, and closes its connections in the end."""
        self._database = database
        self._outbox = outbox
        self._open_sink = open_sink
        self._clock = clock
        self._places = places
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Deliver until cancelled."""
        news, at_work = self._outbox.news(NEWS), dict[EndpointId, asyncio.Task[None]]()
        async with self._open_sink() as sink, asyncio.TaskGroup() as workers:
            while True:
                news.clear()
                due = set(await self._due())
                for endpoint in due:
                    kind = queue_of(endpoint)
                    if endpoint not in at_work:
                        work = self._worker(kind, sink).run()
                        at_work[endpoint] = workers.create_task(work, name=kind)
                    self._outbox.news(kind).set()
                # Not while something is due: what was written at the same moment, its worker drops.
                for endpoint in await self._removed(at_work.keys() - due):
                    at_work.pop(endpoint).cancel()
                # A worker that is up hears of its own news: a crowd of them is one look here.
                await asyncio.sleep(PAUSE_SECONDS)
                await news_or(news, self._poll_seconds)

    def _worker(self, kind: str, sink: Sink) -> Worker:
        return Worker(
            self._outbox, {kind: sink}, self._places, DELIVERY_SECONDS, poll_seconds=IDLE_SECONDS
        )

    async def _removed(self, at_work: Collection[EndpointId]) -> Collection[EndpointId]:
        """Return those of these endpoints that are there no more."""
        if not at_work:
            return ()
        query = sa.select(endpoints.c.id).where(endpoints.c.id.in_(at_work))
        try:
            async with self._database.read() as connection:
                return set(at_work) - set((await connection.scalars(query)).all())
        except TryAgain:
            return ()  # the next look will tell

    async def _due(self) -> Sequence[EndpointId]:
        """Return the endpoints that have something due."""
        now = self._clock()
        query = sa.select(rows.c.endpoint_id).where(
            rows.c.endpoint_id.is_not(None),
            rows.c.finished_at.is_(None),
            rows.c.next_try_at <= now,
            *unclaimed(now),
        )
        try:
            async with self._database.read() as connection:
                return (await connection.scalars(query.distinct())).all()
        except TryAgain:
            log.warning("the outbox can't be read", kind=NEWS)
            return []
