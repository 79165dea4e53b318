"""Many ask for one slot at once, from two processes: it is given away once (expectation 4)."""

import time
from dataclasses import replace

import sqlalchemy as sa

from bench.rush import CUSTOMERS, crowds
from showroom.clock import system_clock
from showroom.database import Database
from showroom.hours import ALWAYS_OPEN
from showroom.tables import appointments
from tests.booking.diary import RULES, Diary, bookable, open_diary
from tests.virtual_clock import VirtualClock

# Rounds are run for so long; `showroom bench booking` runs fifty.
SECONDS = 5.0
APART = 8  # slots, so that no round is in the way of the next one


async def a_diary(database: Database, limit: int, *names: str) -> Diary:
    """Return a showroom that is always open, at the real time: the processes have no other."""
    room = replace(bookable(), hours=ALWAYS_OPEN, visits=replace(RULES, side_by_side=limit))
    return await open_diary(database, VirtualClock(system_clock()), room, *names)


async def overlaps(database: Database) -> int:
    """Count the pairs of visits for which one advisor has no time."""
    one, other = appointments.alias(), appointments.alias()
    pairs = sa.select(sa.func.count()).where(
        one.c.id < other.c.id,
        one.c.advisor_id == other.c.advisor_id,
        one.c.blocked_from < other.c.blocked_until,
        other.c.blocked_from < one.c.blocked_until,
    )
    async with database.read() as connection:
        return await connection.scalar(pairs) or 0


async def test_of_200_who_ask_for_one_slot_at_once_one_has_it_and_the_others_hear_what_is_free(
    database: Database, database_url: str
) -> None:
    diary = await a_diary(database, 0, "anna")
    starts = (await diary.free())[100::APART]
    began, rounds = time.monotonic(), 0
    async with crowds(database_url, "paris") as rush:
        while not rounds or time.monotonic() - began < SECONDS:
            came = await rush(starts[rounds])
            rounds += 1
            assert came.taken == 1
            assert came.refused == {"SlotTaken": CUSTOMERS - 1}
            assert all(len(offer) == 6 for offer in came.offers)
            assert all(min(offer) > came.starts_at for offer in came.offers)
    assert await overlaps(database) == 0
    async with database.read() as connection:
        kept = await connection.scalar(sa.select(sa.func.count()).select_from(appointments))
    assert kept == rounds


async def test_200_who_ask_at_once_do_not_exceed_the_limit_side_by_side(
    database: Database, database_url: str
) -> None:
    diary = await a_diary(database, 3, *(f"advisor{n}" for n in range(8)))
    starts = (await diary.free())[100::APART]
    async with crowds(database_url, "paris") as rush:
        for starts_at in starts[:2]:
            came = await rush(starts_at)
            assert came.taken == 3
            assert came.refused == {"SlotTaken": CUSTOMERS - 3}
    assert await overlaps(database) == 0
