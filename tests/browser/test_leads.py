"""Leads in real browsers: the sheet beside the picture, the list, the customer's forms."""

from dataclasses import dataclass

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser import eyes
from tests.browser.cast import DESKTOP, PHONE, Cast
from tests.browser.conftest import OpenHouse
from tests.browser.pages import AdvisorPage, CustomerPage, Face, talk
from tests.browser.props import go, reload
from tests.browser.test_accessibility import flawless
from tests.browser.test_closed_doors import closed_for_days
from tests.browser.test_room_on_a_phone import apart, box
from tests.browser.test_screens import fits

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Saves a sheet as another tab of the advisor does, over the one that this page has.
SAVE_ELSEWHERE = """async ([url, name]) => {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const { version, sheet } = await (await fetch(url)).json();
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': token },
    body: JSON.stringify({ version, sheet: { ...sheet, name, financing: '36 months' } }),
  });
  return (await answer.json()).ok;
}"""
KEYBOARD = "document.documentElement.style.setProperty('--keyboard', '320px')"


@dataclass(frozen=True)
class LeadSheet:
    """The sheet, beside the picture of a call or below its outcome."""

    page: Page

    def field(self, name: str) -> Locator:
        return self.page.locator("#lead").get_by_label(name, exact=True)

    async def opens(self) -> None:
        """Tap on 'Lead', which is a tab where the tools are open already."""
        tab = self.page.get_by_role("tab", name="Lead")
        way = self.page.get_by_role("button", name="Lead", exact=True)
        await expect(tab.or_(way)).to_be_visible()
        await (tab if await tab.is_visible() else way).click()
        await expect(self.field("Name")).to_be_enabled()

    async def ticks(self, *names: str) -> None:
        for name in names:
            await self.field(name).check(force=True)

    async def is_saved(self, said: str = "Saved") -> None:
        await expect(self.page.locator("#lead-state")).to_have_text(said)

    async def is_worth(self, word: str) -> None:
        await expect(self.page.locator("#lead-word")).to_have_text(word)


@dataclass(frozen=True)
class LeadsPage(Face):
    """`/advisor/leads` and `/manager/leads`."""

    def row(self, name: str) -> Locator:
        return self.page.locator(".lead-row").filter(has_text=name)

    @property
    def sheet(self) -> Locator:
        return self.page.get_by_role("dialog")


async def in_a_call(cast: Cast) -> tuple[CustomerPage, AdvisorPage, LeadSheet]:
    """Return both sides of a call about the Crête; the advisor has a phone, and the sheet open."""
    customer, advisor = await cast.couple()
    await customer.page.get_by_role("button", name="Crête").click()
    await talk(customer, advisor)
    sheet = LeadSheet(advisor.page)
    await sheet.opens()
    return customer, advisor, sheet


async def test_what_an_advisor_types_survives_a_reload_and_is_a_lead_with_the_outcome(
    cast: Cast,
) -> None:
    cast.forgive("400")
    _, advisor, sheet = await in_a_call(cast)
    page = advisor.page
    # The picture and the end of the call stay in sight, with a keyboard over the page, too.
    assert (await box(advisor.own_view))["height"] > 250
    for place in (sheet.field("Name"), sheet.page.get_by_role("button", name="Save lead")):
        assert await apart(place, advisor.button("End call"))
    await page.evaluate(KEYBOARD)
    lowest = await box(advisor.button("End call"))
    assert lowest["y"] + lowest["height"] <= PHONE["height"] - 320
    assert (await box(advisor.own_view))["height"] > 100
    await page.evaluate("document.documentElement.style.setProperty('--keyboard', '0px')")

    await expect(page.get_by_role("button", name="Remove Crête")).to_be_visible()
    await sheet.field("Name").fill("Jeanne Moreau")
    await sheet.field("Phone").fill("06 12 34 56 7")
    await sheet.ticks("Test drive", "Trade-in", "Agreed that we contact them")
    await sheet.field("Make").fill("Orvanne")
    await sheet.field("When they decide").select_option(label="Within a month")
    await sheet.is_saved()
    await sheet.is_worth("Qualified")
    await fits(page, "lead, beside the picture")
    await flawless(page, "lead, beside the picture")

    await reload(page)
    await eyes.moves(advisor.own_view)
    await sheet.opens()
    for name, value in (("Name", "Jeanne Moreau"), ("Make", "Orvanne")):
        await expect(sheet.field(name)).to_have_value(value)
    await expect(sheet.field("Trade-in")).to_be_checked()
    await page.locator("#lead-verdict summary").click()
    await expect(page.locator("#lead-reasons")).to_contain_text("Would trade a car in")

    # What was typed last is there at the end, although no time was left to save it.
    await sheet.field("Postcode").fill("69003")
    await advisor.tap("End call")
    await expect(sheet.field("Postcode")).to_have_value("69003")
    await sheet.page.get_by_role("button", name="Save lead").click()
    await advisor.reads("This is not a phone number.")
    await expect(sheet.field("Phone")).to_be_focused()
    await sheet.field("Phone").fill("06 12 34 56 78")
    await sheet.page.get_by_role("button", name="Save lead").click()
    await sheet.is_saved("Saved as a lead")
    await flawless(page, "lead, after the call")
    await advisor.saves("Test drive")

    await page.get_by_role("link", name="Leads").click()
    leads = LeadsPage(page)
    await expect(leads.row("Jeanne Moreau")).to_contain_text("Crête · Test drive, Trade-in")
    await expect(leads.row("Jeanne Moreau")).to_contain_text("Qualified")
    await expect(leads.row("Jeanne Moreau")).to_contain_text("Contacted")
    await flawless(page, "leads")
    await leads.row("Jeanne Moreau").click()
    phone = leads.sheet.get_by_role("link", name="+33")
    await expect(phone).to_have_attribute("href", "tel:+33612345678")
    for told in ("Test drive · Alice Martin", "text sheet-contact-1", "Wishes a test drive"):
        await expect(leads.sheet).to_contain_text(told)
    await flawless(page, "a lead")
    await fits(page, "a lead")


async def test_a_sheet_that_was_saved_elsewhere_shows_both_and_loses_nothing(cast: Cast) -> None:
    cast.forgive("409")
    _, advisor, sheet = await in_a_call(cast)
    async with advisor.page.expect_request(lambda asked: "/sheet?" in asked.url) as saving:
        await sheet.field("Postcode").fill("75011")
    await sheet.is_saved()
    url = (await saving.value).url
    assert await advisor.page.evaluate(SAVE_ELSEWHERE, [url, "Jean"])
    await sheet.field("Name").fill("Jeanne Moreau")
    await advisor.reads("Saved elsewhere: Jean")
    await sheet.is_saved()
    await expect(sheet.field("Name")).to_have_value("Jeanne Moreau")
    await expect(sheet.field("Financing")).to_have_value("36 months")
    kept = await advisor.page.evaluate(
        "async (url) => (await (await fetch(url)).json()).sheet", url
    )
    assert (kept["name"], kept["financing"]) == ("Jeanne Moreau", "36 months")

    # A new tab takes the call over, and goes on with the same sheet.
    other = AdvisorPage(await cast.another_tab(advisor.page))
    await go(other.page, "/advisor")
    await expect(other.button("End call")).to_be_visible()
    second = LeadSheet(other.page)
    await second.opens()
    await expect(second.field("Name")).to_have_value("Jeanne Moreau")


async def test_an_outcome_waits_for_a_sheet_that_could_not_be_saved_and_says_so(cast: Cast) -> None:
    cast.forgive("ERR_FAILED")
    _, advisor, sheet = await in_a_call(cast)
    page = advisor.page
    await sheet.field("Phone").fill("06 12 34 56 78")
    await sheet.is_saved()
    await advisor.tap("End call")
    await page.get_by_label("Outcome", exact=True).select_option(label="Test drive")

    async def away(route: Route) -> None:
        await route.abort()

    await page.route("**/sheet?*", away)
    await sheet.field("Name").fill("Jeanne Moreau")
    await advisor.tap("Save outcome")
    await advisor.reads("The lead is not saved yet.")
    await page.unroute("**/sheet?*", away)
    await advisor.tap("Save outcome")
    await expect(advisor.available).to_be_visible()
    await page.get_by_role("link", name="Leads").click()
    await expect(LeadsPage(page).row("Jeanne Moreau")).to_contain_text("Contacted")


async def test_a_customer_of_a_closed_showroom_asks_for_an_offer_and_a_manager_sees_it_through(
    open_house: OpenHouse,
) -> None:
    cast = await open_house(exceptions=closed_for_days(2))
    customer = await cast.customer(viewport=PHONE)
    page = customer.page
    await page.get_by_role("button", name="Crête").click()
    await customer.tap("Offer")
    form = page.get_by_role("dialog")
    await expect(form.get_by_label("Car")).to_have_value("crete")
    await form.get_by_role("button", name="Send request").click()
    await expect(form.get_by_label("Name")).to_be_focused()
    await form.get_by_label("Name").fill("Jo Morel")
    await form.get_by_label("Phone").fill("12345")
    await form.get_by_label("keep these details").check()
    await form.get_by_role("button", name="Send request").click()
    cast.forgive("400")
    await customer.reads("We can’t call this number.")
    await flawless(page, "a customer's form")
    await form.get_by_label("Phone").fill("01 42 68 53 00")
    await form.get_by_role("button", name="Send request").click()
    await customer.reads("Thank you, Jo Morel.")
    await customer.reads("An advisor works your offer out")
    await flawless(page, "a customer's form, sent")

    boss = LeadsPage(await cast.staff("boss@example.com", "/manager/leads", viewport=DESKTOP))
    await expect(boss.row("Jo Morel")).to_contain_text("Crête · Offer")
    await boss.row("Jo Morel").click()
    await boss.sheet.get_by_label("Who takes care").select_option(label="Bruno Keller")
    await expect(boss.row("Jo Morel")).to_contain_text("Bruno Keller")
    await boss.tap("Tomorrow")
    await expect(boss.page.locator("#details-due")).to_contain_text("Due ")
    await boss.sheet.get_by_label("Add a note").fill("Wants it in green.")
    await boss.tap("Add note")
    await expect(boss.page.locator("#details-notes")).to_have_text("Wants it in green.")
    await boss.tap("Lost…")
    await boss.tap("Mark as lost")
    await boss.reads("Say why it is lost: the figures need it.")
    await boss.sheet.get_by_label("Why is it lost?").fill("Too expensive")
    await boss.tap("Mark as lost")
    await expect(boss.page.locator("#details-history")).to_contain_text("Too expensive")
    await flawless(boss.page, "a lead that is lost")
    await boss.tap("Reopen")
    # The list's filter is called 'Won', too, as long as its number is not there.
    moves = boss.page.get_by_role("group", name="What came of it")
    await expect(moves.get_by_role("button", name="Won", exact=True)).to_be_visible()
    await boss.tap("Reserve")
    await boss.reads("This lead has no dealer yet.")
    await boss.page.keyboard.press("Escape")

    await boss.tap("Points")
    offer = boss.sheet.get_by_label("Wishes an offer")
    await expect(offer).to_have_value("20")
    await offer.fill("2000")
    await boss.tap("Save points")
    await boss.reads("Write whole numbers")
    await offer.fill("45")
    await boss.tap("Save points")
    await boss.reads("Saved")
    await flawless(boss.page, "points")
    await boss.page.reload()
    await boss.tap("Points")
    await expect(offer).to_have_value("45")
    await boss.tap("Back to the default")
    await expect(offer).to_have_value("20")
