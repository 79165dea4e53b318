"""The bytes of a packet, as far as a forwarder reads and writes them (RFC 3550 §5.1, RFC 8285)."""

import struct
import time
from typing import NamedTuple

ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
MID = "urn:ietf:params:rtp-hdrext:sdes:mid"

# version and flags, marker and payload type, sequence number, timestamp, SSRC
HEADER = struct.Struct("!BBHLL")
PLAIN, WITH_EXTENSION = 0x80, 0x90
MARKER = 0x80
ONE_BYTE_EXTENSION = 0xBEDE
# From our clock, which never goes back, to seconds since 1900, where NTP begins (RFC 5905).
_NTP_SHIFT = time.time() - time.monotonic() + 2_208_988_800

_extension_header = struct.Struct("!HH").unpack_from


class Malformed(ValueError):
    """Not a packet that RFC 3550 allows."""


class Packet(NamedTuple):
    """What a forwarder knows of a packet: its header, and the payload without padding."""

    payload_type: int
    marker: int
    sequence: int
    timestamp: int
    ssrc: int
    transport_sequence: int | None
    payload: bytes


def parse(data: memoryview, transport_cc_id: int) -> Packet:
    """Read an unprotected packet. `transport_cc_id`: that extension's id, 0 where it has none.

    Raises `Malformed`.
    """
    length = len(data)
    if length < HEADER.size:
        raise Malformed
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    start, transport_sequence = HEADER.size + 4 * (first & 15), None
    if first & 16:
        if length < start + 4:
            raise Malformed
        profile, words = _extension_header(data, start)
        begin, start = start + 4, start + 4 + 4 * words
        if transport_cc_id and profile == ONE_BYTE_EXTENSION and start <= length:
            transport_sequence = _short_extension(data, begin, start, transport_cc_id)
    end = length - data[-1] if first & 32 else length
    if start > end:
        raise Malformed
    return Packet(
        second & 127,
        second & MARKER,
        sequence,
        timestamp,
        ssrc,
        transport_sequence,
        bytes(data[start:end]),
    )


def _short_extension(data: memoryview, at: int, end: int, wanted: int) -> int | None:
    """Return the 16 bits of a one-byte extension (RFC 8285 §4.2), or None."""
    while at < end:
        head = data[at]
        if head == 0:  # padding between extensions
            at += 1
            continue
        size = (head & 15) + 1
        if head >> 4 == wanted and size == 2 and at + 2 < end:
            return data[at + 1] << 8 | data[at + 2]
        at += 1 + size
    return None


def send_time_extension(extension_id: int, seconds: float) -> bytes:
    """Return a header extension that holds nothing but abs-send-time.

    `seconds`: of our clock. 24 bits of fixed point, 6 of them whole seconds.
    """
    stamp = int((seconds + _NTP_SHIFT) * (1 << 18)) & 0xFFFFFF
    return struct.pack("!HHL", ONE_BYTE_EXTENSION, 1, (extension_id << 4 | 2) << 24 | stamp)


def newer(one: int, other: int) -> bool:
    """Say whether a sequence number comes after another, or is the same (RFC 1982)."""
    return (one - other) & 0x8000 == 0


def clock() -> float:
    """Return seconds of a clock that never goes back: the relay's only one."""
    return time.monotonic()
