"""The life of a lead, and when it is due: by the showroom's own days, whatever its clock does."""

from dataclasses import replace
from datetime import date

import pytest

from booking.leads.lead import LeadState
from booking.leads.moves import (
    MOVES,
    OPEN,
    Move,
    after,
    due_when_contacted,
    due_when_new,
    possible,
)
from showroom.errors import IllegalMove
from showroom.hours import ALWAYS_OPEN, DateException, Interval, WeeklyHours
from showroom.showrooms import Showroom
from tests.booking.diary import DAYTIME, at, bookable, local

WEEKDAYS = WeeklyHours(*(DAYTIME,) * 5)


def test_the_table_has_each_state_and_each_move() -> None:
    assert {state for state, _ in MOVES} == set(LeadState)
    assert {move for _, move in MOVES} == set(Move)
    assert {state for (state, _), to in MOVES.items() if to in OPEN} == set(LeadState)
    for state in LeadState:
        assert possible(state) == [move for move in Move if (state, move) in MOVES]


def test_what_is_not_in_the_table_is_refused() -> None:
    for state in LeadState:
        for move in set(Move) - set(possible(state)):
            with pytest.raises(IllegalMove):
                after(state, move)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2025-10-09 08:00", "10-09 18:00"),  # Thursday, before it opens
        ("2025-10-09 17:59", "10-09 18:00"),
        ("2025-10-09 18:00", "10-10 18:00"),
        ("2025-10-10 18:00", "10-13 18:00"),  # Friday evening: Monday
        ("2025-10-25 12:00", "10-27 18:00"),  # over the night in which the clocks go back
    ],
)
def test_a_new_lead_is_due_when_the_next_opening_day_ends(now: str, due: str) -> None:
    assert local(due_when_new(bookable(hours=WEEKDAYS), at(now))) == due


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2025-10-09 12:00", "10-14 18:00"),  # Friday, Monday, Tuesday
        ("2025-10-10 23:59", "10-15 18:00"),
        ("2025-10-11 12:00", "10-15 18:00"),
    ],
)
def test_a_contacted_lead_is_due_at_the_end_of_the_third_opening_day(now: str, due: str) -> None:
    assert local(due_when_contacted(bookable(hours=WEEKDAYS), at(now))) == due


def test_days_off_are_no_opening_days() -> None:
    off = tuple(DateException(date(2025, 10, day)) for day in (9, 10))
    room = bookable(hours=WEEKDAYS, exceptions=off)
    assert local(due_when_new(room, at("2025-10-09 10:00"))) == "10-13 18:00"


@pytest.mark.parametrize(
    ("zone", "now", "due"),
    [
        ("Pacific/Auckland", "2026-04-04 12:00", "04-05 00:00"),  # the day before it goes back
        ("Pacific/Auckland", "2026-04-05 12:00", "04-06 00:00"),
        ("Asia/Tokyo", "2025-10-09 12:00", "10-10 00:00"),
        ("America/Santiago", "2025-09-06 12:00", "09-07 01:00"),  # midnight does not exist
    ],
)
def test_a_showroom_that_never_closes_has_days_all_the_same(zone: str, now: str, due: str) -> None:
    room = replace(bookable(), zone=zone, hours=ALWAYS_OPEN)
    assert local(due_when_new(room, at(now, zone)), zone) == due


def test_the_last_of_several_hours_ends_the_day() -> None:
    lunch = (Interval.of("14:00", "19:00"), Interval.of("09:00", "12:00"))
    room = bookable(hours=WeeklyHours(*(lunch,) * 7))
    assert local(due_when_new(room, at("2025-10-09 12:30"))) == "10-09 19:00"


@pytest.mark.parametrize("due_at", [due_when_new, due_when_contacted])
def test_a_showroom_that_opens_no_more_has_leads_that_are_due_all_the_same(due_at: object) -> None:
    assert callable(due_at)
    room: Showroom = bookable(hours=WeeklyHours())
    now = at("2025-10-09 12:00")
    assert now < due_at(room, now) <= now + 5 * 86_400_000
