"""The worst line counts as long as it carries a fair share; below, it waits for a better time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.relay.estimates import (
    FAIR_SHARE,
    FIRST_RETRY,
    LAST_RETRY,
    LEAST,
    PATIENCE,
    SOUND,
    Allowance,
    Estimates,
    target,
)

bitrates = st.lists(st.integers(0, 20_000_000), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("lines", "aim"),
    [
        ([], None),
        ([2_000_000], 2_000_000),
        ([2_000_000, 1_500_000, 900_000], 900_000),
        # Somebody on a train does not blur the picture of all others.
        ([2_000_000, 2_500_000, 100_000], 2_000_000),
        # Among bad lines a bad one counts.
        ([100_000, 120_000, 300_000], 100_000),
        ([2_000_000, 100_000], 2_000_000),
        ([20_000, 15_000], LEAST),
        ([0], LEAST),
    ],
)
def test_the_aim_is_the_worst_line_that_carries_a_fair_share(
    lines: list[int], aim: int | None
) -> None:
    assert target(lines) == aim


@given(bitrates)
def test_the_aim_is_never_below_what_a_picture_needs_nor_above_the_best_line(
    lines: list[int],
) -> None:
    aim = target(lines)
    assert aim is not None
    assert LEAST <= aim <= max(LEAST, *lines)


@given(bitrates)
def test_more_than_half_of_all_lines_carry_the_aim_or_nobody_carries_a_picture(
    lines: list[int],
) -> None:
    aim = target(lines)
    assert aim is not None
    carry = sum(one >= aim for one in lines)
    assert carry * 2 >= len(lines) or max(lines) < LEAST or sorted(lines)[len(lines) // 2] < LEAST


@given(bitrates, st.permutations(range(30)))
def test_the_order_of_lines_changes_nothing(lines: list[int], order: list[int]) -> None:
    mixed = [lines[place] for place in order if place < len(lines)]
    assert target(mixed) == target(lines)


@given(bitrates)
def test_a_line_that_is_not_counted_has_less_than_a_fair_share(lines: list[int]) -> None:
    aim = target(lines)
    assert aim is not None
    for one in lines:
        if one < aim:
            middle = sorted(lines)[len(lines) // 2]
            assert one < max(LEAST, FAIR_SHARE * middle)


# ---------------------------------------------------------------- pauses


def test_a_line_that_stays_too_narrow_loses_its_picture_and_is_tried_again_ever_later() -> None:
    lines: Estimates[str] = Estimates()
    now, paused, changes = 0.0, False, []
    while now < 200:
        bitrate = None if paused else 100_000
        is_paused = "train" in lines.paused({"train": bitrate, "a": 2_000_000, "b": 2_000_000}, now)
        if is_paused != paused:
            changes.append(now)
            paused = is_paused
        now += 1.0
    held = [later - before for before, later in zip(changes[::2], changes[1::2], strict=False)]
    assert changes[0] == pytest.approx(PATIENCE, abs=1)
    assert held[:3] == pytest.approx([FIRST_RETRY, 2 * FIRST_RETRY, 4 * FIRST_RETRY], abs=1)
    assert max(held) <= LAST_RETRY + 1
    shown = [later - before for before, later in zip(changes[1::2], changes[2::2], strict=False)]
    assert min(shown) >= PATIENCE


def test_a_line_that_bore_the_picture_for_long_begins_anew_when_it_is_narrow_again() -> None:
    lines: Estimates[str] = Estimates()

    def is_paused(now: float, bitrate: int) -> bool:
        said = {"train": bitrate, "a": 2_000_000, "b": 2_000_000}
        return "train" in lines.paused(said, now)

    def held(since: float) -> int:
        """Return how many seconds the next pause takes."""
        paused = [is_paused(since + second, 100_000) for second in range(200)]
        begin = paused.index(True)
        return paused.index(False, begin) - begin

    assert (held(0.0), is_paused(300.0, 2_000_000)) == (FIRST_RETRY, False)
    for second in range(400, 400 + int(LAST_RETRY) + 1):
        is_paused(float(second), 2_000_000)
    assert held(600.0) == FIRST_RETRY


def test_a_short_weakness_costs_no_picture() -> None:
    lines: Estimates[str] = Estimates()
    for second in range(60):
        bitrate = 100_000 if second % 4 < 2 else 2_000_000
        assert not lines.paused({"moody": bitrate, "a": 2_000_000, "b": 2_000_000}, float(second))


def test_of_whom_nothing_is_known_nothing_is_held_back() -> None:
    lines: Estimates[str] = Estimates()
    for second in range(20):
        assert not lines.paused({"new": None, "a": 2_000_000}, float(second))


def test_among_two_alone_the_worse_line_counts_while_it_is_fair() -> None:
    lines: Estimates[str] = Estimates()
    for second in range(20):
        assert not lines.paused({"a": 600_000, "b": 2_000_000}, float(second))


def test_whoever_leaves_is_forgotten() -> None:
    lines: Estimates[str] = Estimates()
    everybody = {"a": 2_000_000, "b": 2_000_000}
    for second in range(6):
        lines.paused({**everybody, "train": 1}, float(second))
    assert lines.paused({**everybody, "train": 1}, 6.0) == {"train"}
    lines.paused(everybody, 7.0)
    assert lines.paused({**everybody, "train": 1}, 8.0) == frozenset()


@given(
    st.lists(
        st.dictionaries(st.sampled_from("abcd"), st.none() | st.integers(0, 10**7)), max_size=60
    )
)
def test_only_those_who_are_here_are_paused(
    history: list[dict[str, int | None]],
) -> None:
    lines: Estimates[str] = Estimates()
    for second, said in enumerate(history):
        assert lines.paused(said, float(second)) <= set(said)


# ---------------------------------------------------------------- what a publisher is told


def _after(seconds: int, keeps: int, carries: int, begins: int = 60_000) -> tuple[int, int]:
    """Return what is sent and what was told at last, where a viewer's browser says hardly more than
    half as much again as comes (bit/s), and a publisher keeps some of what it may send for sound.
    """
    allowance, says, sent, told = Allowance(), begins, begins, begins
    for second in range(seconds):
        told = allowance.limit(says, sent, float(second))
        sent = max(0, told - keeps)
        came = min(sent, carries)
        says = (
            int(0.85 * came) if sent > carries else max(says, min(int(1.08 * says), 3 * came // 2))
        )
    return sent, told


def test_a_picture_that_began_small_grows_although_its_publisher_keeps_some_for_sound() -> None:
    sent, _ = _after(60, keeps=52_000, carries=4_000_000)
    assert sent > 1_000_000


def test_a_narrow_line_is_hardly_sent_more_than_it_carries_whatever_is_kept_for_sound() -> None:
    for keeps in (20_000, 32_000, 52_000):
        sent, _ = _after(60, keeps, carries=50_000, begins=50_000)
        assert sent < 1.2 * 50_000, keeps


def test_who_sends_little_because_little_moves_is_told_a_sound_more_at_most() -> None:
    allowance = Allowance()
    told = {allowance.limit(400_000, 30_000, float(second)) for second in range(60)}
    assert max(told) == 400_000 + SOUND
