"""A real coturn on a host of a network, by UDP, TCP, and TLS on port 443."""

import asyncio
import subprocess
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.line import Host
from bench.node import SECRET
from showroom.children import leashed

PORT, TLS_PORT = 3478, 443


@asynccontextmanager
async def turn_server(host: Host, folder: Path) -> AsyncIterator[dict[str, str]]:
    """Run coturn for as long as the block runs; yields the settings of a node that uses it."""
    command = ["turnserver", "-n", f"--listening-ip={host.address}", f"--relay-ip={host.address}"]
    certificate, key = _certificate(folder, host.address)
    command += [f"--cert={certificate}", f"--pkey={key}", f"--tls-listening-port={TLS_PORT}"]
    command += [f"--listening-port={PORT}", "--realm=showroom.example", "--fingerprint"]
    command += ["--use-auth-secret", f"--static-auth-secret={SECRET}", "--stale-nonce=600"]
    command += ["--no-cli", "--no-tcp-relay", "--no-multicast-peers", "--no-rfc5780"]
    command += ["--no-dtls", f"--userdb={folder / 'turn.db'}", f"--pidfile={folder / 'turn.pid'}"]
    server = await asyncio.create_subprocess_exec(
        *leashed([*host.inside, *command]), stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        urls = [f"turn:{host.address}:{PORT}?transport={way}" for way in ("udp", "tcp")]
        urls.append(f"turns:{host.address}:{TLS_PORT}?transport=tcp")
        yield {"turn_urls": ",".join(urls), "turn_secret": SECRET}
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()


def _certificate(folder: Path, address: str) -> tuple[Path, Path]:
    """Make a certificate that nobody trusts for a host; return it and its key, both in PEM."""
    certificate, key = folder / "turn.pem", folder / "turn-key.pem"
    subject = ["-subj", f"/CN={address}", "-addext", f"subjectAltName=IP:{address}"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    made = ["openssl", "req", "-x509", *kind, *subject, *files]
    subprocess.run(made, check=True, capture_output=True)
    return certificate, key
