"""The reception: where booking and signalling meet, which know nothing of one another.

Booking hears from here what became of a visit's call, and advisors' pages what became of a visit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncConnection

from booking import calendar
from booking.absences import Absences
from booking.appointments import Appointment, Appointments
from booking.feeds import FeedWriter
from booking.handoff.payloads import announce_visit
from booking.leads.origin import ids_of
from booking.leads.sheets import AnsweredCall, Sheets
from booking.letters import KIND, Letters
from booking.mail import mailer_of, sender_of
from booking.mail_sink import MailSink
from booking.punctuality import CallFacts, Punctuality
from booking.visits import VisitEnd
from booking.worker import Worker
from booking.writing import Writer
from showroom.calls import CallRecord, CallRecords
from showroom.clock import Clock
from showroom.database import after_commit
from showroom.errors import NotFound, ShowroomError
from showroom.handoff import Handoff, handoff
from showroom.ids import AppointmentId, CallId, ShowroomId, StaffId
from showroom.parts import Books, Switchboard
from showroom.shared import Shared
from showroom.showrooms import Showroom
from showroom.vehicles import Vehicles
from showroom.words import AppointmentEvent
from signaling.chores import Loop
from signaling.desk import Desk
from signaling.live import LiveCall, LiveState

log = structlog.get_logger()

# After these another advisor than before may have the visit, and nothing names the one who had it.
MOVES_ON = frozenset({AppointmentEvent.RESCHEDULED, AppointmentEvent.REASSIGNED})


class CallFloor:
    """Where calls are, as the rules of punctuality see it."""

    def __init__(self, live: LiveState, calls: CallRecords, desk: Desk) -> None:
        self._live = live
        self._calls = calls
        self._desk = desk

    async def call(self, showroom_id: ShowroomId, call_id: CallId) -> CallFacts | None:
        """Return the facts of a call: from Redis, or when that forgot it, the record."""
        live = await self._live.call_facts(showroom_id, call_id)
        if live:
            return CallFacts(live.accepted_at, live.ended_at, live.end_reason)
        try:
            kept = await self._calls.get(showroom_id, call_id)
        except NotFound:
            return None
        return CallFacts(kept.answered_at, kept.ended_at, kept.end_reason)

    async def keep_free(
        self, showroom: Showroom, advisor: StaffId, visit: AppointmentId, until_ms: int
    ) -> None:
        await self._desk.keep_free(showroom, advisor, visit, until_ms)


class AnsweredCalls:
    """Where calls are, as their side sheets see it."""

    def __init__(self, live: LiveState, calls: CallRecords) -> None:
        self._live = live
        self._calls = calls

    async def answered(self, showroom_id: ShowroomId, call_id: CallId) -> AnsweredCall | None:
        """Return a call that was answered: from Redis, or when that forgot it, the record."""
        live = await self._live.call(showroom_id, call_id)
        if live:
            advisor = live.advisor if live.accepted_at is not None else None
            return _answered(advisor, live) if advisor else None
        try:
            kept = await self._calls.get(showroom_id, call_id)
        except NotFound:
            return None
        advisor = kept.advisor_id if kept.answered_at is not None else None
        return _answered(advisor, kept) if advisor else None


def _answered(advisor: StaffId, call: LiveCall | CallRecord) -> AnsweredCall:
    configuration = ids_of(call.origin or {}).configuration
    return AnsweredCall(advisor, call.language, call.vehicle, configuration)


class Hosts:
    """Tells the advisors' pages that their visits are others. Hints: the pages look anyway."""

    def __init__(self, desk: Desk, live: LiveState) -> None:
        self._desk = desk
        self._live = live
        self._telling: set[asyncio.Task[None]] = set()

    async def announce(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        visit: Appointment,
        event: AppointmentEvent,
    ) -> None:
        """Tell them as soon as the change is certain. This is an `Announce`."""

        def tell() -> None:
            task = asyncio.create_task(self.tell(showroom, visit, event in MOVES_ON))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

        after_commit(connection, tell)

    async def tell(self, showroom: Showroom, visit: Appointment, everybody: bool = False) -> None:
        """Tell the visit's advisor, or all who are at work."""
        try:
            hosts = [visit.advisor_id] if visit.advisor_id else []
            if everybody:
                hosts = [advisor.id for advisor in await self._live.advisors(showroom.id)]
            await self._desk.visits_changed(showroom.id, hosts)
            if visit.end_reason == VisitEnd.CALLED_OFF:
                # Somebody may have to phone the customer.
                await self._desk.follow_ups_changed(showroom.id)
        except (RedisError, ShowroomError, OSError):
            log.warning("the advisors can't be told of a visit")


class Invitations:
    """Visits as calendar files, for whoever downloads one."""

    def __init__(self, writer: Writer, vehicles: Vehicles, sender: str, clock: Clock) -> None:
        self._writer = writer
        self._vehicles = vehicles
        self._sender = sender
        self._clock = clock

    async def of(self, showroom: Showroom, visit: Appointment) -> bytes:
        """Return the file (RFC 5545)."""
        cars = {car.slug: car.name for car in await self._vehicles.of(showroom.id)}
        wording = self._writer.entry(showroom, visit, cars.get(visit.vehicle or "", ""))
        now, method = self._clock(), calendar.Method.PUBLISH
        return calendar.invitation(showroom, visit, wording, self._sender, now, method)


@dataclass(frozen=True)
class Reception:
    """Booking, put together: what the pages need of it, and what must run."""

    appointments: Appointments
    absences: Absences
    handoff: Handoff
    invitation: Callable[[Showroom, Appointment], Awaitable[bytes]]
    feed: Callable[[str], Awaitable[bytes]]
    sheets: Sheets
    loops: Sequence[Loop]


def reception(shared: Shared, books: Books, board: Switchboard) -> Reception:
    """Put booking together, on top of signalling."""
    settings, database, clock = shared.settings, shared.database, shared.clock
    letters, hosts = Letters(books.outbox, clock), Hosts(board.desk, board.live)
    mailer = mailer_of(settings)
    others = handoff(shared, books, mailer)

    async def announce(
        connection: AsyncConnection,
        showroom: Showroom,
        visit: Appointment,
        event: AppointmentEvent,
    ) -> None:
        await letters.announce(connection, showroom, visit, event)
        await hosts.announce(connection, showroom, visit, event)
        await books.follow_ups.visit_announced(connection, showroom, visit, event)
        await announce_visit(books.publish, connection, showroom, visit, event)
        # Last: it lets nobody else write leads until the transaction ends.
        await books.leads.visit_announced(connection, showroom, visit, event)

    rooms, roster = books.showrooms, books.roster
    appointments = Appointments(database, rooms, roster, announce, clock)
    absences = Absences(database, rooms, roster, announce, clock)
    floor = CallFloor(board.live, books.calls, board.desk)
    punctuality = Punctuality(database, rooms, floor, announce, clock, hosts.tell)
    writer, sender = Writer(settings.address), sender_of(settings)
    sink = MailSink(
        mailer,
        writer,
        appointments,
        rooms,
        books.vehicles,
        books.staff.names,
        sender,
        clock,
    )
    worker = Worker(books.outbox, {KIND: sink})
    feeds = FeedWriter(
        books.feeds, appointments, rooms, books.vehicles, writer, settings.address, sender, clock
    )
    return Reception(
        appointments,
        absences,
        others,
        Invitations(writer, books.vehicles, sender, clock).of,
        feeds.write,
        Sheets(database, books.leads, AnsweredCalls(board.live, books.calls), clock),
        loops=[worker.run, punctuality.run, absences.run, *others.loops],
    )
