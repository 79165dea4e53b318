"""Appointments: what customers, their pages and managers can do with them.

What must reach somebody outside is announced in the transaction that makes it true. A customer's
questions name the token, others name the showroom: what is not theirs is not found (threat 10).
"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking import ledger
from booking.assignment import Wish
from booking.holds import Holds
from booking.ledger import Announce, Appointment, Consent, Guest, moved
from booking.visits import (
    ACTIVE,
    REBOOKABLE,
    TENTATIVE,
    Move,
    VisitEnd,
    after,
    changeable,
    joinable,
)
from showroom.errors import ChangedMeanwhile, IllegalMove, SlotTaken, TooLate
from showroom.ids import AppointmentId, CallId, ShowroomId, StaffId
from showroom.showrooms import Showroom
from showroom.tables import appointments
from showroom.words import AppointmentEvent, AppointmentState

__all__ = ["Announce", "Appointment", "Appointments", "Consent", "Guest"]


class Appointments(Holds):
    """The appointments of all showrooms: what becomes of them after they are booked."""

    async def showroom_of(self, token: str) -> Showroom:
        """Return the showroom of a token, also of a hold that is over; raises `NotFound`."""
        async with self._database.read() as connection:
            visit = await ledger.with_token(connection, token)
        return await self._showrooms.by_id(visit.showroom_id)

    async def by_token(self, token: str) -> Appointment:
        """Return a customer's appointment; raises `NotFound`, for a hold that is over too."""
        visit, _ = await self._read(token)
        return visit

    async def reschedule(
        self, token: str, starts_at: int, seen: Appointment | None = None
    ) -> Appointment:
        """Move an appointment to another slot; its advisor stays if they are free then.

        `seen`: only if it still is what was seen. Raises `SlotTaken`, `TooLate` by the showroom's
        policy, `IllegalMove`, and `ChangedMeanwhile`.
        """
        visit, showroom = await self._read(token)
        self._require_changeable(showroom, visit, Move.RESCHEDULE)
        if visit.starts_at == starts_at:
            return visit

        async def keep(connection: AsyncConnection, host: StaffId) -> Appointment:
            current = await ledger.with_token(connection, token, lock=True)
            _require_unchanged(current, seen)
            self._require_changeable(showroom, current, Move.RESCHEDULE)
            time = ledger.time_of(showroom, starts_at, host)
            changed = moved(
                current, Move.RESCHEDULE, self._clock(), **time, sequence=current.sequence + 1
            )
            await ledger.save(connection, changed, showroom.visits)
            await self._announce(connection, showroom, changed, AppointmentEvent.RESCHEDULED)
            return changed

        return await self._taking.take(showroom, Wish.of(visit, starts_at), keep)

    async def cancel(self, token: str, seen: Appointment | None = None) -> Appointment:
        """Cancel an appointment; a second time changes nothing.

        `seen`: only if it still is what was seen. Raises `TooLate` by the showroom's policy,
        `IllegalMove`, and `ChangedMeanwhile`.
        """
        _, showroom = await self._read(token)
        async with self._database.write() as connection:
            visit = await ledger.with_token(connection, token, lock=True)
            if visit.state is AppointmentState.CANCELLED:
                return visit
            _require_unchanged(visit, seen)
            self._require_changeable(showroom, visit, Move.CANCEL)
            now = self._clock()
            cancelled = moved(
                visit,
                Move.CANCEL,
                now,
                sequence=visit.sequence + 1,
                ended_at=now,
                end_reason=VisitEnd.CANCELLED.value,
            )
            await ledger.save(connection, cancelled)
            await self._announce(connection, showroom, cancelled, AppointmentEvent.CANCELLED)
        return cancelled

    async def rebook(self, token: str, starts_at: int) -> Appointment:
        """Book a new appointment in place of one that did not take place; twice books once.

        It has a token of its own, and the old one's contact and consents. Raises `SlotTaken`, and
        `IllegalMove` unless the old one was missed or cancelled and not rebooked for another time.
        """
        old, showroom = await self._read(token)
        if old.state not in REBOOKABLE:
            raise IllegalMove("This visit still stands. Reschedule it instead.")

        async def keep(connection: AsyncConnection, host: StaffId) -> Appointment:
            if again := await _rebooked(connection, old, starts_at):
                return again
            booked = ledger.booked_again(showroom, old, starts_at, host, self._clock())
            await ledger.add(connection, booked, showroom.visits)
            await self._announce(connection, showroom, booked, AppointmentEvent.BOOKED)
            return booked

        wish = Wish(starts_at, old.language, rather=old.advisor_id if old.named else None)
        try:
            return await self._taking.take(showroom, wish, keep)
        except SlotTaken:
            # Perhaps by this very customer, a moment ago.
            async with self._database.read() as connection:
                if again := await _rebooked(connection, old, starts_at):
                    return again
            raise

    async def check_in(self, token: str, call_id: CallId) -> Appointment:
        """Note that the customer is here, with a call in the queue; repeating it changes nothing.

        Raises `IllegalMove` earlier than ten minutes before the start, after the end, and unless
        the visit is booked or waits already.
        """
        await self._read(token)
        async with self._database.write() as connection:
            visit = await ledger.with_token(connection, token, lock=True)
            if visit.call_id == call_id:
                return visit
            now = self._clock()
            here = moved(
                visit,
                Move.CHECK_IN,
                now,
                call_id=call_id,
                # On another page of theirs they have waited since they came.
                arrived_at=now if visit.arrived_at is None else visit.arrived_at,
            )
            if not joinable(visit.starts_at, visit.ends_at, now):
                raise IllegalMove("You can join from ten minutes before your visit until its end.")
            await ledger.save(connection, here)
        return here

    async def reassign(
        self, showroom: Showroom, appointment_id: AppointmentId, advisor: StaffId
    ) -> Appointment:
        """Give an appointment to another advisor, at the same time.

        Raises `SlotTaken` when that advisor isn't free, `IllegalMove`, and `NotFound` for what is
        not this showroom's.
        """
        async with self._database.read() as connection:
            await self._roster.require(connection, showroom.id, advisor)
            visit = await ledger.with_id(connection, showroom.id, appointment_id)
        after(visit.state, Move.REASSIGN)
        if visit.advisor_id == advisor:
            return visit

        async def keep(connection: AsyncConnection, host: StaffId) -> Appointment:
            current = await ledger.with_id(connection, showroom.id, appointment_id, lock=True)
            if current.starts_at != visit.starts_at:
                raise SlotTaken  # it was rescheduled meanwhile
            changed = moved(current, Move.REASSIGN, self._clock(), advisor_id=host)
            await ledger.save(connection, changed)
            await self._announce(connection, showroom, changed, AppointmentEvent.REASSIGNED)
            return changed

        return await self._taking.take(showroom, Wish.keeping(visit, advisor), keep)

    async def of(
        self,
        showroom_id: ShowroomId,
        from_ms: int,
        until_ms: int,
        advisor: StaffId | None = None,
        after: tuple[int, str] | None = None,
        most: int | None = None,
    ) -> list[Appointment]:
        """Return the appointments that touch a stretch of time, by start, without mere holds.

        With `most` so many of them, and with `after` those behind that start and id.
        """
        conditions = [
            appointments.c.showroom_id == showroom_id,
            ledger.in_state(frozenset(AppointmentState) - TENTATIVE),
            *ledger.touching(from_ms, until_ms),
        ]
        if advisor is not None:
            conditions.append(appointments.c.advisor_id == advisor)
        if after is not None:
            place = sa.tuple_(appointments.c.starts_at, appointments.c.id)
            conditions.append(place > after)
        async with self._database.read() as connection:
            return list(await ledger.where(connection, *conditions, most=most))

    async def get(self, showroom_id: ShowroomId, appointment_id: AppointmentId) -> Appointment:
        """Return one appointment of this showroom; raises `NotFound`."""
        async with self._database.read() as connection:
            return await ledger.with_id(connection, showroom_id, appointment_id)

    def _require_changeable(self, showroom: Showroom, visit: Appointment, move: Move) -> None:
        after(visit.state, move)
        if not changeable(showroom.visits, visit.starts_at, self._clock()):
            raise TooLate


def _require_unchanged(current: Appointment, seen: Appointment | None) -> None:
    if seen is not None and current != seen:
        raise ChangedMeanwhile


async def _rebooked(
    connection: AsyncConnection, old: Appointment, starts_at: int
) -> Appointment | None:
    """Return what was booked in place of `old`; raises `IllegalMove` if that is another time."""
    found = await ledger.where(
        connection,
        appointments.c.rebooked_from == old.id,
        appointments.c.showroom_id == old.showroom_id,
        ledger.in_state(ACTIVE),
    )
    if found and found[0].starts_at != starts_at:
        raise IllegalMove("You have booked another time already. Reschedule that visit instead.")
    return found[0] if found else None
