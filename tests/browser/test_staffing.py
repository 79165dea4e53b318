"""A manager plans the coming days: whom it takes, and who will be there."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from booking.roster import Roster
from showroom.database import Database
from showroom.demo.shifts import write_shifts
from showroom.hours import Interval, WeeklyHours, instant
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from tests.browser.album import Album
from tests.browser.cast import DESKTOP, Cast
from tests.browser.props import becomes_true
from tests.browser.test_accessibility import flawless
from tests.browser.test_figures import BOSS, DRAWN, tidy
from tests.browser.test_figures_pages import goes, same_as_csv
from tests.visits import saved_visit, staff_id
from tests.web.figures import ZONE, here, history

pytestmark = pytest.mark.asyncio(loop_scope="session")

MORNINGS = WeeklyHours(*((Interval.of("08:00", "13:00"),) for _ in range(7)))


@pytest_asyncio.fixture(loop_scope="session")
async def page(cast: Cast, settings: Settings) -> AsyncIterator[Page]:
    """The page of figures of a showroom with ten weeks behind it, and a visit tomorrow at ten."""
    async with Database.open(settings.database_url) as database:
        paris = await Showrooms(database).by_slug("paris")
        await history(database, paris.id, 6000)
        alice = await staff_id(database, "alice@example.com")
        tomorrow = here() + timedelta(days=1)
        await saved_visit(database, paris.id, alice, instant(tomorrow, 600, ZoneInfo(ZONE)))
        bruno = await staff_id(database, "bruno@example.com")
        await Roster(database).set_hours(paris.id, bruno, MORNINGS)
        await write_shifts(database, paris)
    yield await cast.staff(BOSS, "/manager/figures", viewport=DESKTOP)


async def test_a_manager_sees_where_the_coming_days_are_short(
    page: Page, tmp_path: Path, album: Album | None
) -> None:
    await goes(page, "Staffing")
    await expect(page.get_by_role("heading", name="Staffing", level=1)).to_be_visible()
    tomorrow = here() + timedelta(days=1)
    head = page.locator("#week thead").get_by_role("link").nth(1)
    await head.click()
    await expect(page).to_have_url(re.compile(f"day={tomorrow}"))
    ten = page.locator(f'#table tr[data-sign^="{tomorrow}T10:00"]')
    await expect(ten.locator("td").nth(3)).to_have_text("1")
    few = await page.locator("[data-sum=short]").inner_text()
    assert re.fullmatch(r"\d+ of 48 half hours", few)
    await page.get_by_label("Answered in time, %").fill("95")
    await page.get_by_label("Minutes per call").fill("15")
    await page.get_by_role("button", name="Show").click()
    await expect(page).to_have_url(re.compile(f"day={tomorrow}&service=95&minutes=15"))
    await expect(page.get_by_label("Minutes per call")).to_have_value("15")
    assert int((await page.locator("[data-sum=short]").inner_text()).split()[0]) > int(
        few.split()[0]
    )
    await same_as_csv(page, tmp_path / "staffing.csv")
    await page.get_by_text("How this is reckoned").click()
    await expect(page.get_by_text("Erlang C")).to_be_visible()
    await flawless(page, "staffing")
    if album:
        await album.take(page, "staffing", whole=True)
    await tidy(page)
    # To the other figures and back the filter is the same.
    await goes(page, "Traffic")
    await expect(page.get_by_label("Told apart by")).to_have_value("day")


async def test_a_manager_sees_how_the_team_spent_its_time(
    page: Page, tmp_path: Path, album: Album | None
) -> None:
    await goes(page, "Advisors")
    await expect(page.get_by_role("heading", name="Advisors’ time", level=1)).to_be_visible()
    await expect(page.get_by_label("Told apart by")).to_have_value("advisor")
    await expect(page.get_by_role("row", name="Alice Martin")).to_be_visible()
    await page.get_by_label("Occupancy: What is it?").click()
    await expect(page.get_by_text("(talking + wrap-up) ÷ time at work.").first).to_be_visible()
    await page.get_by_role("link", name="13 weeks").click()
    await expect(page.get_by_text("Time at work is recorded since")).to_be_visible()
    await same_as_csv(page, tmp_path / "advisors.csv")
    await page.get_by_label("Told apart by").select_option("Day")
    await page.get_by_label("Chart of").select_option("Occupancy")
    await page.get_by_role("button", name="Show").click()
    await becomes_true(page, DRAWN)
    await flawless(page, "advisors")
    if album:
        await album.take(page, "advisors", whole=True)
        await page.goto(page.url + "&lang=fr")
        await album.take(page, "advisors-fr", whole=True)
        await goes(page, "Effectifs")
        await album.take(page, "staffing-fr", whole=True)
    await tidy(page)
