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

from showroom.calls import CallEvent, CallRecord
from showroom.clock import Clock
from showroom.errors import TryAgain
from showroom.ids import CallId, ShowroomId, SocketId
from showroom.showrooms import Showroom, Showrooms
from showroom.staff import Staff
from showroom.words import ABANDONED, AwayReason
from signaling.desk import Desk
from signaling.live import LiveCall, LiveState
from signaling.messages import SignedOut
from signaling.needs import CallArchive, FollowUpBook, QualityBook
from signaling.pairing import Pairing, prefix
from signaling.sockets import ADVISOR_SPACE, Sockets
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
        events = [CallEvent(line.seq, line.at, line.kind, line.by, line.data) for line in lines]
        quality = await self._quality.overall(showroom.id, which)
        await self._archive.save(_record(showroom, call, quality), events)
        if call.end_reason in ABANDONED:
            await self._follow_ups.add_missed_call(
                showroom.id, call.id, call.language, call.vehicle, call.ended_at or call.since
            )
            await self._desk.follow_ups_changed(showroom.id)
        await self._pairing.run(
            showroom, "saved", id=which, version=call.version, keep_s=KEEP_SECONDS
        )

    async def check_sessions(self) -> None:
        """Close the sockets of staff who were signed out or disabled, and end what they had."""
        seats = [seat for seat in self._sockets.by_sid.values() if seat.session]
        digests = {seat.session.digest for seat in seats if seat.session}
        if not digests:
            return
        alive = await self._staff.alive(digests)
        for seat in seats:
            if seat.session and seat.session.digest not in alive:
                await self._mouth.send(seat, SignedOut.event, {})
                await self._mouth.close(seat.sid)
                if seat.space == ADVISOR_SPACE:
                    await self._desk.sign_off(
                        seat.showroom, seat.session.staff_id, AwayReason.DISABLED
                    )


def _record(showroom: Showroom, call: LiveCall, quality: object) -> CallRecord:
    return CallRecord(
        id=call.id,
        showroom_id=showroom.id,
        version=call.version,
        state=call.state,
        language=call.language,
        vehicle=call.vehicle,
        created_at=call.created_at,
        answered_at=call.accepted_at,
        live_at=call.live_at,
        ended_at=call.ended_at,
        closed_at=call.closed_at,
        end_reason=call.end_reason,
        advisor_id=call.advisor,
        rings=call.rings,
        missed=call.missed,
        waited_ms=call.waited_ms(call.since),
        repeated=call.repeated,
        outcome=call.outcome,
        outcome_reason=call.outcome_reason,
        notes=call.notes,
        rating=call.rating,
        comment=call.comment,
        quality=quality,  # type: ignore[arg-type]
    )
