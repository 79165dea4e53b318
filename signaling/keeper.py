"""The keeper: what must happen by the clock. Every node runs one; the script makes that harmless.

Deadlines (rings, graces, connections, wrap-ups) are carried out by `sweep`. Seats are renewed
while their socket lives, so that what a dead node left behind ends by itself. Ended calls are
written to SQL before Redis may forget them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from showroom.clock import Clock
from showroom.errors import TryAgain
from showroom.ids import CallId, ShowroomId, SocketId, StaffId
from showroom.showrooms import Showroom, Showrooms
from showroom.staff import SessionEnd, Staff
from showroom.words import ABANDONED, AdvisorState, AwayReason
from signaling.desk import Desk
from signaling.live import LiveState
from signaling.messages import SignedOut
from signaling.needs import CallArchive, FollowUpBook, QualityBook
from signaling.pairing import Pairing, prefix
from signaling.record import events_of, record_of
from signaling.sockets import ADVISOR_SPACE, Seat, Sockets
from signaling.stirred import Stirred
from signaling.teller import Mouth

log = structlog.get_logger()

SWEEP_SECONDS = 0.25
RENEW_SECONDS = 5
SAVE_SECONDS = 0.5
SESSION_SECONDS = 1
FLUSH_SECONDS = 2
# A hint can be missed: a showroom is looked at this often even if nothing seems to happen there.
IDLE_SECONDS = 5.0
# A closed call stays readable for its customer's page, then Redis forgets it.
KEEP_SECONDS = 1800
CHUNK = 500
# What an advisor must not lose only because their session ran out meanwhile.
AT_WORK = frozenset({AdvisorState.RINGING, AdvisorState.BUSY, AdvisorState.WRAP_UP})


class Keeper:
    """Runs the loops of one node."""

    def __init__(
        self,
        pairing: Pairing,
        live: LiveState,
        showrooms: Showrooms,
        archive: CallArchive,
        follow_ups: FollowUpBook,
        quality: QualityBook,
        staff: Staff,
        desk: Desk,
        sockets: Sockets,
        mouth: Mouth,
        stirred: Stirred,
        clock: Clock,
    ) -> None:
        self._pairing = pairing
        self._live = live
        self._showrooms = showrooms
        self._archive = archive
        self._follow_ups = follow_ups
        self._quality = quality
        self._staff = staff
        self._desk = desk
        self._sockets = sockets
        self._mouth = mouth
        self._clock = clock
        self._sweep_from = 0.0
        self._to_sweep, self._to_save = stirred.reader(), stirred.reader()
        # When a showroom has to be looked at again if nothing changes in it (the loop's time).
        self._next_sweep: dict[ShowroomId, float] = {}
        self._next_save: dict[ShowroomId, float] = {}
        # Calls that could not be saved, so that each is complained about once.
        self._hopeless: set[CallId] = set()
        # The advisors' seats of the last look at the sessions.
        self._seen: dict[SocketId, Seat] = {}

    def loops(self) -> list[Callable[[], Awaitable[None]]]:
        """Return the loops to run, each until it is cancelled."""
        chores = (
            (SWEEP_SECONDS, self.sweep),
            (RENEW_SECONDS, self.renew),
            (SAVE_SECONDS, self.save),
            (SESSION_SECONDS, self.check_sessions),
            (FLUSH_SECONDS, self._quality.flush),
        )
        return [partial(self._every, seconds, chore) for seconds, chore in chores]

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except (TryAgain, RedisError, SQLAlchemyError, OSError) as error:
                log.warning("a chore has to wait", chore=work.__name__, why=type(error).__name__)
                await asyncio.sleep(1)
            except Exception:
                log.exception("a chore failed", chore=work.__name__)
                await asyncio.sleep(1)
            await asyncio.sleep(seconds)

    async def sweep(self) -> None:
        """Carry out the deadlines that have passed.

        A showroom in which nothing changed is left alone until its next deadline, so that a
        thousand that sleep cost nothing. After Redis was away first all nodes renew the seats of
        the sockets that they still have: otherwise a long outage would end every call in the moment
        in which it is over.
        """
        now = asyncio.get_running_loop().time()
        if now < self._sweep_from:
            return
        # Pushed on beforehand, so that a failure of whatever kind counts as an outage.
        self._sweep_from = now + 2 * RENEW_SECONDS
        for showroom in await self._showrooms.all():
            if showroom.id not in self._to_sweep and now < self._next_sweep.get(showroom.id, 0):
                continue
            self._to_sweep.discard(showroom.id)
            _, wait = await self._pairing.run(
                showroom,
                "sweep",
                languages=list(showroom.languages),
                most=200,
                closed=not showroom.opening(self._clock()).open,
            )
            self._next_sweep[showroom.id] = now + min(int(wait) / 1000, IDLE_SECONDS)
        self._sweep_from = now

    async def renew(self) -> None:
        """Renew the seats of this node's sockets; close sockets whose seat another one has."""
        for seats in self._sockets.seats_with_a_call_or_at_work().values():
            rows = [
                ["advisor", seat.session.staff_id, seat.sid]
                if seat.session
                else ["customer", seat.call, seat.sid]
                for seat in seats
            ]
            for start in range(0, len(rows), CHUNK):
                stale = await self._pairing.run(
                    seats[0].showroom, "renew_seats", seats=rows[start : start + CHUNK]
                )
                for sid in stale:
                    await self._mouth.close(SocketId(sid))

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
        if call.end_reason in ABANDONED and call.visit is None:  # a visit stays booked
            await self._follow_ups.add_missed_call(
                showroom.id, call.id, call.language, call.vehicle, call.ended_at or call.since
            )
            await self._desk.follow_ups_changed(showroom.id)
        await self._pairing.run(
            showroom, "saved", id=which, version=call.version, keep_s=KEEP_SECONDS
        )

    async def check_sessions(self) -> None:
        """Close the sockets of staff whose session is over, and end what they had.

        A page that signs out is mostly gone before it is looked at: whoever sat there at the last
        look is asked about once more, and is away at once, not after a grace.
        """
        here = [seat for seat in self._sockets.by_sid.values() if seat.session]
        gone = [seat for sid, seat in self._seen.items() if sid not in self._sockets.by_sid]
        sessions = [seat.session for seat in (*here, *gone) if seat.session]
        ends = await self._staff.ends({one.digest: one.staff_id for one in sessions})
        for seat in here:
            if seat.session and (end := ends.get(seat.session.digest)):
                await self._dismiss(seat, seat.session.staff_id, end)
        for seat in gone:
            if seat.session and (end := ends.get(seat.session.digest)):
                await self._sign_off_unseated(seat, seat.session.staff_id, end)
        self._seen = {seat.sid: seat for seat in here if seat.space == ADVISOR_SPACE}

    async def _dismiss(self, seat: Seat, who: StaffId, end: SessionEnd) -> None:
        works = seat.space == ADVISOR_SPACE
        if works and end is SessionEnd.EXPIRED:
            advisor = await self._live.advisor(seat.showroom.id, who)
            if advisor and advisor.state in AT_WORK:
                return  # it ends when they are free
        # Another page of theirs, with a session of its own, may have taken this seat just now.
        theirs = works and not await self._pairing.run(
            seat.showroom, "renew_seats", seats=[["advisor", who, seat.sid]]
        )
        await self._mouth.send(seat, SignedOut.event, {})
        await self._mouth.close(seat.sid)
        if theirs:
            await self._desk.sign_off(seat.showroom, who, _why(end))

    async def _sign_off_unseated(self, seat: Seat, who: StaffId, end: SessionEnd) -> None:
        advisor = await self._live.advisor(seat.showroom.id, who)
        if advisor and not advisor.present and end is not SessionEnd.EXPIRED:
            await self._desk.sign_off(seat.showroom, who, _why(end))


def _why(end: SessionEnd) -> AwayReason:
    return AwayReason.DISABLED if end is SessionEnd.DISABLED else AwayReason.SIGNED_OUT
