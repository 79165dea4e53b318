"""The line of a call as curves and as a table: what is drawn is what was measured."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from media.quality import KeptSample
from showroom.words import Side
from tests.media.test_quality import FINE
from tests.virtual_clock import START_MS
from web.curves import HEIGHT, MEASURES, MOST_ROWS, MOST_TICKS, SIDES, WIDTH, line_of


def a_sample(after_s: float, side: Side = Side.CUSTOMER, **changes: object) -> KeptSample:
    sample = replace(FINE, side=side, sampled_at=START_MS + round(after_s * 1000))
    return replace(sample, **changes)  # type: ignore[arg-type]


def points(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in text.split())]


def test_without_samples_there_is_no_line() -> None:
    assert line_of([]) is None


def test_both_sides_stand_on_one_axis_from_the_first_measurement_to_the_last() -> None:
    line = line_of(
        [
            a_sample(5, bitrate_in=250_000),
            a_sample(55, Side.ADVISOR, bitrate_in=1_000_000),
            a_sample(100, bitrate_in=0),
        ]
    )
    assert line
    assert (line.begin_ms, line.end_ms) == (START_MS, START_MS + 100_000)
    received = line.curves[0]
    assert (received.name, received.top) == ("received", 1_000_000)
    # From the begin of what was measured; and not over the gap.
    assert [points(one) for one in received.lines[Side.CUSTOMER]] == [
        [(0, 75), (50, 75)],
        [(950, 100), (1000, 100)],
    ]
    assert [points(one) for one in received.lines[Side.ADVISOR]] == [[(500, 0), (550, 0)]]


def test_what_a_browser_does_not_know_is_left_out() -> None:
    line = line_of([a_sample(5, round_trip_ms=None), a_sample(10)])
    assert line
    trip = next(one for one in line.curves if one.name == "round_trip")
    assert [points(one)[-1][0] for one in trip.lines[Side.CUSTOMER]] == [WIDTH]
    assert line.rows[0].values[Side.CUSTOMER]["round_trip"] is None
    assert line.rows[1].values[Side.CUSTOMER]["round_trip"] == 40
    assert set(line.rows[0].values[Side.ADVISOR].values()) == {None}


def test_a_row_has_the_mean_rate_the_worst_loss_and_all_that_stood_still() -> None:
    samples = [
        a_sample(5 * (n + 1), bitrate_in=rate, loss=loss, frozen_ms=frozen)
        for n, (rate, loss, frozen) in enumerate([(100, 0.1, 1_000), (300, 0.2, 500)] * 61)
    ]
    line = line_of(samples)
    assert line
    assert line.step_ms == 15_000
    first = line.rows[0].values[Side.CUSTOMER]
    assert first["received"] == 500 / 3
    assert (first["loss"], first["frozen"]) == (0.2, 2_500)


@given(
    st.lists(
        st.tuples(
            st.floats(0, 40_000),
            st.sampled_from(SIDES),
            st.integers(0, 10**10),
            st.floats(0, 1),
            st.one_of(st.none(), st.floats(0, 1e6)),
        ),
        min_size=1,
        max_size=80,
    )
)
def test_nothing_is_drawn_outside_and_no_table_is_endless(
    made: list[tuple[float, Side, int, float, float | None]],
) -> None:
    samples = sorted(
        (
            a_sample(after, side, bitrate_in=rate, loss=loss, round_trip_ms=trip)
            for after, side, rate, loss, trip in made
        ),
        key=lambda one: one.sampled_at,
    )
    line = line_of(samples)
    assert line
    for curve in line.curves:
        for lines in curve.lines.values():
            for x, y in (point for one in lines for point in points(one)):
                assert -0.1 <= x <= WIDTH + 0.1
                assert -0.1 <= y <= HEIGHT + 0.1
    assert len(line.rows) <= MOST_ROWS
    assert len(line.ticks) <= MOST_TICKS + 1
    assert all(one.share < other.share <= 1 for one, other in pairwise(line.ticks))
    for measure in MEASURES:
        drawn = any(curve.lines[side] for curve in line.curves for side in SIDES)
        assert drawn, measure.name
