"""What the calls of a period came to, for the manager's page of today: calls at hand
(`DayFigures.of`) and those in SQL (`sums`). The rules stand in `showroom.measures`; those of the
calls at hand say the same again, and a test holds them together.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol

import sqlalchemy as sa

from showroom.measures import MEASURES
from showroom.tables import calls
from showroom.words import ABANDONED, EndReason, Outcome


class Counted(Protocol):
    """What is counted of a call; the fields of `CallRecord`."""

    @property
    def answered_at(self) -> int | None: ...
    @property
    def end_reason(self) -> EndReason | None: ...
    @property
    def missed(self) -> int: ...
    @property
    def waited_ms(self) -> int: ...
    @property
    def talked_ms(self) -> int | None: ...
    @property
    def rating(self) -> int | None: ...
    @property
    def outcome(self) -> Outcome | None: ...


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What the calls of a period came to. A call counts in the period in which it was requested.

    - `answered`: an advisor accepted, whatever came of it (`answered_at` is set);
    - `abandoned`: it ended in the queue, before anybody had accepted;
    - `missed_rings`: rings that passed without an answer; one call can have several;
    - `waiting_ms_*`: from request to accept or to the end in the queue, over these two kinds of
      calls only: who still waits is not counted yet;
    - `talking_ms_total`: from the first picture to the end (`CallRecord.talked_ms`), over the
      `talks` that had both: a call whose picture never came is answered, but no talk;
    - `outcomes`: closed calls by outcome.

    `calls` is more than `answered` + `abandoned` while somebody waits.
    """

    calls: int
    answered: int
    abandoned: int
    missed_rings: int
    waiting_ms_total: int
    waiting_ms_max: int
    talking_ms_total: int
    rating_sum: int
    rating_count: int
    outcomes: Mapping[Outcome, int]
    talks: int

    @property
    def waiting_ms_average(self) -> int | None:
        """The mean wait; None without any."""
        waits = self.answered + self.abandoned
        return round(self.waiting_ms_total / waits) if waits else None

    @property
    def talking_ms_average(self) -> int | None:
        """The mean length of a talk; None without any."""
        return round(self.talking_ms_total / self.talks) if self.talks else None

    @property
    def rating_average(self) -> float | None:
        """The mean of the ratings from 1 to 5; None without any."""
        return self.rating_sum / self.rating_count if self.rating_count else None

    @classmethod
    def of(cls, records: Iterable[Counted]) -> "DayFigures":
        """Count calls at hand, as `CallRecords.figures` counts those in SQL."""
        known = tuple(records)
        answered = [c for c in known if c.answered_at is not None]
        abandoned = [c for c in known if c.answered_at is None and c.end_reason in ABANDONED]
        waits = [c.waited_ms for c in (*answered, *abandoned)]
        talks = [c.talked_ms for c in known if c.talked_ms is not None]
        ratings = [c.rating for c in known if c.rating is not None]
        return cls(
            calls=len(known),
            answered=len(answered),
            abandoned=len(abandoned),
            missed_rings=sum(c.missed for c in known),
            waiting_ms_total=sum(waits),
            waiting_ms_max=max(waits, default=0),
            talking_ms_total=sum(talks),
            rating_sum=sum(ratings),
            rating_count=len(ratings),
            outcomes=Counter(c.outcome for c in known if c.outcome is not None),
            talks=len(talks),
        )

    def __add__(self, other: "DayFigures") -> "DayFigures":
        """Return the figures of two sets of calls that have none in common."""
        return DayFigures(
            calls=self.calls + other.calls,
            answered=self.answered + other.answered,
            abandoned=self.abandoned + other.abandoned,
            missed_rings=self.missed_rings + other.missed_rings,
            waiting_ms_total=self.waiting_ms_total + other.waiting_ms_total,
            waiting_ms_max=max(self.waiting_ms_max, other.waiting_ms_max),
            talking_ms_total=self.talking_ms_total + other.talking_ms_total,
            rating_sum=self.rating_sum + other.rating_sum,
            rating_count=self.rating_count + other.rating_count,
            outcomes=Counter(self.outcomes) + Counter(other.outcomes),
            talks=self.talks + other.talks,
        )


# Where these figures call a measure by another name.
NAMES = {
    "calls": "offered",
    "waiting_ms_total": "waiting_ms_sum",
    "talking_ms_total": "talking_ms_sum",
}


def sums() -> sa.Select[*tuple[Any, ...]]:
    """Return the query for all figures but the outcomes; its columns are named as they are."""
    names = [field.name for field in fields(DayFigures) if field.name != "outcomes"]
    return sa.select(*(MEASURES[NAMES.get(name, name)].label(name) for name in names)).select_from(
        calls
    )
