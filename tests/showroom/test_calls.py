"""Call records: kept once and for good, shown to their showroom only, counted correctly."""

import asyncio
import random
from dataclasses import replace

import pytest
import sqlalchemy as sa

from booking.ledger import add, held
from showroom.calls import CallEvent, CallRecord, CallRecords
from showroom.database import Database, migrate
from showroom.errors import NotFound
from showroom.figures import DayFigures
from showroom.ids import CallId, ShowroomId, new_id
from showroom.showrooms import Showrooms
from showroom.tables import appointments
from showroom.words import CallState, Channel, Device, EndReason, Outcome, Quality
from tests.samples import a_showroom, saved_advisor, saved_showroom
from tests.virtual_clock import START_MS


def a_call(showroom_id: ShowroomId, at: int = START_MS) -> CallRecord:
    return CallRecord(
        id=CallId(new_id()),
        showroom_id=showroom_id,
        version=1,
        state=CallState.WAITING,
        language="en",
        vehicle="crete",
        created_at=at,
    )


@pytest.fixture
async def paris(database: Database) -> ShowroomId:
    return await saved_showroom(database)


@pytest.fixture
def calls(database: Database) -> CallRecords:
    return CallRecords(database)


async def test_a_call_comes_back_as_it_was_saved(
    database: Database, calls: CallRecords, paris: ShowroomId
) -> None:
    call = replace(
        a_call(paris),
        version=9,
        state=CallState.CLOSED,
        answered_at=START_MS + 4_000,
        live_at=START_MS + 5_000,
        ended_at=START_MS + 65_000,
        closed_at=START_MS + 90_000,
        end_reason=EndReason.CUSTOMER_HUNG_UP,
        advisor_id=await saved_advisor(database),
        rings=2,
        missed=1,
        waited_ms=4_000,
        repeated=True,
        outcome=Outcome.TEST_DRIVE,
        outcome_reason="on Saturday",
        notes="<b>two children</b>",
        rating=5,
        comment="Très bien ✓",
        quality=Quality.FAIR,
    )
    await calls.save(call, [])
    assert await calls.get(paris, call.id) == call


async def test_text_that_no_database_keeps_does_not_hold_a_call_up(
    calls: CallRecords, paris: ShowroomId
) -> None:
    call = replace(a_call(paris), comment="good\0bye \ud83d", notes="\0")
    await calls.save(call, [CallEvent(1, START_MS, "chat", "customer", {"text": "\0 \ud83d"})])
    kept = await calls.get(paris, call.id)
    assert (kept.comment, kept.notes) == ("good\ufffdbye ?", "\ufffd")
    assert len(await calls.events(paris, call.id)) == 1


async def test_a_later_version_wins_and_an_earlier_one_changes_nothing(
    calls: CallRecords, paris: ShowroomId
) -> None:
    call = a_call(paris)
    versions = [replace(call, version=n, rings=n) for n in range(1, 9)]
    random.shuffle(versions)
    for version in versions:
        await calls.save(version, [])
    assert (await calls.get(paris, call.id)).rings == 8


async def test_versions_that_arrive_at_once_leave_the_latest(
    calls: CallRecords, paris: ShowroomId
) -> None:
    call = a_call(paris)
    versions = [replace(call, version=n, rings=n) for n in range(1, 21)]
    random.shuffle(versions)
    await asyncio.gather(*(calls.save(version, []) for version in versions))
    assert (await calls.get(paris, call.id)).rings == 20


async def test_an_event_is_kept_once_however_often_it_arrives(
    calls: CallRecords, paris: ShowroomId
) -> None:
    call = a_call(paris)
    events = [
        CallEvent(1, START_MS, "requested", "customer", {"vehicle": "crete"}),
        CallEvent(2, START_MS + 5, "rang", "", {"ring": 1}),
        CallEvent(3, START_MS + 9, "accepted", "advisor"),
    ]
    await calls.save(call, events[:2])
    await calls.save(call, events)
    await calls.save(call, [replace(events[0], kind="forged")])
    assert await calls.events(paris, call.id) == tuple(events)


async def test_another_showroom_s_call_is_not_found(
    database: Database, calls: CallRecords, paris: ShowroomId
) -> None:
    lyon = await saved_showroom(database, "lyon")
    call = a_call(paris)
    await calls.save(call, [CallEvent(1, START_MS, "requested", "customer")])
    for question in (calls.get, calls.events):
        with pytest.raises(NotFound):
            await question(lyon, call.id)
        with pytest.raises(NotFound):
            await question(paris, CallId("unknown"))
    assert await calls.page(lyon, 0, START_MS * 2, 10) == ()
    assert (await calls.figures(lyon, 0, START_MS * 2)).calls == 0
    with pytest.raises(NotFound):
        await calls.page(lyon, 0, START_MS * 2, 10, before=call.id)


async def test_a_call_can_not_be_overwritten_from_another_showroom(
    database: Database, calls: CallRecords, paris: ShowroomId
) -> None:
    lyon = await saved_showroom(database, "lyon")
    call = a_call(paris)
    await calls.save(call, [])
    await calls.save(replace(call, showroom_id=lyon, version=99), [])
    assert await calls.get(paris, call.id) == call


async def test_pages_go_from_the_newest_to_the_oldest_without_gaps(
    calls: CallRecords, paris: ShowroomId
) -> None:
    # Several of the same millisecond, so that a page ends in the midst of them.
    saved = [a_call(paris, START_MS + n // 3) for n in range(20)]
    for call in saved:
        await calls.save(call, [])
    seen: list[CallRecord] = []
    while page := await calls.page(
        paris, START_MS, START_MS + 100, 3, before=seen[-1].id if seen else None
    ):
        seen.extend(page)
    assert [call.created_at for call in seen] == sorted(
        (call.created_at for call in saved), reverse=True
    )
    assert {call.id for call in seen} == {call.id for call in saved}


async def test_a_period_begins_with_its_first_moment_and_ends_before_its_last(
    calls: CallRecords, paris: ShowroomId
) -> None:
    for at in (999, 1_000, 1_999, 2_000):
        await calls.save(a_call(paris, at), [])
    assert [call.created_at for call in await calls.page(paris, 1_000, 2_000, 9)] == [1_999, 1_000]
    assert (await calls.figures(paris, 1_000, 2_000)).calls == 2


async def test_the_figures_of_a_quiet_day_are_zero(calls: CallRecords, paris: ShowroomId) -> None:
    figures = await calls.figures(paris, 0, START_MS)
    assert figures == DayFigures(0, 0, 0, 0, 0, 0, 0, 0, 0, {}, 0)
    assert figures.waiting_ms_average is None
    assert figures.talking_ms_average is None
    assert figures.rating_average is None


async def test_the_figures_are_those_of_a_count_by_hand(
    calls: CallRecords, paris: ShowroomId
) -> None:
    base = a_call(paris)
    closed = replace(base, state=CallState.CLOSED, end_reason=EndReason.CUSTOMER_HUNG_UP)
    talked = replace(
        closed, answered_at=START_MS + 3_000, live_at=START_MS + 4_000, rings=1, waited_ms=3_000
    )
    records = [
        replace(talked, ended_at=START_MS + 64_000, outcome=Outcome.INTERESTED, rating=5),
        replace(talked, ended_at=START_MS + 34_000, outcome=Outcome.INTERESTED, rating=2),
        replace(talked, ended_at=START_MS + 14_000, outcome=Outcome.BOUGHT, missed=2, rings=3),
        # Still talking: answered, and no length yet.
        replace(talked, state=CallState.LIVE, end_reason=None),
        # Accepted, but no picture ever came: answered, not abandoned, not a talk.
        replace(
            closed,
            answered_at=START_MS + 1_000,
            ended_at=START_MS + 46_000,
            end_reason=EndReason.CONNECT_FAILED,
            waited_ms=1_000,
        ),
        replace(
            closed,
            ended_at=START_MS + 9_000,
            end_reason=EndReason.CUSTOMER_LEFT,
            missed=1,
            waited_ms=9_000,
        ),
        replace(
            closed,
            ended_at=START_MS + 40_000,
            end_reason=EndReason.CUSTOMER_LOST,
            waited_ms=40_000,
        ),
        # Still waiting: counts as a call only.
        replace(base, waited_ms=77_000),
    ]
    records = [replace(call, id=CallId(new_id())) for call in records]
    for call in records:
        await calls.save(call, [])
    figures = await calls.figures(paris, START_MS, START_MS + 1)
    assert figures == DayFigures(
        calls=8,
        answered=5,
        abandoned=2,
        missed_rings=3,
        waiting_ms_total=4 * 3_000 + 1_000 + 9_000 + 40_000,
        waiting_ms_max=40_000,
        talking_ms_total=60_000 + 30_000 + 10_000,
        rating_sum=7,
        rating_count=2,
        outcomes={Outcome.INTERESTED: 2, Outcome.BOUGHT: 1},
        talks=3,
    )
    assert DayFigures.of(records) == figures, "both rules count alike"
    assert figures.waiting_ms_average == round(62_000 / 7)
    assert figures.talking_ms_average == round(100_000 / 3)
    assert figures.rating_average == 3.5
    assert records[0].talked_ms == 60_000
    assert [call.talked_ms for call in (records[3], records[4])] == [None, None]

    for cut in range(len(records) + 1):
        left = [call.id for call in records[:cut]]
        rest = await calls.figures(paris, START_MS, START_MS + 1, without=left)
        assert rest + DayFigures.of(records[:cut]) == figures


async def test_calls_are_found_by_their_ids_in_their_showroom_only(
    database: Database, calls: CallRecords, paris: ShowroomId
) -> None:
    lyon = await saved_showroom(database, "lyon")
    here, there = a_call(paris), a_call(lyon)
    await calls.save(here, [])
    await calls.save(there, [])
    asked = [here.id, there.id, CallId("unknown")]
    assert await calls.several(paris, asked) == (here,)
    assert await calls.several(paris, []) == ()


async def test_calls_of_before_get_the_campaign_and_the_channel_that_are_known(
    database: Database, database_url: str
) -> None:
    paris = a_showroom()
    await Showrooms(database).save(paris)
    known = [
        replace(a_call(paris.id), origin={"name": "tv spot", "source": "tv"}, campaign="tv spot"),
        replace(a_call(paris.id), origin={"source": "letter"}),
        replace(a_call(paris.id), channel=Channel.VISIT),
    ]
    for call in known:
        await CallRecords(database).save(replace(call, device=Device.PHONE), [])
    visit = held(
        paris, START_MS, await saved_advisor(database), START_MS,
        named=False, language="en", zone="Europe/Paris", vehicle=None,
    )  # fmt: skip
    async with database.write() as connection:
        await add(connection, visit, paris.visits)
        await connection.execute(sa.update(appointments).values(call_id=known[2].id))
    await migrate(database_url, back_to="0005")
    await migrate(database_url)
    async with Database.open(database_url) as opened:
        for call in known:  # nobody had kept what they called with
            kept = await CallRecords(opened).get(paris.id, call.id)
            assert kept == replace(call, device=Device.UNKNOWN)
