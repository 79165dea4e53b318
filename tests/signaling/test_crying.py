"""What all visitors are told of a showroom, and when."""

import asyncio
import time

from redis.asyncio import Redis

from tests.houses import House, live_call
from tests.people import Customer
from tests.samples import PASSWORD
from tests.signaling.floor import Floor, a_showroom


async def test_a_visitor_who_comes_in_between_takes_the_news_from_nobody(house: House) -> None:
    async with house.customer() as first, house.employee() as alice:
        await first.connect()
        await alice.sign_in("alice@example.com", PASSWORD)
        await alice.connect()
        for available in (True, False, True):
            await asyncio.sleep(1.1)  # what visitors share is at most a second old
            first.heard.clear()
            await alice.send("set_available", available=available)
            # Their look at the showroom comes before the beat that tells the others.
            async with house.customer(f"page-{available}") as second:
                await second.connect()
                await until_free(second, int(available))
                await until_free(first, int(available))


async def until_free(visitor: Customer, free: int) -> None:
    await visitor.until("showroom_state", lambda s: s["languages"]["en"]["free"] == free)


async def test_a_manager_hears_how_many_wait_and_sees_the_oldest_and_all_that_run(
    house: House, redis: Redis
) -> None:
    floor = Floor(redis, a_showroom(id=house.paris), now=int(time.time() * 1000))
    async with live_call(house) as (_, _, running), house.boss() as boss:
        for number in range(510):
            await floor.customer(f"c{number:03}", language=("en", "fr")[number % 2], seated=False)
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        await boss.connect()
        state = await boss.until("floor_state", lambda f: len(f["calls"]) > 1)
    assert state["waiting"] == 510
    assert {call["call"] for call in state["calls"]} == {running, *(f"c{n:03}" for n in range(500))}
