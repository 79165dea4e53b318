"""What is too much for a showroom, and when it is over."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.alarms.judging import Key, Seen, Trouble, wrong
from showroom.alarms import (
    AlarmKind,
    AlarmRules,
    AnswersRule,
    NobodyRule,
    ReceiverRule,
    WaitingRule,
)

NOW = 1_760_000_000_000
WAITING, NOBODY = Key(AlarmKind.WAITING), Key(AlarmKind.NOBODY)
ANSWERS, STORE = Key(AlarmKind.ANSWERS), Key(AlarmKind.RECEIVER, "store")
ALL = AlarmRules(
    WaitingRule(on=True, seconds=120),
    NobodyRule(on=True, seconds=60),
    AnswersRule(on=True, percent=80, minutes=60, least=10),
    ReceiverRule(on=True, minutes=5),
)


def at(seconds: float) -> int:
    """Return the moment so long ago."""
    return NOW - round(seconds * 1000)


def test_nothing_is_wrong_where_nothing_is_set() -> None:
    bad = Seen(NOW, at(9999), 3, at(9999), 100, 0, {"store": Trouble("Store", at(9999))})
    assert wrong(AlarmRules(), bad, ()) == {}
    assert wrong(ALL, bad, ()).keys() == {WAITING, NOBODY, ANSWERS, STORE}


@pytest.mark.parametrize(
    ("waited", "up", "raised"),
    [(120, False, False), (120.001, False, True), (60.001, True, True), (60, True, False)],
)
def test_a_wait_is_too_long_beyond_its_limit_and_over_at_half_of_it(
    waited: float, up: bool, raised: bool
) -> None:
    seen = Seen(NOW, waits_since=at(waited), waiting=2)
    found = wrong(ALL, seen, {WAITING} if up else ())
    assert (WAITING in found) is raised
    if raised:
        assert found[WAITING].since == at(waited)
        assert found[WAITING].numbers == {"limit": 120, "waiting": 2}


def test_when_nobody_waits_any_more_it_is_over_at_once() -> None:
    assert wrong(ALL, Seen(NOW), {WAITING, NOBODY, ANSWERS, STORE}) == {}


def test_a_showroom_without_anybody_has_its_grace() -> None:
    assert NOBODY not in wrong(ALL, Seen(NOW, nobody_since=at(60)), ())
    assert NOBODY in wrong(ALL, Seen(NOW, nobody_since=at(61)), ())


@pytest.mark.parametrize(
    ("answered", "settled", "up", "raised"),
    [
        (0, 9, False, False),  # never from a few calls
        (7, 10, False, True),
        (8, 10, False, False),
        (84, 100, True, True),  # five points above it is over
        (85, 100, True, False),
        (0, 5, True, True),
        (0, 4, True, False),  # of too few calls nothing can be said any more
    ],
)
def test_an_answer_rate_is_judged_by_enough_calls_and_over_above_its_limit(
    answered: int, settled: int, up: bool, raised: bool
) -> None:
    seen = Seen(NOW, settled=settled, answered=answered)
    assert (ANSWERS in wrong(ALL, seen, {ANSWERS} if up else ())) is raised


def test_a_limit_of_all_calls_can_be_reached() -> None:
    rules = AlarmRules(answers=AnswersRule(on=True, percent=100, least=5))
    assert ANSWERS in wrong(rules, Seen(NOW, settled=10, answered=9), {ANSWERS})
    assert ANSWERS not in wrong(rules, Seen(NOW, settled=10, answered=10), {ANSWERS})


def test_each_receiver_has_an_alarm_of_its_own_and_one_that_refused_has_no_grace() -> None:
    receivers = {
        "store": Trouble("Store", at(301)),
        "new": Trouble("New", at(299)),
        "gone": Trouble("Gone", at(1), refused=True),
    }
    found = wrong(ALL, Seen(NOW, receivers=receivers), ())
    assert {key.subject: fact.name for key, fact in found.items()} == {
        "store": "Store",
        "gone": "Gone",
    }


@given(st.lists(st.integers(0, 240), min_size=2, max_size=60))
def test_what_swings_around_the_limit_raises_no_more_than_what_falls_to_half_of_it(
    waits: list[int],
) -> None:
    """However the longest wait moves, two alarms have a wait of half the limit between them."""
    up, raised, calm = False, 0, 1
    for waited in waits:
        seen = replace(Seen(NOW), waits_since=at(waited))
        before, up = up, WAITING in wrong(ALL, seen, {WAITING} if up else ())
        raised += up and not before
        calm += before and waited <= 60
    assert raised <= calm
