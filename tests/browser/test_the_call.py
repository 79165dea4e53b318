"""From one tap to the stars: the customer and the advisor see, hear and understand each other."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.pages import AdvisorPage, talk
from tests.browser.props import equip, reload

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.windowed]

# The device's clock is so many seconds ahead.
AHEAD = "const real = Date.now; Date.now = () => real() + 1000 * %d;"


async def test_one_tap_brings_the_advisors_moving_picture_and_sound(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await customer.call()
    await advisor.accepts()
    await eyes.moves(customer.live_view)
    await eyes.hears(customer.page)
    await eyes.moves(advisor.own_view)
    await customer.reads("Alice Martin")
    await advisor.reads("Watching only")
    # Watching needs no device, so nobody was asked for one.
    assert await eyes.asked_for(customer.page) == []


async def test_a_device_whose_clock_is_wrong_counts_like_the_servers(cast: Cast) -> None:
    customer, page = await asyncio.gather(
        cast.customer(), cast.staff("alice@example.com", "/advisor")
    )
    await equip(customer.page, AHEAD % 600)
    await equip(page, AHEAD % 8)
    advisor = AdvisorPage(page)
    await advisor.goes_on_duty()
    await customer.call()
    await advisor.rings()
    # A ring lasts 20 s: by its own clock this page would begin to count at 12.
    assert int(await page.locator("#countdown-text").text_content() or 0) > 12
    await advisor.accepts()
    await expect(customer.page.locator("#timer")).to_have_text(re.compile(r"^0:\d\d$"))


async def test_nothing_leaves_either_side_before_the_accept(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await customer.call()
    await advisor.rings()
    await eyes.connected(customer.page)
    await eyes.connected(advisor.page)
    # The advisor's camera and microphone run already: they are held back, not just absent.
    assert await eyes.held_back(advisor.page) == ["audio", "video"]
    await eyes.stands_still(customer.live_view, seconds=3)
    for side in (customer, advisor):
        seen = await eyes.traffic(side.page)
        assert seen.state == "connected"
        assert (seen.packets_sent, seen.frames_sent, seen.packets_received) == (0, 0, 0)
    await advisor.accepts()
    await eyes.moves(customer.live_view)


async def test_the_customer_hangs_up_and_gives_stars_and_the_advisor_notes_the_outcome(
    cast: Cast,
) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await customer.hangs_up()
    await customer.reads("Thank you for your visit")
    await customer.page.get_by_role("radio", name="4 stars").check(force=True)
    await customer.page.get_by_label("What should we know?").fill("A patient advisor.")
    await customer.tap("Send rating")
    await customer.reads("Your rating has arrived")
    await advisor.reads("The customer hung up")
    await advisor.saves("Test drive")
    await expect(advisor.available).to_have_attribute("aria-checked", "true")
    await reload(customer.page)
    await customer.reads("Your rating has arrived")


async def test_the_advisor_ends_the_call_and_both_let_go_of_their_devices(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await advisor.tap("End call")
    await advisor.reads("How did it end?")
    await customer.reads("Thank you for your visit")
    for side in (customer, advisor):
        assert (await eyes.traffic(side.page)).state == "none"
    assert not await advisor.own_view.evaluate("(video) => Boolean(video.srcObject)")


async def test_staff_sign_in_by_name_and_password_and_a_wrong_one_is_said_so(cast: Cast) -> None:
    page = await cast.stranger()
    cast.forgive("401")
    await page.goto("/advisor")
    for password, arrived in (("a wrong password", False), ("a long enough password", True)):
        await page.get_by_label("E-mail", exact=True).fill("alice@example.com")
        await page.get_by_label("Password", exact=True).fill(password)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        if arrived:
            await expect(page.get_by_role("switch", name="Available")).to_be_enabled()
        else:
            await expect(page.get_by_role("alert")).to_contain_text("password is not right")
