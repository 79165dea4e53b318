"""One stream that comes in over a leg: an SSRC, what came of it, and the source that it feeds."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from media.relay.arrivals import Arrivals
from media.relay.keyframes import OF_CODEC
from media.relay.rtp import Packet
from media.relay.source import Source

# A keyframe costs as much as a second of picture: one is asked for at most this often (seconds).
KEYFRAME_PAUSE = 0.4


class SenderReport(NamedTuple):
    """What a publisher says of its clocks (RFC 3550 §6.4.1). `at`: seconds of our clock."""

    ntp: int
    timestamp: int
    at: float


class Inflow:
    """A stream. `ask_for_keyframe` tells the publisher at once."""

    def __init__(
        self,
        ssrc: int,
        payload_type: int,
        codec: str,
        rank: int,
        source: Source,
        ask_for_keyframe: Callable[[int], None],
    ) -> None:
        self.ssrc = ssrc
        self.payload_type = payload_type
        self.codec = codec
        self.rank = rank
        self.source = source
        self.arrivals = Arrivals(ssrc, source.clock_rate)
        self.sender_report: SenderReport | None = None
        self.keyframes_asked = 0
        self._is_keyframe = OF_CODEC[codec]
        self._ask = ask_for_keyframe
        self._asked_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def take(self, packet: Packet, now: float) -> None:
        """Forward a packet. `now`: seconds of our clock."""
        self.source.take(self, packet, self._is_keyframe, now)

    def request_keyframe(self) -> None:
        """Ask for a keyframe: now, or together with all who ask until the pause is over."""
        if self._timer is not None or self.source.kind != "video":
            return
        loop = asyncio.get_running_loop()
        wait = self._asked_at + KEYFRAME_PAUSE - loop.time()
        if wait > 0:
            # Put off, never dropped: whoever joined meanwhile would see nothing for long.
            self._timer = loop.call_later(wait, self._ask_now)
        else:
            self._ask_now()

    def _ask_now(self) -> None:
        self._timer = None
        self._asked_at = asyncio.get_running_loop().time()
        self.keyframes_asked += 1
        self._ask(self.ssrc)

    def close(self) -> None:
        """The connection is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.source.release(self)
