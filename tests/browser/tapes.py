"""A house that records, two pages in a recorded call, and what becomes of it."""

import asyncio
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from playwright.async_api import expect

from media.recording.book import Recording, Recordings, State
from showroom.clock import system_clock
from showroom.database import Database
from showroom.files import FolderFiles
from showroom.ids import CallId
from showroom.media_tables import recordings
from showroom.settings import Settings
from showroom.showrooms import Policy, Showrooms
from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.pages import AdvisorPage, CustomerPage, talk

ALLOWED = Policy(recording=True)
SIGN = "#recording-sign"
PATIENCE = 60


async def recorded(cast: Cast) -> tuple[CustomerPage, AdvisorPage]:
    """Return both pages of a call in which the recording runs, and frames flow."""
    both = await cast.couple()
    await talk(*both)
    await record(*both)
    return both


async def record(customer: CustomerPage, advisor: AdvisorPage) -> None:
    """Let the advisor ask, and the customer agree."""
    # What a screen reader shall read is said in a place that was there before.
    news = customer.page.get_by_role("status").filter(has=customer.page.locator(SIGN))
    await expect(news).to_have_count(1)
    await advisor.tap("Record")
    await customer.reads("would like to record this call")
    await customer.tap("I agree")
    for page in (customer.page, advisor.page):
        await expect(page.locator(SIGN)).to_be_visible()
    await expect(customer.page.locator(SIGN)).to_contain_text("Recording")
    await eyes.moves(customer.live_view)


def parts(settings: Settings) -> list[Path]:
    """Return the files that grow, first begun first."""
    return sorted((settings.data_dir / "files").rglob("*.part"), key=began)


def began(part: Path) -> int:
    """Return when a part began, in UTC milliseconds: it stands in its name."""
    return int(part.stem.rsplit("-", 2)[1])


async def goes_on(settings: Settings, seconds: int) -> None:
    """Wait until what is recorded has grown for so many seconds: on a slow machine later."""
    grew, before = 0, 0
    async with asyncio.timeout(PATIENCE):
        while grew < seconds:
            await asyncio.sleep(1)  # a cluster is written for each second
            size = sum(part.stat().st_size for part in parts(settings))
            grew, before = grew + (size > before), size


def covered(moments: Iterable[float]) -> int:
    """Return in how many whole seconds something is. `moments`: in seconds."""
    return len({int(at) for at in moments})


@dataclass(frozen=True)
class Tape:
    """A finished recording, and all of its bytes."""

    recording: Recording
    data: bytes

    def pictures(self) -> list[tuple[float, Any]]:
        """Return when each picture is, in seconds, and its brightness as an array."""
        file: Any
        with av.open(io.BytesIO(self.data)) as file:
            return [(frame.time, frame.to_ndarray(format="gray")) for frame in file.decode(video=0)]


async def tapes(settings: Settings, count: int = 1) -> Sequence[Tape]:
    """Wait until so many recordings can be played; return them, first begun first."""
    files = FolderFiles(settings.data_dir / "files")
    async with Database.open(settings.database_url) as database:
        paris = (await Showrooms(database).by_slug("paris")).id
        book = Recordings(database, files, settings.require_secret_key(), system_clock)
        async with asyncio.timeout(PATIENCE):
            while True:
                async with database.read() as connection:
                    rows = await connection.execute(recordings.select().order_by("started_at"))
                    calls = dict.fromkeys(CallId(row.call_id) for row in rows)
                found = [one for call in calls for one in await book.of_call(paris, call)]
                if len(found) == count and all(one.state is State.READY for one in found):
                    return [Tape(one, await book.read(one, 0, one.size)) for one in found]
                await asyncio.sleep(0.1)
