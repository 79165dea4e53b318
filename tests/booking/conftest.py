"""What the tests of booking share: a showroom's diary, and a mail server's certificate."""

import ssl
from pathlib import Path

import pytest

from showroom.database import Database
from showroom.demo.lan import certificate_for
from tests.booking.diary import Diary, bookable, open_diary
from tests.virtual_clock import VirtualClock


@pytest.fixture
async def diary(database: Database, clock: VirtualClock) -> Diary:
    """A showroom with three advisors and no visits, on each database."""
    return await open_diary(database, clock, bookable(), "anna", "bruno", "chloe")


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
