"""Whatever happens in whatever order: a call moves as the table says, and is paired one to one; who
is in it is known, and its media have a way.
"""

from collections.abc import Awaitable, Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from showroom.errors import ShowroomError
from showroom.ids import CallId, StaffId
from showroom.words import AdvisorState, CallState, Path, PersonState, Side, Voice
from signaling.life import MOVES, Move
from signaling.live import LiveCall
from tests.signaling.floor import Floor

ADVISORS = {"alice": "en", "bruno": "en,fr", "robot": "en,fr"}
PAIRED = {CallState.RINGING, CallState.CONNECTING, CallState.LIVE}
WORK = {AdvisorState.RINGING, AdvisorState.BUSY, AdvisorState.WRAP_UP}
MOVE_NAMES = {str(move) for move in Move}
# Managers who never go on duty; the advisors of ours are managers, too.
BOSS = "boss"
CONNECTED = {CallState.CONNECTING, CallState.LIVE}
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
MODE = {"alice": "nobody", "bruno": "advisor", "robot": "all"}
WORKER = {"alice": "w1", "bruno": "w2", "robot": ""}
# The same of those who join a call, and of its path.
JOINS: dict[str, Callable[[Floor, str, str], Awaitable[object]]] = {
    "invite": lambda floor, who, call: floor.invite(call, "" if who == "robot" else "secret"),
    "knock": lambda floor, who, call: floor.knock(call, f"p-{who}", seated=who != "robot"),
    "admit": lambda floor, who, call: floor.admit(call, f"p-{who}"),
    "send away": lambda floor, who, call: floor.admit(call, f"p-{who}", yes=False),
    "give a voice": lambda floor, who, call: floor.voice(call, f"p-{who}"),
    "be silent": lambda floor, who, call: floor.run(
        "raise_hand", id=call, who=f"p-{who}", up=False
    ),
    "lose a place": lambda floor, who, call: floor.lose_place(call, f"p-{who}"),
    "lose the manager": lambda floor, _, call: floor.lose_place(call, f"m-{BOSS}"),
    "come": lambda floor, who, call: floor.companion(call, f"p-{who}"),
    "leave the call": lambda floor, who, call: floor.go(call, f"p-{who}"),
    "supervise": lambda floor, who, call: floor.supervise(call, BOSS, MODE[who]),
    "supervise a colleague": lambda floor, who, call: floor.supervise(call, who),
    "supervise no more": lambda floor, _, call: floor.go(call, f"m-{BOSS}"),
    "take over": lambda floor, _, call: floor.take_over(call, BOSS),
    "take over a colleague's": lambda floor, who, call: floor.take_over(call, who),
    "connect the manager": lambda floor, *_: floor.seat("advisor", BOSS),
    "end it as manager": lambda floor, _, call: floor.run("end_call", advisor=BOSS, id=call),
    "outcome of the manager": lambda floor, _, call: floor.outcome(call, BOSS),
    "transfer by the manager": lambda floor, who, call: floor.run(
        "transfer", advisor=BOSS, id=call, to=who
    ),
    "route": lambda floor, who, call: floor.route(call, WORKER[who]),
    "settle the customer": lambda floor, _, call: floor.settled(call, "customer"),
    "settle the advisor": lambda floor, _, call: floor.settled(call, "advisor"),
}
# What brings a call forward comes more often.
NAMES = ["request"] * 4 + ["accept", "connect"] * 4 + sorted(DOES)
OF_CALLS = ["come", "supervise", "route"] * 4 + ["settle the customer", "settle the advisor"] * 3
OF_CALLS += ["accept", "connect"] * 2 + sorted(DOES) + sorted(JOINS)

Step = tuple[str, str, int]


def steps_of(names: list[str]) -> st.SearchStrategy[list[Step]]:
    step = st.tuples(st.sampled_from(names), st.sampled_from(sorted(ADVISORS)), st.integers(0, 2))
    return st.lists(step, min_size=15, max_size=40)


async def take(floor: Floor, calls: list[CallId], step: Step) -> None:
    """Take a step; that it is refused is as good. It is about one of the last three calls."""
    name, who, number = step
    try:
        if name == "request":
            call = CallId(f"c{len(calls)}")
            calls.append(call)
            await floor.customer(call, "fr" if number else "en", first=number == 2)
        elif calls:
            does = DOES.get(name) or JOINS[name]
            await does(floor, who, calls[-1 - number % len(calls)])
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
        for advisor in (*ADVISORS, BOSS)
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


async def has_a_way(floor: Floor, call: LiveCall) -> None:
    """Its media flow over one path at least, and whoever needs the relay is known."""
    inside = {one.id for one in await floor.people(call.id) if one.state is PersonState.IN}
    assert call.direct or call.relay
    assert call.relay or call.path is Path.DIRECT
    assert call.wants_relay == bool(inside)
    seats = await floor.seats(call.id)
    assert seats.keys() == {"customer", f"a-{call.advisor}", *inside}
    needed = call.wants_relay or call.relay
    assert not needed or call.id in await floor.live.relayed(floor.showroom.id)


async def is_announced(floor: Floor, call: LiveCall) -> None:
    """Whoever is in a call came by its log, and nobody is in twice."""
    people = await floor.people(call.id)
    came: dict[str, str] = {}
    for line in await floor.log(call.id):
        if line.kind in ("supervised", "companion_joined"):
            came[line.data["who"]] = line.data.get("mode", "")
        elif line.kind in ("manager_left", "companion_left"):
            del came[line.data["who"]]
    managers = {one.id: str(one.voice) for one in people if one.part is Side.MANAGER}
    assert managers == {who: mode for who, mode in came.items() if mode}
    inside = [one for one in people if one.state is PersonState.IN]
    assert came.keys() == {one.id for one in inside}
    assert f"m-{call.advisor}" not in came, "an advisor listens to their own call"
    speaking = [one for one in inside if one.id not in managers and one.voice is Voice.ALL]
    assert len(speaking) <= 2


async def all_holds(floor: Floor, names: list[CallId], turns: dict[CallId, int]) -> None:
    await is_paired_one_to_one(floor, names)
    for name in names:
        call = await floor.call(name)
        assert call.turn >= turns.get(name, 0)
        turns[name] = call.turn
        if call.state in CONNECTED:
            await has_a_way(floor, call)
            await is_announced(floor, call)
    boss = await floor.live.advisor(floor.showroom.id, StaffId(BOSS))
    assert boss is None or boss.state not in (AdvisorState.AVAILABLE, AdvisorState.RINGING)


async def opened(floor: Floor) -> Floor:
    here = Floor(floor.redis)
    for name, languages in ADVISORS.items():
        await here.advisor(name, languages, stand_in=name == "robot")
    return here


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps_of(NAMES))
async def test_calls_and_advisors_stay_paired_one_to_one(floor: Floor, steps: list[Step]) -> None:
    here, calls = await opened(floor), list[CallId]()
    for step in steps:
        await take(here, calls, step)
        await is_paired_one_to_one(here, calls)
    for name in calls:
        await moved_by_the_table(here, name)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps_of(OF_CALLS))
async def test_whoever_is_in_a_call_is_known_and_its_media_have_a_way(
    floor: Floor, steps: list[Step]
) -> None:
    here, turns = await opened(floor), dict[CallId, int]()
    calls = [await here.customer("c0"), await here.customer("c1")]
    await here.talk("c0", "alice")
    await here.talk("c1", "bruno")
    for step in steps:
        await take(here, calls, step)
        await all_holds(here, calls, turns)
    for name in calls:
        await moved_by_the_table(here, name)
