"""Viewers that count and don't decode: what an engine costs must not be hidden by what they do."""

import asyncio
import os
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass

from aiortc import RTCPeerConnection
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    pack_remb_fci,
)

# Linux: the kernel says when a datagram arrived, whenever it is read (socket(7)).
_TIMESTAMPS = 35
_timespec = struct.Struct("qq")
_BUFFER = 1 << 22
_READS = 64
# What each viewer says that its line takes (bit/s): more than what is sent.
_ROOM = 6_000_000


@dataclass(slots=True)
class Stream:
    """One SSRC: how many packets came, and how many should have."""

    video: bool
    first: int
    highest: int
    count: int = 0


class Sink:
    """Takes over the socket of a peer that has connected: counts RTP by its clear header, answers
    with the reports that a browser sends, and hands everything else to the peer.

    `samples`: (RTP time, nanoseconds of the system's clock) of each frame's last packet.
    """

    def __init__(self, peer: RTCPeerConnection, room: int, sampled: bool) -> None:
        self.room = room
        self.samples: list[tuple[int, int]] = []
        self.streams: dict[int, Stream] = {}
        self.sampled = sampled
        receiver = peer.getTransceivers()[0].receiver
        dtls = receiver.transport
        pair = dtls.transport._connection._nominated[1]
        self._protocol, self._address = pair.protocol, pair.remote_addr
        opened = self._protocol.transport.get_extra_info("socket")
        self._loop = asyncio.get_running_loop()
        self._loop._remove_reader(opened.fileno())  # type: ignore[attr-defined]
        self.socket = socket.socket(fileno=os.dup(opened.fileno()))
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        if sampled:
            self.socket.setsockopt(socket.SOL_SOCKET, _TIMESTAMPS, 1)
        self._protect = dtls._tx_srtp
        self._ssrc = peer.getTransceivers()[0].sender._ssrc
        self._video = {
            codec.payloadType
            for transceiver in peer.getTransceivers()
            if transceiver.kind == "video"
            for codec in transceiver._codecs
        }

    def read(self, buffer: memoryview) -> None:
        """Read what is there."""
        at = 0
        for _ in range(_READS):
            try:
                if self.sampled:
                    length, told, _, _ = self.socket.recvmsg_into([buffer], 64)
                    for _, kind, data in told:
                        if kind == _TIMESTAMPS:
                            seconds, nanoseconds = _timespec.unpack(data[:16])
                            at = seconds * 10**9 + nanoseconds
                else:
                    length = self.socket.recv_into(buffer)
            except OSError:
                return
            if not 128 <= buffer[0] < 192:
                data = bytes(buffer[:length])
                self._loop.call_soon_threadsafe(
                    self._protocol.datagram_received, data, self._address
                )
            elif not 192 <= buffer[1] < 224:
                self._count(buffer, at)

    def _count(self, buffer: memoryview, at: int) -> None:
        sequence = buffer[2] << 8 | buffer[3]
        ssrc = int.from_bytes(buffer[8:12], "big")
        stream = self.streams.get(ssrc)
        if stream is None:
            video = buffer[1] & 0x7F in self._video
            stream = self.streams[ssrc] = Stream(video, sequence, sequence)
        step = (sequence - stream.highest) & 0xFFFF
        if step < 0x8000:
            stream.highest += step
        stream.count += 1
        if at and stream.video and buffer[1] & 0x80:
            self.samples.append((int.from_bytes(buffer[4:8], "big"), at))

    def report(self) -> None:
        """Send what a browser sends each second: a receiver report, and its estimate."""
        video = [ssrc for ssrc, stream in self.streams.items() if stream.video]
        blocks = [
            RtcpReceiverInfo(ssrc, 0, 0, stream.highest & 0xFFFFFFFF, 0, 0, 0)
            for ssrc, stream in self.streams.items()
        ]
        if not blocks:
            return
        message = bytes(RtcpRrPacket(self._ssrc, blocks))
        if video:
            estimate = pack_remb_fci(_ROOM, video)
            message += bytes(RtcpPsfbPacket(RTCP_PSFB_APP, self._ssrc, 0, estimate))
        try:
            self.socket.sendto(self._protect.protect_rtcp(message), self._address)
        except OSError:
            return


class Pump(threading.Thread):
    """Reads for all sinks, beside the loop that keeps their connections."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.sinks: list[Sink] = []
        self._poll = select.epoll()
        self._by_descriptor: dict[int, Sink] = {}

    def add(self, sink: Sink) -> None:
        self._by_descriptor[sink.socket.fileno()] = sink
        self.sinks.append(sink)
        self._poll.register(sink.socket.fileno(), select.EPOLLIN)

    def run(self) -> None:
        buffer = memoryview(bytearray(2048))
        reported, due = 0, time.monotonic() + 1
        while True:
            for descriptor, _ in self._poll.poll(0.05):
                self._by_descriptor[descriptor].read(buffer)
            # Spread over the second.
            while self.sinks and time.monotonic() >= due:
                self.sinks[reported % len(self.sinks)].report()
                reported += 1
                due = max(due + 1 / len(self.sinks), time.monotonic() - 1)

    def totals(self) -> tuple[int, int]:
        """Return how many packets came, and how many should have."""
        streams = [stream for sink in self.sinks for stream in list(sink.streams.values())]
        came = sum(stream.count for stream in streams)
        return came, sum(stream.highest - stream.first + 1 for stream in streams)
