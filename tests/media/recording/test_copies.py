"""Anonymised copies: made of sealed files, sealed themselves, once, and gone with the recording."""

import asyncio
import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from media.anonymise.pool import Pool
from media.recording.book import Deed, Recording, Recordings
from media.recording.copier import Copier
from media.recording.copies import Copies, Copy, CopyState, Task
from media.recording.sealed import Pair
from showroom.database import Database
from showroom.errors import NotFound, TryAgain
from showroom.files import FileKind, FolderFiles
from showroom.ids import CallId, StaffId
from showroom.showrooms import Policy, Showroom, Showrooms
from tests.media.anonymise.films import detail, pictures_of, small_film_of_a_face, sound_of
from tests.recordings import a_kept_recording, look
from tests.samples import a_showroom
from tests.virtual_clock import VirtualClock

CALL, BOSS = CallId("call"), StaffId("boss")
# How each WebM begins (RFC 8794 §11.2.1), if it lies open.
EBML = bytes.fromhex("1a45dfa3")
FILM, SHOWN = small_film_of_a_face()


@pytest.fixture
async def paris(database: Database) -> Showroom:
    showroom = replace(a_showroom(), policy=Policy(recording=True, retention_days=30))
    await Showrooms(database).save(showroom)
    return showroom


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def book(database: Database, root: Path, clock: VirtualClock) -> Recordings:
    return Recordings(database, FolderFiles(root), "s" * 32, clock)


@pytest.fixture
def copies(database: Database, book: Recordings, clock: VirtualClock) -> Copies:
    return Copies(database, book, clock)


@pytest.fixture
def copier(copies: Copies, root: Path) -> Copier:
    return Copier(copies, root, Pool())


@pytest.fixture
async def recording(book: Recordings, paris: Showroom, clock: VirtualClock) -> Recording:
    return await a_kept_recording(book, paris.id, CALL, FILM, clock)


def names(book: Recordings, recording: Recording) -> set[str]:
    return set(book.files.names(recording.showroom_id, FileKind.RECORDING, ""))


def its_own(recording: Recording) -> set[str]:
    return {f"{recording.stem}.{end}" for end in ("head", "body")}


async def state(copies: Copies, recording: Recording) -> Copy | None:
    return (await copies.of(recording.showroom_id, [recording.id])).get(recording.id)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


async def test_a_face_that_passes_is_hidden_in_the_copy_and_no_film_lies_open(
    copies: Copies, copier: Copier, recording: Recording, book: Recordings, root: Path
) -> None:
    await copies.ask(recording, BOSS)
    assert await state(copies, recording) == Copy(CopyState.MAKING, 0)
    with pytest.raises(NotFound):
        await copies.film(recording)
    await copier.work()
    assert await state(copies, recording) == Copy(CopyState.READY, 100)
    film = await copies.film(recording)
    data = await book.read(film, 0, film.size)
    assert len(data) == film.size
    assert sound_of(data) == sound_of(FILM)
    shown = pictures_of(data)
    assert len(shown) == len(SHOWN)
    for (before, label), after in zip(SHOWN, shown, strict=True):
        assert detail(after, label) < 0.35 * detail(before, label)
    assert look(data).duration == pytest.approx(1.5, abs=0.15)
    assert film.duration_ms == pytest.approx(1500, abs=150)
    files = [one for one in root.rglob("*") if one.is_file()]
    assert len(files) == 4
    assert not [one for one in files if EBML in one.read_bytes()]
    assert await book.views(recording.showroom_id, recording.id, Deed.COPY_ASKED) != []


async def test_of_several_who_ask_one_has_asked_and_one_node_makes_it(
    copies: Copies, recording: Recording, book: Recordings
) -> None:
    await asyncio.gather(*(copies.ask(recording, BOSS) for _ in range(4)))
    asked = await book.views(recording.showroom_id, recording.id, Deed.COPY_ASKED)
    assert [who for who, _ in asked] == [BOSS]
    assert await book.views(recording.showroom_id, recording.id) == []
    claims = await asyncio.gather(*(copies.claim() for _ in range(4)))
    assert len([one for one in claims if one]) == 1
    assert await copies.claim() is None


async def test_what_a_dead_node_had_begun_goes_and_another_makes_it_anew(
    copies: Copies, recording: Recording, book: Recordings, clock: VirtualClock
) -> None:
    await copies.ask(recording, BOSS)
    lost = await copies.claim()
    assert lost
    with book.files.append(Pair.of(recording.showroom_id, lost.stem).body) as body:
        body.write(b"half of it")
    assert await copies.tell(lost, 40)
    assert await state(copies, recording) == Copy(CopyState.MAKING, 40)
    clock.advance(seconds=29)
    assert await copies.claim() is None
    clock.advance(seconds=2)
    again = await copies.claim()
    assert again
    assert names(book, recording) == its_own(recording)
    assert await state(copies, recording) == Copy(CopyState.MAKING, 0)
    # Whoever was only thought dead has lost it.
    assert not await copies.tell(lost, 50)
    for end in ("head", "body"):
        place = getattr(Pair.of(recording.showroom_id, lost.stem), end)
        with book.files.append(place) as file:
            file.write(bytes(100))
    await copies.made(lost, 1)
    assert names(book, recording) == its_own(recording)
    assert (await state(copies, recording)) == Copy(CopyState.MAKING, 0)


@pytest.mark.parametrize("erased", [False, True])
async def test_cancelled_or_erased_while_it_is_made_it_leaves_nothing(
    erased: bool, copies: Copies, copier: Copier, recording: Recording, book: Recordings
) -> None:
    own = set() if erased else its_own(recording)
    await copies.ask(recording, BOSS)
    work = asyncio.create_task(copier.work())
    await until(lambda: len(names(book, recording)) > 2)
    if erased:
        await book.erase(recording.showroom_id, recording.id)
    else:
        await copies.cancel(recording)
    async with asyncio.timeout(20):
        await work
    assert names(book, recording) == own
    assert await state(copies, recording) is None


async def test_a_node_that_stops_leaves_it_to_another_at_once(
    copies: Copies, copier: Copier, recording: Recording, book: Recordings
) -> None:
    await copies.ask(recording, BOSS)
    work = asyncio.create_task(copier.work())
    await until(lambda: len(names(book, recording)) > 2)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert names(book, recording) == its_own(recording)
    assert await copies.claim()


class LostAnswer(Copies):
    """Keeps a copy; the word of it is lost, as when a node stops or its database goes away."""

    error: type[BaseException] = TryAgain

    async def made(self, task: Task, duration_ms: int) -> None:
        await super().made(task, duration_ms)
        raise self.error


@pytest.mark.parametrize("error", [TryAgain, asyncio.CancelledError])
async def test_a_copy_of_which_the_word_is_lost_keeps_its_files(
    error: type[BaseException],
    database: Database,
    recording: Recording,
    book: Recordings,
    clock: VirtualClock,
    root: Path,
) -> None:
    copies = LostAnswer(database, book, clock)
    copies.error = error
    await copies.ask(recording, BOSS)
    with pytest.raises(error):
        await Copier(copies, root, Pool()).work()
    assert await state(copies, recording) == Copy(CopyState.READY, 100)
    film = await copies.film(recording)
    assert len(pictures_of(await book.read(film, 0, film.size))) == len(SHOWN)


async def test_a_copy_goes_with_its_recording(
    copies: Copies, copier: Copier, recording: Recording, book: Recordings, clock: VirtualClock
) -> None:
    await copies.ask(recording, BOSS)
    await copier.work()
    assert len(names(book, recording)) == 4
    await copies.cancel(recording)
    assert await state(copies, recording) == Copy(CopyState.READY, 100), "what is ready stays"
    clock.advance(days=31)
    assert await book.purge(recording.showroom_id, clock()) == 1
    assert names(book, recording) == set()
    assert await state(copies, recording) is None
    assert await book.views(recording.showroom_id, recording.id, Deed.COPY_ASKED) == []


async def test_of_one_that_was_erased_while_somebody_asked_nothing_is_made(
    copies: Copies, recording: Recording, book: Recordings
) -> None:
    await book.erase(recording.showroom_id, recording.id)
    await copies.ask(recording, BOSS)
    assert await copies.claim() is None
    assert await state(copies, recording) is None


async def test_what_is_no_film_fails_and_can_be_asked_for_again(
    copies: Copies, copier: Copier, book: Recordings, paris: Showroom, clock: VirtualClock
) -> None:
    broken = await a_kept_recording(book, paris.id, CALL, bytes(20_000), clock)
    for asked in (1, 2):
        await copies.ask(broken, BOSS)
        await copier.work()
        assert await state(copies, broken) == Copy(CopyState.FAILED, 0)
        assert names(book, broken) == its_own(broken)
        assert len(await book.views(paris.id, broken.id, Deed.COPY_ASKED)) == asked


def filled(folder: Path) -> Path:
    """Fill a disk up; return the file that does."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space") as full:
        while True:
            file.write(bytes(4096))
    assert full.value.errno == errno.ENOSPC
    return filler


class TestOnAFullDisk:
    @pytest.fixture
    def root(self, small_disk: Path) -> Path:
        return small_disk / "files"

    async def test_it_says_so_leaves_no_half_and_is_made_once_there_is_room(
        self, copies: Copies, copier: Copier, recording: Recording, book: Recordings, root: Path
    ) -> None:
        filler = filled(root)
        await copies.ask(recording, BOSS)
        await copier.work()
        assert await state(copies, recording) == Copy(CopyState.FULL, 0)
        assert names(book, recording) == its_own(recording)
        filler.unlink()
        await copies.ask(recording, BOSS)
        await copier.work()
        assert await state(copies, recording) == Copy(CopyState.READY, 100)
