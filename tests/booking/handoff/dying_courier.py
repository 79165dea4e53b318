"""A node that sends and never gets to say so: `python -m tests.booking.handoff.dying_courier …`.

Its arguments: the database's address, the showroom's id, a folder. It prints a line for each
delivery that reached its receiver, and then waits to be killed.
"""

import asyncio
import sys
from pathlib import Path

from booking.delivery import Delivery, Result
from booking.outbox import Outbox
from showroom.database import Database
from showroom.ids import ShowroomId
from tests.booking.handoff.sending import Handing
from tests.virtual_clock import VirtualClock


class Speechless(Outbox):
    """An outbox that is told of some deliveries, and of the rest never."""

    told = 0

    async def settle(self, delivery: Delivery, result: Result) -> None:
        self.told += 1
        print("sent", flush=True)  # noqa: T201 - to whoever kills us
        if self.told % 2:
            await super().settle(delivery, result)
        else:
            await asyncio.Event().wait()


async def main(database_url: str, showroom: str, folder: str) -> None:
    async with Database.open(database_url) as database:
        clock = VirtualClock()
        handing = Handing(database, clock, ShowroomId(showroom), Path(folder))
        handing.outbox = Speechless(database, clock)
        await handing.couriers().run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
