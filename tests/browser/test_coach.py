"""The picture coach in the advisor's hand, and the stills of the floor for managers."""

import asyncio

import pytest
from playwright.async_api import Locator, expect

from showroom.showrooms import Policy
from tests.browser.album import Album
from tests.browser.cast import Cast
from tests.browser.conftest import OpenHouse
from tests.browser.pages import AdvisorPage, talk
from tests.browser.props import PHONE, becomes_true, equip, record

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A phone in a room where next to nothing is to be seen.
DARK_ROOM = PHONE.replace("#e000e0", "#0a0a0a").replace("#ffffff", "#1c1c1c")


# Whether two blocks have nothing in common on the screen.
APART = """([one, other]) => {
  const [a, b] = [one, other].map((name) => document.querySelector(name).getBoundingClientRect());
  return a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
}"""


def the_hint(advisor: AdvisorPage) -> Locator:
    """Return where the coach's words stand, and a screen reader hears them."""
    return advisor.page.locator("#coach[role=status] #coach-text")


async def test_in_a_dark_room_the_light_is_one_tap_away(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await equip(advisor.page, DARK_ROOM)
    await talk(customer, advisor)
    await expect(the_hint(advisor)).to_have_text("Too dark: light?")
    await advisor.page.locator("#coach").get_by_role("button", name="Turn light on").click()
    await becomes_true(advisor.page, "phone.constraints.length === 1")
    assert (await record(advisor.page, "phone.constraints"))[0]["advanced"] == [{"torch": True}]
    await expect(the_hint(advisor)).to_have_text("")


async def test_a_hint_covers_neither_the_customer_nor_a_control_and_can_be_sent_away(
    cast: Cast, album: Album | None
) -> None:
    customer, advisor = await cast.couple()
    page = advisor.page
    await equip(page, DARK_ROOM)
    await talk(customer, advisor)
    card = page.locator("#coach-card")
    await expect(card).to_be_visible()
    if album:
        await album.take(page, "coach")
    for size in ((390, 844), (844, 390), (820, 1180), (1440, 900)):
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        for corner in ("top-end", "top-start", "bottom-end", "bottom-start"):
            await page.locator("#customer-video").evaluate(
                "(video, corner) => (video.dataset.corner = corner)", corner
            )
            for other in (
                "#customer-video",
                ".controls",
                "#lens",
                "#lead-open",
                "#photo-bar",
                ".call__top p",
            ):
                assert await page.evaluate(APART, ["#coach-card", other]), (size, corner, other)
    await page.get_by_role("button", name="Dismiss the hint").click()
    await expect(card).to_be_hidden()
    await expect(the_hint(advisor)).to_have_text("")


async def test_a_manager_sees_what_the_camera_shows_until_the_call_ends(
    open_house: OpenHouse, album: Album | None
) -> None:
    cast = await open_house(policy=Policy(manager_stills=True))
    (customer, advisor), manager = await asyncio.gather(cast.couple(), cast.manager())
    await talk(customer, advisor)
    await advisor.reads("Your managers can see stills of this call")
    still = manager.page.get_by_role("img", name="What Alice Martin shows")
    await expect(still).to_be_visible()
    first = await still.get_attribute("src")
    await expect(still).not_to_have_attribute("src", first or "")
    await becomes_true(manager.page, "document.querySelector('#running img').naturalWidth >= 100")
    if album:
        await album.take(manager.page, "floor-stills")
        await album.take(advisor.page, "told-of-stills")
    await advisor.tap("Hold")
    await expect(still).to_be_hidden()
    await advisor.tap("Resume")
    await expect(still).to_be_visible()
    await customer.hangs_up()
    await expect(still).to_be_hidden()
