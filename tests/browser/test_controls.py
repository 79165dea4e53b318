"""What customers have in their hands: size and loudness; what they know before and after."""

import pytest
from playwright.async_api import expect

from tests.browser.cast import Cast
from tests.browser.pages import talk
from tests.browser.props import becomes_true, equip

pytestmark = pytest.mark.asyncio(loop_scope="session")


# A page on which eight seconds are half a one. It counts how often they have passed.
HASTE = """
window.passed = 0;
const wait = window.setTimeout;
window.setTimeout = (then, ms, ...given) => {
  if (ms !== 8000) return wait(then, ms, ...given);
  return wait(() => (passed++, then()), 500);
};
"""


async def test_the_choice_of_the_data_saver_goes_once_nobody_is_at_it(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await equip(customer.page, HASTE)
    await talk(customer, advisor)
    await customer.page.get_by_role("switch", name="Data saver").click()
    choice = customer.page.locator("#saver-choice")
    await choice.hover()
    await becomes_true(customer.page, "passed > 1")
    await expect(choice).to_be_visible()
    await customer.page.mouse.move(5, 5)
    await expect(choice).to_be_hidden()


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
