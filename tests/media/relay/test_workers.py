"""Workers and the way to them: being known, being chosen, orders, and ending without a loss."""

import asyncio
import json
import random
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from media.relay import switch as switch_module
from media.relay import worker as worker_module
from media.relay.orders import (
    LEASE_MS,
    Arrange,
    Close,
    Connect,
    Facts,
    Seat,
    facts_key,
    orders_key,
)
from media.relay.road import Doors
from media.relay.room import MOST_LEGS, Room
from media.relay.rtp import clock
from media.relay.switch import Switch
from media.relay.wiring import ParticipantId
from media.relay.worker import SURE_SECONDS, Worker
from showroom.errors import BadRequest, TryAgain
from showroom.process import end
from showroom.words import Side, Voice
from tests.relays import PATIENCE, an_offer, known, page_on_relay, worker_here

CUSTOMER = Seat(who="customer", part=Side.CUSTOMER)
ADVISOR = Seat(who="a-alice", part=Side.ADVISOR)
BOSS = Seat(who="m-boss", part=Side.MANAGER)
BOTH = (CUSTOMER, ADVISOR)
AT_HOME = ParticipantId("customer")


@pytest.fixture
async def node(redis: Redis) -> AsyncIterator[Switch]:
    """A node's way to the workers."""
    switch = Switch(redis)
    task = asyncio.create_task(switch.run())
    yield switch
    await end([task])


@pytest.fixture
async def worker(redis: Redis) -> AsyncIterator[Worker]:
    async with worker_here(redis, "w1") as running:
        yield running


def a_connect(offer: str, who: str = "customer", rank: int = 1, **more: Any) -> Connect:
    return Connect(**{"room": "r", "who": who, "rank": rank, "sdp": offer, "seats": BOTH, **more})


def participants(worker: Worker, room: str = "r") -> list[str]:
    return sorted(worker.rooms[room].participants) if room in worker.rooms else []


async def say(
    redis: Redis, name: str, load: float = 0, legs: int = 0, drains: bool = False
) -> None:
    """Make a worker known that nobody has started."""
    facts = Facts(id=name, load=load, rooms=0, legs=legs, addresses=(), draining=drains)
    await redis.set(facts_key(name), facts.model_dump_json(), px=60_000)
    client: Any = redis
    await client.sadd("vs:media:workers", name)


# ---------------------------------------------------------------- being known, being chosen


async def test_a_worker_is_known_while_it_lives_and_forgotten_when_it_ends(
    redis: Redis, node: Switch
) -> None:
    async with worker_here(redis, "w1") as worker:
        [facts] = (await node.workers()).values()
        assert (facts.id, facts.rooms, facts.draining) == ("w1", 0, False)
        assert facts.addresses == tuple(worker.facts().addresses)
        assert 0 < await redis.pttl(facts_key("w1")) <= LEASE_MS
    assert await node.workers() == {}
    assert await node.pick() is None


async def test_one_that_says_nothing_more_is_forgotten(redis: Redis, node: Switch) -> None:
    await say(redis, "w1")
    await say(redis, "w2")
    await redis.delete(facts_key("w1"))
    assert list(await node.workers()) == ["w2"]
    client: Any = redis
    assert await client.smembers("vs:media:workers") == {"w2"}


async def test_the_one_with_least_to_do_is_picked_and_none_that_drains(
    redis: Redis, node: Switch
) -> None:
    await say(redis, "busy", load=0.9)
    await say(redis, "idle", load=0.1, legs=9)
    await say(redis, "drains", load=0.0, drains=True)
    assert await node.pick() == "idle"
    await say(redis, "idler", load=0.1, legs=2)
    assert await Switch(redis).pick() == "idler"


async def test_twenty_rooms_at_once_are_spread_over_the_workers(redis: Redis, node: Switch) -> None:
    for name in "abcd":
        await say(redis, name)
    picked = [await node.pick() for _ in range(20)]
    assert {name: picked.count(name) for name in "abcd"} == dict.fromkeys("abcd", 5)


async def test_facts_of_another_version_hide_nobody_else(redis: Redis, node: Switch) -> None:
    await say(redis, "w1")
    client: Any = redis
    for n, row in enumerate(("", "{}", "\x80", '{"id": "x", "temperature": 40}', "[1]", "null")):
        await redis.set(facts_key(f"odd{n}"), row)
        await client.sadd("vs:media:workers", f"odd{n}")
    await client.sadd("vs:media:workers", "", "no such key", "a:b")
    assert list(await node.workers()) == ["w1"]
    assert await node.pick() == "w1"


async def test_the_load_of_a_worker_is_that_of_its_process(worker: Worker) -> None:
    def work() -> None:
        ends = asyncio.get_running_loop().time() + 0.1
        while asyncio.get_running_loop().time() < ends:
            pass

    quiet = worker.facts().load
    for _ in range(10):
        work()
        await asyncio.sleep(0.01)
        worker.facts()
    assert worker.facts().load > quiet
    assert 0 <= worker.facts().load < 2


# ---------------------------------------------------------------- orders and answers


async def test_two_pages_hear_one_another_and_nobody_who_has_no_seat(
    node: Switch, worker: Worker
) -> None:
    async def of_customer(sdp: str) -> str:
        return await node.ask("w1", a_connect(sdp))

    async def of_advisor(sdp: str) -> str:
        return await node.ask("w1", a_connect(sdp, "a-alice"))

    async with page_on_relay(of_customer) as customer, page_on_relay(of_advisor) as advisor:
        await customer.hears()
        await advisor.hears()
        with pytest.raises(BadRequest, match="no seat"):
            await node.ask("w1", a_connect(await an_offer(), "m-boss"))
        assert participants(worker) == ["a-alice", "customer"]
        await node.ask("w1", Arrange(room="r", seats=(CUSTOMER,), number=1))
        await advisor.is_put_out()
        assert participants(worker) == ["customer"]
        await node.ask("w1", Close(room="r"))
        await customer.is_put_out()
    assert worker.rooms == {}


async def test_an_order_that_was_overtaken_lets_nobody_in_again(
    node: Switch, worker: Worker
) -> None:
    offer = await an_offer()
    await node.ask("w1", a_connect(offer, seats=(*BOTH, BOSS), number=3))
    await node.ask("w1", a_connect(offer, "m-boss", seats=(*BOTH, BOSS), number=3))
    await node.ask("w1", Arrange(room="r", seats=BOTH, number=4))
    assert participants(worker) == ["customer"]
    with pytest.raises(BadRequest, match="no seat"):
        await node.ask("w1", a_connect(offer, "m-boss", rank=2, seats=(*BOTH, BOSS), number=3))
    await node.ask("w1", Arrange(room="r", seats=(ADVISOR, BOSS), held=True, number=2))
    assert participants(worker) == ["customer"]
    assert not worker.rooms["r"].held
    await node.ask("w1", Arrange(room="r", seats=BOTH, held=True, number=5))
    assert worker.rooms["r"].held


async def test_who_hears_somebody_changes_by_an_order(node: Switch, worker: Worker) -> None:
    offer = await an_offer()
    await node.ask("w1", a_connect(offer, "m-boss", seats=(*BOTH, BOSS)))
    for n, voice in enumerate((Voice.ADVISOR, Voice.ALL, Voice.NOBODY)):
        seats = (*BOTH, Seat(who="m-boss", part=Side.MANAGER, voice=voice))
        await node.ask("w1", Arrange(room="r", seats=seats, number=n + 1))
        [boss] = worker.rooms["r"].participants.values()
        assert boss.member.voice is voice


async def test_who_did_not_hear_redis_hears_what_was_said_before_it_records_again(
    redis: Redis, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = worker.rooms["r"] = Room(worker._ground)
    was: list[tuple[bool, float, float]] = []  # deaf, now, when Redis was heard last
    monkeypatch.setattr(
        room.booth, "listen", lambda deaf: was.append((deaf, clock(), worker._heard))
    )
    client: Any = redis
    await client.client_pause(2_500)
    async with asyncio.timeout(PATIENCE):
        while not (any(deaf for deaf, *_ in was) and not was[-1][0]):
            await asyncio.sleep(0.02)
    missed = next(heard for deaf, _, heard in was if deaf)
    again = next(now for _, now, heard in was if heard > missed)
    records = was[-1][1]
    assert records - again > SURE_SECONDS - 0.2


async def test_garbage_among_the_orders_and_the_answers_is_passed_over(
    redis: Redis, node: Switch, worker: Worker
) -> None:
    client: Any = redis
    chance = random.Random(4)
    good = json.loads(a_connect("v=0").model_dump_json())
    for n in range(200):
        odd = {**good, chance.choice(["op", "seats", "rank", "room", "x"]): chance.choice(
            [None, -1, "x" * 500, [], {}, [{"who": "customer"}], "\x00", 1e308]
        )}  # fmt: skip
        rows = ["", "[]", "null", "\x00", json.dumps(odd), json.dumps({"id": "x", "order": odd})]
        await client.rpush(orders_key("w1"), chance.choice(rows))
        await client.rpush(f"vs:media:answers:{node._node}", chance.choice(rows))
        if n % 50 == 0:
            await client.rpush(f"vs:media:answers:{node._node}", '{"id": "nobody asked"}')
    assert "a=group:BUNDLE" in await node.ask("w1", a_connect(await an_offer()))


@pytest.mark.parametrize("sdp", ["v=0", "", "\x00" * 100, "v=0\r\nm=audio 9 x 0\r\n" * 200])
async def test_an_offer_that_makes_no_sense_is_refused_in_a_sentence(
    node: Switch, worker: Worker, sdp: str
) -> None:
    with pytest.raises(BadRequest, match=r"^The relay can't take this: .*\.$"):
        await node.ask("w1", a_connect(sdp))
    assert await node.ask("w1", Arrange(room="r", seats=BOTH)) == ""


async def test_a_worker_without_a_port_says_that_it_can_t_now(redis: Redis, node: Switch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        full = Worker(redis, Doors(("127.0.0.1",), range(port, port + 1)), "full")
        task = asyncio.create_task(full.run())
        try:
            await known(redis, "full")
            with pytest.raises(TryAgain):
                await node.ask("full", a_connect(await an_offer()))
        finally:
            await end([task])


async def test_nobody_waits_for_ever_for_a_worker_that_is_gone(
    redis: Redis, node: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switch_module, "PATIENCE", 0.2)
    with pytest.raises(TryAgain):
        await node.ask("nobody", Close(room="r"))
    # What was asked of it fades.
    assert 0 < await redis.ttl(orders_key("nobody")) <= 30


async def test_a_page_that_begins_anew_again_and_again_holds_three_connections(
    node: Switch, worker: Worker
) -> None:
    offer = await an_offer()
    for rank in range(1, 11):
        await node.ask("w1", a_connect(offer, rank=rank))
    [customer] = worker.rooms["r"].participants.values()
    assert [leg.rank for leg in customer.legs] == [8, 9, 10]
    assert len(customer.legs) == MOST_LEGS


async def test_what_never_stood_is_not_mended_but_made_anew(node: Switch, worker: Worker) -> None:
    offer = await an_offer()
    await node.ask("w1", a_connect(offer))
    with pytest.raises(BadRequest, match="nothing to restart"):
        await node.ask("w1", a_connect(offer))
    assert [leg.rank for leg in worker.rooms["r"].participants[AT_HOME].legs] == [1]
    await node.ask("w1", a_connect(offer, rank=2))


async def test_orders_of_many_rooms_are_carried_out_side_by_side(
    node: Switch, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switch_module, "PATIENCE", 30)
    offer = await an_offer()
    orders = [a_connect(offer, room=f"r{n}") for n in range(20)]
    answers = await asyncio.gather(*(node.ask("w1", order) for order in orders))
    assert len(set(answers)) == 20
    assert worker.facts().rooms == 20
    await asyncio.gather(*(node.ask("w1", Close(room=f"r{n}")) for n in range(20)))
    assert worker.rooms == {}


# ---------------------------------------------------------------- a loop that breaks


async def test_a_room_that_breaks_does_not_stop_the_others_beats(
    node: Switch, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = await an_offer()
    for name in ("broken", "whole"):
        await node.ask("w1", a_connect(offer, room=name))
    beats = 0

    def count(*_: object) -> None:
        nonlocal beats
        beats += 1

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(worker_module.log, "exception", lambda *_, **__: None)
    monkeypatch.setattr(worker.rooms["broken"], "beat", fail)
    monkeypatch.setattr(worker.rooms["whole"], "beat", count)
    async with asyncio.timeout(10):
        while beats < 5:
            await asyncio.sleep(0.02)


# ---------------------------------------------------------------- draining


async def test_a_worker_that_drains_ends_when_its_rooms_have_moved(
    redis: Redis, node: Switch
) -> None:
    worker = Worker(redis, Doors(), "w1")
    task = asyncio.create_task(worker.run())
    await known(redis, "w1")

    async def of_customer(sdp: str) -> str:
        return await node.ask("w1", a_connect(sdp))

    async with page_on_relay(of_customer):
        worker.drain()
        async with asyncio.timeout(5):
            while not (await node.workers())["w1"].draining:
                await asyncio.sleep(0.02)
        assert await node.pick() is None
        # It still takes orders of its rooms: a page may be loaded anew before the room has moved.
        await node.ask("w1", a_connect(await an_offer(), rank=2))
        assert not task.done()
        await worker.rooms["r"].participants[AT_HOME].legs[-1].close()
    # The page has gone over to another worker.
    async with asyncio.timeout(5):
        await task
    assert await node.workers() == {}
    assert not await redis.exists(orders_key("w1"))


async def test_a_worker_with_nobody_to_move_to_waits_only_so_long(
    redis: Redis, node: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "DRAIN_SECONDS", 0.5)
    worker = Worker(redis, Doors(), "w1")
    task = asyncio.create_task(worker.run())
    await known(redis, "w1")

    async def of_customer(sdp: str) -> str:
        return await node.ask("w1", a_connect(sdp))

    async with page_on_relay(of_customer) as page:
        began = asyncio.get_running_loop().time()
        worker.drain()
        async with asyncio.timeout(10):
            await task
        assert asyncio.get_running_loop().time() - began >= 0.5
        await page.is_put_out()


async def test_a_worker_without_rooms_ends_at_once(redis: Redis) -> None:
    worker = Worker(redis, Doors(), "w1")
    task = asyncio.create_task(worker.run())
    await known(redis, "w1")
    worker.drain()
    async with asyncio.timeout(5):
        await task
    assert not await redis.exists(facts_key("w1"))


async def test_a_room_that_everybody_has_left_is_forgotten_after_a_while(
    node: Switch, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "EMPTY_SECONDS", 0)
    await node.ask("w1", a_connect(await an_offer()))
    await worker.rooms["r"].participants[AT_HOME].legs[0].close()
    async with asyncio.timeout(10):
        while worker.rooms:
            await asyncio.sleep(0.05)
    assert worker._arranged == {}
    assert worker._empty_since == {}
