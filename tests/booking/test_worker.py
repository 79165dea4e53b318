"""The worker: wakes at once, keeps at it, and lets nobody hold up the others."""

import asyncio
from functools import partial

import pytest

from booking.delivery import Delivered, Delivery, Later, Result
from booking.outbox import Outbox
from booking.worker import Worker
from showroom.database import Database
from showroom.errors import TryAgain
from showroom.ids import DeliveryId, ShowroomId
from tests.booking.delivering import MAIL, Receiver, Shaky, Writer, until, working
from tests.samples import saved_showroom
from tests.virtual_clock import VirtualClock

# So long that what a test sees happen was not found by looking again.
NEVER = 600.0


@pytest.fixture
async def paris(database: Database) -> ShowroomId:
    return await saved_showroom(database)


@pytest.fixture
def outbox(database: Database, clock: VirtualClock) -> Outbox:
    return Outbox(database, clock, chance=lambda: 0)


@pytest.fixture
def writer(database: Database, outbox: Outbox, paris: ShowroomId) -> Writer:
    return Writer(database, outbox, paris)


async def test_what_this_process_writes_goes_out_at_once(outbox: Outbox, writer: Writer) -> None:
    receiver = Receiver()
    async with working(Worker(outbox, {MAIL: receiver}, poll_seconds=NEVER)):
        await asyncio.sleep(0.05)
        added = await writer.add()
        await until(lambda: bool(receiver.got))
    assert [delivery.id for delivery in receiver.got] == [added]


async def test_what_another_process_wrote_is_found_by_looking(
    database: Database, outbox: Outbox, clock: VirtualClock, paris: ShowroomId
) -> None:
    receiver = Receiver()
    elsewhere = Writer(database, Outbox(database, clock), paris)
    async with working(Worker(outbox, {MAIL: receiver}, poll_seconds=0.02)):
        await elsewhere.add()
        await until(lambda: bool(receiver.got))


async def test_the_rows_of_one_subject_follow_each_other_without_a_pause(
    outbox: Outbox, writer: Writer
) -> None:
    receiver = Receiver()
    for number in range(5):
        await writer.add(topic=f"{number}")
    async with working(Worker(outbox, {MAIL: receiver}, poll_seconds=NEVER)):
        await until(lambda: len(receiver.got) == 5)
    assert [delivery.topic for delivery in receiver.got] == ["0", "1", "2", "3", "4"]


async def test_a_receiver_that_hangs_holds_up_only_itself(outbox: Outbox, writer: Writer) -> None:
    async def answer(delivery: Delivery) -> Result:
        if delivery.subject_id == "hangs":
            await asyncio.Event().wait()
        return Delivered()

    receiver = Receiver(answer)
    await writer.add(subject="hangs")
    for number in range(10):
        await writer.add(subject=f"{number}")
    worker = Worker(outbox, {MAIL: receiver}, places=2, poll_seconds=NEVER)
    async with working(worker):
        await until(lambda: len(receiver.got) == 11)


async def test_who_does_not_answer_in_time_is_tried_again(outbox: Outbox, writer: Writer) -> None:
    async def hang(_: Delivery) -> Result:
        await asyncio.Event().wait()
        raise AssertionError

    await writer.add()
    worker = Worker(outbox, {MAIL: Receiver(hang)}, delivery_seconds=0.05, poll_seconds=NEVER)
    async with working(worker):
        await until(lambda: _answered(writer))
    assert await writer.ended() == [("booked", None, "no answer within 0.05 s")]


async def test_no_more_run_at_a_time_than_there_are_places(outbox: Outbox, writer: Writer) -> None:
    running, most = 0, 0

    async def count(_: Delivery) -> Result:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return Delivered()

    receiver = Receiver(count)
    for number in range(12):
        await writer.add(subject=f"{number}")
    async with working(Worker(outbox, {MAIL: receiver}, places=3, poll_seconds=NEVER)):
        await until(lambda: len(receiver.got) == 12)
    assert most == 3


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (ZeroDivisionError("zoe@x.example"), "a fault of ours; the log has it"),
        (TryAgain(), "a part of ours did not answer"),
    ],
)
async def test_a_delivery_that_breaks_is_tried_again_and_the_worker_goes_on(
    outbox: Outbox, writer: Writer, error: Exception, answer: str
) -> None:
    async def fail(delivery: Delivery) -> Result:
        if delivery.topic == "broken":
            raise error
        return Delivered()

    receiver = Receiver(fail)
    async with working(Worker(outbox, {MAIL: receiver}, poll_seconds=NEVER)):
        await writer.add(topic="broken")
        await until(lambda: _answered(writer))
        await writer.add(topic="sound", subject="another")
        await until(lambda: len(receiver.got) == 2)
        await until(lambda: _all_but_one_ended(writer))
    assert await writer.ended() == [("broken", None, answer), ("sound", "delivered", "")]


async def test_a_moment_without_a_database_after_the_delivery_repeats_nothing(
    database_url: str, database: Database, clock: VirtualClock, paris: ShowroomId
) -> None:
    async with Shaky.open(database_url) as shaky:
        outbox = Outbox(shaky, clock)
        writer = Writer(database, outbox, paris)

        async def answer(_: Delivery) -> Result:
            shaky.away = True
            return Delivered()

        receiver = Receiver(answer)
        await writer.add()
        async with working(Worker(outbox, {MAIL: receiver}, poll_seconds=0.02)):
            await until(lambda: shaky.refused > 0)
            shaky.away = False
            await until(lambda: _delivered(writer, 1))
        assert len(receiver.got) == 1


async def test_of_many_workers_each_row_has_one(
    database: Database, clock: VirtualClock, writer: Writer
) -> None:
    receiver = Receiver()
    added = {await writer.add(subject=f"{number}") for number in range(100)}
    workers = [
        Worker(Outbox(database, clock), {MAIL: receiver}, places=4, poll_seconds=0.02)
        for _ in range(4)
    ]
    async with (
        working(workers[0]),
        working(workers[1]),
        working(workers[2]),
        working(workers[3]),
    ):
        await until(lambda: len(receiver.got) >= 100)
    got: list[DeliveryId] = [delivery.id for delivery in receiver.got]
    assert set(got) == added
    assert len(got) == 100


async def test_after_an_hour_without_a_receiver_all_is_delivered_within_one_step(
    outbox: Outbox, writer: Writer, clock: VirtualClock
) -> None:
    away = True

    async def answer(_: Delivery) -> Result:
        return Later(answer="refused") if away else Delivered()

    receiver = Receiver(answer)
    for number in range(10):
        await writer.add(subject=f"{number}")
    async with working(Worker(outbox, {MAIL: receiver}, poll_seconds=0.02)):
        for tries, wait_s in ((10, 5), (20, 300), (30, 1800), (40, 7200)):
            await until(partial(_tried, writer, tries))
            away = tries < 40
            clock.advance(seconds=wait_s)
        await until(lambda: _delivered(writer, 10))


async def _answered(writer: Writer) -> bool:
    return all(answer for _, _, answer in await writer.ended())


async def _all_but_one_ended(writer: Writer) -> bool:
    return [result for _, result, _ in await writer.ended()].count(None) == 1


async def _tried(writer: Writer, times: int) -> bool:
    return await writer.tried() == times


async def _delivered(writer: Writer, count: int) -> bool:
    return [result for _, result, _ in await writer.ended()].count("delivered") == count
