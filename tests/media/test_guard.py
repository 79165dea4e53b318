"""Strangers' datagrams neither end a call nor keep one from coming up (threats 1 and 2)."""

import asyncio
import os
import random
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import pytest
from aioice import Candidate, ice, stun
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.rtcdatachannel import RTCDataChannel

from media import guard
from showroom.errors import StartupError
from showroom.robot import run

CALLS = 4
DATAGRAMS = 1_000
SET_UPS = 50
AT_ONCE = 5
# A DTLS 1.2 handshake record with a ClientHello that offers nothing (RFC 6347 §4.2).
NULL_HELLO = bytes.fromhex("16feff0000000000000000000d010000010000000000000001") + bytes(64)


@pytest.fixture(autouse=True)
def guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice.StunProtocol, "datagram_received", guard._unguarded)
    guard.install()
    guard.dropped.clear()


@dataclass(frozen=True)
class Call:
    """Two peers that talk over a data channel, on the loopback."""

    here: RTCPeerConnection
    there: RTCPeerConnection
    channel: RTCDataChannel

    def addresses(self) -> list[tuple[str, int]]:
        """Return where a stranger on this machine would send."""
        transports = [
            peer.sctp.transport.transport for peer in (self.here, self.there) if peer.sctp
        ]
        names = [
            protocol.transport.get_extra_info("sockname")
            for transport in transports
            for protocol in transport.iceGatherer._connection._protocols
        ]
        return [(name[0], name[1]) for name in names if ":" not in name[0]]

    async def answers(self) -> bool:
        """Say whether a line sent comes back."""
        heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.channel.once("message", heard.set_result)
        self.channel.send("hello")
        async with asyncio.timeout(10):
            return await heard == "hello"


@asynccontextmanager
async def calling(sprayed: bool = False) -> AsyncIterator[Call]:
    """Yield a call that is up. `sprayed`: strangers bother it from its first port on."""
    here, there = RTCPeerConnection(), RTCPeerConnection()
    try:
        channel = here.createDataChannel("talk")
        opened = asyncio.Event()
        channel.on("open", opened.set)

        @there.on("datachannel")
        def accept(other: RTCDataChannel) -> None:
            other.on("message", other.send)

        await here.setLocalDescription(await here.createOffer())
        call = Call(here, there, channel)
        spraying = asyncio.create_task(_spray(call)) if sprayed else None
        await there.setRemoteDescription(_of(here))
        await there.setLocalDescription(await there.createAnswer())
        await here.setRemoteDescription(_of(there))
        async with asyncio.timeout(20):
            await opened.wait()
        if spraying:
            spraying.cancel()
            await asyncio.wait([spraying])
        yield call
    finally:
        await asyncio.gather(here.close(), there.close())


def _of(peer: RTCPeerConnection) -> RTCSessionDescription:
    return RTCSessionDescription(peer.localDescription.sdp, peer.localDescription.type)


def datagrams(chance: random.Random) -> Iterator[bytes]:
    """Yield every kind of datagram that is not ours, for ever."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    signed = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    signed.attributes["USERNAME"] = "abcd:efgh"
    signed.attributes["USE-CANDIDATE"] = None
    signed.attributes["ICE-CONTROLLING"] = 2**63
    signed.add_message_integrity(b"not the password")
    reply = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE)
    while True:
        yield b""
        yield bytes([chance.randrange(256)])
        yield NULL_HELLO
        yield NULL_HELLO[: chance.randrange(1, len(NULL_HELLO))]
        yield bytes([22, 254, 253]) + os.urandom(200)  # a DTLS record of noise
        yield bytes.fromhex("15fefd00000000000000000002") + b"\x02\x50"  # a fatal alert
        yield bytes([0x80, 96]) + os.urandom(160)  # RTP
        yield bytes([0x81, 203]) + os.urandom(24)  # an RTCP BYE
        yield bytes(request)
        yield bytes(signed)
        yield bytes(reply)
        yield bytes(signed)[: chance.randrange(20, len(bytes(signed)))]
        broken = bytearray(bytes(signed))
        broken[chance.randrange(20, len(broken))] ^= 0xFF
        yield bytes(broken)
        yield bytes([chance.randrange(4)]) + os.urandom(chance.randrange(60))
        yield os.urandom(chance.randrange(1, 1200))


async def _spray(call: Call) -> None:
    """Bother a call from strangers' sockets until cancelled."""
    kinds = datagrams(random.Random(2))
    with strangers() as sockets:
        while True:
            for address in call.addresses():
                for stranger in sockets:
                    stranger.sendto(NULL_HELLO, address)
                    stranger.sendto(next(kinds), address)
            await asyncio.sleep(0.002)


@contextmanager
def strangers() -> Iterator[list[socket.socket]]:
    """Yield some sockets of nobody we know."""
    with ExitStack() as opened:
        yield [
            opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(3)
        ]


async def test_a_thousand_strange_datagrams_end_no_call(
    caplog: pytest.LogCaptureFixture, record_property: Callable[[str, object], None]
) -> None:
    kinds = datagrams(random.Random(1))
    async with AsyncExitStack() as opened:
        calls = [await opened.enter_async_context(calling()) for _ in range(CALLS)]
        with strangers() as sockets:
            for n in range(DATAGRAMS):
                for call in calls:
                    for address in call.addresses():
                        sockets[n % len(sockets)].sendto(next(kinds), address)
                if n % 20 == 0:
                    await asyncio.sleep(0.005)
        alive = sum([await call.answers() for call in calls])
        states = {call.here.connectionState for call in calls}
    assert (alive, states) == (CALLS, {"connected"})
    assert guard.dropped["empty"] > 50
    assert guard.dropped["stranger"] > 500
    assert guard.dropped["malformed"] > 50
    assert "Traceback" not in caplog.text
    record_property("figure", f"{DATAGRAMS} datagrams at each of {CALLS} calls: 0 lost")


async def test_a_spray_of_hellos_keeps_none_of_fifty_calls_from_coming_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def one() -> bool:
        async with calling(sprayed=True) as call:
            return await call.answers()

    connected = 0
    for _ in range(SET_UPS // AT_ONCE):
        connected += sum(await asyncio.gather(*(one() for _ in range(AT_ONCE))))
    assert connected == SET_UPS
    assert guard.dropped["stranger"] > SET_UPS
    assert "Traceback" not in caplog.text


async def test_without_the_guard_one_empty_datagram_ends_a_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # When this fails, the library has closed the door itself, and the guard may go.
    monkeypatch.setattr(ice.StunProtocol, "datagram_received", guard._unguarded)
    async with calling() as call:
        with strangers() as sockets:
            for address in call.addresses():
                sockets[0].sendto(b"", address)
        async with asyncio.timeout(10):
            while "connected" in (call.here.connectionState, call.there.connectionState):
                await asyncio.sleep(0.02)


async def test_no_datagram_makes_the_guard_itself_stumble() -> None:
    connection, kinds = ice.Connection(ice_controlling=True), datagrams(random.Random(3))
    for _ in range(20_000):
        guard._refused(connection, next(kinds), ("192.0.2.1", 9))


def test_installing_twice_guards_once() -> None:
    once = ice.StunProtocol.datagram_received
    guard.install()
    assert ice.StunProtocol.datagram_received is once


async def test_the_robot_installs_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice.StunProtocol, "datagram_received", guard._unguarded)
    monkeypatch.setattr(os, "nice", lambda _: 0)  # the tests that follow want their turns
    with pytest.raises((StartupError, OSError)):
        await run.robot("http://127.0.0.1:1", "paris", "nobody@example.com", "x", None, False)
    assert ice.StunProtocol.datagram_received is guard._guarded


async def test_data_is_let_in_while_its_address_is_still_being_checked() -> None:
    # The check's answer may be lost, and the other side settle on this pair all the same.
    connection = ice.Connection(ice_controlling=True)
    protocol = ice.StunProtocol(connection)
    protocol.local_candidate = _host("192.0.2.1", 9001)
    pair = ice.CandidatePair(protocol, _host("192.0.2.2", 9002))
    connection._check_list.append(pair)
    data = bytes([0x80, 96]) + bytes(20)
    verdicts = []
    for state in ice.CandidatePair.State:
        pair.state = state
        verdicts.append((state.name, guard._refused(connection, data, ("192.0.2.2", 9002))))
    assert dict(verdicts) == {
        "FROZEN": "stranger",
        "WAITING": "stranger",
        "IN_PROGRESS": None,
        "SUCCEEDED": None,
        "FAILED": "stranger",
    }
    assert guard._refused(connection, data, ("192.0.2.2", 9003)) == "stranger"


def _host(address: str, port: int) -> Candidate:
    return Candidate("1", 1, "udp", 1, address, port, "host")
