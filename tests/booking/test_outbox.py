"""The outbox: every row goes out, by one at a time, in its order, and nothing is lost."""

import asyncio
import random

import pytest
import sqlalchemy as sa

from booking.delivery import Delivered, Delivery, Dropped, Failed, Held, Later, Result
from booking.outbox import CLAIM_MS, WAITS_S, Outbox
from showroom.database import Database
from showroom.errors import TryAgain
from showroom.ids import ShowroomId
from showroom.tables import outbox as rows
from tests.booking.delivering import MAIL, Shaky, Writer
from tests.samples import saved_showroom
from tests.virtual_clock import START_MS, VirtualClock

DAY_MS = 86_400_000


@pytest.fixture
async def paris(database: Database) -> ShowroomId:
    return await saved_showroom(database)


@pytest.fixture
def outbox(database: Database, clock: VirtualClock) -> Outbox:
    return Outbox(database, clock, chance=lambda: 0)


@pytest.fixture
def writer(database: Database, outbox: Outbox, paris: ShowroomId) -> Writer:
    return Writer(database, outbox, paris)


async def topics(outbox: Outbox) -> list[str]:
    return [delivery.topic for delivery in await outbox.claim(MAIL, 10)]


async def test_what_was_written_is_claimed_whole_and_once(
    outbox: Outbox, writer: Writer, paris: ShowroomId
) -> None:
    added = await writer.add(expires_at=START_MS + 5)
    (claimed,) = await outbox.claim(MAIL, 10)
    assert claimed == Delivery(
        number=claimed.number,
        id=added,
        showroom_id=paris,
        kind=MAIL,
        topic="booked",
        subject_id="visit",
        payload={"a": [1]},
        created_at=START_MS,
        expires_at=START_MS + 5,
        attempt=1,
        claimed_until=START_MS + CLAIM_MS,
    )
    assert await outbox.claim(MAIL, 10) == []


async def test_a_transaction_that_fails_leaves_no_row_and_wakes_nobody(
    database: Database, outbox: Outbox, paris: ShowroomId
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.write() as connection:
            await outbox.add(connection, paris, MAIL, "booked", "visit", {}, START_MS)
            raise ZeroDivisionError
    assert not outbox.news(MAIL).is_set()
    assert await outbox.claim(MAIL, 10) == []


async def test_a_commit_wakes_those_who_wait_for_its_kind_only(
    database: Database, outbox: Outbox, writer: Writer, paris: ShowroomId
) -> None:
    async with database.write() as connection:
        await outbox.add(connection, paris, MAIL, "booked", "visit", {}, START_MS)
        assert not outbox.news(MAIL).is_set()
    assert outbox.news(MAIL).is_set()
    assert not outbox.news("webhook").is_set()


async def test_fifty_who_claim_at_once_never_get_the_same_row(
    database: Database, clock: VirtualClock, writer: Writer
) -> None:
    added = {await writer.add(subject=f"visit {n}") for n in range(30)}
    workers = [Outbox(database, clock) for _ in range(50)]
    claims = await asyncio.gather(*(worker.claim(MAIL, 1) for worker in workers))
    ids = [delivery.id for claim in claims for delivery in claim]
    assert len(ids) == len(set(ids))
    rest = await Outbox(database, clock).claim(MAIL, 100)
    assert {*ids, *(delivery.id for delivery in rest)} == added


async def test_one_asks_for_one_kind_and_for_as_many_as_it_wants(
    outbox: Outbox, writer: Writer
) -> None:
    await writer.add(subject="a", kind="webhook")
    for subject in "bcd":
        await writer.add(subject=subject)
    assert [d.subject_id for d in await outbox.claim(MAIL, 2)] == ["b", "c"]
    assert [d.subject_id for d in await outbox.claim("webhook", 2)] == ["a"]


async def test_what_is_for_later_is_not_claimed_before(
    outbox: Outbox, writer: Writer, clock: VirtualClock
) -> None:
    await writer.add(at=START_MS + 1000)
    assert await topics(outbox) == []
    clock.advance(seconds=1)
    assert await topics(outbox) == ["booked"]


async def test_a_claim_of_who_died_runs_out_and_the_next_one_has_the_same_id(
    outbox: Outbox, writer: Writer, clock: VirtualClock
) -> None:
    added = await writer.add()
    await outbox.claim(MAIL, 1)
    clock.advance(seconds=CLAIM_MS / 1000 - 1)
    assert await outbox.claim(MAIL, 1) == []
    clock.advance(seconds=1)
    (again,) = await outbox.claim(MAIL, 1)
    assert (again.id, again.attempt) == (added, 2)


@pytest.mark.parametrize("result", [Delivered("late"), Later(), Failed("late"), Dropped("late")])
async def test_who_lost_its_claim_can_settle_nothing(
    outbox: Outbox, writer: Writer, clock: VirtualClock, result: Result
) -> None:
    await writer.add()
    (lost,) = await outbox.claim(MAIL, 1)
    clock.advance(seconds=CLAIM_MS / 1000)
    (mine,) = await outbox.claim(MAIL, 1)
    await outbox.settle(lost, result)
    assert await writer.ended() == [("booked", None, "")]
    await outbox.settle(mine, Delivered("ok"))
    assert await writer.ended() == [("booked", "delivered", "ok")]


async def test_who_lost_its_claim_settles_nothing_though_the_attempts_count_as_it_does(
    outbox: Outbox, writer: Writer, clock: VirtualClock
) -> None:
    await writer.add()
    (lost,) = await outbox.claim(MAIL, 1)
    clock.advance(seconds=CLAIM_MS / 1000)
    (held,) = await outbox.claim(MAIL, 1)
    await outbox.settle(held, Held("not now"))
    await outbox.settle(lost, Delivered("late"))
    assert await writer.ended() == [("booked", None, "not now")]


async def test_what_many_settle_at_once_is_kept_for_each(outbox: Outbox, writer: Writer) -> None:
    for number in range(40):
        await writer.add(subject=f"{number}", topic=f"{number % 4}")
    results: list[Result] = [Delivered("a"), Later(answer="b"), Failed("c"), Dropped("d")]
    claimed = await outbox.claim(MAIL, 40)
    await asyncio.gather(*(outbox.settle(row, results[int(row.topic)]) for row in claimed))
    kept = await writer.ended()
    assert kept[:4] == [
        ("0", "delivered", "a"),
        ("1", None, "b"),
        ("2", "failed", "c"),
        ("3", "dropped", "d"),
    ]
    assert kept == kept[:4] * 10


async def test_while_the_database_is_away_everybody_who_settles_is_told(
    database_url: str, database: Database, clock: VirtualClock, paris: ShowroomId
) -> None:
    async with Shaky.open(database_url) as shaky:
        outbox = Outbox(shaky, clock)
        writer = Writer(database, outbox, paris)
        for number in range(5):
            await writer.add(subject=f"{number}")
        claimed = await outbox.claim(MAIL, 5)
        shaky.away = True
        settling = [outbox.settle(row, Delivered()) for row in claimed]
        told = await asyncio.gather(*settling, return_exceptions=True)
        assert [type(error) for error in told] == [TryAgain] * 5
        shaky.away = False
        await asyncio.gather(*(outbox.settle(row, Delivered("ok")) for row in claimed))
        assert await writer.ended() == [("booked", "delivered", "ok")] * 5


async def test_of_one_subject_the_next_waits_until_the_first_is_out(
    outbox: Outbox, writer: Writer
) -> None:
    await writer.add(topic="booked")
    await writer.add(topic="rescheduled")
    await writer.add(topic="other", subject="another")
    first, other = await outbox.claim(MAIL, 10)
    assert (first.topic, other.topic) == ("booked", "other")
    assert await topics(outbox) == []
    await outbox.settle(first, Delivered())
    assert await topics(outbox) == ["rescheduled"]


async def test_what_comes_later_does_not_overtake_what_will_be_tried_again(
    outbox: Outbox, writer: Writer, clock: VirtualClock
) -> None:
    await writer.add(topic="first")
    await writer.add(topic="second")
    (first,) = await outbox.claim(MAIL, 10)
    await outbox.settle(first, Later())
    assert await topics(outbox) == []
    clock.advance(seconds=5)
    assert await topics(outbox) == ["first"]


async def test_a_reminder_does_not_wait_for_a_confirmation_that_comes_back_in_hours(
    outbox: Outbox, writer: Writer, clock: VirtualClock
) -> None:
    await writer.add(topic="booked")
    await writer.add(topic="reminder", at=START_MS + 10_000, expires_at=START_MS + DAY_MS)
    (booked,) = await outbox.claim(MAIL, 10)
    await outbox.settle(booked, Later(after_s=3600))
    clock.advance(seconds=10)
    assert await topics(outbox) == ["reminder"]


async def test_a_reminder_for_tomorrow_holds_nothing_up(outbox: Outbox, writer: Writer) -> None:
    await writer.add(topic="reminder", at=START_MS + DAY_MS)
    await writer.add(topic="reassigned")
    assert await topics(outbox) == ["reassigned"]


async def test_another_kind_of_the_same_subject_holds_nothing_up(
    outbox: Outbox, writer: Writer
) -> None:
    await writer.add(kind="webhook")
    await writer.add()
    assert await topics(outbox) == ["booked"]


async def test_it_is_tried_ten_times_in_three_days_and_then_has_failed(
    outbox: Outbox, writer: Writer, clock: VirtualClock
) -> None:
    await writer.add()
    waited: list[float] = []
    before = clock.now_ms
    for attempt in range(1, 11):
        (delivery,) = await outbox.claim(MAIL, 1)
        assert delivery.attempt == attempt
        waited.append((clock.now_ms - before) / 1000)
        await outbox.settle(delivery, Later(answer=f"450 no {attempt}"))
        before = clock.now_ms
        if attempt < 10:
            clock.advance(seconds=WAITS_S[attempt] - 0.001)
            assert await outbox.claim(MAIL, 1) == []
            clock.advance(seconds=0.001)
    assert waited == [0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert await writer.ended() == [("booked", "failed", "450 no 10")]
    clock.advance(days=30)
    assert await outbox.claim(MAIL, 1) == []


async def test_jitter_makes_a_wait_longer_never_shorter(
    database: Database, writer: Writer, clock: VirtualClock
) -> None:
    jittery = Outbox(database, clock, chance=random.Random(1).random)
    for number in range(20):
        await writer.add(subject=f"{number}")
    for delivery in await jittery.claim(MAIL, 20):
        await jittery.settle(delivery, Later())
    async with database.read() as connection:
        tries = (await connection.scalars(sa.select(rows.c.next_try_at))).all()
    assert all(START_MS + 5000 <= at <= START_MS + 5500 for at in tries)
    assert len(set(tries)) > 10


async def test_a_receiver_that_asks_for_time_gets_it(
    outbox: Outbox, writer: Writer, clock: VirtualClock
) -> None:
    await writer.add()
    (delivery,) = await outbox.claim(MAIL, 1)
    await outbox.settle(delivery, Later(after_s=120))
    clock.advance(seconds=119)
    assert await topics(outbox) == []
    clock.advance(seconds=1)
    assert await topics(outbox) == ["booked"]


async def test_what_came_too_late_expires_and_lets_the_next_one_go(
    outbox: Outbox, writer: Writer, clock: VirtualClock
) -> None:
    await writer.add(topic="reminder", expires_at=START_MS + 1000)
    await writer.add(topic="apology")
    clock.advance(seconds=1)
    assert await topics(outbox) == ["apology"]
    assert await writer.ended() == [("reminder", "expired", ""), ("apology", None, "")]


async def test_a_retry_that_would_come_too_late_is_not_waited_for(
    outbox: Outbox, writer: Writer
) -> None:
    await writer.add(topic="reminder", expires_at=START_MS + 4000)
    (delivery,) = await outbox.claim(MAIL, 1)
    await outbox.settle(delivery, Later(answer="450 busy"))
    assert await writer.ended() == [("reminder", "expired", "450 busy")]


async def test_a_refusal_for_good_ends_it_with_the_answer(outbox: Outbox, writer: Writer) -> None:
    await writer.add()
    (delivery,) = await outbox.claim(MAIL, 1)
    await outbox.settle(delivery, Failed("550 " + "x" * 1000))
    ((_, result, answer),) = await writer.ended()
    assert result == "failed"
    assert len(answer) == 500


async def test_what_is_dropped_is_not_claimed_and_what_is_out_stays_so(
    outbox: Outbox, writer: Writer
) -> None:
    await writer.add(topic="booked")
    (booked,) = await outbox.claim(MAIL, 1)
    await outbox.settle(booked, Delivered("ok"))
    await writer.add(topic="reminder")
    await writer.add(topic="reminder", subject="another")
    await writer.drop("visit")
    assert await writer.ended() == [
        ("booked", "delivered", "ok"),
        ("reminder", "dropped", ""),
        ("reminder", None, ""),
    ]


async def test_only_the_topics_that_are_named_are_dropped(outbox: Outbox, writer: Writer) -> None:
    for topic in ("booked", "reminder", "soon"):
        await writer.add(topic=topic)
    await writer.drop("visit", "reminder", "soon")
    assert [result for _, result, _ in await writer.ended()] == [None, "dropped", "dropped"]


async def test_what_is_dropped_on_its_way_does_not_come_back(
    outbox: Outbox, writer: Writer
) -> None:
    await writer.add()
    (delivery,) = await outbox.claim(MAIL, 1)
    await writer.drop("visit")
    await outbox.settle(delivery, Later())
    assert await writer.ended() == [("booked", "dropped", "")]


async def test_what_is_held_was_no_attempt_and_stays_in_its_order(
    outbox: Outbox, writer: Writer
) -> None:
    await writer.add(topic="first")
    await writer.add(topic="second")
    for _ in range(len(WAITS_S) + 1):
        (claimed,) = await outbox.claim(MAIL, 10)
        assert (claimed.topic, claimed.attempt) == ("first", 1)
        await outbox.settle(claimed, Held("not now"))
    assert await writer.ended() == [("first", None, "not now"), ("second", None, "")]


async def test_what_ended_is_forgotten_and_what_is_open_is_not(
    outbox: Outbox, writer: Writer, clock: VirtualClock, paris: ShowroomId
) -> None:
    for topic in ("ended", "open"):
        await writer.add(topic=topic, subject=topic)
    for delivery in await outbox.claim(MAIL, 1):
        await outbox.settle(delivery, Delivered())
    assert await outbox.forget(paris, clock()) == 0
    clock.advance(seconds=1)
    assert await outbox.forget(paris, clock()) == 1
    assert [topic for topic, _, _ in await writer.ended()] == ["open"]
