"""Peers of the relay for tests: a connection of its own making, packet by packet.

A peer's ICE is aioice's, its DTLS and SRTP are aiortc's, and between them lies a lane that a test
may damage. What it sends and hears is plain RTP, so that a test can say, and see, every field.
"""

import asyncio
import struct
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aioice import Candidate, Connection
from aiortc import RTCCertificate, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtp import AnyRtcpPacket, RtcpPacket, RtpPacket
from aiortc.sdp import SessionDescription

from media.relay.leg import Benches, Leg
from media.relay.offers import read_offer
from media.relay.road import Doors
from media.relay.room import Ground, Room
from media.relay.rtp import ABS_SEND_TIME, TRANSPORT_CC, clock
from media.relay.wiring import Member, ParticipantId
from showroom.words import Side, Voice

OPUS, VP8, H264 = 111, 96, 102
TRANSPORT_CC_ID, SEND_TIME_ID = 3, 2
PATIENCE = 30.0
# One certificate for the relay and one for all peers: making them is what costs.
CERTIFICATE, THEIRS = RTCCertificate.generateCertificate(), RTCCertificate.generateCertificate()

_FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc")


async def until(fact: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait until something is so. Fails when it never is."""
    async with asyncio.timeout(patience):
        while not fact():
            await asyncio.sleep(0.005)


class Floor:
    """A room of the relay, and the beat that a worker gives it."""

    def __init__(self) -> None:
        self.room = Room(Ground(Doors(("127.0.0.1",)), CERTIFICATE, Benches()))
        # Whoever has called: they hang up in the end.
        self.peers: list[Peer] = []

    async def beat(self) -> None:
        beats = 0
        while True:
            await asyncio.sleep(0.02)
            beats += 1
            self.room.beat(clock(), reports=beats % 10 == 0)

    def leg(self, peer: "Peer") -> Leg:
        """Return the relay's end of a peer's connection."""
        legs = self.room.participants[peer.member.id].legs
        return next(leg for leg in legs if leg.rank == peer.rank)


@asynccontextmanager
async def open_floor() -> AsyncIterator[Floor]:
    """Run a room for as long as the block runs."""
    floor = Floor()
    beat = asyncio.create_task(floor.beat())
    stumbles: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: stumbles.append(what))
    try:
        yield floor
        assert not beat.done(), "the room's beat has broken"
        assert not stumbles, "what a datagram brings must never raise"
    finally:
        beat.cancel()
        await asyncio.wait([beat])
        await asyncio.gather(*(peer.close() for peer in floor.peers))
        await floor.room.close()


class Lane:
    """What lies between a peer's DTLS and its ICE. `lost`: says which datagrams never arrive."""

    role = "controlling"

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.connections: list[Connection] = []
        self.lost: Callable[[bytes], bool] = lambda _: False
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._pumps: list[asyncio.Task[None]] = []

    async def go_over(self, connection: Connection) -> None:
        """Connect, and use this connection from now on."""
        await connection.connect()
        before, self.connection = self.connection, connection
        self._pumps.append(asyncio.create_task(self._pump(connection)))
        if before:
            await before.close()

    async def _pump(self, connection: Connection) -> None:
        while True:
            try:
                data = await connection.recv()
            except ConnectionError:
                break
            if not self.lost(data):
                self._inbox.put_nowait(data)
        if connection is self.connection:
            self._inbox.put_nowait(None)

    async def _recv(self) -> bytes:
        data = await self._inbox.get()
        if data is None:
            raise ConnectionError
        return data

    async def _send(self, data: bytes) -> None:
        assert self.connection
        await self.connection.send(data)

    async def close(self) -> None:
        for connection in self.connections:
            await connection.close()
        for pump in self._pumps:
            pump.cancel()


@dataclass(frozen=True)
class Line:
    """A section of a peer's offer. `ssrc`: what it sends under, 0 where it gets something."""

    kind: str
    ssrc: int = 0


SOUND, PICTURE = Line("audio", 0xA0), Line("video", 0xB0)
PUBLISHES = (SOUND, PICTURE)
WATCHES = (Line("audio"), Line("video"))


class Peer:
    """Somebody in a room."""

    def __init__(
        self,
        who: str,
        part: Side,
        lines: Sequence[Line],
        rank: int = 1,
        voice: Voice = Voice.NOBODY,
        codecs: Sequence[int] = (VP8, H264),
    ) -> None:
        self.member = Member(ParticipantId(who), part, voice)
        self.rank = rank
        self.lines = lines
        self.lane = Lane()
        # What came, under the mid of its section; and all reports.
        self.packets: dict[str, list[RtpPacket]] = defaultdict(list)
        self.reports: list[AnyRtcpPacket] = []
        self.on_report: Callable[[AnyRtcpPacket], None] = lambda _: None
        self.mids: dict[int, str] = {}
        self.fingerprint = THEIRS.getFingerprints()[0]
        self._codecs = codecs
        self.dtls = RTCDtlsTransport(self.lane, [THEIRS])  # type: ignore[arg-type]
        self.dtls._handle_rtp_data = self._hear  # type: ignore[method-assign]
        self.dtls._handle_rtcp_data = self._hear_report  # type: ignore[method-assign]

    # ------------------------------------------------------------ connecting

    async def join(self, floor: Floor) -> "Peer":
        """Connect to a room, and be in it."""
        return await self.enter(floor, *await self.call(floor))

    async def enter(
        self, floor: Floor, connection: Connection, answer: SessionDescription
    ) -> "Peer":
        """Connect as the room's answer says."""
        await self.lane.go_over(connection)
        assert answer.media[0].dtls
        parameters = RTCDtlsParameters(answer.media[0].dtls.fingerprints)
        self.dtls._set_role("client")
        async with asyncio.timeout(PATIENCE):
            await self.dtls.start(parameters)
        assert self.dtls.state == "connected"
        await until(lambda: floor.leg(self).up)
        return self

    async def restart(self, floor: Floor) -> None:
        """Make the paths anew (RFC 8445 §9)."""
        connection, _ = await self.call(floor)
        await self.lane.go_over(connection)

    async def call(self, floor: Floor) -> tuple[Connection, SessionDescription]:
        """Offer; return a connection that is about to be made, and the room's answer."""
        connection = Connection(ice_controlling=True)
        floor.peers.append(self)
        self.lane.connections.append(connection)
        await connection.gather_candidates()
        offer = read_offer(self.offer(connection))
        text = await floor.room.offer(self.member, self.rank, offer)
        answer = SessionDescription.parse(text)
        first = answer.media[0]
        assert first.ice
        connection.remote_username = first.ice.usernameFragment
        connection.remote_password = first.ice.password
        for one in first.ice_candidates:
            await connection.add_remote_candidate(
                Candidate(one.foundation, 1, "udp", one.priority, one.ip, one.port, one.type)
            )
        await connection.add_remote_candidate(None)
        for media in answer.media:
            for described in media.ssrc:
                self.mids[described.ssrc] = media.rtp.muxId
        return connection, answer

    def offer(self, connection: Connection) -> str:
        """Write an offer as a browser would."""
        mids = " ".join(str(index) for index in range(len(self.lines)))
        text = [f"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {mids}"]
        for index, line in enumerate(self.lines):
            numbers = [OPUS] if line.kind == "audio" else list(self._codecs)
            text += [
                f"m={line.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, numbers))}",
                "c=IN IP4 0.0.0.0",
                f"a=mid:{index}",
                "a=sendonly" if line.ssrc else "a=recvonly",
                "a=rtcp-mux",
                "a=setup:actpass",
                f"a=ice-ufrag:{connection.local_username}",
                f"a=ice-pwd:{connection.local_password}",
                f"a=fingerprint:{self.fingerprint.algorithm} {self.fingerprint.value}",
                f"a=extmap:{TRANSPORT_CC_ID} {TRANSPORT_CC}",
                f"a=extmap:{SEND_TIME_ID} {ABS_SEND_TIME}",
                *(line for number in numbers for line in _codec(number)),
            ]
            if line.ssrc:
                text.append(f"a=ssrc:{line.ssrc} cname:{self.member.id}")
            text += [
                f"a=candidate:{one.foundation} 1 udp {one.priority} {one.host} {one.port} typ host"
                for one in connection.local_candidates
            ]
        return "\r\n".join(text) + "\r\n"

    async def close(self) -> None:
        """Hang up, as a page that is closed."""
        await self.dtls.stop()
        await self.lane.close()

    # ------------------------------------------------------------ packets

    async def _hear(self, data: bytes, arrival_time_ms: int) -> None:  # noqa: ARG002
        packet = RtpPacket.parse(data)
        self.packets[self.mids[packet.ssrc]].append(packet)

    async def _hear_report(self, data: bytes) -> None:
        for packet in RtcpPacket.parse(data):
            self.reports.append(packet)
            self.on_report(packet)

    async def send(self, plain: bytes) -> None:
        """Protect and send a packet of RTP or RTCP."""
        await self.dtls._send_rtp(plain)

    def ssrc(self, mid: str) -> int:
        """Return the SSRC under which something comes in a section."""
        return next(ssrc for ssrc, one in self.mids.items() if one == mid)

    def frames(self, mid: str = "1") -> int:
        """Return how many pictures have come whole, by their last packets."""
        return sum(packet.marker for packet in self.packets[mid])

    def texts(self, mid: str) -> list[bytes]:
        """Return the payloads that came, in the order of their numbers, each once."""
        start = self.packets[mid][0].sequence_number if self.packets[mid] else 0
        by_number = {
            (one.sequence_number - start + 0x8000) & 0xFFFF: one.payload
            for one in self.packets[mid]
        }
        return [by_number[number] for number in sorted(by_number)]


def _codec(number: int) -> list[str]:
    if number == OPUS:
        return [f"a=rtpmap:{OPUS} opus/48000/2"]
    name = "VP8" if number == VP8 else "H264"
    lines = [f"a=rtpmap:{number} {name}/90000"]
    lines += [f"a=rtcp-fb:{number} {feedback}" for feedback in _FEEDBACK]
    if number == H264:
        lines.append(f"a=fmtp:{number} packetization-mode=1;profile-level-id=42e01f")
    return lines


def rtp(
    ssrc: int,
    number: int,
    payload: bytes,
    timestamp: int = 0,
    payload_type: int = VP8,
    marker: bool = False,
    transport: int | None = None,
) -> bytes:
    """Write a packet. `transport`: its transport-wide number."""
    first = 0x80 if transport is None else 0x90
    head = struct.pack(
        "!BBHLL",
        first,
        marker << 7 | payload_type,
        number & 0xFFFF,
        timestamp & 0xFFFFFFFF,
        ssrc,
    )
    if transport is not None:
        head += struct.pack("!HHBHB", 0xBEDE, 1, TRANSPORT_CC_ID << 4 | 1, transport & 0xFFFF, 0)
    return head + payload
