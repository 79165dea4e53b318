"""Absences that are entered, and accounts that are closed: the visits in them find other advisors.

The customer's time is kept wherever somebody else is free; else the visit is called off and they
hear of it. All in one transaction with the absence: a visit is never left without anybody.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from booking import assignment, ledger
from booking.assignment import Wish
from booking.ledger import Announce, Appointment, moved
from booking.roster import Absence, Roster
from booking.staffing import Colleague, team_of
from booking.taking import racing
from booking.visits import Move, VisitEnd
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import TryAgain
from showroom.ids import ShowroomId, StaffId
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import appointments, staff_roles
from showroom.words import AppointmentEvent, AppointmentState

log = structlog.get_logger()

LOOK_SECONDS = 60.0
# Who waits or talks already is looked after by the queue: any free advisor may receive them.
MOVABLE = frozenset({AppointmentState.HELD, AppointmentState.BOOKED})


class Absences:
    """Takes visits from advisors who will not be there."""

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

    async def add(
        self, showroom: Showroom, staff_id: StaffId, starts_at: int, ends_at: int, reason: str
    ) -> Absence:
        """Enter an absence, from `starts_at` until `ends_at`; it counts wherever they work.

        Raises `BadRequest` when it ends before it begins, `NotFound` when this is no advisor of
        the showroom.
        """
        rooms = {room.id: room for room in await self._rooms_of(staff_id)} | {showroom.id: showroom}

        async def enter() -> Absence:
            async with self._database.write() as connection:
                await ledger.lock_showrooms(connection, rooms)
                absence = await self._roster.keep_absence(
                    connection, showroom.id, staff_id, starts_at, ends_at, reason
                )
                for visit in await ledger.where(
                    connection,
                    appointments.c.advisor_id == staff_id,
                    appointments.c.showroom_id.in_(rooms),
                    ledger.in_state(MOVABLE),
                    *ledger.touching(starts_at, ends_at),
                    lock=True,
                ):
                    await self._rehome(connection, rooms[visit.showroom_id], visit)
            return absence

        return await racing(enter)

    async def run(self) -> None:
        """Look after all showrooms again and again, until cancelled."""
        while True:
            try:
                for showroom in await self._showrooms.all():
                    await self.rehome(showroom)
            except TryAgain as error:
                log.warning("visits without an advisor have to wait", why=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def rehome(self, showroom: Showroom) -> None:
        """Find others for the visits to come whose advisor does not work here any more."""
        now = self._clock()
        async with self._database.read() as connection:
            team = await team_of(connection, showroom.id)
            if not await ledger.where(connection, *_orphans(showroom.id, team, now)):
                return

        async def tidy() -> None:
            async with self._database.write() as connection:
                await ledger.lock_showrooms(connection, [showroom.id])
                team = await team_of(connection, showroom.id)
                orphans = _orphans(showroom.id, team, now)
                for visit in await ledger.where(connection, *orphans, lock=True):
                    await self._rehome(connection, showroom, visit)

        await racing(tidy)

    async def _rooms_of(self, staff_id: StaffId) -> list[Showroom]:
        query = sa.select(staff_roles.c.showroom_id).where(staff_roles.c.staff_id == staff_id)
        async with self._database.read() as connection:
            ids = set((await connection.scalars(query.distinct())).all())
        return [room for room in await self._showrooms.all() if room.id in ids]

    async def _rehome(
        self, connection: AsyncConnection, showroom: Showroom, visit: Appointment
    ) -> None:
        now = self._clock()
        host = None
        # Whoever just chooses a named advisor chooses again.
        if visit.state is AppointmentState.BOOKED or not visit.named:
            wish = Wish.keeping(visit)
            candidates = await assignment.candidates(connection, showroom, wish, now)
            host = await assignment.host(connection, showroom, wish, candidates, now)
        if visit.state is AppointmentState.HELD:
            kept = replace(visit, advisor_id=host) if host else moved(visit, Move.LAPSE, now)
            await ledger.save(connection, kept)
            return
        if host:
            changed = moved(visit, Move.REASSIGN, now, advisor_id=host)
            event = AppointmentEvent.REASSIGNED
        else:
            changed = moved(
                visit,
                Move.CALL_OFF,
                now,
                sequence=visit.sequence + 1,
                ended_at=now,
                end_reason=VisitEnd.CALLED_OFF.value,
            )
            event = AppointmentEvent.CALLED_OFF
        await ledger.save(connection, changed)
        await self._announce(connection, showroom, changed, event)


def _orphans(
    showroom_id: ShowroomId, team: Sequence[Colleague], now: int
) -> tuple[ledger.Where, ...]:
    """Return the condition that a visit to come has an advisor who is not of the team."""
    c, ids = appointments.c, [colleague.id for colleague in team]
    return (
        c.showroom_id == showroom_id,
        c.ends_at > now,
        ledger.in_state(MOVABLE),
        c.advisor_id.is_(None) | c.advisor_id.not_in(ids),
    )
