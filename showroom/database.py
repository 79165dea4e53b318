"""The SQL database: one way to read, one way to write, on SQLite and on PostgreSQL.

SQLite has one writer at a time by nature. Here a process queues its writers in memory, where
waiting is cheap and fair, and takes the file's lock with `BEGIN IMMEDIATE`, so that a transaction
that will write can't find out half-way that somebody else does (sqlite.org/lang_transaction.html).
"""

import sqlite3
from asyncio import Lock, to_thread
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
    suppress,
)
from pathlib import Path
from threading import Thread, current_thread
from time import monotonic
from typing import Any, Self

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from showroom.errors import StartupError, TryAgain

BUSY_TIMEOUT_MS = 5_000
# Whoever is cancelled while they connect may leave a thread that waits until its connection is
# collected: not for that one.
LAST_WORDS_S = 1.0
MIGRATIONS = Path(__file__).parent / "migrations"
# A page of figures asks four questions at once, and others want to read meanwhile.
READERS = 8
# Classes of SQLSTATE (PostgreSQL, appendix A): no connection, no resources, shutting down.
AWAY = frozenset({"08", "53", "57"})
POSTGRESQL_CONNECTIONS = 10
# What one step of a question may take of the server's memory: with PostgreSQL's own 4 MB a year of
# figures is sorted on the disk instead of added up by a table of sums, for twice the time.
WORK_MEMORY = "16MB"
# Where a writing connection keeps what is to be called after the commit.
AFTER_COMMIT = "after_commit"
# A number of our own for pg_advisory_xact_lock: "showroom" in ASCII, shortened to 63 bits.
MIGRATION_LOCK = int.from_bytes(b"showroom") >> 1


class Database:
    """An open database. `async with Database.open(url) as database:` opens and closes it."""

    def __init__(self, reader: AsyncEngine, writer: AsyncEngine) -> None:
        self._reader = reader
        self._writer = writer
        alone = writer.dialect.name == "sqlite"
        self._turn: AbstractAsyncContextManager[Any] = Lock() if alone else nullcontext()

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Self]:
        """Open `url` (a setting's `database_url`); raises `StartupError` when it can't be used."""
        workers: set[Thread] = set()
        if sa.make_url(url).get_backend_name() == "sqlite":
            writer = _sqlite_engine(url, workers, begin="BEGIN IMMEDIATE", pool_size=1)
            reader = _sqlite_engine(url, workers, begin="BEGIN", pool_size=READERS, read_only=True)
        else:
            writer = reader = _postgresql_engine(url)
        try:
            with _unusable_stops_the_start():
                # The writer first: it creates the file and its journal, which a reader can't.
                async with writer.begin() as connection:
                    await connection.execute(sa.select(1))
            yield cls(reader, writer)
        finally:
            await reader.dispose()
            await writer.dispose()
            await _ended(workers)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection in a transaction that only reads.

        Raises `TryAgain` when the database does not answer.
        """
        with _away_means_try_again():
            async with self._reader.begin() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection in a transaction, committed at the end unless something is raised.

        Raises `TryAgain` when the database does not answer. Don't wait for anything but the
        database inside: on SQLite all other writers of this process wait meanwhile.
        """
        calls: list[Callable[[], None]] = []
        with _away_means_try_again():
            async with self._turn, self._writer.begin() as connection:
                connection.info[AFTER_COMMIT] = calls
                yield connection
        for call in calls:
            call()

    async def learn(self, *tables: sa.Table) -> None:
        """Have PostgreSQL look at what the tables hold now.

        It does so by itself within a minute, and until then plans as if they were as before: after
        much was written at once it may search all of a table for each row of another.
        """
        if self._writer.dialect.name != "postgresql":
            return
        for table in tables:
            async with self.write() as connection:
                await connection.execute(sa.text(f"ANALYZE {table.name}"))


async def migrate(url: str, *, back_to: str | None = None) -> None:
    """Bring the schema to its newest revision, or back to an older one (`base`: no tables at all).

    Harmless when it is there already, and when two processes start at once: all steps run in one
    transaction under a lock, so that the schema is never half-way. Raises `StartupError` when the
    database can't be reached.
    """
    if sa.make_url(url).get_backend_name() == "sqlite":
        # Alembic changes a SQLite table by copying it; with foreign keys on, dropping the old
        # table would delete the rows that point to it.
        begin = "BEGIN IMMEDIATE"
        engine = _sqlite_engine(url, set(), begin=begin, foreign_keys=False, pool_size=1)
    else:
        engine = create_async_engine(url, poolclass=NullPool)
    try:
        with _unusable_stops_the_start():
            async with engine.begin() as connection:
                await connection.run_sync(_move, back_to)
    finally:
        await engine.dispose()


def after_commit(connection: AsyncConnection, call: Callable[[], None]) -> None:
    """Have `call` run when the transaction of `Database.write` is committed, and only then.

    For hints within this process: a process that dies in between never makes the call.
    """
    connection.info[AFTER_COMMIT].append(call)


def insert(connection: AsyncConnection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """Return this database's INSERT, which has `on_conflict_do_update` and `…_do_nothing`."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def _move(connection: sa.Connection, back_to: str | None) -> None:
    sqlite_here = connection.dialect.name == "sqlite"
    if not sqlite_here:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
    config = Config(attributes={"connection": connection})
    # Alembic reads its options as a template, in which a % must be doubled.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    if back_to is None:
        command.upgrade(config, "head")
    else:
        command.downgrade(config, back_to)
    if sqlite_here and connection.execute(sa.text("PRAGMA foreign_key_check")).first():
        raise StartupError("The migration would leave rows that point nowhere; nothing changed.")


class _Connection(sqlite3.Connection):
    """A connection that gives its locks back when it is closed.

    By itself it keeps them as long as a cursor is open (`sqlite3_close_v2`), and whoever is
    cancelled while they read rows leaves one: then nobody else could write.
    """

    def close(self) -> None:
        with suppress(sqlite3.ProgrammingError):  # it was closed before
            self.rollback()
        super().close()


async def _ended(workers: set[Thread]) -> None:
    """Wait until SQLite's threads are through: whoever was cancelled has left one at work, and it
    would tell its result to a loop that is closed. Some may only begin while we wait."""
    until = monotonic() + LAST_WORDS_S
    while workers:
        await to_thread(workers.pop().join, max(0, until - monotonic()))


def _sqlite_engine(
    url: str,
    workers: set[Thread],
    begin: str,
    read_only: bool = False,
    foreign_keys: bool = True,
    **options: Any,
) -> AsyncEngine:
    """Return an engine whose connections are set up alike and begin a transaction by `begin`.

    Each has a thread of its own, which is added to `workers`.
    """

    def opened(*args: Any, **named: Any) -> _Connection:
        # A copy is made at one go, and other threads add to the set meanwhile.
        workers.difference_update([one for one in workers.copy() if not one.is_alive()])
        workers.add(current_thread())
        return _Connection(*args, **named)

    with _unusable_stops_the_start():
        folder = Path(sa.make_url(url).database or "").parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # An error that is logged must not quote what customers wrote, nor their tokens.
    engine = create_async_engine(
        url,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_MS / 1000,
        hide_parameters=True,
        connect_args={"factory": opened},
        **options,
    )

    @sa.event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, _entry: ConnectionPoolEntry) -> None:
        # Python's own transaction handling begins late and commits before DDL; ours does neither.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.execute("PRAGMA synchronous = FULL")
        if read_only:
            cursor.execute("PRAGMA query_only = ON")
        else:
            cursor.execute("PRAGMA journal_mode = WAL")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql_engine(url: str) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=POSTGRESQL_CONNECTIONS,
        max_overflow=POSTGRESQL_CONNECTIONS,
        pool_timeout=BUSY_TIMEOUT_MS / 1000,
        pool_pre_ping=True,
        hide_parameters=True,
        # A server that hangs must not hold up whoever asks it.
        connect_args={
            "timeout": BUSY_TIMEOUT_MS / 1000,
            "command_timeout": BUSY_TIMEOUT_MS / 1000,
        },
    )

    # By a statement: poolers such as PgBouncer refuse it among the parameters of the start.
    @sa.event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, _entry: ConnectionPoolEntry) -> None:
        connection.run_async(lambda driver: driver.execute(f"SET work_mem = '{WORK_MEMORY}'"))

    return engine


@contextmanager
def _away_means_try_again() -> Iterator[None]:
    try:
        yield
    except (OSError, PoolTimeout) as error:
        raise TryAgain from error
    except DBAPIError as error:
        if error.connection_invalidated or _is_away(error.orig):
            raise TryAgain from error
        raise


def _is_away(error: BaseException | None) -> bool:
    state = str(getattr(error, "sqlstate", None) or "")
    words = str(error)
    return state[:2] in AWAY or "database is locked" in words or "disk is full" in words


@contextmanager
def _unusable_stops_the_start() -> Iterator[None]:
    try:
        yield
    except (OSError, DBAPIError) as error:
        why = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise StartupError(
            f"SHOWROOM_DATABASE_URL names a database that can't be used: {why}."
        ) from error
