"""The TURN server as deployed, run for real: a relay for calls, a door to nothing (threats 6, 7).

Permissions are asked for and nothing is sent, so no packet leaves this machine.
"""

import asyncio
import base64
import hashlib
import hmac
import re
import ssl
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aioice import stun

from media.ice import ice_servers
from showroom.clock import system_clock
from showroom.ids import CallId, new_id
from showroom.settings import Settings
from tests.coturn import (
    CONFIG,
    IPV4,
    IPV6,
    SECRET,
    Client,
    Coturn,
    allocate,
    allocation,
    ask,
    channel,
    connected,
    permission,
    running_coturn,
    self_signed,
)

GRANTED, UNAUTHORIZED, FORBIDDEN, WRONG_FAMILY, OVER_QUOTA = 200, 401, 403, 443, 486
OWN = "127.0.0.1"

# Each kind of peer, with the edges of its ranges, and what the relay answers.
PEERS: dict[str, tuple[str, int]] = {
    "public": ("1.1.1.1 8.8.8.8 223.255.255.255", GRANTED),
    "public, beside what is private": (
        "9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0"
        " 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0",
        GRANTED,
    ),
    "public, IPv6": ("2606:4700::1111 2a00:1450::1 2001:4860::8888", GRANTED),
    "private": (
        "10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255",
        FORBIDDEN,
    ),
    "shared by a provider's customers": ("100.64.0.0 100.127.255.255", FORBIDDEN),
    "loopback": ("127.0.0.0 127.255.255.255", FORBIDDEN),
    "the relay's own": (OWN, FORBIDDEN),
    "link-local, with a cloud's metadata": (
        "169.254.0.0 169.254.169.254 169.254.255.255",
        FORBIDDEN,
    ),
    "unspecified": ("0.0.0.0 0.255.255.255 ::", FORBIDDEN),
    "protocols, benchmarks and the drain": (
        "192.0.0.0 192.0.0.255 198.18.0.0 198.19.255.255 100::1",
        FORBIDDEN,
    ),
    "multicast": ("224.0.0.1 239.255.255.255 ff02::1 ff0e::1", FORBIDDEN),
    "reserved and broadcast": ("240.0.0.0 255.255.255.255", FORBIDDEN),
    "loopback, IPv6": ("::1", FORBIDDEN),
    "private, IPv6": ("fc00:: fd12:3456::1 fdff:ffff::1", FORBIDDEN),
    "link-local and site-local, IPv6": ("fe80::1 febf::1 fec0::1", FORBIDDEN),
    "IPv4 written into IPv6": (
        "::ffff:10.0.0.5 ::ffff:127.0.0.1 ::ffff:1.1.1.1 ::10.0.0.5 ::127.0.0.1",
        FORBIDDEN,
    ),
    "IPv4 translated into IPv6": ("64:ff9b::a00:5 64:ff9b:1::1 2002:a00:5::1 2001::1", FORBIDDEN),
}


def settings(coturn: Coturn, secret: str = SECRET) -> Settings:
    """Return a node's settings that point to it."""
    return Settings.load(turn_urls=coturn.udp, turn_secret=secret)


def server_of(coturn: Coturn, call_id: CallId | None = None, at_ms: int | None = None) -> Any:
    """Return what a page of a call gets, at this moment or another."""
    moment = system_clock() if at_ms is None else at_ms
    (server,) = ice_servers(settings(coturn), call_id or CallId(new_id()), moment)
    return server


def signed(user: str, expires_s: int, secret: str = SECRET) -> dict[str, str]:
    """Return credentials for any moment, as the draft has them."""
    username = f"{expires_s}:{user}"
    seal = hmac.digest(secret.encode(), username.encode(), hashlib.sha1)
    return {"username": username, "credential": base64.b64encode(seal).decode()}


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    """The deployed configuration, on loopback."""
    with running_coturn(tmp_path_factory.mktemp("turn"), address=OWN) as opened:
        yield opened


@pytest.fixture(scope="module")
def relay6(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    """The same with an address of IPv6 alone, as it relays where somebody gives it one."""
    with running_coturn(tmp_path_factory.mktemp("turn6"), address="::1") as opened:
        yield opened


# ---------------------------------------------------------------- threat 6


def test_the_kinds_of_peer_are_seventeen() -> None:
    assert len(PEERS) == 17


@pytest.mark.parametrize("kind", PEERS)
async def test_a_caller_reaches_public_addresses_and_nothing_inside(
    relay: Coturn, relay6: Coturn, kind: str
) -> None:
    peers, answer = PEERS[kind][0].split(), PEERS[kind][1]
    for place, family in ((relay, IPV4), (relay6, IPV6)):
        asked = [peer for peer in peers if (":" in peer) == (family == IPV6)]
        async with connected(place, server_of(relay)) as client:
            assert await allocate(client, family) == 200
            given = {peer: await _door(client, peer) for peer in asked}
        assert given == dict.fromkeys(asked, (answer, answer))


async def _door(client: Client, peer: str) -> tuple[int, int]:
    """Ask for both ways to a peer. The channel comes first: it brings a permission with it."""
    number = 0x4000 + len(client.channel_to_peer)
    client.channel_to_peer[number] = (peer, 9)
    return await channel(client, peer, number), await permission(client, peer)


async def test_no_ipv6_address_is_reached_through_an_ipv4_relay(relay: Coturn) -> None:
    asked = [peer for peers, _ in PEERS.values() for peer in peers.split() if ":" in peer]
    async with allocation(relay, server_of(relay)) as client:
        assert {await permission(client, peer) for peer in asked} <= {FORBIDDEN, WRONG_FAMILY}


# ---------------------------------------------------------------- threat 7


async def test_credentials_that_are_wrong_get_nothing(relay: Coturn) -> None:
    good = server_of(relay)
    later = f"9{good['username']}"
    for server in (
        signed("a-call", system_clock() // 1000 + 600, secret="another secret"),
        {**good, "credential": "guessed"},
        {**good, "username": later},
        {**good, "username": good["username"] + "x"},
        {**good, "username": good["username"].partition(":")[2]},
    ):
        async with connected(relay, server) as client:
            assert await allocate(client) == UNAUTHORIZED


async def test_credentials_are_dead_some_minutes_after_the_last_that_a_call_got(
    relay: Coturn,
) -> None:
    five_minutes_s = settings(relay).turn_ttl_seconds * 5 // 4
    assert five_minutes_s == 300
    ended_ms = system_clock() - (five_minutes_s + 1) * 1000
    async with connected(relay, server_of(relay, at_ms=ended_ms)) as client:
        assert await allocate(client) == UNAUTHORIZED


async def test_a_relayed_call_outlives_its_credentials_and_they_give_no_second_one(
    relay: Coturn,
) -> None:
    expires_s = system_clock() // 1000 + 2
    server = signed(new_id(), expires_s)
    async with connected(relay, server) as client:
        assert await allocate(client) == 200
        while system_clock() // 1000 <= expires_s:
            await asyncio.sleep(0.1)
        assert await ask(client, stun.Method.REFRESH, lifetime=600) == 200
        assert await channel(client, "1.1.1.1") == 200
        # Its clock is a second of its own behind ours.
        async with asyncio.timeout(10):
            while not await refused(relay, server):
                await asyncio.sleep(0.1)
        # Not on the very line either that the call had.
        assert await ask(client, stun.Method.REFRESH, lifetime=0) == 200
        assert await allocate(client) == UNAUTHORIZED


async def refused(relay: Coturn, server: dict[str, str]) -> bool:
    """Say whether a stranger gets nothing with these credentials."""
    async with connected(relay, server) as thief:
        return await allocate(thief) == UNAUTHORIZED


async def test_one_calls_credentials_are_no_relay_for_everybody(relay: Coturn) -> None:
    """Renewed ones are the same call's: the quota goes by the call's id alone."""
    quota = re.search(r"^user-quota=(\d+)$", CONFIG.read_text(), re.MULTILINE)
    assert quota
    call, now = CallId(new_id()), system_clock()
    async with AsyncExitStack() as places:
        for number in range(int(quota[1])):
            server = server_of(relay, call, now - (number % 2) * 60_000)
            await places.enter_async_context(allocation(relay, server))
        client = await places.enter_async_context(connected(relay, server_of(relay, call)))
        assert await allocate(client) == OVER_QUOTA
        async with allocation(relay, server_of(relay)):
            pass  # another call finds room


# ---------------------------------------------------------------- ways in


async def test_it_relays_by_udp_tcp_and_tls_and_every_door_asks_for_credentials(
    tmp_path: Path,
) -> None:
    certificate, key = self_signed(tmp_path)
    trusted = ssl.create_default_context(cafile=str(certificate))
    with running_coturn(tmp_path, f"--cert={certificate}", f"--pkey={key}") as coturn:
        for transport, tls in (("udp", None), ("tcp", None), ("tcp", trusted)):
            async with allocation(coturn, server_of(coturn), transport, tls) as client:
                assert await channel(client, "1.1.1.1") == GRANTED
                assert await permission(client, "10.0.0.1") == FORBIDDEN
            stranger = signed("a-call", system_clock() // 1000 + 600, secret="another secret")
            async with connected(coturn, stranger, transport, tls) as client:
                assert await allocate(client) == UNAUTHORIZED
