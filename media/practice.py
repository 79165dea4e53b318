"""Practice calls: an advisor records half a minute to themselves through the relay, and sees it.

A practice is a recording without a call. Only who made it can see it; it goes after a day, or when
they say so. What stands in Redis while it runs:

========================  ==========================================================================
key                       what
========================  ==========================================================================
`vs:practice:<staff>`     what runs for somebody (`_Running` as JSON); it fades with the practice
`vs:practice:<s>:<id>`    how many connections it has had: the ranks of the relay
========================  ==========================================================================
"""

import asyncio
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict
from redis.asyncio import Redis

from media.recording.book import Agreed, Recording, Recordings
from media.relay.orders import Close, Connect, Recorded, Seat
from media.relay.switch import Switch
from showroom.clock import Clock
from showroom.errors import NotFound, ShowroomError, TryAgain
from showroom.ids import RecordingId, ShowroomId, StaffId, new_id
from showroom.words import RecordingEnd, Side

log = structlog.get_logger()

# What a page records, and what it may take besides: to connect, and to connect anew (seconds).
LENGTH, PATIENCE = 30, 30
# So long is one kept; `showroom.retention` removes it.
KEPT_MS = 24 * 3_600_000


class _Running(BaseModel):
    """A practice that runs: its recording, where it is, and the recording's key, wrapped."""

    model_config = ConfigDict(frozen=True)

    recording: RecordingId
    showroom: ShowroomId
    worker: str
    key: str


class Practices:
    """One at a time for each advisor: another one ends the one before."""

    def __init__(self, redis: Redis, switch: Switch, book: Recordings, clock: Clock) -> None:
        # redis-py types bytes and text, waiting and not, all at once; ours is the text kind.
        self._redis: Any = redis
        self._switch = switch
        self._book = book
        self._clock = clock
        self._ending: set[asyncio.Task[None]] = set()

    async def begin(self, showroom: ShowroomId, staff: StaffId) -> RecordingId:
        """Begin one; return its id. Raises `TryAgain` when there is no media worker."""
        worker = await self._switch.pick()
        if worker is None:
            raise TryAgain
        if before := await self._running(staff):
            await self._end(before, staff)
        recording, now = RecordingId(new_id()), self._clock()
        key = await self._book.begin(showroom, recording, Agreed(None, staff, None, now, now))
        if key is None:
            raise TryAgain
        running = _Running(recording=recording, showroom=showroom, worker=worker, key=key)
        seconds = LENGTH + PATIENCE
        await self._redis.set(_key(staff), running.model_dump_json(), ex=seconds)
        # The page ends it in time; if it can't, it ends all the same.
        ending = asyncio.create_task(self._end_later(running, staff, seconds))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        return recording

    async def connect(
        self, staff: StaffId, practice: RecordingId, rank: int | None, sdp: str
    ) -> tuple[str, int]:
        """Take the page's offer; return the relay's answer, and the connection's rank.

        With a rank it mends that connection (ICE restart), as in a call.

        Raises `NotFound` when it runs no more, `BadRequest` for an offer that makes no sense, and
        `TryAgain`.
        """
        running = await self._running(staff)
        if running is None or running.recording != practice:
            raise NotFound
        if rank is None:
            rank = await self._redis.incr(ranks := f"{_key(staff)}:{practice}")
            await self._redis.expire(ranks, LENGTH + PATIENCE)
        who = f"a-{staff}"
        order = Connect(
            room=practice,
            seats=(Seat(who=who, part=Side.ADVISOR),),
            recorded=Recorded(id=practice, showroom=running.showroom, key=running.key),
            who=who,
            rank=rank,
            sdp=sdp,
        )
        return await self._switch.ask(running.worker, order), rank

    async def end(self, staff: StaffId, practice: RecordingId) -> None:
        """End what runs. Repeatable."""
        running = await self._running(staff)
        if running is not None and running.recording == practice:
            await self._end(running, staff)

    async def get(self, showroom: ShowroomId, staff: StaffId, practice: RecordingId) -> Recording:
        """Return somebody's own, however far it is. Raises `NotFound`."""
        return await self._book.practice(showroom, staff, practice)

    async def erase(self, showroom: ShowroomId, staff: StaffId, practice: RecordingId) -> None:
        """Delete somebody's own. Raises `NotFound`."""
        await self.get(showroom, staff, practice)
        await self.end(staff, practice)
        await self._book.erase(showroom, practice)

    async def _running(self, staff: StaffId) -> _Running | None:
        raw = await self._redis.get(_key(staff))
        return _Running.model_validate_json(raw) if raw else None

    async def _end(self, running: _Running, staff: StaffId) -> None:
        await self._redis.delete(_key(staff))
        try:
            await self._switch.ask(running.worker, Close(room=running.recording))
        except ShowroomError as error:
            # Its worker is gone, and the room with it; or it forgets a room that nobody is in.
            log.info("a practice could not be closed", why=error.code)
        now = self._clock()
        await self._book.end(running.showroom, running.recording, now, RecordingEnd.OVER)

    async def _end_later(self, running: _Running, staff: StaffId, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._end(running, staff)


def _key(staff: StaffId) -> str:
    return f"vs:practice:{staff}"
