"""Who will be there in a half hour, on each database."""

import pytest

from booking.absences import Absences
from booking.rostered import Presence, Rosters
from showroom.hours import Interval, WeeklyHours
from showroom.ids import StaffId
from tests.booking.diary import Diary, at, bookable, hire, lend, open_diary
from tests.virtual_clock import VirtualClock
from tests.visits import saved_visit

ANNA, BRUNO, CHLOE = StaffId("anna"), StaffId("bruno"), StaffId("chloe")


@pytest.fixture
def absences(diary: Diary) -> Absences:
    return Absences(diary.database, diary.showrooms, diary.roster, diary.announce, diary.clock)


def half(text: str, minutes: int = 30) -> tuple[tuple[int, int], ...]:
    begin = at(f"2025-10-10 {text}")
    return ((begin, begin + minutes * 60_000),)


async def there(diary: Diary, *times: str, language: str | None = None) -> list[tuple[int, int]]:
    stretches = [half(one) for one in times]
    roll = await Rosters(diary.database, diary.clock).roll(diary.showroom, stretches, language)
    return [(one.rostered, one.visiting) for one in roll.presences]


async def test_who_has_no_hours_is_there_while_it_is_open(diary: Diary) -> None:
    assert await there(diary, "08:30", "09:00", "17:30", "18:00") == [
        (0, 0), (3, 0), (3, 0), (0, 0),
    ]  # fmt: skip
    roll = await Rosters(diary.database, diary.clock).roll(diary.showroom, [half("09:00")])
    assert (roll.advisors, roll.without_hours) == (3, 3)


async def test_a_robot_is_not_rostered_and_who_speaks_another_language_neither(
    diary: Diary,
) -> None:
    await hire(diary.database, diary.showroom, "robo", robot=True)
    await hire(diary.database, diary.showroom, "dora", languages=("de",))
    assert await there(diary, "09:00") == [(4, 0)]
    assert await there(diary, "09:00", language="de") == [(1, 0)]


async def test_hours_count_for_the_half_hours_that_they_cover(diary: Diary) -> None:
    split = (Interval.of("09:00", "10:15"), Interval.of("10:15", "11:10"))
    await diary.roster.set_hours(diary.showroom.id, ANNA, WeeklyHours(friday=split))
    await diary.roster.set_hours(diary.showroom.id, BRUNO, WeeklyHours())
    times = ("09:00", "10:00", "10:30", "11:00")
    assert await there(diary, *times) == [(2, 0), (2, 0), (2, 0), (1, 0)]


async def test_an_absence_takes_every_half_hour_that_it_touches(
    diary: Diary, absences: Absences
) -> None:
    begin, end = at("2025-10-10 09:45"), at("2025-10-10 10:30")
    await absences.add(diary.showroom, ANNA, begin, end, "")
    times = ("09:00", "09:30", "10:00", "10:30")
    assert await there(diary, *times) == [(3, 0), (2, 0), (2, 0), (3, 0)]


async def test_a_visit_takes_its_host_with_its_buffers_also_elsewhere(
    diary: Diary, clock: VirtualClock
) -> None:
    lyon = await open_diary(diary.database, clock, bookable("lyon"))
    await lend(diary.database, lyon.showroom, "bruno")
    begin = at("2025-10-10 10:00")
    blocked = {"blocked_from": begin - 300_000, "blocked_until": begin + 35 * 60_000}
    await saved_visit(diary.database, diary.showroom.id, ANNA, begin, **blocked)
    await saved_visit(diary.database, lyon.showroom.id, BRUNO, begin)
    times = ("09:00", "09:30", "10:00", "10:30", "11:00")
    assert await there(diary, *times) == [(3, 0), (3, 1), (3, 2), (3, 1), (3, 0)]
    assert Presence(3, 2).free == 1


async def test_a_visit_of_somebody_who_is_away_takes_nobody_else(
    diary: Diary, absences: Absences
) -> None:
    begin = at("2025-10-10 10:00")
    await absences.add(diary.showroom, ANNA, begin, begin + 3_600_000, "")
    await saved_visit(diary.database, diary.showroom.id, ANNA, begin)
    assert await there(diary, "10:00") == [(2, 0)]


async def test_a_showroom_that_is_closed_or_has_nobody_is_answered_too(diary: Diary) -> None:
    asked = Rosters(diary.database, diary.clock)
    assert (await asked.roll(diary.showroom, [])).presences == ()
    nobody = await asked.roll(diary.showroom, [half("09:00")], "it")
    assert (nobody.advisors, nobody.presences) == (0, (Presence(0, 0),))
