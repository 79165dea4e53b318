"""What a manager orders on the floor, seen from all sides."""

import pytest
from playwright.async_api import Page, expect

from showroom.calls import CallRecords
from showroom.clock import system_clock
from showroom.database import Database
from showroom.rollups import Rollups
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from tests.browser import eyes
from tests.browser.album import Album
from tests.browser.cast import DESKTOP, PHONE, Cast, noon_zone
from tests.browser.conftest import OpenHouse
from tests.browser.test_accessibility import flawless
from tests.browser.test_screens import fits
from tests.showroom.recount import HOUR, a_call

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOTICE = "Snow on the roads: <b>we open at 11</b> today. Thank you for your patience!"


async def tap(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()


async def test_a_queue_is_closed_and_opened_by_one_tap_each(cast: Cast) -> None:
    cast.forgive("409")
    manager = (await cast.manager()).page
    visitor = await cast.customer()
    call = visitor.page.get_by_role("button", name="Call an advisor now")
    await expect(call).to_be_visible()
    await tap(manager, "Close the queue")
    await expect(manager.get_by_text("The queue is closed: nobody new can call.")).to_be_visible()
    await expect(call).to_be_hidden()
    await visitor.reads("Too many people call right now.")
    await expect(visitor.page.get_by_role("link", name="Book a visit")).to_be_visible()
    late = await cast.customer()
    await expect(late.page.get_by_role("button", name="Call an advisor now")).to_be_hidden()
    await tap(manager, "Undo")
    await expect(manager.get_by_text("Undone.")).to_be_visible()
    await expect(call).to_be_visible()
    await expect(manager.get_by_role("button", name="Close the queue")).to_be_visible()


async def test_a_notice_is_read_by_who_is_there_and_by_who_comes(
    cast: Cast, album: Album | None
) -> None:
    manager = (await cast.manager()).page
    visitor = await cast.customer()
    await tap(manager, "Notice to customers")
    sheet = manager.get_by_role("dialog", name="Notice to customers")
    await sheet.get_by_label("English").fill(NOTICE)
    if album:
        await album.take(manager, "floor-notice-sheet")
    await flawless(manager, "the sheet of a notice")
    await sheet.get_by_role("button", name="Show it to customers").click()
    await expect(sheet).to_be_hidden()
    await expect(manager.get_by_text("Customers read the notice now.")).to_be_visible()
    await visitor.reads(NOTICE)
    late = await cast.customer()
    await late.reads(NOTICE)
    for size in (PHONE, DESKTOP):
        await late.page.set_viewport_size(size)
        await fits(late.page, "a page with a notice")
    await flawless(late.page, "a page with a notice")
    if album:
        await album.take(late.page, "landing-notice")
    await tap(manager, "Notice to customers")
    await expect(sheet.get_by_label("English")).to_have_value(NOTICE)
    await sheet.get_by_role("button", name="Take it down").click()
    await expect(visitor.page.get_by_text(NOTICE)).to_be_hidden()
    await tap(manager, "Undo")
    await visitor.reads(NOTICE)


async def test_an_advisor_is_set_away_and_called_back(cast: Cast) -> None:
    manager = (await cast.manager()).page
    advisor = await cast.advisor()
    await manager.get_by_role("button", name="Set away: Alice Martin").click()
    await advisor.reads("A manager has set you away: no call rings here.")
    customer = await cast.customer()
    await customer.call()
    await customer.waits()
    await tap(manager, "Undo")
    await advisor.accepts()
    await eyes.moves(customer.live_view)
    # In a call they go away after it, and that can be taken back in the meantime.
    await manager.get_by_role("button", name="Set away: Alice Martin").click()
    here = manager.get_by_role("region", name="Here")
    await expect(here).to_contain_text("away after this")
    await here.get_by_role("button", name="Call back: Alice Martin").click()
    await expect(here).not_to_contain_text("away after this")


async def test_a_call_is_moved_up_the_queue_and_back(cast: Cast, album: Album | None) -> None:
    manager = (await cast.manager()).page
    first, second, third = [await cast.customer() for _ in range(3)]
    await second.page.get_by_role("button", name="Crête").click()
    for customer in (first, second, third):
        await customer.call()
        await customer.waits()
    waiting = manager.get_by_role("region", name="Waiting")
    rows = waiting.get_by_role("listitem")
    await expect(rows).to_have_count(3)
    await expect(waiting).to_contain_text("Longest wait now: 0:")
    await expect(rows.nth(0).get_by_role("button", name="Up")).to_be_hidden()
    await rows.filter(has_text="Crête").get_by_role("button", name="Up").click()
    await expect(rows.nth(0)).to_contain_text("Crête")
    await second.reads("You are next")
    for size in (PHONE, DESKTOP):
        await manager.set_viewport_size(size)
        await fits(manager, "a floor with a queue")
    await flawless(manager, "a floor with a queue")
    if album:
        await album.take(manager, "floor-queue", whole=True)
    await tap(manager, "Undo")
    await expect(rows.nth(1)).to_contain_text("Crête")
    await first.reads("You are next")


async def test_today_is_set_against_the_same_weekday_so_far(
    open_house: OpenHouse, settings: Settings, album: Album | None
) -> None:
    cast = await open_house(zone=noon_zone())
    async with Database.open(settings.database_url) as database:
        room = (await Showrooms(database).by_slug("paris")).id
        calls = CallRecords(database, Rollups(database).call_kept)
        for week, hour in ((1, 1), (1, 2), (2, 1), (1, -1)):
            at = system_clock() - week * 7 * 24 * HOUR - hour * HOUR
            call = a_call(at, showroom_id=room, live_at=at + 5_000, ended_at=at + 65_000, rating=4)
            await calls.save(call, [])
    manager = await cast.manager()
    usual = manager.page.locator("#usual-calls")
    await expect(usual).to_have_text("usually 1.5")
    await expect(manager.page.locator("#usual-talking_avg")).to_have_text("usually 1:00")
    await manager.reads("on average over 2 weeks")
    if album:
        await album.take(manager.page, "floor-usual", whole=True)
