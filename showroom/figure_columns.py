"""Figures as columns of a table: the same for `showroom figures show` and the manager's page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from showroom.call_figures import CallFigures, together
from showroom.noise import Sample, Share

Number = float | None
TENTH_MS = 100
F = TypeVar("F")


class Kind(StrEnum):
    """How a figure is counted, and so how it is written."""

    COUNT = "count"  # of calls, of people
    RATE = "rate"  # from 0 to 1
    TIME = "time"  # seconds
    MEAN = "mean"  # of stars, of rings


@dataclass(frozen=True, slots=True)
class Column(Generic[F]):
    """A figure. `figure` is its name in docs/figures.md; `share` says what a rate is made of,
    and `sample` what a mean is."""

    name: str
    figure: str
    kind: Kind
    of: Callable[[F], Number]
    share: Callable[[F], Share] | None = None
    sample: Callable[[F], Sample] | None = None


@dataclass(frozen=True, slots=True)
class Measured(Generic[F]):
    """What a page of figures is about: its columns, of which the first says how much there is.

    `nothing` are the figures of nothing at all, `together` adds up groups that have nothing in
    common.
    """

    columns: Sequence[Column[F]]
    nothing: F
    together: Callable[[Iterable[F]], F]

    @property
    def by_name(self) -> Mapping[str, Column[F]]:
        return {column.name: column for column in self.columns}

    def much(self, figures: F) -> float:
        """Return the first figure, by which groups are ordered and left out."""
        return self.columns[0].of(figures) or 0


def _seconds(milliseconds: Number) -> Number:
    return None if milliseconds is None else round(milliseconds / 1000, 1)


def _rounded(value: Number, digits: int) -> Number:
    return None if value is None else round(value, digits)


def _waited(figures: CallFigures) -> Sample:
    waits = figures.waits.items()
    return Sample(
        sum(calls for _, calls in waits),
        sum(seconds * calls for seconds, calls in waits),
        sum(seconds * seconds * calls for seconds, calls in waits),
    )


COLUMNS: Sequence[Column[CallFigures]] = (
    Column("offered", "offered", Kind.COUNT, lambda f: f.offered),
    Column("answered", "answered", Kind.COUNT, lambda f: f.answered),
    Column(
        "answer_rate", "answer_rate", Kind.RATE, lambda f: _rounded(f.answer_rate, 4),
        lambda f: Share(f.answered, f.offered),
    ),
    Column(
        "service_level", "service_level", Kind.RATE, lambda f: _rounded(f.service_level, 4),
        lambda f: Share(f.answered_in_time, f.offered - f.short_abandons),
    ),
    Column("abandoned", "abandoned", Kind.COUNT, lambda f: f.abandoned),
    Column("short_abandons", "short_abandons", Kind.COUNT, lambda f: f.short_abandons),
    Column("missed_rings", "missed_rings", Kind.COUNT, lambda f: f.missed_rings),
    Column(
        "waiting_average_s", "waiting_ms_average", Kind.TIME,
        lambda f: _seconds(f.waiting_ms_average), sample=_waited,
    ),
    Column("waiting_p50_s", "waiting_seconds", Kind.TIME, lambda f: f.waiting_seconds(0.5)),
    Column("waiting_p90_s", "waiting_seconds", Kind.TIME, lambda f: f.waiting_seconds(0.9)),
    Column(
        "waiting_max_s", "waiting_ms_max", Kind.TIME,
        lambda f: _seconds(f.waiting_ms_max if f.waits else None),
    ),
    Column("talks", "talks", Kind.COUNT, lambda f: f.talks),
    Column(
        "talking_average_s", "talking_ms_average", Kind.TIME,
        lambda f: _seconds(f.talking_ms_average),
        sample=lambda f: Sample(f.talks, f.talking_ms_sum / TENTH_MS, f.talking_squares),
    ),
    Column(
        "wrap_up_average_s", "wrap_up_ms_average", Kind.TIME,
        lambda f: _seconds(f.wrap_up_ms_average),
        sample=lambda f: Sample(f.wrap_ups, f.wrap_up_ms_sum / TENTH_MS, f.wrap_up_squares),
    ),
    Column(
        "rings_per_answer", "rings_per_answer", Kind.MEAN,
        lambda f: _rounded(f.rings_per_answer, 2),
    ),
    Column(
        "rating", "rating_average", Kind.MEAN, lambda f: _rounded(f.rating_average, 2),
        sample=lambda f: Sample(f.rating_count, f.rating_sum, f.rating_squares),
    ),
    Column("ratings", "rating_count", Kind.COUNT, lambda f: f.rating_count),
)  # fmt: skip
CALLS = Measured(COLUMNS, CallFigures(), together)
BY_NAME = CALLS.by_name


def cells(figures: CallFigures) -> tuple[Number, ...]:
    """Return the cells of `COLUMNS`: rates from 0 to 1, times in seconds; None is an empty one."""
    return tuple(column.of(figures) for column in COLUMNS)
