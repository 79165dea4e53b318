"""One address can't keep all times from others, however fast it asks for them."""

import asyncio

from tests.houses import House
from tests.threats.conftest import Report
from tests.web.booking import free, hold
from web.limits import HOLDS

APART = 4  # slots, so that no time is in the way of the next one
WISHES = 150


async def test_who_asks_for_150_times_at_once_gets_no_more_than_their_share(
    house: House, figure: Report
) -> None:
    async with house.customer() as hoarder, house.customer() as customer:
        starts = (await free(hoarder))[::APART][:WISHES]
        begun = asyncio.get_running_loop().time()
        answers = await asyncio.gather(*(hold(hoarder, at) for at in starts))
        seconds = asyncio.get_running_loop().time() - begun
        statuses = [status for status, _ in answers]
        assert set(statuses) == {201, 429}
        kept = statuses.count(201)
        assert HOLDS.burst <= kept <= HOLDS.burst + HOLDS.rate * seconds + 1
        left = await free(customer)
        refused = [at for at, status in zip(starts, statuses, strict=True) if status == 429]
        assert set(refused) <= set(left)
    figure(f"{len(starts)} times wished for at once by one address: {kept} kept, the others 429")
