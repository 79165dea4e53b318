"""Never are two different packets protected under one number (RFC 7714 §12), whatever happens.

Random histories run over real sources, outlets and contexts of libsrtp; what comes out is opened by
a reader that finds out each packet's real number by itself.
"""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from media.relay.source import HISTORY
from tests.media.relay.lines import Line, Publisher, Studio

SOURCES, PUBLISHERS, LINES = 2, 3, 3
source, publisher, line = (st.integers(0, most - 1) for most in (SOURCES, PUBLISHERS, LINES))
payload = st.sampled_from(["key", "inter", "padding"])
# Mostly the next number; sometimes a loss, rarely a leap as only an attacker makes it.
step = st.one_of(
    st.just(1),
    st.just(1),
    st.integers(1, 6),
    st.sampled_from([HISTORY - 1, HISTORY, HISTORY + 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF]),
)
back = st.one_of(st.integers(0, 8), st.sampled_from([HISTORY - 1, HISTORY, 0x7FFF, 0x8000]))
deeds = st.one_of(
    st.tuples(st.just("send"), source, publisher, step, payload),
    st.tuples(st.just("send"), source, publisher, step, payload),
    st.tuples(st.just("burst"), source, publisher, st.integers(2, 300), payload),
    st.tuples(st.just("late"), source, publisher, back, payload),
    st.tuples(st.just("release"), source, publisher),
    st.tuples(st.just("move"), line, st.none() | source),
    st.tuples(st.just("pause"), line, st.booleans()),
    st.tuples(st.just("nack"), line, back),
)


class History:
    """Sources, their publishers and whoever gets them, as a random history moves them about."""

    def __init__(self, starts: list[int]) -> None:
        self.studios = [Studio() for _ in range(SOURCES)]
        # A publisher's rank is its place; each has numbers of its own in each source.
        self.publishers = [[Publisher(rank) for rank in range(PUBLISHERS)] for _ in self.studios]
        self.numbers = [list(starts) for _ in self.studios]
        self.lines = [Line(send_time_id=index % 2 * 3) for index in range(LINES)]
        self.at: list[int | None] = [None] * LINES
        self.resent: list[bytes] = []
        self._count = 0
        self.deeds: dict[str, Callable[..., None]] = {
            "send": self.send,
            "burst": self.burst,
            "late": self.late,
            "release": self.release,
            "move": self.move,
            "pause": lambda where, paused: self.lines[where].outlet.pause(paused),
            "nack": self.nack,
        }

    def _fresh(self, kind: str) -> bytes:
        """Return a payload that no packet had before: only a resend may look like another."""
        self._count += 1
        return b"" if kind == "padding" else f"{kind} {self._count}".encode()

    def send(self, source: int, who: int, step: int, kind: str) -> None:
        self.numbers[source][who] += step
        number = self.numbers[source][who]
        self.studios[source].send(self.publishers[source][who], number, self._fresh(kind))

    def burst(self, source: int, who: int, many: int, kind: str) -> None:
        for _ in range(many):
            self.send(source, who, 1, kind)

    def late(self, source: int, who: int, back: int, kind: str) -> None:
        number = self.numbers[source][who] - back
        self.studios[source].send(self.publishers[source][who], number, self._fresh(kind))

    def release(self, source: int, who: int) -> None:
        self.studios[source].source.release(self.publishers[source][who])

    def move(self, where: int, to: int | None) -> None:
        before = self.at[where]
        if before is not None:
            self.studios[before].source.remove(self.lines[where].outlet)
        if to is not None:
            self.studios[to].source.add(self.lines[where].outlet)
        self.at[where] = to

    def nack(self, where: int, back: int) -> None:
        line = self.lines[where]
        if line.sent:
            newest = int.from_bytes(line.sent[-1][2:4], "big")
            # What is sent again is kept among the rest, to be held against it.
            if (again := line.resend(newest - back)) is not None:
                line.sent.append(again)


@settings(max_examples=400)
@given(
    st.lists(st.integers(0, 0xFFFF), min_size=PUBLISHERS, max_size=PUBLISHERS),
    st.lists(deeds, max_size=60),
)
def test_no_two_packets_are_ever_protected_under_one_number(
    starts: list[int], deeds: list[tuple[str, object]]
) -> None:
    history = History(starts)
    for where in range(LINES):
        history.move(where, 0)
    for name, *arguments in deeds:
        history.deeds[name](*arguments)
    for one in history.lines:
        seen: dict[int, bytes] = {}
        for packet in one.opened():
            assert seen.setdefault(packet.index, packet.protected) == packet.protected


def test_the_reader_would_notice() -> None:
    line, studio, publisher = Line(), Studio(), Publisher()
    studio.source.add(line.outlet)
    studio.send(publisher, 5, b"key one")
    line.outlet.shift -= 1  # what must never happen
    studio.send(publisher, 6, b"key two")
    one, other = line.opened()
    assert (one.index, one.protected) != (other.index, other.protected)
    assert one.index == other.index
