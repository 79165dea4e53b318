"""Two who take the last place at once: the second waits for the first, and then hears the truth."""

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking import ledger
from booking.assignment import Wish
from booking.ledger import Appointment
from booking.taking import Taking
from showroom.database import Database
from showroom.errors import SlotTaken
from showroom.ids import StaffId
from tests.booking.diary import RULES, TOMORROW, Diary

WAITS = sa.text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def somebody_waits(database: Database) -> bool:
    async with database.read() as connection:
        if connection.dialect.name == "sqlite":
            return True  # its writers queue in memory, and a second one is never let in
        return bool(await connection.scalar(WAITS))


async def test_who_takes_the_last_place_side_by_side_holds_the_others_up(diary: Diary) -> None:
    await diary.change(visits=replace(RULES, side_by_side=1))
    wish, second_is_in = Wish(TOMORROW, "en"), asyncio.Event()
    started = asyncio.Event()

    async def write(connection: AsyncConnection, host: StaffId) -> Appointment:
        visit = ledger.held(
            diary.showroom, TOMORROW, host, diary.clock(),
            named=False, language="en", zone="Europe/Paris", vehicle=None,
        )  # fmt: skip
        await ledger.add(connection, visit, diary.showroom.visits)
        return visit

    async def first(connection: AsyncConnection, host: StaffId) -> Appointment:
        started.set()
        async with asyncio.timeout(20):
            while not (second_is_in.is_set() or await somebody_waits(diary.database)):
                await asyncio.sleep(0.01)
        return await write(connection, host)

    async def second(connection: AsyncConnection, host: StaffId) -> Appointment:
        second_is_in.set()
        return await write(connection, host)

    taking = Taking(diary.database, diary.clock)
    one = asyncio.create_task(taking.take(diary.showroom, wish, first))
    await started.wait()
    other = asyncio.create_task(taking.take(diary.showroom, wish, second))
    assert (await one).starts_at == TOMORROW
    with pytest.raises(SlotTaken):
        await other
    assert not second_is_in.is_set()
