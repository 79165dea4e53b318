"""Whoever reloads a page at any time is back where the call stands."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser import eyes
from tests.browser.cast import DESKTOP, Cast
from tests.browser.pages import talk
from tests.browser.props import BELL, SHY, becomes_true, equip, reload, speaks

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_reload_keeps_what_the_advisor_switched_off_and_what_the_form_holds(
    cast: Cast,
) -> None:
    customer, advisor = await cast.customer(), await cast.advisor(viewport=DESKTOP)
    page = advisor.page
    await talk(customer, advisor)
    await advisor.tap("Turn microphone off")
    await advisor.tap("Turn camera off")
    await customer.reads("No picture and no sound")
    await reload(page)
    await advisor.reads("The customer neither sees nor hears you.")
    for device in ("microphone", "camera"):
        await expect(advisor.button(f"Turn {device} on")).to_be_visible()
    await eyes.connected(page)
    sent = "(video) => video.srcObject.getTracks().some((track) => track.enabled)"
    assert await advisor.own_view.evaluate(sent) is False
    await eyes.hears_nothing(customer.page)
    await advisor.tap("Turn microphone on")
    await eyes.hears(customer.page)

    await advisor.tap("End call")
    notes = "Trades in an old estate."
    await page.get_by_label("Outcome").select_option(label="Test drive")
    await page.get_by_label("Reason (optional)").fill("Saturday")
    await page.get_by_role("textbox", name="Notes", exact=True).fill(notes)
    # A moment after the last key they are saved, whatever becomes of the form.
    await asyncio.sleep(1.5)
    await speaks(page, "Français")
    await expect(page.locator("#wrap-notes")).to_have_value(notes)
    await expect(page.locator("#outcome")).to_have_value("test_drive")
    await expect(page.locator("#reason")).to_have_value("Saturday")


async def test_a_reload_leads_back_to_the_queue_the_ring_the_hold_the_wrap_up_and_the_rating(
    cast: Cast,
) -> None:
    first, customer = await cast.customer(), await cast.customer()
    await first.call()
    await first.waits()
    await customer.call()
    await customer.reads("You are number 2")
    await reload(customer.page)
    await customer.reads("You are number 2")
    await first.tap("Leave the queue")
    await customer.reads("You are next")

    advisor = await cast.advisor()
    await advisor.rings()
    await customer.reads("An advisor is being called")
    # Whether a browser lets a reloaded page sound is its own affair: this one wants a tap first.
    await equip(customer.page, SHY)
    await customer.reads("An advisor is being called")
    await equip(advisor.page, BELL, SHY)
    # A browser lets a page sound only after a tap on it.
    await advisor.reads("Tap anywhere once, so that the next ring can sound.")
    await becomes_true(advisor.page, "bell.notes === 0")
    await advisor.page.get_by_role("heading", name="The whole range").click()
    await becomes_true(advisor.page, "bell.notes > 0")
    await advisor.accepts()
    await eyes.moves(customer.live_view)
    await expect(customer.button("Tap for sound")).to_be_visible()
    await customer.live_view.click(position={"x": 200, "y": 200})
    await expect(customer.button("Tap for sound")).to_be_hidden()
    await eyes.hears(customer.page)
    # That tap was one for the customer's sound, too.
    await expect(advisor.button("Tap for sound")).to_be_hidden()
    assert await advisor.customer_view.evaluate("(video) => !video.muted && !video.paused")

    await advisor.open_chat()
    await advisor.page.get_by_role("tab", name="Notes").click()
    await advisor.page.get_by_label("Private notes").fill("Trades in an old estate.")
    await advisor.reads("Saved")
    await advisor.close_chat()
    await advisor.tap("Hold")
    await customer.reads("One moment")
    for side in (customer, advisor):
        await reload(side.page)
    await customer.reads("One moment")
    await advisor.tap("Resume")
    await eyes.moves(customer.live_view)

    await customer.hangs_up()
    await advisor.reads("How did it end?")
    await reload(advisor.page)
    await advisor.reads("The customer hung up")
    notes = advisor.page.get_by_role("textbox", name="Notes", exact=True)
    await expect(notes).to_have_value("Trades in an old estate.")
    await reload(customer.page)
    await customer.page.get_by_role("radio", name="4 stars").check(force=True)
    await customer.tap("Send rating")
    await customer.reads("Your rating has arrived")
    await reload(customer.page)
    await customer.reads("Your rating has arrived")
    await advisor.saves("Test drive")
