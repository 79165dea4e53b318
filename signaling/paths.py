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
from showroom.words import CallState
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
# After Redis was away, or this node has started, workers say first that they are there.
SPARE_SECONDS = 3.0

# What a worker must know to record this: JSON, or nothing.
Recorded = Callable[[ShowroomId, str], Awaitable[str]]


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
        # What the worker of a call was told last: (worker, change of who may be in its room).
        self._told: dict[CallId, tuple[str, int]] = {}
        # A worker that hangs keeps nobody waiting but those who are in its rooms.
        self._orders: dict[CallId, asyncio.Task[None]] = {}

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
        self._told = {call: told for call, told in self._told.items() if call in known}
        if not busy:
            return
        workers = await self._relay.workers()
        here: set[str] = set()
        for room, calls in busy.items():
            with apart("paths", room):
                showroom = await self._showrooms.by_id(room)
                found = await self._live.calls(room, calls)
                here |= {call.relay for call in found if call}
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
            self._order(which, self._leave(showroom, call, workers))
        elif call.relay and self._must_move(call.relay, workers):
            await self._route(showroom, which, call.relay, await self._relay.pick() or "")
        elif call.relay:
            if self._told.get(which) != (call.relay, call.arranged):
                self._order(which, self._arrange(showroom, call))
        elif not call.wants_relay:
            await self._route(showroom, which, "", "")
        elif worker := await self._relay.pick():
            await self._route(showroom, which, "", worker)

    # ------------------------------------------------------------ workers

    def _miss(self, absent: set[str], now: float) -> None:
        for worker in absent - {""}:
            self._missed.setdefault(worker, now)

    def _must_move(self, worker: str, workers: Mapping[str, bool]) -> bool:
        if worker in workers:
            # One that drains goes on until another can take over.
            return not workers[worker] and any(workers.values())
        now = asyncio.get_running_loop().time()
        return now >= max(self._spare_until, self._missed.get(worker, now) + ABSENT_SECONDS)

    async def _route(self, showroom: Showroom, call: CallId, before: str, worker: str) -> None:
        """Say which worker a call has from now on; it changes nothing where another node was
        faster, or nobody needs one any more."""
        await self._pairing.run(showroom, "route", id=call, **{"from": before, "to": worker})

    # ------------------------------------------------------------ orders

    def _order(self, call: CallId, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the looks, one at a time for each call."""
        if call in self._orders:
            work.close()
            return
        task = self._orders[call] = asyncio.create_task(self._carefully(work))
        task.add_done_callback(lambda _: self._orders.pop(call, None))

    async def _carefully(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (ShowroomError, RedisError, OSError) as error:
            # Nothing was noted: the next look does it again.
            log.warning("an order for a room has to wait", why=type(error).__name__)
        except Exception:
            log.exception("an order for a room failed")

    async def _leave(self, showroom: Showroom, call: LiveCall, workers: Mapping[str, bool]) -> None:
        """Close a room that nobody needs any more, and forget it."""
        if call.relay in workers:
            with contextlib.suppress(ShowroomError):  # a worker that is gone has no rooms
                await self._relay.close(call.relay, call.id)
        await self._route(showroom, call.id, call.relay, "")

    async def _arrange(self, showroom: Showroom, call: LiveCall) -> None:
        """Tell the worker who may be in the room: also while the call leaves it, or somebody who
        is gone could listen on."""
        worker, *rest, recording = await self._pairing.run(showroom, "arrangement", id=call.id)
        if worker != call.relay:
            return
        recorded = await self._recorded(showroom.id, recording)
        arrangement = Arrangement.parse(rest, recorded)
        await self._relay.arrange(worker, call.id, arrangement)
        self._told[call.id] = worker, arrangement.number
