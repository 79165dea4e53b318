"""The archivist: ended calls go from Redis into SQL, and only then may Redis forget them."""

import asyncio

import structlog
from redis.exceptions import RedisError

from showroom.errors import TryAgain
from showroom.ids import CallId, PhotoId, ShowroomId
from showroom.marks import Marks
from showroom.showrooms import Showroom, Showrooms
from showroom.words import ABANDONED
from signaling.chores import Loop, every
from signaling.desk import Desk
from signaling.live import LiveState
from signaling.needs import CallArchive, FollowUpBook, PhotoBook, QualityBook
from signaling.pairing import Pairing, prefix
from signaling.photos import strokes_of
from signaling.record import events_of, record_of
from signaling.stirred import IDLE_SECONDS, Stirred

log = structlog.get_logger()

SAVE_SECONDS = 0.5
FLUSH_SECONDS = 2
# A closed call stays readable for its customer's page, then Redis forgets it.
KEEP_SECONDS = 1800


class Archivist:
    """Saves ended calls, and their quality and marks. Every node has one; twice is no harm."""

    def __init__(
        self,
        pairing: Pairing,
        live: LiveState,
        showrooms: Showrooms,
        archive: CallArchive,
        follow_ups: FollowUpBook,
        quality: QualityBook,
        marks: Marks,
        photos: PhotoBook,
        desk: Desk,
        stirred: Stirred,
    ) -> None:
        self._pairing = pairing
        self._live = live
        self._showrooms = showrooms
        self._archive = archive
        self._follow_ups = follow_ups
        self._quality = quality
        self._marks = marks
        self._photos = photos
        self._desk = desk
        self._to_save = stirred.reader()
        self._next_save: dict[ShowroomId, float] = {}
        # Calls that could not be saved, so that each is complained about once.
        self._hopeless: set[CallId] = set()

    def loops(self) -> list[Loop]:
        return [
            every(SAVE_SECONDS, self.save),
            every(FLUSH_SECONDS, self._quality.flush),
            every(FLUSH_SECONDS, self._marks.flush),
        ]

    async def save(self) -> None:
        """Write ended calls to SQL. Two nodes doing it at once write the same."""
        now = asyncio.get_running_loop().time()
        for showroom in await self._showrooms.all():
            if showroom.id not in self._to_save and now < self._next_save.get(showroom.id, 0):
                continue
            self._to_save.discard(showroom.id)
            self._next_save[showroom.id] = now
            await self._save_all(showroom)
            self._next_save[showroom.id] = now + IDLE_SECONDS

    async def _save_all(self, showroom: Showroom) -> None:
        for call in await self._live.unsaved(showroom.id):
            try:
                await self._save_call(showroom, call)
            except (TryAgain, RedisError, OSError):
                raise
            except Exception:
                # It stays in Redis and is tried again; the others must not wait for it.
                if call not in self._hopeless:
                    log.exception("a call can't be saved", call=call)
                    self._hopeless.add(call)

    async def _save_call(self, showroom: Showroom, which: CallId) -> None:
        call = await self._live.call(showroom.id, which)
        if call is None:  # faded after all: nothing is left to write
            await self._pairing.redis.srem(f"{prefix(showroom.id)}:unsaved", which)
            return
        lines = await self._live.log(showroom.id, which)
        quality = await self._quality.overall(showroom.id, which)
        record = record_of(showroom.id, call, quality, call.since)
        await self._archive.save(record, events_of(lines))
        for line in lines:
            if line.kind == "photo":
                photo = PhotoId(line.data["photo"])
                drawing = await self._desk.photos.drawing(showroom.id, photo)
                await self._photos.keep_drawing(showroom.id, photo, strokes_of(drawing))
        if call.end_reason in ABANDONED and call.visit is None:  # a visit stays booked
            await self._follow_ups.add_missed_call(
                showroom.id, call.id, call.language, call.vehicle, call.ended_at or call.since
            )
            await self._desk.follow_ups_changed(showroom.id)
        await self._pairing.run(
            showroom, "saved", id=which, version=call.version, keep_s=KEEP_SECONDS
        )
