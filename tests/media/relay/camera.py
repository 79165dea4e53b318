"""A publisher of made-up pictures and sound, who does what a browser does when it is asked."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
)

from media.relay.rtp import clock
from tests.media.relay.peers import H264, OPUS, PICTURE, SOUND, VP8, Peer, rtp

FRAME = 0.02
PARTS = 3
# How the first packet of a picture begins: of a keyframe, and of another (RFC 7741, RFC 6184).
_BEGINS = {VP8: (b"\x10\x00", b"\x10\x01"), H264: (b"\x67", b"\x41")}


class Said(NamedTuple):
    """What a payload of a camera says of itself. `at`: seconds of the relay's clock."""

    name: str
    frame: int
    part: int
    at: float


def said(payload: bytes) -> Said:
    """Read a payload of a camera."""
    _, name, frame, part, at = payload.split(b"|")
    return Said(name.decode(), int(frame), int(part), float(at))


def is_key(payload: bytes) -> bool:
    """Say whether a payload begins a keyframe of a camera."""
    return payload.split(b"|")[0] in (b"\x10\x00", b"\x67")


@dataclass
class Camera:
    """What a publisher sends, and how. A payload names its picture, its part, and its time."""

    peer: Peer
    # The publisher's clock, in seconds from anywhere; and where its numbers and times begin.
    epoch: float = 3.9e9
    number: int = 65_000
    sound_number: int = 30_000
    payload_type: int = VP8
    # Whether it answers when it is asked for a keyframe, and for what was lost.
    willing: bool = True
    remembers: bool = True
    asked: int = 0
    missed: list[int] = field(default_factory=list)
    frames: int = 0
    name: str = ""
    # Numbers that are lost on the way to the relay.
    loses: frozenset[int] = frozenset()
    # Whether its next picture is a keyframe.
    key: bool = True
    _history: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=500))
    _transport: "count[int]" = field(default_factory=lambda: count(65_400))
    _again: list[bytes] = field(default_factory=list)

    def hear(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_PLI:
            self.asked += 1
            self.key = self.willing
        elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            numbers = {number & 0xFFFF for number in packet.lost}
            self.missed += sorted(numbers)
            if self.remembers:
                self._again += [data for number, data in self._history if number in numbers]

    def clocks(self, now: float) -> tuple[int, int, int]:
        """Return the publisher's NTP time, and the times of its picture and its sound."""
        return (
            int((self.epoch + now) * (1 << 32)),
            int(now * 90_000 + 12_345) & 0xFFFFFFFF,
            int(now * 48_000 + 987_654) & 0xFFFFFFFF,
        )

    async def shoot(self) -> None:
        """Send a picture and a bit of sound."""
        now = clock()
        _, picture, sound = self.clocks(now)
        key, other = _BEGINS.get(self.payload_type, _BEGINS[VP8])
        first = key if self.key and self.willing else other
        self.key = False
        for part in range(PARTS):
            text = f"|{self.name}|{self.frames}|{part}|{now:.6f}".encode()
            payload = (first if part == 0 else b"\x01") + text
            await self._send_part(payload, picture, part == PARTS - 1)
        await self.peer.send(rtp(SOUND.ssrc, self.sound_number, text, sound, OPUS))
        self.sound_number += 1
        self.frames += 1
        again, self._again = self._again, []
        for data in again:
            await self.peer.send(data)

    async def _send_part(self, payload: bytes, timestamp: int, last: bool) -> None:
        number = self.number & 0xFFFF
        self.number += 1
        data = rtp(
            PICTURE.ssrc,
            number,
            payload,
            timestamp,
            self.payload_type,
            last,
            next(self._transport),
        )
        self._history.append((number, data))
        if number not in self.loses:
            await self.peer.send(data)

    async def tell_clocks(self) -> None:
        """Send sender reports (RFC 3550 §6.4.1)."""
        ntp, picture, sound = self.clocks(clock())
        for ssrc, timestamp in ((PICTURE.ssrc, picture), (SOUND.ssrc, sound)):
            info = RtcpSenderInfo(ntp & (1 << 64) - 1, timestamp, 0, 0)
            await self.peer.send(bytes(RtcpSrPacket(ssrc, info)))


@asynccontextmanager
async def publishing(peer: Peer, **how: object) -> AsyncIterator[Camera]:
    """Publish 50 pictures a second for as long as the block runs."""
    camera = Camera(peer, **how)  # type: ignore[arg-type]
    peer.on_report = camera.hear

    async def run() -> None:
        for shot in count():
            if shot % 10 == 0:
                await camera.tell_clocks()
            await camera.shoot()
            await asyncio.sleep(FRAME)

    running = asyncio.create_task(run())
    try:
        yield camera
    finally:
        running.cancel()
        await asyncio.wait([running])
        peer.on_report = lambda _: None
