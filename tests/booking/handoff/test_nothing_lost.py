"""Nothing is lost: not when a node is killed after it sent, nor when a receiver is away."""

import asyncio
import subprocess
import sys
from collections import Counter
from functools import partial

from booking.handoff.endpoint import EndpointState
from booking.outbox import CLAIM_MS
from showroom.children import leashed
from tests.booking.delivering import until, working
from tests.booking.handoff.receiver import receiving
from tests.booking.handoff.sending import Handing

LEADS = 500


async def test_a_node_that_is_killed_between_commit_and_send_loses_none_of_500_leads(
    database_url: str, handing: Handing
) -> None:
    endpoint = await handing.endpoint("http://127.0.0.1:1/")
    async with receiving(endpoint.secrets) as store:
        await handing.moved(endpoint.id, f"{store.url}/ok")
        for number in range(LEADS):
            await handing.publish(f"lead-{number}")
        committed = {line.id for line in await handing.lines()}
        await _killed_half_way(database_url, handing)
        died_with = len(store.requests)
        assert 0 < died_with < LEADS
        # Whoever dies with rows in hand has them for as long as a claim lasts.
        handing.clock.advance(seconds=CLAIM_MS / 1000 + 1)
        async with working(handing.couriers()):
            await until(partial(_all_over, handing))
    heard = Counter(store.ids)
    assert set(heard) == committed
    assert len(committed) == LEADS
    assert len(store.requests) > LEADS, "some that were sent were not told, and came twice"
    assert all(one["verified"] == [True] for one in store.requests)


async def _killed_half_way(database_url: str, handing: Handing) -> None:
    command = [sys.executable, "-m", "tests.booking.handoff.dying_courier"]
    node = await asyncio.create_subprocess_exec(
        *leashed([*command, database_url, handing.showroom, str(handing.data_dir)]),
        stdout=subprocess.PIPE,
    )
    assert node.stdout
    async with asyncio.timeout(60):
        # In the end as many stand still as there are places: they wait for their word.
        for _ in range(40):
            await node.stdout.readline()
    node.kill()
    await node.wait()


async def _all_over(handing: Handing) -> bool:
    return await handing.waiting() == 0


async def test_after_an_hour_without_a_receiver_all_arrive_within_one_step(
    handing: Handing,
) -> None:
    async with receiving() as store:
        endpoint = await handing.endpoint("http://127.0.0.1:1/")
        async with working(handing.couriers()):
            for number in range(20):
                await handing.publish(f"lead-{number}")
            # An hour: tries at once, after 5 s, after 5 min, after 30 min.
            for tries, wait_s in ((20, 5), (40, 300), (60, 1_800), (80, 1_495)):
                await until(partial(_tried, handing, tries))
                handing.clock.advance(seconds=wait_s)
            known = await handing.endpoints.get(handing.showroom, endpoint.id)
            assert known.state is EndpointState.FAILING
            assert store.requests == []
            await handing.moved(endpoint.id, f"{store.url}/ok")
            handing.clock.advance(seconds=7_200)
            await until(partial(_all_over, handing))
        assert len(set(store.ids)) == len(store.ids) == 20
        known = await handing.endpoints.get(handing.showroom, endpoint.id)
        assert known.state is EndpointState.WORKS
        assert known.delivered_at == handing.clock()


async def _tried(handing: Handing, times: int) -> bool:
    lines = await handing.lines()
    due = [line for line in lines if (line.next_try_at or 0) <= handing.clock()]
    return sum(line.attempts for line in lines) == times and not due
