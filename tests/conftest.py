"""What tests share: real databases, a real Redis, and a clock of their own.

Nothing here is a stand-in: a throwaway PostgreSQL cluster and the embedded Redis start once for
all tests, and each test finds them empty.
"""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio
import sqlalchemy as sa
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import create_async_engine

from bench.postgresql import address, postgresql
from showroom.database import Database, migrate
from showroom.tables import showrooms, staff
from showroom.valkey import EmbeddedServer, connect
from tests.browser import fence
from tests.houses import House, make_tables, open_house
from tests.nodes import node_settings
from tests.virtual_clock import VirtualClock

# On a machine that other work shares, the time that an example takes proves nothing.
hypothesis.settings.register_profile("showroom", deadline=None)
hypothesis.settings.load_profile("showroom")

FENCED = Path(__file__).with_name("browser") / "test_line_check.py"


def pytest_configure(config: pytest.Config) -> None:
    """Make networks for browsers behind a firewall, one a worker, before any browser runs."""
    is_worker = hasattr(config, "workerinput")
    if not is_worker and _asks_for(config, FENCED) and os.geteuid() == 0 and shutil.which("ip"):
        networks = ExitStack()
        networks.enter_context(fence.laid(config.getoption("numprocesses", None) or 1))
        config.add_cleanup(networks.close)


def _asks_for(config: pytest.Config, file: Path) -> bool:
    """Say whether a run may have the tests of a file. Others leave this machine's network alone."""
    ignored = [Path(one).resolve() for one in config.getoption("ignore") or ()]
    asked = [Path(one.split("::")[0]).resolve() for one in config.args]
    return any(map(file.is_relative_to, asked)) and not any(map(file.is_relative_to, ignored))


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands still."""
    return VirtualClock()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def redis_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a real server, for all tests; ask for `redis` to find it empty."""
    async with EmbeddedServer(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of an empty Redis."""
    client = await connect(redis_url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The socket folder of a PostgreSQL cluster that lives as long as the tests."""
    with postgresql(durable=False) as folder:
        yield folder


@pytest.fixture(scope="session")
def empty_postgresql_url(postgresql_server: str) -> str:
    """The address of the cluster's own database, without any table of ours."""
    return address(postgresql_server)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgresql_url(postgresql_server: str, empty_postgresql_url: str) -> str:
    """The address of a migrated PostgreSQL database, for all tests."""
    await _create_postgresql(empty_postgresql_url, "showroom")
    url = address(postgresql_server, "showroom")
    await migrate(url)
    return url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "showroom.db"
    await make_tables(f"sqlite+aiosqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated database: each test that asks runs on both kinds."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgresql_url")
        return url
    file = tmp_path / "showroom.db"
    shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, migrated, empty database of each kind."""
    async with Database.open(database_url) as opened:
        # A SQLite file is new. What else is kept belongs to a showroom or a member of staff.
        if database_url.startswith("postgresql"):
            async with opened.write() as connection:
                for table in (showrooms, staff):
                    await connection.execute(sa.delete(table))
        yield opened


async def _create_postgresql(server_url: str, name: str) -> None:
    engine = create_async_engine(server_url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    await engine.dispose()


@pytest.fixture
async def house(tmp_path: Path, redis: Redis, redis_url: str) -> AsyncIterator[House]:
    """A furnished node in this process, on SQLite and an empty Redis."""
    settings = node_settings(tmp_path, redis_url=redis_url)
    async with open_house(settings) as opened:
        yield opened


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 256 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)
