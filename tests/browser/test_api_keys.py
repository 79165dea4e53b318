"""Keys for other programs, and the page that explains their interface, in a real browser."""

import aiohttp
import pytest
from playwright.async_api import expect

from tests.browser.cast import Cast
from tests.browser.test_accessibility import flawless
from tests.browser.test_screens import fits

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_manager_makes_a_key_copies_it_and_revokes_it(cast: Cast) -> None:
    page = await cast.staff("boss@example.com", "/manager/keys?showroom=paris")
    await page.get_by_role("button", name="Create key").click()
    await expect(page.get_by_role("alert")).to_have_text("Give the key a name.")
    await page.get_by_label("Name").fill("<b>Our store</b>")
    await page.get_by_role("button", name="Create key").click()
    await expect(page.get_by_role("alert")).to_contain_text("at least one thing")
    await page.get_by_label("See whether the showroom is open").check()
    await page.keyboard.press("Enter")
    secret = page.get_by_label("Your new key")
    await expect(secret).to_be_focused()
    await flawless(page, "a new key")
    status = f"{cast.url}/api/v1/showrooms/paris/status"
    headers = {"Authorization": f"Bearer {await secret.input_value()}"}
    async with aiohttp.ClientSession(headers=headers) as program:
        async with program.get(status) as response:
            assert response.status == 200
        await page.get_by_role("button", name="Revoke <b>Our store</b>").click()
        await expect(page.get_by_role("dialog")).to_contain_text("can’t be undone")
        await flawless(page, "sure?")
        await page.get_by_role("button", name="Revoke", exact=True).click()
        await expect(page.locator("#list")).to_contain_text("Revoked")
        async with program.get(status) as response:
            assert response.status == 401


async def test_the_page_of_the_interface_is_read_on_a_phone_and_by_everybody(cast: Cast) -> None:
    page = await cast.stranger()
    await page.goto("/api/v1/docs")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Interface for other programs")
    await flawless(page, "the interface")
    await fits(page, "the interface")
