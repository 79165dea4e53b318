"""The line of a call as curves: both sides on one axis of time, for SVG, and the same as a table.

A curve is drawn into a box of `WIDTH` × `HEIGHT`, which the page stretches; its words stand beside.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from media.quality import KeptSample
from showroom.words import Side

WIDTH, HEIGHT = 1000, 100
# Pages send a sample every 5 s; over a longer gap no line is drawn.
GAP_MS = 12_000
MOST_ROWS = 60
STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
MOST_TICKS = 7
SIDES = (Side.CUSTOMER, Side.ADVISOR)


@dataclass(frozen=True, slots=True)
class Measure:
    """What a curve shows of a sample. `least` is the smallest top that its axis has; `together`
    says what several samples come to in one row of the table.
    """

    name: str
    of: Callable[[KeptSample], float | None]
    least: float
    together: Callable[[Sequence[float]], float]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


MEASURES = (
    Measure("received", lambda one: one.bitrate_in, 500_000, _mean),
    Measure("sent", lambda one: one.bitrate_out, 500_000, _mean),
    Measure("loss", lambda one: one.loss, 0.05, max),
    Measure("round_trip", lambda one: one.round_trip_ms, 200, max),
    Measure("frozen", lambda one: one.frozen_ms, 1000, sum),
)


@dataclass(frozen=True, slots=True)
class Curve:
    """One measure of both sides: `lines` are the points of its polylines, `top` ends its axis."""

    name: str
    top: float
    lines: dict[Side, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of time from `at_ms` on, with each side's measures by name; None: not known."""

    at_ms: int
    values: dict[Side, dict[str, float | None]]


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the axis: milliseconds after its begin, and its share of the whole, 0–1."""

    after_ms: int
    share: float


@dataclass(frozen=True, slots=True)
class Line:
    """All of it. `begin_ms` and `end_ms` are the axis's ends, UTC milliseconds."""

    begin_ms: int
    end_ms: int
    curves: tuple[Curve, ...]
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]
    step_ms: int


def line_of(samples: Sequence[KeptSample]) -> Line | None:
    """Return the line of a call from both sides' samples, in order; None when there are none."""
    if not samples:
        return None
    begin = min(one.sampled_at - round(one.seconds * 1000) for one in samples)
    end = max(one.sampled_at for one in samples)
    length = max(1, end - begin)
    own = {side: [one for one in samples if one.side is side] for side in SIDES}
    step = 1000 * _step(length / 1000, MOST_ROWS)
    return Line(
        begin,
        end,
        tuple(_curve(measure, own, begin, length) for measure in MEASURES),
        tuple(_ticks(length)),
        tuple(_rows(own, begin, end, step)),
        step,
    )


def _curve(measure: Measure, own: dict[Side, list[KeptSample]], begin: int, length: int) -> Curve:
    known = [value for them in own.values() for one in them if (value := measure.of(one))]
    top = _top(max([measure.least, *known]))
    lines = {side: tuple(_lines(measure, own[side], begin, length, top)) for side in SIDES}
    return Curve(measure.name, top, lines)


def _lines(
    measure: Measure, samples: Sequence[KeptSample], begin: int, length: int, top: float
) -> list[str]:
    """Return a polyline's points for each stretch without a gap."""
    lines: list[list[str]] = []
    last = None
    for one in samples:
        value = measure.of(one)
        if value is None:
            continue
        x = (one.sampled_at - begin) / length * WIDTH
        y = HEIGHT - value / top * HEIGHT
        if last is None or one.sampled_at - last > GAP_MS:
            # From where it was measured on: a single sample is a line, too.
            first = (one.sampled_at - one.seconds * 1000 - begin) / length * WIDTH
            lines.append([f"{first:.1f},{y:.1f}"])
        lines[-1].append(f"{x:.1f},{y:.1f}")
        last = one.sampled_at
    return [" ".join(points) for points in lines]


def _top(value: float) -> float:
    """Return the next round number: 1, 2 or 5 times a power of ten."""
    power = 1.0
    while power > value:
        power /= 10
    while power * 10 < value:
        power *= 10
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= value - 1e-9)


def _step(seconds: float, most: int) -> int:
    """Return the shortest round step, in seconds, of which `most` are enough."""
    hour = STEPS_S[-1]
    return next(
        (one for one in STEPS_S if one * most >= seconds), hour * ceil(seconds / hour / most)
    )


def _ticks(length: int) -> list[Tick]:
    step = 1000 * _step(length / 1000, MOST_TICKS)
    return [Tick(after, after / length) for after in range(0, length + 1, step)]


def _rows(own: dict[Side, list[KeptSample]], begin: int, end: int, step: int) -> list[Row]:
    rows = []
    for at in range(begin, end, step):
        values: dict[Side, dict[str, float | None]] = {}
        for side in SIDES:
            here = [one for one in own[side] if at < one.sampled_at <= at + step]
            values[side] = {}
            for measure in MEASURES:
                known = [value for one in here if (value := measure.of(one)) is not None]
                values[side][measure.name] = measure.together(known) if known else None
        if any(value is not None for one in values.values() for value in one.values()):
            rows.append(Row(at, values))
    return rows
