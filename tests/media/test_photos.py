"""Photos of calls: kept once, found by showroom and call alone, gone when their time is over."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from booking.privacy.purging import Purging
from media.photos import PhotoLinks, Photos
from media.quality import QualityLog
from media.recording.book import Recordings
from showroom.clock import DAY_MS
from showroom.database import Database
from showroom.drawings import Stroke
from showroom.errors import NotAPicture, NotFound, StorageFull
from showroom.files import FolderFiles, Place
from showroom.ids import CallId, PhotoId, ShowroomId, StaffId, new_id
from showroom.media_tables import photos as rows
from showroom.retention import Retention
from showroom.showrooms import Policy, Showroom, Showrooms
from showroom.words import Side
from tests.samples import a_showroom
from tests.stills import a_photo, opened
from tests.virtual_clock import VirtualClock

CALL, ALICE = CallId("call"), StaffId("alice")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
async def paris(database: Database) -> Showroom:
    showroom = replace(a_showroom(), policy=Policy(retention_days=30))
    await Showrooms(database).save(showroom)
    return showroom


@pytest.fixture
def photos(database: Database, folder: Path, clock: VirtualClock) -> Photos:
    return Photos(database, FolderFiles(folder), clock)


def files_in(folder: Path) -> int:
    return sum(one.is_file() for one in folder.rglob("*"))


async def one(photos: Photos, room: ShowroomId, call: CallId = CALL) -> PhotoId:
    photo = PhotoId(new_id())
    await photos.keep(room, call, ALICE, photo, a_photo(800, 600))
    return photo


async def test_a_photo_is_found_by_its_showroom_and_its_call(
    photos: Photos, paris: Showroom, clock: VirtualClock
) -> None:
    first = await one(photos, paris.id)
    clock.advance(seconds=60)
    second = await one(photos, paris.id)
    await one(photos, paris.id, CallId("another"))
    found = await photos.of_call(paris.id, CALL)
    assert [photo.id for photo in found] == [first, second]
    photo = await photos.get(paris.id, first)
    assert (photo.width, photo.height, photo.advisor_id) == (800, 600, ALICE)
    whole = await photos.read(photo)
    assert (opened(whole).size, len(whole)) == ((800, 600), photo.size)
    assert opened(await photos.read(photo, small=True)).size == (480, 360)
    for room, which in ((ShowroomId("lyon"), first), (paris.id, PhotoId("unknown"))):
        with pytest.raises(NotFound):
            await photos.get(room, which)
    assert list(await photos.of_call(ShowroomId("lyon"), CALL)) == []


async def test_keeping_a_photo_again_changes_nothing(photos: Photos, paris: Showroom) -> None:
    photo = await one(photos, paris.id)
    before = await photos.get(paris.id, photo)
    await photos.keep(paris.id, CALL, ALICE, photo, a_photo(800, 600))
    assert await photos.of_call(paris.id, CALL) == [before]


async def test_what_is_no_photo_leaves_neither_a_row_nor_a_file(
    photos: Photos, paris: Showroom, folder: Path, database: Database
) -> None:
    with pytest.raises(NotAPicture):
        await photos.keep(paris.id, CALL, ALICE, PhotoId("x"), b"<svg/>")
    assert files_in(folder) == 0
    async with database.read() as connection:
        assert (await connection.execute(sa.select(rows))).all() == []


async def test_a_drawing_is_kept_with_its_photo(photos: Photos, paris: Showroom) -> None:
    photo = await one(photos, paris.id)
    drawing = (Stroke(Side.CUSTOMER, (0, 0, 5000, 10_000)), Stroke(Side.ADVISOR, (1, 2)))
    await photos.keep_drawing(paris.id, photo, drawing)
    assert (await photos.get(paris.id, photo)).strokes == drawing
    await photos.keep_drawing(ShowroomId("lyon"), photo, ())
    assert (await photos.get(paris.id, photo)).strokes == drawing


async def test_photos_go_when_the_showroom_keeps_them_no_longer(
    photos: Photos, paris: Showroom, folder: Path, database: Database, clock: VirtualClock
) -> None:
    lyon = replace(a_showroom("lyon"), policy=Policy(retention_days=60))
    await Showrooms(database).save(lyon)
    old, there = await one(photos, paris.id), await one(photos, lyon.id)
    clock.advance(days=20)
    young = await one(photos, paris.id)
    recordings = Recordings(database, FolderFiles(folder), "s" * 32, clock)
    others = QualityLog(database), Purging(database, clock)
    retention = Retention(Showrooms(database), photos, recordings, *others, clock)
    await retention.purge()
    assert files_in(folder) == 6
    clock.advance(days=11)
    await retention.purge()
    await retention.purge()
    with pytest.raises(NotFound):
        await photos.get(paris.id, old)
    for room, photo in ((paris.id, young), (lyon.id, there)):
        assert await photos.read(await photos.get(room, photo))
    assert files_in(folder) == 4
    clock.advance(days=60)
    await retention.purge()
    assert files_in(folder) == 0
    async with database.read() as connection:
        assert (await connection.execute(sa.select(rows))).all() == []


class StuckFiles(FolderFiles):
    """Of one showroom nothing can be removed."""

    stuck = ""

    def delete(self, place: Place) -> None:
        if place.showroom == self.stuck:
            raise PermissionError
        super().delete(place)


async def test_one_showroom_s_trouble_keeps_no_other_showroom_s_photos(
    paris: Showroom, folder: Path, database: Database, clock: VirtualClock
) -> None:
    rooms = Showrooms(database)
    await rooms.save(replace(a_showroom("lyon"), policy=Policy(retention_days=30)))
    files = StuckFiles(folder)
    photos = Photos(database, files, clock)
    all_rooms = [room.id for room in await rooms.all()]
    kept = {room: await one(photos, room) for room in all_rooms}
    recordings = Recordings(database, files, "s" * 32, clock)
    clock.advance(days=31)
    for files.stuck in all_rooms:
        others = QualityLog(database), Purging(database, clock)
        await Retention(rooms, photos, recordings, *others, clock).purge()
    # Whichever was stuck at first came in the second go, and the other one in the first.
    assert files_in(folder) == 0
    for room, photo in kept.items():
        with pytest.raises(NotFound):
            await photos.get(room, photo)


async def test_a_photo_that_was_left_half_kept_is_not_shown_and_goes_in_its_time(
    photos: Photos, paris: Showroom, folder: Path, database: Database, clock: VirtualClock
) -> None:
    photo = await one(photos, paris.id)
    async with database.write() as connection:
        await connection.execute(sa.update(rows).values(kept_at=None))
    with pytest.raises(NotFound):
        await photos.get(paris.id, photo)
    assert list(await photos.of_call(paris.id, CALL)) == []
    assert await photos.purge(paris.id, clock() + DAY_MS) == 1
    assert files_in(folder) == 0


async def test_a_calls_photos_can_be_forgotten(
    photos: Photos, paris: Showroom, folder: Path
) -> None:
    await one(photos, paris.id)
    kept = await one(photos, paris.id, CallId("another"))
    await photos.forget_call(ShowroomId("lyon"), CALL)
    assert files_in(folder) == 4
    await photos.forget_call(paris.id, CALL)
    assert files_in(folder) == 2
    await photos.forget(paris.id, kept)
    await photos.forget(paris.id, kept)
    assert files_in(folder) == 0


@pytest.fixture
def full_disk(folder: Path) -> Iterator[Path]:
    """A real disk that has room for a small picture, and not for a whole one."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


async def test_a_full_disk_refuses_a_photo_and_keeps_no_half_of_it(
    photos: Photos, paris: Showroom, full_disk: Path, database: Database
) -> None:
    with pytest.raises(StorageFull):
        await photos.keep(paris.id, CALL, ALICE, PhotoId("x"), a_photo(3000, 2000))
    assert files_in(full_disk) == 0
    async with database.read() as connection:
        assert (await connection.execute(sa.select(rows))).all() == []


class FullFiles(FolderFiles):
    """A disk that is full by now."""

    def put(self, place: Place, data: bytes) -> None:
        raise StorageFull(f"no room for {len(data)} bytes at {place.name}")


async def test_who_can_not_keep_a_photo_that_another_request_has_kept_leaves_it_alone(
    photos: Photos, paris: Showroom, folder: Path, database: Database, clock: VirtualClock
) -> None:
    photo = await one(photos, paris.id)
    late = Photos(database, FullFiles(folder), clock)
    with pytest.raises(StorageFull):
        await late.keep(paris.id, CALL, ALICE, photo, a_photo(800, 600))
    assert await photos.read(await photos.get(paris.id, photo))


def test_a_link_to_a_calls_photos_is_made_by_us_alone() -> None:
    links = PhotoLinks("a secret of thirty-two characters")
    room, call = ShowroomId(new_id()), CallId(new_id())
    token = links.token(room, call)
    assert links.read(token) == (room, call)
    other = links.token(room, CallId(new_id()))
    forged = [
        f"{room}.{call}.{other.rsplit('.', 1)[1]}",
        token[:-1],
        f"{token}0",
        "",
        "a.b",
        "é.b.c",
    ]
    for wrong in (*forged, PhotoLinks("another secret, of 32 characters").token(room, call)):
        with pytest.raises(NotFound):
            links.read(wrong)
