"""The demo: one person with one browser and no camera sees the whole product work."""

import asyncio
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from showroom.demo.seed import SLUG
from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.chromium import Browsers
from tests.browser.demo import demo_process
from tests.browser.pages import BookingPage
from tests.browser.test_accessibility import flawless
from tests.nodes import until_healthy

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo, which may still be starting."""
    with demo_process(tmp_path_factory.mktemp("demo")) as url:
        yield url


async def test_the_robot_answers_by_itself_shows_a_car_speaks_and_chats(
    browsers: Browsers, demo: str
) -> None:
    await until_healthy(demo)
    async with Cast(browsers, demo, SLUG) as cast:
        customer = await cast.customer()
        await customer.reads("1 advisor is free")
        await customer.page.get_by_role("button", name="Crête").click()
        await customer.call()
        await eyes.moves(customer.live_view)
        await eyes.hears(customer.page)
        await customer.write("What does it cost?")
        await expect(customer.conversation()).to_contain_text("The Crête costs €")
        await customer.hangs_up()
        await customer.reads("Thank you for your visit")


async def test_the_letter_about_a_visit_can_be_read_and_leads_to_the_visit(
    browsers: Browsers, demo: str
) -> None:
    await until_healthy(demo)
    # As the demo calls itself in its letters.
    async with Cast(browsers, demo.replace("127.0.0.1", "localhost"), SLUG) as cast:
        guest = BookingPage((await cast.visitor()).page)
        await guest.page.goto("/demo/mail")
        await guest.reads("No letter yet.")
        await flawless(guest.page, "no mail yet")
        await guest.page.goto(f"/s/{SLUG}/book")
        await guest.takes_next()
        await guest.fills()
        await guest.tap("Confirm booking")
        await guest.reads("See you")
        visit = await guest.visit()
        letter = guest.page.get_by_role("link", name="jeanne@example.com")
        async with asyncio.timeout(15):
            while not await letter.is_visible():
                await guest.page.goto("/demo/mail")
        await letter.click()
        await flawless(guest.page, "a letter")
        link = guest.page.frame_locator("iframe").get_by_role("link", name="Open my visit")
        assert str(await link.get_attribute("href")).endswith(visit)
        await link.click()
        await guest.page.wait_for_url(f"**{visit}")
        await guest.reads("expects you")
