"""Packets become frames again: put in order, joined, and given up where one is missing.

Of VP8 (RFC 7741), H.264 (RFC 6184) and Opus (RFC 7587), as far as a recording needs it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from media.relay.keyframes import OF_CODEC
from media.relay.outlet import Entry

# A packet that is missing may still come, sent again: so long is waited for it, in seconds.
PATIENCE = {"audio": 0.25, "video": 0.8}
# More packets than this don't wait: 3 s of 720p.
MOST_WAITING = 700

_SPS, _PPS, _STAP_A, _FU_A = 7, 8, 24, 28


class Whole(NamedTuple):
    """A frame. `timestamp`: the source's, 32 bits; `at`: when its last packet came."""

    timestamp: int
    at: float
    key: bool
    data: bytes


class Order:
    """Puts a source's packets in order. What does not come in time is given up."""

    def __init__(self, kind: str) -> None:
        self._patience = PATIENCE[kind]
        self._next: int | None = None
        self._waiting: dict[int, Entry] = {}

    def add(self, entry: Entry) -> Iterator[Entry | None]:
        """Take a packet; yield those whose turn it is, and None where one was given up."""
        if self._next is None:
            self._next = entry.number
        if entry.number < self._next:
            return
        self._waiting[entry.number] = entry
        while self._waiting:
            if (found := self._waiting.pop(self._next, None)) is not None:
                self._next += 1
                yield found
                continue
            first = min(self._waiting)
            overdue = entry.at - self._waiting[first].at > self._patience
            if not overdue and len(self._waiting) < MOST_WAITING:
                return
            self._next = first
            yield None


class Pictures:
    """Joins the packets of a picture. After a loss nothing comes until the next keyframe."""

    def __init__(self) -> None:
        self._parts: list[Entry] = []
        # Whether the frame that is being collected began with its first packet.
        self._sound = False
        self.broken = True

    def add(self, entry: Entry | None, codec: str) -> Whole | None:
        """Take a packet in its order, or None for a lost one; return the frame that it ends."""
        if entry is None:
            self._parts, self._sound, self.broken = [], False, True
            return None
        if self._parts and entry.timestamp != self._parts[0].timestamp:
            # The frame before had no end: an encoder that is switched off leaves one so.
            self._parts, self.broken = [], True
        if not self._parts:
            self._sound = begins_frame(entry.payload, codec)
        self._parts.append(entry)
        if not entry.marker:
            return None
        parts, self._parts = self._parts, []
        key = any(OF_CODEC[codec](part.payload) for part in parts)
        if not self._sound or (self.broken and not key):
            self.broken = True
            return None
        self.broken = False
        data = join([part.payload for part in parts], codec)
        return Whole(entry.timestamp, entry.at, key, data)


def begins_frame(payload: bytes, codec: str) -> bool:
    """Say whether a packet can be a frame's first."""
    if codec == "vp8":
        return bool(payload[0] & 0x10) and not payload[0] & 0x07
    return payload[0] & 0x1F != _FU_A or (len(payload) > 1 and bool(payload[1] & 0x80))


def join(payloads: Sequence[bytes], codec: str) -> bytes:
    """Return a frame as a file has it: VP8 as it is, H.264 with each unit's length before it."""
    if codec == "vp8":
        return b"".join(payload[_vp8_descriptor(payload) :] for payload in payloads)
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units(payloads))


def _vp8_descriptor(payload: bytes) -> int:
    """Return the size of a payload descriptor (RFC 7741 §4.2)."""
    if not payload[0] & 0x80 or len(payload) < 2:
        return 1
    extended = payload[1]
    size = 2
    if extended & 0x80:
        size += 2 if len(payload) > size and payload[size] & 0x80 else 1
    return size + bool(extended & 0x40) + bool(extended & 0x30)


def units(payloads: Sequence[bytes]) -> list[bytes]:
    """Return the NAL units of a picture's packets (RFC 6184 §5.6 to §5.8)."""
    found: list[bytes] = []
    for payload in payloads:
        kind = payload[0] & 0x1F
        if kind == _STAP_A:
            at = 1
            while at + 2 < len(payload):
                size = int.from_bytes(payload[at : at + 2], "big")
                found.append(payload[at + 2 : at + 2 + size])
                at += 2 + size
        elif kind == _FU_A and len(payload) > 2:
            if payload[1] & 0x80:
                found.append(bytes([payload[0] & 0xE0 | payload[1] & 0x1F]) + payload[2:])
            elif found:
                found[-1] += payload[2:]
        else:
            found.append(payload)
    return [unit for unit in found if unit]


@dataclass(frozen=True, slots=True)
class Parameters:
    """H.264's parameter sets."""

    sps: bytes
    pps: bytes

    def avcc(self) -> bytes:
        """Return them as a file's header has them (ISO/IEC 14496-15 §5.3.3.1)."""
        head = bytes([1, *self.sps[1:4], 0xFF, 0xE1])
        sps = len(self.sps).to_bytes(2, "big") + self.sps
        return head + sps + b"\x01" + len(self.pps).to_bytes(2, "big") + self.pps


def units_of(frame: bytes) -> Iterator[bytes]:
    """Yield the NAL units of a frame as `join` returns it."""
    at = 0
    while at + 4 < len(frame):
        size = int.from_bytes(frame[at : at + 4], "big")
        if size:
            yield frame[at + 4 : at + 4 + size]
        at += 4 + size


def parameters_of(frame: bytes) -> Parameters | None:
    """Return the parameter sets that a keyframe of H.264 brings with it."""
    found: dict[int, bytes] = {}
    for unit in units_of(frame):
        found.setdefault(unit[0] & 0x1F, unit)
    if _SPS not in found or _PPS not in found or len(found[_SPS]) < 4:
        return None
    return Parameters(found[_SPS], found[_PPS])


def vp8_size(frame: bytes) -> tuple[int, int]:
    """Return width and height that a VP8 keyframe says (RFC 6386 §9.1)."""
    if len(frame) < 10 or frame[3:6] != b"\x9d\x01\x2a":
        return 0, 0
    return int.from_bytes(frame[6:8], "little") & 0x3FFF, int.from_bytes(
        frame[8:10], "little"
    ) & 0x3FFF
