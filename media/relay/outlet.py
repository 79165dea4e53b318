"""One place in which somebody gets a source: under an SSRC and numbers of its own."""

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from media.inside import Workbench, protect
from media.relay.rtp import HEADER, PLAIN, WITH_EXTENSION, send_time_extension

Send = Callable[[memoryview], object]


class Entry(NamedTuple):
    """A packet as a source numbers it: without wrapping. `at`: seconds of our clock."""

    number: int
    timestamp: int
    marker: int
    payload: bytes
    at: float


class Feed(Protocol):
    """A source, as one who gets it sees it."""

    @property
    def packets(self) -> int: ...
    @property
    def octets(self) -> int: ...
    @property
    def clock_rate(self) -> int: ...
    @property
    def newest(self) -> Entry | None: ...
    def entry(self, number: int) -> Entry | None: ...
    def request_keyframe(self) -> None: ...


class Outlet:
    """A place of a participant's connection: a voice or a picture comes out of it.

    Numbers and timestamps begin anywhere (RFC 3550 §5.1), and go on when the source is another: a
    receiver takes it all for one stream.
    """

    def __init__(
        self,
        kind: str,
        ssrc: int,
        payload_type: int,
        send_time_id: int,
        context: Any,
        send: Send,
    ) -> None:
        self.kind = kind
        self.ssrc = ssrc
        self.payload_type = payload_type
        # Id of the abs-send-time extension, 0 for none: by it a receiver estimates its line.
        self.send_time_id = send_time_id
        self.context = context
        self.send = send
        self.source: Feed | None = None
        # Until a picture can begin; and held back, although there is one.
        self.waiting = True
        self.paused = False
        # The source's number with which it began here; from its numbers and times to ours.
        self.began = 0
        self.shift = self.time_shift = 0
        self.sent_again = 0
        # The next number; the last timestamp, and when that was (seconds of our clock).
        self._next = secrets.randbits(15)
        self._last = (secrets.randbits(31), 0.0)
        # Packets and octets: of the sources before this one, and of this one before it began here.
        self._sent, self._base = (0, 0), (0, 0)

    # ------------------------------------------------------------ sources

    def begin_with(self, source: Feed | None) -> None:
        """Get this source from its next keyframe on, or nothing; the one before ends here."""
        self._break_off()
        self.source = source

    def pause(self, paused: bool) -> None:
        """Hold the source back here, or let it begin again with a keyframe."""
        if paused == self.paused:
            return
        self.paused = paused
        if paused:
            self._break_off()
        elif self.source:
            self.source.request_keyframe()

    def begin(self, entry: Entry) -> bool:
        """Begin with this packet, if anything may; say whether it did."""
        source = self.source
        if self.paused or source is None:
            return False
        timestamp, at = self._last
        passed = max(1, int((entry.at - at) * source.clock_rate)) if at else 0
        self.waiting, self.began = False, entry.number
        self.shift = self._next - entry.number
        self.time_shift = timestamp + passed - entry.timestamp
        self._base = source.packets - 1, source.octets - len(entry.payload)
        return True

    def _break_off(self) -> None:
        """Remember where our numbers are, before another source continues them."""
        source = self.source
        newest = source.newest if source and not self.waiting else None
        if newest is not None:
            self._sent = self.counts()
            self._next = newest.number + self.shift + 1
            self._last = newest.timestamp + self.time_shift, newest.at
        self.waiting = True

    # ------------------------------------------------------------ what subscribers ask and hear

    def resend(self, sequence: int, bench: Workbench) -> bool:
        """Send a packet again that was missed; say whether it is still there (RFC 4585 §6.2.1).

        The same plain bytes under the same number give the same protected bytes. Other bytes under
        a number that was used would break AES-GCM (RFC 7714 §12), so what was sent before this
        source began here is never found.
        """
        source = self.source
        newest = source.newest if source and not self.waiting else None
        if source is None or newest is None:
            return False
        number = newest.number - ((newest.number + self.shift - sequence) & 0xFFFF)
        entry = source.entry(number) if number >= self.began else None
        if entry is None:
            return False
        self.sent_again += 1
        extension = self.send_time_id
        head = send_time_extension(extension, entry.at) if extension else b""
        size = HEADER.size + len(head) + len(entry.payload)
        HEADER.pack_into(
            bench.bytes,
            0,
            WITH_EXTENSION if extension else PLAIN,
            entry.marker | self.payload_type,
            number + self.shift & 0xFFFF,
            entry.timestamp + self.time_shift & 0xFFFFFFFF,
            self.ssrc,
        )
        bench.bytes[HEADER.size : size] = head + entry.payload
        bench.length[0] = size
        if not protect(self.context, bench.pointer, bench.length):
            self.send(bench.view[: bench.length[0]])
        return True

    def counts(self) -> tuple[int, int]:
        """Return packets and octets that went out here (RFC 3550 §6.4.1)."""
        packets, octets = self._sent
        if self.source is None or self.waiting:
            return packets, octets
        return (
            packets + self.source.packets - self._base[0],
            octets + self.source.octets - self._base[1],
        )
