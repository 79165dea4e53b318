"""Which path a call takes: direct, through a relay, and back, whatever comes in between."""

from dataclasses import replace

import pytest
from redis.asyncio import Redis

from showroom.errors import IllegalMove, NotFound
from showroom.showrooms import Policy
from showroom.words import CallState, Path
from tests.signaling.floor import Floor, a_showroom

RELAY, DIRECT = Path.RELAY, Path.DIRECT


@pytest.fixture
async def talk(floor: Floor) -> Floor:
    """A floor on which Alice talks with c1."""
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    return floor


async def relayed(floor: Floor) -> list[str]:
    return sorted(await floor.live.relayed(floor.showroom.id))


async def forgotten(floor: Floor) -> None:
    """Assert that a node looks at the call until its rooms are closed, and no longer."""
    assert (await floor.call("c1")).relays_before
    assert await relayed(floor) == ["c1"]
    await floor.route("c1", "")
    assert not (await floor.call("c1")).relays_before
    assert await relayed(floor) == []


async def on_relay(floor: Floor, worker: str = "w1") -> None:
    """Bring the call to the relay because of a manager, and leave the direct path."""
    await floor.supervise("c1")
    await floor.route("c1", worker)
    await floor.settled("c1")


async def test_make_before_break_there_and_back(talk: Floor) -> None:
    link = (await talk.call("c1")).link
    await talk.supervise("c1")
    call = await talk.call("c1")
    assert (call.path, call.direct, call.relay, call.wants_relay) == (DIRECT, True, "", True)
    assert await relayed(talk) == ["c1"]

    await talk.route("c1", "w1")
    call = await talk.call("c1")
    assert (call.path, call.direct, call.relay, call.turn) == (RELAY, True, "w1", 1)
    await talk.settled("c1", "customer")
    assert (await talk.call("c1")).direct, "the advisor has no picture from there yet"
    await talk.settled("c1", "advisor")
    call = await talk.call("c1")
    assert (call.path, call.direct, call.link) == (RELAY, False, link)

    await talk.go("c1", "m-boss")
    call = await talk.call("c1")
    assert (call.path, call.direct, call.relay, call.link) == (DIRECT, True, "w1", link + 1)
    assert not call.left_relay
    await talk.settled("c1", "advisor")
    assert not (await talk.call("c1")).left_relay
    await talk.settled("c1", "customer")
    assert (await talk.call("c1")).left_relay
    assert await relayed(talk) == ["c1"], "until its room is closed"
    await talk.route("c1", "")
    call = await talk.call("c1")
    assert (call.path, call.relay) == (DIRECT, "")
    await forgotten(talk)


async def test_a_need_that_is_gone_before_the_switch_keeps_the_link_as_it_is(talk: Floor) -> None:
    link = (await talk.call("c1")).link
    await talk.supervise("c1")
    await talk.go("c1", "m-boss")
    await talk.route("c1", "w1")  # a node that looked before it was gone
    call = await talk.call("c1")
    assert (call.path, call.relay, call.link, await relayed(talk)) == (DIRECT, "", link, [])

    await talk.supervise("c1")
    await talk.route("c1", "w1")
    await talk.settled("c1", "customer")
    await talk.go("c1", "m-boss")
    call = await talk.call("c1")
    assert (call.path, call.direct, call.link) == (DIRECT, True, link), "its picture still flows"
    await talk.settled("c1")
    assert (await talk.call("c1")).left_relay


async def test_a_need_that_comes_back_during_the_way_back_goes_on_in_the_same_turn(
    talk: Floor,
) -> None:
    await on_relay(talk)
    for _ in range(3):
        await talk.go("c1", "m-boss")
        await talk.settled("c1", "customer")
        await talk.supervise("c1")
        call = await talk.call("c1")
        assert (call.path, call.relay, call.turn, call.direct) == (RELAY, "w1", 1, True)
        await talk.settled("c1")
        assert not (await talk.call("c1")).direct


async def test_a_node_that_closes_the_room_as_the_need_comes_back_does_no_lasting_harm(
    talk: Floor,
) -> None:
    await on_relay(talk)
    await talk.go("c1", "m-boss")
    await talk.settled("c1")
    await talk.supervise("c1")
    await talk.route("c1", "")  # it had seen that both had left
    call = await talk.call("c1")
    assert (call.path, call.relay, call.direct, call.wants_relay) == (DIRECT, "", True, True)
    assert await relayed(talk) == ["c1"]
    await talk.route("c1", "w2")
    assert (await talk.call("c1")).turn == 2


async def test_what_is_said_of_an_older_link_or_turn_counts_for_nothing(talk: Floor) -> None:
    await talk.supervise("c1")
    await talk.route("c1", "w1")
    await talk.route("c1", "w2")
    old = {"path": RELAY, "number": 1}
    for side in ("customer", "advisor"):
        await talk.run("settled", side=side, advisor="alice", id="c1", **old)
        await talk.run("settled", side=side, advisor="alice", id="c1", path=DIRECT, number=1)
    assert (await talk.call("c1")).direct
    await talk.settled("c1")
    assert not (await talk.call("c1")).direct


async def test_only_the_two_sides_settle_anything(talk: Floor) -> None:
    await talk.advisor("bruno")
    await talk.supervise("c1")
    await talk.route("c1", "w1")
    with pytest.raises(IllegalMove):
        await talk.run("settled", side="advisor", advisor="bruno", id="c1", path=RELAY, number=1)
    await talk.settled("c1", "customer")
    assert (await talk.call("c1")).direct


# ---------------------------------------------------------------- workers that go


async def test_a_dead_worker_s_room_moves_to_another_in_a_new_turn(talk: Floor) -> None:
    await on_relay(talk)
    await talk.route("c1", "w2")
    call = await talk.call("c1")
    assert (call.path, call.relay, call.turn, call.direct) == (RELAY, "w2", 2, False)
    # A second node that saw the same says it too late.
    await talk.run("route", id="c1", **{"from": "w1", "to": "w3"})
    assert (await talk.call("c1")).relay == "w2"


async def test_with_no_worker_left_it_is_direct_and_waits_for_one(talk: Floor) -> None:
    await on_relay(talk)
    link = (await talk.call("c1")).link
    await talk.route("c1", "")
    call = await talk.call("c1")
    assert (call.path, call.relay, call.direct, call.link) == (DIRECT, "", True, link + 1)
    assert await relayed(talk) == ["c1"]
    await talk.route("c1", "w2")
    call = await talk.call("c1")
    assert (call.path, call.relay, call.turn) == (RELAY, "w2", 2)


async def test_a_worker_that_dies_during_the_way_back_is_simply_forgotten(talk: Floor) -> None:
    await on_relay(talk)
    await talk.go("c1", "m-boss")
    await talk.route("c1", "w2")
    call = await talk.call("c1")
    assert (call.path, call.relay, call.turn) == (DIRECT, "", 1)
    await forgotten(talk)


# ---------------------------------------------------------------- by policy


async def test_by_policy_a_call_stays_relayed_until_its_end(redis: Redis) -> None:
    floor = Floor(redis, a_showroom(policy=replace(Policy(), direct_again=False)))
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    await on_relay(floor)
    await floor.go("c1", "m-boss")
    call = await floor.call("c1")
    assert (call.path, call.direct, call.wants_relay, call.left_relay) == (
        RELAY,
        False,
        False,
        False,
    )
    # Its worker may die as well as any other.
    await floor.route("c1", "w2")
    call = await floor.call("c1")
    assert (call.path, call.relay, call.turn) == (RELAY, "w2", 2)
    await floor.route("c1", "")
    call = await floor.call("c1")
    assert (call.path, call.direct) == (DIRECT, True)
    await forgotten(floor)


# ---------------------------------------------------------------- the rest of a call's life


async def test_hold_and_resume_are_changes_that_the_room_is_told(talk: Floor) -> None:
    await on_relay(talk)
    before = (await talk.call("c1")).arranged
    for n, held in enumerate((True, False)):
        await talk.run("hold", advisor="alice", id="c1", held=held)
        _, number, said, *_ = await talk.run("arrangement", id="c1")
        assert (int(number), said) == (before + n + 1, "1" if held else "")
        assert (await talk.leg("c1", "customer"))[2:4] == [number, said]


async def test_a_transfer_on_the_relay_puts_the_first_advisor_out_of_the_room(talk: Floor) -> None:
    await talk.advisor("bruno")
    await on_relay(talk)
    await talk.run("transfer", advisor="alice", id="c1", to="bruno")
    assert (await talk.seats("c1")).keys() == {"customer", "a-alice", "m-boss"}
    with pytest.raises(IllegalMove):
        await talk.leg("c1", "advisor", advisor="bruno")
    before = (await talk.call("c1")).arranged
    await talk.accept("bruno")
    call = await talk.call("c1")
    assert (call.path, call.relay, call.state) == (RELAY, "w1", CallState.CONNECTING)
    assert call.arranged > before
    assert (await talk.seats("c1")).keys() == {"customer", "a-bruno", "m-boss"}
    with pytest.raises(IllegalMove):
        await talk.leg("c1", "advisor", advisor="alice")
    await talk.settled("c1", "advisor")
    assert await talk.states("c1") == ["live"], "the picture came through the relay"


async def test_a_transfer_in_the_middle_of_a_switch_waits_for_the_new_advisor(talk: Floor) -> None:
    await talk.advisor("bruno")
    await talk.supervise("c1")
    await talk.route("c1", "w1")
    await talk.settled("c1", "advisor")
    await talk.run("transfer", advisor="alice", id="c1", to="bruno")
    await talk.accept("bruno")
    await talk.settled("c1", "customer")
    assert (await talk.call("c1")).direct
    await talk.settled("c1", "advisor")
    assert not (await talk.call("c1")).direct


@pytest.mark.parametrize(("kind", "who"), [("customer", "c1"), ("advisor", "alice")])
async def test_a_page_loaded_anew_must_have_its_picture_first(
    talk: Floor, kind: str, who: str
) -> None:
    other = {"customer": "advisor", "advisor": "customer"}[kind]
    await talk.supervise("c1")
    await talk.route("c1", "w1")
    await talk.settled("c1", kind)
    await talk.seat(kind, who, page="new")
    await talk.settled("c1", other)
    assert (await talk.call("c1")).direct
    await talk.settled("c1", kind)
    assert not (await talk.call("c1")).direct
    # On the relay alone a reload changes neither path nor turn.
    await talk.seat(kind, who, sid="sid-3", page="newer")
    call = await talk.call("c1")
    assert (call.path, call.turn, call.direct) == (RELAY, 1, False)


async def test_a_reload_on_the_way_back_takes_the_new_link(talk: Floor) -> None:
    await on_relay(talk)
    await talk.go("c1", "m-boss")
    await talk.settled("c1", "customer")
    await talk.seat("advisor", "alice", page="new")
    await talk.settled("c1", "advisor")
    assert not (await talk.call("c1")).left_relay
    await talk.settled("c1", "customer")
    assert (await talk.call("c1")).left_relay


async def test_the_end_of_a_call_ends_its_relay(talk: Floor) -> None:
    await on_relay(talk)
    await talk.run("hang_up", id="c1")
    with pytest.raises(IllegalMove):
        await talk.leg("c1", "m-boss")
    with pytest.raises(IllegalMove):
        await talk.run("arrangement", id="c1")
    assert await relayed(talk) == ["c1"], "a node closes the room"
    turn = (await talk.call("c1")).turn
    await talk.route("c1", "w2")  # one that had looked before the end
    call = await talk.call("c1")
    assert (call.relay, call.turn) == ("", turn)
    await forgotten(talk)


async def test_a_call_that_redis_has_forgotten_is_forgotten_here_too(talk: Floor) -> None:
    key = f"vs:{{{talk.showroom.id}}}"
    await talk.redis.sadd(f"{key}:relayed", "ghost")
    await talk.run("route", id="ghost", **{"from": "", "to": ""})
    assert await relayed(talk) == []
    assert not await talk.redis.exists(f"{key}:call:ghost")


# ---------------------------------------------------------------- places in the relay's room


async def test_each_connection_has_a_rank_and_a_restart_keeps_its_own(talk: Floor) -> None:
    await on_relay(talk)
    first = await talk.leg("c1", "customer")
    second = await talk.leg("c1", "advisor")
    third = await talk.leg("c1", "m-boss")
    assert [leg[0] for leg in (first, second, third)] == ["w1"] * 3
    assert [int(leg[1]) for leg in (first, second, third)] == [1, 2, 3]
    assert (await talk.leg("c1", "customer", rank=1))[1] == "1"
    with pytest.raises(IllegalMove):
        await talk.leg("c1", "customer", rank=4)
    await talk.route("c1", "w2")
    assert (await talk.leg("c1", "customer"))[:2] == ["w2", "4"], "it never begins anew"


async def test_no_place_in_an_old_turn_without_a_relay_or_in_another_call(talk: Floor) -> None:
    with pytest.raises(IllegalMove):
        await talk.leg("c1", "customer", turn=0)
    await on_relay(talk)
    for turn in (0, 2, 10**12):
        with pytest.raises(IllegalMove):
            await talk.leg("c1", "customer", turn=turn)
    await talk.advisor("bruno")
    await talk.customer("c2")
    await talk.talk("c2", "bruno")
    with pytest.raises(IllegalMove):
        await talk.leg("c1", "advisor", advisor="bruno")
    for who in ("m-chief", "unknown", "a-alice"):
        with pytest.raises(NotFound):
            await talk.leg("c1", who)
    # Whose call has no relay gets none by naming the turn of one that has.
    with pytest.raises(IllegalMove):
        await talk.leg("c2", "customer", turn=1)
