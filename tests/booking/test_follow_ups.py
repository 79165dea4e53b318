"""Follow-ups: nobody is forgotten, nobody is called by two, and numbers are real ones."""

import asyncio

import pytest

from booking.follow_ups import FollowUps, OpenFollowUp
from showroom.database import Database
from showroom.errors import AlreadyTaken, BadRequest, NotFound
from showroom.ids import CallId, FollowUpId, ShowroomId, StaffId
from showroom.words import FollowUpKind
from tests.samples import saved_advisor, saved_showroom, staff_of
from tests.virtual_clock import START_MS, VirtualClock

PHONE = "+33612345678"
CALL = CallId("call-1")


@pytest.fixture
async def paris(database: Database) -> ShowroomId:
    return await saved_showroom(database)


@pytest.fixture
async def alice(database: Database, paris: ShowroomId) -> StaffId:
    return await saved_advisor(database)


@pytest.fixture
async def bruno(database: Database, paris: ShowroomId) -> StaffId:
    return await saved_advisor(database, "bruno@orvanne.example")


@pytest.fixture
def follow_ups(database: Database, clock: VirtualClock) -> FollowUps:
    return FollowUps(database, clock)


async def call_back(
    follow_ups: FollowUps,
    showroom_id: ShowroomId,
    call_id: CallId | None = None,
    phone: str = PHONE,
) -> FollowUpId:
    return await follow_ups.add_call_back(
        showroom_id, " Zoé Petit ", phone, "fr", "crete", "2025-10", call_id
    )


async def test_a_call_back_is_on_the_list_with_what_an_advisor_needs(
    follow_ups: FollowUps, paris: ShowroomId
) -> None:
    follow_up = await call_back(follow_ups, paris)
    assert await follow_ups.open_items(paris) == [
        OpenFollowUp(
            id=follow_up,
            kind=FollowUpKind.CALL_BACK,
            name="Zoé Petit",
            phone=PHONE,
            language="fr",
            vehicle="crete",
            at=START_MS,
            taken_by=None,
        )
    ]


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
async def test_a_call_back_needs_a_name(
    follow_ups: FollowUps, paris: ShowroomId, name: str
) -> None:
    with pytest.raises(BadRequest, match="name"):
        await follow_ups.add_call_back(paris, name, PHONE, "fr", None, "2025-10", None)


async def test_a_missed_call_is_on_the_list_once_however_often_it_is_told(
    follow_ups: FollowUps, paris: ShowroomId
) -> None:
    await asyncio.gather(
        *(follow_ups.add_missed_call(paris, CALL, "en", None, START_MS) for _ in range(10))
    )
    (missed,) = await follow_ups.open_items(paris)
    assert (missed.kind, missed.phone, missed.name) == (FollowUpKind.MISSED_CALL, None, "")


async def test_a_missed_call_that_is_done_does_not_come_back(
    follow_ups: FollowUps, paris: ShowroomId, alice: StaffId
) -> None:
    await follow_ups.add_missed_call(paris, CALL, "en", None, START_MS)
    (missed,) = await follow_ups.open_items(paris)
    await follow_ups.finish(paris, missed.id, alice)
    await follow_ups.add_missed_call(paris, CALL, "en", None, START_MS)
    assert await follow_ups.open_items(paris) == []


async def test_who_left_a_number_while_waiting_is_not_a_missed_call_as_well(
    follow_ups: FollowUps, paris: ShowroomId
) -> None:
    follow_up = await call_back(follow_ups, paris, CALL)
    await follow_ups.add_missed_call(paris, CALL, "en", None, START_MS)
    assert [item.id for item in await follow_ups.open_items(paris)] == [follow_up]


async def test_the_oldest_is_first_on_the_list(
    follow_ups: FollowUps, paris: ShowroomId, clock: VirtualClock
) -> None:
    added = []
    for number in range(3):
        added.append(await call_back(follow_ups, paris, phone=f"+3361234567{number}"))
        clock.advance(seconds=1)
    assert [item.id for item in await follow_ups.open_items(paris)] == added


async def test_who_asks_twice_is_on_the_list_once_until_an_advisor_has_taken_it(
    follow_ups: FollowUps, paris: ShowroomId, alice: StaffId, clock: VirtualClock
) -> None:
    first = await call_back(follow_ups, paris)
    clock.advance(seconds=1)
    assert await call_back(follow_ups, paris, CALL) == first
    assert [item.id for item in await follow_ups.open_items(paris)] == [first]
    await follow_ups.take(paris, first, alice)
    later = await call_back(follow_ups, paris)
    assert [item.id for item in await follow_ups.open_items(paris)] == [first, later]


async def test_of_fifty_who_take_it_at_once_exactly_one_has_it(
    database: Database, follow_ups: FollowUps, paris: ShowroomId
) -> None:
    racers = [await saved_advisor(database, f"racer{n}@orvanne.example") for n in range(50)]
    follow_up = await call_back(follow_ups, paris)
    results = await asyncio.gather(
        *(follow_ups.take(paris, follow_up, racer) for racer in racers), return_exceptions=True
    )
    winners = [racer for racer, result in zip(racers, results, strict=True) if result is None]
    losers = [result for result in results if isinstance(result, AlreadyTaken)]
    assert (len(winners), len(losers)) == (1, 49)
    (item,) = await follow_ups.open_items(paris)
    assert item.taken_by == winners[0]


async def test_taking_my_own_again_does_no_harm(
    follow_ups: FollowUps, paris: ShowroomId, alice: StaffId
) -> None:
    follow_up = await call_back(follow_ups, paris)
    await follow_ups.take(paris, follow_up, alice)
    await follow_ups.take(paris, follow_up, alice)
    (item,) = await follow_ups.open_items(paris)
    assert (item.id, item.taken_by) == (follow_up, alice)


async def test_what_a_colleague_has_can_be_neither_taken_nor_finished(
    follow_ups: FollowUps, paris: ShowroomId, alice: StaffId, bruno: StaffId
) -> None:
    follow_up = await call_back(follow_ups, paris)
    await follow_ups.take(paris, follow_up, alice)
    for move in (follow_ups.take, follow_ups.finish, follow_ups.release):
        with pytest.raises(AlreadyTaken):
            await move(paris, follow_up, bruno)
    (item,) = await follow_ups.open_items(paris)
    assert item.taken_by == alice


async def test_a_finished_one_leaves_the_list_and_finishing_again_does_no_harm(
    follow_ups: FollowUps, paris: ShowroomId, alice: StaffId, bruno: StaffId
) -> None:
    follow_up = await call_back(follow_ups, paris)
    await follow_ups.finish(paris, follow_up, alice)
    await follow_ups.finish(paris, follow_up, alice)
    assert await follow_ups.open_items(paris) == []
    for move in (follow_ups.take, follow_ups.finish, follow_ups.release):
        with pytest.raises(AlreadyTaken):
            await move(paris, follow_up, bruno)


async def test_another_showroom_s_follow_up_is_not_found(
    database: Database, follow_ups: FollowUps, paris: ShowroomId, alice: StaffId
) -> None:
    lyon = await saved_showroom(database, "lyon")
    follow_up = await call_back(follow_ups, paris)
    assert await follow_ups.open_items(lyon) == []
    for move in (follow_ups.take, follow_ups.finish, follow_ups.release):
        with pytest.raises(NotFound):
            await move(lyon, follow_up, alice)
        with pytest.raises(NotFound):
            await move(paris, FollowUpId("unknown"), alice)


async def test_who_gives_theirs_back_lets_a_colleague_have_it(
    follow_ups: FollowUps, paris: ShowroomId, alice: StaffId, bruno: StaffId
) -> None:
    follow_up = await call_back(follow_ups, paris)
    await follow_ups.take(paris, follow_up, alice)
    await follow_ups.release(paris, follow_up, alice)
    await follow_ups.release(paris, follow_up, alice)
    await follow_ups.finish(paris, follow_up, bruno)
    assert await follow_ups.open_items(paris) == []


async def test_a_manager_gives_back_what_an_advisor_has(
    follow_ups: FollowUps, paris: ShowroomId, alice: StaffId
) -> None:
    follow_up = await call_back(follow_ups, paris)
    await follow_ups.take(paris, follow_up, alice)
    await follow_ups.release(paris, follow_up, None)
    (item,) = await follow_ups.open_items(paris)
    assert item.taken_by is None
    await follow_ups.finish(paris, follow_up, alice)
    with pytest.raises(AlreadyTaken):
        await follow_ups.release(paris, follow_up, None)


async def test_who_is_disabled_gives_back_what_is_open_and_keeps_what_is_done(
    database: Database, follow_ups: FollowUps, paris: ShowroomId, alice: StaffId, bruno: StaffId
) -> None:
    done, held, bruno_s = [await call_back(follow_ups, paris, phone=f"{PHONE}{n}") for n in "123"]
    await follow_ups.finish(paris, done, alice)
    await follow_ups.take(paris, held, alice)
    await follow_ups.take(paris, bruno_s, bruno)
    await staff_of(database, VirtualClock()).disable("alice@orvanne.example")
    left = {item.id: item.taken_by for item in await follow_ups.open_items(paris)}
    assert left == {held: None, bruno_s: bruno}
    await follow_ups.take(paris, held, bruno)
