"""The parts of one node: what it knows from SQL, and the signalling on top of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from socketio import AsyncServer
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.agenda import Agenda
from booking.alarms.book import Alarms
from booking.alarms.letters import AlarmLetters
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
from media.gallery import Gallery
from media.ice import ice_servers
from media.photos import PhotoLinks, Photos
from media.practice import Practices
from media.quality import QualityLog, classify, summarise
from media.recording.book import Recordings as RecordingBook
from media.recording.copies import Copies
from media.relay.orders import SEATS, Arrange, Close, Connect, Recorded
from media.relay.switch import Switch
from showroom.calls import CallRecord, CallRecords
from showroom.files import FolderFiles
from showroom.floor_desk import FloorDesk
from showroom.ids import CallId, RecordingId, ShowroomId
from showroom.marks import Marks
from showroom.recording_desk import LostRecording, RecordingDesk
from showroom.rollups import Rollups
from showroom.shared import Shared
from showroom.showrooms import Showrooms
from showroom.staff import Staff
from showroom.stints import Stints
from showroom.vehicles import Vehicles
from showroom.ways import count_ways_of
from showroom.words import Quality, Side
from signaling.archivist import Archivist
from signaling.chores import Loop, every
from signaling.company import Company
from signaling.crier import Crier
from signaling.desk import Desk
from signaling.doorman import Doorman
from signaling.driver import make_server, watch_sockets
from signaling.gateway import Gateway, SocketMouth
from signaling.keeper import Keeper
from signaling.lists import Lists
from signaling.live import LiveState
from signaling.messages import IceServer, QualitySample
from signaling.needs import Arrangement
from signaling.orders import Orders
from signaling.pairing import Pairing, Times
from signaling.paths import Paths
from signaling.recordings import Recordings
from signaling.renewal import Renewal
from signaling.rooms import Rooms
from signaling.sockets import (
    ADVISOR_SPACE,
    COMPANION_SPACE,
    CUSTOMER_SPACE,
    Seat,
    Sockets,
)
from signaling.stirred import Stirred
from signaling.teller import Teller
from signaling.timekeeper import Timekeeper
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
    marks: Marks
    roster: Roster
    agenda: Agenda
    plan: Plan
    feeds: Feeds
    returned: Returned
    dealers: Dealers
    leads: Leads
    outbox: Outbox
    publish: Publish
    alarms: Alarms
    photos: Photos
    gallery: Gallery
    photo_links: PhotoLinks
    recordings: RecordingBook
    copies: Copies

    @classmethod
    def of(cls, shared: Shared) -> Self:
        database, clock = shared.database, shared.clock
        roster, showrooms = Roster(database), Showrooms(database)
        outbox, dealers = Outbox(database, clock), Dealers(database, clock)
        publish = Publishing(outbox, clock).publish
        leads = Leads(database, showrooms, publish, dealers.nearest_code, clock)
        recaps, rollups = Recaps(outbox, clock), Rollups(database)
        files = FolderFiles(shared.settings.data_dir / "files")
        secret = shared.settings.require_secret_key()
        recordings = RecordingBook(database, files, secret, clock)

        async def call_kept(
            connection: AsyncConnection, before: CallRecord | None, call: CallRecord
        ) -> None:
            await leads.call_kept(connection, before, call)
            await recaps.call_kept(connection, before, call)
            await count_ways_of(connection, call.showroom_id, "call", [call.id])
            await rollups.call_kept(connection, before, call)

        return cls(
            showrooms=showrooms,
            vehicles=Vehicles(database),
            staff=Staff(database, clock, shared.passwords),
            calls=CallRecords(database, call_kept),
            follow_ups=FollowUps(database, clock, leads.call_back_asked, leads.call_back_finished),
            samples=QualityLog(database),
            marks=Marks(database),
            roster=roster,
            agenda=Agenda(database),
            plan=Plan(database, roster, clock),
            feeds=Feeds(database, clock),
            returned=Returned(database),
            dealers=dealers,
            leads=leads,
            outbox=outbox,
            publish=publish,
            alarms=Alarms(database, publish, AlarmLetters(outbox, clock).post, clock),
            photos=Photos(database, files, clock),
            gallery=Gallery(database, files, clock),
            photo_links=PhotoLinks(secret),
            recordings=recordings,
            copies=Copies(database, recordings, clock),
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


class RelayDesk:
    """What signalling asks of the media workers."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    async def workers(self) -> Mapping[str, bool]:
        return {name: not one.draining for name, one in (await self._switch.workers()).items()}

    async def pick(self) -> str | None:
        return await self._switch.pick()

    async def connect(
        self, worker: str, call: CallId, who: str, rank: int, sdp: str, arrangement: Arrangement
    ) -> str:
        order = Connect(who=who, rank=rank, sdp=sdp, **_room(call, arrangement))
        return await self._switch.ask(worker, order)

    async def arrange(self, worker: str, call: CallId, arrangement: Arrangement) -> None:
        await self._switch.ask(worker, Arrange(**_room(call, arrangement)))

    async def troubles(self) -> Sequence[LostRecording]:
        return [
            LostRecording(ShowroomId(one.showroom), CallId(one.room), RecordingId(one.id), one.full)
            for one in await self._switch.troubles()
        ]

    async def forget_trouble(self, recording: RecordingId) -> None:
        await self._switch.forget_trouble(recording)

    async def close(self, worker: str, call: CallId) -> None:
        await self._switch.ask(worker, Close(room=call))


def _room(call: CallId, arrangement: Arrangement) -> dict[str, Any]:
    recorded = arrangement.recorded
    return {
        "room": call,
        "number": arrangement.number,
        "held": arrangement.held,
        "seats": SEATS.validate_json(arrangement.seats),
        "recorded": Recorded.model_validate_json(recorded) if recorded else None,
    }


@dataclass(frozen=True)
class Switchboard:
    """Signalling: its commands, what it knows of the present, its server, and what must run."""

    desk: Desk
    orders: Orders
    company: Company
    live: LiveState
    practices: Practices
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
    desk = Desk(pairing, live, books.vehicles, books.follow_ups, quality, books.marks, clock)
    switch = Switch(shared.redis)
    relay = RelayDesk(switch)
    server = make_server(lambda origin: origin_allowed(settings, origin))
    sockets, stirred = Sockets(), Stirred()
    mouth = SocketMouth(server, sockets)
    lists = Lists(live, books.follow_ups, books.agenda, clock)
    views = Views(books.vehicles, ice)
    teller = Teller(
        shared.redis, live, views, books.showrooms, lists, sockets, mouth, stirred, clock
    )
    news = FloorDesk(books.alarms, books.staff, books.calls, live, clock)
    crier = Crier(live, books.showrooms, sockets, mouth, stirred, news, clock)
    rooms = Rooms(live, books.showrooms, news, sockets, mouth, stirred, clock)
    recordings = Recordings(
        pairing, books.showrooms, RecordingDesk(books.recordings), relay, stirred, clock
    )
    paths = Paths(pairing, live, books.showrooms, relay, recordings.order, stirred)
    company = Company(pairing, live, relay, paths, recordings, clock)
    keeper = Keeper(pairing, books.showrooms, sockets, mouth, stirred, clock)
    archivist = Archivist(
        pairing,
        live,
        books.showrooms,
        books.calls,
        books.follow_ups,
        quality,
        books.marks,
        books.photos,
        desk,
        stirred,
    )
    timekeeper = Timekeeper(pairing, books.showrooms, Stints(shared.database, clock), stirred)
    doorman = Doorman(pairing, live, books.staff, desk, company, sockets, mouth)

    async def greet(seat: Seat) -> None:
        if seat.space == CUSTOMER_SPACE:
            await crier.public(seat)
            await teller.customer(seat)
        elif seat.space == ADVISOR_SPACE:
            await teller.advisor(seat)
            await teller.follow_ups(seat)
            await teller.visits(seat)
        elif seat.space == COMPANION_SPACE:
            await teller.joined(seat)
        else:
            await crier.floor(seat.showroom, [seat.sid])

    gateway = Gateway(server, sockets, books.showrooms, books.staff, desk, company, pairing, greet)
    # Three in the life of a page's TURN credentials: one may fail, and a page whose socket is away
    # for the longest grace still has good ones.
    pause = settings.turn_ttl_seconds / 3
    renewing = (
        [every(pause, Renewal(live, sockets, teller).renew_calls)] if settings.turn_urls else []
    )
    return Switchboard(
        desk,
        Orders(pairing, desk, books.showrooms),
        company,
        live,
        Practices(shared.redis, switch, books.recordings, clock),
        server,
        loops=[
            teller.run,
            teller.renew_visits,
            *renewing,
            crier.run,
            *rooms.loops(),
            *keeper.loops(),
            *archivist.loops(),
            *timekeeper.loops(),
            *doorman.loops(),
            *paths.loops(),
            *recordings.loops(),
            switch.run,
            lambda: watch_sockets(server, gateway.engine_ids),
        ],
    )
