"""What the subscribers' lines carry, as one figure for the publisher: pure rules.

A publisher sends one picture for all. Were it made for the worst line, one guest on a train would
blur it for everybody; were it made for the best, the others would see it freeze. So the worst line
counts as long as it carries a fair share of what most lines do. Whoever has less gets sound, and
the picture again when their line is better.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from statistics import median_high
from typing import Generic, TypeVar

# Below this share of what the middle line carries a line does not count.
FAIR_SHARE = 0.25
# Nobody's picture is better than none below this (bit/s): the smallest, at 8 frames a second.
LEAST = 25_000
# So long (seconds) has a line to be too narrow, before its picture is taken away.
PATIENCE = 3.0
# After so long it is tried again, each time twice as long, up to the last (seconds).
FIRST_RETRY, LAST_RETRY = 8.0, 60.0

# At most so much of what it may send does a browser keep for its sound (bit/s): Opus and headers.
SOUND = 64_000
# In about so long (seconds) it is learned how much.
SETTLES = 2.0

Subscriber = TypeVar("Subscriber")


def target(estimates: Iterable[int]) -> int | None:
    """Return what a publisher should send at most, in bit/s, or None when nobody has said."""
    known = sorted(estimates)
    if not known:
        return None
    least = max(LEAST, FAIR_SHARE * median_high(known))
    return min((one for one in known if one >= least), default=max(known[-1], LEAST))


@dataclass(slots=True)
class Allowance:
    """What a publisher is told, so that its picture comes to what its viewers' lines carry.

    Their estimates are of pictures alone, and hardly more than half as much again as came
    (libwebrtc: `ReceiveSideCongestionController`, `AimdRateControl`). A publisher takes the limit
    for everything, and keeps part of it for its sound whether anybody speaks or not. Were it not
    allowed that on top, a picture that began small would stay so: little comes, so nobody says that
    more would.
    """

    kept: float = 0.0
    at: float | None = None

    def limit(self, aim: int, sent: float, now: float) -> int:
        """Return the limit, in bit/s, for a picture of `aim` that has `sent` at present."""
        passed = 0.0 if self.at is None else min(now - self.at, SETTLES)
        self.at = now
        self.kept = min(max(self.kept + (aim - sent) * passed / SETTLES, 0.0), SOUND)
        return aim + round(self.kept)


@dataclass(slots=True)
class _Line:
    """How one line has done lately. Times in seconds."""

    narrow_since: float | None = None
    paused_until: float | None = None
    wide_since: float | None = None
    retry: float = FIRST_RETRY

    def judge(self, narrow: bool, now: float) -> bool:
        """Say whether the picture pauses on this line."""
        if self.paused_until is not None:
            if now < self.paused_until:
                return True
            self.paused_until = self.narrow_since = None
            return False
        if not narrow:
            self.narrow_since = None
            self.wide_since = now if self.wide_since is None else self.wide_since
            if now - self.wide_since >= LAST_RETRY:
                self.retry = FIRST_RETRY  # it has borne the picture: what was is forgotten
            return False
        self.wide_since = None
        self.narrow_since = now if self.narrow_since is None else self.narrow_since
        if now - self.narrow_since < PATIENCE:
            return False
        self.paused_until = now + self.retry
        self.retry = min(2 * self.retry, LAST_RETRY)
        return True


class Estimates(Generic[Subscriber]):
    """Decides whose picture has to pause. A line that is paused says nothing, so it is tried."""

    def __init__(self) -> None:
        self._lines: dict[Subscriber, _Line] = {}

    def paused(
        self,
        estimates: Mapping[Subscriber, int | None],
        now: float,
        served: Collection[Subscriber] = (),
    ) -> frozenset[Subscriber]:
        """Return who gets no picture for now. Of whom nothing is known, nothing is held back.

        `served`: whose line carries what is sent at present, however little they say it could: an
        estimate begins low, and grows only with what comes.
        """
        self._lines = {who: self._lines.get(who, _Line()) for who in estimates}
        aim = target(bitrate for bitrate in estimates.values() if bitrate is not None)
        found = set()
        for who, bitrate in estimates.items():
            narrow = bitrate is not None and aim is not None and bitrate < aim
            if self._lines[who].judge(narrow and who not in served, now):
                found.add(who)
        return frozenset(found)
