"""One thing that somebody publishes: their voice, or their picture; and who gets it.

Whoever publishes may be replaced: a page that is loaded anew, another phone, a connection that was
made again. Subscribers notice nothing but a keyframe: a source numbers its packets itself, without
holes where padding was, and goes on counting where the stream before it ended.
"""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from media.inside import Workbench, protect
from media.relay.keyframes import IsKeyframe
from media.relay.outlet import Entry, Outlet
from media.relay.rtp import HEADER, PLAIN, WITH_EXTENSION, Packet, send_time_extension

# Packets that can be sent again: 5 s of 720p, or 20 s of sound.
HISTORY = 1024
_PLACE = HISTORY - 1
# Padding that may still change the number of a packet that comes late.
REMEMBERED_PADDING = 256


class Stream(Protocol):
    """What a source is fed by: one SSRC of one connection."""

    @property
    def rank(self) -> int:
        """Which of two streams goes on: the one of the newer connection."""

    def request_keyframe(self) -> None:
        """Ask the publisher for a picture that needs no earlier one."""


Tap = Callable[[Entry], None]


class Source:
    """A voice or a picture in a room, whichever connection brings it."""

    def __init__(self, kind: str, clock_rate: int, bench: Workbench) -> None:
        self.kind = kind
        self.clock_rate = clock_rate
        self.outlets: list[Outlet] = []
        # Whoever wants the packets as they are forwarded: a recorder.
        self.taps: list[Tap] = []
        self.stream: Stream | None = None
        self.newest: Entry | None = None
        self.packets = 0
        self.octets = 0
        self._bench = bench
        self._ring: list[Entry | None] = [None] * HISTORY
        # The stream's last number, and the same without wrapping; from its numbers and times to
        # ours; and those of its numbers that were nothing but padding.
        self._incoming = self._unwrapped = 0
        self._shift = self._time_shift = 0
        self._began = 0
        self._padding: deque[int] = deque(maxlen=REMEMBERED_PADDING)

    # ------------------------------------------------------------ what comes in

    def take(self, stream: Stream, packet: Packet, is_keyframe: IsKeyframe, now: float) -> None:
        """Forward a packet to all who get this source. `now`: seconds of our clock."""
        key = bool(packet.payload) and is_keyframe(packet.payload)
        if stream is not self.stream and not self._switch(stream, packet, key, now):
            return
        step = (packet.sequence - self._incoming) & 0xFFFF
        late = step == 0 or step >= 0x8000
        unwrapped = self._unwrapped + (step - 0x10000 if step >= 0x8000 else step)
        if not late:
            self._incoming, self._unwrapped = packet.sequence, unwrapped
        if not packet.payload:
            self._take_padding(unwrapped, late)
            return
        number = unwrapped + self._shift
        if late:
            number += sum(padding > unwrapped for padding in self._padding)
            if not self._is_free(number, unwrapped):
                return
        timestamp = (packet.timestamp + self._time_shift) & 0xFFFFFFFF
        entry = Entry(number, timestamp, packet.marker, packet.payload, now)
        self._ring[number & _PLACE] = entry
        if not late:
            self.newest = entry
        self.packets += 1
        self.octets += len(packet.payload)
        self._fan_out(entry, key)
        for tap in self.taps:
            tap(entry)

    def _switch(self, stream: Stream, packet: Packet, key: bool, now: float) -> bool:
        """Go over to another stream, if its picture can begin here. Say whether it happened."""
        if self.stream is not None and stream.rank < self.stream.rank:
            return False
        if not key:
            # The one before goes on until then: a page that reconnects leaves no hole.
            stream.request_keyframe()
            return False
        self.stream = stream
        # As if the packet before this one had just come.
        self._unwrapped = packet.sequence - 1
        self._incoming = self._unwrapped & 0xFFFF
        self._padding.clear()
        if self.newest is not None:
            passed = max(1, int((now - self.newest.at) * self.clock_rate))
            self._shift = self.newest.number + 1 - packet.sequence
            self._time_shift = self.newest.timestamp + passed - packet.timestamp
        self._began = packet.sequence + self._shift
        return True

    def _is_free(self, number: int, unwrapped: int) -> bool:
        """Say whether a packet that comes late may have this number. A number that was used for
        other bytes would break AES-GCM (RFC 7714 §12) at everybody who gets this source."""
        if number < self._began or self.newest is None:
            return False
        if len(self._padding) == REMEMBERED_PADDING and unwrapped < self._padding[0]:
            return False  # how much padding came after it is not known any more
        return number > self.newest.number - HISTORY and self.entry(number) is None

    def _take_padding(self, unwrapped: int, late: bool) -> None:
        """Close the hole that a probe for bandwidth leaves. One that comes late stays a hole."""
        if not late:
            self._padding.append(unwrapped)
            self._shift -= 1

    def release(self, stream: Stream) -> None:
        """A stream is over: any other may go on from here."""
        if self.stream is stream:
            self.stream = None

    # ------------------------------------------------------------ what goes out

    def add(self, outlet: Outlet) -> None:
        """Let somebody get this source, from the next keyframe on."""
        outlet.begin_with(self)
        self.outlets.append(outlet)
        self.request_keyframe()

    def remove(self, outlet: Outlet) -> None:
        """Let somebody get it no more."""
        if outlet in self.outlets:
            self.outlets.remove(outlet)
            outlet.begin_with(None)

    def request_keyframe(self) -> None:
        """Ask whoever publishes at present for a keyframe; of a voice nothing is asked."""
        if self.kind == "video" and self.stream is not None:
            self.stream.request_keyframe()

    def timestamp_of(self, stream_timestamp: int) -> int:
        """Return our timestamp for one of the present stream, as its reports name it."""
        return (stream_timestamp + self._time_shift) & 0xFFFFFFFF

    def entry(self, number: int) -> Entry | None:
        """Return a packet of the history by our number, or None when it is gone."""
        found = self._ring[number & _PLACE]
        return found if found and found.number == number else None

    def _fan_out(self, entry: Entry, key: bool) -> None:
        """Send a packet to all. The hot path: what is the same for all is done before the loop."""
        number, timestamp, marker, payload, at = entry
        bench = self._bench
        buffer, view, pointer, length = bench.bytes, bench.view, bench.pointer, bench.length
        tails: dict[int, bytes] = {}
        pack = HEADER.pack_into
        for outlet in self.outlets:
            if outlet.waiting:
                if not key or not outlet.begin(entry):
                    continue
            elif number < outlet.began:
                continue  # late, and its number was another source's here
            extension = outlet.send_time_id
            tail = tails.get(extension)
            if tail is None:
                tail = send_time_extension(extension, at) + payload if extension else payload
                tails[extension] = tail
            size = 12 + len(tail)
            pack(
                buffer,
                0,
                WITH_EXTENSION if extension else PLAIN,
                marker | outlet.payload_type,
                number + outlet.shift & 0xFFFF,
                timestamp + outlet.time_shift & 0xFFFFFFFF,
                outlet.ssrc,
            )
            buffer[12:size] = tail
            length[0] = size
            if protect(outlet.context, pointer, length):
                continue
            try:
                outlet.send(view[: length[0]])
            except OSError:
                continue  # their system takes nothing now: a picture is no letter
