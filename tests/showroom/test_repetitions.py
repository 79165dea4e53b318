"""Requests that are sent twice: one is carried out, and both get its answer."""

import asyncio

import pytest
import sqlalchemy as sa

from showroom.database import Database
from showroom.ids import ShowroomId
from showroom.lead_tables import idempotent_requests
from showroom.repetitions import (
    CLAIM_MS,
    KEPT_MS,
    Claim,
    KeptAnswer,
    OtherRequest,
    Repetitions,
    StillRunning,
)
from tests.samples import saved_showroom
from tests.virtual_clock import VirtualClock

ANSWER = KeptAnswer(201, {"ETag": '"x"'}, '{"a": 1}')


@pytest.fixture
async def paris(database: Database) -> ShowroomId:
    return await saved_showroom(database)


@pytest.fixture
def repetitions(database: Database, clock: VirtualClock) -> Repetitions:
    return Repetitions(database, clock)


async def claimed(repetitions: Repetitions, paris: ShowroomId, key: str = "k") -> Claim:
    claim = await repetitions.claim(paris, "caller", "POST /x", key, "body")
    assert isinstance(claim, Claim)
    return claim


async def test_the_first_answer_is_given_again_for_a_day(
    repetitions: Repetitions, paris: ShowroomId, clock: VirtualClock
) -> None:
    claim = await claimed(repetitions, paris)
    await repetitions.keep(claim, ANSWER)
    clock.advance(hours=23.9)
    assert await repetitions.claim(paris, "caller", "POST /x", "k", "body") == ANSWER
    with pytest.raises(OtherRequest):
        await repetitions.claim(paris, "caller", "POST /x", "k", "another body")
    for caller, place in (("other", "POST /x"), ("caller", "POST /y")):
        assert isinstance(await repetitions.claim(paris, caller, place, "k", "body"), Claim)
    clock.advance(hours=0.1)
    assert isinstance(await repetitions.claim(paris, "caller", "POST /x", "k", "new"), Claim)


async def test_of_many_at_once_from_two_nodes_one_has_the_claim(
    database: Database, paris: ShowroomId, clock: VirtualClock
) -> None:
    nodes = Repetitions(database, clock), Repetitions(database, clock)
    asked = (claimed(nodes[i % 2], paris) for i in range(20))
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in found].count(Claim) == 1
    assert [type(one) for one in found].count(StillRunning) == 19


@pytest.mark.parametrize("seconds", [CLAIM_MS / 1000, KEPT_MS / 1000])
async def test_of_many_who_take_over_at_once_one_has_the_claim(
    database: Database, paris: ShowroomId, clock: VirtualClock, seconds: float
) -> None:
    nodes = Repetitions(database, clock), Repetitions(database, clock)
    await claimed(nodes[0], paris)
    clock.advance(seconds=seconds)
    asked = (claimed(nodes[i % 2], paris) for i in range(20))
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in found].count(Claim) == 1
    assert [type(one) for one in found].count(StillRunning) == 19


async def test_a_claim_runs_out_and_whoever_lost_it_changes_nothing(
    repetitions: Repetitions, paris: ShowroomId, clock: VirtualClock
) -> None:
    slow = await claimed(repetitions, paris)
    clock.advance(seconds=CLAIM_MS / 1000 - 1)
    with pytest.raises(StillRunning) as running:
        await claimed(repetitions, paris)
    assert running.value.retry_after == 1
    with pytest.raises(OtherRequest):
        await repetitions.claim(paris, "caller", "POST /x", "k", "another body")
    clock.advance(seconds=1)
    again = await claimed(repetitions, paris)
    assert again.id == slow.id, "what it makes has one id, whoever makes it"
    await repetitions.keep(slow, KeptAnswer(500, {}, "late"))
    await repetitions.give_up(slow)
    await repetitions.keep(again, ANSWER)
    assert await repetitions.claim(paris, "caller", "POST /x", "k", "body") == ANSWER


async def test_what_was_given_up_is_free_at_once_under_the_same_id(
    repetitions: Repetitions, paris: ShowroomId, clock: VirtualClock
) -> None:
    first = await claimed(repetitions, paris)
    await repetitions.give_up(first)
    clock.advance(seconds=1)
    again = await claimed(repetitions, paris)
    assert again.id == first.id, "perhaps it was made all the same"
    with pytest.raises(StillRunning):
        await claimed(repetitions, paris)


async def test_a_key_that_is_used_again_after_a_day_makes_something_else(
    repetitions: Repetitions, paris: ShowroomId, clock: VirtualClock
) -> None:
    first = await claimed(repetitions, paris)
    await repetitions.keep(first, ANSWER)
    clock.advance(seconds=KEPT_MS / 1000)
    again = await claimed(repetitions, paris)
    assert again.id != first.id
    await repetitions.keep(again, ANSWER)
    clock.advance(seconds=KEPT_MS / 1000)
    await repetitions.sweep()
    assert (await claimed(repetitions, paris)).id not in (first.id, again.id)


async def test_after_a_day_nothing_is_left(
    repetitions: Repetitions, paris: ShowroomId, clock: VirtualClock, database: Database
) -> None:
    await repetitions.keep(await claimed(repetitions, paris, "old"), ANSWER)
    clock.advance(seconds=KEPT_MS / 1000)
    await claimed(repetitions, paris, "new")
    await repetitions.sweep()
    async with database.read() as connection:
        kept = (await connection.execute(sa.select(idempotent_requests))).all()
    assert [row.status for row in kept] == [None]
