"""A photo in the call: asked for, taken in full size, drawn into and drawn on by both, and kept."""

import asyncio
import io
import re

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.async_api import Locator, Page, Route, expect

from media.photos import PhotoLinks
from showroom.ids import CallId
from showroom.media_tables import photos
from tests.browser import eyes
from tests.browser.agendas import Stage
from tests.browser.cast import DESKTOP, PHONE, Cast
from tests.browser.pages import AdvisorPage, CustomerPage, InCall, talk
from tests.browser.props import reload
from tests.browser.test_accessibility import flawless
from tests.nodes import SECRET

pytestmark = pytest.mark.asyncio(loop_scope="session")

OPEN = re.compile("Open photo 1")
# How large the picture lies on the screen, and where: left, top, width.
LIES = """(image) => {
  const box = image.getBoundingClientRect();
  return [box.left, box.top, box.width];
}"""


def thumbnail(side: InCall) -> Locator:
    return side.page.locator("#photo-last")


def viewer(side: InCall) -> Locator:
    return side.page.get_by_role("dialog", name="Photo 1")


async def takes_one(customer: CustomerPage, advisor: AdvisorPage) -> None:
    """Ask for a photo, take it, and wait until it is there on both sides."""
    await customer.tap("Ask for a photo")
    await advisor.tap("Take photo")
    for side in (customer, advisor):
        await expect(thumbnail(side)).to_be_visible()


async def opens(side: InCall) -> Locator:
    await thumbnail(side).click()
    await expect(viewer(side)).to_be_visible()
    image = side.page.locator("#photo-image")
    await expect(image).to_have_js_property("complete", True)
    return image


async def lies(image: Locator) -> list[float]:
    found: list[float] = await image.evaluate(LIES)
    return found


async def draws(side: InCall, *points: tuple[float, float]) -> None:
    """Draw a line on the open photo, through fractions of it."""
    pen = side.button("Draw")
    if await pen.get_attribute("aria-pressed") == "false":
        await pen.click()
    box = await side.page.locator("#photo-image").bounding_box()
    assert box
    spots = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    await side.page.mouse.move(*spots[0])
    await side.page.mouse.down()
    for spot in spots[1:]:
        await side.page.mouse.move(*spot, steps=6)
    await side.page.mouse.up()


async def has_strokes(side: InCall, n: int) -> None:
    await expect(side.page.locator("#photo-ink")).to_have_attribute("data-strokes", str(n))


async def size_of(page: Page) -> tuple[int, int]:
    """Return the size of the photo that is behind the open one."""
    address = await page.locator("#photo-image").get_attribute("src")
    answer = await page.context.request.get(str(address))
    assert answer.headers["content-type"] == "image/jpeg"
    return Image.open(io.BytesIO(await answer.body())).size


async def test_a_photo_that_was_asked_for_arrives_in_full_size_while_the_picture_moves(
    cast: Cast,
) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await customer.tap("Ask for a photo")
    await customer.reads("Photo asked for")
    await advisor.reads("Your customer would like a photo")
    await expect(customer.button("Ask for a photo")).to_be_hidden()
    await advisor.tap("Take photo")
    await expect(thumbnail(customer)).to_be_visible()
    await customer.reads("A photo from your advisor")
    await advisor.reads("Your customer has the photo")
    await eyes.moves(customer.live_view)
    await opens(customer)
    frame = await advisor.own_view.evaluate("(v) => [v.videoWidth, v.videoHeight]")
    width, height = await size_of(customer.page)
    assert width >= frame[0]
    assert height >= frame[1]
    await expect(customer.page.get_by_text("Your advisor is looking at it too")).to_be_hidden()
    await opens(advisor)
    await customer.reads("Your advisor is looking at it too")
    await advisor.reads("Your customer is looking at it too")
    await customer.tap("Close the photo")
    await expect(advisor.words("Your customer is looking at it too")).to_be_hidden()
    # It can be asked for again.
    await expect(customer.button("Ask for a photo")).to_be_visible()


async def test_a_photo_of_the_last_call_is_in_nobodys_way(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    first: list[str] = []

    async def later(route: Route) -> None:
        """Put the photo of the first call off, again and again."""
        call = route.request.url.partition("/photos/")[0]
        first[:] = first or [call]
        if call in first:
            await route.fulfill(json={"ok": False, "received": 0, "code": "try_again"})
        else:
            await route.continue_()

    await advisor.page.route("**/photos/*", later)
    await advisor.tap("Take photo")
    await advisor.reads("The photo waits")
    await customer.hangs_up()
    await advisor.saves("Offer wanted")
    other = await cast.customer()
    await talk(other, advisor)
    await advisor.tap("Take photo")
    await expect(thumbnail(other)).to_be_visible()
    await expect(advisor.page.locator("#remedy")).to_be_hidden()


async def test_two_taps_take_one_photo_and_the_advisor_needs_no_wish(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await advisor.button("Take photo").dblclick()
    await expect(thumbnail(customer)).to_be_visible()
    await expect(advisor.button("Take photo")).to_be_visible()
    await customer.open_chat()
    taken = customer.conversation().get_by_role("button", name=re.compile("Open photo"))
    await expect(taken).to_have_count(1)
    await taken.click()
    await expect(viewer(customer)).to_be_visible()


async def test_a_wish_is_taken_back_or_declined(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await customer.tap("Ask for a photo")
    await advisor.reads("Your customer would like a photo")
    await customer.tap("Take the request back")
    await expect(advisor.words("Your customer would like a photo")).to_be_hidden()
    await customer.tap("Ask for a photo")
    await advisor.tap("Not now")
    await expect(customer.button("Ask for a photo")).to_be_visible()


async def test_both_draw_on_it_live_and_a_reload_keeps_it(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await takes_one(customer, advisor)
    await asyncio.gather(opens(customer), opens(advisor))
    await draws(customer, (0.2, 0.2), (0.6, 0.3), (0.8, 0.7))
    await has_strokes(advisor, 1)
    await draws(advisor, (0.3, 0.8), (0.7, 0.6))
    await has_strokes(customer, 2)
    await draws(advisor, (0.1, 0.1), (0.1, 0.5))
    await has_strokes(customer, 3)
    await advisor.tap("Undo")
    await has_strokes(customer, 2)
    await has_strokes(advisor, 2)
    await reload(customer.page)
    # It was open, and is open again, with all that was drawn.
    await expect(viewer(customer)).to_be_visible()
    await has_strokes(customer, 2)
    await customer.tap("Undo")
    await has_strokes(advisor, 1)
    await advisor.tap("Clear")
    await has_strokes(customer, 0)
    await expect(advisor.button("Clear")).to_be_disabled()


async def test_a_photo_is_drawn_into_with_wheel_keys_buttons_and_a_double_tap(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await takes_one(customer, advisor)
    image = await opens(customer)
    whole = await lies(image)
    stage = customer.page.locator("#photo-stage")
    await expect(stage).to_be_focused()
    await customer.page.keyboard.press("+")
    await customer.page.keyboard.press("+")
    assert (await lies(image))[2] == pytest.approx(whole[2] * 2.25, rel=0.01)
    before = await lies(image)
    await customer.page.keyboard.press("ArrowRight")
    assert (await lies(image))[0] < before[0]
    await customer.page.keyboard.press("0")
    assert await lies(image) == pytest.approx(whole)
    await customer.page.mouse.move(640, 400)
    await customer.page.mouse.wheel(0, -400)
    await expect(customer.button("Zoom out")).to_be_enabled()
    assert (await lies(image))[2] > whole[2] * 1.5
    left, top, _ = await lies(image)
    await customer.page.mouse.down()
    await customer.page.mouse.move(700, 430, steps=4)
    await customer.page.mouse.up()
    moved = await lies(image)
    assert (moved[0] - left, moved[1] - top) == pytest.approx((60, 30), abs=1)
    await stage.dblclick(position={"x": 640, "y": 400})
    assert await lies(image) == pytest.approx(whole)
    await customer.tap("Zoom in")
    assert (await lies(image))[2] == pytest.approx(whole[2] * 1.5, rel=0.01)
    await customer.page.keyboard.press("Escape")
    await expect(viewer(customer)).to_be_hidden()


async def test_two_fingers_pinch_into_it_also_while_one_draws(cast: Cast) -> None:
    customer = await cast.customer(viewport=PHONE, has_touch=True, is_mobile=True)
    advisor = await cast.advisor()
    await talk(customer, advisor)
    await takes_one(customer, advisor)
    image = await opens(customer)
    whole = await lies(image)
    await customer.tap("Draw")
    fingers = await customer.page.context.new_cdp_session(customer.page)

    async def touch(kind: str, *points: tuple[float, float]) -> None:
        spots = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        await fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    await touch("touchStart", (150, 400))
    await touch("touchStart", (150, 400), (240, 400))
    for step in range(1, 7):
        await touch("touchMove", (150 - 10 * step, 400), (240 + 10 * step, 400))
    await touch("touchEnd")
    grown = await lies(image)
    assert grown[2] == pytest.approx(whole[2] * 210 / 90, rel=0.05)
    await has_strokes(customer, 0)
    await touch("touchStart", (150, 400))
    await touch("touchMove", (180, 420))
    await touch("touchMove", (220, 430))
    await touch("touchEnd")
    await has_strokes(customer, 1)
    assert await lies(image) == pytest.approx(grown)


async def test_photos_are_there_after_the_call_with_what_was_drawn(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await takes_one(customer, advisor)
    await opens(customer)
    await draws(customer, (0.2, 0.2), (0.6, 0.3))
    await customer.tap("Close the photo")
    await customer.hangs_up()
    await customer.reads("Your photo")
    for _ in range(2):
        await customer.tap("Open photo 1")
        await expect(viewer(customer)).to_be_visible()
        await has_strokes(customer, 1)
        await expect(customer.button("Draw")).to_be_hidden()
        await reload(customer.page)
        await customer.reads("Your photo")


async def test_a_line_that_breaks_while_a_photo_goes_out_delays_it_only(cast: Cast) -> None:
    cast.forgive("ERR_INTERNET_DISCONNECTED|ERR_FAILED")
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    broken = True

    async def line(route: object) -> None:
        await (route.abort() if broken else route.continue_())  # type: ignore[attr-defined]

    await advisor.page.route("**/advisor/calls/*/photos/*", line)
    await advisor.tap("Take photo")
    await advisor.reads("The photo waits for the line")
    await customer.reads("Your advisor is taking a photo…")
    broken = False
    await expect(thumbnail(customer)).to_be_visible()


async def test_a_photo_that_the_server_has_no_room_for_is_said_and_the_call_goes_on(
    cast: Cast,
) -> None:
    cast.forgive("507")
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    refusal = '{"ok": false, "code": "storage_full", "message": "x"}'
    await advisor.page.route(
        "**/advisor/calls/*/photos/*", lambda route: route.fulfill(status=507, body=refusal)
    )
    await customer.tap("Ask for a photo")
    await advisor.tap("Take photo")
    await advisor.reads("There is no room left on the server")
    await customer.reads("No photo came.")
    await expect(customer.button("Ask for a photo")).to_be_visible()
    await eyes.moves(customer.live_view)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
async def test_without_image_capture_the_frame_itself_is_the_photo(
    cast: Cast, viewport: dict[str, int]
) -> None:
    customer = await cast.customer(viewport=viewport)
    advisor = AdvisorPage(await cast.staff("alice@example.com", "/advisor"))
    await advisor.page.evaluate("() => { delete globalThis.ImageCapture; }")
    await advisor.goes_on_duty()
    await talk(customer, advisor)
    await takes_one(customer, advisor)
    await opens(customer)
    frame = await advisor.own_view.evaluate("(v) => [v.videoWidth, v.videoHeight]")
    assert list(await size_of(customer.page)) == frame


async def test_a_photo_and_its_page_serve_everybody(stage: Stage) -> None:
    customer, advisor = await stage.cast.couple()
    await talk(customer, advisor)
    await customer.tap("Ask for a photo")
    await advisor.reads("Your customer would like a photo")
    await flawless(customer.page, "a photo asked for")
    await flawless(advisor.page, "a wish for a photo")
    await advisor.tap("Take photo")
    await expect(thumbnail(customer)).to_be_visible()
    await flawless(customer.page, "a photo that came")
    await opens(customer)
    await draws(customer, (0.2, 0.2), (0.6, 0.3), (0.8, 0.7))
    await flawless(customer.page, "the open photo")
    await customer.tap("Close the photo")
    await customer.hangs_up()
    await advisor.saves("Interested")
    async with stage.database.read() as connection:
        call = await connection.scalar(sa.select(photos.c.call_id))
    token = PhotoLinks(SECRET).token(stage.paris, CallId(str(call)))
    await customer.page.goto(f"/p/{token}")
    await expect(customer.page.get_by_role("img", name="Photo 1 of your visit")).to_be_visible()
    await flawless(customer.page, "the photos after the call")
    picture = await customer.page.locator(".photo__frame img").bounding_box()
    ink = await customer.page.locator(".photo__ink").bounding_box()
    assert ink == pytest.approx(picture)
