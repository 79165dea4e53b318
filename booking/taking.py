"""Taking a time: found outside of any lock, then looked at again and written in one transaction.

That transaction is short and has the showroom to itself, so that many who want the same time at
once, on however many nodes, get one answer each: one has it, the others hear what is free.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from booking import assignment
from booking.assignment import Wish
from booking.ledger import Appointment, lock_showrooms
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import SlotTaken
from showroom.ids import StaffId
from showroom.showrooms import Showroom

T = TypeVar("T")
# Writes what was decided, in the transaction that has the time for this advisor.
Keep = Callable[[AsyncConnection, StaffId], Awaitable[Appointment]]

# So many at once look for a time in one process: a run on a slot must leave connections to calls.
TAKERS = 4
# A race that was lost to another showroom is run again, with what is known then.
TRIES = 5
# SQLSTATE (PostgreSQL, appendix A): two showrooms waited for each other's holds.
DEADLOCK = "40P01"


async def racing(work: Callable[[], Awaitable[T]]) -> T:
    """Do `work`, a transaction, again if it lost a race to another showroom; return its answer."""
    for _ in range(TRIES - 1):
        try:
            return await work()
        except DBAPIError as error:
            if not _lost(error):
                raise
    return await work()


class Taking:
    """Gives times away, one after the other in each showroom."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._gate = asyncio.Semaphore(TAKERS)

    async def take(self, showroom: Showroom, wish: Wish, keep: Keep) -> Appointment:
        """Let `keep` write an appointment at the wished time, and return what it returns.

        Raises `SlotTaken`, with the next free times, when nobody is free then.
        """
        async with self._gate:
            return await racing(lambda: self._try(showroom, wish, keep))

    async def _try(self, showroom: Showroom, wish: Wish, keep: Keep) -> Appointment:
        now = self._clock()
        async with self._database.read() as connection:
            candidates = await assignment.candidates(connection, showroom, wish, now)
            team = candidates.team
            if not candidates.order:
                free = await assignment.next_free(connection, showroom, team, wish, now)
                raise SlotTaken(free=free)
        async with self._database.write() as connection:
            await lock_showrooms(connection, [showroom.id])
            host = await assignment.host(connection, showroom, wish, candidates, now)
            if host:
                return await keep(connection, host)
        async with self._database.read() as connection:
            free = await assignment.next_free(connection, showroom, team, wish, now)
        raise SlotTaken(free=free)


def _lost(error: DBAPIError) -> bool:
    """Say whether somebody else was faster: an advisor can be shared with another showroom."""
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", "") == DEADLOCK
