"""The demo: one person with one browser and no camera sees the whole product work."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from showroom.demo.seed import SLUG
from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.chromium import Browsers
from tests.browser.demo import demo_process
from tests.nodes import until_healthy

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_robot_answers_by_itself_shows_a_car_speaks_and_chats(
    browsers: Browsers, tmp_path: Path
) -> None:
    with demo_process(tmp_path) as url:
        await until_healthy(url)
        async with Cast(browsers, url, SLUG) as cast:
            customer = await cast.customer()
            await customer.reads("1 advisor is free")
            await customer.page.get_by_role("button", name="Crête").click()
            await customer.call()
            await eyes.moves(customer.live_view)
            await eyes.hears(customer.page)
            await customer.write("What does it cost?")
            await expect(customer.conversation().get_by_text("€")).to_be_visible()
            await customer.hangs_up()
            await customer.reads("Thank you for your visit")
