"""The table of moves, and that the script obeys it and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from showroom.words import CallState
from signaling.life import MOVES, Move, lua_moves


def test_every_state_can_be_reached_and_every_open_state_can_end() -> None:
    reached = {CallState.WAITING}
    while more := {MOVES[s, m] for s, m in MOVES if s in reached} - reached:
        reached |= more
    assert reached == set(CallState)
    ends = {CallState.CLOSED}
    while more := {s for (s, _), after in MOVES.items() if after in ends} - ends:
        ends |= more
    assert ends == set(CallState)


def test_nothing_leaves_a_closed_call() -> None:
    assert not [move for state, move in MOVES if state is CallState.CLOSED]


@given(st.sampled_from(CallState), st.sampled_from(Move))
def test_the_script_gets_exactly_the_table(state: CallState, move: Move) -> None:
    after = MOVES.get((state, move))
    row = f'["{state}:{move}"]='
    assert (row in lua_moves()) == (after is not None)
    if after:
        assert f'{row}"{after}"' in lua_moves()
