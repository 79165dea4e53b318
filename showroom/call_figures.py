"""What some calls came to, and what is made of it: docs/figures.md says it in words."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from showroom.measures import LONGEST, MEASURES, outcome_name, quality_name
from showroom.words import Outcome, Quality


@dataclass(frozen=True, slots=True)
class CallFigures:
    """What some calls came to: counts and sums, and what is made of them. Times are milliseconds.

    `…_squares` are sums of squares: of tenths of a second, and of stars.

    `waits` says how many of the calls that were answered or abandoned waited for so many seconds,
    a begun second included. A rate or a mean over nothing is None.
    """

    offered: int = 0
    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    short_abandons: int = 0
    rings: int = 0
    missed_rings: int = 0
    waiting_ms_sum: int = 0
    waiting_ms_max: int = 0
    talks: int = 0
    talking_ms_sum: int = 0
    talking_squares: int = 0
    wrap_ups: int = 0
    wrap_up_ms_sum: int = 0
    wrap_up_squares: int = 0
    rating_sum: int = 0
    rating_squares: int = 0
    rating_count: int = 0
    qualities: Mapping[Quality, int] = field(default_factory=dict)
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    waits: Mapping[int, int] = field(default_factory=dict)

    @property
    def answer_rate(self) -> float | None:
        """The share of offered calls that somebody answered."""
        return _share(self.answered, self.offered)

    @property
    def abandon_rate(self) -> float | None:
        """The share of offered calls that ended in the queue."""
        return _share(self.abandoned, self.offered)

    @property
    def service_level(self) -> float | None:
        """The share answered within 20 s, of all that were offered but the short abandons."""
        return _share(self.answered_in_time, self.offered - self.short_abandons)

    @property
    def waiting_ms_average(self) -> float | None:
        """The mean wait of those who were answered or gave up."""
        return _share(self.waiting_ms_sum, self.answered + self.abandoned)

    @property
    def talking_ms_average(self) -> float | None:
        """The mean length of a talk."""
        return _share(self.talking_ms_sum, self.talks)

    @property
    def wrap_up_ms_average(self) -> float | None:
        """The mean time from the end of a call to its outcome."""
        return _share(self.wrap_up_ms_sum, self.wrap_ups)

    @property
    def rating_average(self) -> float | None:
        """The mean of the ratings from 1 to 5."""
        return _share(self.rating_sum, self.rating_count)

    @property
    def rings_per_answer(self) -> float | None:
        """How many rings it took for each call that was answered."""
        return _share(self.rings, self.answered)

    def occupancy(self, at_work_ms: int) -> float | None:
        """Return the share of `at_work_ms` that went into talks and wrap-up."""
        return _share(self.talking_ms_sum + self.wrap_up_ms_sum, at_work_ms)

    def waiting_seconds(self, share: float) -> int | None:
        """Return in how many seconds `share` (0 to 1) of the waits were over; None without any.

        The nearest rank: the smallest wait that at least this share do not exceed.
        """
        rank = max(1, math.ceil(share * sum(self.waits.values())))
        for seconds in sorted(self.waits):
            rank -= self.waits[seconds]
            if rank <= 0:
                return seconds
        return None

    @classmethod
    def of(cls, sums: Mapping[str, int], waits: Mapping[int, int]) -> Self:
        """Return the figures of the measures by name, and of the waits."""
        return cls(
            **{name: sums.get(name, 0) for name in PLAIN},
            qualities={one: n for one in Quality if (n := sums.get(quality_name(one), 0))},
            outcomes={one: n for one in Outcome if (n := sums.get(outcome_name(one), 0))},
            waits=dict(waits),
        )


def together(parts: Iterable[CallFigures]) -> CallFigures:
    """Return what groups of calls came to as one; they have no call in common."""
    known = tuple(parts)
    added: dict[str, Any] = {
        one.name: sum(getattr(part, one.name) for part in known)
        for one in fields(CallFigures)
        if one.type is int
    }
    added[LONGEST] = max((part.waiting_ms_max for part in known), default=0)
    for name in ("qualities", "outcomes", "waits"):
        total: Counter[Any] = Counter()
        for part in known:
            total.update(getattr(part, name))
        added[name] = dict(total)
    return CallFigures(**added)


SPREAD = {*map(quality_name, Quality), *map(outcome_name, Outcome)}
PLAIN = tuple(name for name in MEASURES if name not in SPREAD)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
