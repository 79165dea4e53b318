"""The manager's page of figures, as a manager reads and presses it."""

import csv
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from showroom.database import Database
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from tests.browser.cast import DESKTOP, Cast
from tests.browser.props import becomes_true
from tests.browser.test_accessibility import flawless
from tests.browser.test_trade import fits
from tests.web.figures import history

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOSS = "boss@example.com"
DRAWN = "document.querySelector('#chart canvas')?.width > 0"
NUMBERS = """() => [...document.querySelectorAll('#table tbody tr')].map(
  (row) => [row.dataset.sign, ...[...row.cells].slice(1).map((cell) => cell.dataset.value)])"""


@pytest_asyncio.fixture(loop_scope="session")
async def page(cast: Cast, settings: Settings) -> AsyncIterator[Page]:
    """The page of a showroom with ten weeks behind it."""
    async with Database.open(settings.database_url) as database:
        paris = await Showrooms(database).by_slug("paris")
        await history(database, paris.id)
    yield await cast.staff(BOSS, "/manager/figures", viewport=DESKTOP)


# Fields that are wider than their place, and so lie over the next one.
OVERLAPPING = """() => [...document.querySelectorAll('.sieve .field :is(input, select)')].filter(
  (one) => one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right + 1
).map((one) => one.id)"""


async def tidy(page: Page) -> None:
    """Assert that nothing hangs over its place on a phone, and no field on a desktop either."""
    await page.set_viewport_size({"width": 1920, "height": 1080})
    assert await page.evaluate(OVERLAPPING) == []
    await fits(page)
    assert await page.evaluate(OVERLAPPING) == []


async def test_a_manager_finds_the_figures_and_reads_what_they_mean(cast: Cast, page: Page) -> None:
    await page.goto("/manager")
    await page.get_by_role("link", name="Figures", exact=True).click()
    await expect(page.get_by_role("heading", name="Figures", level=1)).to_be_visible()
    first, second = [page.locator("dl.sums dt").nth(n) for n in range(2)]
    await expect(first).to_have_text("Unique visitors")
    await expect(second).to_have_text("Mean talk")
    await expect(page.locator(".sum__trend polyline")).to_have_count(2)
    await page.get_by_label("Service level: What is it?").click()
    await expect(
        page.get_by_text("within 20 s, ÷ (offered − short abandons)").first
    ).to_be_visible()
    await becomes_true(page, DRAWN)
    await flawless(page, "figures")
    await tidy(page)


async def test_a_filter_stays_in_the_address_over_reload_and_back(page: Page) -> None:
    await page.get_by_role("link", name="13 weeks").click()
    await page.get_by_text("Which calls").click()
    await page.get_by_label("Device").select_option("Phone")
    await page.get_by_label("Told apart by").select_option("Car")
    await page.get_by_label("Compare with").select_option("Nothing")
    await page.get_by_role("button", name="Show").click()
    await expect(page).to_have_url(re.compile("period=quarter&device=phone&by=vehicle"))
    await page.reload()
    await expect(page.get_by_label("Device")).to_have_value("phone")
    await expect(page.get_by_label("Compare with")).to_have_value("nothing")
    await expect(page.get_by_role("link", name="13 weeks")).to_have_attribute(
        "aria-current", "true"
    )
    counted = await page.locator("[data-figure=offered]").inner_text()
    await (
        page.get_by_role("row", name="Crête").get_by_role("link", name="Crête", exact=True).click()
    )
    await expect(page).to_have_url(re.compile("vehicle=crete"))
    await page.go_back()
    await expect(page.locator("[data-figure=offered]")).to_have_text(counted)
    await expect(page.get_by_label("Told apart by")).to_have_value("vehicle")
    await flawless(page, "figures by car")
    await tidy(page)


async def test_the_csv_equals_the_page(page: Page, tmp_path: Path) -> None:
    await page.get_by_label("Chart of").select_option("Answer rate")
    await page.get_by_role("button", name="Show").click()
    await expect(page).to_have_url(re.compile("plot=answer_rate"))
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Export CSV").click()
    file = tmp_path / "figures.csv"
    await (await coming.value).save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as opened:
        _, *lines = list(csv.reader(opened))
    shown = await page.evaluate(NUMBERS)
    assert lines == shown
    assert len(lines) == 28


async def test_a_click_on_the_chart_and_a_key_in_the_table_lead_to_the_day(page: Page) -> None:
    await becomes_true(page, DRAWN)
    over = page.locator("#chart .u-over")
    await over.scroll_into_view_if_needed()
    box = await over.bounding_box()
    assert box
    # The last point but one, on a line of 28.
    x, y = box["x"] + box["width"] * 26 / 27, box["y"] + box["height"] / 2
    await page.mouse.move(x, y)
    last = page.locator("#table tbody tr").nth(26)
    name = await last.locator("th").inner_text()
    await expect(page.locator(".chart__said")).to_contain_text(name.strip())
    day = await last.get_attribute("data-sign")
    await page.mouse.click(x, y)
    await expect(page).to_have_url(re.compile(f"period=own&since={day}&until={day}"))
    await expect(page.get_by_label("Told apart by")).to_have_value("hour")
    await page.go_back()
    link = page.locator("#table tbody tr").nth(26).locator("th a")
    await link.focus()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(f"period=own&since={day}&until={day}"))


async def test_days_to_compare_with_are_asked_for_where_they_count(page: Page) -> None:
    day = page.get_by_label("From (compared)")
    await expect(day).to_be_hidden()
    await page.get_by_label("Compare with").select_option("As many days from")
    await day.fill("2026-01-05")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_text("Compared with 5 Jan – 1 Feb 2026")).to_be_visible()
    await expect(day).to_be_visible()


async def test_an_empty_page_and_one_of_strange_words_have_no_violation(
    cast: Cast, page: Page
) -> None:
    await page.goto("/manager/figures?period=own&since=2020-01-01&until=2020-01-02")
    await expect(page.get_by_text("No call fits this choice in these days.")).to_be_visible()
    await flawless(page, "figures of nothing")
    await page.goto(f"/manager/figures?campaign={'Wonderful-' * 10}&lang=fr")
    await expect(page.get_by_role("heading", name="Chiffres")).to_be_visible()
    await flawless(page, "figures of a long campaign")
    await tidy(page)
