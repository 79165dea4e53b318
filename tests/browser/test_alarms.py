"""An alarm from the settings to the floor, what a manager makes of it, and its end."""

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from showroom.clock import system_clock, to_datetime
from showroom.database import Database
from showroom.hours import Campaign
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from showroom.words import Role
from tests.browser.album import Album
from tests.browser.cast import DESKTOP, Cast
from tests.browser.conftest import OpenHouse
from tests.browser.test_accessibility import flawless
from tests.browser.test_floor_orders import tap
from tests.browser.test_screens import fits
from tests.samples import staff_of
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOSS = "boss@example.com"
LONG = "Television, autumn: the longest name between the Seine and the ring road"


async def looked_at(page: Page, name: str, album: Album | None) -> None:
    """Judge a floor at all widths, and keep pictures of it if somebody wants any."""
    if album:
        await album.take(page, name, whole=True)
    await flawless(page, name)
    await fits(page, name)
    await page.set_viewport_size(DESKTOP)


async def test_an_alarm_is_set_raised_seen_silenced_and_over(
    cast: Cast, album: Album | None
) -> None:
    settings = await cast.staff(BOSS, "/manager/showroom?showroom=paris")
    part = settings.get_by_role("region", name="Alarms")
    await part.get_by_label("Raise this alarm: waiting").check()
    await part.get_by_label("After a wait of seconds").fill("5")
    await part.get_by_role("button", name="Add Camille Roux").first.click()
    mails = part.get_by_label("E-mail to, one address a line: waiting")
    await expect(mails).to_have_value(BOSS)
    if album:
        await album.take(settings, "alarms-settings", whole=True)
    await part.get_by_role("button", name="Save: Alarms").click()
    await expect(part.get_by_role("status")).to_have_text("Saved.")
    manager = (await cast.manager()).page
    alarms = manager.get_by_role("region", name="Alarms")
    await expect(manager.get_by_role("heading", name="Here")).to_be_visible()
    await expect(alarms).to_be_hidden()
    customer = await cast.customer()
    await customer.call()
    await customer.waits()
    await expect(alarms).to_contain_text("Somebody waits for more than 0:05.", timeout=20_000)
    await expect(manager.get_by_role("alert")).to_have_text("Somebody waits for more than 0:05.")
    await looked_at(manager, "floor-alarm", album)
    await alarms.get_by_role("button", name="I have seen it").click()
    await expect(alarms).to_contain_text("Seen by Camille Roux")
    await alarms.get_by_role("button", name="Silence for an hour: waiting").click()
    await expect(alarms).to_contain_text("Nobody is told until")
    await looked_at(manager, "floor-alarm-silent", album)
    await tap(manager, "Undo")
    await expect(alarms).not_to_contain_text("Nobody is told until")
    await customer.page.get_by_role("button", name="Leave the queue").click()
    await expect(alarms).to_be_hidden(timeout=20_000)
    await manager.get_by_text("Alarms so far").click()
    row = manager.get_by_role("table").filter(has_text="Raised").get_by_role("row").nth(1)
    await expect(row).to_contain_text("Camille Roux")
    await expect(row).not_to_contain_text("still up")
    await looked_at(manager, "floor-alarms-past", album)
    await settings.reload()
    await expect(mails).to_have_value(BOSS)


async def test_a_campaign_goes_on_by_one_tap_and_other_showrooms_are_seen(
    open_house: OpenHouse, settings: Settings, album: Album | None
) -> None:
    today = to_datetime(system_clock()).date()
    runs = Campaign("TV", today - timedelta(days=5), today)
    ended = Campaign(LONG, today - timedelta(days=9), today - timedelta(days=2))
    cast = await open_house(campaigns=(runs, ended))
    async with Database.open(settings.database_url) as database:
        staff = staff_of(database, VirtualClock())
        await staff.grant(BOSS, "lyon", Role.MANAGER)
        manager = await cast.staff(BOSS, "/manager?showroom=paris", viewport=DESKTOP)
        part = manager.get_by_role("region", name="Campaigns")
        rows = part.get_by_role("listitem")
        await expect(rows).to_have_count(2)
        await expect(rows.nth(1)).to_contain_text("ended on")
        await part.get_by_label("Days to add: TV").fill("3")
        await part.get_by_role("button", name="Extend: TV").click()
        orders = manager.get_by_role("status").filter(has_text="TV goes on until")
        await expect(orders).to_be_visible()
        kept = (await Showrooms(database).by_slug("paris")).campaigns
        assert kept == (replace(runs, last=today + timedelta(days=3)), ended)
        others = manager.get_by_role("region", name="All your showrooms")
        await expect(others.get_by_role("row")).to_have_count(3)
        await looked_at(manager, "floor-campaigns", album)
        await tap(manager, "Undo")
        await expect(manager.get_by_text("Undone.")).to_be_visible()
        assert (await Showrooms(database).by_slug("paris")).campaigns == (runs, ended)
        await others.get_by_role("link", name="Orvanne Lyon").click()
        await expect(manager).to_have_url(f"{cast.url}/manager?showroom=lyon")
