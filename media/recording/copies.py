"""Anonymised copies of recordings: a row for each, from when it is asked for until it goes.

A copy is sealed with its recording's key, and its files' names begin with the recording's id: what
shreds the one shreds the other.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from media.recording.book import Deed, Recording, Recordings
from media.recording.sealed import Pair
from showroom.clock import Clock
from showroom.database import Database, insert
from showroom.errors import NotFound
from showroom.ids import RecordingId, ShowroomId, StaffId, new_id
from showroom.media_tables import recording_copies, recording_views

# Whoever makes a copy tells of it every second; of whom nothing was heard for so long has died.
DEAD_MS = 30_000


class CopyState(StrEnum):
    """How far a copy is."""

    MAKING = "making"  # it is asked for, and somebody makes it or will
    READY = "ready"
    FAILED = "failed"
    FULL = "full"  # the disk was


@dataclass(frozen=True, slots=True)
class Copy:
    """How far a recording's copy is: `percent` is 0 to 100."""

    state: CopyState
    percent: int


@dataclass(frozen=True, slots=True)
class Task:
    """A copy to make, and the stem of the file that it becomes."""

    recording: Recording
    stem: str


class Copies:
    """The copies of all showrooms' recordings."""

    def __init__(self, database: Database, book: Recordings, clock: Clock) -> None:
        self._database = database
        self.book = book
        self._clock = clock

    # ------------------------------------------------------------ for managers

    async def ask(self, recording: Recording, staff_id: StaffId) -> None:
        """Have a copy made, and note who asked. One that is being made or ready is enough."""
        now = self._clock()
        fresh = {
            "state": CopyState.MAKING,
            "asked_at": now,
            "percent": 0,
            "heard_at": None,
            "stem": None,
            "size": 0,
            "duration_ms": 0,
        }
        mine = {"recording_id": recording.id, "showroom_id": recording.showroom_id}
        over = recording_copies.c.state.in_((CopyState.FAILED, CopyState.FULL))
        note = {
            "id": new_id(),
            **mine,
            "staff_id": staff_id,
            "deed": Deed.COPY_ASKED,
            "opened_at": now,
        }
        async with self._database.write() as connection:
            new = await connection.execute(
                insert(connection, recording_copies)
                .values(mine | fresh)
                .on_conflict_do_update(index_elements=["recording_id"], set_=fresh, where=over)
                .returning(recording_copies.c.recording_id)
            )
            if new.first():
                await connection.execute(sa.insert(recording_views).values(note))

    async def cancel(self, recording: Recording) -> None:
        """Stop one that is being made: whoever makes it finds its row gone. Repeatable."""
        mine = *_of(recording), recording_copies.c.state != CopyState.READY
        gone = sa.delete(recording_copies).where(*mine).returning(recording_copies.c.stem)
        async with self._database.write() as connection:
            stem = (await connection.execute(gone)).scalar_one_or_none()
        if stem:
            await self.book.discard(recording, stem)

    async def of(
        self, showroom_id: ShowroomId, which: Iterable[RecordingId]
    ) -> Mapping[RecordingId, Copy]:
        """Return the copies of some recordings, of those that have one."""
        query = sa.select(recording_copies).where(
            recording_copies.c.showroom_id == showroom_id,
            recording_copies.c.recording_id.in_(list(which)),
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return {
            RecordingId(row.recording_id): Copy(CopyState(row.state), row.percent) for row in rows
        }

    async def film(self, recording: Recording) -> Recording:
        """Return a recording as its copy is played: another file under the same key.

        Raises `NotFound`.
        """
        ready = recording_copies.c.state == CopyState.READY
        query = sa.select(recording_copies).where(*_of(recording), ready)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound
        return replace(
            recording, stem=row.stem, form="webm", size=row.size, duration_ms=row.duration_ms
        )

    # ------------------------------------------------------------ for whoever makes them

    async def claim(self) -> Task | None:
        """Take a copy to make, of any showroom. Nobody else gets it, unless who took it died."""
        now, table = self._clock(), recording_copies
        free = (
            table.c.state == CopyState.MAKING,
            sa.or_(table.c.heard_at.is_(None), table.c.heard_at < now - DEAD_MS),
        )
        async with self._database.read() as connection:
            query = sa.select(table).where(*free).order_by("asked_at").limit(1)
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        stem = f"{row.recording_id}-{new_id()}"
        take = sa.update(table).where(table.c.recording_id == row.recording_id, *free)
        async with self._database.write() as connection:
            taken = take.values(heard_at=now, stem=stem, percent=0)
            if (await connection.execute(taken)).rowcount == 0:
                return None
        showroom, name = ShowroomId(row.showroom_id), RecordingId(row.recording_id)
        try:
            recording = await self.book.get(showroom, name)
        except NotFound:
            # It was erased while somebody asked.
            async with self._database.write() as connection:
                await connection.execute(sa.delete(table).where(table.c.recording_id == name))
            return None
        if row.stem:
            await self.book.discard(recording, row.stem)
        return Task(recording, stem)

    async def tell(self, task: Task, percent: int) -> bool:
        """Say how far it is. False: it is cancelled, erased, or somebody else's by now."""
        return await self._update(task, percent=percent, heard_at=self._clock())

    async def made(self, task: Task, duration_ms: int) -> None:
        """Keep a copy that is made, if it is still wanted."""
        pair = Pair.of(task.recording.showroom_id, task.stem)
        size = await asyncio.to_thread(pair.size, self.book.files)
        ready = {"state": CopyState.READY, "percent": 100, "size": size}
        if not await self._update(task, **ready, duration_ms=duration_ms):
            await self.book.discard(task.recording, task.stem)

    async def failed(self, task: Task, state: CopyState) -> None:
        """Say that it can't be made."""
        await self._update(task, state=state, stem=None, percent=0)

    async def give_back(self, task: Task) -> None:
        """Let another node make it at once."""
        await self._update(task, heard_at=None)

    async def _update(self, task: Task, **values: Any) -> bool:
        mine = (
            *_of(task.recording),
            recording_copies.c.stem == task.stem,
            recording_copies.c.state == CopyState.MAKING,
        )
        async with self._database.write() as connection:
            done = await connection.execute(sa.update(recording_copies).where(*mine).values(values))
        return done.rowcount > 0


def _of(recording: Recording) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        recording_copies.c.recording_id == recording.id,
        recording_copies.c.showroom_id == recording.showroom_id,
    )
