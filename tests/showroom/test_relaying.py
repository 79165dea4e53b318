"""Media workers as processes: started, killed, frozen and ended, while calls go on."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any, cast

import pytest
import structlog
from redis.asyncio import Redis

from media.relay.orders import LEASE_MS
from media.relay.switch import PATIENCE, Switch
from showroom.errors import TryAgain
from showroom.parts import RelayDesk
from showroom.process import end
from showroom.relaying import media_workers
from showroom.showrooms import Showroom, Showrooms
from showroom.valkey import connect
from signaling import paths as paths_module
from signaling.paths import Paths
from signaling.stirred import Stirred
from tests.houses import House, live_call, open_house
from tests.nodes import media_process, node_process, node_settings, until_healthy
from tests.people import Person
from tests.relays import RelayPage, an_offer
from tests.samples import PASSWORD
from tests.showroom.test_valkey import children_of, gone
from tests.signaling.floor import Floor, records_nothing
from tests.threats.outages import own_redis

# A process of Python takes its time on a machine that other work shares.
START_SECONDS = 60
ROOMS = 20
# The lease, what it may be exceeded by, and a look on either side. The pages' part comes on top:
# a test with browsers measures all of it.
MOVED_SECONDS = LEASE_MS / 1000 + paths_module.ABSENT_SECONDS + 2 * paths_module.LOOK_SECONDS


async def workers_at(redis: Redis, count: int, without: Sequence[str] = ()) -> list[str]:
    """Wait until so many workers (beside some) are known; return them."""
    switch = Switch(redis)
    async with asyncio.timeout(START_SECONDS):
        while len(found := sorted((await switch.workers()).keys() - set(without))) != count:
            await asyncio.sleep(0.02)
    return found


async def until_ended(process: subprocess.Popen[bytes], seconds: float) -> int:
    async with asyncio.timeout(seconds):
        while process.poll() is None:
            await asyncio.sleep(0.02)
    return process.returncode


# ---------------------------------------------------------------- start and end


async def test_a_worker_s_process_makes_itself_known_and_ends_in_order(
    redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    with media_process(redis_url, tmp_path / "log") as process:
        await workers_at(redis, 1)
        process.terminate()
        assert await until_ended(process, 20) == 0
        assert await Switch(redis).workers() == {}


async def test_without_a_redis_of_its_nodes_a_worker_does_not_start(tmp_path: Path) -> None:
    with media_process("", tmp_path / "log") as process:
        assert await until_ended(process, START_SECONDS) == 2
    assert "SHOWROOM_REDIS_URL is empty" in (tmp_path / "log").read_text()


async def test_without_the_secret_of_its_nodes_a_worker_does_not_start(
    redis_url: str, tmp_path: Path
) -> None:
    with media_process(redis_url, tmp_path / "log", secret="") as process:
        assert await until_ended(process, START_SECONDS) == 2
    assert "SHOWROOM_SECRET_KEY is missing" in (tmp_path / "log").read_text()


async def test_several_workers_start_together_again_alone_and_end_with_their_parent(
    redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    with media_process(redis_url, tmp_path / "log", count=2) as process:
        before = await workers_at(redis, 2)
        children = children_of(process.pid)
        os.kill(children[0], signal.SIGKILL)
        await workers_at(redis, 1, without=before)
        children = children_of(process.pid)
        assert len(children) == 2
        process.kill()
        await until_ended(process, 20)
        for child in children:
            await gone(child)


async def test_a_worker_that_can_not_be_started_is_started_as_soon_as_it_can(
    redis: Redis, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python, here = tmp_path / "python", sys.executable
    monkeypatch.setattr(sys, "executable", str(python))
    settings = node_settings(tmp_path, redis_url=redis_url)
    with structlog.testing.capture_logs() as logged:
        async with media_workers(settings, redis_url, 1):
            async with asyncio.timeout(START_SECONDS):
                while len(logged) < 2:
                    await asyncio.sleep(0.02)
            assert {one["why"] for one in logged} == {"FileNotFoundError"}
            python.write_text(f'#!/bin/sh\nexec {here} "$@"\n')
            python.chmod(0o700)
            await workers_at(redis, 1)


async def test_a_node_starts_its_worker_again_and_leaves_no_orphan(tmp_path: Path) -> None:
    settings = node_settings(tmp_path)
    with node_process(settings, tmp_path / "log") as node:
        await until_healthy(node.url)
        redis = await connect(f"unix://{tmp_path}/valkey/valkey.sock")
        try:
            [first] = await workers_at(redis, 1)
            children = children_of(node.process.pid)
            [worker] = [child for child in children if b"\0media\0" in command_of(child)]
            os.kill(worker, signal.SIGKILL)
            [second] = await workers_at(redis, 1, without=[first])
            assert second != first
        finally:
            await redis.aclose()
        children = children_of(node.process.pid)
        assert len(children) == 2, "a Redis and a worker"
        node.kill()
        for child in children:
            await gone(child)


def command_of(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


# ---------------------------------------------------------------- workers that die


class Rooms:
    """One showroom."""

    def __init__(self, showroom: Showroom) -> None:
        self._showroom = showroom

    async def all(self) -> tuple[Showroom, ...]:
        return (self._showroom,)

    async def by_id(self, _: str) -> Showroom:
        return self._showroom


@asynccontextmanager
async def looking(floor: Floor, nodes: int = 1) -> AsyncIterator[None]:
    """Let so many nodes look at the paths of a floor's calls."""
    loops = []
    for _ in range(nodes):
        switch = Switch(floor.redis)
        rooms = cast(Showrooms, Rooms(floor.showroom))
        relay = RelayDesk(switch)
        paths = Paths(floor.pairing, floor.live, rooms, relay, records_nothing, Stirred())
        loops += [switch.run, *paths.loops()]
    tasks = [asyncio.create_task(cast(Any, loop)()) for loop in loops]
    try:
        yield
    finally:
        await end(tasks)


async def test_all_rooms_of_a_worker_that_is_killed_are_moved_in_time(
    redis: Redis, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths_module, "SPARE_SECONDS", 0)
    floor, calls = Floor(redis), [f"c{n}" for n in range(ROOMS)]
    for n, call in enumerate(calls):
        await floor.advisor(f"a{n}")
        await floor.customer(call)
        await floor.talk(call, f"a{n}")
        await floor.supervise(call)
    with media_process(redis_url, tmp_path / "1") as first:
        [dying] = await workers_at(redis, 1)
        async with looking(floor, nodes=2):
            await until_moved(floor, calls, {dying})
            with media_process(redis_url, tmp_path / "2"), media_process(redis_url, tmp_path / "3"):
                others = await workers_at(redis, 2, without=[dying])
                first.kill()
                began = monotonic()
                await until_moved(floor, calls, set(others))
                took = monotonic() - began
    found = [await floor.call(call) for call in calls]
    assert {call.turn for call in found} == {2}
    assert {call.relay for call in found} == set(others), "and not all to one"
    assert took < MOVED_SECONDS + 1, f"{took:.1f} s"


async def until_moved(floor: Floor, calls: list[str], workers: set[str]) -> None:
    async with asyncio.timeout(20):
        while not {(await floor.call(call)).relay for call in calls} <= workers:
            await asyncio.sleep(0.02)


# ---------------------------------------------------------------- with real calls


async def connected(who: Person, turn: int) -> RelayPage:
    async def ask(sdp: str) -> str:
        answer = await who.send("relay", turn=turn, sdp=sdp)
        assert answer["ok"], answer
        return str(answer["sdp"])

    page = RelayPage()
    await page.connect(ask)
    return page


async def turn_of(who: Person, least: int = 1) -> int:
    state = await who.until_newest(
        "call_state", lambda c: c["relay"] is not None and c["relay"]["turn"] >= least
    )
    return int(state["relay"]["turn"])


async def listen(house: House, call: str) -> Any:
    """Have a manager listen to a call from now on: it needs a relay."""
    boss = house.boss()
    await boss.watch("boss@example.com", PASSWORD)
    await boss.supervise(call)
    return boss


async def test_a_worker_that_hangs_keeps_nobody_waiting_but_who_asks_it(
    house: House, redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    offer = await an_offer()
    async with (
        live_call(house) as (customer, alice, call),
        house.employee("b") as bruno,
        house.customer("c2") as other,
    ):
        await bruno.work("bruno@example.com", PASSWORD)
        await other.call()
        link = (await bruno.accept())["link"]
        assert (await other.send("connected", link=link))["ok"]
        with media_process(redis_url, tmp_path / "log") as process:
            await workers_at(redis, 1)
            async with await listen(house, call):
                turn = await turn_of(customer)
                process.send_signal(signal.SIGSTOP)
                began = monotonic()
                hanging = asyncio.create_task(customer.send("relay", turn=turn, sdp=offer))
                answers: list[float] = []
                while not hanging.done():
                    asked = monotonic()
                    assert (await other.send("chat", id=f"k{len(answers)}", text="hi"))["ok"]
                    assert (await alice.send("point", x=0, y=0))["ok"]
                    answers.append(monotonic() - asked)
                    await asyncio.sleep(0.1)
                assert (await hanging)["code"] == "try_again"
                assert PATIENCE - 0.1 < monotonic() - began < PATIENCE + 2
                assert len(answers) > 10, "the others' messages went through meanwhile"
                assert sorted(answers)[len(answers) // 2] < 0.5
                # Its lease is over by now: the call is direct again.
                await alice.until_newest("call_state", lambda c: c["relay"] is None)


async def test_a_redis_that_freezes_ends_no_sound(tmp_path: Path) -> None:
    async with own_redis(tmp_path / "redis") as server:
        settings = node_settings(tmp_path / "node", redis_url=server.url)
        async with open_house(settings) as house, live_call(house) as (customer, alice, call):
            with media_process(server.url, tmp_path / "log"):
                await workers_at(house.node.shared.redis, 1)
                async with await listen(house, call):
                    turn = await turn_of(customer)
                    pages = [await connected(one, turn) for one in (customer, alice)]
                    for seconds in (2.0, 4.0):
                        server.freeze()
                        thawed = monotonic() + seconds
                        while monotonic() < thawed:
                            for page in pages:
                                await page.hears()
                        server.thaw()
                        for page in pages:
                            await page.hears(50)
                    async with asyncio.timeout(20):
                        while (await alice.send("chat", id="k", text="back"))["ok"] is not True:
                            await asyncio.sleep(0.1)
                    state = await customer.until_newest("call_state")
                    assert (state["relay"], state["path"]) == ({"turn": turn}, "relay")
                    for page in pages:
                        await page.close()


async def test_a_worker_that_shall_end_moves_its_room_first(
    house: House, redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    async with live_call(house) as (customer, alice, call):
        with media_process(redis_url, tmp_path / "1") as first:
            [old] = await workers_at(redis, 1)
            async with await listen(house, call) as boss:
                people = (customer, alice, boss)
                turn = await turn_of(customer)
                pages = [await connected(one, turn) for one in people]
                with media_process(redis_url, tmp_path / "2"):
                    await workers_at(redis, 1, without=[old])
                    first.terminate()
                    newer = await turn_of(customer, turn + 1)
                    new_pages = [await connected(one, newer) for one in people]
                    # Both are there: nobody misses a sound.
                    for page in (*pages, *new_pages):
                        await page.hears()
                    assert first.poll() is None, "it waits for the pages"
                    for page in pages:
                        await page.close()
                    assert await until_ended(first, 20) == 0
                    for page in new_pages:
                        await page.hears()
                    for page in new_pages:
                        await page.close()


async def test_orders_to_a_worker_that_was_killed_are_refused_and_not_waited_for_ever(
    redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    switch = Switch(redis)
    task = asyncio.create_task(switch.run())
    try:
        with media_process(redis_url, tmp_path / "log") as process:
            [worker] = await workers_at(redis, 1)
            process.kill()
            with pytest.raises(TryAgain):
                await RelayDesk(switch).close(worker, cast(Any, "r"))
            await workers_at(redis, 0)
    finally:
        await end([task])
