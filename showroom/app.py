"""The composition root: opens what is shared, puts the parts together, and serves."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog
from aiohttp.http import HttpProcessingError
from aiohttp.log import server_logger
from aiohttp.web import Application, AppRunner, TCPSite
from redis.asyncio import Redis

from booking.agenda import Agenda
from booking.follow_ups import FollowUps
from media.ice import ice_servers
from media.quality import QualityLog, classify, summarise
from showroom.calls import CallRecords
from showroom.clock import Clock, system_clock
from showroom.database import Database, migrate
from showroom.errors import StartupError
from showroom.ids import CallId, ShowroomId
from showroom.process import end, ready_for_thousands, stop_signal
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from showroom.staff import Staff
from showroom.texts import Words
from showroom.throttle import SignInThrottle
from showroom.valkey import EmbeddedServer, connect
from showroom.vehicles import Vehicles
from showroom.words import Quality, Side
from signaling.crier import Crier
from signaling.desk import Desk
from signaling.driver import hang_up, make_server, watch_sockets
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
from web import health, keys, middleware
from web.assets import Assets
from web.limits import LIMITS, Limits
from web.routes import routes
from web.visitor import origin_allowed
from web.words import LANGUAGES

log = structlog.get_logger()

MAX_BODY = 64_000
SHUTDOWN_SECONDS = 2.0


@dataclass(frozen=True)
class Shared:
    """What all nodes of one installation share."""

    settings: Settings
    database: Database
    redis: Redis
    clock: Clock = system_clock


@asynccontextmanager
async def open_shared(settings: Settings) -> AsyncIterator[Shared]:
    """Open Redis (an embedded one if none is named) and the migrated database.

    Raises `StartupError` when one of them can't be used.
    """
    async with AsyncExitStack() as stack:
        url = settings.redis_url
        if not url:
            url = (await stack.enter_async_context(EmbeddedServer(settings.data_dir))).url
        redis = await connect(url)
        stack.push_async_callback(redis.aclose)
        await migrate(settings.database_url)
        database = await stack.enter_async_context(Database.open(settings.database_url))
        yield Shared(settings, database, redis)


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


def make_app(shared: Shared) -> Application:
    """Return one node's application: pages, Socket.IO, and the loops behind them."""
    settings, clock = shared.settings, shared.clock
    showrooms, vehicles = Showrooms(shared.database), Vehicles(shared.database)
    staff, records = Staff(shared.database, clock), CallRecords(shared.database)
    follow_ups, samples = FollowUps(shared.database, clock), QualityLog(shared.database)
    quality = QualityDesk(samples)

    def ice(call: CallId, created_at: int) -> list[IceServer]:
        return [IceServer(**server) for server in ice_servers(settings, call, created_at)]

    pairing = Pairing(shared.redis, Times.of(settings))
    live = LiveState(shared.redis)
    desk = Desk(pairing, live, vehicles, follow_ups, quality, clock)
    server = make_server(lambda origin: origin_allowed(settings, origin))
    sockets = Sockets()
    mouth, stirred = SocketMouth(server, sockets), Stirred()
    views = Views(vehicles, ice)
    lists = Lists(live, follow_ups, Agenda(shared.database), clock)
    teller = Teller(shared.redis, live, views, showrooms, lists, sockets, mouth, stirred, clock)
    crier = Crier(live, showrooms, sockets, mouth, stirred, clock)
    keeper = Keeper(
        pairing,
        live,
        showrooms,
        records,
        follow_ups,
        quality,
        staff,
        desk,
        sockets,
        mouth,
        stirred,
        clock,
    )

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

    gateway = Gateway(server, sockets, showrooms, staff, desk, pairing, greet)

    app = Application(
        client_max_size=MAX_BODY,
        middlewares=[
            middleware.add_headers,
            middleware.answer_errors,
            middleware.limit_sockets(),
        ],
    )
    app[keys.SETTINGS], app[keys.CLOCK] = settings, clock
    app[keys.SHOWROOMS], app[keys.VEHICLES] = showrooms, vehicles
    app[keys.STAFF], app[keys.CALLS] = staff, records
    app[keys.THROTTLE] = SignInThrottle(shared.redis, clock, settings.require_secret_key())
    app[keys.FOLLOW_UPS], app[keys.QUALITY] = follow_ups, samples
    app[keys.DESK], app[keys.LIVE] = desk, live
    app[keys.ASSETS], app[keys.WORDS] = Assets(), Words(LANGUAGES)
    app[health.REDIS], app[health.DATABASE] = shared.redis, shared.database
    app[LIMITS] = Limits()
    app.add_routes(routes())
    server.attach(app)
    loops: list[Callable[[], Awaitable[None]]] = [
        teller.run,
        teller.renew_visits,
        crier.run,
        *keeper.loops(),
        lambda: watch_sockets(server, gateway.engine_ids),
    ]

    async def run_loops(_: Application) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_supervise(loop)) for loop in loops]
        yield
        await end(tasks)
        await samples.flush()

    async def hang_up_sockets(_: Application) -> None:
        # Pages reconnect to another node at once, instead of after a missed ping.
        for engine_id in list(server.eio.sockets):
            await hang_up(server, engine_id)

    app.cleanup_ctx.append(run_loops)
    app.on_shutdown.append(hang_up_sockets)
    return app


async def _supervise(loop: Callable[[], Awaitable[None]]) -> None:
    """Run a loop for ever. A fault in one is logged and it starts again; the others go on."""
    while True:
        try:
            await loop()
        except Exception:
            log.exception("a loop broke; it starts again")
            await asyncio.sleep(1)


@dataclass(frozen=True)
class Door:
    """An address to listen on, with TLS or without."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None


@asynccontextmanager
async def listening(app: Application, doors: list[Door]) -> AsyncIterator[list[int]]:
    """Serve `app` for as long as the block runs; yields the ports that were opened.

    Raises `StartupError` when a port is taken.
    """
    server_logger.addFilter(_is_our_fault)
    runner = AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        for door in doors:
            try:
                await TCPSite(
                    runner, door.host, door.port, ssl_context=door.tls, backlog=2048
                ).start()
            except OSError as error:
                raise StartupError(
                    f"SHOWROOM_PORT names port {door.port} on {door.host}, which can't be opened"
                    f" ({error.strerror or error}); stop what uses it, or choose another."
                ) from error
        ready_for_thousands()
        yield [address[1] for address in runner.addresses]
    finally:
        await runner.cleanup()


def _is_our_fault(record: logging.LogRecord) -> bool:
    """Keep a traceback for each stranger's broken request out of the log: it was answered 400."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """Return the TLS context of the settings. Raises `StartupError` when the files don't fit."""
    if settings.tls_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise StartupError(
            f"SHOWROOM_TLS_CERTIFICATE and SHOWROOM_TLS_KEY can't be used together: {error}."
        ) from error
    return context


async def serve(settings: Settings) -> None:
    """Run one node until it is told to stop."""
    settings.require_secret_key()
    stopped, tls = stop_signal(), tls_of(settings)
    async with (
        open_shared(settings) as shared,
        listening(make_app(shared), [Door(settings.host, settings.port, tls)]) as ports,
    ):
        log.info("serving", host=settings.host, port=ports[0], tls=tls is not None)
        await stopped.wait()
        log.info("stopping")
