"""From the timestamps of what somebody publishes to one clock for all of a recording: ours.

By the arrival of those packets that took the shortest way; and a picture by its publisher's reports
(RFC 3550 §6.4.1), which tie it to the same publisher's voice.
"""

from media.relay.inflow import SenderReport

# The shortest way is looked for anew every so many seconds: clocks drift, and ways change.
WINDOW = 10.0
# At its beginning a timeline jumps to what it learns; later it moves by this much a packet (s).
SETTLING = 1.0
STEP = 0.002
# A report that says something else than arrival does by more than this is nonsense (seconds).
NONSENSE = 2.0


class Timeline:
    """One source's. Timestamps have 32 bits; times are seconds of our clock."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._newest: int | None = None
        self._began = self._window_began = 0.0
        self._offset = self._goal = self._shortest = 0.0
        self._told: float | None = None

    def place(self, timestamp: int, came: float) -> float:
        """Return when what has this timestamp was, of a packet that came at `came`."""
        ticks = self._unwrap(timestamp)
        way = came - ticks / self._rate
        if self._newest is None:
            self._offset = self._goal = self._shortest = way
            self._began = self._window_began = came
        if self._newest is None or ticks > self._newest:
            self._newest = ticks
        self._learn(way, came)
        return ticks / self._rate + self._offset

    def _learn(self, way: float, came: float) -> None:
        self._shortest = min(self._shortest, way)
        self._goal = min(self._goal, self._shortest)
        if came - self._window_began > WINDOW:
            self._goal, self._shortest, self._window_began = self._shortest, way, came
        goal = self._goal if self._told is None else self._told
        change = goal - self._offset
        if came - self._began > SETTLING:
            change = max(-STEP, min(STEP, change))
        self._offset += change

    def when(self, timestamp: int) -> float | None:
        """Return when that was, or None as long as nothing came."""
        if self._newest is None:
            return None
        return self._unwrap(timestamp) / self._rate + self._offset

    def tie(self, own: SenderReport, voice: SenderReport, voice_was: float | None) -> None:
        """Go by the publisher's own clock. `voice_was`: when the voice's report's moment was.

        Both reports' timestamps are the source's own.
        """
        if voice_was is None or self._newest is None:
            return
        moment = voice_was + (own.ntp - voice.ntp) / (1 << 32)
        told = moment - self._unwrap(own.timestamp) / self._rate
        if abs(told - self._goal) < NONSENSE:
            self._told = told

    def _unwrap(self, timestamp: int) -> int:
        if self._newest is None:
            return timestamp
        step = (timestamp - self._newest) & 0xFFFFFFFF
        return self._newest + (step - (1 << 32) if step & 0x80000000 else step)
