"""Paths: which calls go through a media worker, and through which one.

The pairing script says what a call needs; workers come and go. Every node brings the two together,
again and again: it makes no difference which one does, or whether one dies in between.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import structlog
from redis.exceptions import RedisError

from showroom.errors import ShowroomError, TryAgain
from showroom.ids import CallId, ShowroomId
from showroom.process import end
from showroom.showrooms import Showroom, Showrooms
from showroom.words import CallState, RecordingEnd
from signaling.chores import Loop, apart
from signaling.live import LiveCall, LiveState
from signaling.needs import Arrangement, Relay
from signaling.pairing import Pairing
from signaling.stirred import IDLE_SECONDS, Stirred

log = structlog.get_logger()

LOOK_SECONDS = 0.4
CONNECTED = frozenset({CallState.CONNECTING, CallState.LIVE})
# A worker whose lease has been over for so long is dead: a moment may be Redis' own pause.
ABSENT_SECONDS = 0.8
# Nobody shall think for longer that a call is recorded for which there is no worker.
UNSERVED_SECONDS = 10.0
# After Redis was away, or this node has started, workers say first that they are there.
SPARE_SECONDS = 3.0

# What a worker must know to record this: JSON, or nothing.
Recorded = Callable[[ShowroomId, str], Awaitable[str]]
# A call, and the worker that has a room for it, or had one.
Room = tuple[CallId, str]


class Paths:
    """Chooses workers, moves rooms from those that died, and keeps who may be in a room true."""

    def __init__(
        self,
        pairing: Pairing,
        live: LiveState,
        showrooms: Showrooms,
        relay: Relay,
        recorded: Recorded,
        stirred: Stirred,
    ) -> None:
        self._pairing = pairing
        self._live = live
        self._showrooms = showrooms
        self._relay = relay
        self._recorded = recorded
        self._stirred = stirred.reader()
        self._woken = asyncio.Event()
        self._next_look: dict[ShowroomId, float] = {}
        self._relayed: dict[ShowroomId, list[CallId]] = {}
        # Since when workers of our calls are missed (the loop's time).
        self._missed: dict[str, float] = {}
        self._spare_until = 0.0
        # Since when calls wait for a worker, and there is none.
        self._unserved: dict[CallId, float] = {}
        # What the workers of a call were told last: the number of the arrangement.
        self._told: dict[Room, int] = {}
        # A worker that hangs keeps nobody waiting but those who are in its rooms.
        self._orders: dict[Room, asyncio.Task[None]] = {}

    def loops(self) -> list[Loop]:
        return [self.run]

    def wake(self, showroom: ShowroomId) -> None:
        """Look at a showroom's calls at once: something was changed there."""
        self._stirred.add(showroom)
        self._woken.set()

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        try:
            self._spare()
            while True:
                await self._look_once()
        finally:
            await end(set(self._orders.values()))

    async def _look_once(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self._woken.wait()
        self._woken.clear()
        try:
            await self.look()
        except (TryAgain, RedisError, OSError) as error:
            log.warning("paths have to wait", why=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)
            self._spare()

    def _spare(self) -> None:
        self._spare_until = asyncio.get_running_loop().time() + SPARE_SECONDS

    async def look(self) -> None:
        """Bring all calls' paths in line. What changed nowhere is not looked at."""
        now = asyncio.get_running_loop().time()
        for showroom in await self._showrooms.all():
            if showroom.id in self._stirred or now >= self._next_look.get(showroom.id, 0):
                self._stirred.discard(showroom.id)
                self._relayed[showroom.id] = await self._live.relayed(showroom.id)
                self._next_look[showroom.id] = now + IDLE_SECONDS
        busy = {room: calls for room, calls in self._relayed.items() if calls}
        known = {call for calls in busy.values() for call in calls}
        self._told = {room: told for room, told in self._told.items() if room[0] in known}
        self._unserved = {call: at for call, at in self._unserved.items() if call in known}
        if not busy:
            return
        workers = await self._relay.workers()
        here: set[str] = set()
        for room, calls in busy.items():
            with apart("paths", room):
                showroom = await self._showrooms.by_id(room)
                found = await self._live.calls(room, calls)
                here |= {worker for call in found if call for worker in call.relays}
                self._miss(here - workers.keys(), now)
                for which, call in zip(calls, found, strict=True):
                    with apart("paths", room):
                        await self._settle(showroom, which, call, workers)
        self._missed = {worker: at for worker, at in self._missed.items() if worker in here}
        for worker in workers:
            self._missed.pop(worker, None)

    async def _settle(
        self, showroom: Showroom, which: CallId, call: LiveCall | None, workers: Mapping[str, bool]
    ) -> None:
        """`workers`: those that live, and whether they take new rooms."""
        if call is None:
            await self._route(showroom, which, "", "")
        elif call.state not in CONNECTED or call.left_relay:
            self._order((which, ""), self._leave(showroom, call, workers))
        elif call.relay and self._must_move(call.relay, workers):
            await self._route(showroom, which, call.relay, await self._relay.pick() or "")
        elif call.relay:
            self._tell(showroom, call, workers)
        elif not call.wants_relay:
            self._order((which, ""), self._leave(showroom, call, workers))
        elif worker := await self._relay.pick():
            self._unserved.pop(which, None)
            await self._route(showroom, which, "", worker)
        else:
            self._tell(showroom, call, workers)
            await self._stay_unserved(showroom, which)

    def _tell(self, showroom: Showroom, call: LiveCall, workers: Mapping[str, bool]) -> None:
        """Have its worker, and those before it that live, know what has changed of a call."""
        for worker in call.relays:
            room = call.id, worker
            if (worker in workers or worker == call.relay) and self._told.get(
                room
            ) != call.arranged:
                self._order(room, self._arrange(showroom, call.id, worker))

    async def _stay_unserved(self, showroom: Showroom, call: CallId) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._unserved.setdefault(call, now) + UNSERVED_SECONDS:
            why = RecordingEnd.FAILED
            await self._pairing.run(showroom, "halt_recording", id=call, why=why)

    # ------------------------------------------------------------ workers

    def _miss(self, absent: set[str], now: float) -> None:
        for worker in absent - {""}:
            self._missed.setdefault(worker, now)

    def _must_move(self, worker: str, workers: Mapping[str, bool]) -> bool:
        if worker in workers:
            # One that drains goes on until another can take over.
            return not workers[worker] and any(workers.values())
        return self._is_dead(worker)

    def _is_dead(self, absent: str) -> bool:
        now = asyncio.get_running_loop().time()
        return now >= max(self._spare_until, self._missed.get(absent, now) + ABSENT_SECONDS)

    async def _route(self, showroom: Showroom, call: CallId, before: str, worker: str) -> None:
        """Say which worker a call has from now on; it changes nothing where another node was
        faster, or nobody needs one any more."""
        await self._pairing.run(showroom, "route", id=call, **{"from": before, "to": worker})

    # ------------------------------------------------------------ orders

    def _order(self, room: Room, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the looks, one at a time for each room."""
        if room in self._orders:
            work.close()
            return
        task = self._orders[room] = asyncio.create_task(self._carefully(work))
        task.add_done_callback(lambda _: self._orders.pop(room, None))

    async def _carefully(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (ShowroomError, RedisError, OSError) as error:
            # Nothing was noted: the next look does it again.
            log.warning("an order for a room has to wait", why=type(error).__name__)
        except Exception:
            log.exception("an order for a room failed")

    async def _leave(self, showroom: Showroom, call: LiveCall, workers: Mapping[str, bool]) -> None:
        """Close the rooms that nobody needs any more, and forget them.

        A worker that does not answer may come back, and record on: only one that is dead has none.
        """
        for worker in call.relays:
            if worker in workers:
                await self._relay.close(worker, call.id)
            elif not self._is_dead(worker):
                return
        if call.relay:
            await self._route(showroom, call.id, call.relay, "")
        await self._route(showroom, call.id, "", "")

    async def _arrange(self, showroom: Showroom, call: CallId, worker: str) -> None:
        """Tell a worker who may be in the room: also while the call leaves it, or somebody who is
        gone could listen on. One that the call has left records no more."""
        present, *rest, recording = await self._pairing.run(showroom, "arrangement", id=call)
        recorded, whole = "", True
        if worker == present:
            try:
                recorded = await self._recorded(showroom.id, recording)
            except TryAgain:  # what it is to record must wait, and nothing else
                whole = False
        arrangement = Arrangement.parse(rest, recorded)
        await self._relay.arrange(worker, call, arrangement)
        if whole:
            self._told[call, worker] = arrangement.number
