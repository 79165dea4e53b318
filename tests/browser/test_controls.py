"""What customers have in their hands: size and loudness; what they know before and after."""

import pytest
from playwright.async_api import expect

from tests.browser.cast import Cast
from tests.browser.pages import talk
from tests.browser.props import becomes_true

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_customer_has_size_and_loudness_in_hand_and_knows_what_to_expect_and_what_was(
    cast: Cast,
) -> None:
    customer, advisor = await cast.couple()
    await customer.page.get_by_role("button", name="Crête").click()
    await talk(customer, advisor)
    await customer.tap("Full screen")
    await becomes_true(customer.page, "document.fullscreenElement?.id === 'view-live'")
    await customer.tap("Leave full screen")
    await becomes_true(customer.page, "document.fullscreenElement === null")
    await expect(customer.button("Full screen")).to_be_visible()
    for loudness in (0.3, 0, 1):
        await customer.page.get_by_role("slider", name="Volume").fill(str(loudness))
        assert await customer.live_view.evaluate("(video) => video.volume") == loudness

    second, third = await cast.customer(), await cast.customer()
    await second.reads("Open now. Expected wait: about 6 minutes")
    await second.call()
    await second.reads("Expected wait: about 6 minutes.")
    await third.reads("Open now. Expected wait: about 12 minutes")
    await third.call()
    await third.reads("1 person is ahead of you. Expected wait: about 12 minutes.")

    await customer.hangs_up()
    await customer.reads("Cars you have seen")
    await customer.reads("Crête")
    steps = customer.page.get_by_role("region", name="What happens next").get_by_role("listitem")
    await expect(steps).to_have_count(3)
    for step, word in enumerate(("what you agreed on", "one tap away", "Nothing was recorded")):
        await expect(steps.nth(step)).to_contain_text(word)
