"""The manager's read model: today's figures and the list of calls, from SQL and Redis together.

Ended calls are in SQL half a second after their end; until then Redis has them, marked unsaved.
Where both know a call, the newer version counts, so the figures are right to the call.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from showroom.calls import CallRecords, DayFigures
from showroom.clock import to_datetime, to_ms
from showroom.showrooms import Showroom

CALLS_SHOWN = 200


def day_bounds(zone: str, now_ms: int) -> tuple[int, int]:
    """Return the present day's begin and end in `zone`; 23, 24 or 25 hours apart."""
    local = to_datetime(now_ms).astimezone(ZoneInfo(zone))
    begin = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    following = (begin + timedelta(days=1)).replace(hour=0)
    return to_ms(begin), to_ms(following)


async def today(
    records: CallRecords, showroom: Showroom, now_ms: int, names: dict[Any, str]
) -> dict[str, Any]:
    """Return the figures and the newest calls of the showroom's present day."""
    begin, end = day_bounds(showroom.zone, now_ms)
    figures = await records.figures(showroom.id, begin, end)
    calls = await records.page(showroom.id, begin, end, CALLS_SHOWN)
    return {
        "figures": {
            **figures_data(figures),
            "zone": showroom.zone,
            "day": to_datetime(begin).astimezone(ZoneInfo(showroom.zone)).date().isoformat(),
        },
        "calls": [call_data(call, names) for call in calls],
    }


def figures_data(figures: DayFigures) -> dict[str, Any]:
    """Return the figures with their averages; an average of nothing is null, not zero."""
    data = asdict(figures)
    return {
        "calls": figures.calls,
        "answered": figures.answered,
        "abandoned": figures.abandoned,
        "missed_rings": figures.missed_rings,
        "waiting_avg_ms": _mean(figures.waiting_ms_total, figures.calls),
        "waiting_max_ms": figures.waiting_ms_max,
        "talking_avg_ms": _mean(figures.talking_ms_total, figures.answered),
        "rating_avg": figures.rating_sum / figures.rating_count if figures.rating_count else None,
        "rating_count": figures.rating_count,
        "outcomes": {str(name): count for name, count in data["outcomes"].items()},
    }


def _mean(total: int, count: int) -> int | None:
    return round(total / count) if count else None


def call_data(call: Any, names: dict[Any, str]) -> dict[str, Any]:
    """Return one call for the manager's list."""
    talked = (call.ended_at or 0) - (call.answered_at or 0) if call.answered_at else None
    return {
        "id": call.id,
        "state": call.state,
        "created_at": call.created_at,
        "waited_ms": call.waited_ms,
        "talked_ms": talked,
        "advisor": names.get(call.advisor_id) if call.advisor_id else None,
        "vehicle": call.vehicle,
        "language": call.language,
        "end_reason": call.end_reason,
        "outcome": call.outcome,
        "outcome_reason": call.outcome_reason,
        "rating": call.rating,
        "comment": call.comment,
        "quality": call.quality,
        "notes": call.notes,
    }


def event_data(events: Sequence[Any]) -> list[dict[str, Any]]:
    """Return a call's timeline."""
    return [asdict(event) for event in events]
