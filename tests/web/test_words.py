"""Which language a visitor gets, and what the languages are called."""

from dataclasses import replace

import pytest

from tests.houses import House
from tests.people import Customer
from web.keys import SHOWROOMS
from web.words import choose_language, own_names

SEVEN = ("en", "de", "es", "fr", "it", "nl", "pt")


async def read(visitor: Customer, path: str) -> str:
    async with visitor.http.get(visitor.url + path) as response:
        assert response.status == 200
        return await response.text()


@pytest.mark.parametrize(
    ("asked", "remembered", "accepted", "shown"),
    [
        ("fr", "de", "it", "fr"),
        ("pt-BR", None, "", "pt"),
        ("PT-br", None, "", "pt"),
        ("xx", "de", "it", "de"),
        (None, "xx", "it", "it"),
        (None, None, "pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        (None, None, "ja, es-419;q=0.4, nl;q=0.7", "nl"),
        (None, None, "ja", "en"),
        ("", "", "", "en"),
        ("<b>", "-", ";q=,;", "en"),
    ],
)
def test_a_visitor_gets_the_language_they_want_most(
    asked: str | None, remembered: str | None, accepted: str, shown: str
) -> None:
    assert choose_language(SEVEN, asked, remembered, accepted) == shown


def test_a_tag_of_its_own_goes_before_its_language() -> None:
    assert choose_language(("en", "en-XA"), "en-XA", None, "") == "en-XA"
    assert choose_language(("en", "en-XA"), None, None, "en-XA,en") == "en-XA"


def test_each_language_is_called_as_its_speakers_call_it() -> None:
    assert own_names((*SEVEN, "xx")) == {
        "en": "English", "de": "Deutsch", "es": "Español", "fr": "Français", "it": "Italiano",
        "nl": "Nederlands", "pt": "Português", "xx": "Xx",
    }  # fmt: skip


async def test_a_country_of_a_language_is_remembered_as_the_language(house: House) -> None:
    async with house.customer() as visitor:
        page = await read(visitor, "/s/paris?lang=fr-CA")
        assert '<html lang="fr"' in page
        assert '<html lang="fr"' in await read(visitor, "/s/paris")


async def test_a_language_that_no_page_speaks_is_not_offered(house: House) -> None:
    rooms = house.node.app[SHOWROOMS]
    paris = await rooms.by_slug("paris")
    await rooms.save(replace(paris, languages=("ja", "fr")))
    rooms.forget()
    async with house.customer() as visitor:
        for path in ("/s/paris", "/s/paris/book"):
            page = await read(visitor, f"{path}?lang=ja")
            assert 'hreflang="ja"' not in page
            assert '<html lang="fr"' in page
    await rooms.save(replace(paris, languages=("ja",)))
    rooms.forget()
    async with house.customer() as visitor:
        assert '<html lang="en"' in await read(visitor, "/s/paris?lang=ja")
