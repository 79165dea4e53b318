"""Practices end whatever fails: one never ends another, and a row never runs for ever."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from media.practice import Practices
from media.recording.book import Recordings, State
from media.relay.orders import Close
from media.relay.switch import Switch
from showroom.database import Database
from showroom.errors import NotFound
from showroom.files import FolderFiles
from showroom.ids import RecordingId, ShowroomId, StaffId
from showroom.showrooms import Policy, Showrooms
from tests.samples import a_showroom
from tests.virtual_clock import VirtualClock

ALICE, BRUNO = StaffId("alice"), StaffId("bruno")


class OneWorker(Switch):
    """A worker that takes every order, once it is let."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis)
        self.closed: list[str] = []
        self.asked, self.let = asyncio.Event(), asyncio.Event()
        self.let.set()
        self.fails = False

    async def pick(self) -> str | None:
        return "w1"

    async def ask(self, worker: str, order: object) -> str:
        assert worker == "w1"
        assert isinstance(order, Close)
        self.asked.set()
        await self.let.wait()
        if self.fails:
            raise RedisError
        self.closed.append(order.room)
        return ""


@pytest.fixture
async def paris(database: Database) -> ShowroomId:
    showroom = replace(a_showroom(), policy=Policy(recording=True))
    await Showrooms(database).save(showroom)
    return showroom.id


@pytest.fixture
def book(database: Database, tmp_path: Path, clock: VirtualClock) -> Recordings:
    return Recordings(database, FolderFiles(tmp_path), "s" * 32, clock)


@pytest.fixture
def worker(redis: Redis) -> OneWorker:
    return OneWorker(redis)


@pytest.fixture
def practices(redis: Redis, worker: OneWorker, book: Recordings, clock: VirtualClock) -> Practices:
    return Practices(redis, worker, book, clock)


async def runs(redis: Redis, practice: RecordingId) -> bool:
    return practice in str(await redis.get(f"vs:practice:{ALICE}"))


async def test_the_end_of_one_leaves_the_next_one_running(
    practices: Practices, paris: ShowroomId, worker: OneWorker, redis: Redis
) -> None:
    first = await practices.begin(paris, ALICE)
    worker.let.clear()
    ending = asyncio.create_task(practices.end(paris, ALICE, first))
    await worker.asked.wait()
    again = asyncio.create_task(practices.begin(paris, ALICE))
    while await runs(redis, first):
        await asyncio.sleep(0)
    worker.let.set()
    await ending
    second = await again
    assert await runs(redis, second)
    await practices.end(paris, ALICE, second)
    assert not await runs(redis, second)
    assert (await practices.get(paris, ALICE, second)).state is State.ENDED


async def test_of_two_that_begin_at_once_one_runs(
    practices: Practices, paris: ShowroomId, redis: Redis
) -> None:
    both = await asyncio.gather(*(practices.begin(paris, ALICE) for _ in range(2)))
    states = {(await practices.get(paris, ALICE, one)).state: one for one in both}
    assert states.keys() == {State.RUNNING, State.ENDED}
    assert await runs(redis, states[State.RUNNING])


async def test_one_that_is_forgotten_in_redis_ends_all_the_same_and_for_nobody_else(
    practices: Practices, paris: ShowroomId, redis: Redis
) -> None:
    practice = await practices.begin(paris, ALICE)
    await redis.delete(f"vs:practice:{ALICE}")
    with pytest.raises(NotFound):
        await practices.end(paris, BRUNO, practice)
    assert (await practices.get(paris, ALICE, practice)).state is State.RUNNING
    await practices.end(paris, ALICE, practice)
    assert (await practices.get(paris, ALICE, practice)).state is State.ENDED


async def test_what_fails_in_between_leaves_a_row_that_ended_and_can_be_repeated(
    practices: Practices, paris: ShowroomId, worker: OneWorker, redis: Redis
) -> None:
    practice = await practices.begin(paris, ALICE)
    worker.fails = True
    with pytest.raises(RedisError):
        await practices.end(paris, ALICE, practice)
    assert (await practices.get(paris, ALICE, practice)).state is State.ENDED
    worker.fails = False
    await practices.end(paris, ALICE, practice)
    assert worker.closed == [practice]
    assert not await runs(redis, practice)
