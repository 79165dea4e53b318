"""Choosing workers: who gets a call, when it moves, and that no worker that hangs is waited for."""

import asyncio
from collections.abc import Mapping
from typing import cast

import pytest
from redis.asyncio import Redis

from showroom.errors import BadRequest, NotFound, TryAgain
from showroom.ids import CallId, ShowroomId
from showroom.showrooms import Showroom, Showrooms
from showroom.words import Path, RecordingEnd, RecordingState
from signaling import paths as module
from signaling.needs import Arrangement, Relay
from signaling.pairing import prefix
from signaling.paths import Paths, Recorded
from signaling.stirred import Stirred
from tests.signaling.floor import Floor, a_showroom, records_nothing

ABSENT = 0.2


class Rooms:
    """The showrooms there are."""

    def __init__(self, *rooms: Showroom) -> None:
        self._rooms = {room.id: room for room in rooms}

    async def all(self) -> tuple[Showroom, ...]:
        return tuple(self._rooms.values())

    async def by_id(self, which: str) -> Showroom:
        if self._rooms[ShowroomId(which)].slug == "gone":
            raise NotFound
        return self._rooms[ShowroomId(which)]


class Workers:
    """A relay whose workers do what a test wants. It remembers what it was told."""

    def __init__(self, **workers: bool) -> None:
        self.there = workers
        self.picks = 0
        self.told: list[tuple[str, str, Arrangement]] = []
        self.closed: list[tuple[str, str]] = []
        self.hanging: set[str] = set()
        self.hung: set[asyncio.Task[None] | None] = set()
        self.refusing = False

    async def workers(self) -> Mapping[str, bool]:
        return dict(self.there)

    async def pick(self) -> str | None:
        self.picks += 1
        able = sorted(name for name, takes in self.there.items() if takes)
        return able[0] if able else None

    async def arrange(self, worker: str, call: CallId, arrangement: Arrangement) -> None:
        await self._answer(worker)
        self.told.append((worker, call, arrangement))

    async def close(self, worker: str, call: CallId) -> None:
        await self._answer(worker)
        self.closed.append((worker, call))

    async def _answer(self, worker: str) -> None:
        if self.refusing:
            raise BadRequest
        if worker in self.hanging or worker not in self.there:
            self.hung.add(asyncio.current_task())
            await asyncio.sleep(3600)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ABSENT_SECONDS", ABSENT)


def paths_of(
    floor: Floor, relay: Workers, *others: Showroom, recorded: Recorded = records_nothing
) -> Paths:
    rooms = cast(Showrooms, Rooms(*others, floor.showroom))
    able = cast(Relay, relay)
    return Paths(floor.pairing, floor.live, rooms, able, recorded, Stirred())


async def look(paths: Paths, floor: Floor) -> None:
    """Look at all calls, and wait until the orders that this has given are carried out, or hang."""
    paths.wake(floor.showroom.id)
    await paths.look()
    async with asyncio.timeout(10):
        while set(paths._orders.values()) - cast(Workers, paths._relay).hung:
            await asyncio.sleep(0.001)


@pytest.fixture
async def talk(floor: Floor) -> Floor:
    """A floor on which Alice talks with c1, and a manager listens."""
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    await floor.supervise("c1")
    return floor


async def test_a_call_gets_a_worker_and_sticks_to_it(talk: Floor) -> None:
    relay = Workers(w2=True)
    paths = paths_of(talk, relay)
    await look(paths, talk)
    call = await talk.call("c1")
    assert (call.path, call.relay, call.turn) == (Path.RELAY, "w2", 1)
    relay.there = {"w1": True, "w2": True}
    for _ in range(3):
        await look(paths, talk)
    call = await talk.call("c1")
    assert (call.relay, call.turn, relay.picks) == ("w2", 1, 1)


async def test_without_a_worker_it_waits_and_goes_there_as_soon_as_one_comes(talk: Floor) -> None:
    relay = Workers()
    paths = paths_of(talk, relay)
    await look(paths, talk)
    assert (await talk.call("c1")).path is Path.DIRECT
    relay.there = {"w1": True}
    await look(paths, talk)
    assert (await talk.call("c1")).relay == "w1"


async def test_the_room_is_told_each_change_once(talk: Floor) -> None:
    relay = Workers(w1=True)
    paths = paths_of(talk, relay)
    for _ in range(3):
        await look(paths, talk)
    [(worker, call, told)] = relay.told
    assert (worker, call, told.held) == ("w1", "c1", False)
    assert all(who in told.seats for who in ("customer", "a-alice", "m-boss"))
    await talk.run("hold", advisor="alice", id="c1", held=True)
    await talk.supervise("c1", mode="all")
    for _ in range(3):
        await look(paths, talk)
    assert len(relay.told) == 2
    later = relay.told[-1][2]
    assert later.held
    assert later.number > told.number


async def test_who_leaves_is_told_the_room_although_the_call_leaves_it_too(talk: Floor) -> None:
    relay = Workers(w1=True)
    paths = paths_of(talk, relay)
    await look(paths, talk)
    await talk.go("c1", "m-boss")
    assert (await talk.call("c1")).path is Path.DIRECT
    await look(paths, talk)
    assert "m-boss" not in relay.told[-1][2].seats
    assert relay.closed == []


async def test_a_room_that_refuses_is_told_again(talk: Floor) -> None:
    relay = Workers(w1=True)
    paths = paths_of(talk, relay)
    relay.refusing = True
    await look(paths, talk)
    await look(paths, talk)
    assert relay.told == []
    relay.refusing = False
    await look(paths, talk)
    assert len(relay.told) == 1


async def test_the_room_is_closed_when_both_have_left_it_or_the_call_is_over(talk: Floor) -> None:
    relay = Workers(w1=True)
    paths = paths_of(talk, relay)
    await look(paths, talk)
    await talk.settled("c1")
    await talk.go("c1", "m-boss")
    await look(paths, talk)
    assert relay.closed == []
    await talk.settled("c1")
    await look(paths, talk)
    assert relay.closed == [("w1", "c1")]
    assert (await talk.call("c1")).relay == ""
    await talk.supervise("c1")
    await look(paths, talk)
    assert (await talk.call("c1")).turn == 2
    await talk.run("hang_up", id="c1")
    await look(paths, talk)
    assert relay.closed == [("w1", "c1")] * 2
    assert await talk.live.relayed(talk.showroom.id) == []


# ---------------------------------------------------------------- workers that go


async def test_a_worker_that_stays_away_loses_its_calls_and_no_sooner(talk: Floor) -> None:
    relay = Workers(w1=True)
    paths = paths_of(talk, relay)
    await look(paths, talk)
    relay.there = {"w2": True}
    began = asyncio.get_running_loop().time()
    # A burst of looks is no proof: many changes wake them.
    while (await talk.call("c1")).relay == "w1":
        await paths.look()
        await asyncio.sleep(0.005)
    assert asyncio.get_running_loop().time() - began >= ABSENT
    call = await talk.call("c1")
    assert (call.relay, call.turn) == ("w2", 2)


async def test_a_worker_that_was_only_away_for_moments_keeps_its_calls(
    talk: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ABSENT_SECONDS", 2.0)
    relay = Workers(w1=True)
    paths = paths_of(talk, relay)
    await look(paths, talk)
    for _ in range(4):
        relay.there = {"w2": True}
        await look(paths, talk)
        await asyncio.sleep(0.6)
        relay.there = {"w1": True, "w2": True}
        await look(paths, talk)
    call = await talk.call("c1")
    assert (call.relay, call.turn) == ("w1", 1)


async def test_with_none_left_it_is_direct_until_there_is_one(talk: Floor) -> None:
    relay = Workers(w1=True)
    paths = paths_of(talk, relay)
    await look(paths, talk)
    relay.there = {}
    await look(paths, talk)
    await asyncio.sleep(ABSENT)
    await look(paths, talk)
    assert (await talk.call("c1")).path is Path.DIRECT
    relay.there = {"w3": True}
    await look(paths, talk)
    call = await talk.call("c1")
    assert (call.path, call.relay, call.turn) == (Path.RELAY, "w3", 2)


async def test_who_drains_gives_its_calls_away_or_goes_on_alone(talk: Floor) -> None:
    relay = Workers(w1=True)
    paths = paths_of(talk, relay)
    await look(paths, talk)
    relay.there = {"w1": False}
    await look(paths, talk)
    call = await talk.call("c1")
    assert (call.relay, call.turn) == ("w1", 1)
    relay.there = {"w1": False, "w2": True}
    await look(paths, talk)
    call = await talk.call("c1")
    assert (call.relay, call.turn) == ("w2", 2)


async def test_after_a_start_and_an_outage_workers_say_first_that_they_are_there(
    talk: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SPARE_SECONDS", 1.0)
    relay = Workers(w1=True)
    await look(paths_of(talk, relay), talk)
    relay.there = {"w2": True}
    paths = paths_of(talk, relay)
    began = asyncio.get_running_loop().time()
    task = asyncio.create_task(paths.run())
    try:
        async with asyncio.timeout(10):
            while (await talk.call("c1")).relay == "w1":
                await asyncio.sleep(0.02)
        assert asyncio.get_running_loop().time() - began >= 1.0
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def recorded_there(_: ShowroomId, recording: str) -> str:
    return recording and '{"id": "rec"}'


async def records(talk: Floor) -> None:
    """Both sides agree."""
    await talk.run("record", advisor="alice", id="c1", side="advisor", new="rec")
    await talk.run("consent_recording", id="c1", side="customer", new="rec", yes=True)


async def test_a_worker_that_was_left_records_no_more_and_hears_who_may_be_there(
    talk: Floor,
) -> None:
    relay = Workers(w1=True)
    paths = paths_of(talk, relay, recorded=recorded_there)
    await records(talk)
    await look(paths, talk)
    await look(paths, talk)
    assert relay.told[-1][2].recorded
    relay.there = {"w1": False, "w2": True}
    for _ in range(2):
        await look(paths, talk)
    told = {worker: arrangement for worker, _, arrangement in relay.told}
    assert (told["w1"].recorded, bool(told["w2"].recorded)) == ("", True)
    await talk.go("c1", "m-boss")
    await look(paths, talk)
    told = {worker: arrangement for worker, _, arrangement in relay.told}
    assert all("m-boss" not in one.seats for one in told.values())
    await talk.run("hang_up", id="c1")
    await look(paths, talk)
    assert sorted(relay.closed) == [("w1", "c1"), ("w2", "c1")]


async def test_a_worker_that_comes_back_hears_what_it_has_missed(talk: Floor) -> None:
    relay = Workers(w1=True)
    paths = paths_of(talk, relay, recorded=recorded_there)
    await records(talk)
    await look(paths, talk)
    await look(paths, talk)
    relay.there = {"w2": True}
    await look(paths, talk)
    await asyncio.sleep(ABSENT)
    await look(paths, talk)
    assert (await talk.call("c1")).relay == "w2"
    await talk.run("stop_recording", id="c1", side="customer", erase=True)
    await look(paths, talk)
    assert relay.told[-1][0] == "w2"
    relay.there = {"w1": True, "w2": True}
    await look(paths, talk)
    worker, _, arrangement = relay.told[-1]
    assert (worker, arrangement.recorded) == ("w1", "")


async def test_a_room_is_not_forgotten_before_it_is_closed(talk: Floor) -> None:
    relay = Workers(w1=True)
    paths = paths_of(talk, relay)
    await look(paths, talk)
    await talk.run("hang_up", id="c1")
    relay.there = {}  # a moment, no more
    await look(paths, talk)
    assert await talk.live.relayed(talk.showroom.id) == ["c1"]
    relay.there = {"w1": True}
    relay.refusing = True
    await look(paths, talk)
    assert await talk.live.relayed(talk.showroom.id) == ["c1"]
    relay.refusing = False
    await look(paths, talk)
    assert relay.closed == [("w1", "c1")]
    assert await talk.live.relayed(talk.showroom.id) == []


async def test_a_call_remembers_a_few_workers_that_it_has_left(talk: Floor) -> None:
    before = "w0"
    for number in range(1, 8):
        there = {"from": "" if number == 1 else before, "to": f"w{number}"}
        await talk.run("route", id="c1", **there)
        before = f"w{number}"
    await talk.run("route", id="c1", **{"from": "w7", "to": "w5"})
    call = await talk.call("c1")
    assert (call.relay, call.relays_before) == ("w5", ("w3", "w4", "w6", "w7"))


async def test_while_sql_is_away_everything_but_the_recording_is_told(talk: Floor) -> None:
    away = True

    async def recorded(_: ShowroomId, recording: str) -> str:
        if away:
            raise TryAgain
        return recording

    relay = Workers(w1=True)
    paths = paths_of(talk, relay, recorded=recorded)
    await records(talk)
    await look(paths, talk)
    await look(paths, talk)
    [*_, (_, _, told)] = relay.told
    assert ("m-boss" in told.seats, told.recorded) == (True, "")
    away = False
    await look(paths, talk)
    assert relay.told[-1][2].recorded == "rec"


async def test_a_recording_for_which_there_is_no_worker_is_not_shown_for_long(
    talk: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "UNSERVED_SECONDS", 0.2)
    paths = paths_of(talk, Workers())
    await records(talk)
    await look(paths, talk)
    assert (await talk.call("c1")).recording.state is RecordingState.ON
    await asyncio.sleep(0.2)
    await look(paths, talk)
    recording = (await talk.call("c1")).recording
    assert (recording.state, recording.over) == (RecordingState.OFF, RecordingEnd.FAILED)


# ---------------------------------------------------------------- one's trouble is not the others'


async def test_a_worker_that_hangs_delays_no_other_call(talk: Floor) -> None:
    await talk.advisor("bruno")
    await talk.customer("c2")
    await talk.talk("c2", "bruno")
    relay = Workers(w1=True)
    relay.hanging.add("w1")
    paths = paths_of(talk, relay)
    async with asyncio.timeout(20):
        await look(paths, talk)
        await look(paths, talk)  # the order for c1 hangs from now on
        await talk.supervise("c2", "chief")
        relay.there = {"w2": True}
        await look(paths, talk)
        assert (await talk.call("c2")).relay == "w2"
        await asyncio.sleep(ABSENT)
        await look(paths, talk)
        assert (await talk.call("c1")).relay == "w2"
    assert len(paths._orders) == 1
    for task in paths._orders.values():
        task.cancel()


async def test_a_showroom_and_calls_that_make_no_sense_do_not_stop_the_others(
    talk: Floor, redis: Redis
) -> None:
    broken = a_showroom(slug="gone")
    await redis.sadd(f"{prefix(broken.id)}:relayed", "x")
    start = prefix(talk.showroom.id)
    await redis.sadd(f"{start}:relayed", "ghost", "odd")
    await redis.hset(f"{start}:call:odd", mapping={"state": "live", "link": "one"})
    paths = paths_of(talk, Workers(w1=True), broken)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.log, "exception", lambda *_, **__: None)
        await look(paths, talk)
    assert (await talk.call("c1")).relay == "w1"
    assert "ghost" not in await talk.live.relayed(talk.showroom.id)


async def test_several_nodes_that_look_at_once_choose_one_worker(talk: Floor) -> None:
    relays = [Workers(w1=True), Workers(w2=True), Workers(w3=True)]
    nodes = [paths_of(talk, relay) for relay in relays]
    for _ in range(3):
        for relay in relays:
            relay.there = dict.fromkeys(("w1", "w2", "w3"), True)
        await asyncio.gather(*(look(node, talk) for node in nodes))
    assert (await talk.call("c1")).turn == 1
    for relay in relays:
        relay.there = {"w4": True, "w5": True}
    for _ in range(3):
        await asyncio.gather(*(look(node, talk) for node in nodes))
        await asyncio.sleep(ABSENT / 2)
    call = await talk.call("c1")
    assert (call.relay, call.turn) == ("w4", 2)
    await talk.run("hang_up", id="c1")
    await asyncio.gather(*(look(node, talk) for node in nodes))
    assert (await talk.call("c1")).relay == ""
    for node in nodes:
        await look(node, talk)
        assert node._told == {}, "nothing is remembered of calls that are over"


async def test_a_redis_that_is_away_is_waited_for(
    talk: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay, failures = Workers(w1=True), 2

    async def workers() -> Mapping[str, bool]:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise TryAgain
        return dict(relay.there)

    monkeypatch.setattr(relay, "workers", workers)
    paths = paths_of(talk, relay)
    task = asyncio.create_task(paths.run())
    try:
        async with asyncio.timeout(10):
            while (await talk.call("c1")).relay != "w1":
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
