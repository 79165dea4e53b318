"""A WebM file that grows (RFC 9559, RFC 8794; WebM Container Guidelines).

Written here and not by libavformat: that one holds everything back while one of the streams is
silent, so a worker that dies would take minutes with it. This one's clusters are complete bytes.
H.264 makes it Matroska, which is what libavformat reads next.
"""

import struct
from dataclasses import dataclass
from typing import NamedTuple

# Elements by name (RFC 9559 §27.1).
_EBML, _SEGMENT, _INFO, _TRACKS, _TRACK = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE
_VIDEO, _AUDIO, _CLUSTER, _TIMESTAMP, _BLOCK = 0xE0, 0xE1, 0x1F43B675, 0xE7, 0xA3
# A size that is not known yet: the segment lasts until the file ends.
_UNKNOWN = b"\x01\xff\xff\xff\xff\xff\xff\xff"
_KEYFRAME = 0x80
# A cluster is written as soon as it spans this (ms): what a worker that dies takes with it.
CLUSTER_MS = 1000

# RFC 7845 §5.1: two channels, 312 samples to skip, 48 kHz. Each packet says itself what it is.
OPUS_HEAD = b"OpusHead" + struct.pack("<BBHLhB", 1, 2, 312, 48_000, 0, 0)


class Frame(NamedTuple):
    """What a track has at a moment. `at`: ms since the file's beginning."""

    track: int
    at: int
    key: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """How a picture is coded: `vp8` or `h264`; pixels; and H.264's parameter sets as an `avcC`."""

    codec: str
    width: int
    height: int
    private: bytes = b""


# The tracks' numbers. A file has those of both voices even if one of them never speaks.
PICTURE, CUSTOMER, ADVISOR = 1, 2, 3
_VOICES = {CUSTOMER: "customer", ADVISOR: "advisor"}


def header(picture: Picture | None) -> bytes:
    """Return what a file begins with."""
    kind = "matroska" if picture and picture.codec == "h264" else "webm"
    ebml = _element(
        _EBML,
        _number(0x4286, 1) + _number(0x42F7, 1) + _number(0x42F2, 4) + _number(0x42F3, 8)
        + _element(0x4282, kind.encode()) + _number(0x4287, 4) + _number(0x4285, 2),
    )  # fmt: skip
    app = b"showroom"
    info = _number(0x2AD7B1, 1_000_000) + _element(0x4D80, app) + _element(0x5741, app)
    tracks = b"".join(_voice(number, name) for number, name in _VOICES.items())
    if picture:
        tracks = _picture(picture) + tracks
    segment = _SEGMENT.to_bytes(4, "big") + _UNKNOWN
    return ebml + segment + _element(_INFO, info) + _element(_TRACKS, tracks)


def _picture(picture: Picture) -> bytes:
    codec = b"V_VP8" if picture.codec == "vp8" else b"V_MPEG4/ISO/AVC"
    size = _number(0xB0, picture.width) + _number(0xBA, picture.height)
    return _track(PICTURE, 1, codec, picture.private, _element(_VIDEO, size))


def _voice(number: int, name: str) -> bytes:
    sound = _element(0xB5, struct.pack("!d", 48_000.0)) + _number(0x9F, 2)
    named = _element(0x536E, name.encode()) + _number(0x56AA, 6_500_000)  # ns to skip (CodecDelay)
    return _track(number, 2, b"A_OPUS", OPUS_HEAD, named + _element(_AUDIO, sound))


def _track(number: int, kind: int, codec: bytes, private: bytes, more: bytes) -> bytes:
    body = _number(0xD7, number) + _number(0x73C5, number) + _number(0x83, kind)
    body += _number(0x9C, 0) + _element(0x86, codec)
    if private:
        body += _element(0x63A2, private)
    return _element(_TRACK, body + more)


class Clusters:
    """Collects frames. A cluster holds what lies within a second, in the order of its coming."""

    def __init__(self) -> None:
        self._start = 0
        self._blocks: list[bytes] = []

    def add(self, frame: Frame) -> bytes:
        """Take a frame; return the cluster that it has ended, or nothing."""
        done = b""
        # Seeking leads to the beginnings of clusters, so a picture begins with one.
        begins = frame.key and frame.track == PICTURE
        if self._blocks and (begins or frame.at - self._start >= CLUSTER_MS):
            done = self.end()
        if not self._blocks:
            self._start = frame.at
        # What comes late lies before the cluster's beginning: a block's time has a sign.
        relative = max(-0x8000, min(frame.at - self._start, 0x7FFF))
        flags = _KEYFRAME if frame.key else 0
        head = struct.pack("!BhB", 0x80 | frame.track, relative, flags)
        self._blocks.append(_element(_BLOCK, head + frame.data))
        return done

    def end(self) -> bytes:
        """Return what there is, as a cluster; nothing when there is nothing."""
        if not self._blocks:
            return b""
        body = _number(_TIMESTAMP, self._start) + b"".join(self._blocks)
        self._blocks = []
        return _element(_CLUSTER, body)


def _element(name: int, body: bytes) -> bytes:
    head = name.to_bytes((name.bit_length() + 7) // 8, "big")
    return head + (len(body) | 1 << 56).to_bytes(8, "big") + body


def _number(name: int, value: int) -> bytes:
    return _element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))
