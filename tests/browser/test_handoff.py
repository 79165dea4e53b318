"""The manager's page for what leaves the house, in a real browser, with a real receiver."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from booking.handoff.publishing import Publishing
from booking.handoff.topics import Topic
from booking.outbox import Outbox
from showroom.clock import system_clock
from showroom.database import Database
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from tests.booking.delivering import until
from tests.booking.handoff.receiver import Heard, receiving
from tests.booking.handoff.sending import LEAD
from tests.browser.cast import DESKTOP, Cast
from tests.browser.conftest import OpenHouse
from tests.browser.test_accessibility import flawless
from tests.browser.test_screens import fits

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass
class Desk:
    """A manager at the page, the store that listens, and what is published."""

    cast: Cast
    page: Page
    store: Heard
    database: Database

    def card(self, name: str) -> Locator:
        return self.page.get_by_role("listitem").filter(
            has=self.page.get_by_role("heading", name=name, exact=True)
        )

    async def tap(self, name: str, *, exact: bool = True) -> None:
        await self.page.get_by_role("button", name=name, exact=exact).click()

    async def adds(self, name: str, address: str, *unwanted: str) -> str:
        """Add a webhook, and return its secret."""
        await self.tap("Add endpoint")
        await self.page.get_by_label("Name", exact=True).fill(name)
        await self.page.get_by_label("Address (URL)").fill(address)
        for topic in unwanted:
            await self.page.get_by_role("checkbox", name=topic).uncheck()
        await self.tap("Save endpoint")
        return await self.secret()

    async def secret(self) -> str:
        field = self.page.get_by_label("Secret", exact=True)
        await expect(field).to_have_value(re.compile(r"^whsec_[A-Za-z0-9+/=]{32,}$"))
        value = await field.input_value()
        await self.tap("I have it")
        return value

    async def publish(self, subject: str) -> None:
        paris = await Showrooms(self.database).by_slug("paris")
        publishing = Publishing(Outbox(self.database, system_clock), system_clock)
        async with self.database.write() as connection:
            await publishing.publish(
                connection, paris.id, Topic.LEAD_QUALIFIED, subject, LEAD, None
            )


@pytest_asyncio.fixture(loop_scope="session")
async def desk(open_house: OpenHouse, settings: Settings) -> AsyncIterator[Desk]:
    """A manager at the page, and a store on this machine that this house may send to."""
    cast = await open_house({"handoff_hosts": ("127.0.0.1",)})
    async with receiving() as store, Database.open(settings.database_url) as database:
        page = await cast.staff("boss@example.com", "/manager/handoff", viewport=DESKTOP)
        yield Desk(cast, page, store, database)
        cast.assert_clean()


async def test_a_manager_adds_a_store_and_sees_a_lead_arrive(desk: Desk) -> None:
    await expect(desk.page.get_by_text("Nobody hears of anything yet.")).to_be_visible()
    await flawless(desk.page, "handoff, empty")
    secret = await desk.adds("The store", f"{desk.store.url}/ok", "Call ended")
    assert secret not in await desk.page.content()
    await desk.publish("lead-1")
    await expect(desk.card("The store")).to_contain_text("Works")
    assert desk.store.requests[0]["path"] == "/ok"
    row = desk.page.get_by_role("row").filter(has_text="Lead qualified")
    await expect(row).to_contain_text("Delivered")
    await row.get_by_role("button").click()
    sheet = desk.page.get_by_role("dialog", name="Lead qualified")
    await expect(sheet).to_contain_text("200 ok")
    await sheet.get_by_text("What was sent").click()
    await expect(sheet.locator("pre")).to_contain_text("webhook-id")
    await flawless(desk.page, "handoff, a delivery")
    await sheet.get_by_role("button", name="Send again").click()
    await expect(sheet.get_by_role("listitem")).to_have_count(2)
    assert len(set(desk.store.ids)) == 1


async def test_a_store_that_is_gone_shows_here_and_on_the_floor_and_comes_back(desk: Desk) -> None:
    await desk.adds("The store", f"{desk.store.url}/status/410")
    await desk.publish("lead-1")
    card = desk.card("The store")
    await expect(card).to_contain_text("Disabled")
    await expect(card).to_contain_text("410 as you wished")
    await expect(card).to_contain_text("1 delivery")
    await flawless(desk.page, "handoff, disabled")
    floor = await desk.cast.another_tab(desk.page)
    await floor.goto("/manager")
    await expect(floor.locator("#handoff-trouble")).to_contain_text("The store")
    await flawless(floor, "the floor, with an endpoint that is gone")
    await floor.get_by_role("link", name="See what is wrong").click()
    await expect(floor).to_have_url(re.compile("/manager/handoff"))
    await card.get_by_role("button", name="Enable: The store").click()
    await until(lambda: len(desk.store.requests) == 2)  # and the store still says that it is gone
    await expect(card).to_contain_text("Disabled")
    assert len(set(desk.store.ids)) == 1


async def test_a_manager_rotates_pauses_and_removes(desk: Desk) -> None:
    first = await desk.adds("The store", f"{desk.store.url}/ok")
    card = desk.card("The store")
    await card.get_by_role("button", name="New secret: The store").click()
    assert await desk.secret() != first
    await expect(card).to_contain_text("Signed with both")
    await expect(card.get_by_role("button", name="New secret: The store")).to_be_hidden()
    await card.get_by_role("button", name="Drop the old secret: The store").click()
    await expect(card).not_to_contain_text("Signed with both")
    await expect(card.get_by_role("button", name="New secret: The store")).to_be_visible()
    await card.get_by_role("button", name="Disable: The store").click()
    await expect(card).to_contain_text("Disabled")
    await desk.publish("lead-1")
    await expect(card).to_contain_text("1 delivery")
    await card.get_by_role("button", name="Remove: The store").click()
    question = desk.page.get_by_role("dialog", name="Remove The store?")
    await expect(question).to_contain_text("1 delivery")
    await expect(question.get_by_text("data folder")).to_be_hidden()
    await question.get_by_role("button", name="Remove").click()
    await expect(card).to_have_count(0)
    assert desk.store.requests == []


async def test_a_manager_moves_a_store_and_what_waits_goes_there(desk: Desk) -> None:
    desk.cast.forgive("400")
    await desk.adds("The store", f"{desk.store.url}/status/410")
    await desk.publish("lead-1")
    card = desk.card("The store")
    await expect(card).to_contain_text("Disabled")
    await card.get_by_role("button", name="Change address: The store").click()
    sheet = desk.page.get_by_role("dialog", name="New address for The store")
    address = sheet.get_by_label("Address (URL)")
    await expect(address).to_have_value(f"{desk.store.url}/status/410")
    await address.fill("http://10.0.0.1/")
    await sheet.get_by_role("button", name="Save address").click()
    await expect(address).to_have_accessible_description(re.compile("We can’t send to this"))
    await expect(address).to_be_focused()
    await flawless(desk.page, "handoff, a new address")
    await address.fill(f"{desk.store.url}/ok")
    await sheet.get_by_role("button", name="Save address").click()
    await expect(sheet).to_be_hidden()
    await card.get_by_role("button", name="Enable: The store").click()
    await expect(card).to_contain_text("Works")
    assert [one["path"] for one in desk.store.requests] == ["/status/410", "/ok"]


async def test_a_form_that_can_not_be_sent_says_which_field_is_wrong(desk: Desk) -> None:
    desk.cast.forgive("400")
    await desk.tap("Add endpoint")
    name = desk.page.get_by_label("Name", exact=True)
    address = desk.page.get_by_label("Address (URL)")
    await desk.tap("Save endpoint")
    await expect(name).to_have_accessible_description(re.compile("Give it a name"))
    await name.fill("Inside")
    await address.fill("http://10.0.0.1/")
    await desk.tap("Save endpoint")
    await expect(address).to_have_accessible_description(re.compile("We can’t send to this"))
    await expect(address).to_be_focused()
    await expect(name).to_have_accessible_description("")
    await flawless(desk.page, "handoff, a wrong address")
    await desk.page.get_by_label("How it is delivered").select_option("CSV table")
    await expect(address).to_be_hidden()
    sheet = desk.page.get_by_role("dialog", name="Add endpoint")
    await expect(sheet.get_by_role("checkbox")).to_have_count(2)
    await desk.tap("Save endpoint")
    card = desk.card("Inside")
    await expect(card).to_contain_text("CSV table")
    await expect(card.get_by_role("button", name="Change address: Inside")).to_be_hidden()
    await card.get_by_role("button", name="Remove: Inside").click()
    question = desk.page.get_by_role("dialog", name="Remove Inside?")
    await expect(question).to_contain_text("stays in the server’s data folder")


async def test_the_page_fits_every_screen(desk: Desk) -> None:
    await desk.adds("A" * 100, f"{desk.store.url}/status/503/{'x' * 300}")
    await desk.publish("lead-1")
    await expect(desk.page.get_by_role("row").filter(has_text="Lead qualified")).to_be_visible()
    await fits(desk.page, "handoff")
