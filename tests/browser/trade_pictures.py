"""The way to the store for the album: endpoints, keys, dealers, reservations, the demo's store."""

from playwright.async_api import expect

from booking.dealers.directory import Dealers
from booking.reservations.reservations import Reservations
from showroom.clock import system_clock
from showroom.database import Database
from showroom.demo.seed import SLUG
from showroom.ids import VehicleId
from showroom.showrooms import Showrooms
from showroom.vehicles import Vehicles
from tests.browser.agenda_pictures import BOSS
from tests.browser.album import Album
from tests.browser.cast import Cast
from tests.browser.lead_pictures import LONG
from tests.browser.test_trade import nobody_hears
from tests.leads import saved_lead

OFFICES = (
    "figures", "calls", "handoff", "keys", "dealers", "reservations", "showroom", "staff", "log",
)  # fmt: skip


async def trade(cast: Cast, album: Album, database: Database) -> None:
    """A reservation, a manager's offices in both languages, what programs and visitors see."""
    await a_reservation(cast, album, database)
    for name in OFFICES:
        for language in ("en", "fr"):
            page = await cast.staff(BOSS, f"/manager/{name}?lang={language}")
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            await page.wait_for_load_state("networkidle")
            await album.take(page, f"manager-{name}-{language}")
    visitor = (await cast.visitor()).page
    await visitor.goto(f"/demo/store?showroom={SLUG}&context=eyJhIjoxfQ.forged")
    await album.take(visitor, "demo-store-for-a-stranger")
    await visitor.goto("/api/v1/docs")
    await album.take(visitor, "interface")


async def a_reservation(cast: Cast, album: Album, database: Database) -> None:
    """A car that is kept, as its customer and its dealer see it, before and after."""
    showrooms, dealers = Showrooms(database), Dealers(database, system_clock)
    showroom = await showrooms.by_slug(SLUG)
    book = Reservations(
        database, showrooms, Vehicles(database), dealers, nobody_hears, system_clock
    )
    lead = await saved_lead(database, showroom.id, name=LONG)
    dealer = (await dealers.all(showroom.id))[0].code
    kept = await book.give(showroom, lead, VehicleId("crete"), dealer, None)
    page = (await cast.visitor()).page
    for language in ("en", "fr"):
        await page.goto(f"/r/{kept.token}?lang={language}")
        await album.take(page, f"reservation-{language}")
        await page.goto(f"/r/dealer/{kept.dealer_token}?lang={language}")
        await album.take(page, f"reservation-at-the-dealer-{language}")
    await page.goto(f"/r/dealer/{kept.dealer_token}?lang=en")
    await page.get_by_role("button", name="Redeem").click()
    await expect(page.get_by_role("heading", name="Redeemed")).to_be_visible()
    await album.take(page, "reservation-redeemed")
