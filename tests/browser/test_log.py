"""The log of changes, in a real browser: who did what, on a phone and on a desk."""

import pytest
from playwright.async_api import expect

from tests.browser.cast import Cast
from tests.browser.test_accessibility import flawless
from tests.browser.test_screens import fits

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = "The importer of the whole south-west, with its agents and its workshops " + "m" * 20


async def test_what_a_manager_does_is_read_in_the_log(cast: Cast) -> None:
    page = await cast.staff("boss@example.com", "/manager/keys?showroom=paris")
    await page.get_by_label("Name").fill(LONG)
    await page.get_by_label("See whether the showroom is open").check()
    await page.get_by_role("button", name="Create key").click()
    await expect(page.get_by_label("Your new key")).to_be_visible()
    await page.goto("/manager/log?showroom=paris")
    row = page.get_by_role("row").filter(has_text=LONG)
    await expect(row).to_contain_text("Camille Roux")
    await expect(row).to_contain_text("added")
    await fits(page, "the log")
    await flawless(page, "the log")
    await page.get_by_label("Kind").select_option(label="Dealer")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_text("Nothing was changed here yet.")).to_be_visible()
    await flawless(page, "nothing in the log")
