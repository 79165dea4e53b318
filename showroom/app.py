"""The composition root: opens what is shared, puts the parts together, and serves."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from aiohttp.http import HttpProcessingError
from aiohttp.log import server_logger
from aiohttp.web import Application, AppRunner, TCPSite

from booking.privacy.exporting import Exports
from booking.privacy.purging import Purging
from booking.rostered import Rosters
from media.anonymise.pool import Pool
from media.check import Checks
from media.coach.coach import Coach
from media.recording.copier import Copier
from media.recording.finisher import Finisher
from media.recording.links import RecordingLinks
from media.thumbnails import Thumbnails
from media.uploads import Uploads
from showroom.alarm_desk import alarm_desk
from showroom.api_keys import FLUSH_SECONDS, ApiKeys
from showroom.arrivals import Arrivals
from showroom.asking import Figures
from showroom.audit import AuditLog
from showroom.call_details import CallDetails
from showroom.call_search import CallSearch
from showroom.errors import StartupError, TryAgain
from showroom.figures_desk import figures_desk
from showroom.forecast import Forecasts
from showroom.parts import Books, Switchboard, switchboard
from showroom.past_days import PastDays
from showroom.privacy_desk import erasures
from showroom.process import end, ready_for_thousands, stop_signal
from showroom.reception import Reception, reception
from showroom.relaying import media_workers
from showroom.repetitions import Repetitions
from showroom.retention import Retention
from showroom.settings import Settings
from showroom.settings_file.by_hand import ShowroomEditor
from showroom.settings_file.range_by_hand import VehicleEditor
from showroom.shared import Shared, open_shared
from showroom.stints import Stints
from showroom.team_desk import team_desk
from showroom.texts import Words
from showroom.throttle import SignInThrottle
from showroom.trade import Trade, trade
from showroom.traffic import Traffic
from showroom.usual import UsualDay
from showroom.work import Work
from showroom.yields import Yield
from signaling.chores import Loop, every
from signaling.driver import hang_up
from signaling.limits import AddressLimit
from web import check, health, keys, middleware
from web.api.problems import answer_problems
from web.assets import Assets
from web.limits import LIMITS, Limits
from web.routes import routes
from web.words import LANGUAGES

log = structlog.get_logger()

MAX_BODY = 64_000
SHUTDOWN_SECONDS = 2.0
# What programs may repeat, photos and recordings stay for days: an hour more or less is nothing.
SWEEP_SECONDS = 3600
# What is left to do of an erasure is done by whoever is there.
ERASE_SECONDS = 5.0
# A manager sees who comes while a spot runs.
ARRIVALS_SECONDS = 1.0
# What was recorded can be played soon after its end.
FINISH_SECONDS = 1.0


def make_app(shared: Shared) -> Application:
    """Return one node's application: pages, Socket.IO, and the loops behind them."""
    books = Books.of(shared)
    board = switchboard(shared, books)
    desk = reception(shared, books, board)
    app = Application(
        client_max_size=MAX_BODY,
        middlewares=[
            middleware.add_headers,
            middleware.answer_errors,
            middleware.limit_sockets(),
            answer_problems,
        ],
    )
    _hand_out(app, shared, books, board, desk)
    way = trade(shared, books)
    _hand_out_trade(app, way)
    people = team_desk(shared, books)
    app[keys.TEAM], app[keys.ACCESS] = people.team, people.access
    app[keys.FACTORS], app[keys.COMPANY_ACCOUNTS] = people.factors, people.company
    mails = figures_desk(app, shared, books)
    app.add_routes(routes())
    board.server.attach(app)
    watch = alarm_desk(shared, books, board)
    app[keys.ALARMS] = watch.alarms
    days = PastDays(shared.database, books.showrooms, shared.clock)
    retention = Retention(
        books.showrooms,
        books.photos,
        books.recordings,
        books.samples,
        Purging(shared.database, shared.clock),
        shared.clock,
    )
    kept = shared.settings.data_dir / "files"
    finisher, copier = Finisher(books.recordings, kept), Copier(books.copies, kept, Pool())
    chores = [
        every(SWEEP_SECONDS, app[keys.REPETITIONS].sweep),
        every(SWEEP_SECONDS, retention.purge),
        every(SWEEP_SECONDS, books.gallery.purge),
        every(SWEEP_SECONDS, days.fill),
        every(SWEEP_SECONDS, Stints(shared.database, shared.clock).sweep),
        every(ERASE_SECONDS, app[keys.ERASURES].work),
        every(FINISH_SECONDS, finisher.work),
        every(FINISH_SECONDS, copier.work),
        every(FLUSH_SECONDS, app[keys.API_KEYS].flush),
        every(ARRIVALS_SECONDS, app[keys.ARRIVALS].flush),
    ]
    app.on_cleanup.append(_close_coach)
    parts = (board, desk, way, people, watch)
    loops = [*(loop for part in parts for loop in part.loops), *mails, *chores]
    _keep_running(app, [*loops, app[keys.THUMBNAILS].run], books, board)
    return app


def _hand_out(
    app: Application, shared: Shared, books: Books, board: Switchboard, desk: Reception
) -> None:
    """Put what the pages' handlers need where they look for it."""
    settings, clock = shared.settings, shared.clock
    app[keys.SETTINGS], app[keys.CLOCK] = settings, clock
    app[keys.SHOWROOMS], app[keys.VEHICLES] = books.showrooms, books.vehicles
    app[keys.STAFF], app[keys.CALLS] = books.staff, books.calls
    app[keys.CALL_SEARCH] = CallSearch(shared.database)
    app[keys.FIGURES] = Figures(shared.database)
    app[keys.CALL_DETAILS] = CallDetails(shared.database)
    app[keys.WORK] = Work(shared.database)
    app[keys.FORECASTS] = Forecasts(shared.database)
    app[keys.ROSTERS] = Rosters(shared.database, clock)
    app[keys.TRAFFIC] = Traffic(shared.database)
    app[keys.TRAFFIC_ALONE] = Traffic(shared.database, calls=False)
    app[keys.ARRIVALS] = Arrivals(shared.database, shared.redis, clock=shared.clock)
    app[keys.YIELD_LAST] = Yield(shared.database)
    app[keys.YIELD_FIRST] = Yield(shared.database, first=True)
    app[keys.THROTTLE] = SignInThrottle(shared.redis, clock, settings.require_secret_key())
    app[keys.FOLLOW_UPS], app[keys.QUALITY] = books.follow_ups, books.samples
    app[keys.MARKS] = books.marks
    app[keys.ROSTER], app[keys.APPOINTMENTS] = books.roster, desk.appointments
    app[keys.PLAN], app[keys.ABSENCES] = books.plan, desk.absences
    app[keys.FEEDS], app[keys.FEED_FILES] = books.feeds, desk.feed
    app[keys.INVITATIONS], app[keys.RETURNED] = desk.invitation, books.returned
    app[keys.METRICS] = desk.handoff.metrics
    app[keys.ENDPOINTS], app[keys.DELIVERIES] = desk.handoff.endpoints, desk.handoff.deliveries
    app[keys.API_KEYS] = ApiKeys(shared.database, clock)
    app[keys.EDITOR] = ShowroomEditor(shared.database, clock)
    app[keys.RANGE_EDITOR] = VehicleEditor(shared.database, books.vehicles, clock)
    app[keys.AUDIT_LOG] = AuditLog(shared.database)
    app[keys.ERASURES] = erasures(shared, books)
    app[keys.EXPORTS] = Exports(shared.database, clock)
    app[keys.REPETITIONS] = Repetitions(shared.database, clock)
    app[keys.DEALERS] = books.dealers
    app[keys.LEADS], app[keys.SHEETS] = books.leads, desk.sheets
    app[keys.DESK], app[keys.LIVE] = board.desk, board.live
    app[keys.COMPANY], app[keys.ORDERS] = board.company, board.orders
    app[keys.USUAL] = UsualDay(Figures(shared.database))
    app[keys.ASSETS], app[keys.WORDS] = Assets(), Words(LANGUAGES)
    app[keys.GALLERY] = books.gallery
    app[keys.PHOTOS], app[keys.PHOTO_LINKS] = books.photos, books.photo_links
    app[keys.RECORDINGS], app[keys.PRACTICES] = books.recordings, board.practices
    app[keys.COPIES] = books.copies
    app[keys.RECORDING_LINKS] = RecordingLinks(settings.require_secret_key(), shared.redis, clock)
    app[keys.UPLOADS] = Uploads(shared.redis)
    app[health.REDIS], app[health.DATABASE] = shared.redis, shared.database
    app[keys.COACH], app[keys.THUMBNAILS] = Coach(), Thumbnails(shared.redis)
    app[keys.CHECKS] = Checks(shared.redis, clock)
    app[LIMITS], app[check.MEASURED] = Limits(), AddressLimit(check.AT_ONCE)


def _hand_out_trade(app: Application, way: Trade) -> None:
    """Put the way to the store and back where the pages look for it."""
    app[keys.STORE_SECRETS], app[keys.STORE_EVENTS] = way.secrets, way.events
    app[keys.RESERVATIONS], app[keys.RESERVATION_REPORT] = way.reservations, way.report
    app[keys.FUNNELS], app[keys.STORE_LINKS] = way.funnels, way.links


def _keep_running(
    app: Application, loops: Sequence[Loop], books: Books, board: Switchboard
) -> None:
    """Run the loops for as long as the application does; nothing they gathered is lost."""

    async def run_loops(_: Application) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_supervise(loop)) for loop in loops]
        yield
        await end(tasks)
        for gathered in (books.samples, books.marks, app[keys.API_KEYS], app[keys.ARRIVALS]):
            try:
                await gathered.flush()
            except TryAgain:
                log.warning(
                    "what was gathered last could not be saved", what=type(gathered).__name__
                )

    async def hang_up_sockets(_: Application) -> None:
        # Pages reconnect to another node at once, instead of after a missed ping.
        for engine_id in list(board.server.eio.sockets):
            await hang_up(board.server, engine_id)

    app.cleanup_ctx.append(run_loops)
    app.on_shutdown.append(hang_up_sockets)


async def _close_coach(app: Application) -> None:
    app[keys.COACH].close()


async def _supervise(loop: Loop) -> None:
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
    # Nobody here reads what is packed; what can't be unpacked would end the connection instead.
    runner = AppRunner(
        app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, auto_decompress=False
    )
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
        media_workers(settings, shared.redis_url, settings.media_workers),
        listening(make_app(shared), [Door(settings.host, settings.port, tls)]) as ports,
    ):
        log.info("serving", host=settings.host, port=ports[0], tls=tls is not None)
        await stopped.wait()
        log.info("stopping")
