"""The demo on the local network, with TLS: without it browsers give no camera."""

import io
import os
import socket
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from showroom.errors import StartupError

# Safari refuses certificates that are valid for longer than 825 days.
VALID = timedelta(days=365)


def lan_address() -> str:
    """Return this machine's IPv4 address on its network. Raises `StartupError` without one.

    Connecting a UDP socket sends nothing; it only makes the kernel choose the way out.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address = str(probe.getsockname()[0])
        except OSError:
            address = "127.0.0.1"
    if ip_address(address).is_loopback:
        raise StartupError("LAN=1 needs a network, and this machine is on none; start without it.")
    return address


def certificate_for(folder: Path, address: str) -> tuple[Path, Path]:
    """Return the files of a self-signed certificate and its key for `address`, made if needed."""
    certificate, key = folder / f"lan-{address}.crt", folder / f"lan-{address}.key"
    if not (certificate.exists() and key.exists() and _is_valid(certificate)):
        private = ec.generate_private_key(ec.SECP256R1())
        key.unlink(missing_ok=True)
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(
                private.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
        pem = _sign(private, address).public_bytes(serialization.Encoding.PEM)
        certificate.write_bytes(pem)
    return certificate, key


def _is_valid(file: Path) -> bool:
    loaded = x509.load_pem_x509_certificate(file.read_bytes())
    return loaded.not_valid_after_utc > datetime.now(UTC)


def _sign(private: ec.EllipticCurvePrivateKey, address: str) -> x509.Certificate:
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Live video showroom, demo")])
    names = [
        x509.IPAddress(ip_address(address)),
        x509.IPAddress(ip_address("127.0.0.1")),
        x509.DNSName("localhost"),
    ]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )


def qr_code(text: str) -> str:
    """Return a QR code (ISO/IEC 18004) as lines of characters for a terminal."""
    out = io.StringIO()
    segno.make(text, error="m").terminal(out, compact=True)
    return out.getvalue()
