"""A manager changes the showroom's settings, and what customers and colleagues see of it."""

import os

import pytest
from playwright.async_api import Page, expect

from tests.browser.cast import Cast
from tests.browser.test_accessibility import flawless
from tests.browser.test_screens import fits

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOSS = "boss@example.com"
PAGE = "/manager/showroom?showroom=paris"


async def opened(cast: Cast, query: str = "") -> Page:
    page = await cast.staff(BOSS, PAGE + query)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Showroom")
    await expect(page.get_by_label("Monday", exact=True).first).to_have_value("00:00–24:00")
    return page


async def save(page: Page, section: str, said: str = "Saved.") -> None:
    part = page.get_by_role("region", name=section)
    await part.get_by_role("button", name=f"Save: {section}").click()
    await expect(part.get_by_role("status")).to_have_text(said)


async def test_hours_that_a_manager_sets_close_a_customers_page(cast: Cast) -> None:
    customer = await cast.customer()
    await expect(customer.button("Call an advisor now")).to_be_visible()
    page = await opened(cast)
    hours = page.get_by_role("region", name="Opening hours")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
        await hours.get_by_label(day, exact=True).fill("")
    texts = page.get_by_role("region", name="Texts of the customers’ page")
    await texts.get_by_label("While it is closed").first.fill("Back on <b>Tuesday</b>.")
    await save(page, "Opening hours")
    await save(page, "Texts of the customers’ page")
    await expect(customer.button("Call an advisor now")).to_be_hidden(timeout=15_000)
    await customer.reads("Closed right now")
    # Words of this language are the page's own: they come with it.
    await customer.page.reload()
    await customer.reads("Back on <b>Tuesday</b>.")


async def test_a_holiday_is_chosen_by_its_name_and_a_line_for_the_chat_reaches_advisors(
    cast: Cast,
) -> None:
    page = await opened(cast)
    hours = page.get_by_role("region", name="Opening hours")
    await hours.get_by_label("Calendar").select_option(label="France")
    await hours.get_by_label("Christmas Day: open or closed").select_option("Closed")
    await hours.get_by_label("New Year's Day: open or closed").select_option("Other hours")
    await hours.get_by_role("button", name="Save: Opening hours").click()
    await expect(hours.get_by_role("alert")).to_contain_text("Nothing was saved yet")
    await expect(hours.get_by_label("New Year's Day: hours")).to_be_focused()
    await page.keyboard.type("10-16h")
    await save(page, "Opening hours", "Saved.")
    await hours.get_by_label("Region").select_option("57")
    await expect(hours.get_by_label("Saint Stephen's Day: open or closed")).to_be_visible()
    await expect(hours.get_by_label("Christmas Day: open or closed")).to_have_value("closed")
    await hours.get_by_role("button", name="Undo my changes").click()
    await expect(hours.get_by_label("Saint Stephen's Day: open or closed")).to_have_count(0)
    lines = page.get_by_role("region", name="Lines for the chat")
    await lines.get_by_label("English").fill("Bonsoir, Madame.\nA second one.")
    await save(page, "Lines for the chat")
    await page.reload()
    await expect(hours.get_by_label("New Year's Day: hours")).to_have_value("10:00–16:00")
    await expect(hours.get_by_role("button", name="Undo my changes")).to_be_hidden()
    advisor = await cast.staff("alice@example.com", "/advisor?showroom=paris")
    config = await advisor.locator("#config").text_content()
    assert '"en":["Bonsoir, Madame.","A second one."]' in str(config)


async def test_two_managers_at_once_lose_nothing(cast: Cast) -> None:
    one, other = await opened(cast), await opened(cast)
    calls = "Calls and data"
    ring = "Ring an advisor, in seconds"
    cast.forgive("412|400")
    await one.get_by_label(ring).fill("30")
    await save(one, calls)
    await other.get_by_label(ring).fill("40")
    await other.get_by_label("Photos, in days").fill("90")
    part = other.get_by_role("region", name=calls)
    await part.get_by_role("button", name=f"Save: {calls}").click()
    await expect(part.get_by_role("alert")).to_contain_text("somebody has changed the same")
    await expect(part).to_contain_text("Camille Roux has changed this to: 30.")
    await expect(other.get_by_label(ring)).to_have_value("40")
    await flawless(other, "two managers at once")
    await fits(other, "two managers at once")
    await part.get_by_role("button", name="Take this").click()
    await save(other, calls)
    await other.reload()
    await expect(other.get_by_label(ring)).to_have_value("30")
    await expect(other.get_by_label("Photos, in days")).to_have_value("90")
    await other.get_by_label(ring).fill("0")
    await part.get_by_role("button", name=f"Save: {calls}").click()
    await expect(part).to_contain_text("Write a whole number from 1 to 600.")
    await expect(other.get_by_label(ring)).to_be_focused()


async def test_a_campaign_is_extended_and_colours_are_judged(cast: Cast) -> None:
    page = await opened(cast)
    part = page.get_by_role("region", name="Campaigns")
    await part.get_by_role("button", name="Add a campaign").click()
    await part.get_by_label("Name").fill("Television, autumn")
    await part.get_by_label("First day").fill("2026-10-01")
    await part.get_by_label("Last day").fill("2026-10-14")
    await part.get_by_label("Cost").fill("120000.50")
    await part.get_by_label("Television spots, one a line").fill("2026-10-03 20:50")
    await save(page, "Campaigns")
    await part.get_by_role("button", name="Extend by a week").click()
    await expect(part.get_by_role("status")).to_have_text("Saved.")
    await page.reload()
    await expect(part.get_by_label("Last day")).to_have_value("2026-10-21")
    await expect(part.get_by_label("Cost")).to_have_value("120000.50")
    await part.get_by_role("button", name="Add a campaign").click()
    brand = page.get_by_role("region", name="Brand")
    await brand.get_by_label("Words on buttons", exact=True).fill("#aa6a4f")
    await expect(brand).to_contain_text("Many can’t read that")
    preview = brand.get_by_role("group", name="Preview")
    await expect(preview.locator("img").first).to_be_hidden()
    await brand.get_by_label("Logo: path").fill("icons/favicon.svg")
    await brand.get_by_label("Words on buttons", exact=True).focus()
    await expect(preview.locator("img").first).to_be_visible()
    await (
        page.get_by_role("region", name="Opening hours")
        .get_by_label("Calendar")
        .select_option(label="France")
    )
    for language in ("en", "fr"):
        if language == "fr":
            # What was not saved is asked about.
            page.on("dialog", lambda dialog: dialog.accept())
            await page.goto(f"{PAGE}&lang=fr")
            await expect(page.get_by_role("button", name="Enregistrer : Marque")).to_be_visible()
        if folder := os.environ.get("PICTURES"):
            for width, scheme in ((390, "light"), (1280, "dark"), (1920, "light")):
                await page.set_viewport_size({"width": width, "height": 900})
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                name = f"{folder}/settings-{language}-{width}.png"
                await page.screenshot(path=name, full_page=True)
    await flawless(page, "settings")
    await fits(page, "settings")


async def test_a_change_stands_in_the_log_as_people_read_it(cast: Cast) -> None:
    page = await opened(cast)
    await (
        page.get_by_role("region", name="Name and place")
        .get_by_label("Name", exact=True)
        .fill("Orvanne, the showroom with the longest name between the Seine and the ring road")
    )
    await save(page, "Name and place")
    await page.get_by_label("Calls may be recorded").check()
    await save(page, "Calls and data")
    await page.get_by_role("link", name="Log of changes").click()
    rows = page.get_by_role("table").get_by_role("row")
    await expect(rows).to_have_count(3)
    await expect(rows.nth(1)).to_contain_text("Calls may be recorded, when both sides agree")
    await expect(rows.nth(1)).to_contain_text("Camille Roux")
    await expect(rows.nth(1).locator("ins")).to_have_text("on")
    if folder := os.environ.get("PICTURES"):
        for width, scheme in ((390, "light"), (1280, "dark")):
            await page.set_viewport_size({"width": width, "height": 700})
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            await page.screenshot(path=f"{folder}/log-{width}.png", full_page=True)
    await flawless(page, "log")
    await fits(page, "log")
    await page.get_by_label("Kind").select_option("Dealer")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.get_by_text("Nothing was changed here yet.")).to_be_visible()
    await flawless(page, "empty log")
