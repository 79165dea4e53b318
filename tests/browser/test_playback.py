"""A manager plays and deletes recordings, and is faster than the server, or taps twice."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from showroom.settings import Settings
from tests.browser.cast import Cast
from tests.browser.pages import ManagerPage
from tests.browser.test_anonymised_copy import a_recorded_call, opens_the_call

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def closes(manager: ManagerPage) -> None:
    await manager.page.get_by_role("dialog").get_by_role("button", name="Close").click()


async def test_an_answer_that_comes_after_the_sheet_was_closed_plays_nothing(
    cast: Cast, settings: Settings
) -> None:
    await a_recorded_call(settings)
    first = await a_recorded_call(settings)
    manager = await cast.manager()
    page = manager.page
    late = asyncio.Event()

    async def link(route: Route) -> None:
        await late.wait()
        await route.continue_()

    await page.route("**/link?*", link, times=1)
    await opens_the_call(manager)
    await manager.tap("Play the recording")
    await closes(manager)
    await manager.calls().last.get_by_role("button").click()
    await expect(manager.button("Play the recording")).to_be_visible()
    async with page.expect_response("**/link?*"):
        late.set()
    # The page has had its answer: what comes next is the other call's.
    video = page.locator("#playback-video")
    await manager.tap("Play the recording")
    await expect(video).to_be_visible()
    assert first.id not in str(await video.evaluate("(video) => video.currentSrc"))
    await expect(manager.button("Play the recording")).to_be_hidden()


async def test_a_double_tap_on_delete_only_asks(cast: Cast, settings: Settings) -> None:
    await a_recorded_call(settings)
    manager = await cast.manager()
    await opens_the_call(manager)
    await manager.button("Delete the recording").dblclick()
    await expect(manager.page.locator("#playback-state")).to_contain_text("Tap once more")
    really = manager.button("Delete it for good?")
    await expect(really).to_be_enabled()
    await expect(really).to_be_focused()
    assert [*(settings.data_dir / "files").rglob("recordings/*")]
    await really.click()
    await manager.reads("The recording is deleted.")
    assert not [*(settings.data_dir / "files").rglob("recordings/*")]
