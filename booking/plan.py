"""The plan of a showroom: who works when, who is away, and who could take a visit on.

It asks whom booking asks (`booking.staffing`, `booking.assignment`), so that an agenda shows what
booking goes by.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking import ledger
from booking.assignment import Wish, candidates
from booking.roster import Roster
from booking.slots import Span, Worker
from booking.staffing import staffing, team_of
from booking.visits import ACTIVE, Move, after
from showroom.clock import Clock
from showroom.database import Database
from showroom.hours import spans
from showroom.ids import AppointmentId, StaffId
from showroom.showrooms import Showroom
from showroom.tables import appointments
from showroom.words import AppointmentState


class Obstacle(StrEnum):
    """Why an advisor can't take a visit on."""

    LANGUAGE = "language"  # they don't speak the customer's
    AWAY = "away"
    OFF = "off"  # these are not their hours
    BUSY = "busy"  # another visit, or the time around one


@dataclass(frozen=True, slots=True)
class Shift:
    """An advisor in a stretch of time. Spans are UTC milliseconds, from and until.

    `working`: when visits can be booked with them; `away`: absences, wherever they were entered;
    `elsewhere`: visits that they have in other showrooms.
    """

    id: StaffId
    name: str
    languages: tuple[str, ...]
    working: tuple[Span, ...]
    away: tuple[Span, ...]
    elsewhere: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Taker:
    """An advisor, and what keeps them from taking a visit on; None: nothing does."""

    id: StaffId
    name: str
    obstacle: Obstacle | None


class Plan:
    """The plans of all showrooms; every question names the one that asks."""

    def __init__(self, database: Database, roster: Roster, clock: Clock) -> None:
        self._database = database
        self._roster = roster
        self._clock = clock

    async def shifts(self, showroom: Showroom, from_ms: int, until_ms: int) -> list[Shift]:
        """Return what the advisors' time looks like from one moment to another, by name."""
        names = await self._roster.bookable(showroom.id)
        async with self._database.read() as connection:
            team = await team_of(connection, showroom.id)
            staffed = await staffing(connection, showroom, team, from_ms, until_ms, self._clock())
            ids = [one.id for one in team]
            elsewhere = await _elsewhere(connection, showroom, ids, from_ms, until_ms)
        open_hours = list(spans(showroom.timetable, showroom.zone, from_ms, until_ms))
        shifts = [
            Shift(
                one.id,
                names.get(one.id, ""),
                one.languages,
                tuple(_both(worker.working, open_hours)),
                tuple(worker.absent),
                tuple(elsewhere.get(one.id, ())),
            )
            for one, worker in zip(team, staffed.workers, strict=True)
        ]
        return sorted(shifts, key=lambda shift: (shift.name, shift.id))

    async def takers(self, showroom: Showroom, appointment_id: AppointmentId) -> list[Taker]:
        """Return who else could take a visit on, and what is in the others' way, by name.

        Raises `NotFound`, and `IllegalMove` for a visit that can't change hands any more.
        """
        now = self._clock()
        names = await self._roster.bookable(showroom.id)
        async with self._database.read() as connection:
            visit = await ledger.with_id(connection, showroom.id, appointment_id)
            after(visit.state, Move.REASSIGN)
            free = await candidates(connection, showroom, Wish.keeping(visit), now)
            staffed = await staffing(
                connection, showroom, free.team, visit.starts_at, visit.ends_at, now, visit.id
            )
        time = (visit.starts_at, visit.ends_at)
        takers = [
            Taker(
                one.id,
                names.get(one.id, ""),
                None if one.id in free.order else _obstacle(worker, visit.language, time),
            )
            for one, worker in zip(free.team, staffed.workers, strict=True)
            if one.id != visit.advisor_id
        ]
        return sorted(takers, key=lambda taker: (taker.name, taker.id))


def _obstacle(worker: Worker, language: str, time: Span) -> Obstacle:
    if language not in worker.languages:
        return Obstacle.LANGUAGE
    if _both(worker.absent, [time]):
        return Obstacle.AWAY
    at_work = sum(ends - begins for begins, ends in _both(worker.working, [time]))
    return Obstacle.BUSY if at_work == time[1] - time[0] else Obstacle.OFF


def _both(some: Iterable[Span], others: Sequence[Span]) -> list[Span]:
    """Return the time that lies in both; the spans of either don't overlap one another."""
    shared = ((max(a, c), min(b, d)) for a, b in some for c, d in others)
    return sorted((begins, ends) for begins, ends in shared if begins < ends)


async def _elsewhere(
    connection: AsyncConnection,
    showroom: Showroom,
    ids: Sequence[StaffId],
    from_ms: int,
    until_ms: int,
) -> dict[StaffId, list[Span]]:
    """Return when advisors have visits in other showrooms: the time, and nothing else of them."""
    c = appointments.c
    query = (
        sa.select(c.advisor_id, c.starts_at, c.ends_at)
        .where(
            c.advisor_id.in_(ids),
            c.showroom_id != showroom.id,
            ledger.in_state(ACTIVE - {AppointmentState.HELD}),
            *ledger.touching(from_ms, until_ms),
        )
        .order_by(c.starts_at)
    )
    found: dict[StaffId, list[Span]] = {}
    for row in await connection.execute(query):
        found.setdefault(StaffId(row.advisor_id), []).append((row.starts_at, row.ends_at))
    return found
