"""The life of a reservation: one table of moves, and its last moment. Pure; times are UTC ms.

given ──redeem──▶ redeemed      at the dealer's
given ──expire──▶ expired       its last day is over
given ──cancel──▶ cancelled     by the customer, or by staff for them
"""

import secrets
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from showroom.days import today
from showroom.errors import IllegalMove
from showroom.hours import instant

# Without 0 and O, 1, I and L, and U, which sounds like a word with its neighbours.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
# A reminder goes out in the morning of the day that is so many days before the last one.
REMINDED_DAYS, REMINDED_AT_MINUTE = 2, 10 * 60


class ReservationState(StrEnum):
    """Where a reservation stands."""

    GIVEN = "given"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """What can happen to it."""

    REDEEM = "redeem"
    EXPIRE = "expire"
    CANCEL = "cancel"


_S, _M = ReservationState, Move

MOVES: dict[tuple[ReservationState, Move], ReservationState] = {
    (_S.GIVEN, _M.REDEEM): _S.REDEEMED,
    (_S.GIVEN, _M.EXPIRE): _S.EXPIRED,
    (_S.GIVEN, _M.CANCEL): _S.CANCELLED,
}


def after(state: ReservationState, move: Move) -> ReservationState:
    """Return where a move leads; raises `IllegalMove` when the table doesn't have it."""
    following = MOVES.get((state, move))
    if following is None:
        raise IllegalMove(f"This reservation is {state} already. Ask the showroom for a new one.")
    return following


def expires_at(zone: str, given_at: int, days: int) -> int:
    """Return when a reservation is over: as the last of `days` days after today ends there.

    `zone` is the dealer's (IANA). The day on which it is given does not count, so that nobody has
    less time than was promised; a day has the hours that it has there, also when clocks change.
    """
    last = today(zone, given_at) + timedelta(days=days)
    return instant(last + timedelta(days=1), 0, ZoneInfo(zone))


def reminded_at(zone: str, over_at: int) -> int:
    """Return when its holder is reminded: in the dealer's morning, two days before the last day."""
    last = today(zone, over_at - 1)
    return instant(last - timedelta(days=REMINDED_DAYS), REMINDED_AT_MINUTE, ZoneInfo(zone))


def new_code() -> str:
    """Return a code of 39 random bits that can be read out loud."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def spoken(code: str) -> str:
    """Return a code as it is shown: in two halves."""
    half = CODE_LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def plain(code: str) -> str:
    """Return a code as it is kept, however somebody typed it."""
    return "".join(sign for sign in code.upper() if sign in ALPHABET)
