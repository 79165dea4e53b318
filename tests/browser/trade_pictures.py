"""The way to the store for the album: endpoints, keys, dealers, reservations, the demo's store."""

from playwright.async_api import expect

from showroom.database import Database
from showroom.demo.seed import SLUG
from tests.browser.agenda_pictures import BOSS
from tests.browser.album import Album
from tests.browser.cast import Cast

OFFICES = ("handoff", "keys", "dealers", "reservations")


async def trade(cast: Cast, album: Album, _: Database) -> None:
    """The offices of a manager in both languages, and what other programs and visitors see."""
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
