"""The life of a lead: one table of moves, and when somebody should speak to the customer again.

Pure rules; times are UTC milliseconds. `docs/leads.md` draws the table.
"""

from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from booking.leads.lead import LeadState
from showroom.clock import DAY_MS, to_datetime
from showroom.errors import IllegalMove
from showroom.hours import HORIZON_DAYS, instant
from showroom.showrooms import Showroom

# A contacted lead is due at the end of so many opening days after today.
CONTACTED_DAYS = 3


class Move(StrEnum):
    """What can happen to a lead."""

    CONTACT = "contact"  # somebody spoke to them
    WIN = "win"
    LOSE = "lose"
    REOPEN = "reopen"


_S, _M = LeadState, Move

MOVES: dict[tuple[LeadState, Move], LeadState] = {
    (_S.NEW, _M.CONTACT): _S.CONTACTED,
    (_S.CONTACTED, _M.CONTACT): _S.CONTACTED,
    (_S.NEW, _M.WIN): _S.WON,
    (_S.CONTACTED, _M.WIN): _S.WON,
    (_S.NEW, _M.LOSE): _S.LOST,
    (_S.CONTACTED, _M.LOSE): _S.LOST,
    (_S.WON, _M.REOPEN): _S.CONTACTED,
    (_S.LOST, _M.REOPEN): _S.CONTACTED,
}

OPEN = frozenset({_S.NEW, _S.CONTACTED})
# What news from elsewhere make of a lead: an order wins also one that was given up, and that it is
# cancelled opens a won one again. What is not here stays as it is.
WAYS: dict[tuple[LeadState, Move], tuple[Move, ...]] = {
    (_S.NEW, _M.WIN): (_M.WIN,),
    (_S.CONTACTED, _M.WIN): (_M.WIN,),
    (_S.LOST, _M.WIN): (_M.REOPEN, _M.WIN),
    (_S.WON, _M.REOPEN): (_M.REOPEN,),
}
# After these a lead is closed. Who makes one again changes nothing.
RESULTS = {_M.WIN: _S.WON, _M.LOSE: _S.LOST}
# What a lead's history says of a move.
HAPPENED = {
    _M.CONTACT: "contacted",
    _M.WIN: "won",
    _M.LOSE: "lost",
    _M.REOPEN: "reopened",
}


def after(state: LeadState, move: Move) -> LeadState:
    """Return where a move leads; raises `IllegalMove` when the table doesn't have it."""
    following = MOVES.get((state, move))
    if following is None:
        raise IllegalMove(f"A lead that is {state} can't do this. Reopen it first, or look again.")
    return following


def possible(state: LeadState) -> list[Move]:
    """Return the moves that a lead in this state can make."""
    return [move for move in Move if (state, move) in MOVES]


def due_when_new(showroom: Showroom, at_ms: int) -> int:
    """Return the end of the next opening day, that of `at_ms` included as long as it lasts."""
    return _end_of_day(showroom, at_ms, 0, 1)


def due_when_contacted(showroom: Showroom, now_ms: int) -> int:
    """Return the end of the third opening day after today."""
    return _end_of_day(showroom, now_ms, 1, CONTACTED_DAYS)


def _end_of_day(showroom: Showroom, at_ms: int, first: int, count: int) -> int:
    """Return when the `count`-th opening day ends that comes `first` days after `at_ms`, or later.

    A showroom that does not open any more still has leads: each day counts then.
    """
    here = ZoneInfo(showroom.zone)
    today = to_datetime(at_ms).astimezone(here).date()
    for ahead in range(first, HORIZON_DAYS):
        closes_ms = _closing(showroom, today + timedelta(days=ahead), here)
        if closes_ms is not None and closes_ms > at_ms:
            count -= 1
            if count == 0:
                return closes_ms
    return at_ms + (first + count) * DAY_MS


def _closing(showroom: Showroom, day: date, here: ZoneInfo) -> int | None:
    intervals = showroom.timetable.of(day)
    if not intervals:
        return None
    return instant(day, max(one.closes for one in intervals), here, last=True)
