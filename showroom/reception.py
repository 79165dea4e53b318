"""The reception: where booking and signalling meet, which know nothing of one another.

Booking tells it what changed, and it tells the advisors' pages; it keeps hosts free before their
visits, and tells the rules of punctuality what became of a visit's call.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.agenda import Agenda
from booking.appointments import Appointment, Appointments
from showroom.clock import Clock
from showroom.database import after_commit
from showroom.errors import ShowroomError
from showroom.parts import Books, Loop, Switchboard
from showroom.shared import Shared
from showroom.showrooms import Showroom, Showrooms
from showroom.words import AppointmentEvent
from signaling.desk import Desk
from signaling.live import LiveState

log = structlog.get_logger()

MINUTE_MS = 60_000
BEAT_SECONDS = 10.0
# A host whose guest is late stays free so long after the start; then they take whoever waits.
KEPT_MS = 2 * MINUTE_MS
# Of these the host may be another than before, whom nothing names.
ANY_HOST = frozenset({AppointmentEvent.RESCHEDULED, AppointmentEvent.REASSIGNED})


class Hosts:
    """Keeps the advisors' side true: their lists of visits, and their time before each."""

    def __init__(
        self, showrooms: Showrooms, agenda: Agenda, desk: Desk, live: LiveState, clock: Clock
    ) -> None:
        self._showrooms = showrooms
        self._agenda = agenda
        self._desk = desk
        self._live = live
        self._clock = clock
        self._telling: set[asyncio.Task[None]] = set()

    def announce(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        visit: Appointment,
        event: AppointmentEvent,
    ) -> None:
        """Tell the advisors' pages, once the change is certain. A hint: it may be lost."""

        def tell() -> None:
            task = asyncio.create_task(self._tell(showroom, visit, event))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

        after_commit(connection, tell)

    async def _tell(self, showroom: Showroom, visit: Appointment, event: AppointmentEvent) -> None:
        try:
            hosts = [visit.advisor_id] if visit.advisor_id else []
            if event in ANY_HOST:
                hosts = [advisor.id for advisor in await self._live.advisors(showroom.id)]
            if event is not AppointmentEvent.BOOKED:
                for host in hosts:
                    await self._desk.keep_free(showroom, host, visit.id, 0)
            await self._desk.visits_changed(showroom.id, hosts)
            await self._keep(showroom)
        except (RedisError, ShowroomError, OSError):
            log.warning("the advisors could not be told; their pages look by themselves soon")

    async def run(self) -> None:
        """Keep hosts free before their visits, until cancelled. Every node does; it is harmless."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                for showroom in await self._showrooms.all():
                    await self._keep(showroom)
            except (RedisError, ShowroomError, OSError):
                log.warning("hosts can't be kept free; trying again")

    async def _keep(self, showroom: Showroom) -> None:
        now = self._clock()
        before_ms = showroom.visits.before * MINUTE_MS + int(2 * BEAT_SECONDS * 1000)
        for visit in await self._agenda.beginning(showroom.id, now - KEPT_MS, now + before_ms):
            await self._desk.keep_free(showroom, visit.host, visit.id, visit.starts_at + KEPT_MS)


@dataclass(frozen=True)
class Reception:
    """Booking, put together: what the pages need of it, and what must run."""

    appointments: Appointments
    invitations: Callable[[Showroom, Appointment], bytes]
    loops: Sequence[Loop]


def reception(shared: Shared, books: Books, board: Switchboard) -> Reception:
    """Put booking together, on top of signalling."""
    clock = shared.clock
    hosts = Hosts(books.showrooms, books.agenda, board.desk, board.live, clock)

    async def announce(
        connection: AsyncConnection,
        showroom: Showroom,
        visit: Appointment,
        event: AppointmentEvent,
    ) -> None:
        hosts.announce(connection, showroom, visit, event)

    appointments = Appointments(shared.database, books.showrooms, books.roster, announce, clock)
    return Reception(appointments, lambda showroom, visit: b"", loops=[hosts.run])
