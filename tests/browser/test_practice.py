"""A practice call: half a minute through the relay, and what the coach says of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from media.relay.switch import Switch
from showroom.relaying import media_workers
from showroom.settings import Settings
from showroom.valkey import connect
from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.pages import AdvisorPage
from tests.browser.props import PHONE, becomes_true, equip, go

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A phone in a room where next to nothing is to be seen.
DARK_ROOM = PHONE.replace("#e000e0", "#0a0a0a").replace("#ffffff", "#1c1c1c")
PATIENCE_MS = 60_000


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def worker(settings: Settings) -> AsyncIterator[None]:
    """A media worker for the house, which has made itself known."""
    redis = await connect(settings.redis_url)
    try:
        async with (
            media_workers(settings, settings.redis_url, 1),
            asyncio.timeout(PATIENCE_MS / 1000) as waiting,
        ):
            while not await Switch(redis).workers():
                await asyncio.sleep(eyes.LOOK_EVERY)
            waiting.reschedule(None)
            yield
    finally:
        await redis.aclose()


async def practising(cast: Cast, *props: str) -> AdvisorPage:
    """Return an advisor's page that records a practice."""
    advisor = await cast.advisor()
    await equip(advisor.page, *props)
    await advisor.page.get_by_role("link", name="Practice call").click()
    await advisor.tap("Record 30 seconds")
    await advisor.reads("You are being recorded")
    return advisor


async def films(settings: Settings, count: int) -> None:
    """Wait until so many files of recordings are kept."""
    folder: Path = settings.data_dir / "files"
    async with asyncio.timeout(eyes.PATIENCE):
        while len([one for one in folder.rglob("*") if one.is_file()]) != count:
            await asyncio.sleep(eyes.LOOK_EVERY)


async def test_an_advisor_sees_a_practice_back_with_what_the_coach_saw_and_deletes_it(
    cast: Cast, settings: Settings
) -> None:
    advisor = await practising(cast, DARK_ROOM)
    page = advisor.page
    await expect(page.locator("#coach-text")).to_have_text("Too dark: light?", timeout=PATIENCE_MS)
    await advisor.tap("That’s enough")
    film = page.get_by_label("Your recording", exact=True)
    await expect(film).to_be_visible(timeout=PATIENCE_MS)
    await becomes_true(page, "document.querySelector('#practice-film').currentTime > 1")
    assert await film.evaluate("(video) => video.duration") > 3
    remark = page.get_by_role("button", name="Too dark")
    await remark.click()
    await expect(film).to_have_js_property("seeking", False)
    await advisor.tap("Delete it")
    await advisor.reads("Deleted.")
    await expect(film).to_be_hidden()
    await films(settings, 0)


async def test_one_that_nobody_ends_ends_by_itself_and_a_good_picture_gets_no_remark(
    cast: Cast,
) -> None:
    advisor = await practising(cast)
    film = advisor.page.get_by_label("Your recording", exact=True)
    await expect(film).to_be_visible(timeout=PATIENCE_MS)
    await becomes_true(advisor.page, "document.querySelector('#practice-film').duration > 28")
    assert await film.evaluate("(video) => video.duration") < 33
    await eyes.moves(film)
    await advisor.tap("Record again")
    await advisor.reads("You are being recorded")
    await go(advisor.page, "/advisor?showroom=paris")
    await expect(advisor.available).to_be_visible()


async def test_a_practice_that_is_deleted_elsewhere_is_not_waited_for_and_keys_keep_their_place(
    cast: Cast,
) -> None:
    advisor = await cast.advisor()
    page = advisor.page
    await page.get_by_role("link", name="Practice call").click()
    await advisor.button("Record 30 seconds").press("Enter")
    stop = advisor.button("That’s enough")
    await expect(stop).to_be_focused()
    cast.forgive("404")
    gone = {"ok": False, "code": "not_found", "message": ""}
    await page.route(
        lambda url: "/practice/" in url and "/end" not in url,
        lambda route: route.fulfill(status=404, json=gone),
    )
    await page.keyboard.press("Enter")
    await advisor.reads("This recording is deleted already.")
    await expect(advisor.button("Record 30 seconds")).to_be_focused()


async def test_without_a_camera_a_practice_says_what_to_do(cast: Cast) -> None:
    advisor = await cast.advisor()
    page = advisor.page
    await go(page, "/advisor/practice?showroom=paris")
    await page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () =>"
        " Promise.reject(new DOMException('no', 'NotFoundError')) }"
    )
    await advisor.tap("Record 30 seconds")
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(advisor.button("Record 30 seconds")).to_be_enabled()
