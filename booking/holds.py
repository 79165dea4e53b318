"""From a free time to a booked visit: slots, holds, and the form that books what was held."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from booking import assignment, ledger
from booking.assignment import Wish
from booking.ledger import Announce, Appointment, Consent, Guest, moved, over
from booking.roster import Roster
from booking.slots import Slot
from booking.staffing import team_of
from booking.taking import Taking
from booking.visits import TENTATIVE, Move
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import NotFound, SlotTaken
from showroom.ids import AppointmentId, StaffId
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import appointments
from showroom.words import AppointmentEvent, AppointmentState


class Holds:
    """The first half of an appointment's life; `Appointments` has the rest."""

    def __init__(
        self,
        database: Database,
        showrooms: Showrooms,
        roster: Roster,
        announce: Announce,
        clock: Clock,
    ) -> None:
        self._database = database
        self._showrooms = showrooms
        self._roster = roster
        self._announce = announce
        self._clock = clock
        self._taking = Taking(database, clock)

    async def slots(
        self,
        showroom: Showroom,
        language: str,
        advisor: StaffId | None = None,
        until_ms: int | None = None,
        leaving_out: AppointmentId | None = None,
    ) -> list[Slot]:
        """Return the free slots from now until the horizon, or until `until_ms`, first to last.

        `advisor`: only theirs. `leaving_out`: an appointment that would move.
        """
        now = self._clock()
        wish = Wish(now, language, advisor, leaving_out=leaving_out)
        async with self._database.read() as connection:
            team = await team_of(connection, showroom.id)
            return await assignment.slots(connection, showroom, team, wish, now, until_ms=until_ms)

    async def hold(
        self,
        showroom: Showroom,
        starts_at: int,
        language: str,
        zone: str,
        vehicle: str | None,
        advisor: StaffId | None = None,
        allow: Callable[[], None] = lambda: None,
    ) -> Appointment:
        """Keep a slot for five minutes, while the form is filled in.

        `allow` is called when the slot is theirs, before it is kept; it stays free if that raises.
        Raises `SlotTaken`, with the next free ones, when it isn't free or is no slot at all.
        """

        async def keep(connection: AsyncConnection, host: StaffId) -> Appointment:
            allow()
            held = ledger.held(
                showroom,
                starts_at,
                host,
                self._clock(),
                named=advisor is not None,
                language=language,
                zone=zone,
                vehicle=vehicle,
            )
            await ledger.add(connection, held, showroom.visits)
            return held

        return await self._taking.take(showroom, Wish(starts_at, language, advisor), keep)

    async def release(self, token: str) -> None:
        """Give a hold back; harmless for what is no hold, or not there."""
        async with self._database.write() as connection:
            for visit in await ledger.where(connection, appointments.c.token == token, lock=True):
                if visit.state is AppointmentState.HELD:
                    await ledger.save(connection, moved(visit, Move.LAPSE, self._clock()))

    async def confirm(
        self,
        token: str,
        guest: Guest,
        language: str,
        wish: str,
        vehicle: str | None,
        consents: Sequence[Consent],
        campaign: Mapping[str, str],
    ) -> Appointment:
        """Book what was held. Sent twice, it books once and gives the same answer.

        A hold that is over books all the same if its time is free still; raises `NotFound` if not.
        Raises `SlotTaken` when the form names another language and nobody free speaks it.
        """
        told = _told(guest, language, wish, vehicle, consents, campaign)
        _, showroom = await self._read(token, with_lapsed=True)
        async with self._database.write() as connection:
            visit = await ledger.with_token(connection, token, lock=True)
            if visit.state not in TENTATIVE:
                return visit
            late = over(visit, self._clock())
            if not late and visit.language == language:
                return await self._book(connection, showroom, visit, told)
        try:
            return await self._book_anew(showroom, visit, told, late)
        except SlotTaken:
            if late:
                raise NotFound from None
            raise

    async def book(
        self,
        showroom: Showroom,
        appointment_id: AppointmentId,
        starts_at: int,
        zone: str,
        guest: Guest,
        language: str,
        wish: str,
        vehicle: str | None,
        consents: Sequence[Consent],
        campaign: Mapping[str, str],
        advisor: StaffId | None = None,
    ) -> Appointment:
        """Book a time without a hold, for whoever has all that the form would ask for.

        What was booked under this id before is returned as it stands by now, so that a program can
        send the same booking again. Raises `SlotTaken`, with the next free times.
        """
        async with self._database.read() as connection:
            c = appointments.c
            known = c.id == appointment_id, c.showroom_id == showroom.id
            if again := await ledger.where(connection, *known):
                return again[0]

        async def keep(connection: AsyncConnection, host: StaffId) -> Appointment:
            held = ledger.held(
                showroom,
                starts_at,
                host,
                self._clock(),
                named=advisor is not None,
                language=language,
                zone=zone,
                vehicle=vehicle,
            )
            now = self._clock()
            told = _told(guest, language, wish, vehicle, consents, campaign)
            booked = moved(
                replace(held, id=appointment_id),
                Move.CONFIRM,
                now,
                **told,
                booked_at=now,
                held_until=None,
            )
            await ledger.add(connection, booked, showroom.visits)
            await self._announce(connection, showroom, booked, AppointmentEvent.BOOKED)
            return booked

        return await self._taking.take(showroom, Wish(starts_at, language, advisor), keep)

    async def _read(self, token: str, with_lapsed: bool = False) -> tuple[Appointment, Showroom]:
        """Return an appointment and its showroom; a hold that is over only if that is wanted."""
        async with self._database.read() as connection:
            visit = await ledger.with_token(connection, token)
        if over(visit, self._clock()) and not with_lapsed:
            raise NotFound
        return visit, await self._showrooms.by_id(visit.showroom_id)

    async def _book(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        visit: Appointment,
        told: Mapping[str, Any],
    ) -> Appointment:
        now = self._clock()
        booked = moved(visit, Move.CONFIRM, now, **told, booked_at=now, held_until=None)
        await ledger.save(connection, booked, showroom.visits)
        await self._announce(connection, showroom, booked, AppointmentEvent.BOOKED)
        return booked

    async def _book_anew(
        self, showroom: Showroom, visit: Appointment, told: Mapping[str, Any], late: bool
    ) -> Appointment:
        """Book a hold whose time, or whose advisor, must be found again."""

        async def keep(connection: AsyncConnection, host: StaffId) -> Appointment:
            current = await ledger.with_token(connection, visit.token, lock=True)
            if current.state not in TENTATIVE:
                return current  # the same form, sent twice at once
            return await self._book(connection, showroom, current, {**told, "advisor_id": host})

        wish = Wish.of(visit, visit.starts_at)
        wish = replace(
            wish,
            language=told["language"],
            notice=False,
            kept_until=None if late else visit.ends_at,
        )
        return await self._taking.take(showroom, wish, keep)


def _told(
    guest: Guest,
    language: str,
    wish: str,
    vehicle: str | None,
    consents: Sequence[Consent],
    campaign: Mapping[str, str],
) -> dict[str, Any]:
    """Return what the form says, as fields of an appointment."""
    return {
        "name": guest.name,
        "email": guest.email,
        "phone": guest.phone,
        "language": language,
        "wish": wish,
        "vehicle": vehicle,
        "consents": tuple(consents),
        "campaign": dict(campaign),
    }
