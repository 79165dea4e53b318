"""Whether a difference is noise, by the examples of the paper that the rule is from."""

from random import Random

import pytest

from showroom.noise import Share, by_chance, difference, wilson

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
