"""On time: what follows when a deadline of an appointment has passed, and for calls that move on.

Every node runs this loop. It is pulled, not pushed: it looks at the appointments whose `due_at` has
come, asks what became of their calls, and moves them. So a node that dies loses nothing, and two
that look at once do nothing twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import IntegrityError

from booking import ledger
from booking.ledger import Announce, Appointment, moved
from booking.visits import MINUTE_MS, Move, guest_missed_at, host_missed_at
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import TryAgain
from showroom.ids import AppointmentId, CallId, ShowroomId, StaffId
from showroom.showrooms import Showroom, Showrooms
from showroom.words import AppointmentEvent, AppointmentState, EndReason

log = structlog.get_logger()

# The database or the floor does not answer: all appointments wait.
AWAY = (TryAgain, RedisError, OSError)
LOOK_SECONDS = 1.0
# An advisor is kept free for so long at a time, and again while their visit is to come or waits:
# what changes, or a node that dies, sets them free by itself.
KEEP_SECONDS, KEPT_MS = 5.0, 15_000
# So many in one look: after an outage the oldest deadlines go first.
MOST = 200

EVENTS = {Move.MISS: AppointmentEvent.NO_SHOW, Move.HOST_MISSES: AppointmentEvent.HOST_NO_SHOW}


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What became of a visit's call: when an advisor first accepted it, when and why it ended."""

    accepted_at: int | None = None
    ended_at: int | None = None
    end_reason: EndReason | None = None


class Floor(Protocol):
    """Where calls are."""

    async def call(self, showroom_id: ShowroomId, call_id: CallId) -> CallFacts | None:
        """Return the facts of a call, while it runs and after; None when nobody knows it."""

    async def keep_free(
        self, showroom: Showroom, advisor: StaffId, visit: AppointmentId, until_ms: int
    ) -> None:
        """Let no other call ring at an advisor until then, because of a visit of theirs."""


# Hears of every move after it is kept: a hint for pages, which may get lost.
Tell = Callable[[Showroom, Appointment], Awaitable[None]]


async def tell_nobody(_showroom: Showroom, _appointment: Appointment) -> None:
    """Keep it to oneself."""


def next_step(appointment: Appointment, call: CallFacts | None, now: int) -> Move | None:
    """Return the move that is due for an appointment; None if it is to be looked at again.

    `call` is that of the appointment, and None when there is none any more.
    """
    match appointment.state:
        case AppointmentState.HELD:
            return Move.LAPSE if ledger.over(appointment, now) else None
        case AppointmentState.BOOKED:
            return Move.MISS if guest_missed_at(appointment.starts_at) <= now else None
        case AppointmentState.WAITING:
            return _of_waiting(appointment, call, now)
        case AppointmentState.HOST_NO_SHOW:
            if call and call.accepted_at is not None:
                return Move.RECEIVE
            return Move.LEAVE if call is None or call.ended_at is not None else None
        case AppointmentState.LIVE:
            return Move.END if call is None or call.ended_at is not None else None
        case _:
            return None


def _of_waiting(appointment: Appointment, call: CallFacts | None, now: int) -> Move | None:
    if call is None:
        return Move.LEAVE
    arrived_at = now if appointment.arrived_at is None else appointment.arrived_at
    limit = host_missed_at(appointment.starts_at, arrived_at)
    # Judged by when things happened, not by when somebody looked.
    waited_until = next((at for at in (call.accepted_at, call.ended_at) if at is not None), now)
    if waited_until >= limit:
        return Move.HOST_MISSES
    if call.accepted_at is not None:
        return Move.RECEIVE
    if call.ended_at is None:
        return None
    # Everybody went home while the customer waited for a visit that had begun.
    closed = call.end_reason is EndReason.SHOWROOM_CLOSED
    return Move.HOST_MISSES if closed and call.ended_at >= appointment.starts_at else Move.LEAVE


class Punctuality:
    """The loop of one node."""

    def __init__(
        self,
        database: Database,
        showrooms: Showrooms,
        floor: Floor,
        announce: Announce,
        clock: Clock,
        tell: Tell = tell_nobody,
    ) -> None:
        self._database = database
        self._showrooms = showrooms
        self._floor = floor
        self._announce = announce
        self._clock = clock
        self._tell = tell

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._every(LOOK_SECONDS, self.look))
            group.create_task(self._every(KEEP_SECONDS, self.keep_free))

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except AWAY as error:
                log.warning("appointments have to wait", why=type(error).__name__)
            await asyncio.sleep(seconds)

    async def look(self) -> None:
        """Carry out what is due."""
        async with self._database.read() as connection:
            due = await ledger.due(connection, self._clock(), MOST)
        for visit in due:
            try:
                await self._attend(visit)
            except AWAY:
                raise
            except Exception:
                # The others must not wait for it; it is due still, and tried again.
                log.exception("an appointment can't be attended to")

    async def keep_free(self) -> None:
        """Keep those advisors free whose visit is about to begin, or has begun and waits."""
        now = self._clock()
        for showroom in await self._showrooms.all():
            soon = now + showroom.visits.before * MINUTE_MS
            async with self._database.read() as connection:
                visits = await ledger.about_to_begin(connection, showroom.id, now, soon)
            for visit in visits:
                if visit.advisor_id:
                    await self._keep_free(showroom, visit.advisor_id, visit.id, now + KEPT_MS)

    async def _keep_free(
        self, showroom: Showroom, advisor: StaffId, visit: AppointmentId, until_ms: int
    ) -> None:
        try:
            await self._floor.keep_free(showroom, advisor, visit, until_ms)
        except AWAY:
            raise
        except Exception:
            log.exception("an advisor can't be kept free", advisor=advisor)

    async def _attend(self, visit: Appointment) -> None:
        showroom = await self._showrooms.by_id(visit.showroom_id)
        call = None
        if visit.call_id is not None:
            call = await self._floor.call(visit.showroom_id, visit.call_id)
        try:
            changed = await self._carry_out(showroom, visit, call)
        except IntegrityError:
            # Somebody received them after all, five minutes late, when their advisor's time had
            # been given to another customer already: so this visit takes nobody's.
            changed = await self._carry_out(showroom, visit, call, advisor_id=None)
        if changed:
            await self._tell(showroom, changed)

    async def _carry_out(
        self, showroom: Showroom, visit: Appointment, call: CallFacts | None, **changes: Any
    ) -> Appointment | None:
        """Make the move that is due; return the appointment if it made one."""
        async with self._database.write() as connection:
            current = await ledger.with_id(connection, visit.showroom_id, visit.id, lock=True)
            if current != visit:  # another node was faster, or the customer
                return None
            now = self._clock()
            move = next_step(current, call, now)
            if move is None:
                await ledger.save(connection, ledger.looked_at(current, now))
                return None
            changed = moved(current, move, now, **_facts(current, move, call, now), **changes)
            await ledger.save(connection, changed)
            if move in EVENTS:
                await self._announce(connection, showroom, changed, EVENTS[move])
        return changed


def _facts(visit: Appointment, move: Move, call: CallFacts | None, now: int) -> dict[str, Any]:
    """Return what a move adds to an appointment."""
    if move is Move.MISS:
        return {"ended_at": now}
    if move is Move.LEAVE:
        gone: dict[str, Any] = {"call_id": None}
        return gone | ({"arrived_at": None} if visit.state is AppointmentState.WAITING else {})
    if move is Move.END:
        reason = call.end_reason.value if call and call.end_reason else None
        return {"ended_at": (call.ended_at if call else None) or now, "end_reason": reason}
    return {}
