"""At which times a visit can be booked: pure arithmetic over sets of minutes.

A stretch of time is one integer whose bit n stands for minute n, so that 'open, at work, not
absent, not taken' are a few operations on 43,000 bits, whatever the number of visits. Times that go
in and come out are UTC milliseconds since the epoch; minutes exist only in here.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import compress
from operator import or_

from showroom.ids import StaffId
from showroom.showrooms import VisitRules

MINUTE_MS = 60_000
BLOCK = 2048
# From, until; the end is not in it.
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Worker:
    """One advisor as slots see them: what they speak, when they work, what takes their time.

    `taken`: their visits, in whatever showroom, each with the buffers that were kept for it.
    """

    id: StaffId
    languages: Collection[str]
    working: Sequence[Span]
    absent: Sequence[Span] = ()
    taken: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which a visit can begin, and who could receive it."""

    starts_at: int
    workers: tuple[StaffId, ...]


def free_slots(
    rules: VisitRules,
    open_hours: Sequence[Span],
    workers: Sequence[Worker],
    language: str,
    now_ms: int,
    from_ms: int | None = None,
    until_ms: int | None = None,
    visits: Iterable[Span] = (),
) -> list[Slot]:
    """Return the slots from `now_ms` (plus the notice) on, first to last.

    `open_hours`: one span for each time the showroom opens, not joined: starts are counted from
    there in steps of `rules.step`. Only workers who speak `language` receive. `visits`, without
    buffers, are all that the showroom has: they count for the limit side by side. `from_ms` and
    `until_ms` narrow the search: no visit begins before the one, or ends after the other.
    """
    first_ms, end_ms = now_ms + rules.notice * MINUTE_MS, now_ms + rules.horizon * MINUTE_MS
    line = Line(
        now_ms if from_ms is None else max(now_ms, from_ms),
        end_ms if until_ms is None else min(end_ms, until_ms),
    )
    allowed = line.inside(open_hours) & line.inside([(first_ms, end_ms)])
    allowed &= ~line.full(visits, rules.side_by_side)
    grid = line.grid(open_hours, rules.step)
    speaking = [worker for worker in workers if language in worker.languages]
    # Many have the same hours, and then they are one and the same sequence.
    at_work = {id(worker.working): worker.working for worker in speaking}
    allowed_at_work = {which: allowed & line.inside(hours) for which, hours in at_work.items()}
    starts = {
        worker.id: line.room(
            allowed_at_work[id(worker.working)] & ~_busy(line, worker, rules), rules.length
        )
        & grid
        for worker in speaking
    }
    return list(_slots(line, starts))


def _busy(line: "Line", worker: Worker, rules: VisitRules) -> int:
    # The new visit has buffers of its own, and those of neighbours add up.
    before, after = rules.before * MINUTE_MS, rules.after * MINUTE_MS
    taken = [(begins - after, ends + before) for begins, ends in worker.taken]
    return line.touched([*worker.absent, *taken])


def _slots(line: "Line", starts: Mapping[StaffId, int]) -> Iterator[Slot]:
    # Read across: eight minutes of all workers at a time, so that the inner loops are the
    # interpreter's own.
    anybody = reduce(or_, starts.values(), 0)
    length = -(-anybody.bit_length() // 8)
    workers = tuple(starts)
    # The first row says where anybody is free at all.
    rows = (bits.to_bytes(length, "little") for bits in (anybody, *starts.values()))
    for index, (union, *column) in enumerate(zip(*rows, strict=True)):
        while union:
            lowest = union & -union
            who = tuple(compress(workers, map(lowest.__and__, column)))
            yield Slot(line.at(index * 8 + lowest.bit_length() - 1), who)
            union ^= lowest


class Line:
    """The minutes from one moment to another, and sets of them as integers."""

    def __init__(self, start_ms: int, end_ms: int) -> None:
        # Whole minutes: slots begin on them, wherever the present second is.
        self._start = start_ms // MINUTE_MS
        self._length = max(0, -(-end_ms // MINUTE_MS) - self._start)

    def at(self, minute: int) -> int:
        """Return when a minute begins."""
        return (self._start + minute) * MINUTE_MS

    def inside(self, spans: Iterable[Span]) -> int:
        """Return the minutes that lie in one of the spans completely."""
        return self._set((-(-begins // MINUTE_MS), ends // MINUTE_MS) for begins, ends in spans)

    def touched(self, spans: Iterable[Span]) -> int:
        """Return the minutes of which any part lies in one of the spans."""
        return self._set((begins // MINUTE_MS, -(-ends // MINUTE_MS)) for begins, ends in spans)

    def full(self, visits: Iterable[Span], most: int) -> int:
        """Return the minutes in which `most` visits run; none if there is no limit (0)."""
        if not most:
            return 0
        changes = Counter[int]()
        for begins, ends in visits:
            changes[begins] += 1
            changes[ends] -= 1
        running, since, spans = 0, 0, []
        for moment in sorted(changes):
            before, running = running, running + changes[moment]
            if before < most <= running:
                since = moment
            elif running < most <= before:
                spans.append((since, moment))
        return self.touched(spans)

    def grid(self, spans: Iterable[Span], step: int) -> int:
        """Return every `step`-th minute of each span, from its first one on."""
        bits = 0
        for begins, ends in spans:
            first, last = -(-begins // MINUTE_MS) - self._start, ends // MINUTE_MS - self._start
            if first < 0:
                first %= step
            starts = -(-(min(last, self._length) - first) // step)
            if starts > 0:
                # A geometric series: 1 + 2^step + 2^(2 step) + …
                bits |= ((1 << step * starts) - 1) // ((1 << step) - 1) << first
        return bits

    @staticmethod
    def room(bits: int, length: int) -> int:
        """Return the minutes from which on `length` minutes in a row are in the set."""
        reached = 1
        while reached < length:
            further = min(reached, length - reached)
            bits &= bits >> further
            reached += further
        return bits

    def _set(self, spans: Iterable[Span]) -> int:
        # In blocks, so that a month of spans is not a month of bits for each of them.
        start, end = self._start, self._length
        blocks: dict[int, int] = {}
        for begins, ends in spans:
            # Most lie in between: calls of `max` and `min` for each cost half of this loop.
            first, last = begins - start, ends - start
            if first < 0 or last > end:
                first, last = max(0, first), min(end, last)
            length = last - first
            if length > 0:
                block, place = divmod(first, BLOCK)
                blocks[block] = blocks.get(block, 0) | ((1 << length) - 1) << place
        bits = 0
        for block, part in blocks.items():
            bits |= part << block * BLOCK
        return bits
