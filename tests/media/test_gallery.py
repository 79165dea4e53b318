"""Uploaded pictures as files: named by what is in them, and gone when nothing names them."""

from dataclasses import replace
from pathlib import Path

import pytest

from media.gallery import Gallery
from media.pictures import PictureRefused, car_picture, logo
from showroom.database import Database
from showroom.errors import NotFound
from showroom.files import FolderFiles
from showroom.ids import ShowroomId
from showroom.showrooms import Showrooms
from showroom.vehicles import Picture, Vehicles
from tests.samples import BRAND, a_showroom, a_vehicle, saved_showroom
from tests.stills import a_photo, opened
from tests.virtual_clock import VirtualClock


def gallery_of(database: Database, folder: Path, clock: VirtualClock) -> Gallery:
    return Gallery(database, FolderFiles(folder), clock)


def files_of(folder: Path, room: ShowroomId) -> int:
    """Return how many files there are: two for each picture."""
    return len(list((folder / room / "pictures").iterdir()))


async def test_a_picture_is_there_whole_and_small_and_nothing_else_is(
    database: Database, tmp_path: Path
) -> None:
    gallery = gallery_of(database, tmp_path, VirtualClock())
    paris, lyon = await saved_showroom(database), await saved_showroom(database, "lyon")
    path, made = await gallery.keep(paris, a_photo(1000, 500), car_picture)
    assert path == f"/pictures/{paris}/{made.name}"
    assert await gallery.read(paris, made.name) == (made.whole, "image/jpeg")
    small, _ = await gallery.read(paris, made.name.replace(".", "-small."))
    assert opened(small).size == (720, 360)
    for room, name in [(lyon, made.name), (paris, "0" * 32 + ".jpg"), (paris, "../x"), (paris, "")]:
        with pytest.raises(NotFound):
            await gallery.read(room, name)
    with pytest.raises(PictureRefused):
        await gallery.keep(paris, b"<svg/>", car_picture)
    assert files_of(tmp_path, paris) == 2


async def test_what_nothing_names_goes_after_a_day_and_the_rest_stays(
    database: Database, tmp_path: Path
) -> None:
    clock = VirtualClock()
    gallery, vehicles = gallery_of(database, tmp_path, clock), Vehicles(database)
    room = a_showroom()
    # A copy of a showroom shows the pictures of the one that it was made of.
    copy = a_showroom("nice")
    await Showrooms(database).save(room)
    shown, _ = await gallery.keep(room.id, a_photo(100, 50), car_picture)
    copied, _ = await gallery.keep(room.id, a_photo(100, 51), car_picture)
    brand, _ = await gallery.keep(room.id, a_photo(100, 52), logo)
    left, unused = await gallery.keep(room.id, a_photo(100, 53), car_picture)
    await Showrooms(database).save(replace(copy, brand=replace(BRAND, logo=brand)))
    for where, path in ((room, shown), (copy, copied)):
        pictures = (Picture("side", "dune", path),)
        await vehicles.save(replace(a_vehicle(where.id), pictures=pictures))
    await gallery.purge()
    assert files_of(tmp_path, room.id) == 8
    clock.advance(days=1, seconds=1)
    # Who looks at it again keeps it for another day.
    assert (await gallery.keep(room.id, a_photo(100, 53), car_picture))[0] == left
    await gallery.purge()
    assert files_of(tmp_path, room.id) == 8
    clock.advance(days=1, seconds=1)
    await gallery.purge()
    assert files_of(tmp_path, room.id) == 6
    with pytest.raises(NotFound):
        await gallery.read(room.id, unused.name)
    for path in (shown, copied, brand):
        await gallery.read(room.id, path.rpartition("/")[2])
