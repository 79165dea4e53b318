"""The parts of one node: what it knows from SQL, and the signalling on top of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from socketio import AsyncServer
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.agenda import Agenda
from booking.dealers.directory import Dealers
from booking.feeds import Feeds
from booking.follow_ups import FollowUps
from booking.handoff.publishing import Publishing
from booking.handoff.topics import Publish
from booking.leads.book import Leads
from booking.outbox import Outbox
from booking.plan import Plan
from booking.recap import Recaps
from booking.returned import Returned
from booking.roster import Roster
from media.ice import ice_servers
from media.quality import QualityLog, classify, summarise
from showroom.calls import CallRecord, CallRecords
from showroom.ids import CallId, ShowroomId
from showroom.shared import Shared
from showroom.showrooms import Showrooms
from showroom.staff import Staff
from showroom.vehicles import Vehicles
from showroom.words import Quality, Side
from signaling.archivist import Archivist
from signaling.chores import Loop
from signaling.crier import Crier
from signaling.desk import Desk
from signaling.doorman import Doorman
from signaling.driver import make_server, watch_sockets
from signaling.gateway import Gateway, SocketMouth
from signaling.keeper import Keeper
from signaling.lists import Lists
from signaling.live import LiveState
from signaling.messages import IceServer, QualitySample
from signaling.pairing import Pairing, Times
from signaling.sockets import ADVISOR_SPACE, CUSTOMER_SPACE, Seat, Sockets
from signaling.stirred import Stirred
from signaling.teller import Teller
from signaling.views import Views
from web.visitor import origin_allowed


@dataclass(frozen=True)
class Books:
    """What SQL knows, by subject."""

    showrooms: Showrooms
    vehicles: Vehicles
    staff: Staff
    calls: CallRecords
    follow_ups: FollowUps
    samples: QualityLog
    roster: Roster
    agenda: Agenda
    plan: Plan
    feeds: Feeds
    returned: Returned
    dealers: Dealers
    leads: Leads
    outbox: Outbox
    publish: Publish

    @classmethod
    def of(cls, shared: Shared) -> Self:
        database, clock = shared.database, shared.clock
        roster, showrooms = Roster(database), Showrooms(database)
        outbox, dealers = Outbox(database, clock), Dealers(database, clock)
        publish = Publishing(outbox, clock).publish
        leads = Leads(database, showrooms, publish, dealers.nearest_code, clock)
        recaps = Recaps(outbox, clock)

        async def call_kept(
            connection: AsyncConnection, before: CallRecord | None, call: CallRecord
        ) -> None:
            await leads.call_kept(connection, before, call)
            await recaps.call_kept(connection, before, call)

        return cls(
            showrooms=showrooms,
            vehicles=Vehicles(database),
            staff=Staff(database, clock, shared.passwords),
            calls=CallRecords(database, call_kept),
            follow_ups=FollowUps(database, clock, leads.call_back_asked, leads.call_back_finished),
            samples=QualityLog(database),
            roster=roster,
            agenda=Agenda(database),
            plan=Plan(database, roster, clock),
            feeds=Feeds(database, clock),
            returned=Returned(database),
            dealers=dealers,
            leads=leads,
            outbox=outbox,
            publish=publish,
        )


class QualityDesk:
    """What signalling asks of the quality log."""

    def __init__(self, samples: QualityLog) -> None:
        self._samples = samples

    def judge(self, sample: QualitySample) -> Quality:
        return classify(sample)

    def keep(
        self, showroom: ShowroomId, call: CallId, side: Side, at: int, sample: QualitySample
    ) -> None:
        self._samples.add(showroom, call, side, at, sample)

    async def overall(self, showroom: ShowroomId, call: CallId) -> Quality | None:
        return summarise(await self._samples.of_call(showroom, call))

    async def flush(self) -> None:
        await self._samples.flush()


@dataclass(frozen=True)
class Switchboard:
    """Signalling: its commands, what it knows of the present, its server, and what must run."""

    desk: Desk
    live: LiveState
    server: AsyncServer
    loops: Sequence[Loop]


def switchboard(shared: Shared, books: Books) -> Switchboard:
    """Put signalling together."""
    settings, clock = shared.settings, shared.clock
    quality = QualityDesk(books.samples)

    def ice(call: CallId, now_ms: int) -> list[IceServer]:
        return [IceServer(**server) for server in ice_servers(settings, call, now_ms)]

    pairing = Pairing(shared.redis, Times.of(settings))
    live = LiveState(shared.redis)
    desk = Desk(pairing, live, books.vehicles, books.follow_ups, quality, clock)
    server = make_server(lambda origin: origin_allowed(settings, origin))
    sockets, stirred = Sockets(), Stirred()
    mouth = SocketMouth(server, sockets)
    lists = Lists(live, books.follow_ups, books.agenda, clock)
    views = Views(books.vehicles, ice)
    teller = Teller(
        shared.redis, live, views, books.showrooms, lists, sockets, mouth, stirred, clock
    )
    crier = Crier(live, books.showrooms, sockets, mouth, stirred, clock)
    keeper = Keeper(pairing, books.showrooms, sockets, mouth, stirred, clock)
    archivist = Archivist(
        pairing, live, books.showrooms, books.calls, books.follow_ups, quality, desk, stirred
    )
    doorman = Doorman(pairing, live, books.staff, desk, sockets, mouth)

    async def greet(seat: Seat) -> None:
        if seat.space == CUSTOMER_SPACE:
            await crier.public(seat)
            await teller.customer(seat)
        elif seat.space == ADVISOR_SPACE:
            await teller.advisor(seat)
            await teller.follow_ups(seat)
            await teller.visits(seat)
        else:
            await crier.floor(seat.showroom, [seat.sid])

    gateway = Gateway(server, sockets, books.showrooms, books.staff, desk, pairing, greet)
    return Switchboard(
        desk,
        live,
        server,
        loops=[
            teller.run,
            teller.renew_visits,
            crier.run,
            *keeper.loops(),
            *archivist.loops(),
            *doorman.loops(),
            lambda: watch_sockets(server, gateway.engine_ids),
        ],
    )
