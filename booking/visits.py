"""The life of an appointment: one table of moves, and its deadlines. Pure; times are UTC ms.

`docs/architecture.md` draws the table. It is the only place that says what may follow what.
"""

from enum import StrEnum

from showroom.errors import IllegalMove
from showroom.showrooms import VisitRules
from showroom.words import AppointmentState

MINUTE_MS = 60_000
HOLD_MS = 5 * MINUTE_MS  # for the form
EARLY_MS = 10 * MINUTE_MS  # the page opens so long before the start
GUEST_MS = 10 * MINUTE_MS  # a customer may be so late
HOST_MS = 5 * MINUTE_MS  # and waits for an advisor so long
# A visit that waits or runs is looked at so often: the call stands in Redis, and tells nobody.
WAITING_LOOK_MS = 1_000
LIVE_LOOK_MS = 10_000


class Move(StrEnum):
    """What can happen to an appointment."""

    CONFIRM = "confirm"  # the form was sent
    LAPSE = "lapse"  # it was not, in time; or the hold was given back
    RESCHEDULE = "reschedule"
    REASSIGN = "reassign"  # another advisor, the same time
    CANCEL = "cancel"  # by the customer
    CALL_OFF = "call_off"  # by the showroom: no advisor is left for it
    CHECK_IN = "check_in"  # the customer has joined
    LEAVE = "leave"  # they left before anybody received them, and may come back
    RECEIVE = "receive"  # an advisor accepted their call
    HOST_MISSES = "host_misses"  # they waited for five minutes, and nobody came
    MISS = "miss"  # they did not come
    END = "end"  # the call is over


class VisitEnd(StrEnum):
    """Why a visit did not take place. One that did ends as its call did (`EndReason`)."""

    CANCELLED = "cancelled"  # by the customer
    CALLED_OFF = "called_off"  # by the showroom


_S, _M = AppointmentState, Move

MOVES: dict[tuple[AppointmentState, Move], AppointmentState] = {
    (_S.HELD, _M.CONFIRM): _S.BOOKED,
    (_S.HELD, _M.LAPSE): _S.LAPSED,
    # Whoever was slow with the form has the time all the same if nobody took it.
    (_S.LAPSED, _M.CONFIRM): _S.BOOKED,
    (_S.BOOKED, _M.RESCHEDULE): _S.BOOKED,
    (_S.BOOKED, _M.REASSIGN): _S.BOOKED,
    (_S.BOOKED, _M.CANCEL): _S.CANCELLED,
    (_S.BOOKED, _M.CALL_OFF): _S.CANCELLED,
    (_S.BOOKED, _M.CHECK_IN): _S.WAITING,
    (_S.BOOKED, _M.MISS): _S.NO_SHOW,
    # Another page of theirs, or the same one loaded again after its call was lost.
    (_S.WAITING, _M.CHECK_IN): _S.WAITING,
    (_S.WAITING, _M.LEAVE): _S.BOOKED,
    (_S.WAITING, _M.RECEIVE): _S.LIVE,
    (_S.WAITING, _M.HOST_MISSES): _S.HOST_NO_SHOW,
    (_S.HOST_NO_SHOW, _M.RECEIVE): _S.LIVE,
    (_S.HOST_NO_SHOW, _M.LEAVE): _S.HOST_NO_SHOW,
    (_S.LIVE, _M.END): _S.DONE,
}

# In these states an appointment takes its advisor's time, as the database's constraint says too.
ACTIVE = frozenset({_S.HELD, _S.BOOKED, _S.WAITING, _S.LIVE})
# Nothing is booked yet.
TENTATIVE = frozenset({_S.HELD, _S.LAPSED})
# After these the customer may book again with what they told us.
REBOOKABLE = frozenset({_S.NO_SHOW, _S.HOST_NO_SHOW, _S.CANCELLED})


def after(state: AppointmentState, move: Move) -> AppointmentState:
    """Return where a move leads; raises `IllegalMove` when the table doesn't have it."""
    following = MOVES.get((state, move))
    if following is None:
        raise IllegalMove("This is not possible for this visit now. The page shows how it stands.")
    return following


def joinable(starts_at: int, ends_at: int, now: int) -> bool:
    """Say whether the customer may come in: from ten minutes before the start until the end."""
    return starts_at - EARLY_MS <= now < ends_at


def changeable(rules: VisitRules, starts_at: int, now: int) -> bool:
    """Say whether the showroom's policy lets the customer change or cancel now."""
    return now <= starts_at - rules.change_until * MINUTE_MS


def host_missed_at(starts_at: int, arrived_at: int) -> int:
    """Return until when somebody must have received a customer who came at `arrived_at`."""
    return max(starts_at, arrived_at) + HOST_MS


def guest_missed_at(starts_at: int) -> int:
    """Return until when the customer must have come."""
    return starts_at + GUEST_MS


def due_at(
    state: AppointmentState, starts_at: int, held_until: int | None, now: int, *, in_call: bool
) -> int | None:
    """Return when the rules of punctuality look at an appointment again; None: never."""
    match state:
        case AppointmentState.HELD:
            return held_until
        case AppointmentState.BOOKED:
            return guest_missed_at(starts_at)
        case AppointmentState.WAITING | AppointmentState.HOST_NO_SHOW if in_call:
            return now + WAITING_LOOK_MS
        case AppointmentState.LIVE:
            return now + LIVE_LOOK_MS
        case _:
            return None
