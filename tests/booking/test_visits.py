"""The table of moves, and the deadlines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.visits import (
    ACTIVE,
    MOVES,
    REBOOKABLE,
    TENTATIVE,
    Move,
    after,
    changeable,
    due_at,
    guest_missed_at,
    host_missed_at,
    joinable,
)
from showroom.errors import IllegalMove
from showroom.showrooms import VisitRules
from showroom.words import AppointmentState
from tests.booking.diary import MINUTE_MS, TOMORROW

END = TOMORROW + 30 * MINUTE_MS


def minutes(n: float) -> int:
    """Return a moment so many minutes after the start."""
    return TOMORROW + round(n * MINUTE_MS)


def test_every_state_can_be_reached_and_every_open_state_can_end() -> None:
    reached = {AppointmentState.HELD}
    while more := {MOVES[s, m] for s, m in MOVES if s in reached} - reached:
        reached |= more
    assert reached == set(AppointmentState)
    ends = {AppointmentState.DONE, AppointmentState.CANCELLED, AppointmentState.NO_SHOW}
    ends |= {AppointmentState.LAPSED, AppointmentState.HOST_NO_SHOW}
    while more := {s for (s, _), following in MOVES.items() if following in ends} - ends:
        ends |= more
    assert ends == set(AppointmentState)


def test_nothing_leaves_what_is_over() -> None:
    over = {AppointmentState.DONE, AppointmentState.CANCELLED, AppointmentState.NO_SHOW}
    assert not [state for state, _ in MOVES if state in over]


@given(st.sampled_from(AppointmentState), st.sampled_from(Move))
def test_a_move_that_the_table_does_not_have_is_refused(
    state: AppointmentState, move: Move
) -> None:
    if (state, move) in MOVES:
        assert after(state, move) is MOVES[state, move]
    else:
        with pytest.raises(IllegalMove):
            after(state, move)


def test_what_takes_an_advisors_time_can_not_be_booked_again() -> None:
    assert not REBOOKABLE & (ACTIVE | TENTATIVE)


def test_the_page_opens_ten_minutes_before_the_start_and_closes_at_the_end() -> None:
    assert not joinable(TOMORROW, END, minutes(-10) - 1)
    assert joinable(TOMORROW, END, minutes(-10))
    assert joinable(TOMORROW, END, END - 1)
    assert not joinable(TOMORROW, END, END)


def test_a_visit_can_be_changed_until_the_showrooms_policy_says() -> None:
    until_start, two_hours = VisitRules(), VisitRules(change_until=120)
    assert changeable(until_start, TOMORROW, TOMORROW)
    assert not changeable(until_start, TOMORROW, TOMORROW + 1)
    assert changeable(two_hours, TOMORROW, minutes(-120))
    assert not changeable(two_hours, TOMORROW, minutes(-120) + 1)


def test_a_host_has_five_minutes_from_the_start_or_from_the_arrival() -> None:
    assert host_missed_at(TOMORROW, minutes(-9)) == minutes(5)
    assert host_missed_at(TOMORROW, minutes(7)) == minutes(12)
    assert guest_missed_at(TOMORROW) == minutes(10)


def test_only_what_can_still_change_by_itself_is_looked_at_again() -> None:
    now = minutes(0)
    due = {
        state: due_at(state, TOMORROW, minutes(-50), now, in_call=True)
        for state in AppointmentState
    }
    assert due[AppointmentState.HELD] == minutes(-50)
    assert due[AppointmentState.BOOKED] == minutes(10)
    ended = {AppointmentState.LAPSED, AppointmentState.DONE}
    ended |= {AppointmentState.CANCELLED, AppointmentState.NO_SHOW}
    assert {state for state, when in due.items() if when is None} == ended
    assert due_at(AppointmentState.HOST_NO_SHOW, TOMORROW, None, now, in_call=False) is None
