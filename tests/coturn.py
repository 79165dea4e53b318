"""The real coturn, run with the very file that is deployed, and a client that asks it for things.

What a test adds are arguments, as the compose file adds them: addresses, ports, realm and secret.
"""

import asyncio
import errno
import socket
import ssl
import struct
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aioice import stun, turn

from showroom.children import leashed
from tests.nodes import free_port

CONFIG = Path(__file__).parents[1] / "deploy" / "coturn" / "turnserver.conf"
SECRET = "the secret of the relay and the nodes"
START_SECONDS = 20
# For calls between two browsers of this machine. What else is denied stays so.
TO_THIS_MACHINE = ("--allow-loopback-peers", "--allowed-peer-ip=127.0.0.1")
IPV4, IPV6 = 0x01, 0x02

# aioice speaks RFC 5389; the family of an allocation is RFC 8656's (§18.7): a byte and a rest.
stun.ATTRIBUTES_BY_NAME["REQUESTED-ADDRESS-FAMILY"] = (
    0x0017,
    "REQUESTED-ADDRESS-FAMILY",
    lambda family: struct.pack("!Bxxx", family),
    lambda data: data[0],
)


@dataclass(frozen=True)
class Coturn:
    """A running TURN server: where it listens, and in clear or by TLS."""

    address: str
    port: int
    tls_port: int

    @property
    def udp(self) -> str:
        """Its address as browsers write it (RFC 7065)."""
        return f"turn:{self.address}:{self.port}?transport=udp"

    @property
    def tcp(self) -> str:
        return f"turn:{self.address}:{self.port}?transport=tcp"

    @property
    def tls(self) -> str:
        return f"turns:{self.address}:{self.tls_port}?transport=tcp"


@contextmanager
def running_coturn(
    folder: Path, *arguments: str, address: str = "127.0.0.1", port: int = 0
) -> Iterator[Coturn]:
    """Run it in `folder` for as long as the block runs."""
    coturn = Coturn(address, port or free_port(), free_port())
    command = ["turnserver", "-c", str(CONFIG), f"--listening-ip={address}"]
    command += [f"--relay-ip={address}", f"--listening-port={coturn.port}"]
    command += [f"--tls-listening-port={coturn.tls_port}", "--realm=live.example.com"]
    command += [f"--static-auth-secret={SECRET}", f"--pidfile={folder / 'turn.pid'}"]
    command += [f"--userdb={folder / 'turn.db'}", *arguments]
    log = folder / "turn.log"
    with log.open("wb") as out:
        server = subprocess.Popen(leashed(command), cwd=folder, stdout=out, stderr=out)
        try:
            _wait_for_answer(coturn, server, log)
            yield coturn
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_for_answer(coturn: Coturn, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until it answers a STUN binding request (RFC 8489) that comes by TCP."""
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            with socket.create_connection((coturn.address, coturn.port), 1) as probe:
                probe.sendall(bytes(request))
                if probe.recv(20):
                    return
        except OSError:
            time.sleep(0.05)


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for localhost and 127.0.0.1; return it and its key, both in PEM."""
    certificate, key = folder / "fullchain.pem", folder / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(
        ["openssl", "req", "-x509", *kind, *subject, *files], check=True, capture_output=True
    )
    return certificate, key


# ---------------------------------------------------------------- a client

Client = turn.TurnClientUdpProtocol | turn.TurnClientTcpProtocol


def _new_line(address: str, port: int) -> socket.socket:
    """Return a UDP socket to a server, from a port that no client before had.

    The server knows a client by address and port for as long as its allocation lives: who gets the
    port of one that is gone is refused for that (437, RFC 8656 §7.2), whatever they ask with.
    """
    while True:
        line = socket.socket(
            socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM
        )
        try:
            line.bind((address, free_port()))
            line.connect((address, port))
        except OSError as taken:
            line.close()
            if taken.errno != errno.EADDRINUSE:
                raise
        else:
            line.setblocking(False)
            return line


@asynccontextmanager
async def connected(
    coturn: Coturn,
    server: dict[str, Any],
    transport: str = "udp",
    trusted: ssl.SSLContext | None = None,
) -> AsyncIterator[Client]:
    """Yield a client that has asked for nothing yet; `server` is an entry of `iceServers`."""
    loop = asyncio.get_running_loop()
    port = coturn.tls_port if trusted else coturn.port
    options: dict[str, Any] = {
        "server": (coturn.address, port),
        "username": server["username"],
        "password": server["credential"],
        "lifetime": 600,
        "channel_refresh_time": 500,
    }
    client: Client
    line: asyncio.BaseTransport
    if transport == "udp":
        line, client = await loop.create_datagram_endpoint(
            lambda: turn.TurnClientUdpProtocol(**options), sock=_new_line(coturn.address, port)
        )
    else:
        line, client = await loop.create_connection(
            lambda: turn.TurnClientTcpProtocol(**options), coturn.address, port, ssl=trusted
        )
    try:
        yield client
    finally:
        line.close()


@asynccontextmanager
async def allocation(
    coturn: Coturn,
    server: dict[str, Any],
    transport: str = "udp",
    trusted: ssl.SSLContext | None = None,
) -> AsyncIterator[Client]:
    """Yield a client with a relayed address. Raises `stun.TransactionFailed`."""
    async with connected(coturn, server, transport, trusted) as client:
        await client.connect()
        yield client
        await client.delete()


async def ask(client: Client, method: stun.Method, **attributes: Any) -> int:
    """Send a request; return 200, or the code with which it was refused."""
    request = stun.Message(message_method=method, message_class=stun.Class.REQUEST)
    for name, value in attributes.items():
        request.attributes[name.upper().replace("_", "-")] = value
    try:
        await client.request_with_retry(request)
    except stun.TransactionFailed as refused:
        return refused.response.error_code or 0
    return 200


async def allocate(client: Client, family: int = IPV4) -> int:
    """Ask for a relayed address of this family (RFC 8656 §7)."""
    return await ask(
        client,
        stun.Method.ALLOCATE,
        lifetime=600,
        requested_transport=turn.UDP_TRANSPORT,
        requested_address_family=family,
    )


async def permission(client: Client, peer: str) -> int:
    """Ask to hear from a peer (RFC 8656 §9)."""
    return await ask(client, stun.Method.CREATE_PERMISSION, xor_peer_address=(peer, 9))


async def channel(client: Client, peer: str, number: int = 0x4000) -> int:
    """Ask for a channel to a peer (RFC 8656 §12)."""
    return await ask(
        client, stun.Method.CHANNEL_BIND, channel_number=number, xor_peer_address=(peer, 9)
    )
