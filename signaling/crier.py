"""The crier tells many at once, at a bounded rate: public state, queue places, the floor."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog
from redis.exceptions import RedisError

from showroom.alarms import AlarmKind
from showroom.clock import Clock
from showroom.errors import TryAgain
from showroom.ids import CallId, ShowroomId, SocketId
from showroom.showrooms import Showroom, Showrooms
from showroom.words import CallState
from signaling.live import FloorOrders, LiveAdvisor, LiveCall, LiveState, QueueCounts
from signaling.messages import (
    FloorAdvisor,
    FloorAlarm,
    FloorCall,
    FloorState,
    LanguageState,
    ShowroomState,
)
from signaling.needs import FloorNews
from signaling.sockets import Seat, Sockets
from signaling.stirred import Stirred
from signaling.teller import Mouth, dump, queueing
from signaling.waiting import expected_wait

log = structlog.get_logger()

BEAT = 0.25
# Opening hours and waits change without a hint, so everything is looked at this often anyway.
REFRESH_BEATS = round(8 / BEAT)
FLOOR_BEATS = round(1 / BEAT)
QUEUE_BEATS = round(1 / BEAT)
SHARED_MS = 1000
WAITS = frozenset({CallState.WAITING, CallState.RINGING})
RUNS = frozenset({CallState.CONNECTING, CallState.LIVE})
# So many of those who wait stand on the floor: nobody reads more, and it is sent every second.
LISTED = 500


class Loudspeaker(Mouth, Protocol):
    """A mouth that also reaches all visitors of a showroom on this node."""

    async def send_all(
        self, showroom: ShowroomId, event: str, payload: dict[str, object]
    ) -> None: ...


async def public_state(live: LiveState, showroom: Showroom, now_ms: int) -> ShowroomState:
    """Return what everybody may know of a showroom right now."""
    hours = showroom.opening(now_ms)
    languages = {}
    for language in showroom.languages:
        counts = await live.counts(showroom.id, language)
        languages[language] = LanguageState(
            free=counts.free,
            on_duty=counts.on_duty,
            waiting=counts.waiting,
            expected_wait=expected_wait(counts, counts.waiting + 1),
        )
    orders = await live.orders(showroom.id)
    return ShowroomState(
        open=hours.open,
        open_until=hours.until,
        next_opening=hours.next,
        queue_closed=orders.queue_closed is not None,
        notice=dict(orders.notice),
        languages=languages,
    )


class Crier:
    """Runs a beat of 250 ms; what nobody here listens to is not computed."""

    def __init__(
        self,
        live: LiveState,
        showrooms: Showrooms,
        sockets: Sockets,
        mouth: Loudspeaker,
        stirred: Stirred,
        news: FloorNews,
        clock: Clock,
    ) -> None:
        self._live = live
        self._news = news
        self._showrooms = showrooms
        self._sockets = sockets
        self._mouth = mouth
        self._stirred = stirred.reader()
        self._clock = clock
        # What all visitors were told last; and the newest look, which those share who come at the
        # same time, with when it was taken (milliseconds since the epoch).
        self._cried: dict[ShowroomId, dict[str, object]] = {}
        self._look: dict[ShowroomId, tuple[int, dict[str, object]]] = {}
        self._floor_due: set[ShowroomId] = set()

    async def run(self) -> None:
        """Beat until cancelled."""
        beat = 0
        while True:
            await asyncio.sleep(BEAT)
            beat += 1
            try:
                await self.beat(beat)
            except (RedisError, OSError, TryAgain):
                log.warning("the present can't be read; trying again")
            except Exception:
                log.exception("the crier stumbled")

    async def beat(self, beat: int) -> None:
        """Do one beat's work. Public for tests."""
        fresh, changed = beat % REFRESH_BEATS == 0, set(self._stirred)
        self._stirred.clear()
        self._floor_due |= changed
        for showroom in await self._showrooms.all():
            if self._sockets.visitors.get(showroom.id) and (fresh or showroom.id in changed):
                await self._cry(showroom)
            floor = fresh or showroom.id in self._floor_due
            if beat % FLOOR_BEATS == 0 and floor and self._sockets.managers.get(showroom.id):
                self._floor_due.discard(showroom.id)
                await self.floor(showroom, list(self._sockets.managers[showroom.id]))
        if beat % QUEUE_BEATS == 0:
            await self._renew_places()

    async def _cry(self, showroom: Showroom) -> None:
        state = await self._look_at(showroom)
        if state != self._cried.get(showroom.id):
            self._cried[showroom.id] = state
            await self._mouth.send_all(showroom.id, ShowroomState.event, state)

    async def _look_at(self, showroom: Showroom) -> dict[str, object]:
        state = dump(await public_state(self._live, showroom, self._clock()))
        self._look[showroom.id] = (self._clock(), state)
        return state

    async def public(self, seat: Seat) -> None:
        """Send the public state to one visitor; thousands who come at once share one look."""
        at, state = self._look.get(seat.showroom.id, (0, {}))
        if self._clock() - at > SHARED_MS:
            state = await self._look_at(seat.showroom)
        await self._mouth.send(seat, ShowroomState.event, state)

    async def _renew_places(self) -> None:
        waiting: dict[tuple[ShowroomId, str], list[tuple[Seat, LiveCall]]] = {}
        for room, seats in self._waiting_seats().items():
            calls = await self._live.calls(room, [s.call for s in seats if s.call])
            for seat, call in zip(seats, calls, strict=True):
                if call and call.state is CallState.WAITING:
                    waiting.setdefault((room, call.language), []).append((seat, call))
        for (room, language), pairs in waiting.items():
            counts = await self._live.counts(room, language)
            places = {c: n for n, c in enumerate(await self._live.order(room, language), 1)}
            for seat, call in pairs:
                place = places.get(call.id, 1)
                await self._renew_place(seat, call, counts, place)

    def _waiting_seats(self) -> dict[ShowroomId, list[Seat]]:
        found: dict[ShowroomId, list[Seat]] = {}
        for seat in self._sockets.customers.values():
            if seat.waiting_state is not None and seat.call:
                found.setdefault(seat.showroom.id, []).append(seat)
        return found

    async def _renew_place(
        self, seat: Seat, call: LiveCall, counts: QueueCounts, place: int
    ) -> None:
        state = seat.waiting_state
        if state is None or state["version"] != call.version:
            return  # the teller is about to send, or just sent, a newer state
        queue = dump(queueing(seat.showroom, call, counts, place, self._clock()))
        if state["queue"] != queue:
            state["queue"], state["now"] = queue, self._clock()
            await self._mouth.send(seat, "call_state", state)

    async def floor(self, showroom: Showroom, sids: Sequence[SocketId]) -> None:
        """Send the floor to some managers' sockets of this node."""
        # In this order: a call that begins to ring in between is in both, not in neither.
        queues = [await self._live.order(showroom.id, code) for code in showroom.languages]
        advisors = await self._live.advisors(showroom.id)
        first = [call for queue in queues for call in queue[:LISTED]]
        held = [advisor.call for advisor in advisors if advisor.call]
        found = await self._live.calls(showroom.id, list(dict.fromkeys(first + held)))
        places = {call: n for queue in queues for n, call in enumerate(queue, 1)}
        orders = await self._live.orders(showroom.id)
        calls = [call for call in found if call]
        alarms = await self._news.alarms(showroom.id)
        state = dump(floor_state(advisors, calls, places, orders, alarms, self._clock()))
        for sid in sids:
            if seat := self._sockets.by_sid.get(sid):
                await self._mouth.send(seat, FloorState.event, state)


def floor_state(
    advisors: Sequence[LiveAdvisor],
    calls: Sequence[LiveCall],
    places: Mapping[CallId, int],
    orders: FloorOrders,
    alarms: tuple[Sequence[FloorAlarm], Mapping[AlarmKind, int]],
    now_ms: int,
) -> FloorState:
    """Return the floor: everybody who works here, and the calls that wait, ring or run.

    `places`: those of all that wait in their queues, from 1; they may be more than `calls` has.
    """
    names = {advisor.id: advisor.name for advisor in advisors}
    # What rings stands in no queue any more: it went first.
    oldest = sorted(calls, key=lambda c: (places.get(c.id, 0), c.created_at))
    waiting = [call for call in oldest if call.state in WAITS]
    running = [call for call in oldest if call.state in RUNS]
    return FloorState(
        now=now_ms,
        queue_closed=orders.queue_closed,
        notice=dict(orders.notice),
        waiting=len(places.keys() | {call.id for call in waiting}),
        advisors=[
            FloorAdvisor(
                id=a.id,
                name=a.name,
                state=a.state,
                since=a.since,
                present=a.present,
                sent_away=a.sent_away,
            )
            for a in sorted(advisors, key=lambda a: (a.stand_in, a.name))
        ],
        calls=[
            FloorCall(
                call=c.id,
                state=c.state,
                since=c.since,
                created_at=c.created_at,
                language=c.language,
                vehicle=c.vehicle,
                advisor=names.get(c.advisor) if c.advisor else None,
                quality=c.quality,
                place=places.get(c.id),
            )
            for c in waiting[:LISTED] + running
        ],
        alarms=list(alarms[0]),
        silences=dict(alarms[1]),
    )
