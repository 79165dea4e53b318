"""Photos of calls: kept as files, with a row for each that says whose they are and when they go."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa

from media.jpeg import clean
from showroom.clock import Clock
from showroom.database import Database, insert
from showroom.drawings import Stroke
from showroom.errors import NotFound
from showroom.files import FileKind, Files, Place
from showroom.ids import CallId, PhotoId, ShowroomId, StaffId
from showroom.media_tables import photos
from showroom.words import Side

# A photo of 40 megapixels takes 120 MB while it is decoded: so many at a time.
DECODERS = 2

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo. `width` and `height` in pixels, `size` in bytes, `taken_at` in UTC milliseconds."""

    id: PhotoId
    showroom_id: ShowroomId
    call_id: CallId
    advisor_id: StaffId
    taken_at: int
    width: int
    height: int
    size: int
    strokes: tuple[Stroke, ...] = ()


class Photos:
    """The photos of all showrooms; every question names the showroom."""

    def __init__(self, database: Database, files: Files, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock
        self._decoders = ThreadPoolExecutor(DECODERS, thread_name_prefix="photos")

    async def keep(
        self,
        showroom_id: ShowroomId,
        call_id: CallId,
        advisor_id: StaffId,
        photo_id: PhotoId,
        data: bytes,
    ) -> Photo:
        """Keep what a device has sent, encoded anew; keeping it again changes nothing.

        Raises `NotAPicture`, `TooLarge` and `StorageFull`.
        """
        made = await self._apart(clean, data)
        photo = Photo(
            id=photo_id,
            showroom_id=showroom_id,
            call_id=call_id,
            advisor_id=advisor_id,
            taken_at=self._clock(),
            width=made.width,
            height=made.height,
            size=len(made.whole),
        )
        await self._add(photo)
        try:
            await self._apart(self._files.put, _place(photo, small=True), made.small)
            await self._apart(self._files.put, _place(photo), made.whole)
        except BaseException:
            await self._give_up(photo)
            raise
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(photos).where(*_this(photo)).values(kept_at=self._clock())
            )
        return photo

    async def _add(self, photo: Photo) -> None:
        row = {
            "id": photo.id,
            "showroom_id": photo.showroom_id,
            "call_id": photo.call_id,
            "advisor_id": photo.advisor_id,
            "taken_at": photo.taken_at,
            "width": photo.width,
            "height": photo.height,
            "size": photo.size,
            "strokes": [],
        }
        async with self._database.write() as connection:
            await connection.execute(
                insert(connection, photos).values(row).on_conflict_do_nothing()
            )

    async def _give_up(self, photo: Photo) -> None:
        """Remove what could not be kept, unless somebody else has kept it meanwhile."""
        gone = sa.delete(photos).where(*_this(photo), ~_KEPT)
        async with self._database.write() as connection:
            if (await connection.execute(gone)).rowcount == 0:
                return
        await self._remove([photo])

    async def get(self, showroom_id: ShowroomId, photo_id: PhotoId) -> Photo:
        """Return one photo of this showroom; raises `NotFound`, also for another showroom's."""
        found = await self._found(showroom_id, photos.c.id == photo_id, _KEPT)
        if not found:
            raise NotFound
        return found[0]

    async def of_call(self, showroom_id: ShowroomId, call_id: CallId) -> Sequence[Photo]:
        """Return a call's photos, first taken first."""
        return await self._found(showroom_id, photos.c.call_id == call_id, _KEPT)

    async def read(self, photo: Photo, *, small: bool = False) -> bytes:
        """Return the JPEG, whole or small. Raises `NotFound`."""
        return await self._apart(self._files.read, _place(photo, small=small))

    async def keep_drawing(
        self, showroom_id: ShowroomId, photo_id: PhotoId, strokes: Sequence[Stroke]
    ) -> None:
        """Keep what was drawn on a photo, in place of what was kept before."""
        rows = [{"by": str(one.by), "points": list(one.points)} for one in strokes]
        mine = photos.c.id == photo_id, photos.c.showroom_id == showroom_id
        async with self._database.write() as connection:
            await connection.execute(sa.update(photos).where(*mine).values(strokes=rows))

    async def forget(self, showroom_id: ShowroomId, photo_id: PhotoId) -> None:
        """Remove one photo. None there is no error."""
        await self._remove(await self._found(showroom_id, photos.c.id == photo_id))

    async def forget_call(self, showroom_id: ShowroomId, call_id: CallId) -> None:
        """Remove all photos of a call."""
        await self._remove(await self._found(showroom_id, photos.c.call_id == call_id))

    async def purge(self, showroom_id: ShowroomId, older_than: int) -> int:
        """Remove what was taken before `older_than`, in UTC milliseconds; return how many."""
        found = await self._found(showroom_id, photos.c.taken_at < older_than)
        await self._remove(found)
        return len(found)

    async def _found(
        self, showroom_id: ShowroomId, *which: sa.ColumnElement[bool]
    ) -> Sequence[Photo]:
        query = sa.select(photos).where(photos.c.showroom_id == showroom_id, *which)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by("taken_at", "id"))).all()
        return [_photo(row) for row in rows]

    async def _remove(self, which: Sequence[Photo]) -> None:
        """Remove photos: the files first, as nobody would find them without their rows."""
        for photo in which:
            for small in (True, False):
                await self._apart(self._files.delete, _place(photo, small=small))
            async with self._database.write() as connection:
                await connection.execute(sa.delete(photos).where(*_this(photo)))

    async def _apart(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what blocks in one of few threads."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._decoders, partial(work, *args, **kwargs))


class PhotoLinks:
    """Makes and reads what stands in the address of a call's photos, for its customer alone.

    Nothing is kept of it: it is the call's id, and a code of 128 bits that only we can make.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def token(self, showroom_id: ShowroomId, call_id: CallId) -> str:
        text = f"photos:{showroom_id}:{call_id}".encode()
        code = hmac.new(self._key, text, hashlib.sha256).hexdigest()[:32]
        return f"{showroom_id}.{call_id}.{code}"

    def read(self, token: str) -> tuple[ShowroomId, CallId]:
        """Return whose photos they are. Raises `NotFound` for a token that we never made."""
        showroom_id, _, rest = token.partition(".")
        found = ShowroomId(showroom_id), CallId(rest.partition(".")[0])
        if not token.isascii() or not hmac.compare_digest(token, self.token(*found)):
            raise NotFound
        return found


_KEPT = photos.c.kept_at.is_not(None)


def _this(photo: Photo) -> tuple[sa.ColumnElement[bool], ...]:
    return photos.c.id == photo.id, photos.c.showroom_id == photo.showroom_id


def _place(photo: Photo, *, small: bool = False) -> Place:
    name = f"{photo.id}-small.jpg" if small else f"{photo.id}.jpg"
    return Place(photo.showroom_id, FileKind.PHOTO, name)


def _photo(row: sa.Row[Any]) -> Photo:
    strokes = tuple(Stroke(Side(one["by"]), tuple(one["points"])) for one in row.strokes)
    return Photo(
        id=row.id,
        showroom_id=row.showroom_id,
        call_id=row.call_id,
        advisor_id=row.advisor_id,
        taken_at=row.taken_at,
        width=row.width,
        height=row.height,
        size=row.size,
        strokes=strokes,
    )
