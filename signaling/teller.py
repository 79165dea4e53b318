"""The teller: turns hints from the feed into messages to this node's pages.

Every change in Redis leaves a hint in the showroom's feed, in the same atomic step. Each node
reads all feeds, looks which of its own sockets are concerned, reads the present state and sends
it. So it makes no difference which node made the change, or whether that node is still alive.
"""

import asyncio
import json
from collections.abc import Awaitable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from showroom.clock import Clock, to_datetime, to_ms
from showroom.errors import TryAgain
from showroom.ids import CallId, PersonId, SocketId, StaffId
from showroom.showrooms import Showroom, Showrooms
from showroom.words import CallState, PersonState
from signaling.hints import Hint, makes_sense
from signaling.lists import Lists
from signaling.live import LiveCall, LiveState, LogLine, QueueCounts
from signaling.messages import (
    AdvisorStatus,
    Logged,
    Message,
    NoCall,
    NotInCall,
    Pointed,
    Push,
    Queueing,
    Replaced,
)
from signaling.pairing import prefix
from signaling.sockets import Seat, Sockets
from signaling.stirred import Stirred
from signaling.views import QUEUES, Views
from signaling.waiting import wait_of

log = structlog.get_logger()

RENEW_VISITS_SECONDS = 600
RUNS = frozenset({CallState.CONNECTING, CallState.LIVE})


class Mouth(Protocol):
    """Sends one message to one socket, or closes it. A socket that is gone is no error."""

    async def send(self, seat: Seat, event: str, payload: dict[str, object]) -> None: ...
    async def close(self, sid: SocketId) -> None: ...


class Teller:
    """Sends full states on connect, and what the feeds say in between."""

    def __init__(
        self,
        redis: Redis,
        live: LiveState,
        views: Views,
        showrooms: Showrooms,
        lists: Lists,
        sockets: Sockets,
        mouth: Mouth,
        stirred: Stirred,
        clock: Clock,
    ) -> None:
        # redis-py types bytes and text, waiting and not, all at once; ours is the text kind.
        self._redis: Any = redis
        self._live = live
        self._views = views
        self._showrooms = showrooms
        self._lists = lists
        self._sockets = sockets
        self._mouth = mouth
        self._clock = clock
        self._stirred = stirred

    # ------------------------------------------------------------ reading the feeds

    async def run(self) -> None:
        """Read all feeds until cancelled. A Redis that is away is waited for; nothing is skipped
        that the feed still holds when it is back."""
        positions: dict[str, str] = {}
        while True:
            try:
                known = {f"{prefix(s.id)}:feed": s for s in await self._showrooms.all()}
                for key in known.keys() - positions.keys():
                    positions[key] = await self._newest(key)
                if not known:
                    await asyncio.sleep(1)
                    continue
                streams = {key: positions[key] for key in known}
                for key, entries in await self._redis.xread(streams, count=1000, block=1000) or []:
                    await self._handle(known[key], [hint for _, hint in entries])
                    positions[key] = entries[-1][0]
            except (RedisError, OSError, TryAgain):
                log.warning("the feed does not answer; trying again")
                await asyncio.sleep(0.5)

    async def renew_visits(self) -> None:
        """Send everybody their visits anew, now and then, until cancelled: time alone brings
        visits into the list of a page that stays open for days, and no hint says so."""
        while True:
            await asyncio.sleep(RENEW_VISITS_SECONDS)
            for seat in list(self._sockets.advisors.values()):
                await self._guarded(self.visits(seat))

    async def _newest(self, key: str) -> str:
        last = await self._redis.xrevrange(key, count=1)
        return str(last[0][0]) if last else "0-0"

    async def _handle(self, showroom: Showroom, entries: list[Hint]) -> None:
        self._stirred.add(showroom.id)
        hints = [entry for entry in entries if makes_sense(entry)]
        if len(hints) < len(entries):
            log.warning("the feed holds what we did not write", entries=len(entries) - len(hints))
        for sid in (hint["s"] for hint in hints if hint["k"] == "replaced"):
            await self._replace(SocketId(sid))
        # States first: a signal of a new link must not arrive before the link does.
        await self._tell_changes(showroom, hints)
        for hint in hints:
            if hint["k"] == "wire":
                await self._guarded(self._wire(showroom, hint))
            elif hint["k"] == "said":
                await self._guarded(self._said(showroom, hint))
        await self._tell_lists(showroom, hints)

    async def _tell_lists(self, showroom: Showroom, hints: list[Hint]) -> None:
        everybody = any(hint["k"] == "follow_ups" for hint in hints)
        visited = {hint["a"] for hint in hints if hint["k"] == "visits"}
        if not everybody and not visited:
            return
        for (room, advisor), seat in list(self._sockets.advisors.items()):
            if room != showroom.id:
                continue
            if everybody:
                await self._guarded(self.follow_ups(seat))
            if advisor in visited:
                await self._guarded(self.visits(seat))

    async def _tell_changes(self, showroom: Showroom, hints: list[Hint]) -> None:
        calls = {CallId(h["c"]) for h in hints if h["k"] == "call"}
        advisors = {StaffId(h["a"]) for h in hints if h["k"] == "advisor"}
        in_calls = {StaffId(h["a"]) for h in hints if h["k"] == "call" and h["a"]}
        for call in calls:
            if seat := self._sockets.customers.get(call):
                await self._guarded(self.customer(seat))
            for seat in list(self._sockets.people.get(call, {}).values()):
                await self._guarded(self.joined(seat))
        for hint in hints:
            if hint["k"] == "person":
                here = self._sockets.people.get(CallId(hint["c"]), {})
                if seat := here.get(PersonId(hint["p"])):
                    await self._guarded(self.joined(seat))
        for advisor in in_calls | advisors:
            if seat := self._sockets.advisors.get((showroom.id, advisor)):
                await self._guarded(self.advisor(seat, status=advisor in advisors))

    async def _guarded(self, telling: Awaitable[None]) -> None:
        """One page's trouble is not the others'."""
        try:
            await telling
        except (RedisError, OSError):
            raise
        except (TryAgain, SQLAlchemyError) as error:
            log.warning("a page can't be told its state now", why=type(error).__name__)
        except Exception:
            log.exception("a page could not be told its state")

    async def _replace(self, sid: SocketId) -> None:
        if seat := self._sockets.by_sid.get(sid):
            await self._push(seat, Replaced())
            await self._mouth.close(sid)

    async def _seats(self, showroom: Showroom, hint: Hint, to: str) -> Sequence[Seat]:
        sides = list(self._sides(showroom, hint, to))
        # Photos and what is drawn on them are the two sides' own.
        shared = to == "both" and hint.get("e", Pointed.event) == Pointed.event
        people = self._sockets.people.get(CallId(hint["c"]), {}) if shared else {}
        if not people:
            return sides
        # Whoever still stands at the door hears nothing of the call.
        known = await self._live.people(showroom.id, CallId(hint["c"]))
        inside = {one.id for one in known if one.state is PersonState.IN}
        return sides + [seat for who, seat in list(people.items()) if who in inside]

    def _sides(self, showroom: Showroom, hint: Hint, to: str) -> Iterable[Seat]:
        if to in ("customer", "both") and (s := self._sockets.customers.get(CallId(hint["c"]))):
            yield s
        at_work = self._sockets.advisors.get((showroom.id, StaffId(hint["a"])))
        if to in ("advisor", "both") and at_work:
            yield at_work

    async def _wire(self, showroom: Showroom, hint: Hint) -> None:
        for seat in await self._seats(showroom, hint, hint["to"]):
            await self._mouth.send(seat, hint["e"], json.loads(hint["d"]))

    async def _said(self, showroom: Showroom, hint: Hint) -> None:
        line = LogLine.parse(int(hint["n"]), hint["d"])
        for seat in await self._seats(showroom, hint, "both"):
            call = await self._live.call(showroom.id, CallId(hint["c"]))
            entry = call and await self._views.entry(showroom, call.language, line)
            if entry and not (seat.person and entry.kind == "photo"):
                await self._push(seat, Logged(entry=entry))

    async def _push(self, seat: Seat, message: Push) -> None:
        await self._mouth.send(seat, message.event, dump(message))

    # ------------------------------------------------------------ full states

    async def customer(self, seat: Seat) -> None:
        """Send the customer's `call_state`, or `no_call`."""
        async with seat.telling:
            await self._customer(seat)

    async def _customer(self, seat: Seat) -> None:
        showroom = seat.showroom
        call = await self._live.call(showroom.id, seat.call) if seat.call else None
        if call is None:
            seat.waiting_state = None
            await self._push(seat, NoCall())
            return
        advisor = await self._live.advisor(showroom.id, call.advisor) if call.advisor else None
        state = await self._views.customer(
            showroom,
            call,
            await self._live.log(showroom.id, call.id),
            {advisor.id: advisor.name} if advisor else {},
            advisor.present if advisor else False,
            await self._queueing(showroom, call),
            await self._live.people(showroom.id, call.id),
            self._clock(),
        )
        payload = dump(state)
        seat.waiting_state = payload if call.state in QUEUES else None
        await self._mouth.send(seat, state.event, payload)

    async def _queueing(self, showroom: Showroom, call: LiveCall) -> Queueing | None:
        if call.state not in QUEUES:
            return None
        position = await self._live.position(showroom.id, call)
        counts = await self._live.counts(showroom.id, call.language)
        return queueing(showroom, call, counts, position, self._clock())

    async def advisor(self, seat: Seat, status: bool = True) -> None:
        """Send `advisor_state` (if `status`) and the advisor's `call_state` or `no_call`."""
        if seat.session:
            async with seat.telling:
                await self._advisor(seat, seat.session.staff_id, status)

    async def _advisor(self, seat: Seat, who: StaffId, status: bool) -> None:
        showroom = seat.showroom
        advisor = await self._live.advisor(showroom.id, who)
        if advisor is None:
            return
        now = self._clock()
        if status:
            midnight = start_of_day(showroom.zone, now)
            missed = await self._live.missed_since(showroom.id, who, midnight)
            await self._push(
                seat,
                AdvisorStatus(
                    state=advisor.state,
                    since=advisor.since,
                    away_reason=advisor.away_reason,
                    missed_today=missed,
                ),
            )
        call = await self._live.call(showroom.id, advisor.call) if advisor.call else None
        if call is None:
            await self._push(seat, NoCall())
            return
        others = {call.advisor, call.transfer_to, call.transferred_from} - {None}
        known = [await self._live.advisor(showroom.id, other) for other in others if other]
        names = {other.id: other.name for other in known if other}
        lines = await self._live.log(showroom.id, call.id)
        people = await self._live.people(showroom.id, call.id)
        state = await self._views.advisor(showroom, call, lines, names, who, people, now)
        await self._push(seat, state)

    async def joined(self, seat: Seat) -> None:
        """Send the `joined_state` of somebody who joined a call, or `not_in_call`."""
        async with seat.telling:
            await self._joined(seat)

    async def _joined(self, seat: Seat) -> None:
        showroom = seat.showroom
        call = await self._live.call(showroom.id, seat.call) if seat.call else None
        people = await self._live.people(showroom.id, call.id) if call else []
        me = next((one for one in people if one.id == seat.person), None)
        runs = call is not None and call.state in RUNS
        if call is None or me is None or not runs:
            await self._push(seat, NotInCall(over=not runs))
            # What happens there is not theirs any more; a manager may listen to another call.
            self._sockets.part(seat)
            seat.call = seat.person = None
            return
        advisor = await self._live.advisor(showroom.id, call.advisor) if call.advisor else None
        known = (advisor.name, advisor.present) if advisor else ("", False)
        lines = await self._live.log(showroom.id, call.id)
        state = await self._views.joined(showroom, call, lines, me, people, known, self._clock())
        await self._push(seat, state)

    async def follow_ups(self, seat: Seat) -> None:
        """Send the open follow-ups to one advisor."""
        if seat.session:
            async with seat.telling:
                await self._push(seat, await self._lists.follow_ups(seat.showroom.id, seat.session))

    async def visits(self, seat: Seat) -> None:
        """Send one advisor their booked visits."""
        if seat.session:
            async with seat.telling:
                await self._push(seat, await self._lists.visits(seat.showroom.id, seat.session))


def dump(message: Message) -> dict[str, object]:
    """Return a message as it goes on the wire; every field is there, null ones too."""
    return message.model_dump(mode="json")


def queueing(
    showroom: Showroom, call: LiveCall, counts: QueueCounts, position: int, now_ms: int
) -> Queueing:
    """Return where a waiting customer stands, with the offer of a call-back when it is time."""
    patience = showroom.policy.offer_call_back_seconds * 1000
    return Queueing(
        position=position,
        expected_wait=wait_of(call, counts, position, now_ms),
        offer_call_back=now_ms - call.waits_from >= patience,
    )


def start_of_day(zone: str, at_ms: int) -> int:
    """Return when the day of `at_ms` began in `zone`, in milliseconds since the epoch."""
    local: datetime = to_datetime(at_ms).astimezone(ZoneInfo(zone))
    return to_ms(local.replace(hour=0, minute=0, second=0, microsecond=0))
