"""What came and what is missing is counted as RFC 3550 does, and asked for within reason."""

from dataclasses import dataclass, field

from hypothesis import example, given
from hypothesis import strategies as st

from media.relay.arrivals import (
    MOST_MISSING,
    MOST_TRIES,
    PATIENCE,
    PAUSE,
    WIDEST_HOLE,
    Arrivals,
)

RATE = 90_000


@dataclass
class Appendix:
    """Appendices A.1, A.3 and A.8 of RFC 3550, written down as they stand there."""

    base: int = -1
    highest: int = 0
    cycles: int = 0
    received: int = 0
    expected_prior: int = 0
    received_prior: int = 0
    transit: int = 0
    jitter: float = 0.0
    seen: set[int] = field(default_factory=set)

    def add(self, sequence: int, timestamp: int, arrival: int) -> None:
        if self.base < 0:
            self.base = self.highest = sequence
            self.transit = arrival - timestamp
        else:
            delta = (sequence - self.highest) % 65_536
            if 0 < delta < 32_768:
                self.cycles += 65_536 * (sequence < self.highest)
                self.highest = sequence
            change = abs(arrival - timestamp - self.transit)
            self.transit = arrival - timestamp
            self.jitter += (change - self.jitter) / 16
        self.received += 1

    def report(self) -> tuple[int, int, int]:
        """Return fraction, cumulative number of packets lost, and the highest number."""
        extended = self.cycles + self.highest
        expected = extended - self.base + 1
        expected_interval = expected - self.expected_prior
        received_interval = self.received - self.received_prior
        self.expected_prior, self.received_prior = expected, self.received
        lost_interval = expected_interval - received_interval
        fraction = 0
        if expected_interval and lost_interval > 0:
            fraction = (lost_interval << 8) // expected_interval
        return min(fraction, 255), expected - self.received, extended


@given(
    st.integers(0, 0xFFFF),
    # How far each packet is from the one before, how long it took (ms), and whether one reports.
    st.lists(st.tuples(st.integers(-30, 60), st.integers(0, 80), st.booleans()), max_size=120),
)
@example(0xFFFF, [(1, 0, True), (-1, 0, True), (5, 0, True)])
def test_reports_agree_with_the_appendix_of_the_standard(
    first: int, steps: list[tuple[int, int, bool]]
) -> None:
    arrivals, appendix = Arrivals(7, RATE), Appendix()
    at, now = first, 0
    for step, took, reports in [(0, 0, False), *steps]:
        at, now = at + step, now + took
        timestamp = (at - first + 100) * 3000
        arrivals.add(at & 0xFFFF, timestamp, 10, now / 1000)
        appendix.add(at & 0xFFFF, timestamp, now * RATE // 1000)
        if reports:
            block, (fraction, lost, highest) = arrivals.report(0x1234, 5), appendix.report()
            assert (block.packets_lost, block.highest_sequence) == (lost, highest)
            assert block.fraction_lost == fraction
            assert abs(block.jitter - appendix.jitter) <= 2
            assert (block.ssrc, block.lsr, block.dlsr) == (7, 0x1234, 5)
            bytes(block)  # it fits into its fields


def test_nothing_came_since_the_last_report_is_no_loss() -> None:
    arrivals = Arrivals(1, RATE)
    arrivals.add(5, 0, 1, 0.0)
    assert arrivals.report(0, 0).fraction_lost == 0
    assert arrivals.report(0, 0).fraction_lost == 0


def test_a_total_loss_is_written_as_what_eight_bits_can_say() -> None:
    arrivals = Arrivals(1, RATE)
    arrivals.add(0, 0, 1, 0.0)
    arrivals.report(0, 0)
    for number in range(0x7000, 0x7000 * 600, 0x7000):
        arrivals.add(number & 0xFFFF, 0, 1, 0.0)
    block = arrivals.report(0, 0)
    assert (block.fraction_lost, block.packets_lost) == (255, (1 << 23) - 1)
    bytes(block)


def test_a_clock_of_the_publisher_that_wraps_is_no_jitter() -> None:
    arrivals = Arrivals(1, RATE)
    for index in range(100):
        arrivals.add(index, (0xFFFFFF00 + index * 3000) & 0xFFFFFFFF, 1, index / 30)
    assert arrivals.report(0, 0).jitter < 10


# ---------------------------------------------------------------- what is missing


@given(st.integers(0, 0xFFFF), st.integers(2, WIDEST_HOLE))
def test_a_hole_is_asked_for_at_once_across_the_wrap_too(start: int, step: int) -> None:
    arrivals = Arrivals(1, RATE)
    arrivals.add(start, 0, 1, 0.0)
    lost = arrivals.add((start + step) & 0xFFFF, 0, 1, 0.0)
    assert lost == [(start + ahead) & 0xFFFF for ahead in range(1, step)]
    assert arrivals.overdue(PAUSE * 1.5) == lost


def test_what_comes_late_is_asked_for_no_more() -> None:
    arrivals = Arrivals(1, RATE)
    arrivals.add(1, 0, 1, 0.0)
    assert arrivals.add(4, 0, 1, 0.0) == [2, 3]
    assert arrivals.add(3, 0, 1, 0.01) == []
    assert arrivals.overdue(PAUSE * 1.5) == [2]


def test_it_is_asked_again_after_each_pause_and_given_up_in_the_end() -> None:
    arrivals = Arrivals(1, RATE)
    arrivals.add(1, 0, 1, 0.0)
    arrivals.add(3, 0, 1, 0.0)
    asked, now = 1, 0.0
    while now < 2 * PATIENCE:
        now += 0.05
        asked += len(arrivals.overdue(now))
    assert 1 < asked <= MOST_TRIES
    assert arrivals.overdue(now + 10) == []


def test_a_hole_that_is_too_wide_is_given_up_at_once() -> None:
    arrivals = Arrivals(1, RATE)
    arrivals.add(1, 0, 1, 0.0)
    arrivals.add(3, 0, 1, 0.0)
    assert arrivals.add(4 + WIDEST_HOLE, 0, 1, 0.0) == []
    assert arrivals.overdue(PAUSE * 2) == []


def test_a_publisher_that_leaps_on_and_on_is_not_remembered_for_ever() -> None:
    arrivals = Arrivals(1, RATE)
    for packet in range(5_000):
        arrivals.add(packet * (WIDEST_HOLE - 1) & 0xFFFF, 0, 1, packet / 1e6)
    assert 0 < len(arrivals.overdue(PAUSE * 2)) <= MOST_MISSING


@given(st.integers(0, 0xFFFF), st.lists(st.integers(0, WIDEST_HOLE - 1), min_size=1))
def test_in_any_order_exactly_what_has_not_come_is_asked_for(start: int, order: list[int]) -> None:
    arrivals = Arrivals(1, RATE)
    for place in order:
        arrivals.add((start + place) & 0xFFFF, 0, 1, 0.0)
    missing = set(range(order[0], max(order))) - set(order)
    assert set(arrivals.overdue(PAUSE * 1.5)) == {(start + place) & 0xFFFF for place in missing}
