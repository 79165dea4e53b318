"""The life of a call: one table of moves. `PROTOCOL.md` draws it.

The table is the only place that says what may follow what. The pairing script gets it as Lua
source, so that the atomic script and Python can't disagree.
"""

from enum import StrEnum

from showroom.words import CallState


class Move(StrEnum):
    """What can happen to a call."""

    RING = "ring"  # offered to an advisor
    ACCEPT = "accept"  # the advisor took it
    DECLINE = "decline"  # the advisor passed it on
    MISS = "miss"  # the ring's deadline passed, or the advisor vanished
    LEAVE = "leave"  # the customer left, or vanished, before an accept
    CONNECT = "connect"  # the first side reported a working connection
    HOLD = "hold"
    RESUME = "resume"
    TRANSFER = "transfer"  # another advisor's page rings while the call goes on
    HAND_OVER = "hand_over"  # that advisor accepted
    END = "end"  # over after an accept, whoever ended it
    CLOSE = "close"  # the outcome is known, or nobody will give one


_S, _M = CallState, Move

MOVES: dict[tuple[CallState, Move], CallState] = {
    (_S.WAITING, _M.RING): _S.RINGING,
    (_S.WAITING, _M.LEAVE): _S.CLOSED,
    (_S.RINGING, _M.ACCEPT): _S.CONNECTING,
    (_S.RINGING, _M.DECLINE): _S.WAITING,
    (_S.RINGING, _M.MISS): _S.WAITING,
    (_S.RINGING, _M.LEAVE): _S.CLOSED,
    (_S.CONNECTING, _M.CONNECT): _S.LIVE,
    (_S.CONNECTING, _M.END): _S.WRAP_UP,
    (_S.LIVE, _M.HOLD): _S.LIVE,
    (_S.LIVE, _M.RESUME): _S.LIVE,
    (_S.LIVE, _M.TRANSFER): _S.LIVE,
    (_S.LIVE, _M.HAND_OVER): _S.CONNECTING,
    (_S.LIVE, _M.END): _S.WRAP_UP,
    (_S.WRAP_UP, _M.CLOSE): _S.CLOSED,
}


def lua_moves() -> str:
    """Return the table as a Lua statement, `local MOVES = {["waiting:ring"]="ringing", …}`."""
    rows = ", ".join(f'["{state}:{move}"]="{after}"' for (state, move), after in MOVES.items())
    return f"local MOVES = {{{rows}}}\n"
