"""The demo: one person with one browser and no camera sees the whole product work."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from showroom.demo.seed import SIGN_INS, SLUG
from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.chromium import Browsers
from tests.browser.demo import demo_process
from tests.browser.pages import BookingPage
from tests.browser.props import speaks
from tests.browser.test_accessibility import flawless
from tests.nodes import until_healthy

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo keeps its data."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[str]:
    """The address of a demo, which may still be starting."""
    with demo_process(folder) as url:
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


async def test_an_order_in_the_store_shows_in_the_managers_figures(
    browsers: Browsers, demo: str, folder: Path
) -> None:
    await until_healthy(demo)
    lines = (folder / SIGN_INS).read_text().splitlines()
    passwords = dict(line.split()[:2] for line in lines)
    async with Cast(browsers, demo, SLUG, passwords) as cast:
        customer = await cast.customer()
        await customer.page.get_by_role("button", name="Crête").click()
        await customer.call()
        await eyes.moves(customer.live_view)
        await customer.hangs_up()
        async with customer.page.expect_popup() as opened:
            await customer.page.get_by_role("link", name="To the online store").click()
        store = await opened.value
        await expect(store.get_by_role("heading", name="Crête")).to_be_visible()
        for told in ("No lead yet; the call is", "Robo, the stand-in", "€"):
            await expect(store.get_by_text(told)).to_be_visible()
        await flawless(store, "the demo's store")
        await speaks(store, "Français")
        await expect(store.get_by_role("button", name="Commander cette voiture")).to_be_visible()
        await speaks(store, "English")
        await store.get_by_role("button", name="Order this car").click()
        await expect(store.get_by_role("heading", name="Ordered: Crête")).to_be_visible()
        await flawless(store, "the demo's store, after an order")
        figures = await cast.staff("manager@orvanne.example", "/manager/reservations")
        orders = figures.locator(".steps-down__one").filter(has_text="Orders").first
        await expect(orders.locator("dd")).to_have_text("1")


async def test_the_store_knows_nobody_whom_the_showroom_has_not_signed(
    browsers: Browsers, demo: str
) -> None:
    await until_healthy(demo)
    async with Cast(browsers, demo, SLUG) as cast:
        page = (await cast.visitor()).page
        await page.goto(f"/demo/store?showroom={SLUG}&context=eyJhIjoxfQ.forged")
        await expect(page.get_by_role("heading", name="A visitor whom we")).to_be_visible()
        await expect(page.get_by_role("button", name="Order")).to_have_count(0)
        await flawless(page, "the demo's store, with a stranger")
