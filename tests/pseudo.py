"""Languages that nobody speaks, to see whether pages have room for those that people do.

Both are made of English when they are needed. One is written as English is, with accents, brackets
around it and 40 % longer (CLDR calls such a locale en-XA); the other in Arabic letters, from the
right, a fifth longer (ar-XB). They stand under the codes of real languages, so that dates, numbers,
plurals and the direction are those of people. No server offers them.
"""

import re
from collections.abc import Mapping

from showroom.texts import Words
from web.words import LANGUAGES

ACCENTED, ARABIC = "en", "ar"
# What stays as it is: places to be filled in, tags.
KEPT = re.compile(r"(\{\w+\}|<[^>]+>)")
VOWELS = re.compile("([aeiouAEIOU])")
ACCENTS = str.maketrans("aceinouyAEINOUY", "àçéîñôüýÀÉÎÑÔÜÝ")
LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyz?,;", "ابصدعفغهيجكلمنوبقرستوفخشيز؟،؛"
)  # fmt: skip


class PseudoWords(Words):
    """The pages' texts in these languages. Keys, places and tags are those of English."""

    def __init__(self) -> None:
        super().__init__(LANGUAGES)
        self._made = {one: self._make(one) for one in self.languages}

    def _make(self, language: str) -> Mapping[str, str]:
        return {key: pseudo(text, language) for key, text in super().all("en").items()}

    @property
    def languages(self) -> tuple[str, ...]:
        return ACCENTED, ARABIC

    def all(self, language: str) -> Mapping[str, str]:
        return self._made[language]


def pseudo(text: str, language: str) -> str:
    """Return an English text as one of these languages would have it."""
    pieces = KEPT.split(text)
    change = accented if language == ACCENTED else arabic
    # Every second piece was matched.
    changed = "".join(one if n % 2 else change(one) for n, one in enumerate(pieces))
    return f"[{changed}]" if language == ACCENTED else changed


def accented(text: str) -> str:
    """Double the vowels, as long words of German are: every third letter of English is one."""
    return VOWELS.sub(r"\1\1", text).translate(ACCENTS)


def arabic(text: str) -> str:
    """Write Arabic letters, some of them twice."""
    return re.sub("([eo])", r"\1\1", text.lower()).translate(LETTERS)
