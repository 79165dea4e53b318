"""The moves of a reservation, its last moment by the dealer's clock, and its code."""

from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from booking.reservations.life import (
    ALPHABET,
    MOVES,
    Move,
    ReservationState,
    after,
    expires_at,
    new_code,
    plain,
    reminded_at,
    spoken,
)
from showroom.clock import to_ms
from showroom.errors import IllegalMove


def at(text: str, zone: str) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


@pytest.mark.parametrize(
    ("zone", "given", "over"),
    [
        ("Europe/Paris", "2025-10-09T10:53", "2025-10-18T00:00"),
        ("Europe/Paris", "2025-10-09T00:00", "2025-10-18T00:00"),
        ("Europe/Paris", "2025-10-09T23:59", "2025-10-18T00:00"),
        # Over both Sundays on which clocks change: the days have 25 and 23 hours.
        ("Europe/Paris", "2025-10-20T12:00", "2025-10-29T00:00"),
        ("Europe/Paris", "2025-03-25T12:00", "2025-04-03T00:00"),
        ("Australia/Sydney", "2025-10-01T12:00", "2025-10-10T00:00"),
        ("America/Martinique", "2025-10-20T12:00", "2025-10-29T00:00"),
        ("Asia/Kolkata", "2025-12-28T12:00", "2026-01-06T00:00"),
        ("Pacific/Apia", "2025-02-24T01:00", "2025-03-05T00:00"),
        # There midnight is jumped over: the day ends, and the next one begins at one o'clock.
        ("Africa/Cairo", "2025-04-16T12:00", "2025-04-25T01:00"),
        ("America/Santiago", "2025-08-29T12:00", "2025-09-07T01:00"),
    ],
)
def test_it_ends_as_the_eighth_day_ends_at_the_dealers(zone: str, given: str, over: str) -> None:
    assert expires_at(zone, at(given, zone), 8) == at(over, zone)


def test_the_same_moment_ends_at_different_moments_around_the_globe() -> None:
    given = at("2025-10-09T23:30", "Europe/Paris")
    ends = {zone: expires_at(zone, given, 8) for zone in ("Europe/Paris", "Asia/Tokyo")}
    # In Tokyo it is tomorrow already, seven hours earlier than here.
    assert ends["Asia/Tokyo"] - ends["Europe/Paris"] == (24 - 7) * 3_600_000


@pytest.mark.parametrize("zone", ["Europe/Paris", "Pacific/Auckland", "America/Los_Angeles"])
def test_the_reminder_goes_out_in_the_morning_two_days_before_the_last_day(zone: str) -> None:
    over_at = expires_at(zone, at("2025-10-20T12:00", zone), 8)
    assert reminded_at(zone, over_at) == at("2025-10-26T10:00", zone)


def test_every_move_is_in_the_table_or_refused() -> None:
    for state, move in product(ReservationState, Move):
        if (state, move) in MOVES:
            assert after(state, move) is MOVES[state, move]
        else:
            with pytest.raises(IllegalMove):
                after(state, move)
    assert {state for state, _ in MOVES} == {ReservationState.GIVEN}


def test_a_code_can_be_read_out_loud_and_typed_in_any_way() -> None:
    assert not set(ALPHABET) & set("01ILOU")
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    for code in codes:
        assert plain(spoken(code).lower()) == plain(f" {code[:2]} {code[2:]} ") == code
