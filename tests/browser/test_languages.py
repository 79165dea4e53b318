"""The choice of a language, with as many as are shipped, and what each writes in its own way."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from showroom.database import Database
from showroom.settings import Settings
from showroom.texts import LANGUAGES
from tests.browser.album import Album
from tests.browser.cast import PHONE, Cast
from tests.browser.chromium import Browsers
from tests.browser.props import speaks
from tests.browser.test_accessibility import flawless
from tests.browser.test_screens import fits
from tests.houses import furnish
from tests.nodes import running_node
from tests.samples import a_showroom
from web.keys import WORDS
from web.words import own_names

pytestmark = pytest.mark.asyncio(loop_scope="session")

SEVEN = ("en", "de", "es", "fr", "it", "nl", "pt")
NAMES = list(own_names(SEVEN).values())


@pytest_asyncio.fixture(loop_scope="session")
async def cast(browsers: Browsers, settings: Settings) -> AsyncIterator[Cast]:
    """People around a showroom in seven languages; one without a catalogue says English."""
    async with AsyncExitStack() as stack:
        async with Database.open(settings.database_url) as database:
            await furnish(database, paris=replace(a_showroom("paris"), languages=SEVEN))
        node = await stack.enter_async_context(running_node(settings))
        for language in SEVEN:
            if language not in LANGUAGES:
                node.app[WORDS].add(language, {})
        yield await stack.enter_async_context(Cast(browsers, node.url))


async def offers_all(page: Page) -> None:
    """Open the choice, and assert that it is whole, in sight, and by the names of each."""
    choice = page.get_by_role("navigation", name="Language")
    await choice.locator("summary").click()
    await expect(choice.get_by_role("link")).to_have_text(NAMES)
    for link in await choice.get_by_role("link").all():
        await expect(link).to_be_in_viewport(ratio=1)


async def test_seven_languages_are_offered_by_their_own_names_on_a_phone(
    cast: Cast, album: Album | None
) -> None:
    visitor = await cast.visitor(viewport=PHONE)
    await visitor.page.goto("/s/paris")
    await offers_all(visitor.page)
    await fits(visitor.page, "the choice of a language")
    await flawless(visitor.page, "the choice of a language")
    boss = await cast.staff("boss@example.com", "/manager/showroom?showroom=paris", viewport=PHONE)
    await offers_all(boss)
    await fits(boss, "the manager's choice of a language")
    if album:
        await album.take(visitor.page, "languages")
        await album.take(boss, "languages-manager")


async def test_a_language_that_is_chosen_stays_and_is_said_to_the_browser(cast: Cast) -> None:
    visitor = await cast.visitor(viewport=PHONE, locale="pt-BR")
    page = visitor.page
    await page.goto("/s/paris")
    await expect(page.locator("html")).to_have_attribute("lang", "pt")
    await speaks(page, "Deutsch")
    await expect(page.locator("html")).to_have_attribute("lang", "de")
    await page.goto("/staff/login")
    await expect(page.locator("html")).to_have_attribute("lang", "de")
    await expect(page.locator(".languages summary")).to_have_text("Deutsch")


async def test_a_manager_is_told_which_languages_pages_are_written_in(cast: Cast) -> None:
    page = await cast.staff("boss@example.com", "/manager/showroom?showroom=paris")
    field = page.get_by_label("Languages, the usual one first")
    await expect(field).to_have_value(", ".join(SEVEN))
    await field.fill("en, ja")
    cast.forgive("400")
    await field.press("Enter")
    told = "Write the two letters of languages that pages are written in: en (English), "
    await expect(page.get_by_text(told)).to_be_visible()
    await expect(page.get_by_text("pt (Portuguese)")).to_be_visible()
    await field.fill("fr, en")
    await field.press("Enter")
    await expect(page.get_by_text(told)).to_be_hidden()


async def test_the_choice_closes_when_somebody_turns_to_anything_else(cast: Cast) -> None:
    page = (await cast.visitor(viewport=PHONE)).page
    await page.goto("/s/paris")
    choice = page.get_by_role("navigation", name="Language")
    opener, first = choice.locator("summary"), choice.get_by_role("link").first
    await opener.click()
    await expect(first).to_be_visible()
    await page.get_by_role("heading").first.click(position={"x": 2, "y": 2})
    await expect(first).to_be_hidden()
    await opener.click()
    await first.focus()
    await page.keyboard.press("Escape")
    await expect(first).to_be_hidden()
    await expect(opener).to_be_focused()
    await opener.click()
    await choice.get_by_role("link").last.focus()
    await expect(first).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(first).to_be_hidden()
