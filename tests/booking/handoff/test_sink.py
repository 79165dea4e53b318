"""The sink: by what an endpoint is now, and what has arrived has arrived."""

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from booking.delivery import Delivered, Result
from booking.handoff.couriers import DELIVERY_SECONDS
from showroom.database import Database
from showroom.errors import TryAgain
from showroom.ids import ShowroomId
from showroom.tables import showrooms
from tests.booking.delivering import Shaky, until
from tests.booking.handoff.receiver import Heard, receiving
from tests.booking.handoff.sending import Handing
from tests.virtual_clock import VirtualClock


async def test_nothing_goes_out_by_what_an_endpoint_was_before(
    database_url: str, database: Database, clock: VirtualClock, paris: ShowroomId, tmp_path: Path
) -> None:
    async with Shaky.open(database_url) as shaky, receiving() as store:
        handing = Handing(shaky, clock, paris, tmp_path)
        endpoint = await handing.endpoint(f"{store.url}/ok")
        for number in range(2):
            await handing.publish(f"lead-{number}")
        first, second = await handing.claimed(endpoint.id)
        async with handing.sink() as sink:
            assert await sink.deliver(first) == Delivered("200 ok")
            shaky.unreadable = True
            with pytest.raises(TryAgain):
                await sink.deliver(second)
        await until(lambda: store.ids == [first.id])


async def test_a_line_of_the_log_that_can_not_be_kept_sends_nothing_again(
    handing: Handing, database: Database
) -> None:
    """Whoever removes the showroom meanwhile leaves the attempt without one."""

    async def look_up(_host: str, _family: socket.AddressFamily) -> Sequence[str]:
        async with database.write() as connection:
            await connection.execute(sa.delete(showrooms))
        return ["127.0.0.1"]

    handing.look_up = look_up
    async with receiving() as store:
        assert await deliver_one(handing, store) == Delivered("200 ok")


async def test_a_log_that_hangs_sends_nothing_again(handing: Handing, database: Database) -> None:
    busy, over = asyncio.Event(), asyncio.Event()
    holding: list[asyncio.Task[None]] = []

    async def hold() -> None:
        async with database.write() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(sa.text("LOCK TABLE delivery_attempts"))
            busy.set()
            await over.wait()

    async def look_up(_host: str, _family: socket.AddressFamily) -> Sequence[str]:
        holding.append(asyncio.create_task(hold()))
        await busy.wait()
        return ["127.0.0.1"]

    handing.look_up = look_up
    async with receiving() as store:
        assert await deliver_one(handing, store) == Delivered("200 ok")
        over.set()
        await asyncio.gather(*holding)


async def deliver_one(handing: Handing, store: Heard) -> Result:
    endpoint = await handing.endpoint(store.url.replace("127.0.0.1", "store.test") + "/ok")
    await handing.publish()
    (delivery,) = await handing.claimed(endpoint.id)
    async with handing.sink() as sink, asyncio.timeout(DELIVERY_SECONDS):
        return await sink.deliver(delivery)
