"""A media worker: one process, one loop, many rooms. It takes orders over Redis."""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import structlog
from aiortc import RTCCertificate
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from media.relay.leg import Benches
from media.relay.offers import BadOffer, read_offer
from media.relay.orders import (
    BLOCK_SECONDS,
    ENVELOPE,
    HEARTBEAT,
    LEASE_MS,
    LIST_SECONDS,
    TROUBLES,
    WORKERS,
    Arrange,
    Close,
    Connect,
    Envelope,
    Facts,
    Recorded,
    Reply,
    Trouble,
    answers_key,
    facts_key,
    orders_key,
)
from media.relay.recorder import Studio, Task
from media.relay.road import Doors
from media.relay.room import Ground, Room
from media.relay.rtp import clock
from showroom.ids import RecordingId, ShowroomId, new_id
from showroom.process import end

log = structlog.get_logger()

# Publishers are told this often (seconds) what came; reports go out every so many of these beats.
BEAT = 0.05
REPORT_BEATS = 20
# A room in which nobody is connected is forgotten after so many seconds.
EMPTY_SECONDS = 60
# Who did not hear Redis for a while hears first what was said meanwhile, and then records.
SURE_SECONDS = 2.0
# So long may rooms take to move to another worker, when this one shall end.
DRAIN_SECONDS = 60


class Worker:
    """Rooms, and the orders for them. `run` ends after `drain`."""

    def __init__(
        self, redis: Redis, doors: Doors, name: str = "", studio: Studio | None = None
    ) -> None:
        # redis-py types bytes and text, waiting and not, all at once; ours is the text kind.
        self._redis: Any = redis
        self.id = name or new_id()
        self.rooms: dict[str, Room] = {}
        self._studio = studio
        self._ground = Ground(doors, RTCCertificate.generateCertificate(), Benches(), studio)
        # Recordings that had to be given up, until Redis has it; and when Redis last answered.
        self._troubles: dict[str, Trouble] = {}
        self._heard = clock()
        self._deaf_until = 0.0
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        # By room: the newest order that said who may be in it.
        self._arranged: dict[str, Connect | Arrange] = {}
        self._empty_since: dict[str, float] = {}
        self._draining, self._emptied = asyncio.Event(), asyncio.Event()
        self._working: set[asyncio.Task[None]] = set()
        self._load = _Load()

    async def run(self) -> None:
        """Work until drained: no rooms are left, or they took too long to move."""
        loops = [self._live, self._take_orders, self._beat]
        tasks = [asyncio.create_task(_again(loop)) for loop in loops]
        try:
            await self._draining.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(DRAIN_SECONDS):
                    await self._emptied.wait()
        finally:
            await end(tasks)
            for room in list(self.rooms.values()):
                await room.close()
            if self._studio is not None:
                await self._studio.scribe.close()
            with contextlib.suppress(RedisError, OSError):
                await self._redis.delete(facts_key(self.id), orders_key(self.id))
                await self._redis.srem(WORKERS, self.id)

    def drain(self) -> None:
        """Take no new rooms, and end once those that are here have moved."""
        self._draining.set()

    # ------------------------------------------------------------ being known

    def facts(self) -> Facts:
        """Return what nodes choose by."""
        return Facts(
            id=self.id,
            load=self._load.share(),
            rooms=len(self.rooms),
            legs=sum(len(one.legs) for r in self.rooms.values() for one in r.participants.values()),
            addresses=tuple(self._ground.doors.announced()),
            draining=self._draining.is_set(),
        )

    async def _live(self) -> None:
        while True:
            pipe = self._redis.pipeline(transaction=False)
            pipe.set(facts_key(self.id), self.facts().model_dump_json(), px=LEASE_MS)
            pipe.sadd(WORKERS, self.id)
            troubles = dict(self._troubles)
            for name, trouble in troubles.items():
                pipe.hset(TROUBLES, name, trouble.model_dump_json())
            await pipe.execute()
            self._heard = clock()
            for name in troubles:
                del self._troubles[name]
            await asyncio.sleep(HEARTBEAT)

    # ------------------------------------------------------------ orders

    async def _take_orders(self) -> None:
        while True:
            row = await self._redis.blpop([orders_key(self.id)], timeout=BLOCK_SECONDS)
            if row is None:
                continue
            try:
                envelope = ENVELOPE.validate_json(row[1])
            except ValidationError:
                log.warning("an order makes no sense")
                continue
            # Each on its own: one page's set-up must not keep another room waiting.
            task = asyncio.create_task(self._carry_out(envelope))
            self._working.add(task)
            task.add_done_callback(self._working.discard)

    async def _carry_out(self, envelope: Envelope) -> None:
        order = envelope.order
        try:
            async with self._locks[order.room]:
                sdp = await self._do(order)
            reply = Reply(id=envelope.id, sdp=sdp)
        except BadOffer as error:
            reply = Reply(id=envelope.id, refused=str(error))
        except Exception:
            log.exception("an order could not be carried out", op=order.op)
            reply = Reply(id=envelope.id, failed=True)
        if order.room not in self.rooms:
            self._locks.pop(order.room, None)
        key = answers_key(envelope.node)
        pipe = self._redis.pipeline(transaction=False)
        pipe.rpush(key, reply.model_dump_json())
        pipe.expire(key, LIST_SECONDS)
        with contextlib.suppress(RedisError, OSError):  # whoever asked gives up, and asks again
            await pipe.execute()

    async def _do(self, order: Connect | Arrange | Close) -> str:
        if isinstance(order, Close):
            await self._forget(order.room)
            return ""
        room = self.rooms.get(order.room)
        if room is None:
            if isinstance(order, Arrange):
                return ""
            room = self.rooms[order.room] = Room(self._ground)
        truth = self._newest(order)
        await self._arrange(room, truth)
        if isinstance(order, Arrange):
            return ""
        seat = next((seat for seat in truth.seats if seat.who == order.who), None)
        if seat is None:
            raise BadOffer("there is no seat for this page")
        return await room.offer(seat.member(), order.rank, read_offer(order.sdp))

    async def _arrange(self, room: Room, order: Connect | Arrange) -> None:
        room.held = order.held
        for seat in order.seats:
            room.set_member(seat.member())
        room.booth.record(
            self._task(order.recorded), lambda task, full: self._give_up(order, task, full)
        )
        room.wire()
        seats = {seat.who for seat in order.seats}
        await room.leave(*(who for who in room.participants if who not in seats))

    def _task(self, recorded: Recorded | None) -> Task | None:
        if recorded is None or self._studio is None:
            return None
        name = RecordingId(recorded.id)
        try:
            key = self._studio.keyring.open(name, recorded.key)
        except ValueError:
            log.error("a recording's key can't be opened: do all have the same secret?")
            return None
        return Task(name, ShowroomId(recorded.showroom), key)

    def _give_up(self, order: Connect | Arrange, task: Task, full: bool) -> None:
        """Tell it with the next heartbeat; the call goes on."""
        self._troubles[task.id] = Trouble(
            id=task.id, showroom=task.showroom, room=order.room, full=full
        )

    def _newest(self, order: Connect | Arrange) -> Connect | Arrange:
        """Return what was last said of who may be in a room: orders can overtake one another."""
        known = self._arranged.get(order.room)
        if known is None or known.number <= order.number:
            known = self._arranged[order.room] = order
        return known

    async def _forget(self, name: str) -> None:
        self._arranged.pop(name, None)
        self._empty_since.pop(name, None)
        if room := self.rooms.pop(name, None):
            await room.close()

    # ------------------------------------------------------------ the beat

    async def _beat(self) -> None:
        beats = 0
        while True:
            await asyncio.sleep(BEAT)
            beats += 1
            now = clock()
            if self._draining.is_set() and not self.rooms:
                self._emptied.set()
            reports = beats % REPORT_BEATS == 0
            if now - self._heard > LEASE_MS / 1000:
                self._deaf_until = now + SURE_SECONDS
            deaf = now < self._deaf_until
            for name, room in list(self.rooms.items()):
                room.booth.listen(deaf)
                try:
                    room.beat(now, reports)
                except Exception:
                    log.exception("a room's beat failed")  # the others' turn comes
                if reports or self._draining.is_set():
                    await self._forget_if_empty(name, room, now)

    async def _forget_if_empty(self, name: str, room: Room, now: float) -> None:
        if room.is_connected():
            self._empty_since.pop(name, None)
        # Who drains waits for nobody to come back: the room has moved.
        elif (
            self._draining.is_set() or now - self._empty_since.setdefault(name, now) > EMPTY_SECONDS
        ):
            await self._forget(name)


async def _again(loop: Callable[[], Any]) -> None:
    """Run a loop for ever. What it depends on may be away for a while."""
    while True:
        try:
            await loop()
        except (RedisError, OSError):
            log.warning("Redis does not answer; trying again")
            await asyncio.sleep(HEARTBEAT)
        except Exception:
            log.exception("a loop broke; it starts again")
            await asyncio.sleep(HEARTBEAT)


class _Load:
    """The share of a core that this process has used lately."""

    def __init__(self) -> None:
        self._at, self._used, self._share = time.monotonic(), time.process_time(), 0.0

    def share(self) -> float:
        now, used = time.monotonic(), time.process_time()
        if now - self._at >= HEARTBEAT / 2:
            latest = (used - self._used) / (now - self._at)
            self._share += (latest - self._share) / 3
            self._at, self._used = now, used
        return round(self._share, 3)
