"""What a weekday has usually come to by now, against a count by hand."""

from datetime import datetime
from zoneinfo import ZoneInfo

from showroom.asking import Figures
from showroom.database import Database
from showroom.usual import UsualDay
from tests.showroom.recount import HOUR, MINUTE, Place, a_call, a_place

PARIS = ZoneInfo("Europe/Paris")
# A Sunday, a week after that on which the clocks went back.
NOW = int(datetime(2025, 11, 2, 10, 7, tzinfo=PARIS).timestamp()) * 1000


def at(day: int, month: int, hour: int, minute: int = 0) -> int:
    return int(datetime(2025, month, day, hour, minute, tzinfo=PARIS).timestamp()) * 1000


async def keep(place: Place, *times: int) -> None:
    for when in times:
        await place.save(a_call(when, ended_at=when + MINUTE, live_at=when + 4_000))


async def test_the_same_weekday_until_the_same_time_by_the_showrooms_clock(
    database: Database,
) -> None:
    place = await a_place(database)
    # Of three Sundays: what began after ten o.clock does not count, nor does a Saturday.
    await keep(place, at(26, 10, 0, 5), at(26, 10, 9, 59), at(26, 10, 10, 1))
    await keep(place, at(19, 10, 9), at(12, 10, 8), at(12, 10, 9), at(25, 10, 9))
    await keep(place, NOW - HOUR)  # today is no past
    usual = await UsualDay(Figures(database)).so_far(place.showroom, NOW)
    assert usual
    assert (usual.days, usual.calls, usual.answered) == (3, 5 / 3, 5 / 3)
    assert (usual.waiting_avg_ms, usual.talking_avg_ms) == (3_000, 56_000)
    assert (usual.abandoned, usual.missed_rings, usual.rating_avg) == (0, 0, None)


async def test_a_sunday_without_calls_in_between_counts_and_those_before_the_first_do_not(
    database: Database,
) -> None:
    place = await a_place(database)
    await keep(place, at(12, 10, 9))
    usual = await UsualDay(Figures(database)).so_far(place.showroom, NOW)
    assert usual
    assert (usual.days, usual.calls) == (3, 1 / 3)


async def test_without_a_past_nothing_is_usual_and_what_is_known_holds_for_a_quarter(
    database: Database,
) -> None:
    place = await a_place(database)
    asked = UsualDay(Figures(database))
    assert await asked.so_far(place.showroom, NOW) is None
    await keep(place, at(26, 10, 9))
    assert await asked.so_far(place.showroom, NOW + 7 * MINUTE) is None
    usual = await asked.so_far(place.showroom, NOW + 8 * MINUTE)
    assert usual
    assert usual.days == 1
