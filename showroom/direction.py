"""Which way a language is written."""

from functools import cache

from babel import Locale, UnknownLocaleError


@cache
def direction_of(language: str) -> str:
    """Return `ltr` or `rtl`, as HTML's `dir` has it; a language that nobody knows is `ltr`."""
    try:
        return str(Locale.parse(language, sep="-").text_direction)
    except (UnknownLocaleError, ValueError):
        return "ltr"
