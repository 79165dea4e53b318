"""Leads for the album: the sheet in a call and after it, the list, the points, the forms."""

from playwright.async_api import expect

from showroom.database import Database
from showroom.demo.seed import SLUG
from tests.browser import eyes
from tests.browser.agenda_pictures import ALICE, BOSS
from tests.browser.album import Album
from tests.browser.cast import PHONE, Cast
from tests.browser.pages import CustomerPage
from tests.browser.test_leads import LeadSheet, LeadsPage

LONG = "Maximiliane von der Donaudampfschifffahrtsgesellschaft-Oberhausen"


async def leads(cast: Cast, album: Album, _: Database) -> None:
    """What customers ask for, what an advisor notes, and what becomes of it."""
    await the_forms(cast, album)
    await the_sheet(cast, album)
    await the_list(cast, album)


async def the_forms(cast: Cast, album: Album) -> None:
    """A form in English, asked by somebody with a long name, and one in French."""
    visitor = await cast.customer(viewport=PHONE)
    await visitor.page.get_by_role("button", name="Crête").click()
    await visitor.tap("Offer")
    form = visitor.page.get_by_role("dialog")
    await form.get_by_label("Postcode").fill("69003")
    await expect(form.get_by_role("radio").nth(1)).to_be_visible()
    await visitor.tap("Send request")
    await visitor.reads("Please tell us your name.")
    await album.take(visitor.page, "request-offer")
    await form.get_by_label("Name").fill(LONG)
    await form.get_by_label("E-mail").fill("maximiliane@example.com")
    await form.get_by_label("keep these details").check()
    await visitor.tap("Send request")
    await visitor.reads("Thank you")
    await album.take(visitor.page, "request-sent")
    french = CustomerPage((await cast.visitor()).page)
    await french.page.goto(f"/s/{SLUG}?lang=fr&utm_source=salon&utm_campaign=printemps")
    await album.take(french.page, "customer-landing-in-french")
    await french.tap("Essai")
    await album.take(french.page, "request-test-drive-in-french")
    await french.page.locator("#request-name").fill("Jo Morel")
    await french.page.locator("#request-phone").fill("01 42 68 53 00")
    await french.page.locator("#request-consent").check()
    await french.tap("Envoyer la demande")
    await french.reads("Merci")


async def the_sheet(cast: Cast, album: Album) -> None:
    """The sheet beside the picture, in English and in French, and below the outcome."""
    customer = await cast.customer()
    await customer.page.get_by_role("button", name="Crête").click()
    advisor = await cast.advisor(ALICE)
    await customer.call()
    await advisor.accepts()
    await eyes.moves(customer.live_view)
    sheet = LeadSheet(advisor.page)
    await sheet.opens()
    await album.take(advisor.page, "lead-empty")
    await sheet.field("Name").fill("Inès Delorme")
    await sheet.field("Phone").fill("06 98 76 54 32")
    await sheet.field("Postcode").fill("69003")
    await sheet.ticks("Test drive", "Trade-in", "Agreed that we contact them")
    await sheet.field("Make").fill("Orvanne")
    await sheet.is_saved()
    await advisor.page.locator("#lead-verdict summary").click()
    await advisor.page.locator("#panel-lead").evaluate("(panel) => panel.scrollTo(0, 0)")
    await album.take(advisor.page, "lead-qualified")
    await advisor.page.locator("#lead .wishes").scroll_into_view_if_needed()
    await album.take(advisor.page, "lead-wishes")
    await advisor.page.goto("/advisor?lang=fr")
    await eyes.moves(advisor.page.locator("#own-video"))
    if await advisor.page.get_by_role("tab", name="Fiche").is_visible():
        await advisor.page.get_by_role("tab", name="Fiche").click()
    else:
        await advisor.tap("Fiche")
    await expect(advisor.page.locator("#lead-name")).to_have_value("Inès Delorme")
    await album.take(advisor.page, "lead-in-french")
    await advisor.page.locator("#end-call").click()
    await expect(advisor.page.locator("#view-wrap")).to_be_visible()
    await album.take(advisor.page, "lead-wrap-up-in-french", whole=True)
    await advisor.page.goto("/advisor?lang=en")
    await advisor.reads("How did it end?")
    await album.take(advisor.page, "lead-wrap-up")
    await advisor.saves("Test drive")
    await advisor.goes_off_duty()


async def the_list(cast: Cast, album: Album) -> None:
    """The list with one lead of each kind, its details, the table of points, and no lead."""
    own = LeadsPage(await cast.staff(ALICE, "/advisor/leads"))
    await expect(own.row("Inès Delorme")).to_be_visible()
    await album.take(own.page, "leads")
    await own.row("Inès Delorme").click()
    await own.reads("Wishes a test drive")
    await album.take(own.page, "lead-details")
    await own.tap("Lost…")
    await own.tap("Mark as lost")
    await own.reads("Say why it is lost")
    await album.take(own.page, "lead-lost")
    await own.page.locator("#history-title").scroll_into_view_if_needed()
    await album.take(own.page, "lead-history")
    await own.page.goto("/advisor/leads?lang=fr")
    await own.page.locator(".segments [data-state=won]").click()
    await expect(own.page.locator("#leads-none")).to_be_visible()
    await album.take(own.page, "leads-none-in-french")
    team = LeadsPage(await cast.staff(BOSS, "/manager/leads?lang=fr"))
    await expect(team.row("Donaudampf")).to_be_visible()
    await album.take(team.page, "team-leads-in-french")
    await team.row("Donaudampf").click()
    await team.reads("Historique")
    await album.take(team.page, "team-lead-in-french")
    await team.page.keyboard.press("Escape")
    await team.tap("Points")
    await team.reads("Souhaite un essai")
    await album.take(team.page, "team-points-in-french")
