"""What ended becomes one file: not before its parts stand still, and not tried for ever."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog

from media.recording.book import MOST_TRIES, Agreed, Recording, Recordings, State
from media.recording.finisher import Finisher
from media.recording.vault import Sealing
from showroom.database import Database
from showroom.files import FileKind, FolderFiles, Place
from showroom.ids import CallId, RecordingId, StaffId, new_id
from showroom.media_tables import recordings
from showroom.showrooms import Policy, Showroom, Showrooms
from showroom.words import RecordingEnd
from tests.samples import a_showroom
from tests.virtual_clock import VirtualClock

CALL = CallId("call")


@pytest.fixture
async def paris(database: Database) -> Showroom:
    showroom = replace(a_showroom(), policy=Policy(recording=True))
    await Showrooms(database).save(showroom)
    return showroom


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "files"


class SlowDisk(Recordings):
    """A worker writes its last frames while the file is made, once."""

    grows = True

    async def parts_of(self, recording: Recording) -> Mapping[str, int]:
        parts = await super().parts_of(recording)
        if self.grows:
            self.grows = False
            write(self, recording, b"the last words")
        return parts


def write(book: Recordings, recording: Recording, data: bytes) -> None:
    started = recording.agreed.started_at
    place = Place(recording.showroom_id, FileKind.RECORDING, f"{recording.id}-{started}-w1.part")
    with book.files.append(place) as file:
        sealing = Sealing(file, book.key_of(recording), place.name)
        sealing.write(data)
        sealing.flush()


async def ended(book: Recordings, room: Showroom, clock: VirtualClock) -> Recording:
    """Return one that ended ten seconds ago."""
    name = RecordingId(new_id())
    await book.begin(room.id, name, Agreed(CALL, StaffId("alice"), clock(), clock(), clock()))
    await book.end(room.id, name, clock(), RecordingEnd.OVER)
    clock.advance(seconds=10)
    return await book.one(room.id, name)


def parts(book: Recordings, room: Showroom) -> list[str]:
    names = book.files.names(room.id, FileKind.RECORDING, "")
    assert all(name.endswith(".part") for name in names), "what was made of it is gone"
    return list(names)


async def test_what_grows_while_it_is_made_one_file_is_kept_and_made_anew(
    database: Database, root: Path, paris: Showroom, clock: VirtualClock
) -> None:
    book = SlowDisk(database, FolderFiles(root), "s" * 32, clock)
    recording = await ended(book, paris, clock)
    write(book, recording, b"no film, but that makes no difference here")
    finisher = Finisher(book, root)
    await finisher.work()
    assert len(parts(book, paris)) == 1
    assert (await book.one(paris.id, recording.id)).state is State.ENDED
    clock.advance(seconds=5)
    await finisher.work()
    assert parts(book, paris) == []
    assert (await book.one(paris.id, recording.id)).state is State.EMPTY


async def test_one_that_can_not_be_made_one_file_fails_at_last_and_why_is_logged(
    database: Database, root: Path, paris: Showroom, clock: VirtualClock
) -> None:
    book = Recordings(database, FolderFiles(root), "s" * 32, clock)
    recording = await ended(book, paris, clock)
    # A disk that is broken: this can be opened, and not be read.
    (root / paris.id / "recordings" / f"{recording.id}-1-w1.part").mkdir(parents=True)
    async with database.write() as connection:
        await connection.execute(sa.update(recordings).values(tries=MOST_TRIES - 2))
    finisher = Finisher(book, root)
    for state in (State.ENDED, State.FAILED):
        with structlog.testing.capture_logs() as logged:
            await finisher.work()
        assert [one for one in logged if "IsADirectoryError" in one.get("why", "")], (
            "its process said why"
        )
        assert (await book.one(paris.id, recording.id)).state is state
        clock.advance(seconds=31 * 60)
    assert await book.claim() is None
    assert len(parts(book, paris)) == 1
