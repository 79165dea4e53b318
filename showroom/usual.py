"""What a day of the week has usually come to by this time of day, to set today against."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from showroom.asking import Figures
from showroom.call_figures import CallFigures
from showroom.clock import to_datetime
from showroom.days import STEP_MS
from showroom.hours import instant
from showroom.ids import ShowroomId
from showroom.showrooms import Showroom

WEEKS = 8


@dataclass(frozen=True, slots=True)
class Usual:
    """Means over `days` of the same weekday, each until the same time by the showroom's clock.

    `missed_rings` and the like are means of counts; times and the rating, of all their calls.
    """

    days: int
    calls: float
    answered: float
    abandoned: float
    missed_rings: float
    waiting_avg_ms: float | None
    talking_avg_ms: float | None
    rating_avg: float | None


class UsualDay:
    """Asks the rollups, at most once in a quarter of an hour: the past hardly changes."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._known: dict[ShowroomId, tuple[int, Usual | None]] = {}

    async def so_far(self, showroom: Showroom, now_ms: int) -> Usual | None:
        """Return what the last eight of this weekday had come to by the last full quarter of an
        hour; None when none of them had a call. Weeks before the first call of them don't count.
        """
        quarter = now_ms - now_ms % STEP_MS
        at, known = self._known.get(showroom.id, (None, None))
        if at == quarter:
            return known
        found = [await self._figures.figures(showroom, *day) for day in _days(showroom, quarter)]
        usual = _mean([day[""] for day in found])
        self._known[showroom.id] = quarter, usual
        return usual


def _days(showroom: Showroom, until_ms: int) -> list[tuple[int, int]]:
    """Return the stretches to count, the newest first."""
    here = ZoneInfo(showroom.zone)
    now = to_datetime(until_ms).astimezone(here)
    minutes = now.hour * 60 + now.minute
    dates = [now.date() - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    return [(instant(day, 0, here), instant(day, minutes, here)) for day in dates]


def _mean(days: list[CallFigures]) -> Usual | None:
    while days and not days[-1].offered:
        days.pop()
    if not days:
        return None

    def total(name: str) -> int:
        return sum(getattr(day, name) for day in days)

    def share(part: str, *whole: str) -> float | None:
        count = sum(map(total, whole))
        return total(part) / count if count else None

    return Usual(
        days=len(days),
        calls=total("offered") / len(days),
        answered=total("answered") / len(days),
        abandoned=total("abandoned") / len(days),
        missed_rings=total("missed_rings") / len(days),
        waiting_avg_ms=share("waiting_ms_sum", "answered", "abandoned"),
        talking_avg_ms=share("talking_ms_sum", "talks"),
        rating_avg=share("rating_sum", "rating_count"),
    )
