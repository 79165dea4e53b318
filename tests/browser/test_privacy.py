"""A manager is asked what there is of somebody, and to erase them, as they see and press it."""

import zipfile

import pytest
from playwright.async_api import expect

from showroom.database import Database
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from tests.browser.cast import Cast
from tests.browser.test_accessibility import flawless
from tests.browser.test_trade import fits
from tests.leads import saved_lead
from tests.visits import saved_visit, staff_id
from tests.web.agendas import noon

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOSS = "boss@example.com"
LONG = "Maximiliane-Charlotte von Hohenlohe-Schillingsfürst zu Waldenburg-Langenburg"


async def test_a_manager_finds_a_person_from_their_lead_and_erases_them(
    cast: Cast, settings: Settings
) -> None:
    async with Database.open(settings.database_url) as database:
        paris = (await Showrooms(database).by_slug("paris")).id
        await saved_lead(database, paris, name=LONG, phone="+33612345678")
        await saved_visit(database, paris, await staff_id(database, "alice@example.com"), noon())
    page = await cast.staff(BOSS, "/manager/leads")
    await page.get_by_role("button", name="Maximiliane").click()
    await page.get_by_role("link", name="Export or erase this person’s data").click()
    await expect(page.get_by_label("E-mail address")).to_have_value("jeanne@example.com")
    await expect(page.get_by_text("Nobody was erased yet.")).to_be_visible()
    await page.get_by_role("button", name="Find").click()
    await expect(page.get_by_text(LONG)).to_be_visible()
    await flawless(page, "a person")
    await fits(page)

    async with page.expect_download() as download:
        await page.get_by_role("button", name="Export as a file").click()
    file = zipfile.ZipFile(await (await download.value).path())
    assert LONG in file.read("data.html").decode()

    await page.get_by_label("Why").select_option("They took their consent back")
    await page.get_by_role("button", name="Erase for good").click()
    # The browser asks for the tick first.
    await expect(page.get_by_role("heading", name="Erase this person")).to_be_visible()
    await page.get_by_label("I have made sure who asks").check()
    await page.get_by_role("button", name="Erase for good").click()
    await expect(page.get_by_role("heading", name="Receipt of an erasure")).to_be_visible()
    await expect(page.get_by_text("They took their consent back")).to_be_visible()
    await flawless(page, "a receipt")
    await fits(page)
    await page.get_by_role("link", name="Personal data of a customer").click()
    await expect(page.get_by_role("row", name="They took their consent back")).to_be_visible()
    await page.get_by_label("Phone number").fill("06 12 34 56 78")
    await page.get_by_role("button", name="Find").click()
    await expect(page.get_by_text("There is nothing of this person here.")).to_be_visible()
    await flawless(page, "nobody")
    await page.goto("/manager/leads")
    await expect(page.get_by_role("button", name="Maximiliane")).to_have_count(0)


async def test_a_colleague_s_lead_shows_an_advisor_no_address_to_press(
    cast: Cast, settings: Settings
) -> None:
    async with Database.open(settings.database_url) as database:
        paris = (await Showrooms(database).by_slug("paris")).id
        bruno = await staff_id(database, "bruno@example.com")
        await saved_lead(database, paris, owner_id=bruno, phone="+33612345678")
    page = await cast.staff("alice@example.com", "/advisor/leads")
    await page.get_by_label("Who takes care").first.select_option("Everybody’s")
    await page.get_by_role("button", name="Jeanne Moreau").click()
    await expect(page.get_by_text("j•••@example.com")).to_be_visible()
    await expect(page.get_by_text("••• 78")).to_be_visible()
    await expect(page.get_by_role("link", name="••• 78")).to_have_count(0)
    await expect(page.get_by_text("Correct the details")).to_be_hidden()
