"""Whether a difference is noise, by the examples of the paper that the rule is from."""

from collections.abc import Sequence
from random import Random

import pytest

from showroom.noise import (
    Sample,
    Share,
    by_chance,
    by_chance_means,
    difference,
    student,
    wilson,
)

# Newcombe 1998, table II, method 10: two shares, and the interval of their difference.
PAPER = [
    ((56, 70), (48, 80), (0.0524, 0.3339)),
    ((9, 10), (3, 10), (0.1705, 0.8090)),
    ((6, 7), (2, 7), (0.0582, 0.8062)),
    ((5, 56), (0, 29), (-0.0381, 0.1926)),
    ((0, 10), (0, 20), (-0.1611, 0.2775)),
    ((0, 10), (0, 10), (-0.2775, 0.2775)),
    ((10, 10), (0, 20), (0.6791, 1.0)),
    ((10, 10), (0, 10), (0.6075, 1.0)),
]


@pytest.mark.parametrize(("now", "before", "wanted"), PAPER)
def test_the_interval_is_the_papers(
    now: tuple[int, int], before: tuple[int, int], wanted: tuple[float, float]
) -> None:
    found = difference(Share(*now), Share(*before))
    assert found == pytest.approx(wanted, abs=6e-5)


def test_a_share_of_nothing_differs_from_nothing() -> None:
    assert difference(Share(0, 0), Share(1, 2)) is None
    assert by_chance(Share(1, 2), Share(0, 0)) is None


def test_the_interval_of_a_share_stays_between_none_and_all() -> None:
    assert wilson(Share(0, 5))[0] == 0
    assert wilson(Share(5, 5))[1] == 1


def test_few_calls_differ_by_chance_and_many_do_not() -> None:
    assert by_chance(Share(9, 10), Share(7, 10))
    assert by_chance(Share(900, 1000), Share(700, 1000)) is False


def test_of_pairs_that_differ_by_chance_alone_one_in_twenty_is_taken_for_more() -> None:
    chance = Random(7)

    def drawn() -> Share:
        return Share(sum(chance.random() < 0.9 for _ in range(200)), 200)

    wrong = sum(by_chance(drawn(), drawn()) is False for _ in range(1000))
    assert 30 <= wrong <= 75


@pytest.mark.parametrize(
    ("freedom", "wanted"), [(4, 2.776), (5, 2.571), (7.5, 2.333), (10, 2.228), (30, 2.042)]
)
def test_the_quantile_is_the_tables(freedom: float, wanted: float) -> None:
    assert student(freedom) == pytest.approx(wanted, abs=0.001)


def sample(values: Sequence[float]) -> Sample:
    return Sample(len(values), sum(values), sum(one * one for one in values))


def test_a_longer_talk_is_more_than_chance_only_when_talks_are_alike() -> None:
    now, before = [60, 61, 62, 63, 64, 65], [50, 51, 52, 53, 54, 55]
    assert by_chance_means(sample(now), sample(before)) is False
    scattered = [10, 20, 90, 40, 95, 60]
    assert by_chance_means(sample(now), sample(scattered)) is True


def test_of_few_values_and_of_such_that_are_all_the_same_nothing_is_said() -> None:
    many = sample([1, 2, 3, 4, 5])
    assert by_chance_means(sample([1, 2, 3, 9]), many) is None
    assert by_chance_means(sample([4] * 9), sample([5] * 9)) is None
    assert by_chance_means(sample([]), many) is None
    assert by_chance_means(sample([3.0] * 9), many) is True


def test_means_that_differ_by_chance_alone_are_taken_for_more_one_time_in_twenty() -> None:
    chance = Random(7)

    def drawn(number: int, spread: float) -> Sample:
        return sample([chance.gauss(300, spread) for _ in range(number)])

    wrong = sum(by_chance_means(drawn(8, 20), drawn(40, 90)) is False for _ in range(2000))
    assert 70 <= wrong <= 130
