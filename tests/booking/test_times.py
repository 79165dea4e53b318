"""Free slots where the clocks change, and what takes slots away: through SQL, on each database."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from showroom.database import Database
from showroom.hours import Campaign, DateException, Interval, WeeklyHours
from showroom.showrooms import VisitRules
from tests.booking.diary import MINUTE_MS, Diary, at, bookable, local, open_diary
from tests.virtual_clock import VirtualClock

RULES = VisitRules(length=30, step=30, before=0, after=0, notice=0)
NIGHT = (Interval.of("00:30", "04:00"),)
NIGHTS = WeeklyHours(*(NIGHT,) * 7)
# Where and when the clocks change, and how many slots of 30 minutes lie between 0:30 and 4:00.
SUNDAYS = [
    ("Europe/Paris", "2026-03-29", 5),
    ("Europe/Paris", "2025-10-26", 9),
    ("Asia/Tokyo", "2026-03-29", 7),
    ("Australia/Sydney", "2025-10-05", 5),
    ("Australia/Sydney", "2026-04-05", 9),
    ("Australia/Lord_Howe", "2026-04-05", 8),  # by half an hour
]


async def open_at(database: Database, zone: str, now: int, **changes: Any) -> Diary:
    room = bookable(rules=RULES, zone=zone, **({"hours": NIGHTS} | changes))
    return await open_diary(database, VirtualClock(now), room, "anna")


@pytest.mark.parametrize(("zone", "day", "slots"), SUNDAYS)
async def test_the_night_on_which_the_clocks_change_has_as_many_slots_as_it_is_long(
    database: Database, zone: str, day: str, slots: int
) -> None:
    diary = await open_at(database, zone, at(f"{day} 00:00", zone))
    free = await diary.free(until_ms=at(f"{day} 12:00", zone))
    assert len(free) == slots
    assert local(free[0], zone) == f"{day[5:]} 00:30"
    assert local(free[-1], zone) == f"{day[5:]} 03:30"
    assert {later - earlier for earlier, later in pairwise(free)} == {30 * MINUTE_MS}


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Paris", "2026-03-27"),
        ("Europe/Paris", "2025-10-24"),
        ("Asia/Tokyo", "2026-03-27"),
        ("Australia/Sydney", "2025-10-03"),
        ("Australia/Sydney", "2026-04-03"),
    ],
)
async def test_nine_stays_nine_on_either_side_of_a_clock_change(
    database: Database, zone: str, start: str
) -> None:
    hours = WeeklyHours(*((Interval.of("09:00", "10:00"),),) * 7)
    diary = await open_at(database, zone, at(f"{start} 00:00", zone), hours=hours)
    free = [local(slot, zone)[6:] for slot in await diary.free()]
    assert len(free) == 60
    assert set(free) == {"09:00", "09:30"}


async def test_both_passings_of_a_doubled_hour_can_be_booked(database: Database) -> None:
    zone = "Europe/Paris"
    diary = await open_at(database, zone, at("2025-10-26 00:00", zone))
    free = await diary.free(until_ms=at("2025-10-26 12:00", zone))
    twice = [slot for slot in free if local(slot, zone) == "10-26 02:30"]
    assert twice[1] - twice[0] == 60 * MINUTE_MS
    visits = [await diary.booked(slot) for slot in twice]
    assert [visit.starts_at for visit in visits] == twice
    assert not set(twice) & set(await diary.free())


async def test_exceptions_and_campaigns_are_booked_as_they_are_open(database: Database) -> None:
    zone = "Europe/Paris"
    diary = await open_at(
        database,
        zone,
        at("2025-12-24 05:00", zone),
        hours=WeeklyHours(*((Interval.of("09:00", "10:00"),),) * 7),
        exceptions=(DateException(date(2025, 12, 25)),),
        campaigns=(Campaign("winter", date(2025, 12, 25), date(2025, 12, 26), NIGHTS),),
    )
    free = [local(slot, zone) for slot in await diary.free(until_ms=at("2025-12-28 00:00", zone))]
    assert [time for time in free if not time.startswith("12-26")] == [
        "12-24 09:00",
        "12-24 09:30",
        "12-27 09:00",
        "12-27 09:30",
    ]
    assert free[2] == "12-26 00:30"
