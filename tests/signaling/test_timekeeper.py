"""What advisors did is recorded: by the script, and from Redis into SQL, whole and once."""

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest
import sqlalchemy as sa
from redis.asyncio import Redis

from showroom.database import Database
from showroom.errors import TryAgain
from showroom.showrooms import Showroom, Showrooms
from showroom.stints import Stint, Stints
from showroom.words import AdvisorState
from showroom.work_tables import stints, working_time
from signaling.pairing import prefix
from signaling.stirred import Stirred
from signaling.timekeeper import StintBook, Timekeeper
from tests.samples import a_showroom
from tests.signaling.floor import START, Floor
from tests.signaling.test_keeper import Rooms

MINUTE, QUARTER = 60_000, 15 * 60_000


class Book:
    """Remembers what it is told, unless it is away."""

    def __init__(self) -> None:
        self.known: list[Stint] = []
        self.away = False

    async def keep(self, _showroom: Showroom, done: Sequence[Stint]) -> None:
        if self.away:
            raise TryAgain
        self.known += done


def timekeeper_of(floor: Floor, book: StintBook) -> Timekeeper:
    return Timekeeper(floor.pairing, cast(Showrooms, Rooms(floor.showroom)), book, Stirred())


async def noted(floor: Floor, book: Book) -> list[tuple[str, str, int]]:
    """Return who did what for how many seconds, in its order."""
    await timekeeper_of(floor, book).note()
    ordered = sorted(book.known, key=lambda one: (one.advisor, one.begins_at))
    return [(one.advisor, one.state, (one.ends_at - one.begins_at) // 1000) for one in ordered]


async def test_each_state_of_a_call_is_recorded_with_its_length(floor: Floor) -> None:
    book = Book()
    await floor.advisor("alice")
    await floor.tick(60)
    call = await floor.customer("c1")
    await floor.tick(8)
    ring = (await floor.call("c1")).ring
    await floor.run("accept", id=call, advisor="alice", ring=ring)
    await floor.tick(300)
    await floor.run("end_call", id=call, advisor="alice")
    await floor.tick(40)
    await floor.run("save_outcome", id=call, advisor="alice", outcome="no_fit", reason="", notes="")
    await floor.tick(5)
    await floor.run("go_away", advisor="alice", reason="own_choice")
    await floor.tick(120)
    await floor.run("go_available", advisor="alice")
    assert await noted(floor, book) == [
        ("alice", "available", 60),
        ("alice", "ringing", 8),
        ("alice", "busy", 300),
        ("alice", "wrap_up", 40),
        ("alice", "available", 5),
        ("alice", "away", 120),
    ]
    assert [one.reason for one in book.known if one.state == "away"] == ["own_choice"]
    # Once: nothing is left, and nothing is told twice.
    assert not await floor.redis.exists(f"{prefix(floor.showroom.id)}:stints")
    before = list(book.known)
    await timekeeper_of(floor, book).note()
    assert book.known == before


async def test_who_stays_ready_is_recorded_by_the_quarter_of_an_hour(floor: Floor) -> None:
    book = Book()
    await floor.advisor("alice")
    begun = floor.now
    for _ in range(50):
        await floor.tick(60)
        await timekeeper_of(floor, book).note()
    assert book.known[0].begins_at == begun
    assert book.known[-1].ends_at == floor.now - floor.now % QUARTER
    assert all(one.ends_at % QUARTER == 0 for one in book.known)
    assert sum(one.ends_at - one.begins_at for one in book.known) == book.known[-1].ends_at - begun


async def test_while_no_node_ran_nobody_was_at_work_for_days(floor: Floor) -> None:
    book = Book()
    await floor.advisor("alice")
    await floor.wait(3 * 24 * 3600)  # the weekend; then the first sweep gives her up
    [(who, state, seconds)] = await noted(floor, book)
    assert (who, state, seconds) == ("alice", "available", 1800)


async def test_a_lost_page_ends_it_when_its_grace_is_over(floor: Floor) -> None:
    book = Book()
    await floor.advisor("alice")
    await floor.lose("advisor", "alice")
    await floor.wait(76)
    assert await noted(floor, book) == [("alice", "available", 76)]


async def test_what_sql_does_not_have_yet_stays(floor: Floor) -> None:
    book = Book()
    await floor.advisor("alice")
    await floor.tick(60)
    await floor.run("go_away", advisor="alice", reason="own_choice")
    book.away = True
    with pytest.raises(TryAgain):
        await timekeeper_of(floor, book).note()
    assert not book.known
    book.away = False
    assert await noted(floor, book) == [("alice", "available", 60)]


async def test_what_makes_no_sense_is_left_out(floor: Floor, redis: Redis) -> None:
    book = Book()
    await floor.advisor("alice")
    await floor.tick(60)
    await floor.run("go_away", advisor="alice", reason="own_choice")
    for odd in ("{", '{"state":"asleep","advisor":"a","from":"1","to":"2","reason":""}', "[]"):
        await redis.zadd(f"{prefix(floor.showroom.id)}:stints", {odd: 1})
    assert await noted(floor, book) == [("alice", "available", 60)]
    assert not await redis.exists(f"{prefix(floor.showroom.id)}:stints")


async def test_two_nodes_that_record_at_once_record_it_once(
    floor: Floor, database: Database
) -> None:
    floor.showroom = a_showroom()
    await Showrooms(database).save(floor.showroom)
    for _ in range(10):
        await floor.advisor("alice")
        await floor.tick(61)
        await floor.run("go_away", advisor="alice", reason="own_choice")
    book = Stints(database, lambda: START)
    await asyncio.gather(*(timekeeper_of(floor, book).note() for _ in range(3)))
    async with database.read() as connection:
        state, length = stints.c.state, stints.c.ends_at - stints.c.begins_at
        query = sa.select(sa.func.sum(length)).where(state == AdvisorState.AVAILABLE)
        assert await connection.scalar(query) == 10 * 61_000
        assert await connection.scalar(sa.select(sa.func.sum(working_time.c.ready_ms))) == 610_000
