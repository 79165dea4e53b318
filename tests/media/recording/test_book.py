"""The rows of recordings: repeatable, worth nothing without a key, gone when their time is over."""

import asyncio
import secrets
from dataclasses import replace
from pathlib import Path

import pytest

from booking.privacy.purging import Purging
from media.photos import Photos
from media.quality import QualityLog
from media.recording.book import (
    MOST_TRIES,
    PRACTICE_SECONDS,
    Agreed,
    Recording,
    Recordings,
    State,
)
from media.recording.vault import PIECE, Sealing
from showroom.database import Database
from showroom.errors import NotFound
from showroom.files import FileKind, FolderFiles, Place
from showroom.ids import CallId, RecordingId, ShowroomId, StaffId, new_id
from showroom.retention import Retention
from showroom.showrooms import Policy, Showroom, Showrooms
from showroom.words import RecordingEnd
from tests.recordings import a_kept_recording
from tests.samples import a_showroom
from tests.virtual_clock import VirtualClock

CALL, ALICE = CallId("call"), StaffId("alice")
LYON = ShowroomId("lyon")


@pytest.fixture
async def paris(database: Database) -> Showroom:
    showroom = replace(a_showroom(), policy=Policy(recording=True, retention_days=30))
    await Showrooms(database).save(showroom)
    return showroom


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path / "files")


@pytest.fixture
def book(database: Database, files: FolderFiles, clock: VirtualClock) -> Recordings:
    return Recordings(database, files, "s" * 32, clock)


def names(files: FolderFiles, room: Showroom) -> list[str]:
    return list(files.names(room.id, FileKind.RECORDING, ""))


def agreed(clock: VirtualClock) -> Agreed:
    return Agreed(CALL, ALICE, clock(), clock(), clock())


async def begun(book: Recordings, room: Showroom, clock: VirtualClock) -> RecordingId:
    name = RecordingId(new_id())
    assert await book.begin(room.id, name, agreed(clock))
    return name


async def test_who_begins_one_again_gets_the_same_key(
    book: Recordings, paris: Showroom, clock: VirtualClock
) -> None:
    name = RecordingId(new_id())
    keys = await asyncio.gather(*(book.begin(paris.id, name, agreed(clock)) for _ in range(5)))
    assert keys[0]
    assert set(keys) == {keys[0]}
    (found,) = await book.of_call(paris.id, CALL)
    assert (found.state, found.agreed) == (State.RUNNING, agreed(clock))


async def test_one_that_was_taken_back_is_never_begun_again(
    book: Recordings, paris: Showroom, clock: VirtualClock
) -> None:
    name = await begun(book, paris, clock)
    await book.erase(paris.id, name)
    assert await book.begin(paris.id, name, agreed(clock)) is None
    await book.end(paris.id, name, clock(), RecordingEnd.OVER)
    assert await book.of_call(paris.id, CALL) == []
    clock.advance(seconds=10)
    assert await book.claim() is None


async def test_one_is_made_one_file_by_one_node_and_by_another_if_that_dies(
    book: Recordings, paris: Showroom, clock: VirtualClock
) -> None:
    name = await begun(book, paris, clock)
    await book.end(paris.id, name, clock(), RecordingEnd.STOPPED)
    assert await book.claim() is None  # its worker may still write
    clock.advance(seconds=10)
    claims = [one for one in await asyncio.gather(book.claim(), book.claim()) if one]
    assert [one.id for one in claims] == [name]
    assert await book.claim() is None
    clock.advance(seconds=31 * 60)
    again = await book.claim()
    assert again is not None
    await book.finished(again, f"{name}-x", "webm", 0, 0, 0)
    assert (await book.of_call(paris.id, CALL))[0].state is State.EMPTY
    assert await book.claim() is None


async def test_one_that_runs_for_ever_is_finished_after_a_day(
    book: Recordings, paris: Showroom, clock: VirtualClock
) -> None:
    name = await begun(book, paris, clock)
    clock.advance(hours=25)
    found = await book.claim()
    assert found is not None
    assert found.id == name


async def test_a_practice_that_nobody_ended_is_finished_soon_and_then_has_an_end(
    book: Recordings, paris: Showroom, clock: VirtualClock
) -> None:
    name, began = RecordingId(new_id()), clock()
    await book.begin(paris.id, name, Agreed(None, ALICE, None, began, began))
    clock.advance(seconds=PRACTICE_SECONDS)
    assert await book.claim() is None
    clock.advance(seconds=15)
    found = await book.claim()
    assert found is not None
    await book.finished(found, f"{name}-x", "webm", 100, 30_000, 1)
    made = await book.practice(paris.id, ALICE, name)
    assert (made.state, made.ended_at) == (State.READY, began + 30_000)
    assert made.end_reason is RecordingEnd.OVER


async def test_one_that_nobody_can_finish_has_failed_after_five_tries(
    book: Recordings, paris: Showroom, clock: VirtualClock
) -> None:
    name = await begun(book, paris, clock)
    await book.end(paris.id, name, clock(), RecordingEnd.STOPPED)
    for number in range(MOST_TRIES):
        clock.advance(seconds=31 * 60)
        # Whoever tries it dies of it.
        assert await book.claim(), number
    clock.advance(seconds=31 * 60)
    assert await book.claim() is None
    (found,) = await book.of_call(paris.id, CALL)
    assert (found.state, found.end_reason) == (State.FAILED, RecordingEnd.STOPPED)
    clock.advance(days=2)
    assert await book.claim() is None
    await book.erase(paris.id, name)
    assert await book.of_call(paris.id, CALL) == []


async def test_one_that_is_put_off_is_taken_again_soon_and_that_was_no_try(
    book: Recordings, paris: Showroom, clock: VirtualClock
) -> None:
    name = await begun(book, paris, clock)
    await book.end(paris.id, name, clock(), RecordingEnd.STOPPED)
    for _ in range(2 * MOST_TRIES):
        clock.advance(seconds=10)
        found = await book.claim()
        assert found is not None
        await book.put_off(found)
        assert await book.claim() is None


async def test_taken_back_while_it_is_made_one_file_it_leaves_nothing(
    book: Recordings, paris: Showroom, clock: VirtualClock, files: FolderFiles
) -> None:
    name = await begun(book, paris, clock)
    await book.end(paris.id, name, clock(), RecordingEnd.STOPPED)
    clock.advance(seconds=10)
    claimed = await book.claim()
    assert claimed is not None
    key = book.key_of(claimed)
    await book.erase(paris.id, name)
    for end in ("head", "body"):
        place = Place(paris.id, FileKind.RECORDING, f"{name}-made.{end}")
        with files.append(place) as file:
            Sealing(file, key, place.name).write(bytes(PIECE))
    await book.finished(claimed, f"{name}-made", "webm", 2 * PIECE, 1000, 1)
    assert names(files, paris) == []
    with pytest.raises(NotFound):
        await book.get(paris.id, name)


async def test_every_range_is_read_as_it_was_written(
    book: Recordings, paris: Showroom, clock: VirtualClock
) -> None:
    data = secrets.token_bytes(5 * PIECE + 77)
    kept = await a_kept_recording(book, paris.id, CALL, data, clock)
    size = len(data)
    for start, end in [(0, size), (0, 1), (PIECE - 1, PIECE + 1), (PIECE, 2 * PIECE), (3, size)]:
        assert await book.read(kept, start, end) == data[start:end]
    assert await book.read(kept, size - 1, size) == data[-1:]


async def test_one_shorter_than_a_piece_is_read_too(
    book: Recordings, paris: Showroom, clock: VirtualClock
) -> None:
    kept = await a_kept_recording(book, paris.id, CALL, b"short", clock)
    assert await book.read(kept, 1, 5) == b"hort"


async def test_another_showroom_finds_none_of_it(
    book: Recordings, paris: Showroom, clock: VirtualClock
) -> None:
    kept = await a_kept_recording(book, paris.id, CALL, b"secret", clock)
    assert await book.of_call(LYON, CALL) == []
    with pytest.raises(NotFound):
        await book.get(LYON, kept.id)
    await book.erase(LYON, kept.id)
    assert await book.read(await book.get(paris.id, kept.id), 0, 6) == b"secret"


async def test_recordings_go_when_the_showroom_keeps_them_no_longer(
    book: Recordings, paris: Showroom, clock: VirtualClock, database: Database, files: FolderFiles
) -> None:
    old = await a_kept_recording(book, paris.id, CALL, bytes(PIECE + 1), clock)
    await book.opened(paris.id, old.id, ALICE)
    clock.advance(days=20)
    young = await a_kept_recording(book, paris.id, CALL, bytes(PIECE + 1), clock)
    retention = Retention(
        Showrooms(database),
        Photos(database, files, clock),
        book,
        QualityLog(database),
        Purging(database, clock),
        clock,
    )
    await retention.purge()
    assert len(names(files, paris)) == 4
    clock.advance(days=11)
    await retention.purge()
    await retention.purge()
    assert {one.id for one in await book.of_call(paris.id, CALL)} == {young.id}
    assert await book.views(paris.id, old.id) == []
    assert all(name.startswith(young.id) for name in names(files, paris))
    clock.advance(days=31)
    await retention.purge()
    assert names(files, paris) == []


async def test_who_opened_one_is_noted(
    book: Recordings, paris: Showroom, clock: VirtualClock
) -> None:
    kept: Recording = await a_kept_recording(book, paris.id, CALL, b"x", clock)
    await book.opened(paris.id, kept.id, ALICE)
    clock.advance(seconds=5)
    await book.opened(paris.id, kept.id, StaffId("boss"))
    assert await book.views(paris.id, kept.id) == [(ALICE, clock() - 5000), ("boss", clock())]
