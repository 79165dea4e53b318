"""Marks: kept thinned, without a query, and gone when their time is over."""

import time
from dataclasses import replace

import pytest
import sqlalchemy as sa

from booking.privacy.purging import Purging
from showroom.clock import DAY_MS
from showroom.database import Database
from showroom.ids import CallId, ShowroomId
from showroom.marks import MOST_OF_A_SIDE, Mark, Marks
from showroom.showrooms import Showrooms
from showroom.tables import call_marks
from showroom.words import Side
from tests.samples import saved_showroom
from tests.virtual_clock import START_MS, VirtualClock

CALL = CallId("call")


@pytest.fixture
async def paris(database: Database) -> ShowroomId:
    return await saved_showroom(database)


async def test_marks_come_back_in_order_and_belong_to_one_showroom(
    database: Database, paris: ShowroomId
) -> None:
    marks, lyon = Marks(database), await saved_showroom(database, "lyon")
    marks.keep(paris, CALL, Side.CUSTOMER, START_MS, 0.123456, 1)
    marks.keep(paris, CALL, Side.ADVISOR, START_MS, 0, 0.5)
    marks.keep(paris, CALL, Side.CUSTOMER, START_MS + 900, 0.2, 0.3)
    marks.keep(paris, CallId("another"), Side.CUSTOMER, START_MS, 0.9, 0.9)
    wanted = (
        Mark(Side.ADVISOR, START_MS, 0, 0.5),
        Mark(Side.CUSTOMER, START_MS, 0.1235, 1),
        Mark(Side.CUSTOMER, START_MS + 900, 0.2, 0.3),
    )
    assert await marks.of_call(paris, CALL) == wanted
    assert await Marks(database).of_call(paris, CALL) == wanted, "they are written"
    assert await marks.of_call(lyon, CALL) == ()


async def test_a_side_that_points_without_end_keeps_five_a_second_and_a_thousand_in_all(
    database: Database, paris: ShowroomId
) -> None:
    marks = Marks(database)
    for after in range(0, 10_000, 20):
        marks.keep(paris, CALL, Side.CUSTOMER, START_MS + after, 0.5, 0.5)
    marks.keep(paris, CALL, Side.ADVISOR, START_MS + 10, 0.5, 0.5)
    kept = await marks.of_call(paris, CALL)
    assert len([one for one in kept if one.side is Side.CUSTOMER]) == 50
    assert len([one for one in kept if one.side is Side.ADVISOR]) == 1
    for n in range(2 * MOST_OF_A_SIDE):
        marks.keep(paris, CALL, Side.CUSTOMER, START_MS + DAY_MS + 1_000 * n, 0.5, 0.5)
    kept = await marks.of_call(paris, CALL)
    assert len([one for one in kept if one.side is Side.CUSTOMER]) == MOST_OF_A_SIDE


async def test_keeping_one_takes_a_fraction_of_a_millisecond(
    database: Database, paris: ShowroomId
) -> None:
    marks, calls = Marks(database), [CallId(f"call-{n}") for n in range(12_000)]
    begun = time.perf_counter()
    for n, call in enumerate(calls):
        marks.keep(paris, call, Side.CUSTOMER, START_MS + n, 0.5, 0.5)
    assert (time.perf_counter() - begun) / len(calls) < 0.000_2


async def test_they_go_after_the_days_of_what_was_said(
    database: Database, paris: ShowroomId
) -> None:
    marks, lyon = Marks(database), await saved_showroom(database, "lyon")
    clock, rooms = VirtualClock(), Showrooms(database)
    room = await rooms.by_id(paris)
    room = replace(room, policy=replace(room.policy, words_days=3))
    for at in (START_MS - 3 * DAY_MS - 1, START_MS - 3 * DAY_MS):
        marks.keep(paris, CallId(f"paris-{at}"), Side.CUSTOMER, at, 0.5, 0.5)
        marks.keep(lyon, CallId(f"lyon-{at}"), Side.CUSTOMER, at, 0.5, 0.5)
    await marks.flush()
    await Purging(database, clock).purge(room)
    async with database.read() as connection:
        left = await connection.execute(
            sa.select(call_marks.c.showroom_id, call_marks.c.marked_at).order_by("marked_at")
        )
        assert {(row.showroom_id, START_MS - row.marked_at) for row in left} == {
            (paris, 3 * DAY_MS),
            (lyon, 3 * DAY_MS),
            (lyon, 3 * DAY_MS + 1),
        }
