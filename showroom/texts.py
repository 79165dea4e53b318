"""Texts by language: what pages and letters say, from gettext's catalogues (docs/languages.md)."""

import gettext
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale, localedata, numbers
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from showroom.direction import direction_of

CATALOGUES = Path(__file__).parent / "languages"
# What is written first. Where another language says nothing, it is shown.
SOURCE = "en"
# Where a language is at home whose name alone means another country's way of writing it: 24 hours
# and the day before the month, not London's; Lisbon's numbers and plurals, not Brasília's.
HOMES = {"en": "GB", "pt": "PT"}
# Numbers that show every rule of plural that there is for whole numbers (Unicode's CLDR).
TELLING = (*range(200), 1_000_000)


class Translate:
    """Says things in one language: `t(key, **values)`, and `t.count(key, n)` of so many."""

    def __init__(self, texts: Mapping[str, str], language: str) -> None:
        self._texts = texts
        self._locale = home_of(language)
        # In a sentence that runs from the right, what is filled in keeps its own way: names,
        # numbers with a sign (Unicode, annex 9: first strong isolate).
        self._own = "\u2068{}\u2069" if direction_of(language) == "rtl" else "{}"

    def __call__(self, key: str, /, **values: object) -> str:
        """Return a text with its places filled in. A missing key shows itself."""
        text = self._texts.get(key, key)
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", self._own.format(value))
        return text

    def count(self, key: str, number: int, /, **values: object) -> str:
        """Return the form of a text that the language has for so many; `{n}` is the number."""
        form = f"{key}.{self._locale.plural_form(number)}"
        said = {"n": numbers.format_decimal(number, locale=self._locale), **values}
        return self(form if form in self._texts else f"{key}.other", **said)


class Words:
    """All texts of a folder: `<language>.po`, with `{name}` for what is filled in.

    A text that is counted has a key for each form: `key.one`, `key.other`, as CLDR calls them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._languages = languages_in(folder)
        self._more: dict[str, Mapping[str, str]] = {}
        # What pages ask for is always the same, and finding it would be half of a small page.
        self._found: dict[tuple[str, ...], Mapping[str, str]] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that there are, the source first."""
        return (*self._languages, *self._more)

    def add(self, language: str, texts: Mapping[str, str]) -> None:
        """Speak a language that has no catalogue, as the tests' pseudo-locales are."""
        self._more[language] = MappingProxyType({**self.all(SOURCE), **texts})

    def all(self, language: str) -> Mapping[str, str]:
        """Return every text; what the language lacks, be it all, is in the source's words."""
        if language in self._more:
            return self._more[language]
        return texts_of(self._folder, language if language in self._languages else SOURCE)

    def of(self, language: str, *parts: str) -> Mapping[str, str]:
        """Return the texts whose key is or begins with one of `parts`, for a page's scripts."""
        if (language, *parts) not in self._found:
            starts = tuple(f"{part}." for part in parts)
            texts = self.all(language).items()
            found = {key: text for key, text in texts if f"{key}.".startswith(starts)}
            self._found[language, *parts] = MappingProxyType(found)
        return self._found[language, *parts]

    def translator(self, language: str) -> Translate:
        """Return what says things in a language."""
        return Translate(self.all(language), language)


def languages_in(folder: Path) -> tuple[str, ...]:
    """Return the languages of a folder's catalogues, the source first."""
    found = {file.stem for file in folder.glob("*.po")} - {SOURCE}
    return (SOURCE, *sorted(found))


@cache
def texts_of(folder: Path, language: str) -> Mapping[str, str]:
    """Return a catalogue's texts by key. It is read once: 20 ms, when somebody first wants it."""
    with (folder / f"{language}.po").open("rb") as file:
        own = dict(_texts(read_po(file, language), language))
    return MappingProxyType(own if language == SOURCE else {**texts_of(folder, SOURCE), **own})


@cache
def home_of(language: str) -> Locale:
    """Return how a language is written at home (BCP 47); as English is when it is not known."""
    names = (f"{language}_{HOMES.get(language, '')}", language)
    return Locale.parse(next((name for name in names if localedata.exists(name)), "en_GB"))


def forms_of(catalog: Catalog, language: str) -> dict[str, int]:
    """Return which of a catalogue's plural forms each of CLDR's categories takes.

    A category that no whole number has, or that gettext's rule knows nothing of, takes the last.
    """
    locale, rule = home_of(language), gettext.c2py(catalog.plural_expr)
    forms = {"other": catalog.num_plurals - 1}
    for number in TELLING:
        forms.setdefault(locale.plural_form(number), rule(number))
    # The same words twice would only make the pages longer.
    return {name: n for name, n in forms.items() if name == "other" or n != forms["other"]}


def _texts(catalog: Catalog, language: str) -> Iterator[tuple[str, str]]:
    forms = forms_of(catalog, language)
    for message in catalog:
        if not message.id or message.fuzzy:
            continue
        said = message.string
        if isinstance(message.id, str):
            if said:
                yield message.id, str(said)
        elif isinstance(said, tuple | list) and all(said):
            start = message.id[0].removesuffix("one")
            yield from ((start + name, said[n]) for name, n in forms.items())


# What pages, letters, the robot and the demo speak. A test holds every folder to it.
LANGUAGES = languages_in(CATALOGUES)
