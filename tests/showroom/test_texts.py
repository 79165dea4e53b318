"""Texts by language: what a catalogue says, its plurals, and what is said where it says nothing."""

from pathlib import Path

import pytest

from showroom.texts import CATALOGUES, LANGUAGES, Words, home_of
from web.words import LANGUAGES as PAGES

ENGLISH = r"""
msgid ""
msgstr "Plural-Forms: nplurals=2; plural=(n != 1);\n"

msgid "page.title"
msgstr "Calls of {showroom}"

msgid "page.later"
msgstr "Later"

msgid "page.calls.one"
msgid_plural "page.calls.other"
msgstr[0] "{n} call"
msgstr[1] "{n} calls"
"""
POLISH = r'''
msgid ""
msgstr "Plural-Forms: nplurals=3; plural="
"(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"

msgid "page.title"
msgstr "Rozmowy: {showroom}"

#, fuzzy
msgid "page.later"
msgstr "Wkrótce"

msgid "page.calls.one"
msgid_plural "page.calls.other"
msgstr[0] "{n} rozmowa"
msgstr[1] "{n} rozmowy"
msgstr[2] "{n} rozmów"
'''  # fmt: skip


@pytest.fixture
def words(tmp_path: Path) -> Words:
    (tmp_path / "en.po").write_text(ENGLISH, encoding="utf-8")
    (tmp_path / "pl.po").write_text(POLISH, encoding="utf-8")
    (tmp_path / "de.po").write_text(
        'msgid "page.title"\nmsgstr "Anrufe: {showroom}"\n', encoding="utf-8"
    )
    return Words(tmp_path)


def test_a_catalogue_says_things_with_what_is_filled_in(words: Words) -> None:
    assert words.languages == ("en", "de", "pl")
    assert words.translator("de")("page.title", showroom="Paris") == "Anrufe: Paris"
    assert words.translator("de")("page.nowhere") == "page.nowhere"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "1 rozmowa"),
        (3, "3 rozmowy"),
        (5, "5 rozmów"),
        (12, "12 rozmów"),
        (22, "22 rozmowy"),
        (10_000, "10\u00a0000 rozmów"),
    ],
)
def test_each_number_gets_the_plural_that_its_language_has(
    words: Words, number: int, said: str
) -> None:
    assert words.translator("pl").count("page.calls", number) == said


def test_a_number_may_be_given_as_it_is_written(words: Words) -> None:
    assert words.translator("en").count("page.calls", 1200, n="1.2k") == "1.2k calls"


def test_what_is_untranslated_or_fuzzy_is_said_in_english(words: Words) -> None:
    assert words.translator("de")("page.later") == "Later"
    assert words.translator("pl")("page.later") == "Later"
    assert words.of("de", "page")["page.calls.other"] == "{n} calls"
    # A language that nobody ships is no reason to fall over.
    assert words.translator("xx").count("page.calls", 2) == "2 calls"


def test_pages_get_each_form_of_a_plural_once(words: Words) -> None:
    assert set(words.of("pl", "page.calls")) == {
        "page.calls.one", "page.calls.few", "page.calls.other",
    }  # fmt: skip


def test_pages_get_single_texts_and_not_what_only_begins_alike(words: Words) -> None:
    assert set(words.of("en", "page.title")) == {"page.title"}
    assert not words.of("en", "page.ti")


def test_a_test_adds_a_language_of_its_own(words: Words) -> None:
    words.add("xa", {"page.title": "[Çåļļš {showroom}]"})
    assert words.languages == ("en", "de", "pl", "xa")
    assert words.of("xa", "page")["page.title"] == "[Çåļļš {showroom}]"
    assert words.translator("xa").count("page.calls", 1) == "1 call"
    assert "xa" not in Words(CATALOGUES).languages


@pytest.mark.parametrize(
    ("language", "home"),
    [("en", "en_GB"), ("pt", "pt_PT"), ("de", "de"), ("fr", "fr"), ("xx", "en_GB"), ("", "en_GB")],
)
def test_a_language_is_written_as_at_home(language: str, home: str) -> None:
    assert str(home_of(language)) == home


def test_pages_letters_and_robot_speak_the_same_languages() -> None:
    folders = (PAGES, CATALOGUES, Path(PAGES).parents[1] / "booking" / "languages")
    assert {Words(folder).languages for folder in folders} == {LANGUAGES}
    assert LANGUAGES[0] == "en"
    assert {"en", "fr"} <= set(LANGUAGES)
