"""Practice calls: an advisor records half a minute to themselves through the relay, and sees it.

A practice is a recording without a call. Only who made it can see it; it goes when they say so, or
within an hour after a day. What stands in Redis while it runs:

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
from redis.exceptions import RedisError

from media.recording.book import PRACTICE_SECONDS, Agreed, Recording, Recordings
from media.relay.orders import Close, Connect, Recorded, Seat
from media.relay.switch import Switch
from showroom.clock import DAY_MS, Clock
from showroom.errors import NotFound, ShowroomError, TryAgain
from showroom.ids import RecordingId, ShowroomId, StaffId, new_id
from showroom.words import RecordingEnd, Side

log = structlog.get_logger()

# What a page records (seconds); the rest of its time is to connect, and to connect anew.
LENGTH = 30
# So long is one kept; `showroom.retention` removes it.
KEPT_MS = DAY_MS
# Forget what runs, if it is still this.
_FORGET = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


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
        self._forget = redis.register_script(_FORGET)
        self._switch = switch
        self._book = book
        self._clock = clock
        self._ending: dict[RecordingId, asyncio.Task[None]] = {}

    async def begin(self, showroom: ShowroomId, staff: StaffId) -> RecordingId:
        """Begin one; return its id. Raises `TryAgain` when there is no media worker."""
        worker = await self._switch.pick()
        if worker is None:
            raise TryAgain
        recording, now = RecordingId(new_id()), self._clock()
        key = await self._book.begin(showroom, recording, Agreed(None, staff, None, now, now))
        if key is None:
            raise TryAgain
        running = _Running(recording=recording, showroom=showroom, worker=worker, key=key)
        before = await self._redis.set(
            _key(staff), running.model_dump_json(), ex=PRACTICE_SECONDS, get=True
        )
        # The page ends it in time; if it can't, it ends all the same. If this node is gone by then,
        # `Recordings.claim` counts it as lost.
        ending = asyncio.create_task(self._end_later(running, staff))
        self._ending[recording] = ending
        ending.add_done_callback(lambda _: self._ending.pop(recording, None))
        if before:
            await self._end(_Running.model_validate_json(before), staff)
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
            await self._redis.expire(ranks, PRACTICE_SECONDS)
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

    async def end(self, showroom: ShowroomId, staff: StaffId, practice: RecordingId) -> None:
        """End somebody's own. Repeatable. Raises `NotFound`."""
        running = await self._running(staff)
        if running is not None and running.recording == practice:
            await self._end(running, staff)
        else:
            # What ran has faded, or another one runs: the row has to end all the same.
            await self.get(showroom, staff, practice)
            await self._book.end(showroom, practice, self._clock(), RecordingEnd.OVER)

    async def get(self, showroom: ShowroomId, staff: StaffId, practice: RecordingId) -> Recording:
        """Return somebody's own, however far it is. Raises `NotFound`."""
        return await self._book.practice(showroom, staff, practice)

    async def erase(self, showroom: ShowroomId, staff: StaffId, practice: RecordingId) -> None:
        """Delete somebody's own. Raises `NotFound`."""
        await self.end(showroom, staff, practice)
        await self._book.erase(showroom, practice)

    async def _running(self, staff: StaffId) -> _Running | None:
        raw = await self._redis.get(_key(staff))
        return _Running.model_validate_json(raw) if raw else None

    async def _end(self, running: _Running, staff: StaffId) -> None:
        """End it: what could not be done is done again as long as the key is there, so that goes
        last."""
        now = self._clock()
        await self._book.end(running.showroom, running.recording, now, RecordingEnd.OVER)
        try:
            await self._switch.ask(running.worker, Close(room=running.recording))
        except ShowroomError as error:
            # Its worker is gone, and the room with it; or it forgets a room that nobody is in.
            log.info("a practice could not be closed", why=error.code)
        await self._forget(keys=[_key(staff)], args=[running.model_dump_json()])
        ending = self._ending.pop(running.recording, None)
        if ending is not None and ending is not asyncio.current_task():
            ending.cancel()

    async def _end_later(self, running: _Running, staff: StaffId) -> None:
        await asyncio.sleep(PRACTICE_SECONDS)
        try:
            await self._end(running, staff)
        except (ShowroomError, RedisError) as error:
            log.warning("a practice could not be ended", why=type(error).__name__)


def _key(staff: StaffId) -> str:
    return f"vs:practice:{staff}"
