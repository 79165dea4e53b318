"""A manager finds a call, sees what went wrong in it, and plays it beside what happened."""

import re
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import expect

from media.recording.book import Recordings
from showroom.calls import CallEvent, CallRecord, CallRecords
from showroom.clock import system_clock
from showroom.database import Database
from showroom.files import FolderFiles
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from tests.browser.cast import DESKTOP, Cast
from tests.browser.test_accessibility import flawless
from tests.browser.test_anonymised_copy import FILM
from tests.browser.test_screens import fits
from tests.leads import saved_lead
from tests.recordings import a_kept_recording
from tests.replays import a_kept_call, a_poor_line
from tests.visits import staff_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOSS = "boss@example.com"
LONG = "Maximiliane-Alexandrine von Hohenstaufen-Württemberg"


@dataclass(frozen=True)
class Kept:
    """A call with all that there can be of it, and one with nothing."""

    full: CallRecord
    bare: CallRecord


@pytest_asyncio.fixture(loop_scope="session")
async def kept(cast: Cast, settings: Settings) -> Kept:
    async with Database.open(settings.database_url) as database:
        paris = (await Showrooms(database).by_slug("paris")).id
        alice = await staff_id(database, "alice@example.com")
        now = system_clock() - 3_600_000
        full = await a_kept_call(
            database, paris, alice, now, campaign="spring-film", notes="Wants it in blue. " * 12
        )
        bare = await a_kept_call(database, paris, alice, now - 1, live_at=None, outcome=None)
        await a_poor_line(database, full)
        await saved_lead(database, paris, full.id, name=LONG, created_at=full.ended_at)
        started = CallEvent(8, now + 29_000, "recording_started", "customer", {"advisor": alice})
        await CallRecords(database).save(full, [started])
        files = FolderFiles(settings.data_dir / "files")
        book = Recordings(database, files, settings.require_secret_key(), system_clock)
        await a_kept_recording(book, paris, full.id, FILM, lambda: now + 29_000)
    return Kept(full, bare)


async def test_a_manager_finds_a_call_by_its_customer_and_its_filter_stays(
    cast: Cast, kept: Kept
) -> None:
    page = await cast.staff(BOSS, "/manager", viewport=DESKTOP)
    await page.get_by_role("link", name="Calls", exact=True).click()
    table = page.get_by_role("table", name="Calls")
    await expect(table.get_by_role("row")).to_have_count(3)
    await flawless(page, "calls")
    await page.get_by_role("searchbox", name="Search").fill("hohenstaufen")
    await page.get_by_text("More filters").click()
    await page.get_by_label("Campaign").fill("spring-film")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(table.get_by_role("row")).to_have_count(2)
    await expect(table).to_contain_text(LONG)
    # The way back brings the same list.
    await table.get_by_role("link").click()
    await expect(page).to_have_url(re.compile(kept.full.id))
    await page.go_back()
    await expect(table.get_by_role("row")).to_have_count(2)
    await expect(page.get_by_label("Campaign")).to_have_value("spring-film")
    await fits(page, "calls")
    await page.get_by_role("link", name="All calls").click()
    await expect(table.get_by_role("row")).to_have_count(3)
    await page.goto("/manager/calls?outcome=bought")
    await expect(page.get_by_text("No call fits this choice.")).to_be_visible()
    await flawless(page, "calls, none")


async def test_a_call_is_seen_with_its_troubles_and_played_beside_its_timeline(
    cast: Cast, kept: Kept
) -> None:
    page = await cast.staff(BOSS, f"/manager/calls/{kept.full.id}", viewport=DESKTOP)
    wrong = page.get_by_role("region", name="What went wrong")
    await expect(wrong).to_contain_text("The advisor’s uplink fell to 180 kbit/s for 40 s.")
    line = page.get_by_role("region", name="The line", exact=True)
    await expect(line.get_by_role("img")).to_have_count(5)
    await page.get_by_text("As a table").click()
    await expect(line.get_by_role("row")).to_have_count(2 + 24)
    await flawless(page, "a call")
    await fits(page, "a call")
    # Without colour: one line is dashed.
    dashes = "(line) => getComputedStyle(line).strokeDasharray"
    lines = line.locator("polyline")
    assert {await one.evaluate(dashes) for one in (lines.first, lines.nth(1))} == {
        "none",
        "6px, 4px",
    }

    timeline = page.get_by_role("region", name="What happened")
    chat = timeline.get_by_role("listitem").filter(has_text="tow?")
    await expect(chat).to_contain_text("+0:30")
    request = timeline.get_by_role("listitem").first
    await expect(request.get_by_role("button")).to_be_hidden()  # nothing was recorded then
    await chat.get_by_role("button", name="Play from here").click()
    await expect(chat).to_have_attribute("aria-current", "true")
    await expect(page.locator("[data-now]").first).to_have_attribute("x1", re.compile(r"[1-9]"))
    at = await page.locator("#playback-video").evaluate("(video) => video.currentTime")
    assert at >= 1


async def test_a_call_of_which_little_is_kept_says_so_and_the_floor_leads_to_each(
    cast: Cast, kept: Kept
) -> None:
    manager = await cast.manager()
    page = manager.page
    await manager.calls().last.get_by_role("button").click()
    await page.get_by_role("dialog").get_by_role("link", name="All about this call").click()
    await expect(page).to_have_url(re.compile(kept.bare.id))
    await expect(page.get_by_text("No measurements of this call’s line are kept.")).to_be_visible()
    await expect(page.get_by_text("No lead came of this call.")).to_be_visible()
    await expect(page.get_by_role("region", name="Recording")).to_be_hidden()
    await flawless(page, "a bare call")
    await fits(page, "a bare call")
