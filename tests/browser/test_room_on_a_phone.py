"""A small screen has room for everything at once: nothing lies over what matters."""

import pytest
from playwright.async_api import FloatRect, Locator, ViewportSize, expect

from tests.browser import eyes
from tests.browser.cast import DESKTOP, Cast
from tests.browser.pages import talk

pytestmark = pytest.mark.asyncio(loop_scope="session")

TABLET = ViewportSize(width=820, height=1180)
PHONE = ViewportSize(width=390, height=844)


async def box(place: Locator) -> FloatRect:
    """Return where something lies on the screen."""
    found = await place.bounding_box()
    assert found
    return found


async def apart(one: Locator, other: Locator) -> bool:
    """Say whether two things don't cover each other."""
    a, b = await box(one), await box(other)
    beside = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
    above = a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]
    return beside or above


async def test_with_everything_open_each_word_is_legible_and_the_end_of_the_call_in_reach(
    cast: Cast,
) -> None:
    customer = await cast.customer(viewport=DESKTOP, permissions=["camera"])
    advisor = await cast.advisor()
    await talk(customer, advisor)
    message = customer.page.get_by_label("Message", exact=True)
    await expect(message).to_be_visible()
    # Turned upright, a chat that nobody has used leaves the whole screen to the picture.
    await customer.page.set_viewport_size(TABLET)
    await expect(message).to_be_hidden()
    assert (await box(customer.live_view))["height"] > 0.8 * TABLET["height"]
    await customer.open_chat()
    hint = customer.words("Tap on the picture to show what you mean")
    chat = customer.page.get_by_role("complementary", name="Chat")
    assert await apart(hint, chat)
    await customer.page.set_viewport_size(PHONE)
    await customer.tap("Turn camera on")
    await eyes.moves(advisor.customer_view)
    await advisor.shows("Crête")
    card = customer.page.get_by_role("complementary").filter(has_text="Crête")
    await expect(card).to_be_visible()

    await advisor.tap("Turn microphone off")
    line = customer.words("Your advisor’s microphone is off")
    await expect(line).to_be_visible()
    for other in (card, chat, customer.page.get_by_label("Your own picture")):
        assert await apart(line, other)

    # The advisor's tools are open all the time, and the call's buttons beside them can be tapped.
    await advisor.tap("Hold")
    for word in ("One moment", "Alice Martin will be right back."):
        await expect(customer.words(word)).to_be_visible()
        for other in (card, chat):
            assert await apart(customer.words(word), other)
    await expect(customer.page.get_by_label("Your own picture")).to_be_hidden()
    await advisor.tap("End call")
    await customer.reads("Thank you for your visit")
