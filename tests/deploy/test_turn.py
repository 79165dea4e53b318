"""The TURN server as deployed, run for real: a relay for calls and a door to nothing (threat 6).

Permissions are asked for and nothing is sent, so no packet leaves this machine.
"""

import asyncio
import re
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aioice import stun, turn

from media.ice import STEP_S, ice_servers
from showroom.children import leashed
from showroom.clock import system_clock
from showroom.ids import CallId, new_id
from showroom.settings import Settings
from tests.deploy.installed import ROOT
from tests.nodes import free_port

CONFIG = ROOT / "deploy" / "coturn" / "turnserver.conf"
SECRET = "the secret of the relay and the nodes"
START_SECONDS = 20
FORBIDDEN, WRONG_FAMILY, UNAUTHORIZED, OVER_QUOTA = 403, 443, 401, 486

PUBLIC = ("1.1.1.1", "198.51.100.7", "203.0.113.7")
INSIDE = (
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.5",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.254",
    "192.0.0.8",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
)
IPV6 = ("::1", "::ffff:10.0.0.5", "64:ff9b::a00:5", "2002:a00:5::1", "fd00::1", "fe80::1")


@dataclass(frozen=True)
class Relay:
    """A running TURN server."""

    port: int

    def settings(self, secret: str = SECRET, ttl_seconds: int = 600) -> Settings:
        """Return a node's settings that point to it."""
        url = f"turn:127.0.0.1:{self.port}?transport=udp"
        return Settings.load(turn_urls=url, turn_secret=secret, turn_ttl_seconds=ttl_seconds)


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """The deployed configuration, on loopback."""
    folder = tmp_path_factory.mktemp("turn")
    with running(folder, free_port()) as opened:
        yield opened


@contextmanager
def running(folder: Path, port: int) -> Iterator[Relay]:
    """Run coturn with the deployed file and the arguments that the compose file gives."""
    arguments = ["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--realm=live.example.com"]
    arguments += [f"--static-auth-secret={SECRET}", f"--listening-port={port}"]
    arguments += [f"--userdb={folder / 'users.db'}", f"--pidfile={folder / 'pid'}"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            leashed(["turnserver", "-c", str(CONFIG), *arguments]),
            cwd=folder,
            stdout=log,
            stderr=log,
        )
        try:
            wait_for_answer(port, server, folder / "log")
            yield Relay(port)
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def wait_for_answer(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers a STUN binding request (RFC 8489)."""
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    deadline = time.monotonic() + START_SECONDS
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.2)
        while True:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            probe.sendto(bytes(request), ("127.0.0.1", port))
            try:
                probe.recvfrom(2048)
            except TimeoutError:
                continue
            return


@asynccontextmanager
async def allocation(
    settings: Settings, now_ms: int | None = None, call_id: CallId | None = None
) -> AsyncIterator[turn.TurnClientUdpProtocol]:
    """Yield a caller's place at the relay, got with the credentials that a page gets."""
    now_ms = system_clock() if now_ms is None else now_ms
    (server,) = ice_servers(settings, call_id or CallId(new_id()), now_ms)
    address = ("127.0.0.1", int(settings.turn_urls[0].split(":")[2].split("?")[0]))
    transport, client = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: turn.TurnClientUdpProtocol(
            server=address,
            username=server["username"],
            password=server["credential"],
            lifetime=600,
            channel_refresh_time=500,
        ),
        remote_addr=address,
    )
    try:
        await client.connect()
        yield client
        await client.delete()
    finally:
        transport.close()


async def permission(client: turn.TurnClientUdpProtocol, peer: str) -> int:
    """Ask to reach a peer (RFC 8656 §9); return 200, or the error's code."""
    request = stun.Message(
        message_method=stun.Method.CREATE_PERMISSION, message_class=stun.Class.REQUEST
    )
    request.attributes["XOR-PEER-ADDRESS"] = (peer, 9)
    try:
        await client.request_with_retry(request)
    except stun.TransactionFailed as refused:
        return refused.response.error_code or 0
    return 200


async def test_a_caller_reaches_public_addresses_and_nothing_inside(relay: Relay) -> None:
    async with allocation(relay.settings()) as client:
        answers = {peer: await permission(client, peer) for peer in PUBLIC + INSIDE}
    assert answers == {**dict.fromkeys(PUBLIC, 200), **dict.fromkeys(INSIDE, FORBIDDEN)}


async def test_no_ipv6_address_is_reached_through_an_ipv4_relay(relay: Relay) -> None:
    async with allocation(relay.settings()) as client:
        answers = {peer: await permission(client, peer) for peer in IPV6}
    assert set(answers.values()) <= {FORBIDDEN, WRONG_FAMILY}


def test_the_ipv6_ways_in_are_denied_all_the_same() -> None:
    denied = re.findall(r"^denied-peer-ip=(.*)$", CONFIG.read_text(), re.MULTILINE)
    starts = {entry.split("-")[0] for entry in denied if ":" in entry}
    assert starts == {"::1", "::ffff:0.0.0.0", "64:ff9b::", "2002::", "fc00::", "fe80::"}


async def test_a_stranger_gets_nothing(relay: Relay) -> None:
    with pytest.raises(stun.TransactionFailed) as refused:
        async with allocation(relay.settings(secret="another secret")):
            pass
    assert refused.value.response.error_code == UNAUTHORIZED


async def test_credentials_that_expired_get_nothing(relay: Relay) -> None:
    long_ago = system_clock() - (601 + STEP_S) * 1000
    with pytest.raises(stun.TransactionFailed) as refused:
        async with allocation(relay.settings(ttl_seconds=600), long_ago):
            pass
    assert refused.value.response.error_code == UNAUTHORIZED


async def test_one_calls_credentials_are_no_relay_for_everybody(relay: Relay) -> None:
    quota = re.search(r"^user-quota=(\d+)$", CONFIG.read_text(), re.MULTILINE)
    assert quota
    call = CallId(new_id())
    async with AsyncExitStack() as places:
        for _ in range(int(quota[1])):
            await places.enter_async_context(allocation(relay.settings(), call_id=call))
        with pytest.raises(stun.TransactionFailed) as refused:
            await places.enter_async_context(allocation(relay.settings(), call_id=call))
        async with allocation(relay.settings()):
            pass  # another call finds room
    assert refused.value.response.error_code == OVER_QUOTA
