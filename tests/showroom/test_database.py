"""The database: its schema is what the code says, and it keeps its promises under pressure."""

import asyncio
import os
import shutil
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import DBAPIError, IntegrityError

import showroom.database
from showroom.database import Database, migrate
from showroom.errors import StartupError, TryAgain
from showroom.tables import metadata, showrooms, staff

PERSON = {
    "name": "Alice Martin",
    "password": "-",
    "languages": ["en"],
    "robot": False,
    "created_at": 1,
}


def differences(connection: sa.Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


async def tables_of(url: str) -> set[str]:
    async with Database.open(url) as database, database.read() as connection:
        return set(await connection.run_sync(lambda c: sa.inspect(c).get_table_names()))


async def test_the_migrations_lead_to_the_tables_of_the_code(database: Database) -> None:
    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_migration_can_be_taken_back_and_made_again(database_url: str) -> None:
    await migrate(database_url, back_to="base")
    assert await tables_of(database_url) <= {"alembic_version"}
    await migrate(database_url)
    assert await tables_of(database_url) == {*metadata.tables, "alembic_version"}


async def test_migrating_twice_changes_nothing(database: Database, database_url: str) -> None:
    async with database.write() as connection:
        await connection.execute(sa.insert(staff).values(id="1", email="a@b.example", **PERSON))
    await migrate(database_url)
    async with database.read() as connection:
        assert await connection.scalar(sa.select(staff.c.id)) == "1"


async def test_processes_that_migrate_at_once_all_succeed(database_url: str) -> None:
    await migrate(database_url, back_to="base")
    program = "import asyncio, sys; from showroom.database import migrate;"
    program += "asyncio.run(migrate(sys.argv[1]))"
    racers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, database_url)
        for _ in range(3)
    ]
    assert [await racer.wait() for racer in racers] == [0, 0, 0]
    assert await tables_of(database_url) == {*metadata.tables, "alembic_version"}


async def test_the_migrations_are_found_wherever_the_package_is_installed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "100% elsewhere"
    ours = Path(showroom.database.__file__).parent
    shutil.copytree(ours, elsewhere / "showroom", ignore=shutil.ignore_patterns("__pycache__"))
    program = "import asyncio, showroom.database as d; print(d.__file__);"
    program += "asyncio.run(d.migrate('sqlite+aiosqlite:///here.db'))"
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        cwd=elsewhere,
        env=os.environ | {"PYTHONPATH": str(elsewhere)},
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await run.communicate()
    assert run.returncode == 0
    assert printed.decode().startswith(str(elsewhere))
    assert metadata.tables.keys() <= await tables_of(f"sqlite+aiosqlite:///{elsewhere}/here.db")


async def test_what_raises_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.write() as connection:
            await connection.execute(sa.insert(staff).values(id="1", email="a@b.example", **PERSON))
            raise ZeroDivisionError
    async with database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(staff)) == 0


async def test_parallel_writers_wait_for_each_other(database: Database) -> None:
    async def count_up() -> None:
        async with database.write() as connection:
            await connection.execute(sa.update(staff).values(created_at=staff.c.created_at + 1))

    async with database.write() as connection:
        await connection.execute(sa.insert(staff).values(id="1", email="a@b.example", **PERSON))
    await asyncio.gather(*(count_up() for _ in range(50)))
    async with database.read() as connection:
        assert await connection.scalar(sa.select(staff.c.created_at)) == 51


async def test_a_cancelled_writer_lets_the_next_one_in(database: Database) -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with database.write() as connection:
            await connection.execute(sa.insert(staff).values(id="1", email="a@b.example", **PERSON))
            inside.set()
            await asyncio.Event().wait()

    hanging = asyncio.create_task(hang())
    await inside.wait()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    async with database.write() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(staff)) == 0


async def test_who_is_cancelled_while_they_read_gives_the_lock_back(database: Database) -> None:
    # Sorting them takes a while, so the cancellation comes before the first row.
    many = sa.text(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000) "
        "SELECT i FROM n ORDER BY -i"
    )
    reading = asyncio.Event()

    async def write_and_read() -> None:
        async with database.write() as connection:
            await connection.execute(sa.insert(staff).values(id="1", email="a@b.example", **PERSON))
            reading.set()
            await connection.execute(many)

    task = asyncio.create_task(write_and_read())
    await reading.wait()
    await asyncio.sleep(0.02)
    task.cancel()
    # The error is kept, and with it the cursor that it left open.
    with pytest.raises(asyncio.CancelledError) as kept:
        await task
    async with database.write() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(staff)) == 0
    assert kept.traceback


def test_whoever_is_cancelled_while_they_connect_leaves_no_thread_to_a_closed_loop(
    migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[object] = []
    monkeypatch.setattr(threading, "excepthook", faults.append)
    before = set(threading.enumerate())
    usual = showroom.database._Connection

    class Slow(usual):  # type: ignore[misc, valid-type]
        def __init__(self, *args: object, **named: object) -> None:
            time.sleep(0.5)
            super().__init__(*args, **named)

    async def read(database: Database) -> None:
        async with database.read() as connection:
            await connection.execute(sa.select(1))

    async def node() -> None:
        async with Database.open(f"sqlite+aiosqlite:///{migrated_sqlite}") as database:
            monkeypatch.setattr(showroom.database, "_Connection", Slow)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(read(database), 0.1)

    asyncio.run(node())
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert faults == []


async def test_a_thread_that_begins_while_others_are_waited_for_is_waited_for_too() -> None:
    workers: set[threading.Thread] = set()
    late = threading.Thread(target=time.sleep, args=(0.2,))

    def begin() -> None:
        time.sleep(0.1)
        late.start()
        workers.add(late)

    workers.add(first := threading.Thread(target=begin))
    first.start()
    await showroom.database._ended(workers)
    assert not first.is_alive()
    assert not late.is_alive()


async def test_a_row_can_not_point_to_nowhere(database: Database) -> None:
    lost = {"showroom_id": "nowhere", "staff_id": "nobody", "role": "advisor"}
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await connection.execute(sa.insert(metadata.tables["staff_roles"]).values(lost))


async def test_an_error_does_not_list_the_values_of_its_statement(database: Database) -> None:
    with pytest.raises(IntegrityError) as refused:
        async with database.write() as connection:
            row = {"staff_id": "a canary", "showroom_id": "another", "role": "advisor"}
            await connection.execute(sa.insert(metadata.tables["staff_roles"]).values(row))
    assert "a canary" not in str(refused.value).partition("[SQL:")[2]


async def test_a_reader_sees_what_was_committed_while_a_writer_works(database: Database) -> None:
    async with database.write() as writer:
        await writer.execute(sa.insert(staff).values(id="1", email="a@b.example", **PERSON))
        async with database.read() as reader:
            assert await reader.scalar(sa.select(sa.func.count()).select_from(staff)) == 0
    async with database.read() as reader:
        assert await reader.scalar(sa.select(sa.func.count()).select_from(staff)) == 1


async def test_sqlite_is_set_up_to_survive_a_power_cut(migrated_sqlite: Path) -> None:
    async with Database.open(f"sqlite+aiosqlite:///{migrated_sqlite}") as database:
        for transaction in (database.read, database.write):
            async with transaction() as connection:
                for pragma, value in (
                    ("journal_mode", "wal"),
                    ("synchronous", 2),
                    ("foreign_keys", 1),
                    ("busy_timeout", 5000),
                ):
                    assert await connection.scalar(sa.text(f"PRAGMA {pragma}")) == value


async def test_a_reading_transaction_of_sqlite_refuses_to_write(migrated_sqlite: Path) -> None:
    async with Database.open(f"sqlite+aiosqlite:///{migrated_sqlite}") as database:
        with pytest.raises(DBAPIError, match="readonly"):
            async with database.read() as connection:
                await connection.execute(sa.delete(showrooms))


async def test_a_connection_that_breaks_means_try_again(postgresql_url: str) -> None:
    async with Database.open(postgresql_url) as database:
        with pytest.raises(TryAgain):
            async with database.read() as connection:
                own = await connection.scalar(sa.text("SELECT pg_backend_pid()"))
                async with database.write() as other:
                    await other.execute(sa.text(f"SELECT pg_terminate_backend({own})"))
                await connection.execute(sa.select(1))
        async with database.read() as connection:
            assert await connection.scalar(sa.select(1)) == 1


async def test_postgresql_sorts_a_year_of_figures_in_its_memory(postgresql_url: str) -> None:
    # 8 MB: PostgreSQL's own limit is 4.
    year = "EXPLAIN (ANALYZE) SELECT n FROM generate_series(1, 100000) AS n ORDER BY -n"
    async with Database.open(postgresql_url) as database:
        for _ in range(2):  # with what a transaction before left behind, too
            async with database.read() as connection:
                plan = (await connection.execute(sa.text(year))).scalars().all()
            assert "quicksort" in "\n".join(plan), plan


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+asyncpg://somebody:hidden@127.0.0.1:1/showroom",
        "postgresql+asyncpg://somebody:hidden@/showroom?host=/nowhere",
        "sqlite+aiosqlite:////dev/null/showroom.db",
    ],
)
async def test_a_database_that_can_not_be_used_stops_the_start_in_a_sentence(url: str) -> None:
    with pytest.raises(StartupError, match=r"^SHOWROOM_DATABASE_URL names .*\.$") as refused:
        await migrate(url)
    assert "hidden" not in str(refused.value)
    with pytest.raises(StartupError, match="SHOWROOM_DATABASE_URL"):
        async with Database.open(url):
            pass
