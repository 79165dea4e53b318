"""The couriers: a worker for each endpoint that has something, for as long as it is there."""

import asyncio
from functools import partial

import sqlalchemy as sa

from booking.handoff.publishing import queue_of
from showroom.database import Database
from showroom.lead_tables import endpoints
from tests.booking.delivering import until, working
from tests.booking.handoff.receiver import receiving
from tests.booking.handoff.sending import Handing


async def test_the_worker_of_a_removed_endpoint_ends_and_no_other(handing: Handing) -> None:
    async with receiving() as store:
        removed = await handing.endpoint(f"{store.url}/ok")
        stays = await handing.endpoint(f"{store.url}/ok")
        both = {queue_of(removed.id), queue_of(stays.id)}
        async with working(handing.couriers()):
            await handing.publish("lead-1")
            await until(lambda: len(store.requests) == 2)
            assert both <= at_work()
            await handing.endpoints.remove(handing.showroom, removed.id)
            await until(lambda: both & at_work() == {queue_of(stays.id)})
            await handing.publish("lead-2")
            await until(lambda: len(store.requests) == 3)


async def test_what_hangs_is_given_up_when_its_endpoint_is_removed(handing: Handing) -> None:
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/hang")
        async with working(handing.couriers()):
            await handing.publish()
            await until(lambda: len(store.requests) == 1)
            await handing.endpoints.remove(handing.showroom, endpoint.id)
            await until(lambda: queue_of(endpoint.id) not in at_work())
    (line,) = await handing.lines()
    assert line.state == "dropped"


async def test_what_was_published_while_its_endpoint_was_removed_is_dropped(
    handing: Handing, database: Database
) -> None:
    endpoint = await handing.endpoint("http://127.0.0.1:1/")
    await handing.publish()
    async with database.write() as connection:
        await connection.execute(sa.delete(endpoints))
    async with working(handing.couriers()):
        await until(partial(over, handing))
        await until(lambda: queue_of(endpoint.id) not in at_work())
    (line,) = await handing.lines()
    assert (line.state, line.answer) == ("dropped", "the endpoint was removed")


async def over(handing: Handing) -> bool:
    return await handing.waiting() == 0


def at_work() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks()}
