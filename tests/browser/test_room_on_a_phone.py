"""A small screen has room for everything at once: nothing lies over what matters."""

import pytest
from playwright.async_api import FloatRect, Locator, ViewportSize, expect

from showroom.database import Database
from showroom.settings import Settings
from showroom.words import Role
from tests.browser import eyes
from tests.browser.cast import DESKTOP, Cast
from tests.browser.pages import AdvisorPage, talk
from tests.browser.props import IN_USE, equip
from tests.browser.test_screens import fits
from tests.samples import PASSWORD, staff_of
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.asyncio(loop_scope="session")

TABLET = ViewportSize(width=820, height=1180)
PHONE = ViewportSize(width=390, height=844)
SMALL = (
    ViewportSize(width=844, height=390),
    ViewportSize(width=667, height=375),
    ViewportSize(width=360, height=640),
)
# One line of a conversation.
LINE = 40


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


async def test_an_advisor_with_a_small_phone_reads_the_chat_and_finds_the_camera_that_failed(
    cast: Cast, settings: Settings
) -> None:
    async with Database.open(settings.database_url) as database:
        houses = {"paris": Role.ADVISOR, "lyon": Role.ADVISOR}
        staff = staff_of(database, VirtualClock())
        await staff.add("both@example.com", "Zoé Sand", PASSWORD, houses, ["en", "fr"])
    both = await cast.staff("both@example.com", "/advisor?lang=fr")
    await expect(both.get_by_role("combobox", name="Showroom")).to_be_visible()
    await fits(both, "two showrooms")
    page = await cast.staff("alice@example.com", "/advisor?lang=fr")
    await fits(page, "French")
    await page.goto("/advisor?lang=en")
    await equip(page, IN_USE)
    customer, advisor = await cast.customer(), AdvisorPage(page)
    await advisor.goes_on_duty()
    await customer.call()
    await advisor.accepts()
    await fits(page, "live, without camera")
    await page.set_viewport_size(SMALL[-1])
    await page.evaluate("failing.audio = failing.video = ''")
    await advisor.tap("Turn camera on")
    await eyes.moves(customer.live_view)
    await expect(advisor.button("Turn camera off")).to_be_hidden()

    await customer.write("Does it tow?")
    await advisor.open_chat()
    message = page.get_by_label("Message", exact=True)
    ready = page.get_by_role("group", name="Ready-made lines")
    for viewport in SMALL:
        await page.set_viewport_size(viewport)
        assert await apart(message, ready)
        assert await apart(message, advisor.conversation())
        assert (await box(advisor.conversation()))["height"] >= LINE
        for place in (message, ready):
            spot = await box(place)
            assert spot["y"] + spot["height"] <= viewport["height"]
        assert await apart(ready, advisor.button("End call"))
        assert (await box(advisor.own_view))["height"] > viewport["height"] / 3
