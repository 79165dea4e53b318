"""The expected wait."""

import pytest

from signaling.live import QueueCounts
from signaling.waiting import FIRST_GUESS_MS, expected_wait


@pytest.mark.parametrize(
    ("counts", "position", "seconds"),
    [
        (QueueCounts(free=0, on_duty=0, waiting=3, cycle_ms=60_000), 1, None),
        (QueueCounts(free=2, on_duty=2, waiting=0, cycle_ms=60_000), 1, 0),
        (QueueCounts(free=0, on_duty=2, waiting=4, cycle_ms=60_000), 4, 120),
        (QueueCounts(free=0, on_duty=1, waiting=1, cycle_ms=0), 1, FIRST_GUESS_MS // 1000),
        (QueueCounts(free=1, on_duty=3, waiting=1, cycle_ms=90_000), 2, 30),
        # One of two is kept free for a visit, and the first of two who wait is its guest.
        (QueueCounts(0, 2, 2, 60_000, kept_free=1, kept_calls=1), 3, 120),
        (QueueCounts(1, 2, 1, 60_000, kept_free=1, kept_calls=1), 2, 0),
        (QueueCounts(0, 1, 0, 60_000, kept_free=1), 1, None),
    ],
)
def test_the_expected_wait_follows_the_advisors_on_duty(
    counts: QueueCounts, position: int, seconds: int | None
) -> None:
    assert expected_wait(counts, position) == seconds


def test_nobody_is_told_a_shorter_wait_for_a_later_place() -> None:
    counts = QueueCounts(free=1, on_duty=4, waiting=9, cycle_ms=77_000)
    waits = [expected_wait(counts, position) or 0 for position in range(1, 20)]
    assert waits == sorted(waits)
