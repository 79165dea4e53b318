"""What tests of mail share: a server's certificate, and a way to trust it."""

import ssl
from pathlib import Path

import pytest

from showroom.demo.lan import certificate_for


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
