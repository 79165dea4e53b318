"""Recording: asked for and agreed on, on real pages; then played by the manager, or deleted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from showroom.clock import system_clock
from showroom.relaying import media_workers
from showroom.settings import Settings
from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.conftest import OpenHouse
from tests.browser.pages import talk
from tests.browser.props import reload
from tests.browser.tapes import (
    ALLOWED,
    SIGN,
    began,
    covered,
    goes_on,
    parts,
    record,
    recorded,
    tapes,
)
from tests.browser.test_company import companion, link_of
from tests.browser.test_room_on_a_phone import apart, box
from tests.recordings import look

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECONDS = 6
# Whoever takes their consent back is not recorded for longer (ms).
WITHIN = 2_000


@pytest_asyncio.fixture(loop_scope="session")
async def cast(open_house: OpenHouse, settings: Settings) -> AsyncIterator[Cast]:
    """A house that may record, with a media worker."""
    opened = await open_house(policy=ALLOWED)
    async with media_workers(settings, settings.redis_url, 1):
        yield opened


async def test_two_pages_are_recorded_and_the_manager_plays_it_and_jumps(
    cast: Cast, settings: Settings
) -> None:
    customer, advisor = await recorded(cast)
    await goes_on(settings, SECONDS)
    first = parts(settings)[0]
    tapped = system_clock()
    await customer.tap("Stop recording")
    await advisor.reads("The recording has stopped.")
    await expect(advisor.page.locator(SIGN)).to_be_hidden()
    [tape] = await tapes(settings)
    recording, seen = tape.recording, look(tape.data)
    assert seen.duration > SECONDS - 2
    assert covered(seen.pictures) > SECONDS - 2
    assert len(seen.beeps) == 3
    assert began(first) + recording.duration_ms < tapped + WITHIN, "nothing of what came later"
    manager = await cast.manager()
    await manager.calls().first.get_by_role("button").click()
    await manager.tap("Play the recording")
    video = manager.page.locator("#playback-video")
    await eyes.moves(video)
    assert await video.evaluate("(video) => video.duration") == pytest.approx(
        recording.duration_ms / 1000, abs=0.2
    )
    jump = manager.page.get_by_role("button", name="Play from here").last
    await jump.click()
    await video.evaluate("(video) => { video.currentTime = 1; }")
    await expect(video).to_have_js_property("seeking", False)
    await eyes.moves(video)


async def test_who_deletes_it_leaves_no_file(cast: Cast, settings: Settings) -> None:
    customer, advisor = await recorded(cast)
    folder = settings.data_dir / "files"
    await until_there(folder, 1)
    await customer.tap("Stop recording")
    await customer.tap("Delete the recording")
    await advisor.reads("The recording is deleted.")
    await until_there(folder, 0)
    await eyes.moves(customer.live_view)


async def test_it_can_be_deleted_after_a_reload_and_after_the_call(
    cast: Cast, settings: Settings
) -> None:
    customer, advisor = await recorded(cast)
    folder = settings.data_dir / "files"
    await until_there(folder, 1)
    await customer.tap("Stop recording")
    for one in (customer, advisor):
        await reload(one.page)
        await expect(one.button("Delete the recording")).to_be_visible()
    await customer.hangs_up()
    for one in (customer, advisor):
        await one.reads("This call was recorded.")
    await expect(customer.page.get_by_text("Nothing was recorded")).to_be_hidden()
    await advisor.tap("Delete the recording")
    for one in (customer, advisor):
        await one.reads("The recording is deleted.")
        await expect(one.button("Delete the recording")).to_be_hidden()
    await until_there(folder, 0)


async def test_a_page_that_is_loaded_anew_is_recorded_on_and_says_so(
    cast: Cast, settings: Settings
) -> None:
    customer, advisor = await recorded(cast)
    for one, moving in ((customer, customer.live_view), (advisor, customer.live_view)):
        await reload(one.page)
        await expect(one.page.locator(SIGN)).to_be_visible()
        await eyes.moves(moving)
    loaded = system_clock()
    await goes_on(settings, SECONDS)
    first = parts(settings)[0]
    await advisor.tap("Stop recording")
    [tape] = await tapes(settings)
    after = [at for at, _ in tape.pictures() if began(first) + at * 1000 > loaded]
    assert covered(after) > SECONDS - 2


async def test_who_comes_later_sees_that_it_is_recorded(cast: Cast) -> None:
    customer, advisor = await recorded(cast)
    friend = await companion(cast, await link_of(customer), "Maria")
    await advisor.tap("Admit")
    await expect(friend.page.locator(SIGN)).to_be_visible()
    manager = await cast.manager()
    await manager.tap("Listen: Alice Martin")
    await expect(manager.page.locator(SIGN)).to_be_visible()
    await customer.tap("Stop recording")
    for one in (friend, manager):
        await expect(one.page.locator(SIGN)).to_be_hidden()


async def test_a_double_tap_does_what_one_does(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await advisor.button("Record").dblclick()
    await customer.button("No thanks").dblclick()
    await advisor.reads("Nothing is recorded.")
    await customer.reads("Nothing is recorded.")
    await customer.button("Record").dblclick()
    await advisor.button("I agree").dblclick()
    await expect(customer.page.locator(SIGN)).to_be_visible()
    await customer.button("Stop recording").dblclick()
    await customer.reads("The recording has stopped.")
    await expect(customer.button("Delete the recording")).to_be_visible()
    await advisor.reads("The recording has stopped.")


async def test_a_question_is_gone_with_the_call(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await customer.tap("Record")
    await advisor.reads("would like to record this call")
    await customer.hangs_up()
    await expect(advisor.page.locator("#recording-question")).to_be_hidden()
    await expect(customer.page.locator("#recording-asked")).to_be_hidden()


async def until_there(folder: Path, count: int) -> None:
    """Wait until so many files of recordings are there."""
    for _ in range(100):
        if len(list(folder.rglob("recordings/*"))) == count:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(list(folder.rglob("recordings/*")))


async def test_a_card_covers_neither_the_offer_to_record_nor_the_sign(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await advisor.shows("Crête")
    card = customer.page.locator("#shown-card")
    for place in ("#record", SIGN):
        await expect(card).to_be_visible()
        for width, height in ((390, 844), (844, 390), (1280, 800)):
            await customer.page.set_viewport_size({"width": width, "height": height})
            other = customer.page.locator(place)
            assert await apart(card, other), (place, width, await box(card), await box(other))
        if place == "#record":
            await record(customer, advisor)
