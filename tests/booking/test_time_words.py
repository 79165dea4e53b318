"""Days, times and numbers, as the people of each language write them."""

import pytest

from booking.times import TimeWords, locale_of

AT = 1_760_000_000_000  # 9 October 2025, 10:53:20 in Paris


@pytest.mark.parametrize(
    ("language", "day", "number"),
    [
        ("en", "Thursday, 9 October 2025", "12,345.7"),
        ("fr", "jeudi 9 octobre 2025", "12\u202f345,7"),
        ("de", "Donnerstag, 9. Oktober 2025", "12.345,7"),
        ("es", "jueves, 9 de octubre de 2025", "12.345,7"),
        ("it", "giovedì 9 ottobre 2025", "12.345,7"),
        ("nl", "donderdag 9 oktober 2025", "12.345,7"),
        ("pt", "quinta-feira, 9 de outubro de 2025", "12\u00a0345,7"),
        ("xx", "Thursday, 9 October 2025", "12,345.7"),
    ],
)
def test_days_and_numbers_are_written_as_the_language_writes_them(
    language: str, day: str, number: str
) -> None:
    words = TimeWords(language, "FR", "Europe/Paris", instead="UTC")
    assert (words.day(AT), words.time(AT), words.number(12345.67, 1)) == (day, "10:53", number)


@pytest.mark.parametrize(
    ("language", "market", "locale"),
    [("pt", "FR", "pt_PT"), ("pt", "BR", "pt_BR"), ("en", "US", "en_US"), ("en", "FR", "en_FR")],
)
def test_a_market_has_its_own_way_of_a_language(language: str, market: str, locale: str) -> None:
    assert str(locale_of(language, market)) == locale
