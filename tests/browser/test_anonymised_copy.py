"""A manager has an anonymised copy made, follows it, also on a page loaded anew, and plays it."""

import pytest
from playwright.async_api import Page, expect

from media.recording.book import Recording, Recordings
from showroom.calls import CallRecord, CallRecords
from showroom.clock import system_clock
from showroom.database import Database
from showroom.files import FolderFiles
from showroom.ids import CallId, new_id
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from showroom.words import CallState
from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.pages import ManagerPage
from tests.browser.props import reload
from tests.media.anonymise.films import small_film_of_a_face
from tests.recordings import a_kept_recording

pytestmark = pytest.mark.asyncio(loop_scope="session")

FPS = 10
# Long enough to be seen while it is made.
FILM = small_film_of_a_face(40, FPS)[0]


async def a_recorded_call(settings: Settings, film: bytes = FILM) -> Recording:
    """Keep a call of just now, and a film as its recording."""
    now = system_clock()
    async with Database.open(settings.database_url) as database:
        paris = (await Showrooms(database).by_slug("paris")).id
        files = FolderFiles(settings.data_dir / "files")
        book = Recordings(database, files, settings.require_secret_key(), system_clock)
        call = CallRecord(
            CallId(new_id()), paris, 1, CallState.CLOSED, "en", None, now, ended_at=now
        )
        await CallRecords(database).save(call, [])
        return await a_kept_recording(book, paris, call.id, film, system_clock)


async def opens_the_call(manager: ManagerPage) -> None:
    await manager.calls().first.get_by_role("button").click()
    await expect(manager.button("Play the recording")).to_be_visible()


async def shown(page: Page) -> str:
    return str(await page.locator("#playback-video").evaluate("(video) => video.currentSrc"))


async def test_a_copy_is_made_cancelled_made_again_and_played(
    cast: Cast, settings: Settings
) -> None:
    await a_recorded_call(settings)
    manager = await cast.manager()
    page = manager.page
    await opens_the_call(manager)
    await manager.tap("Make an anonymised copy")
    bar = page.get_by_role("progressbar", name="Progress of the anonymised copy")
    await expect(bar).to_be_visible()
    await expect(page.locator("#copy-percent")).to_have_text("Anonymised copy: 0 %")
    await manager.tap("Cancel")
    await expect(bar).to_be_hidden()
    await manager.button("Make an anonymised copy").dblclick()
    await expect(bar).to_be_visible()
    await reload(page)
    await opens_the_call(manager)
    # Others go before a copy: on a busy machine it takes its time.
    await expect(manager.button("Play the anonymised copy")).to_be_visible(timeout=90_000)
    await manager.tap("Play the anonymised copy")
    video = page.locator("#playback-video")
    await manager.reads("This is the anonymised copy.")
    await eyes.moves(video)
    assert "/copy?" in await shown(page)
    assert await video.evaluate("(video) => video.duration") == pytest.approx(4, abs=0.3)
    await video.evaluate("(video) => { video.currentTime = 1; }")
    await expect(video).to_have_js_property("seeking", False)
    await manager.tap("Play the recording")
    await eyes.moves(video)
    assert "/copy?" not in await shown(page)
    await manager.tap("Delete the recording")
    await manager.tap("Delete it for good?")
    await manager.reads("The recording is deleted.")
    await expect(page.locator("#copy")).to_be_hidden()
    assert not [*(settings.data_dir / "files").rglob("recordings/*")]
