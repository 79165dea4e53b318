"""An advisor with a phone in the hand: the camera at the back, its light, its zoom, the screen."""

import pytest
from playwright.async_api import expect

from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.pages import talk
from tests.browser.props import PHONE, SCREEN, becomes_true, equip, record

pytestmark = pytest.mark.asyncio(loop_scope="session")

LINE = "One moment, I am fetching the key."


async def test_the_rear_camera_comes_first_with_light_and_zoom_and_a_muted_phone_is_not_heard(
    cast: Cast,
) -> None:
    customer, advisor = await cast.couple()
    page = advisor.page
    await equip(page, PHONE, SCREEN)
    await equip(customer.page, SCREEN)
    assert await record(page, "screenLocks") == {"asked": 0, "held": 0}
    await talk(customer, advisor)
    await eyes.turns(customer.live_view, eyes.magenta)
    for one in await record(page, "phone.asked"):
        assert one["video"]["facingMode"] in ("environment", {"ideal": "environment"})
    for side in (customer, advisor):
        assert await record(side.page, "screenLocks.held") == 1

    await advisor.tap("Turn light on")
    await expect(advisor.button("Turn light off")).to_be_visible()
    zoom = page.get_by_role("slider", name="Zoom", exact=True)
    await zoom.fill("2.5")
    await becomes_true(page, "phone.constraints.length === 2")
    await advisor.tap("Turn light off")
    await expect(advisor.button("Turn light on")).to_be_visible()
    wishes = [one["advanced"] for one in await record(page, "phone.constraints")]
    assert wishes == [[{"torch": True}], [{"zoom": 2.5}], [{"torch": False}]]

    await eyes.hears(customer.page)
    await advisor.tap("Turn microphone off")
    await eyes.falls_silent(customer.page)
    await eyes.hears_nothing(customer.page, seconds=1)
    await advisor.open_chat()
    await advisor.tap(LINE)
    await expect(customer.conversation()).to_contain_text(LINE)
    await advisor.close_chat()
    await advisor.tap("Turn microphone on")
    await eyes.hears(customer.page)

    await advisor.tap("Switch camera")
    await eyes.turns(customer.live_view, eyes.natural)
    await expect(advisor.button("Turn light on")).to_be_hidden()
    await expect(zoom).to_be_hidden()

    await advisor.tap("End call")
    await advisor.reads("How did it end?")
    await customer.reads("Thank you for your visit")
    for side in (customer, advisor):
        await becomes_true(side.page, "screenLocks.held === 0")
