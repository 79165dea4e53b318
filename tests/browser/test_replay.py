"""A manager finds a call, sees what went wrong in it, and plays it beside what happened."""

import re
from dataclasses import dataclass
from math import cos, sin

import pytest
import pytest_asyncio
from playwright.async_api import expect

from media.recording.book import Recordings
from showroom.calls import CallEvent, CallRecord, CallRecords
from showroom.clock import system_clock
from showroom.database import Database
from showroom.files import FolderFiles
from showroom.marks import Marks
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from showroom.words import ROBOT_REASON, Side
from tests.browser.album import Album
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
        bare = await a_kept_call(
            database, paris, alice, now - 1, live_at=None, outcome=None, outcome_reason=ROBOT_REASON
        )
        await a_poor_line(database, full)
        await they_point(database, full)
        await saved_lead(database, paris, full.id, name=LONG, created_at=full.ended_at)
        started = CallEvent(8, now + 29_000, "recording_started", "customer", {"advisor": alice})
        await CallRecords(database).save(full, [started])
        files = FolderFiles(settings.data_dir / "files")
        book = Recordings(database, files, settings.require_secret_key(), system_clock)
        await a_kept_recording(book, paris, full.id, FILM, lambda: now + 29_000)
    return Kept(full, bare)


async def they_point(database: Database, call: CallRecord) -> None:
    """Let the customer point at three spots, the advisor go in a circle, the customer tap once."""
    marks, begun = Marks(database), call.created_at
    for n, (x, y) in enumerate(((0.2, 0.3), (0.6, 0.35), (0.7, 0.8))):
        at = begun + 31_000 + 2_500 * n
        marks.keep(call.showroom_id, call.id, Side.CUSTOMER, at, x, y)
    for n in range(20):
        x, y = 0.5 + 0.3 * cos(n / 3), 0.5 + 0.4 * sin(n / 3)
        marks.keep(call.showroom_id, call.id, Side.ADVISOR, begun + 42_000 + 400 * n, x, y)
    marks.keep(call.showroom_id, call.id, Side.CUSTOMER, begun + 90_000, 1, 1)
    await marks.flush()


async def test_what_was_pointed_at_is_drawn_where_it_happened(
    cast: Cast, kept: Kept, album: Album | None
) -> None:
    page = await cast.staff(BOSS, f"/manager/calls/{kept.full.id}", viewport=DESKTOP)
    lines = page.get_by_role("region", name="What happened").get_by_role("listitem")
    first = lines.filter(has_text="Customer pointed at the picture 3 times, for 8 s")
    await expect(first).to_contain_text("+0:31")
    way = first.get_by_role("img", name="From 20% of the picture’s width and 30% of its height")
    await expect(way.locator("circle")).to_have_count(3)
    circle = lines.filter(has_text="Alice Martin pointed at the picture 20 times, for 11 s")
    box = await circle.get_by_role("img").bounding_box()
    assert box
    # Shaped like the picture that the customer saw: no wider than its text, and never flat.
    assert box["width"] == 160
    assert box["height"] == 90
    once = lines.filter(has_text="Customer pointed at the picture, for 3 s")
    await expect(once.locator("circle")).to_have_count(1)
    await flawless(page, "a call that was pointed in")
    await fits(page, "a call that was pointed in")
    if album:
        await page.locator("#timeline").scroll_into_view_if_needed()
        await album.take(page, "pointed", whole=True)
        await page.goto(f"/manager/calls/{kept.full.id}?lang=fr")
        await album.take(page, "pointed-fr", whole=True)


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
    await expect(page.get_by_role("dialog")).to_contain_text("Answered by the robot advisor")
    await page.get_by_role("dialog").get_by_role("link", name="All about this call").click()
    await expect(page).to_have_url(re.compile(kept.bare.id))
    await expect(page.get_by_text("No measurements of this call’s line are kept.")).to_be_visible()
    await expect(page.get_by_text("No lead came of this call.")).to_be_visible()
    await expect(page.get_by_role("region", name="Recording")).to_be_hidden()
    await flawless(page, "a bare call")
    await fits(page, "a bare call")
