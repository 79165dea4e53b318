"""Dealers, reservations and the way to the store, as people see and press them."""

import pytest
from playwright.async_api import Page, expect

from booking.dealers.directory import Dealers
from booking.reservations.reservations import Reservations
from booking.reservations.rows import Reservation
from showroom.clock import system_clock
from showroom.database import Database
from showroom.ids import VehicleId
from showroom.settings import Settings
from showroom.showrooms import Showrooms, Store
from showroom.vehicles import Vehicles
from tests.browser.cast import Cast
from tests.browser.conftest import OpenHouse
from tests.browser.pages import talk
from tests.browser.test_accessibility import flawless
from tests.dealers import LILLE, LYON, a_dealer
from tests.leads import saved_lead

pytestmark = pytest.mark.asyncio(loop_scope="session")

FILE = (
    b"code,kind,name,street,postcode,city,latitude,longitude\n"
    b"31-1,agent,Garage des Violettes,5 rue de la Brique,31000,Toulouse,43.604,1.444\n"
    b"06-1,agent,Riviera,44 promenade,06000,Nice,143.7,7.26\n"
)


async def nobody_hears(*_: object) -> None:
    """Take the place of what tells others of a reservation."""


async def a_reservation(settings: Settings) -> Reservation:
    """Keep a car in Paris for somebody, at one of three dealers."""
    async with Database.open(settings.database_url) as database:
        showrooms = Showrooms(database)
        paris = await showrooms.by_slug("paris")
        dealers = Dealers(database, system_clock)
        places = {"75-1": {}, "69-1": LYON, "59-1": LILLE}
        await dealers.upsert(
            paris.id, [a_dealer(paris.id, code, **place) for code, place in places.items()]
        )
        book = Reservations(
            database, showrooms, Vehicles(database), dealers, nobody_hears, system_clock
        )
        lead = await saved_lead(database, paris.id)
        return await book.give(paris, lead, VehicleId("crete"), "75-1", None)


async def fits(page: Page) -> None:
    """Assert that nothing hangs over the edge of a phone."""
    await page.set_viewport_size({"width": 390, "height": 844})
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


async def test_a_customer_shows_the_pass_and_the_dealer_redeems_it(
    cast: Cast, settings: Settings
) -> None:
    kept = await a_reservation(settings)
    page = (await cast.visitor()).page
    await page.goto(f"/r/{kept.token}")
    await expect(page.get_by_role("heading", name="The Crête is kept for you")).to_be_visible()
    await expect(page.get_by_role("img", name="QR code")).to_be_visible()
    await flawless(page, "reservation")
    await fits(page)
    await page.goto(f"/r/dealer/{kept.dealer_token}")
    await expect(page.get_by_role("heading", name="Reserved for Jeanne Moreau")).to_be_visible()
    await flawless(page, "reservation, at the dealer's")
    await fits(page)
    await page.get_by_role("button", name="Redeem").click()
    await expect(page.get_by_role("heading", name="Redeemed")).to_be_visible()
    await page.goto(f"/r/{kept.token}")
    await expect(page.get_by_role("heading", name="Enjoy the Crête")).to_be_visible()


async def test_a_customer_gives_a_car_back(cast: Cast, settings: Settings) -> None:
    kept = await a_reservation(settings)
    page = (await cast.visitor()).page
    await page.goto(f"/r/{kept.token}")
    await page.get_by_text("Cancel reservation").click()
    await page.get_by_role("button", name="Yes, cancel it").click()
    await expect(page.get_by_role("heading", name="This reservation is cancelled")).to_be_visible()
    await flawless(page, "reservation, cancelled")


async def test_an_advisor_sees_what_is_kept_for_a_lead_and_gives_it_back(
    cast: Cast, settings: Settings
) -> None:
    await a_reservation(settings)
    page = (await cast.advisor()).page
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto("/advisor/leads")
    await page.locator(".lead-row").filter(has_text="Jeanne Moreau").click()
    kept = page.locator("#reserved")
    await expect(kept.get_by_text("Crête at Garage de la Seine")).to_be_visible()
    await expect(kept.get_by_text("Kept", exact=True)).to_be_visible()
    await expect(kept.get_by_text("until the end of")).to_be_visible()
    await kept.get_by_text("Cancel the reservation: Crête").click()
    await flawless(page, "a lead's reservation")
    await fits(page)
    await kept.get_by_role("button", name="Yes, the car is free again").click()
    await expect(kept.get_by_text("Cancelled", exact=True)).to_be_visible()
    await expect(kept.get_by_text("Cancel the reservation")).to_be_hidden()


async def test_a_manager_imports_dealers_and_reads_the_report(
    cast: Cast, settings: Settings
) -> None:
    await a_reservation(settings)
    page = (await cast.manager()).page
    await page.get_by_role("link", name="Dealers").click()
    await expect(page.get_by_role("row", name="Lyon")).to_be_visible()
    file = {"name": "dealers.csv", "mimeType": "text/csv", "buffer": FILE}
    await page.get_by_label("CSV file").set_input_files(file)  # type: ignore[arg-type]
    await page.get_by_label("Keep the good lines").check()
    await page.get_by_role("button", name="Import").click()
    await expect(page.get_by_text("Dealers kept: 1")).to_be_visible()
    await expect(page.get_by_text("latitude: write degrees from -90 to 90")).to_be_visible()
    await flawless(page, "dealers, after an import")
    await fits(page)
    await page.goto("/manager/dealers?q=toulouse")
    await page.get_by_role("button", name="Close Garage des Violettes").click()
    await page.goto("/manager/dealers?q=toulouse")
    await expect(page.get_by_role("button", name="Reopen Garage des Violettes")).to_be_visible()
    await page.goto("/manager/reservations")
    await expect(page.get_by_role("row", name="Garage de la Seine")).to_be_visible()
    await flawless(page, "reservations")
    await fits(page)


async def test_the_advisor_sends_the_way_on_to_the_store(open_house: OpenHouse) -> None:
    url = "https://shop.example.com/cars/{vehicle}?context={context}"
    cast = await open_house(store=Store(url=url))
    customer, alice = await cast.couple()
    await talk(customer, alice)
    await alice.open_tools("Cars")
    await alice.page.get_by_role("button", name="Send the store link: Crête").click()
    link = customer.page.get_by_role("link", name="To the online store")
    await expect(link).to_be_visible()
    assert (await link.get_attribute("href") or "").endswith("/s/paris/store?vehicle=crete")
    await flawless(customer.page, "the store's link in a call")
    await customer.tap("Hang up")
    await expect(link).to_be_visible()
    await flawless(customer.page, "the store's link after a call")
