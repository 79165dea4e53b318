"""Booking in a real browser: from the landing page to the picture, and every turn on the way."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from playwright.async_api import Page, expect

from showroom.clock import system_clock
from showroom.database import Database
from showroom.hours import Interval, WeeklyHours
from showroom.settings import Settings
from showroom.showrooms import Policy, VisitRules
from showroom.tables import appointments
from tests.browser import eyes
from tests.browser.cast import PHONE, Cast, noon_zone
from tests.browser.conftest import OpenHouse
from tests.browser.pages import BookingPage, VisitPage
from tests.browser.props import speaks
from tests.browser.test_accessibility import flawless
from tests.browser.test_closed_doors import closed_for_days

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A visit can begin within five minutes, so that it can be joined at once.
AT_ONCE = VisitRules(length=20, step=5, notice=0)
MINUTE_MS = 60_000
DAYTIME = (Interval.of("09:00", "18:00"),)


async def booking(cast: Cast, path: str = "/s/paris/book", **options: Any) -> BookingPage:
    """Return somebody who chooses a time."""
    visitor = await cast.visitor(**{"viewport": PHONE, **options})
    await visitor.page.goto(path)
    return BookingPage(visitor.page)


async def open_at_once(open_house: OpenHouse, **settings: Any) -> Cast:
    """Open a house whose visits begin within minutes, but not while the next one is beginning.

    What is free in the moment of the look would be gone in that of the tap. It is noon in the house
    and for everybody who comes: no visit in a few minutes is tomorrow's.
    """
    step = AT_ONCE.step * MINUTE_MS
    left = step - system_clock() % step
    if left < 20_000:
        await asyncio.sleep(left / 1000)
    zone = noon_zone()
    cast = await open_house(settings, visits=AT_ONCE, zone=zone)
    cast.zone = zone
    return cast


async def booked(cast: Cast, **options: Any) -> VisitPage:
    """Return somebody who has booked the next free time and looks at their visit."""
    guest = await booking(cast, **options)
    await guest.takes_next()
    await guest.fills()
    await guest.tap("Confirm booking")
    await guest.page.get_by_role("link", name="Your visit", exact=True).click()
    visit = VisitPage(guest.page)
    await expect(visit.button("Cancel visit")).to_be_visible()
    return visit


async def change(settings: Settings, **changes: Any) -> None:
    """Change the only visit's row, as time would."""
    async with (
        Database.open(settings.database_url) as database,
        database.write() as connection,
    ):
        await connection.execute(sa.update(appointments).values(changes))


async def test_from_the_landing_page_to_a_live_picture(open_house: OpenHouse) -> None:
    cast = await open_at_once(open_house)
    visitor = await cast.customer(viewport=PHONE)
    await visitor.page.get_by_role("button", name="Crête").click()
    await visitor.page.get_by_role("link", name="Book a visit", exact=True).click()
    guest = BookingPage(visitor.page)
    await expect(guest.page.get_by_label("Car", exact=True)).to_have_value("crete")
    await guest.takes_next()
    await guest.fills(wish="Room for a cello")
    await guest.tap("Confirm booking")
    await guest.reads("See you today")
    await guest.reads("The confirmation is on its way to your inbox.")
    calendar = guest.page.get_by_role("link", name="Add to calendar", exact=True)
    async with guest.page.expect_download() as download:
        await calendar.click()
    assert (await download.value).suggested_filename == "visit.ics"
    await guest.page.get_by_role("link", name="Your visit", exact=True).click()
    visit = VisitPage(guest.page)
    await visit.reads("expects you")
    await visit.reads("Crête")
    await visit.tap("Join")
    await visitor.reads("expects you")
    await visitor.waits()
    host = await visitor.page.locator("#waiting-title").inner_text()
    alice = await cast.advisor(f"{host.split()[0].lower()}@example.com")
    await alice.rings()
    await alice.reads("Jeanne")
    await alice.reads("Room for a cello")
    await alice.accepts()
    await eyes.moves(visitor.live_view)


async def test_a_visit_moves_and_is_cancelled_after_one_question(cast: Cast) -> None:
    visit = await booked(cast)
    before = await visit.when()
    await visit.tap("Reschedule")
    await expect(visit.page.get_by_role("heading", name="Choose a new time")).to_be_focused()
    # Late in the evening few times are left.
    await visit.page.locator("#times-list").get_by_role("button").last.click()
    await expect(visit.page.locator("#visit-when")).not_to_have_text(before)
    await expect(visit.page.get_by_role("heading", name="Choose a new time")).to_be_hidden()
    moved = await visit.when()
    await visit.page.reload()
    assert await visit.when() == moved
    await visit.tap("Cancel visit")
    await visit.tap("Keep it")
    await expect(visit.button("Cancel visit")).to_be_visible()
    await visit.tap("Cancel visit")
    await visit.tap("Yes, cancel")
    await visit.reads("This visit is cancelled")
    address = visit.page.url
    await (
        visit.page.get_by_role("button", name="oday")
        .or_(visit.page.get_by_role("button", name="omorrow"))
        .first.click()
    )
    await expect(visit.button("Cancel visit")).to_be_visible()
    assert visit.page.url != address


async def test_a_time_that_somebody_takes_meanwhile_is_said_so_and_others_are_offered(
    cast: Cast, settings: Settings
) -> None:
    cast.forgive("40[49]")
    guest = await booking(cast)
    await guest.takes_next()
    await guest.fills()
    await change(settings, held_until=1)
    for name in ("one", "two"):  # there are two advisors
        other = await booking(cast)
        await other.takes_next()
        await other.fills(name=name)
        await other.tap("Confirm booking")
        await other.reads("See you")
    await guest.tap("Confirm booking")
    await guest.reads("Somebody else has taken this time meanwhile.")
    await expect(guest.page.get_by_label("Name", exact=True)).to_have_value("Jeanne Moreau")
    offers = guest.page.get_by_role("list", name="Next free times").get_by_role("button")
    await expect(offers).to_have_count(6)
    await offers.first.click()
    await expect(offers).to_have_count(0)
    await guest.tap("Confirm booking")
    await guest.reads("See you")


async def test_a_tap_on_a_time_that_is_gone_says_so_and_shows_what_is_free(cast: Cast) -> None:
    cast.forgive("409")
    guest = await booking(cast)
    await expect(guest.button("Next free time")).to_be_enabled()
    for _ in range(2):
        other = await booking(cast)
        await other.takes_next()
    await guest.button("Next free time").click()
    await guest.reads("This time is not free any more. Choose another.")
    await guest.takes_next()


async def test_when_the_hold_runs_out_what_was_typed_stays_and_the_time_can_still_be_had(
    cast: Cast,
) -> None:
    visitor = await cast.visitor(viewport=PHONE)
    await visitor.page.clock.install()
    await visitor.page.goto("/s/paris/book")
    guest = BookingPage(visitor.page)
    await guest.takes_next()
    await guest.fills()
    await expect(guest.page.get_by_role("timer")).to_have_text(
        re.compile(r"^We keep this time for you for [45]:\d\d$")
    )
    await visitor.page.clock.fast_forward(5 * MINUTE_MS)
    await guest.reads("The five minutes are over")
    await expect(guest.page.get_by_label("Name", exact=True)).to_have_value("Jeanne Moreau")
    await guest.tap("Confirm booking")
    await guest.reads("See you")


async def test_a_reload_and_the_back_button_keep_the_time_and_what_was_typed(
    cast: Cast,
) -> None:
    guest = await booking(cast)
    await guest.takes_next()
    await guest.fills()
    title = await guest.page.locator("#details-title").inner_text()
    await guest.page.reload()
    await expect(guest.page.locator("#details-title")).to_have_text(title, ignore_case=True)
    await expect(guest.page.get_by_label("Name", exact=True)).to_have_value("Jeanne Moreau")
    await expect(guest.page.get_by_role("checkbox")).to_be_checked()
    await guest.page.go_back()
    await guest.reads("When suits you?")
    await guest.tap("Continue")
    await speaks(guest.page, "Français")
    await expect(guest.page.get_by_label("Nom", exact=True)).to_be_hidden()
    await guest.tap("Continuer")
    await expect(guest.page.get_by_label("Nom", exact=True)).to_have_value("Jeanne Moreau")
    await guest.tap("Confirmer la réservation")
    await guest.reads("À bientôt")
    await guest.page.reload()
    await guest.reads("À bientôt")
    await guest.page.go_back()
    await expect(guest.button("Prochain horaire libre")).to_be_enabled()


async def test_two_quick_taps_keep_one_time_and_book_one_visit(
    cast: Cast, settings: Settings
) -> None:
    guest = await booking(cast)
    await expect(guest.button("Next free time")).to_be_enabled()
    await guest.button("Next free time").dblclick()
    await guest.fills()
    await guest.button("Confirm booking").dblclick()
    await guest.reads("See you")
    async with Database.open(settings.database_url) as database, database.read() as connection:
        states = (await connection.scalars(sa.select(appointments.c.state))).all()
    assert states == ["booked"]


async def test_what_is_missing_is_said_where_it_is_missing(cast: Cast) -> None:
    cast.forgive("400")
    guest = await booking(cast)
    await guest.takes_next()
    name, mail, phone = (
        guest.page.get_by_label(one, exact=True) for one in ("Name", "E-mail", "Phone")
    )
    for said, field in (
        ("Please tell us your name.", name),
        ("Please give us an e-mail address or a phone number.", mail),
    ):
        await guest.tap("Confirm booking")
        await guest.reads(said)
        await expect(field).to_be_focused()
        await expect(field).to_have_attribute("aria-invalid", "true")
        await name.fill("Jeanne Moreau")
    await mail.fill("jeanne@")
    await guest.tap("Confirm booking")
    await guest.reads("This e-mail address does not look complete.")
    await mail.fill("")
    await phone.fill("01 23")
    await guest.page.get_by_role("checkbox").check()
    await guest.tap("Confirm booking")
    await guest.reads("This phone number does not look right.")
    await expect(phone).to_be_focused()
    await phone.fill("01 42 68 53 00")
    await guest.page.get_by_role("checkbox").uncheck()
    await guest.tap("Confirm booking")
    await guest.reads("We may only book for you if you agree to it.")
    await guest.page.get_by_role("checkbox").check()
    await guest.tap("Confirm booking")
    await guest.reads("Keep the link to your visit")


async def test_a_customer_elsewhere_reads_their_own_time_and_the_showrooms_beside_it(
    open_house: OpenHouse,
) -> None:
    week = WeeklyHours(*(DAYTIME for _ in range(7)))
    cast = await open_house(hours=week)
    guest = await booking(cast, timezone_id="Asia/Tokyo")
    await guest.reads("Times on your clock, Japan Standard Time.")
    await guest.reads("Central European")
    first = guest.page.locator("#times-list").get_by_role("button").first
    await expect(first).to_have_accessible_name(
        re.compile(r"^\d\d:\d\d ?\d\d:\d\d in the showroom$")
    )
    await guest.takes_next()
    await guest.reads("On your clock (Japan Standard Time). In the showroom it is")
    await guest.fills()
    await guest.tap("Confirm booking")
    answer = await (await guest.page.request.get(f"{await guest.visit()}/state")).json()
    starts = datetime.fromtimestamp(answer["visit"]["starts_at"] / 1000, UTC)
    there, here = (starts.astimezone(ZoneInfo(zone)) for zone in ("Europe/Paris", "Asia/Tokyo"))
    assert 9 <= there.hour < 18
    await guest.reads(f"{here:%H:%M}")
    await guest.reads(f"{there:%H:%M}")


async def test_a_visit_to_which_nobody_comes_is_apologised_for_and_booked_again_with_one_tap(
    open_house: OpenHouse, settings: Settings
) -> None:
    cast = await open_at_once(open_house)
    visit = await booked(cast)
    await visit.tap("Join")
    await expect(visit.button("Leave the queue")).to_be_visible()
    late = system_clock() - 6 * MINUTE_MS
    await change(settings, starts_at=late, arrived_at=late, due_at=late)
    async with asyncio.timeout(15):
        while not await visit.words("We are sorry to keep you waiting").is_visible():
            await visit.page.reload()
            await asyncio.sleep(1)
    await expect(visit.button("Leave the queue")).to_be_visible()
    await flawless(visit.page, "apology in the queue")
    await visit.page.locator("#apology-times").get_by_role("button").first.click()
    await expect(visit.button("Cancel visit")).to_be_visible()
    await visit.reads("expects you")


async def test_a_visit_that_the_customer_missed_says_so_and_offers_three_times(
    cast: Cast, settings: Settings
) -> None:
    visit = await booked(cast)
    late = system_clock() - 11 * MINUTE_MS
    await change(settings, starts_at=late, ends_at=late + 30 * MINUTE_MS, due_at=late)
    async with asyncio.timeout(15):
        while not await visit.words("We missed you").is_visible():
            await visit.page.reload()
            await asyncio.sleep(1)
    await expect(visit.page.locator("#again-times").get_by_role("button")).to_have_count(3)
    await flawless(visit.page, "missed")


async def test_a_closed_showroom_and_a_long_queue_offer_a_visit(open_house: OpenHouse) -> None:
    cast = await open_house(policy=Policy(offer_call_back_seconds=1))
    customer = await cast.customer()
    await customer.call()
    await customer.reads("Or choose a time that suits you.")
    link = customer.page.get_by_role("link", name="Book a visit", exact=True)
    async with customer.page.context.expect_page() as opened:
        await link.click()
    tab = await opened.value
    await expect(tab.get_by_role("button", name="Next free time")).to_be_enabled()
    await customer.waits()


async def test_a_showroom_that_is_closed_today_can_be_booked_for_another_day(
    open_house: OpenHouse,
) -> None:
    cast = await open_house(exceptions=closed_for_days(2))
    customer = await cast.customer(viewport=PHONE)
    await customer.reads("Closed right now")
    await customer.page.get_by_role("link", name="Book a visit", exact=True).click()
    guest = BookingPage(customer.page)
    await guest.takes_next()
    await guest.fills()
    await guest.tap("Confirm booking")
    await guest.reads("See you")


async def test_no_view_of_booking_has_a_violation(open_house: OpenHouse) -> None:
    cast = await open_house(visits=VisitRules(notice=60, change_until=30))
    guest = await booking(cast, timezone_id="America/New_York")
    await expect(guest.button("Next free time")).to_be_enabled()
    await flawless(guest.page, "booking")
    await guest.takes_next()
    await guest.tap("Confirm booking")
    await guest.reads("Please tell us your name.")
    await flawless(guest.page, "details")
    await guest.fills()
    await guest.tap("Confirm booking")
    await guest.reads("See you")
    await flawless(guest.page, "done")
    await guest.page.goto(await guest.visit())
    visit = VisitPage(guest.page)
    await visit.tap("Reschedule")
    await expect(visit.page.locator("#times-list").get_by_role("button").first).to_be_visible()
    await flawless(visit.page, "visit, with new times")
    await visit.tap("Cancel visit")
    await flawless(visit.page, "really cancel")
    await visit.tap("Yes, cancel")
    await visit.reads("This visit is cancelled")
    await expect(visit.page.locator("#again-times").get_by_role("button").first).to_be_visible()
    await flawless(visit.page, "cancelled")


async def fits(page: Page, view: str) -> None:
    """Assert that nobody has to push the page sideways."""
    beyond = await page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    assert beyond <= 0, f"{view}: {beyond} pixels too wide"


async def test_no_view_of_booking_is_wider_than_a_small_phone(
    open_house: OpenHouse, settings: Settings
) -> None:
    cast = await open_at_once(open_house)
    cast.forgive("404")
    small: dict[str, Any] = {
        "viewport": {"width": 360, "height": 640},
        "timezone_id": "America/New_York",
    }
    guest = await booking(cast, locale="fr-FR", **small)
    page = guest.page
    await expect(page.locator("#times-list").get_by_role("button").first).to_be_visible()
    await fits(page, "choose")
    await guest.tap("Prochain horaire libre")
    await page.get_by_label("Nom", exact=True).fill("Jeanne Moreau")
    await page.get_by_label("E-mail", exact=True).fill("jeanne@example.com")
    await page.get_by_role("checkbox").check()
    await change(settings, state="lapsed", starts_at=0, ends_at=1)
    await guest.tap("Confirmer la réservation")
    offers = page.locator("#details-free").get_by_role("button")
    await expect(offers.first).to_be_visible()
    await fits(page, "details, with other times")
    await offers.first.click()
    await guest.tap("Confirmer la réservation")
    await guest.reads("À bientôt")
    await fits(page, "done")
    await page.get_by_role("link", name="Votre visite", exact=True).click()
    await guest.tap("Déplacer")
    await expect(page.locator("#times-list").get_by_role("button").first).to_be_visible()
    await fits(page, "visit, with new times")
    await guest.tap("Annuler la visite")
    await fits(page, "really cancel")
    await guest.tap("Oui, annuler")
    await expect(page.locator("#again-times").get_by_role("button").first).to_be_visible()
    await fits(page, "cancelled")


async def focused(page: Page) -> str:
    """Return the text of what has the focus."""
    return str(await page.evaluate("document.activeElement.textContent.trim()"))


async def test_each_view_of_booking_begins_at_its_heading(cast: Cast) -> None:
    guest = await booking(cast)
    await guest.takes_next()
    assert await focused(guest.page) == await guest.page.locator("#details-title").text_content()
    await guest.page.go_back()
    assert await focused(guest.page) == "When suits you?"
