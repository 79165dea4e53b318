"""The advisor's ring is heard, felt and seen in the tab, says who calls, and ends altogether."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from showroom.settings import Settings
from showroom.showrooms import Policy
from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.chromium import Browsers
from tests.browser.conftest import OpenHouse
from tests.browser.pages import AdvisorPage
from tests.browser.props import BELL, SOUND, becomes_true, equip, record
from tests.browser.road import LINE_GONE, open_road

pytestmark = pytest.mark.asyncio(loop_scope="session")

RINGING = "● A customer is calling"
IDLE = "Advisor · Orvanne Paris"
LIVE = "● Live"
# The chimes come every two seconds: in this time a ring that goes on is heard.
LONGER_THAN_A_PAUSE = 2.3


async def rings_out(page: Page, before: dict[str, Any]) -> None:
    """Wait for a chime, a vibration and both faces of the tab's title since the record `before`."""
    await becomes_true(page, f"bell.notes > {before['notes']}")
    await becomes_true(page, f"bell.titles.length > {len(before['titles']) + 1}")
    bell = await record(page, "bell")
    assert bell["mute"] == 0
    assert set(bell["titles"][-2:]) == {RINGING, IDLE}
    shakes = bell["buzzes"][len(before["buzzes"]) :]
    assert any(isinstance(pattern, list) and max(pattern) >= 100 for pattern in shakes)


async def is_silent(page: Page) -> None:
    """Assert that for longer than a pause of the ring nothing sounds, shakes or flashes."""
    before = await record(page, "bell")
    assert before["buzzes"][-1] == 0
    await asyncio.sleep(LONGER_THAN_A_PAUSE)
    assert await record(page, "bell") == before


async def test_a_ring_is_heard_felt_and_seen_and_ends_when_it_is_answered_or_goes(
    cast: Cast,
) -> None:
    customer = await cast.customer()
    await customer.call()
    await customer.waits()
    page = await cast.staff("alice@example.com", "/advisor")
    await equip(page, BELL)
    advisor = AdvisorPage(page)
    await expect(advisor.available).to_be_enabled()
    # The ring's clock counts whole seconds.
    await becomes_true(customer.page, "performance.now() > 1500")
    before = await record(page, "bell")
    await advisor.goes_on_duty()

    facts = page.locator("dl.facts")
    await rings_out(page, before)
    await expect(facts).to_contain_text(re.compile(r"Waited\s*0:0[1-9]"))
    await expect(facts).to_contain_text(re.compile(r"Call\s*First"))
    await customer.tap("Leave the queue")
    await expect(advisor.available).to_be_visible()
    await expect(page).to_have_title(IDLE)
    await becomes_true(page, f"bell.titles.at(-1) === '{IDLE}'")

    before = await record(page, "bell")
    assert before["buzzes"][-1] == 0
    await customer.tap("Call again")
    await rings_out(page, before)
    await expect(facts).to_contain_text(re.compile(r"Call\s*Called before"))
    await advisor.accepts()
    await eyes.moves(customer.live_view)
    await becomes_true(page, f"bell.titles.at(-1) === '{LIVE}'")
    await is_silent(page)


async def test_a_ring_whose_line_died_falls_silent_and_one_after_a_pause_needs_a_tap_again(
    open_house: OpenHouse, settings: Settings, browsers: Browsers
) -> None:
    async with open_road(settings.port) as road:
        near = await open_house({"extra_origins": (road.url,)}, policy=Policy(ring_seconds=4))
        async with Cast(browsers, road.url) as far:
            far.forgive(LINE_GONE)
            customer, page = await near.customer(), await far.staff("alice@example.com", "/advisor")
            await equip(page, BELL, SOUND)
            advisor = AdvisorPage(page)
            await advisor.goes_on_duty()
            # As a phone's system does when another app sounds.
            await page.evaluate("sounds[0].suspend()")
            await customer.call()
            silent = advisor.words("Tap anywhere once, so that the next ring can sound.")
            await expect(silent).to_be_visible()
            await page.keyboard.press("Shift")
            await expect(silent).to_be_hidden()
            await becomes_true(page, "bell.notes > 0")

            road.cut()
            await advisor.reads("Connection lost. We are bringing it back…")
            await becomes_true(page, "bell.buzzes.at(-1) === 0")
            await expect(advisor.button("Accept")).to_be_disabled()
            await expect(page).to_have_title(IDLE)
            await is_silent(page)
            await customer.tap("Leave the queue")
            road.mend()
            await advisor.goes_on_duty()
            await customer.tap("Call again")
            await advisor.accepts()
            await customer.hangs_up()
            await advisor.reads("How did it end?")
            road.cut()
            await advisor.reads("Connection lost. We are bringing it back…")
            road.mend()
            await advisor.saves("Interested")
