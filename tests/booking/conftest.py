"""What the tests of booking share: a showroom's diary, and a mail server's certificate."""

import ssl
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from showroom.database import Database
from showroom.demo.lan import certificate_for
from showroom.figure_tables import lead_ways
from showroom.showrooms import Showrooms
from showroom.ways import Ways
from tests.booking.diary import Diary, bookable, open_diary
from tests.virtual_clock import VirtualClock


@pytest.fixture
async def diary(database: Database, clock: VirtualClock) -> Diary:
    """A showroom with three advisors and no visits, on each database."""
    return await open_diary(database, clock, bookable(), "anna", "bruno", "chloe")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever a test here does to leads, their ways are true after it."""
    for item in items:
        here = item.path.is_relative_to(Path(__file__).parent)
        if here and isinstance(item, pytest.Function) and "database" in item.fixturenames:
            item.fixturenames.append("true_ways")


@pytest.fixture
async def true_ways(database: Database) -> AsyncIterator[None]:
    """Compare the ways of all leads with such that are made anew, when the test is over."""
    yield
    kept = await _ways(database)
    for room in await Showrooms(database).all():
        await Ways(database).rebuild(room.id)
    assert kept == await _ways(database)


async def _ways(database: Database) -> Sequence[tuple[Any, ...]]:
    query = sa.select(lead_ways).order_by(lead_ways.c.showroom_id, lead_ways.c.lead_id)
    async with database.read() as connection:
        return [tuple(row) for row in await connection.execute(query)]


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """The files of a certificate for this machine, and of its key."""
    return certificate_for(tmp_path, "127.0.0.1")


@pytest.fixture
def tls_server(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """TLS as a server speaks it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine's list of authorities names ours."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
