"""A page's offer (RFC 8829), as far as the relay needs it, and our answer to it.

The page always offers: one section for each thing that it sends, and one for each place in which it
gets something. Everything goes over one transport (RFC 9143). A publisher gets exactly one codec
back, so that everybody in the room can decode what it sends.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from aioice import Candidate
from aiortc import RTCDtlsFingerprint, RTCIceCandidate, RTCIceParameters
from aiortc.rtcicetransport import candidate_to_aioice
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import MediaDescription, SessionDescription, candidate_to_sdp, parameters_to_sdp

from media.relay.rtp import ABS_SEND_TIME, TRANSPORT_CC

LARGEST = 40_000
# A browser's eight sections have some 600 lines; a picture's takes its parser 3,700 comparisons.
MOST_LINES = 1_500
MOST_COMPARISONS = 30_000
MOST_SECTIONS = 16
MOST_CANDIDATES = 32
# What a room speaks if everybody in it can: every browser has VP8 (RFC 7742 §5).
PREFERRED = ("vp8", "h264")
# Numbers that can't be taken for types of RTCP (RFC 5761 §4), and ids of one-byte extensions
# (RFC 8285 §4.2): what doesn't fit into a header would break everybody's packets.
_PAYLOAD_TYPES = frozenset({*range(64), *range(96, 128)})
_EXTENSION_IDS = range(1, 15)
_SENDS = frozenset({"sendonly", "sendrecv"})
_GETS = frozenset({"recvonly", "sendrecv"})
_FEEDBACK = {
    "audio": (("transport-cc", None),),
    "video": (
        ("goog-remb", None),
        ("transport-cc", None),
        ("ccm", "fir"),
        ("nack", None),
        ("nack", "pli"),
    ),
}


class BadOffer(ValueError):
    """An offer that the relay can't answer; the text says why."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section of an offer: something that the page sends, or a place in which it gets."""

    mid: str
    kind: str
    direction: str
    codecs: tuple[RTCRtpCodecParameters, ...]
    extensions: dict[str, int]
    ssrcs: tuple[int, ...]

    @property
    def sends(self) -> bool:
        return self.direction in _SENDS

    @property
    def gets(self) -> bool:
        return self.direction in _GETS

    def codec(self, name: str) -> RTCRtpCodecParameters | None:
        """Return the first codec of this name in a form that the relay forwards, or None."""
        return next((one for one in self.codecs if one.name.lower() == name), None)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the relay has to know of a page."""

    ice: RTCIceParameters
    candidates: tuple[Candidate, ...]
    fingerprints: tuple[RTCDtlsFingerprint, ...]
    sections: tuple[Section, ...]

    def pictures(self) -> frozenset[str]:
        """Return the codecs in which this page can both send and get pictures."""
        videos = [section for section in self.sections if section.kind == "video"]
        able = [{codec.name.lower() for codec in section.codecs} for section in videos]
        return frozenset(set.intersection(*able) if able else PREFERRED) & frozenset(PREFERRED)


def read_offer(sdp: str) -> Offer:
    """Read an offer. Raises `BadOffer`."""
    if len(sdp) > LARGEST or _is_costly(sdp):
        raise BadOffer("the description is too long")
    try:
        session = SessionDescription.parse(sdp)
        return _offer_of(session)
    except BadOffer:
        raise
    except Exception as error:
        # The parser meets nonsense with whatever its lines happen to raise.
        raise BadOffer("the description can't be read") from error


def _is_costly(sdp: str) -> bool:
    """Say whether it is made to keep the parser busy: that holds each wish against each codec."""
    comparisons = sum(
        part.count("a=rtpmap:") * (part.count("a=rtcp-fb:") + part.count("a=fmtp:"))
        for part in sdp.split("\nm=")
    )
    return comparisons > MOST_COMPARISONS or len(sdp.splitlines()) > MOST_LINES


def _offer_of(session: SessionDescription) -> Offer:
    media = [one for one in session.media if one.kind in ("audio", "video")]
    if not media or len(session.media) > MOST_SECTIONS or len(media) != len(session.media):
        raise BadOffer("the description has no sections, other ones than media, or too many")
    first = media[0]
    if first.ice is None or not first.ice.usernameFragment or not first.ice.password:
        raise BadOffer("the description has no ICE credentials")
    if first.dtls is None or not first.dtls.fingerprints or first.dtls.role == "server":
        raise BadOffer("the description has no fingerprint, or wants to be the server of DTLS")
    mids = [one.rtp.muxId for one in media]
    bundles = [set(map(str, one.items)) for one in session.group if one.semantic == "BUNDLE"]
    if not all(mids) or len(set(mids)) < len(mids) or not any(set(mids) <= b for b in bundles):
        raise BadOffer("all sections must share one transport")
    if not all(one.rtcp_mux for one in media):
        raise BadOffer("RTCP must share the port of RTP")
    return Offer(
        replace(first.ice),
        tuple(_candidates(media)),
        tuple(first.dtls.fingerprints),
        tuple(_section(one) for one in media),
    )


def _section(media: MediaDescription) -> Section:
    return Section(
        media.rtp.muxId,
        media.kind,
        media.direction or "sendrecv",
        tuple(codec for codec in media.rtp.codecs if _can_forward(codec)),
        {one.uri: one.id for one in media.rtp.headerExtensions if one.id in _EXTENSION_IDS},
        tuple(one.ssrc for one in media.ssrc),
    )


def _can_forward(codec: RTCRtpCodecParameters) -> bool:
    name = codec.name.lower()
    if codec.payloadType not in _PAYLOAD_TYPES:
        return False
    if name == "h264":
        # One packetization and one profile, or a decoder at the other end may not take it
        # (RFC 6184 §8.2.2, RFC 7742 §6.2).
        profile = str(codec.parameters.get("profile-level-id", "42001f")).lower()
        mode = str(codec.parameters.get("packetization-mode", "0"))
        return mode == "1" and profile[:4] in ("42e0", "42c0", "4200")
    if name == "opus":
        return codec.clockRate == 48_000 and codec.channels == 2
    return name == "vp8"


def _candidates(media: Iterable[MediaDescription]) -> Iterable[Candidate]:
    found: list[RTCIceCandidate] = []
    for one in media:
        found += one.ice_candidates
    return (candidate_to_aioice(one) for one in filter(_is_usable, found[:MOST_CANDIDATES]))


def _is_usable(candidate: RTCIceCandidate) -> bool:
    """Say whether there is anything to send a check to.

    A name on the browser's own network (mDNS) says nothing here: its checks tell who it is.
    """
    if candidate.component != 1 or candidate.protocol.lower() != "udp":
        return False
    try:
        ipaddress.ip_address(candidate.ip)
    except ValueError:
        return False
    return candidate.port in range(1, 1 << 16)


@dataclass(frozen=True, slots=True)
class Place:
    """A section that we take: the codec that was agreed, and what we send there."""

    section: Section
    codec: RTCRtpCodecParameters
    # Our SSRC where the page gets something, and the stream that it is shown under.
    ssrc: int | None = None
    stream: str = ""

    @property
    def payload_type(self) -> int:
        """The number under which the page knows the codec."""
        return self.codec.payloadType or 0

    def extension(self, uri: str) -> int:
        """Return an extension's id where it was offered, else 0."""
        return self.section.extensions.get(uri, 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes into our answer beside the places."""

    ice: RTCIceParameters
    candidates: Sequence[Candidate]
    fingerprint: RTCDtlsFingerprint
    # In the offer's order; a section alone is refused.
    places: Sequence[Place | Section]
    # A name of ours for all that we send to this page (RFC 7022).
    cname: str

    def sdp(self) -> str:
        """Return the answer as text (RFC 8866)."""
        mids = " ".join(place.section.mid for place in self.places if isinstance(place, Place))
        lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
        lines += [f"a=group:BUNDLE {mids}", "a=msid-semantic:WMS *", "a=ice-options:trickle"]
        for place in self.places:
            lines += self._section(place) if isinstance(place, Place) else _refused(place)
        return "\r\n".join(lines) + "\r\n"

    def _section(self, place: Place) -> list[str]:
        section, codec = place.section, place.codec
        direction = {"sendonly": "recvonly", "recvonly": "sendonly"}.get(
            section.direction, section.direction
        )
        lines = [
            f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {codec.payloadType}",
            "c=IN IP4 0.0.0.0",
            f"a=mid:{section.mid}",
            f"a={direction}",
            "a=rtcp-mux",
            "a=rtcp-rsize",
            f"a=ice-ufrag:{self.ice.usernameFragment}",
            f"a=ice-pwd:{self.ice.password}",
            f"a=fingerprint:{self.fingerprint.algorithm} {self.fingerprint.value}",
            "a=setup:passive",
        ]
        lines += [f"a=candidate:{_written(one)}" for one in self.candidates]
        lines += ["a=end-of-candidates", *_codec_lines(place)]
        if place.ssrc is not None:
            lines += [
                f"a=msid:{place.stream} {place.stream}-{section.mid}",
                f"a=ssrc:{place.ssrc} cname:{self.cname}",
            ]
        return lines


def _codec_lines(place: Place) -> list[str]:
    section, codec, number = place.section, place.codec, place.codec.payloadType
    channels = f"/{codec.channels}" if codec.channels and codec.channels > 1 else ""
    lines = [f"a=rtpmap:{number} {codec.name}/{codec.clockRate}{channels}"]
    if parameters := parameters_to_sdp(codec.parameters):
        lines.append(f"a=fmtp:{number} {parameters}")
    offered = {(one.type, one.parameter) for one in codec.rtcpFeedback}
    for kind, parameter in _FEEDBACK[section.kind]:
        # Whoever gets a picture estimates their line by themselves; whoever sends is told.
        if (kind, parameter) in offered and (kind != "transport-cc" or section.sends):
            lines.append(f"a=rtcp-fb:{number} {kind}{f' {parameter}' if parameter else ''}")
    uri = TRANSPORT_CC if section.sends else ABS_SEND_TIME
    if place.extension(uri) and (section.sends or section.kind == "video"):
        lines.append(f"a=extmap:{place.extension(uri)} {uri}")
    return lines


def _refused(section: Section) -> list[str]:
    """A section with port 0 (RFC 3264 §6)."""
    return [
        f"m={section.kind} 0 UDP/TLS/RTP/SAVPF 0",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        "a=inactive",
    ]


def _written(candidate: Candidate) -> str:
    return candidate_to_sdp(
        RTCIceCandidate(
            component=candidate.component,
            foundation=candidate.foundation,
            ip=candidate.host,
            port=candidate.port,
            priority=candidate.priority,
            protocol=candidate.transport,
            type=candidate.type,
        )
    )
