"""Pictures of cars and logos, kept as files under names that are made of what is in them.

So their addresses hold for ever, and the same picture twice is one. A row for each says when it was
kept: what nothing names any more goes a day later, time enough to look at an import and apply it.
"""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

import sqlalchemy as sa
import structlog

from media.pictures import Made
from showroom import tables
from showroom.clock import DAY_MS, Clock
from showroom.database import Database, insert
from showroom.errors import NotFound
from showroom.files import FileKind, Files, Place
from showroom.ids import ShowroomId
from showroom.media_tables import pictures

log = structlog.get_logger()

# One of 20 megapixels takes 160 MB while it is decoded: so many at a time.
DECODERS = 1
NAME = re.compile(r"([0-9a-f]{32})(-small)?\.(jpg|png|webp)")
TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}

P = ParamSpec("P")
T = TypeVar("T")


class Gallery:
    """The pictures of all showrooms. Whoever has an address may see one: customers do."""

    def __init__(self, database: Database, files: Files, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock
        self._decoders = ThreadPoolExecutor(DECODERS, thread_name_prefix="pictures")

    async def keep(
        self, showroom_id: ShowroomId, data: bytes, make: Callable[[bytes], Made]
    ) -> tuple[str, Made]:
        """Keep a picture, encoded anew by `make`; return its address, and what it is.

        Keeping it again changes nothing but when. Raises `PictureRefused` and `StorageFull`.
        """
        made = await self._apart(make, data)
        row = {
            "showroom_id": showroom_id,
            "name": made.name,
            "kept_at": self._clock(),
            "width": made.width,
            "height": made.height,
            "size": len(made.whole),
        }
        # The row first: no file is forgotten when its time is over.
        async with self._database.write() as connection:
            adding = insert(connection, pictures).values(row)
            keys = ["showroom_id", "name"]
            await connection.execute(
                adding.on_conflict_do_update(index_elements=keys, set_={"kept_at": row["kept_at"]})
            )
        await self._apart(self._files.put, _place(showroom_id, small_of(made.name)), made.small)
        await self._apart(self._files.put, _place(showroom_id, made.name), made.whole)
        return f"/pictures/{showroom_id}/{made.name}", made

    async def read(self, showroom_id: ShowroomId, name: str) -> tuple[bytes, str]:
        """Return a picture by the end of its address, and its type. Raises `NotFound`."""
        found = NAME.fullmatch(name)
        if found is None:
            raise NotFound
        return await self._apart(self._files.read, _place(showroom_id, name)), TYPES[found[3]]

    async def purge(self) -> None:
        """Remove what no car and no showroom names, and was kept a day ago."""
        old = sa.select(pictures.c.showroom_id, pictures.c.name).where(
            pictures.c.kept_at < self._clock() - DAY_MS
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(old)).all()
            named = await connection.execute(sa.select(tables.vehicles.c.pictures)) if rows else ()
            shown = {one["path"] for (some,) in named for one in some}
            brands = await connection.execute(sa.select(tables.showrooms.c.brand)) if rows else ()
            shown |= {brand["logo"] for (brand,) in brands}
        gone = [row for row in rows if f"/pictures/{row.showroom_id}/{row.name}" not in shown]
        for row in gone:
            await self._remove(row.showroom_id, row.name)
        if gone:
            log.info("pictures were removed that nothing showed", pictures=len(gone))

    async def _remove(self, showroom_id: ShowroomId, name: str) -> None:
        """Remove a picture that was not kept again meanwhile."""
        which = pictures.c.showroom_id == showroom_id, pictures.c.name == name
        still = sa.delete(pictures).where(*which, pictures.c.kept_at < self._clock() - DAY_MS)
        async with self._database.write() as connection:
            if (await connection.execute(still)).rowcount == 0:
                return
        for one in (small_of(name), name):
            await self._apart(self._files.delete, _place(showroom_id, one))

    async def _apart(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what blocks in one of few threads."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._decoders, partial(work, *args, **kwargs))


def small_of(name: str) -> str:
    """Return what the small size of a picture is called."""
    return name.replace(".", "-small.")


def _place(showroom_id: ShowroomId, name: str) -> Place:
    return Place(showroom_id, FileKind.PICTURE, name)
