"""Erlang C against published values, and against the sum that it is."""

import math
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showroom.erlang import answered_within, blocked, needed, waits

# Offered traffic in erlangs at which 1 % are blocked, as tables of Erlang B have it (ITU-D SG 2,
# Teletraffic Engineering Handbook): by how many lines.
BLOCKED_1 = {1: 0.0101, 2: 0.153, 5: 1.36, 10: 4.46, 20: 12.03, 50: 37.9, 100: 84.1}


def by_the_sum(load: float, advisors: int) -> float:
    """Erlang C as it is written: the factorials and all."""
    last = load**advisors / math.factorial(advisors) * advisors / (advisors - load)
    return last / (sum(load**n / math.factorial(n) for n in range(advisors)) + last)


@pytest.mark.parametrize(("lines", "load"), BLOCKED_1.items())
def test_blocking_is_that_of_the_tables(lines: int, load: float) -> None:
    assert next(islice(blocked(load), lines, None)) == pytest.approx(0.01, rel=0.015)


def test_the_example_of_the_textbooks() -> None:
    # 360 calls in half an hour of 4 minutes each, 55 agents: I. Angus, An introduction to Erlang B
    # and Erlang C, Telemanagement 187 (2001).
    assert waits(48, 55) == pytest.approx(0.239, abs=0.0005)
    assert answered_within(48, 55, 15, 240) == pytest.approx(0.846, abs=0.0005)
    # 100 calls in half an hour of 3 minutes each, 80 % within 20 s.
    assert needed(10, 0.8, 20, 180) == 14
    assert waits(10, 14) == pytest.approx(0.1741319335950498, rel=1e-12)
    assert answered_within(10, 14, 20, 180) == pytest.approx(0.8883500191794669, rel=1e-12)


@given(st.floats(0.01, 80), st.integers(1, 100))
def test_the_recursion_is_the_sum(load: float, advisors: int) -> None:
    if advisors > load * 1.001:
        assert waits(load, advisors) == pytest.approx(by_the_sum(load, advisors), rel=1e-9)


@given(
    st.floats(0.001, 500),
    st.floats(0.5, 0.99),
    st.floats(0, 600),
    st.floats(30, 3_600),
)
def test_one_fewer_would_be_too_few(
    load: float, share: float, seconds: float, handling_s: float
) -> None:
    number = needed(load, share, seconds, handling_s)
    assert number > load
    assert answered_within(load, number, seconds, handling_s) >= share
    assert answered_within(load, number - 1, seconds, handling_s) < share


@given(st.floats(0.001, 50), st.integers(0, 60), st.integers(0, 120))
def test_more_advisors_and_more_time_never_make_it_worse(
    load: float, advisors: int, seconds: int
) -> None:
    share = answered_within(load, advisors, seconds, 300)
    assert 0 <= share <= answered_within(load, advisors + 1, seconds, 300) + 1e-12 <= 1 + 1e-12
    assert share <= answered_within(load, advisors, seconds + 10, 300) + 1e-12


def test_the_edges() -> None:
    assert needed(0, 0.99, 0, 300) == 0
    assert answered_within(0, 1, 0, 300) == 1
    assert answered_within(0, 0, 600, 300) == 0
    # As much work as time: the queue grows for ever, however long anybody is ready to wait.
    assert waits(5, 5) == 1
    assert answered_within(5, 5, 600, 300) == 0
    # Within no time at all it is the chance not to wait.
    assert answered_within(3, 5, 0, 300) == pytest.approx(1 - waits(3, 5))
    # Where factorials would have gone beyond all numbers long ago.
    assert 3_000 < needed(3_000, 0.8, 20, 300) < 3_050
    with pytest.raises(OverflowError):
        needed(20_000, 0.8, 20, 300)
