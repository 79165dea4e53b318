"""ICE servers: credentials that a real TURN server takes, for a call, for a while (threat 7)."""

import asyncio
import base64
import hashlib
import hmac
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest
from aioice import stun, turn

from media.ice import STEP_S, ice_servers
from showroom.clock import system_clock
from showroom.ids import CallId
from showroom.settings import Settings
from tests.virtual_clock import START_MS

CALL = CallId("9WcX3l1zq0t8Yk2mVb7QeA")
SECRET = "shared with the TURN server"


def settings(port: int = 3478, ttl: int = 4 * 3600) -> Settings:
    return Settings.load(
        stun_urls=f"stun:127.0.0.1:{port}",
        turn_urls=f"turn:127.0.0.1:{port}?transport=udp,turns:turn.example.com:443?transport=tcp",
        turn_secret=SECRET,
        turn_ttl_seconds=ttl,
    )


def test_without_any_server_the_list_is_empty() -> None:
    assert ice_servers(Settings.load(), CALL, START_MS) == []


def test_the_list_names_every_server() -> None:
    stun_entry, turn_entry = ice_servers(settings(), CALL, START_MS)
    assert stun_entry == {"urls": ["stun:127.0.0.1:3478"]}
    assert turn_entry["urls"] == [
        "turn:127.0.0.1:3478?transport=udp",
        "turns:turn.example.com:443?transport=tcp",
    ]


def test_the_user_is_the_expiry_and_the_call_and_the_password_its_seal() -> None:
    _, entry = ice_servers(settings(), CALL, START_MS)
    step_ends_s = START_MS // 1000 + 100
    username = f"{step_ends_s + 4 * 3600}:{CALL}"
    assert entry["username"] == username
    digest = hmac.digest(SECRET.encode(), username.encode(), hashlib.sha1)
    assert entry["credential"] == base64.b64encode(digest).decode()


def test_each_call_has_credentials_of_its_own() -> None:
    one, other = (ice_servers(settings(), CallId(name), START_MS)[1] for name in ("one", "other"))
    assert one["username"] != other["username"]
    assert one["credential"] != other["credential"]


def test_credentials_stay_the_same_within_a_step_and_last_their_time_at_every_moment() -> None:
    moments = range(START_MS, START_MS + 3 * STEP_S * 1000, 7001)
    names = [ice_servers(settings(ttl=1), CALL, now)[1]["username"] for now in moments]
    assert len(set(names)) == 4
    for now, name in zip(moments, names, strict=True):
        assert 1000 <= int(name.split(":")[0]) * 1000 - now < 1000 + STEP_S * 1000


@pytest.fixture(scope="module")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real TURN server on the loopback."""
    folder = tmp_path_factory.mktemp("coturn")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    options = ["-n", "--listening-ip=127.0.0.1", f"--listening-port={port}", "--relay-ip=127.0.0.1"]
    options += ["--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=showroom.example"]
    options += ["--no-cli", "--no-tls", "--no-dtls", "--user-quota=2", "--log-file=stdout"]
    options += [f"--pidfile={folder / 'pid'}", f"--userdb={folder / 'db'}"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "turnserver", *options], stdout=log, stderr=log
        )
    try:
        wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert server.poll() is None, "turnserver ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("turnserver does not listen")


async def allocate(port: int, username: str, password: str) -> turn.TurnTransport:
    transport, _ = await turn.create_turn_endpoint(
        asyncio.DatagramProtocol,
        server_addr=("127.0.0.1", port),
        username=username,
        password=password,
    )
    return transport


async def test_coturn_grants_what_we_sign(coturn: int) -> None:
    _, entry = ice_servers(settings(coturn), CALL, system_clock())
    transport = await allocate(coturn, entry["username"], entry["credential"])
    transport.close()


async def test_coturn_refuses_what_has_expired_or_was_changed(coturn: int) -> None:
    a_minute_too_long_ago = system_clock() - (4 * 3600 + STEP_S + 60) * 1000
    _, expired = ice_servers(settings(coturn), CALL, a_minute_too_long_ago)
    _, valid = ice_servers(settings(coturn), CALL, system_clock())
    for username, password in (
        (expired["username"], expired["credential"]),
        (valid["username"] + "x", valid["credential"]),
        (valid["username"], "guessed"),
    ):
        with pytest.raises(stun.TransactionFailed) as refused:
            await allocate(coturn, username, password)
        assert refused.value.response.attributes["ERROR-CODE"][0] == 401
