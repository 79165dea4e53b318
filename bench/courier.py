"""A node's way out: publishing, and the couriers that deliver webhooks.

`python -m bench.courier DATABASE_URL` delivers until it is killed.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from booking.delivery import Sink
from booking.handoff.attempts import Attempts
from booking.handoff.couriers import Couriers
from booking.handoff.endpoint import EndpointKind
from booking.handoff.endpoints import Endpoints
from booking.handoff.guard import Guard
from booking.handoff.posting import open_poster
from booking.handoff.publishing import Publishing
from booking.handoff.sink import HandoffSink
from booking.handoff.webhooks import Webhooks
from booking.outbox import Outbox
from showroom.clock import Clock, system_clock
from showroom.database import Database


class Courier:
    """What a node has of the handoff, for webhooks to this machine."""

    def __init__(self, database: Database, clock: Clock = system_clock) -> None:
        guard = Guard(["127.0.0.0/8"])
        self._outbox = Outbox(database, clock)
        self.endpoints = Endpoints(database, guard, clock)
        self.publishing = Publishing(self._outbox, clock)

        @asynccontextmanager
        async def open_sink() -> AsyncIterator[Sink]:
            async with open_poster(guard, clock) as poster:
                # Signed by the real time, whatever the clock of the rules says.
                ways = {EndpointKind.WEBHOOK: Webhooks(poster, system_clock)}
                count = lambda _kind, _result: None  # noqa: E731
                yield HandoffSink(self.endpoints, Attempts(database), ways, clock, count)

        self.couriers = Couriers(database, self._outbox, open_sink, clock)


async def main(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await Courier(database).couriers.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
