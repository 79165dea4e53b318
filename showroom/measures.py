"""What is counted of calls: each rule once, as SQL over `calls`; in words: docs/figures.md.

All figures of calls in SQL are made of these, and so are the rollups. `DayFigures.of` says some of
them again, for calls that are still at hand; a test holds the two together.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from showroom.tables import calls
from showroom.words import ABANDONED, Outcome, Quality

IN_TIME_MS = 20_000
SHORT_MS = 5_000

ANSWERED = calls.c.answered_at.is_not(None)
GAVE_UP = ~ANSWERED & calls.c.end_reason.in_(ABANDONED)
# Who still waits is not counted yet.
WAITED = ANSWERED | GAVE_UP
TALKED = calls.c.live_at.is_not(None) & calls.c.ended_at.is_not(None)
WRAPPED_UP = (
    calls.c.outcome.is_not(None) & calls.c.ended_at.is_not(None) & calls.c.closed_at.is_not(None)
)


def _constant(value: int) -> sa.ColumnElement[int]:
    # Not a parameter: PostgreSQL must see that what it selects is what it groups by.
    return sa.literal_column(str(value), sa.BigInteger)


# Whole seconds, begun ones included: who waited 20.0 s is within 20, who waited 20.001 s is not.
WAITED_SECONDS = (calls.c.waited_ms + _constant(999)) // _constant(1000)


def outcome_name(outcome: Outcome) -> str:
    """Return the name of the measure that counts an outcome."""
    return f"outcome_{outcome.value}"


def quality_name(quality: Quality) -> str:
    """Return the name of the measure that counts a class of quality."""
    return f"quality_{quality.value}"


def _number(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count().filter(which)


def _sum(
    what: sa.ColumnElement[Any], which: sa.ColumnElement[bool] | None = None
) -> sa.ColumnElement[int]:
    total = sa.func.sum(what)
    return sa.func.coalesce(total if which is None else total.filter(which), 0)


def _squares(what: sa.ColumnElement[Any], which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    # Of tenths of a second: millions of calls of an hour each stay within 64 bits.
    tenths = (what + _constant(50)) // _constant(100)
    return _sum(tenths * tenths, which)


TALKING_MS = calls.c.ended_at - calls.c.live_at
WRAP_UP_MS = calls.c.closed_at - calls.c.ended_at

# By name; each is 0 over no calls. All add up, but `LONGEST`, of which the largest counts.
LONGEST = "waiting_ms_max"
MEASURES: Mapping[str, sa.ColumnElement[int]] = {
    "offered": sa.func.count(),
    "answered": _number(ANSWERED),
    "answered_in_time": _number(ANSWERED & (calls.c.waited_ms <= IN_TIME_MS)),
    "abandoned": _number(GAVE_UP),
    "short_abandons": _number(GAVE_UP & (calls.c.waited_ms < SHORT_MS)),
    "rings": _sum(calls.c.rings),
    "missed_rings": _sum(calls.c.missed),
    "waiting_ms_sum": _sum(calls.c.waited_ms, WAITED),
    LONGEST: sa.func.coalesce(sa.func.max(calls.c.waited_ms).filter(WAITED), 0),
    "talks": _number(TALKED),
    "talking_ms_sum": _sum(TALKING_MS, TALKED),
    "talking_squares": _squares(TALKING_MS, TALKED),
    "wrap_ups": _number(WRAPPED_UP),
    "wrap_up_ms_sum": _sum(WRAP_UP_MS, WRAPPED_UP),
    "wrap_up_squares": _squares(WRAP_UP_MS, WRAPPED_UP),
    "rating_sum": _sum(calls.c.rating),
    "rating_squares": _sum(calls.c.rating * calls.c.rating),
    "rating_count": sa.func.count(calls.c.rating),
    **{quality_name(one): _number(calls.c.quality == one.value) for one in Quality},
    **{outcome_name(one): _number(calls.c.outcome == one.value) for one in Outcome},
}
