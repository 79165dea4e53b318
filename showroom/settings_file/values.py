"""The kinds of values in a settings file: as people write them, checked, each with its refusal.

Each function here makes a reader: it returns the value in the one way in which `export` writes it,
and raises `ValueError` with what would be right.
"""

import re
import unicodedata
from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from phonenumbers import SUPPORTED_REGIONS

from booking.contact import TURNING
from showroom.settings_file.reading import Place, Read, nearest, read_table, shown
from showroom.texts import LANGUAGES

SLUG = re.compile(r"[A-Za-z0-9_-]{1,64}")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
CURRENCY = re.compile(r"[A-Z]{3}")
# Controls, ends of lines, and halves of letters (Unicode's general categories).
NOT_ON_A_LINE = frozenset({"Cc", "Zl", "Zp", "Cs"})
LARGEST = 1_000_000
LARGEST_MONEY = Decimal(10**10)
MOST_LANGUAGES = 20


def line(most: int, least: int = 1) -> Read:
    """Make a reader of a text on one line."""

    def read(given: Any) -> str:
        text = _text(given)
        if text != text.strip() or not all(map(_stands_on_a_line, text)):
            raise ValueError("write it on one line, without spaces at its ends.")
        if not least <= len(text) <= most:
            raise ValueError(f"write {least} to {most} characters; these are {len(text)}.")
        return text

    return read


def pattern(known: str | re.Pattern[str], right: str) -> Read:
    """Make a reader of texts of a certain form; `right` says which."""

    def read(given: Any) -> str:
        if not isinstance(given, str) or not re.fullmatch(known, given):
            raise ValueError(f"{shown(given)} is none: write {right}.")
        return given

    return read


slug = pattern(SLUG, "1 to 64 letters without accents, digits, - and _")
colour = pattern(COLOUR, "a colour like #9a4a1f")
currency = pattern(CURRENCY, "the currency's three letters (ISO 4217), like EUR")


def number(least: int, most: int) -> Read:
    """Make a reader of a whole number."""

    def read(given: Any) -> int:
        if type(given) is not int or not least <= given <= most:
            raise ValueError(f"write a whole number from {least} to {most}, without quotes.")
        return given

    return read


def optional(reader: Read) -> Read:
    """Make a reader that takes an empty text for nothing."""
    return lambda given: None if given == "" else reader(given)


def switch(given: Any) -> bool:
    """Read true or false."""
    if not isinstance(given, bool):
        raise ValueError("write true or false, without quotes.")
    return given


def word(known: Collection[str]) -> Read:
    """Make a reader of one of some words."""

    def read(given: Any) -> str:
        if given not in known or not isinstance(given, str):
            raise ValueError(f"{shown(given)} is not known.{nearest(str(given), list(known))}")
        return str(given)

    return read


def words(known: type[StrEnum]) -> Read:
    """Make a reader of a list of words of an enum, in its order; one alone may be a text."""
    reader = word([one.value for one in known])

    def read(given: Any) -> list[str]:
        chosen = [reader(one) for one in list_in([given] if isinstance(given, str) else given)]
        return [one.value for one in known if one.value in chosen]

    return read


def list_of(reader: Read, most: int, least: int = 0) -> Read:
    """Make a reader of a list."""

    def read(given: Any) -> list[Any]:
        if not least <= len(list_in(given)) <= most:
            raise ValueError(f"write {least} to {most} of them; these are {len(given)}.")
        kept, wrong = [], []
        for place, one in enumerate(given, 1):
            try:
                kept.append(reader(one))
            except ValueError as error:
                wrong.append(f"number {place}: {error}" if len(given) > 1 else str(error))
        if wrong:
            raise ValueError(" ".join(wrong))
        return kept

    return read


def by_language(reader: Read) -> Read:
    """Make a reader of a table with one value for each language."""

    def read(given: Any) -> dict[str, Any]:
        if not isinstance(given, dict) or len(given) > MOST_LANGUAGES:
            raise ValueError('write one for each language, like { en = "…", fr = "…" }.')
        return {language(name): reader(one) for name, one in given.items()}

    return read


def language(given: Any) -> str:
    """Read a language."""
    if not isinstance(given, str) or given not in _languages():
        raise ValueError(f"{shown(given)} is none: write two letters (ISO 639-1), like fr.")
    return given


def languages(kind: Read = language, least: int = 1) -> Read:
    """Make a reader of a list of languages, each once."""
    reader = list_of(kind, MOST_LANGUAGES, least)

    def read(given: Any) -> list[str]:
        return list(dict.fromkeys(reader(given)))

    return read


def page_language(given: Any) -> str:
    """Read a language in which customers can be answered: one that pages are written in."""
    code = language(given)
    if code not in LANGUAGES:
        name = Locale("en").languages[code]
        known = ", ".join(f"{Locale('en').languages[one]} ({one})" for one in LANGUAGES)
        raise ValueError(f"no page is written in {name} ({code}) so far. There are {known}.")
    return code


def market(given: Any) -> str:
    """Read a country."""
    if not isinstance(given, str) or given not in SUPPORTED_REGIONS:
        raise ValueError("write the country's two letters (ISO 3166-1), like FR.")
    return given


def zone(given: Any) -> str:
    """Read a time zone."""
    if not isinstance(given, str) or given not in _zones():
        near = nearest(given, _zones()) if isinstance(given, str) else ""
        raise ValueError(f"write an IANA time zone, like Europe/Paris.{near}")
    return given


def money(given: Any) -> Decimal:
    """Read an amount with at most two decimals; it is kept in hundredths."""
    amount = given if isinstance(given, Decimal) else Decimal(given if type(given) is int else -1)
    whole = amount.is_finite() and 0 <= amount <= LARGEST_MONEY
    if not whole or amount != amount.quantize(Decimal("0.01")):
        raise ValueError("write an amount like 41900.00, without quotes or currency.")
    return amount.quantize(Decimal("0.01"))


def row(fields: dict[str, Read]) -> Read:
    """Make a reader of a small table of which every field is needed."""
    return lambda given: row_of(given, fields)


def row_of(
    given: Any, fields: dict[str, Read], needs: Collection[str] | None = None
) -> dict[str, Any]:
    """Read a small table that needs these fields, or all of them."""
    place = Place([])
    read = read_table(fields, given, None, place)
    for name in fields if needs is None else needs:
        if isinstance(given, dict) and name not in given:
            place.at(name).wrong("write it, it is needed.")
    raise_all(place)
    return {name: read[name] for name in fields if name in read}


def raise_all(place: Place) -> None:
    """Raise all that is wrong in a small table as one refusal."""
    said = (f"{'.'.join(one.path)}: {one.text}" if one.path else one.text for one in place.problems)
    if place.problems:
        raise ValueError(" ".join(said))


def _stands_on_a_line(letter: str) -> bool:
    return letter not in TURNING and unicodedata.category(letter) not in NOT_ON_A_LINE


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError('write a text, "between quotes".')
    return given


def list_in(given: Any) -> list[Any]:
    """Return a list as it stands."""
    if not isinstance(given, list):
        raise ValueError("write a list, [between, brackets].")
    return given


@cache
def _languages() -> frozenset[str]:
    return frozenset(str(name) for name in Locale("en").languages if len(str(name)) == 2)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
