"""Whatever happens in whatever order: a call moves as the table says, and is paired one to one."""

from collections.abc import Awaitable, Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from showroom.errors import ShowroomError
from showroom.ids import CallId
from showroom.words import AdvisorState, CallState
from signaling.life import MOVES, Move
from tests.signaling.floor import Floor

ADVISORS = {"alice": "en", "bruno": "en,fr", "robot": "en,fr"}
PAIRED = {CallState.RINGING, CallState.CONNECTING, CallState.LIVE}
WORK = {AdvisorState.RINGING, AdvisorState.BUSY, AdvisorState.WRAP_UP}
MOVE_NAMES = {str(move) for move in Move}
OTHER = {"alice": "bruno", "bruno": "alice", "robot": "alice"}
PATIENCE = {"alice": 1, "bruno": 21, "robot": 61}
RATING = {"accepted": True, "states": ["wrap_up", "closed"], "fields": {"rating": "5"}}

# What an advisor, a call and the time may do: by name, with the advisor and the call it is about.
DOES: dict[str, Callable[[Floor, str, str], Awaitable[object]]] = {
    "leave": lambda floor, _, call: floor.run("leave", id=call),
    "hang up": lambda floor, _, call: floor.run("hang_up", id=call),
    "rate": lambda floor, _, call: floor.run("note", id=call, **RATING),
    "lose the customer": lambda floor, _, call: floor.lose("customer", call),
    "reload the customer": lambda floor, _, call: floor.seat("customer", call, page="new"),
    "connect": lambda floor, _, call: floor.talk_on(call),
    "relink": lambda floor, _, call: floor.run("relink", side="customer", id=call, link=1),
    "accept": lambda floor, who, _: floor.accept(who),
    "decline": lambda floor, who, _: floor.decline(who),
    "hold": lambda floor, who, call: floor.run("hold", advisor=who, id=call, held=True),
    "transfer": lambda floor, who, call: floor.run("transfer", advisor=who, id=call, to=OTHER[who]),
    "end": lambda floor, who, call: floor.run("end_call", advisor=who, id=call),
    "outcome": lambda floor, who, call: floor.outcome(call, who),
    "go available": lambda floor, who, _: floor.run("go_available", advisor=who),
    "go away": lambda floor, who, _: floor.run("go_away", advisor=who, reason="own_choice"),
    "sign off": lambda floor, who, _: floor.run("sign_off", advisor=who, reason="signed_out"),
    "lose the advisor": lambda floor, who, _: floor.lose("advisor", who),
    "reload the advisor": lambda floor, who, _: floor.seat("advisor", who, page="new"),
    "renew": lambda floor, who, call: floor.renew(("advisor", who), ("customer", call)),
    "wait": lambda floor, who, _: floor.wait(PATIENCE[who]),
}
# What brings a call forward comes more often.
NAMES = ["request"] * 4 + ["accept", "connect"] * 4 + sorted(DOES)

Step = tuple[str, str, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(sorted(ADVISORS)), st.integers(0, 2)),
    min_size=15,
    max_size=40,
)


async def take(floor: Floor, calls: list[CallId], step: Step) -> None:
    """Take a step; that it is refused is as good. It is about one of the last three calls."""
    name, who, number = step
    try:
        if name == "request":
            call = CallId(f"c{len(calls)}")
            calls.append(call)
            await floor.customer(call, "fr" if number else "en", first=number == 2)
        elif calls:
            await DOES[name](floor, who, calls[-1 - number % len(calls)])
    except ShowroomError:
        pass
    await floor.tick()


async def is_paired_one_to_one(floor: Floor, names: list[CallId]) -> None:
    room = floor.showroom.id
    calls = [call for call in await floor.live.calls(room, names) if call]
    assert len(calls) == len(names)
    waiting = [*await floor.live.order(room, "en"), *await floor.live.order(room, "fr")]
    assert sorted(waiting) == sorted(c.id for c in calls if c.state is CallState.WAITING)
    whose = {
        advisor: [
            c.id for c in calls if c.state in PAIRED and advisor in (c.advisor, c.transfer_to)
        ]
        for advisor in ADVISORS
    }
    assert sum(map(len, whose.values())) == sum(
        1 + (c.transfer_to is not None) for c in calls if c.state in PAIRED
    )
    for advisor in await floor.live.advisors(room):
        at_work = [advisor.call] if advisor.state in WORK else []
        assert (advisor.call is not None) == (advisor.state in WORK)
        assert whose[advisor.id] in ([], at_work), f"{advisor.id} has {whose[advisor.id]}"


async def moved_by_the_table(floor: Floor, name: CallId) -> None:
    """Follow a call's log by the table; it must lead to where the call stands."""
    state = CallState.WAITING
    for line in await floor.log(name):
        if line.kind in MOVE_NAMES:
            state = MOVES[state, Move(line.kind)]
    assert state is (await floor.call(name)).state


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
async def test_calls_and_advisors_stay_paired_one_to_one(floor: Floor, steps: list[Step]) -> None:
    here, calls = Floor(floor.redis), list[CallId]()
    for name, languages in ADVISORS.items():
        await here.advisor(name, languages, stand_in=name == "robot")
    for step in steps:
        await take(here, calls, step)
        await is_paired_one_to_one(here, calls)
    for name in calls:
        await moved_by_the_table(here, name)
