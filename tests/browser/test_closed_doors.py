"""Where a call can't be had, the page says why and what to do instead."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from showroom.hours import ALL_DAY, DateException, WeeklyHours
from tests.browser.cast import Cast, noon_zone
from tests.browser.conftest import OpenHouse

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUMBER = "+33 1 42 68 53 00"


def in_days(days: int, zone: str) -> datetime:
    return datetime.now(ZoneInfo(zone)) + timedelta(days=days)


def closed_for_days(days: int, zone: str = "Europe/Paris") -> tuple[DateException, ...]:
    """Return exceptions that close a showroom yesterday, today, and this many days from now."""
    today = in_days(0, zone).date()
    return tuple(DateException(today + timedelta(days=n)) for n in range(-1, days + 1))


async def test_a_closed_showroom_says_when_it_opens_and_takes_numbers_but_no_calls(
    open_house: OpenHouse,
) -> None:
    zone = noon_zone()
    cast = await open_house(exceptions=closed_for_days(2, zone), zone=zone)
    cast.zone = zone
    customer = await cast.customer()
    await customer.reads(f"We open {in_days(3, zone):%A}")
    await expect(customer.button("Call an advisor now")).to_be_hidden()
    await customer.ask_to_be_called("Jo Morel", NUMBER)
    await customer.reads("Thank you, Jo Morel.")
    refused = await customer.page.evaluate(
        """async () => (await (await fetch('/s/paris/calls', {
          method: 'POST',
          headers: {
            'Content-Type': 'application/json',
            'X-CSRF-Token': document.querySelector('meta[name=csrf-token]').content,
          },
          body: JSON.stringify({ language: 'en', vehicle: null }),
        })).json()).code"""
    )
    assert refused == "showroom_closed"
    cast.forgive("409")


async def test_an_unknown_showroom_is_a_page_of_ours_with_status_404(cast: Cast) -> None:
    visitor = await cast.visitor()
    cast.forgive("404")
    answer = await visitor.page.goto("/s/atlantis")
    assert answer
    assert answer.status == 404
    await visitor.reads("There is nothing parked here")
    await expect(visitor.page.get_by_role("link", name="To the showroom")).to_be_visible()


async def test_a_browser_without_live_video_gets_the_sentence_and_the_call_back(
    cast: Cast,
) -> None:
    visitor = await cast.visitor()
    await visitor.page.add_init_script("delete window.RTCPeerConnection")
    await visitor.page.goto("/s/paris")
    await visitor.reads("This browser can’t show live video.")
    await expect(visitor.button("Call an advisor now")).to_be_hidden()
    await visitor.ask_to_be_called("Jo Morel", NUMBER)
    await visitor.reads("Thank you, Jo Morel.")


async def test_what_a_browser_will_lack_is_said_before_the_call_with_its_remedy(
    cast: Cast,
) -> None:
    visitor = await cast.visitor()
    gone = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined })"
    await visitor.page.add_init_script(gone)
    await visitor.page.goto("/s/paris")
    await visitor.reads("You can watch, listen and write here, but not speak yet.")
    await visitor.reads("This app’s own browser has no camera or microphone.")
    await expect(visitor.button("Call an advisor now")).to_be_visible()
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Instagram"
    inside = await cast.customer(user_agent=agent)
    await inside.reads("This page is open inside another app")
    await inside.page.add_init_script("delete window.RTCPeerConnection")
    await inside.page.reload()
    await inside.reads("This app’s own browser can’t show live video.")
    await expect(inside.button("Call an advisor now")).to_be_hidden()


async def test_opening_hours_far_from_now_close_the_door_too(open_house: OpenHouse) -> None:
    zone = noon_zone()
    tomorrow = f"{in_days(1, zone):%A}".lower()
    hours = replace(WeeklyHours(), **{tomorrow: ALL_DAY})
    cast = await open_house(hours=hours, zone=zone)
    cast.zone = zone
    customer = await cast.customer()
    await customer.reads("Closed right now. We open")
    await expect(customer.button("Call an advisor now")).to_be_hidden()
