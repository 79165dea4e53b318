"""What a leg tells the browser over RTCP (RFC 3550 §6, RFC 4585, RFC 5104)."""

import secrets
from collections.abc import Callable, Iterable

from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    pack_remb_fci,
)

from media.relay.inflow import Inflow
from media.relay.outlet import Outlet
from media.relay.source import Source
from media.relay.transport_cc import TransportFeedback

_CNAME = 1
# Numbers that fit into one message well below the size of a datagram.
_MOST_NUMBERS = 100
# A report block has 24 bytes, and 5 bits count them.
_MOST_BLOCKS = 31

Send = Callable[[bytes], None]


class Reports:
    """Writes reports and wishes of one leg; `send` protects and sends them."""

    def __init__(self, send: Send, cname: str) -> None:
        self.feedback = TransportFeedback()
        self._send = send
        self._cname = cname.encode()
        # Whoever receives needs an SSRC to speak under, too.
        self._ssrc = secrets.randbits(31) | 1

    def ask_for_keyframe(self, ssrc: int) -> None:
        """Send a picture loss indication (RFC 4585 §6.3.1)."""
        self._send(bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=self._ssrc, media_ssrc=ssrc)))

    def ask_again(self, ssrc: int, numbers: list[int]) -> None:
        """Ask for packets that are missing (RFC 4585 §6.2.1)."""
        # aiortc packs them in rising order only: those after the wrap go first.
        rising = sorted(numbers)
        for at in range(0, len(rising), _MOST_NUMBERS):
            lost = rising[at : at + _MOST_NUMBERS]
            self._send(bytes(RtcpRtpfbPacket(RTCP_RTPFB_NACK, self._ssrc, ssrc, lost)))

    def limit(self, bitrate: int, ssrcs: list[int]) -> None:
        """Say what subscribers can take, in bit/s (draft-alvestrand-rmcat-remb-03)."""
        fci = pack_remb_fci(bitrate, ssrcs)
        self._send(bytes(RtcpPsfbPacket(RTCP_PSFB_APP, self._ssrc, 0, fci)))

    def tell_arrivals(self, media_ssrc: int) -> None:
        """Tell the publisher when its packets came."""
        message = self.feedback.build(self._ssrc, media_ssrc)
        if message is not None:
            self._send(message)

    def receiver_report(self, inflows: Iterable[Inflow], now: float) -> None:
        """Report what came (RFC 3550 §6.4.2). `now`: seconds of our clock."""
        blocks = []
        for inflow in inflows:
            last, delay = 0, 0
            if report := inflow.sender_report:
                last = report.ntp >> 16 & 0xFFFFFFFF
                delay = int(max(0.0, now - report.at) * 65536) & 0xFFFFFFFF
            blocks.append(inflow.arrivals.report(last, delay))
        if blocks:
            report_packet = RtcpRrPacket(self._ssrc, blocks[:_MOST_BLOCKS])
            self._send(bytes(report_packet) + self._name(self._ssrc))

    def sender_report(self, outlet: Outlet, source: Source, now: float) -> None:
        """Report the clocks of what goes out, so that sound and picture stay in step.

        They are the publisher's own, moved on to `now`: a browser plays by the difference between
        a voice's clock and a picture's, which only the publisher knows.
        """
        inflow = source.stream
        clocks = inflow.sender_report if isinstance(inflow, Inflow) else None
        if clocks is None or outlet.waiting:
            return
        passed = now - clocks.at
        timestamp = source.timestamp_of(clocks.timestamp) + outlet.time_shift
        packets, octets = outlet.counts()
        info = RtcpSenderInfo(
            ntp_timestamp=clocks.ntp + int(passed * (1 << 32)) & 0xFFFFFFFFFFFFFFFF,
            rtp_timestamp=timestamp + int(passed * source.clock_rate) & 0xFFFFFFFF,
            packet_count=packets & 0xFFFFFFFF,
            octet_count=octets & 0xFFFFFFFF,
        )
        self._send(bytes(RtcpSrPacket(outlet.ssrc, info)) + self._name(outlet.ssrc))

    def _name(self, ssrc: int) -> bytes:
        chunk = RtcpSourceInfo(ssrc, [(_CNAME, self._cname)])
        return bytes(RtcpSdesPacket([chunk]))


def numbers_of(packet: RtcpRtpfbPacket) -> list[int]:
    """Return the sequence numbers that a NACK asks for, each once."""
    return list(dict.fromkeys(number & 0xFFFF for number in packet.lost))
