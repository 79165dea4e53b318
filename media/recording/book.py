"""Which recordings there are: a row for each, with its key, who agreed, and what became of it."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from media.recording.sealed import Pair
from media.recording.vault import Keyring
from showroom.clock import DAY_MS, Clock
from showroom.database import Database, insert
from showroom.errors import NotFound
from showroom.files import FileKind, Files, Place
from showroom.ids import CallId, RecordingId, ShowroomId, StaffId, new_id
from showroom.media_tables import recording_copies, recording_views, recordings
from showroom.words import RecordingEnd

# A worker may write for so long (ms) after a recording's end: then it is made one file.
SETTLE_MS = 4_000
# A node that makes one file of a recording and isn't done by then has died.
CLAIM_MS = 30 * 60_000
# No call lasts as long: whatever runs then was forgotten, with the whole of Redis.
LOST_MS = DAY_MS
# No practice does (seconds): what runs a little longer was forgotten, with the node that had it.
PRACTICE_SECONDS = 60
LOST_PRACTICE_MS = PRACTICE_SECONDS * 1000 + 10_000
# Whoever tries to make one file of a recording for the last time says when it can't be done.
MOST_TRIES = 5


class State(StrEnum):
    """How far a recording is."""

    RUNNING = "running"
    ENDED = "ended"  # its parts are there, and wait to be made one file
    READY = "ready"
    EMPTY = "empty"  # nothing had been recorded
    FAILED = "failed"  # its parts are there, and can't be made one file
    ERASED = "erased"


class Deed(StrEnum):
    """What is noted of whoever does it with a recording."""

    OPENED = "opened"
    COPY_ASKED = "copy_asked"
    COPY_OPENED = "copy_opened"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What both sides have agreed to, and when. Moments in UTC milliseconds.

    Of a practice (`media.practice`) there is no call, and no customer.
    """

    call: CallId | None
    advisor: StaffId
    customer_at: int | None
    advisor_at: int
    started_at: int


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording. `size` in bytes, `form` is `webm` or `mp4`; both once it is ready.

    `tries`: how often somebody has begun to make one file of it.
    """

    id: RecordingId
    showroom_id: ShowroomId
    call_id: CallId | None
    state: State
    agreed: Agreed
    ended_at: int | None
    end_reason: RecordingEnd | None
    wrapped_key: str | None
    stem: str
    form: str
    parts: int
    size: int
    duration_ms: int
    tries: int = 0


class Recordings:
    """The recordings of all showrooms; every question names the showroom."""

    def __init__(self, database: Database, files: Files, secret: str, clock: Clock) -> None:
        self._database = database
        self.files = files
        self._keyring = Keyring(secret)
        self._clock = clock

    # ------------------------------------------------------------ while a call runs

    async def begin(
        self, showroom_id: ShowroomId, recording_id: RecordingId, agreed: Agreed
    ) -> str | None:
        """Note a recording; return its key, wrapped, or None when it was taken back. Repeatable."""
        row = {
            "id": recording_id,
            "showroom_id": showroom_id,
            "call_id": agreed.call,
            "advisor_id": agreed.advisor,
            "state": State.RUNNING,
            "customer_agreed_at": agreed.customer_at,
            "advisor_agreed_at": agreed.advisor_at,
            "started_at": agreed.started_at,
            "wrapped_key": self._keyring.new(recording_id),
            **dict.fromkeys(("parts", "size", "duration_ms", "tries"), 0),
        }
        async with self._database.write() as connection:
            await connection.execute(
                insert(connection, recordings).values(row).on_conflict_do_nothing()
            )
        found = await self._found(showroom_id, recordings.c.id == recording_id)
        return found[0].wrapped_key if found else None

    async def end(
        self,
        showroom_id: ShowroomId,
        recording_id: RecordingId,
        ended_at: int,
        reason: RecordingEnd,
    ) -> None:
        """Note its end. Repeatable."""
        values = {"state": State.ENDED, "ended_at": ended_at, "end_reason": reason}
        await self._update(showroom_id, recording_id, values, State.RUNNING)

    async def erase(self, showroom_id: ShowroomId, recording_id: RecordingId) -> None:
        """Shred it, however far it is: its key goes first, then its files, and those of its copy.

        Repeatable.
        """
        values = {"state": State.ERASED, "wrapped_key": None, "ended_at": self._clock()}
        await self._update(showroom_id, recording_id, values)
        mine = recording_copies.c.recording_id == recording_id
        here = recording_copies.c.showroom_id == showroom_id
        async with self._database.write() as connection:
            await connection.execute(sa.delete(recording_copies).where(mine, here))
        await self._remove_files(showroom_id, recording_id)

    # ------------------------------------------------------------ afterwards

    async def of_call(self, showroom_id: ShowroomId, call_id: CallId) -> Sequence[Recording]:
        """Return a call's recordings, first begun first, without those taken back."""
        kept = recordings.c.state != State.ERASED
        return await self._found(showroom_id, recordings.c.call_id == call_id, kept)

    async def get(self, showroom_id: ShowroomId, recording_id: RecordingId) -> Recording:
        """Return one that can be played. Raises `NotFound`, also for another showroom's."""
        found = await self.one(showroom_id, recording_id)
        if found.state is not State.READY:
            raise NotFound
        return found

    async def one(self, showroom_id: ShowroomId, recording_id: RecordingId) -> Recording:
        """Return a call's recording, however far it is. Raises `NotFound` as `get` does."""
        there = recordings.c.state != State.ERASED, recordings.c.call_id.is_not(None)
        found = await self._found(showroom_id, recordings.c.id == recording_id, *there)
        if not found:
            raise NotFound
        return found[0]

    async def practice(
        self, showroom_id: ShowroomId, staff_id: StaffId, recording_id: RecordingId
    ) -> Recording:
        """Return somebody's own practice. Raises `NotFound`, also for another's."""
        own = recordings.c.call_id.is_(None), recordings.c.advisor_id == staff_id
        kept = recordings.c.state != State.ERASED
        found = await self._found(showroom_id, recordings.c.id == recording_id, kept, *own)
        if not found:
            raise NotFound
        return found[0]

    async def read(self, recording: Recording, start: int, end: int) -> bytes:
        """Return the bytes from `start` to before `end`. Raises `NotFound`."""
        return await asyncio.to_thread(self._read, recording, start, end)

    def _read(self, recording: Recording, start: int, end: int) -> bytes:
        if recording.wrapped_key is None:
            raise NotFound
        key = self._keyring.open(recording.id, recording.wrapped_key)
        pair = Pair.of(recording.showroom_id, recording.stem)
        return pair.read(self.files, key, start, end)

    async def opened(
        self,
        showroom_id: ShowroomId,
        recording_id: RecordingId,
        staff_id: StaffId,
        deed: Deed = Deed.OPENED,
    ) -> None:
        """Note that somebody has opened one, or done something else with it."""
        row = {
            "id": new_id(),
            "showroom_id": showroom_id,
            "recording_id": recording_id,
            "staff_id": staff_id,
            "deed": deed,
            "opened_at": self._clock(),
        }
        async with self._database.write() as connection:
            await connection.execute(sa.insert(recording_views).values(row))

    async def views(
        self, showroom_id: ShowroomId, recording_id: RecordingId, deed: Deed = Deed.OPENED
    ) -> Sequence[tuple[StaffId, int]]:
        """Return who has opened one, or done that with it, and when, first first."""
        query = sa.select(recording_views).where(
            recording_views.c.showroom_id == showroom_id,
            recording_views.c.recording_id == recording_id,
            recording_views.c.deed == deed,
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by("opened_at", "id"))).all()
        return [(StaffId(row.staff_id), row.opened_at) for row in rows]

    async def purge(self, showroom_id: ShowroomId, older_than: int, practices: bool = False) -> int:
        """Remove what began before `older_than`, in UTC milliseconds; return how many.

        `practices`: of those without a call.
        """
        kind = recordings.c.call_id.is_(None) == practices
        found = await self._found(showroom_id, recordings.c.started_at < older_than, kind)
        for recording in found:
            await self.erase(showroom_id, recording.id)
            async with self._database.write() as connection:
                for table, column in (
                    (recording_views, recording_views.c.recording_id),
                    (recordings, recordings.c.id),
                ):
                    mine = column == recording.id, table.c.showroom_id == showroom_id
                    await connection.execute(sa.delete(table).where(*mine))
        return len(found)

    # ------------------------------------------------------------ making one file

    async def claim(self) -> Recording | None:
        """Take a recording that has ended, of any showroom, to make it one file.

        Nobody else gets it, unless whoever took it has died. One that was tried often enough has
        failed.
        """
        now = self._clock()
        ended = sa.and_(recordings.c.state == State.ENDED, recordings.c.ended_at < now - SETTLE_MS)
        began, practice = recordings.c.started_at, recordings.c.call_id.is_(None)
        lost = sa.and_(
            recordings.c.state == State.RUNNING,
            sa.or_(began < now - LOST_MS, sa.and_(practice, began < now - LOST_PRACTICE_MS)),
        )
        free = sa.or_(recordings.c.claimed_at.is_(None), recordings.c.claimed_at < now - CLAIM_MS)
        query = sa.select(recordings.c.id).where(sa.or_(ended, lost), free).limit(1)
        async with self._database.read() as connection:
            which = (await connection.execute(query)).scalar_one_or_none()
        if which is None:
            return None
        take = sa.update(recordings).where(recordings.c.id == which, free)
        taken = take.values(claimed_at=now, tries=recordings.c.tries + 1)
        async with self._database.write() as connection:
            if (await connection.execute(taken)).rowcount == 0:
                return None
            row = (
                await connection.execute(sa.select(recordings).where(recordings.c.id == which))
            ).one()
        recording = _recording(row)
        if recording.tries > MOST_TRIES:
            # Not even whoever tried it for the last time has lived to say so.
            await self.failed(recording)
            return await self.claim()
        return recording

    def key_of(self, recording: Recording) -> bytes:
        """Return its key. Raises `NotFound` when it was taken back."""
        if recording.wrapped_key is None:
            raise NotFound
        return self._keyring.open(recording.id, recording.wrapped_key)

    async def put_off(self, recording: Recording) -> None:
        """Let it be taken again in some seconds: its worker still writes. That was no try."""
        soon = {"claimed_at": self._clock() - CLAIM_MS + SETTLE_MS, "tries": recording.tries - 1}
        await self._update(recording.showroom_id, recording.id, soon)

    async def failed(self, recording: Recording) -> None:
        """Say that it can't be made one file. Its parts stay until it is deleted, or too old."""
        values = _ended(recording) | {"state": State.FAILED, "claimed_at": None}
        await self._update(recording.showroom_id, recording.id, values, State.ENDED, State.RUNNING)

    async def parts_of(self, recording: Recording) -> Mapping[str, int]:
        """Return the names of what grew, first first, and how many bytes each has by now."""
        return await asyncio.to_thread(self._parts_of, recording)

    def _parts_of(self, recording: Recording) -> Mapping[str, int]:
        sizes = {}
        for name in self.files.names(*_which(recording.showroom_id, recording.id)):
            if name.endswith(".part"):
                place = Place(recording.showroom_id, FileKind.RECORDING, name)
                with suppress(NotFound):  # it was deleted meanwhile
                    sizes[name] = self.files.size(place)
        return sizes

    async def finished(
        self, recording: Recording, stem: str, form: str, size: int, duration_ms: int, parts: int
    ) -> None:
        """Keep the one file, and remove all else. One that was taken back meanwhile stays so."""
        values = _ended(recording, duration_ms) | {
            "state": State.READY if size else State.EMPTY,
            "stem": stem,
            "form": form,
            "size": size,
            "duration_ms": duration_ms,
            "parts": parts,
            "claimed_at": None,
        }
        done = await self._update(
            recording.showroom_id, recording.id, values, State.ENDED, State.RUNNING
        )
        await self._remove_files(recording.showroom_id, recording.id, but=stem if done else "")

    async def discard(self, recording: Recording, stem: str) -> None:
        """Remove what there is of a file that could not be made: a disk that is full needs it."""
        await asyncio.to_thread(Pair.of(recording.showroom_id, stem).delete, self.files)

    # ------------------------------------------------------------ underneath

    async def _update(
        self,
        showroom_id: ShowroomId,
        recording_id: RecordingId,
        values: dict[str, Any],
        *states: State,
    ) -> bool:
        mine = [recordings.c.id == recording_id, recordings.c.showroom_id == showroom_id]
        if states:
            mine.append(recordings.c.state.in_(states))
        async with self._database.write() as connection:
            done = await connection.execute(sa.update(recordings).where(*mine).values(values))
        return done.rowcount > 0

    async def _remove_files(
        self, showroom_id: ShowroomId, recording_id: RecordingId, but: str = ""
    ) -> None:
        for name in await asyncio.to_thread(self.files.names, *_which(showroom_id, recording_id)):
            if not but or not name.startswith(but):
                place = Place(showroom_id, FileKind.RECORDING, name)
                await asyncio.to_thread(self.files.delete, place)

    async def _found(
        self, showroom_id: ShowroomId, *which: sa.ColumnElement[bool]
    ) -> Sequence[Recording]:
        query = sa.select(recordings).where(recordings.c.showroom_id == showroom_id, *which)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by("started_at", "id"))).all()
        return [_recording(row) for row in rows]


def _which(showroom: ShowroomId, recording: RecordingId) -> tuple[ShowroomId, FileKind, str]:
    return showroom, FileKind.RECORDING, f"{recording}-"


def _ended(recording: Recording, duration_ms: int = 0) -> dict[str, Any]:
    """Return the end of one that was lost: nobody has noted it, and it was over with its call."""
    if recording.ended_at is not None:
        return {}
    ended_at = recording.agreed.started_at + duration_ms
    return {"ended_at": ended_at, "end_reason": RecordingEnd.OVER}


def _recording(row: sa.Row[Any]) -> Recording:
    call = CallId(row.call_id) if row.call_id else None
    return Recording(
        id=RecordingId(row.id),
        showroom_id=ShowroomId(row.showroom_id),
        call_id=call,
        state=State(row.state),
        agreed=Agreed(
            call=call,
            advisor=StaffId(row.advisor_id),
            customer_at=row.customer_agreed_at,
            advisor_at=row.advisor_agreed_at,
            started_at=row.started_at,
        ),
        ended_at=row.ended_at,
        end_reason=RecordingEnd(row.end_reason) if row.end_reason else None,
        wrapped_key=row.wrapped_key,
        stem=row.stem or "",
        form=row.form or "",
        parts=row.parts,
        size=row.size,
        duration_ms=row.duration_ms,
        tries=row.tries,
    )
