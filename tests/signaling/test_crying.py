"""What all visitors are told of a showroom, and when."""

import asyncio

from tests.houses import House
from tests.people import Customer
from tests.samples import PASSWORD


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
