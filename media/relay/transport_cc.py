"""When each packet came: the feedback by which a publisher finds out what its line carries.

draft-holmer-rmcat-transport-wide-cc-extensions-01. On aiortc's own REMB a browser aims too low for
long; with this it learns within a second.
"""

import struct

from aiortc.rtp import RTCP_RTPFB, pack_rtcp_packet

from media.relay.rtp import newer

FORMAT = 15
# So many packets in one message: 2,000 packets/s, told every 50 ms, are 100.
MOST_PACKETS = 400
_LOST, _SMALL, _LARGE = 0, 1, 2
_TICK = 250e-6
_REFERENCE_TICKS = 256  # 64 ms
_LONGEST_RUN = 0x1FFF


class TransportFeedback:
    """Collects arrivals on one connection, and tells of them. Times in seconds of our clock."""

    def __init__(self) -> None:
        self._arrived: dict[int, float] = {}
        self._next: int | None = None
        self._count = 0

    def add(self, sequence: int, now: float) -> None:
        """Note that a packet came. One that is older than what was told of is too late."""
        if self._next is None:
            self._next = sequence
        if newer(sequence, self._next):
            self._arrived.setdefault(sequence, now)

    def build(self, sender_ssrc: int, media_ssrc: int) -> bytes | None:
        """Return the next message, unprotected; None when there is nothing to tell of."""
        if not self._arrived or self._next is None:
            return None
        base = self._next
        statuses, deltas, reference = self._describe(base)
        self._next = (base + len(statuses)) & 0xFFFF
        self._arrived = {
            number: at for number, at in self._arrived.items() if newer(number, self._next)
        }
        head = struct.pack("!LLHH", sender_ssrc, media_ssrc, base, len(statuses))
        when = struct.pack("!L", (reference & 0xFFFFFF) << 8 | self._count & 0xFF)
        self._count += 1
        body = head + when + _chunks(statuses) + deltas
        return pack_rtcp_packet(RTCP_RTPFB, FORMAT, body + bytes(-len(body) % 4))

    def _describe(self, base: int) -> tuple[list[int], bytes, int]:
        """Return what came of each number from `base` on, the deltas, and the reference time."""
        ahead = sorted((number - base) & 0xFFFF for number in self._arrived)
        numbers = [(base + one) & 0xFFFF for one in range(min(ahead[-1] + 1, MOST_PACKETS))]
        # That of the first that came, even if it is told of in a later message: a browser takes
        # each message's time for a step from the one before.
        first = self._arrived[(base + ahead[0]) & 0xFFFF]
        reference = int(first / _TICK) // _REFERENCE_TICKS
        ticks, statuses, deltas = reference * _REFERENCE_TICKS, [], bytearray()
        for number in numbers:
            at = self._arrived.get(number)
            if at is None:
                statuses.append(_LOST)
                continue
            delta = round(at / _TICK) - ticks
            if not -0x8000 <= delta <= 0x7FFF:
                break  # 8 s of silence: the rest begins a message of its own
            ticks += delta
            if 0 <= delta <= 0xFF:
                statuses.append(_SMALL)
                deltas.append(delta)
            else:
                statuses.append(_LARGE)
                deltas += struct.pack("!h", delta)
        return statuses, bytes(deltas), reference


def _chunks(statuses: list[int]) -> bytes:
    """Return the statuses as chunks of 16 bits: runs where they are long, else seven at a time."""
    found = bytearray()
    at = 0
    while at < len(statuses):
        run = _run_at(statuses, at)
        if run >= 7:
            found += struct.pack("!H", statuses[at] << 13 | run)
            at += run
            continue
        chunk = 0xC000  # a vector of two-bit symbols
        for place, status in enumerate(statuses[at : at + 7]):
            chunk |= status << (12 - 2 * place)
        found += struct.pack("!H", chunk)
        at += 7
    return bytes(found)


def _run_at(statuses: list[int], at: int) -> int:
    end = at
    while end < len(statuses) and statuses[end] == statuses[at] and end - at < _LONGEST_RUN:
        end += 1
    return end - at
