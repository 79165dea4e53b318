"""The list of leads and one of them, in real browsers, while others work on them, too."""

import re

import pytest
from playwright.async_api import Locator, Page, ViewportSize, expect

from booking.dealers.directory import Dealers
from showroom.clock import system_clock
from tests.browser.agendas import Stage, noon
from tests.browser.cast import DESKTOP, PHONE
from tests.browser.test_accessibility import flawless
from tests.browser.test_leads import LeadsPage, in_a_call
from tests.browser.test_screens import fits
from tests.dealers import LYON, a_dealer
from tests.leads import saved_lead
from tests.samples import staff_of
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Corrects a lead as a colleague does, in the newest version of it.
CORRECT_ELSEWHERE = """async ([lead, fields]) => {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const url = `/advisor/leads/${lead}`;
  const known = await (await fetch(url)).json();
  const answer = await fetch(`${url}/fields`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': token },
    body: JSON.stringify({ version: known.lead.version, fields }),
  });
  return (await answer.json()).ok;
}"""

ASK_FOR_AN_OFFER = """async (email) => {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const answer = await fetch('/s/paris/requests', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': token },
    body: JSON.stringify({
      kind: 'offer', name: 'Jeanne Moreau', email, language: 'en',
      consents: [{ purpose: 'contact', version: 'request-1' }],
    }),
  });
  return answer.ok;
}"""
LOOK_AGAIN = "dispatchEvent(new Event('visibilitychange'))"


def field(page: Page, name: str) -> Locator:
    """Return a field of the form that corrects."""
    return page.get_by_role("form", name="Correct the details").get_by_label(name, exact=True)


async def opened(stage: Stage, viewport: ViewportSize) -> LeadsPage:
    """Return Alice's list with Jeanne's lead open, and the form that corrects it."""
    page = await stage.cast.staff("alice@example.com", "/advisor/leads", viewport=viewport)
    own = LeadsPage(page)
    await own.row("Jeanne Moreau").click()
    await own.sheet.get_by_text("Correct the details").click()
    return own


async def test_who_asks_for_the_postcode_writes_it_down_and_reserves_at_the_dealer_there(
    stage: Stage,
) -> None:
    stage.cast.forgive("400")
    in_lyon = a_dealer(stage.paris, "69-1", name="Garage du Parc", **LYON)
    dealers = [a_dealer(stage.paris), in_lyon]
    await Dealers(stage.database, system_clock).upsert(stage.paris, dealers)
    await saved_lead(stage.database, stage.paris, postcode=None, due_at=noon())
    own = await opened(stage, PHONE)
    page = own.page
    await own.tap("Reserve")
    await own.reads("This lead has no dealer yet.")
    await field(page, "Name").fill("Jeanne Morel")
    await field(page, "Phone").fill("12")
    await own.tap("Save details")
    await own.reads("This is not a phone number.")
    await expect(field(page, "Phone")).to_be_focused()
    await field(page, "Phone").fill("06 12 34 56 78")
    await field(page, "Postcode").fill("69003")
    await expect(field(page, "The nearest")).to_be_visible()
    await flawless(page, "a lead's details, being corrected")
    await fits(page, "a lead's details, being corrected")
    await own.tap("Save details")
    await expect(page.locator("#edit-done")).to_have_text("The details are saved.")
    await expect(page.locator("#details-title")).to_have_text("Jeanne Morel")
    await expect(own.sheet.get_by_role("link", name="+33612345678")).to_be_visible()
    await own.reads("Garage du Parc, the nearest")
    await own.tap("Reserve")
    await own.reads("Reserved under")


async def test_who_corrects_what_a_colleague_corrects_sees_both_and_loses_nothing(
    stage: Stage,
) -> None:
    stage.cast.forgive("409")
    lead = await saved_lead(stage.database, stage.paris, due_at=noon())
    own = await opened(stage, DESKTOP)
    page = own.page
    await field(page, "Name").fill("Jeanne Morel")
    await own.sheet.get_by_label("Add a note").fill("Speaks slowly.")
    await own.tap("Add note")
    await expect(page.locator("#details-notes")).to_have_text("Speaks slowly.")
    other = await stage.cast.another_tab(page)
    await other.goto("/advisor/leads")
    assert await other.evaluate(CORRECT_ELSEWHERE, [lead, {"name": "Jean", "phone": "0612345678"}])
    await own.tap("Save details")
    await own.reads("Meanwhile somebody changed: Name, Phone.")
    await expect(page.locator("#details-title")).to_have_text("Jean")
    await expect(field(page, "Name")).to_have_value("Jeanne Morel")
    await expect(field(page, "Phone")).to_have_value("+33612345678")
    await own.tap("Save details")
    await expect(page.locator("#details-title")).to_have_text("Jeanne Morel")
    await expect(field(page, "Name")).to_be_hidden()


async def test_rows_that_somebody_asked_for_stay_while_the_page_looks_again(stage: Stage) -> None:
    for n in range(160):
        await saved_lead(stage.database, stage.paris, name=f"Guest {n:03}", due_at=noon() + n)
    page = await stage.cast.staff("alice@example.com", "/advisor/leads", viewport=DESKTOP)
    rows = page.locator(".lead-row")
    await expect(rows).to_have_count(50)
    more = page.get_by_role("button", name="Show more")
    await more.click()
    await expect(rows).to_have_count(100)
    await expect(rows.nth(50)).to_be_focused()
    # The page looks again before the answer is there.
    await more.evaluate(f"(more) => {{ more.click(); {LOOK_AGAIN} }}")
    await expect(rows).to_have_count(150)
    await expect(rows.nth(100)).to_be_focused()
    await saved_lead(stage.database, stage.paris, name="Guest new", due_at=noon() - 1)
    await page.evaluate(LOOK_AGAIN)
    await expect(rows.nth(0)).to_contain_text("Guest new")
    await expect(rows).to_have_count(150)
    await more.click()
    await expect(rows).to_have_count(161)
    await expect(more).to_be_hidden()


async def test_a_lead_is_given_to_who_works_here_and_stays_with_who_has_left(stage: Stage) -> None:
    for name, owner in (("Jo Morel", stage.bruno), ("Jeanne Moreau", stage.alice)):
        await saved_lead(stage.database, stage.paris, name=name, owner_id=owner, due_at=noon())
    await staff_of(stage.database, VirtualClock()).disable("bruno@example.com")
    page = await stage.cast.staff("boss@example.com", "/manager/leads", viewport=DESKTOP)
    boss = LeadsPage(page)
    given = boss.sheet.get_by_label("Who takes care")
    bruno = given.get_by_role("option", name="Bruno Keller")
    await boss.row("Jo Morel").click()
    await expect(given).to_have_value(stage.bruno)
    await expect(bruno).to_have_count(1)
    await page.keyboard.press("Escape")
    await boss.row("Jeanne Moreau").click()
    await expect(given).to_have_value(stage.alice)
    await expect(bruno).to_have_count(0)


async def test_who_agreed_before_need_not_be_asked_again(stage: Stage) -> None:
    customer, _, sheet = await in_a_call(stage.cast)
    assert await customer.page.evaluate(ASK_FOR_AN_OFFER, "jeanne@example.com")
    note = sheet.page.locator("#lead-consent-contact-note")
    await expect(note).to_have_text("Text sheet-contact-1")
    await sheet.field("E-mail").fill("jeanne@example.com")
    await sheet.is_saved()
    await expect(note).to_have_text(re.compile(r"^Agreed on \d+ [A-Z][a-z]+ 20\d\d$"))
    await expect(sheet.field("Agreed that we contact them")).not_to_be_checked()
    remove = sheet.page.get_by_role("button", name="Remove Crête Hybride 200", exact=True)
    await remove.click()
    await sheet.field("Cars").select_option(label="Crête")
    await expect(remove).to_be_visible()
