"""Which way a language is written."""

import pytest

from showroom.direction import direction_of


@pytest.mark.parametrize(
    ("language", "direction"),
    [
        ("en", "ltr"),
        ("ar", "rtl"),
        ("he", "rtl"),
        ("fa", "rtl"),
        ("ar-EG", "rtl"),
        ("de-CH", "ltr"),
    ],
)
def test_a_language_has_its_direction(language: str, direction: str) -> None:
    assert direction_of(language) == direction


@pytest.mark.parametrize("language", ["", "xx", "not a language"])
def test_what_nobody_knows_runs_to_the_right(language: str) -> None:
    assert direction_of(language) == "ltr"
