"""A manager goes from page to page of the figures: who came, and what came of it."""

import asyncio
import csv
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from showroom.database import Database
from showroom.demo.buyers import write_buyers
from showroom.demo.visitors import write_traffic
from showroom.hours import Campaign
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from tests.browser.album import Album
from tests.browser.cast import DESKTOP, Cast
from tests.browser.props import becomes_true
from tests.browser.test_accessibility import flawless
from tests.browser.test_figures import BOSS, DRAWN, NUMBERS, tidy
from tests.web.figures import here, history

pytestmark = pytest.mark.asyncio(loop_scope="session")

FILM = "Autumn film on all channels of the evening"


@pytest_asyncio.fixture(loop_scope="session")
async def page(cast: Cast, settings: Settings) -> AsyncIterator[Page]:
    """The figures of a showroom with ten weeks and a film behind it."""
    async with Database.open(settings.database_url) as database:
        showrooms = Showrooms(database)
        paris = await showrooms.by_slug("paris")
        days = [here() - timedelta(days=n) for n in range(12, 2, -1)]
        film = Campaign(
            FILM, days[0], days[-1], utm="newsletter", cost=1_250_000,
            spots=tuple(datetime.combine(day, time(20, 30)) for day in days),
        )  # fmt: skip
        await showrooms.save(replace(paris, campaigns=(film,)))
        await history(database, paris.id, 1500)
        await write_traffic(database, paris.id)
        await write_buyers(database, paris.id, ["75-1", "69-2"])
    page = await cast.staff(BOSS, "/manager/figures/traffic", viewport=DESKTOP)
    # A node's copy of the showroom is two seconds old at most.
    async with asyncio.timeout(10):
        while FILM not in await page.content():
            await page.reload()
    await page.goto("/manager/figures")
    yield page


async def goes(page: Page, name: str) -> None:
    """Go to another page of figures by its tab."""
    tabs = page.locator("nav.tabs:not(.tabs--pages)")
    await tabs.get_by_role("link", name=name).click()
    await expect(tabs.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")


async def same_as_csv(page: Page, file: Path) -> None:
    """Assert that what is exported is what is shown."""
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Export CSV").click()
    await (await coming.value).save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as opened:
        _, *lines = list(csv.reader(opened))
    assert lines == await page.evaluate(NUMBERS)
    assert lines


async def test_a_filter_goes_along_to_who_came_and_what_came_of_it(
    page: Page, tmp_path: Path, album: Album | None
) -> None:
    await page.get_by_text("Which calls").click()
    await page.get_by_label("Device").select_option("Phone")
    await page.get_by_role("button", name="Show").click()
    await expect(page).to_have_url(re.compile("device=phone"))
    first = page.locator("dl.sums dt").first
    await expect(first).to_have_text("Unique visitors")
    came = await page.locator("[data-figure=visitors]").inner_text()
    await goes(page, "Traffic")
    await expect(page.locator("[data-figure=visitors]")).to_have_text(came)
    await expect(page.get_by_label("Device")).to_have_value("phone")
    await becomes_true(page, DRAWN)
    await expect(page.get_by_role("cell", name=FILM)).to_have_count(10)
    await same_as_csv(page, tmp_path / "traffic.csv")
    await flawless(page, "traffic")
    if album:
        await album.take(page, "traffic", whole=True)
    await tidy(page)

    await goes(page, "Yield")
    await expect(page.get_by_label("Device")).to_have_value("phone")
    await expect(page.locator("[data-step=visitors]")).to_contain_text(came)
    await expect(page.get_by_role("row", name=FILM)).to_contain_text("12,500.00")
    await page.get_by_role("link", name="First touch").click()
    await expect(page).to_have_url(re.compile("touch=first"))
    await page.get_by_label("Told apart by").select_option("Campaign")
    await page.get_by_role("button", name="Show").click()
    await expect(page).to_have_url(re.compile("touch=first"))
    await same_as_csv(page, tmp_path / "yield.csv")
    await flawless(page, "yield")
    if album:
        await album.take(page, "yield", whole=True)
    await tidy(page)


async def test_the_chart_says_what_a_spot_was_beside_who_came(page: Page) -> None:
    await goes(page, "Traffic")
    await becomes_true(page, DRAWN)
    over = page.locator("#chart .u-over")
    await over.scroll_into_view_if_needed()
    box = await over.bounding_box()
    assert box
    # A day of the film, on a line of 28 days of which today is the last.
    await page.mouse.move(box["x"] + box["width"] * (27 - 5) / 27, box["y"] + box["height"] / 2)
    await expect(page.locator(".chart__said")).to_contain_text(f"20:30 {FILM}")
