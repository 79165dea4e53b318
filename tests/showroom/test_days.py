"""Local days and their hours, on the days when clocks change and on the others."""

from datetime import date
from itertools import pairwise

import pytest

from showroom.days import Day, days_of, today
from tests.booking.diary import at

HOUR_MS = 3_600_000


def day_of(zone: str, day: str) -> Day:
    return days_of(zone, date.fromisoformat(day), 1)[0]


def test_an_ordinary_day_has_each_hour_once() -> None:
    day = day_of("Europe/Paris", "2025-10-09")
    assert [one.hour for one in day.hours] == list(range(24))
    assert not any(one.again or one.minute for one in day.hours)
    assert (day.from_ms, day.until_ms) == (at("2025-10-09 00:00"), at("2025-10-10 00:00"))


def test_the_day_on_which_clocks_go_forward_lacks_an_hour() -> None:
    day = day_of("Europe/Paris", "2026-03-29")
    assert [one.hour for one in day.hours] == [0, 1, *range(3, 24)]
    assert day.until_ms - day.from_ms == 23 * HOUR_MS


def test_the_day_on_which_clocks_go_back_has_an_hour_twice() -> None:
    day = day_of("Europe/Paris", "2025-10-26")
    assert [(one.hour, one.again) for one in day.hours][1:5] == [
        (1, False),
        (2, False),
        (2, True),
        (3, False),
    ]
    assert day.until_ms - day.from_ms == 25 * HOUR_MS


def test_a_change_of_half_an_hour_leaves_the_second_half_of_an_hour() -> None:
    # Lord Howe Island goes back from 02:00 to 01:30.
    day = day_of("Australia/Lord_Howe", "2025-04-06")
    again = next(one for one in day.hours if one.again)
    assert (again.hour, again.minute, again.until_ms - again.from_ms) == (1, 30, HOUR_MS // 2)
    assert sum(one.until_ms - one.from_ms for one in day.hours) == 24.5 * HOUR_MS


def test_a_day_without_a_midnight_begins_where_the_clock_jumps_to() -> None:
    # Cairo went from 00:00 to 01:00 on 25 April 2025.
    day = day_of("Africa/Cairo", "2025-04-25")
    assert day.hours[0].hour == 1
    assert day.until_ms - day.from_ms == 23 * HOUR_MS


@pytest.mark.parametrize("zone", ["Europe/Paris", "Asia/Kolkata", "America/Santiago", "UTC"])
def test_days_and_their_hours_leave_no_gap_and_no_overlap(zone: str) -> None:
    days = days_of(zone, date(2025, 1, 1), 365)
    hours = [one for day in days for one in day.hours]
    assert all(one.until_ms == other.from_ms for one, other in pairwise(hours))
    assert all(one.from_ms < one.until_ms for one in hours)
    assert all(one.until_ms == other.from_ms for one, other in pairwise(days))
    assert hours[0].from_ms == days[0].from_ms
    assert hours[-1].until_ms == days[-1].until_ms


def test_a_date_is_the_place_s_own() -> None:
    late = at("2025-10-09 23:30")
    assert today("Europe/Paris", late) == date(2025, 10, 9)
    assert today("Australia/Sydney", late) == date(2025, 10, 10)
