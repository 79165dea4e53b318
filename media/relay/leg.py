"""One participant's connection to the relay: DTLS and SRTP on a road, and what goes over it."""

import asyncio
import secrets
import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

import structlog
from aiortc import (
    RTCCertificate,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceParameters,
    RTCIceTransport,
)
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    unpack_remb_fci,
)

from media import inside
from media.relay.inflow import Inflow, SenderReport
from media.relay.offers import Answer, BadOffer, Offer, Place, Section
from media.relay.outlet import Outlet
from media.relay.reports import Reports, numbers_of
from media.relay.road import Doors, Paths, Road
from media.relay.rtp import ABS_SEND_TIME, TRANSPORT_CC, Malformed, Packet, clock, parse
from media.relay.source import Source

log = structlog.get_logger()

# So long may ICE and DTLS take together, in seconds.
PATIENCE = 30.0
# RFC 5761 §4: types of RTCP packets stand where RTP has its marker and payload type.
_RTCP = range(192, 224)
# Packets that one leg may be sent again in a second: more is no loss, but an attack.
MOST_RESENT = 400
# A browser sends one SSRC a section; a few more come when it begins anew.
MOST_INFLOWS = 8
# SSRCs that one leg may speak under, in reports too: libsrtp keeps a context for each for good.
MOST_SPEAKERS = 32
_ssrc_at = struct.Struct("!L").unpack_from


class Benches:
    """The buffers of a worker: for what comes in, and for what goes out."""

    def __init__(self) -> None:
        self.inbox = inside.Workbench()
        self.outbox = inside.Workbench()


class Leg:
    """A connection. `changed` is called when it is up, and when it is over.

    `rank` grows with each connection of a participant: what a newer one brings goes on from what
    the older one brought.
    """

    def __init__(
        self,
        rank: int,
        doors: Doors,
        certificate: RTCCertificate,
        benches: Benches,
        changed: Callable[["Leg"], None],
    ) -> None:
        self.rank = rank
        self.outlets: list[Outlet] = []
        self.inflows: dict[int, Inflow] = {}
        self.up = self.over = False
        # What the subscriber's line carries, in bit/s, by its own estimate; and when it said so.
        self.estimate: tuple[int, float] | None = None
        # Packets that were no packets of ours: not authentic, malformed, of no agreed codec.
        self.refused = 0
        self.speakers: set[int] = set()
        self.reports = Reports(self.send_rtcp, cname := secrets.token_hex(8))
        self._cname = cname
        self._certificate = certificate
        self._benches = benches
        self._changed = changed
        self._road = Road(doors, benches.inbox, self._take)
        self._road.moved = self._moved
        self._dtls = RTCDtlsTransport(cast(RTCIceTransport, self._road), [certificate])
        self._offer: Offer | None = None
        self._answered: Sequence[Place | Section] = ()
        self._places: Sequence[Place] = ()
        self._sources: Mapping[str, Source] = {}
        self._receive: Any = None
        self._transmit: Any = None
        self._transport_cc = 0
        self._may_resend = _Budget(MOST_RESENT)
        self._tasks: set[asyncio.Task[None]] = set()

    # ------------------------------------------------------------ offer and answer

    async def answer(
        self,
        offer: Offer,
        places: Sequence[Place | Section],
        sources: Mapping[str, Source],
    ) -> str:
        """Answer the first offer, and begin to connect. `sources`: what each sending section
        feeds, by its mid. Raises `OSError` when no port is free."""
        self._offer, self._answered, self._sources = offer, places, sources
        self._places = [place for place in places if isinstance(place, Place)]
        self._transport_cc = next(
            (one.extension(TRANSPORT_CC) for one in self._places if one.section.sends), 0
        )
        try:
            paths = await self._gather()
        except OSError:
            await self.close()
            raise
        self._start(self._connect(offer, paths))
        return self._write_answer(paths)

    async def restart(self, offer: Offer) -> str:
        """Answer an offer that restarts ICE (RFC 8445 §9): new paths below the same DTLS.

        Raises `BadOffer` when it is another page's, or says more than that.
        """
        before = self._offer
        if before is None or not self.up:
            raise BadOffer("there is nothing to restart")
        if offer.fingerprints != before.fingerprints or _shape(offer) != _shape(before):
            raise BadOffer("a restart changes nothing but the paths")
        paths = await self._gather()
        self._offer = offer
        self._start(self._reconnect(offer, paths))
        return self._write_answer(paths)

    async def _gather(self) -> Paths:
        try:
            return await self._road.gather()
        except ConnectionError as error:
            raise BadOffer("this page was put out meanwhile, or has asked again") from error

    def _write_answer(self, paths: Paths) -> str:
        ice = RTCIceParameters(paths.local_username, paths.local_password)
        print_of_ours = self._certificate.getFingerprints()[0]
        places, cname = self._answered, self._cname
        return Answer(ice, paths.local_candidates, print_of_ours, places, cname).sdp()

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, offer: Offer, paths: Paths) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._road.connect(paths, offer.ice, offer.candidates)
                inside.set_dtls_role(self._dtls, "server")
                await self._dtls.start(RTCDtlsParameters(fingerprints=list(offer.fingerprints)))
            if self._dtls.state != "connected":
                raise ConnectionError("the handshake failed")
        except (ConnectionError, TimeoutError, OSError) as error:
            log.info("a leg did not connect", why=type(error).__name__)
            await self.close()
            return
        self._open()
        await self._watch()

    async def _reconnect(self, offer: Offer, paths: Paths) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._road.connect(paths, offer.ice, offer.candidates)
        except (ConnectionError, TimeoutError, OSError):
            return  # the old paths may still do; else `_watch` sees it
        for outlet in self.outlets:
            if outlet.source:
                outlet.source.request_keyframe()

    def _open(self) -> None:
        """Connected: make the places in which the page gets something."""
        self._receive, self._transmit = inside.srtp_contexts(self._dtls)
        for place in self._places:
            kind, ssrc = place.section.kind, place.ssrc
            if ssrc is None:
                continue
            send_time = place.extension(ABS_SEND_TIME) if kind == "video" else 0
            number = place.payload_type
            self.outlets.append(
                Outlet(kind, ssrc, number, send_time, self._transmit, self._road.sender)
            )
        self.up = True
        self._dtls.on("statechange", self._dtls_changed)
        self._changed(self)

    def _dtls_changed(self) -> None:
        if self._dtls.state == "closed" and not self.over:
            self._start(self.close())

    async def _watch(self) -> None:
        """Wait for the end: nobody answers on the paths any more."""
        await self._road.lost()
        await self.close()

    async def close(self) -> None:
        """End it. It may be called twice."""
        if self.over:
            return
        self.over, self.up = True, False
        for outlet in self.outlets:
            if isinstance(outlet.source, Source):
                outlet.source.remove(outlet)
        for inflow in self.inflows.values():
            inflow.close()
        self._changed(self)
        with suppress(ConnectionError, OSError):
            await self._dtls.stop()
        await self._road.close()
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()

    def _moved(self) -> None:
        for outlet in self.outlets:
            outlet.send = self._road.sender

    # ------------------------------------------------------------ what comes in

    def _take(self, length: int) -> None:
        """Take a datagram of media that lies in the inbox. The hot path of what comes in."""
        context, inbox = self._receive, self._benches.inbox
        if context is None or length < 12:
            return
        inbox.length[0] = length
        if inbox.bytes[1] in _RTCP:
            self._take_rtcp(context)
            return
        if not self._open_packet(inside.unprotect, context, 8):
            return
        try:
            packet = parse(inbox.view[: inbox.length[0]], self._transport_cc)
        except Malformed:
            self.refused += 1
            return
        now = clock()
        if packet.transport_sequence is not None:
            self.reports.feedback.add(packet.transport_sequence, now)
        inflow = self.inflows.get(packet.ssrc) or self._begin(packet)
        if inflow is None or packet.payload_type != inflow.payload_type:
            self.refused += 1
            return
        missing = inflow.arrivals.add(packet.sequence, packet.timestamp, len(packet.payload), now)
        if missing and inflow.source.kind == "video":
            self.reports.ask_again(packet.ssrc, missing)
        inflow.take(packet, now)

    def _open_packet(self, unprotect: Callable[..., int], context: Any, ssrc_at: int) -> bool:
        """Open what lies in the inbox, in place; say whether it is authentic."""
        inbox = self._benches.inbox
        (ssrc,) = _ssrc_at(inbox.bytes, ssrc_at)
        known = ssrc in self.speakers
        if not known and len(self.speakers) >= MOST_SPEAKERS:
            self.refused += 1
            return False
        if unprotect(context, inbox.pointer, inbox.length):
            self.refused += 1
            return False
        if not known:
            self.speakers.add(ssrc)
        return True

    def _begin(self, packet: Packet) -> Inflow | None:
        """Make an inflow for a new SSRC: of the section that named it, or else by its codec."""
        if len(self.inflows) >= MOST_INFLOWS:
            return None
        sending = [place for place in self._places if place.section.mid in self._sources]
        number = packet.payload_type
        named = [place for place in sending if packet.ssrc in place.section.ssrcs]
        fitting = [place for place in sending if place.payload_type == number]
        found = named or fitting
        if len(found) != 1 or found[0] not in fitting:
            return None
        place = found[0]
        inflow = self.inflows[packet.ssrc] = Inflow(
            packet.ssrc,
            packet.payload_type,
            place.codec.name.lower(),
            self.rank,
            self._sources[place.section.mid],
            self.reports.ask_for_keyframe,
        )
        return inflow

    def _take_rtcp(self, context: Any) -> None:
        if not self._open_packet(inside.unprotect_rtcp, context, 4):
            return
        inbox = self._benches.inbox
        try:
            packets = RtcpPacket.parse(bytes(inbox.view[: inbox.length[0]]))
        except (ValueError, struct.error, IndexError):
            self.refused += 1
            return
        for packet in packets:
            self._hear(packet)

    def _hear(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket):
            if inflow := self.inflows.get(packet.ssrc):
                info = packet.sender_info
                inflow.sender_report = SenderReport(info.ntp_timestamp, info.rtp_timestamp, clock())
        elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            self._send_again(packet)
        elif isinstance(packet, RtcpPsfbPacket):
            self._hear_of_pictures(packet)

    def _hear_of_pictures(self, packet: RtcpPsfbPacket) -> None:
        if packet.fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
            for outlet in self.outlets:
                # A FIR names its stream elsewhere (RFC 5104 §4.3.1): all who may be meant.
                if packet.media_ssrc in (outlet.ssrc, 0) and outlet.source:
                    outlet.source.request_keyframe()
        elif packet.fmt == RTCP_PSFB_APP:
            with suppress(ValueError, struct.error, IndexError):
                bitrate, _ = unpack_remb_fci(packet.fci)
                self.estimate = bitrate, clock()

    def _send_again(self, packet: RtcpRtpfbPacket) -> None:
        for outlet in self.outlets:
            if outlet.ssrc != packet.media_ssrc:
                continue
            for number in numbers_of(packet):
                if not self._may_resend.take():
                    return
                with suppress(OSError):
                    outlet.resend(number, self._benches.outbox)

    # ------------------------------------------------------------ what goes out

    def send_rtcp(self, message: bytes) -> None:
        """Protect and send a compound packet of RTCP; without a connection it is lost."""
        if self._transmit is None or self.over:
            return
        outbox, length = self._benches.outbox, len(message)
        outbox.bytes[:length] = message
        outbox.length[0] = length
        if inside.protect_rtcp(self._transmit, outbox.pointer, outbox.length):
            return
        with suppress(OSError):
            self._road.send(outbox.view[: outbox.length[0]])

    def often(self, now: float) -> None:
        """Tell the publisher when packets came, and ask again for those that did not."""
        if not self.inflows or not self.up:
            return
        self.reports.tell_arrivals(next(iter(self.inflows)))
        for inflow in self.inflows.values():
            if inflow.source.kind == "video" and (numbers := inflow.arrivals.overdue(now)):
                self.reports.ask_again(inflow.ssrc, numbers)

    def now_and_then(self, now: float) -> None:
        """Send the reports of a second."""
        if not self.up:
            return
        self.reports.receiver_report(self.inflows.values(), now)
        for outlet in self.outlets:
            if not isinstance(outlet.source, Source):
                continue
            if outlet.waiting and not outlet.paused:
                # A wish can be lost on its way, and the keyframe that it brought, too.
                outlet.source.request_keyframe()
            self.reports.sender_report(outlet, outlet.source, now)


def _shape(offer: Offer) -> list[tuple[str, str, str]]:
    return [(one.mid, one.kind, one.direction) for one in offer.sections]


class _Budget:
    """So many in a second, and no more than that at once."""

    def __init__(self, most: int) -> None:
        self._most = self._left = float(most)
        self._at = 0.0

    def take(self) -> bool:
        now = clock()
        self._left = min(self._most, self._left + max(0.0, now - self._at) * self._most)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
