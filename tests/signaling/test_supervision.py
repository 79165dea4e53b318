"""Managers in a call: never unseen, and advisors only of the one call that they took over."""

from typing import Any, cast

import pytest
from redis.asyncio import Redis

from showroom.errors import AdvisorNotFree, IllegalMove, NotFound
from showroom.words import AdvisorState, AwayReason, CallState, PersonState, Voice
from signaling.pairing import prefix
from tests.signaling.floor import Floor


@pytest.fixture
async def talk(floor: Floor) -> Floor:
    """A floor on which Alice talks with c1."""
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    return floor


async def supervised(floor: Floor) -> list[str]:
    return [line.data["mode"] for line in await floor.log("c1") if line.kind == "supervised"]


# ---------------------------------------------------------------- listening


async def test_listening_stands_in_the_log_and_among_the_people_in_the_same_step(
    talk: Floor, redis: Redis
) -> None:
    feed, client = f"{prefix(talk.showroom.id)}:feed", cast(Any, redis)
    [(before, _)] = await client.xrevrange(feed, count=1)
    version = (await talk.call("c1")).version
    await talk.supervise("c1")
    boss = await talk.person("c1", "m-boss")
    assert boss
    assert (boss.state, boss.voice, boss.name, boss.sid) == (
        PersonState.IN, Voice.NOBODY, "Boss", "sid-boss",
    )  # fmt: skip
    line = (await talk.log("c1"))[-1]
    assert (line.kind, line.by, line.at) == ("supervised", "manager", talk.now)
    assert line.data == {"who": "m-boss", "mode": "nobody"}
    call = await talk.call("c1")
    assert (call.version, call.wants_relay) == (version + 1, True)
    hints = [fields for _, fields in await client.xrange(feed, min=f"({before}")]
    assert {"k": "call", "c": "c1", "a": "alice"} in hints


@pytest.mark.parametrize("state", ["waiting", "ringing", "wrap_up", "closed", "unknown"])
async def test_only_a_call_that_is_connected_has_listeners(floor: Floor, state: str) -> None:
    call = "unknown" if state == "unknown" else await floor.customer("c1")
    if state != "waiting" and state != "unknown":
        await floor.advisor("alice")
    if state in ("wrap_up", "closed"):
        await floor.talk("c1", "alice")
        await floor.run("hang_up", id="c1")
    if state == "closed":
        await floor.outcome("c1", "alice")
    with pytest.raises(IllegalMove):
        await floor.supervise(call)
    assert await floor.people(call) == []
    assert not await floor.redis.exists(f"{prefix(floor.showroom.id)}:call:unknown")


async def test_another_mode_is_another_line_and_the_same_mode_is_none(talk: Floor) -> None:
    for mode in ("nobody", "nobody", "advisor", "all", "all", "nobody"):
        await talk.supervise("c1", mode=mode)
        assert (await talk.seats("c1"))["m-boss"] == mode
    assert await supervised(talk) == ["nobody", "advisor", "all", "nobody"]


async def test_the_same_manager_on_another_page_is_one_person_and_one_more_line(
    talk: Floor,
) -> None:
    await talk.supervise("c1")
    since = (await talk.people("c1"))[0].since
    more = {"advisor": "boss", "name": "Boss", "mode": "nobody", "sid": "sid-tablet"}
    await talk.run("supervise", id="c1", who="m-boss", **more)
    [boss] = await talk.people("c1")
    assert (boss.sid, boss.since) == ("sid-tablet", since)
    assert await supervised(talk) == ["nobody", "nobody"]
    # The first page's end is not theirs.
    await talk.lose_place("c1", "m-boss", "sid-boss")
    await talk.wait_here(35, ("advisor", "alice"), ("customer", "c1"))
    assert await talk.person("c1", "m-boss")


async def test_two_managers_are_two_people(talk: Floor) -> None:
    await talk.supervise("c1", "boss")
    await talk.supervise("c1", "chief", mode="advisor")
    assert await talk.seats("c1") == {
        "customer": "all", "a-alice": "all", "m-boss": "nobody", "m-chief": "advisor",
    }  # fmt: skip
    await talk.go("c1", "m-boss")
    assert (await talk.call("c1")).wants_relay
    await talk.go("c1", "m-chief")
    assert not (await talk.call("c1")).wants_relay
    left = [line.data for line in await talk.log("c1") if line.kind == "manager_left"]
    assert left == [{"who": w, "reason": "left"} for w in ("m-boss", "m-chief")]


async def test_nobody_supervises_their_own_call(talk: Floor) -> None:
    with pytest.raises(IllegalMove):
        await talk.supervise("c1", "alice")
    assert await talk.people("c1") == []


async def test_whoever_takes_a_transferred_call_listens_to_it_no_more(talk: Floor) -> None:
    await talk.advisor("bruno")
    await talk.supervise("c1", "bruno")
    await talk.run("transfer", advisor="alice", id="c1", to="bruno")
    await talk.accept("bruno")
    assert (await talk.call("c1")).advisor == "bruno"
    assert await talk.people("c1") == []
    assert await talk.seats("c1") == {"customer": "all", "a-bruno": "all"}


# ---------------------------------------------------------------- taking over


async def test_a_manager_takes_a_call_over_and_its_advisor_is_free(talk: Floor) -> None:
    await talk.supervise("c1", mode="all")
    link = (await talk.call("c1")).link
    await talk.take_over("c1")
    call = await talk.call("c1")
    assert (call.state, call.advisor, call.transferred_from) == (
        CallState.CONNECTING, "boss", "alice",
    )  # fmt: skip
    assert call.link > link
    assert await talk.people("c1") == []
    assert (await talk.of("alice")).state is AdvisorState.AVAILABLE
    assert (await talk.of("boss")).state is AdvisorState.BUSY
    kinds = [(line.kind, line.by) for line in await talk.log("c1")][-2:]
    assert kinds == [("hand_over", "manager"), ("manager_left", "manager")]
    # The advisor so far has lost all rights of it.
    with pytest.raises(IllegalMove):
        await talk.run("end_call", advisor="alice", id="c1")
    # And takes the next call.
    await talk.customer("c2")
    assert (await talk.of("alice")).call == "c2"


async def test_after_its_outcome_a_manager_is_nobody_s_advisor(talk: Floor) -> None:
    await talk.supervise("c1")
    await talk.take_over("c1")
    await talk.seat("advisor", "boss")
    await talk.talk_on("c1")
    await talk.run("end_call", advisor="boss", id="c1")
    await talk.run("go_away", advisor="alice", reason="own_choice")
    await talk.customer("c2")
    await talk.outcome("c1", "boss")
    boss = await talk.of("boss")
    assert (boss.state, boss.away_reason) == (AdvisorState.AWAY, AwayReason.OWN_CHOICE)
    assert await talk.states("c1", "c2") == ["closed", "waiting"]


async def test_a_manager_who_hands_it_on_is_nobody_s_advisor_either(talk: Floor) -> None:
    await talk.supervise("c1")
    await talk.take_over("c1")
    await talk.talk_on("c1")
    await talk.run("transfer", advisor="boss", id="c1", to="alice")
    await talk.customer("c2")
    await talk.accept("alice")
    assert (await talk.of("boss")).state is AdvisorState.AWAY
    assert await talk.states("c2") == ["waiting"]


async def test_a_second_manager_may_take_it_from_the_first(talk: Floor) -> None:
    await talk.supervise("c1")
    await talk.take_over("c1")
    await talk.talk_on("c1")
    await talk.supervise("c1", "chief")
    await talk.take_over("c1", "chief")
    assert (await talk.call("c1")).advisor == "chief"
    assert (await talk.of("boss")).state is AdvisorState.AWAY


async def test_what_once_was_taken_over_leaves_no_trace_in_later_work(talk: Floor) -> None:
    """Somebody who is both: their next shift goes on after each call, like anybody's."""
    await talk.supervise("c1")
    await talk.take_over("c1")
    await talk.run("hang_up", id="c1")
    await talk.wait(901)  # no outcome: the wrap-up expires
    assert (await talk.of("boss")).away_reason is AwayReason.WRAP_UP_EXPIRED
    await talk.run("go_away", advisor="alice", reason="own_choice")
    await talk.advisor("boss")
    await talk.customer("c2")
    await talk.talk("c2", "boss")
    await talk.run("hang_up", id="c2")
    await talk.outcome("c2", "boss")
    assert (await talk.of("boss")).state is AdvisorState.AVAILABLE


async def test_a_manager_on_duty_rings_no_more_for_others_during_it(talk: Floor) -> None:
    await talk.advisor("boss", "en,fr")
    await talk.supervise("c1")
    await talk.take_over("c1")
    await talk.run("go_away", advisor="alice", reason="own_choice")
    await talk.customer("c2")
    await talk.customer("c3", "fr")
    assert await talk.states("c2", "c3") == ["waiting", "waiting"]


async def test_a_manager_whose_page_never_comes_ends_the_call_honestly(talk: Floor) -> None:
    await talk.supervise("c1")
    await talk.take_over("c1")
    await talk.wait_here(46, ("customer", "c1"))
    call = await talk.call("c1")
    assert (call.state, call.end_reason) == (CallState.WRAP_UP, "connect_failed")


async def test_nobody_takes_over_what_they_are_not_in_or_what_is_on_its_way_elsewhere(
    talk: Floor,
) -> None:
    with pytest.raises(NotFound):
        await talk.take_over("c1")
    # A companion is no manager.
    await talk.companion("c1", "maria")
    more: dict[str, Any] = {"advisor": "maria", "name": "Maria", "languages": "en"}
    with pytest.raises(NotFound):
        await talk.run("take_over", id="c1", who="maria", **more)
    await talk.supervise("c1")
    await talk.advisor("bruno")
    await talk.run("transfer", advisor="alice", id="c1", to="bruno")
    with pytest.raises(IllegalMove):
        await talk.take_over("c1")
    await talk.accept("bruno")
    with pytest.raises(IllegalMove):  # connecting
        await talk.take_over("c1")
    await talk.talk_on("c1")
    await talk.take_over("c1")
    assert (await talk.call("c1")).advisor == "boss"


async def test_nobody_takes_over_while_another_call_rings_or_runs_at_their_place(
    talk: Floor,
) -> None:
    await talk.advisor("boss")
    await talk.supervise("c1")
    await talk.customer("c2")
    assert (await talk.of("boss")).state is AdvisorState.RINGING
    for step in ("ringing", "connecting", "live", "wrap_up"):
        if step == "connecting":
            await talk.accept("boss")
        elif step == "live":
            await talk.talk_on("c2")
        elif step == "wrap_up":
            await talk.run("hang_up", id="c2")
        with pytest.raises(IllegalMove):
            await talk.take_over("c1")
    assert (await talk.call("c1")).advisor == "alice"
    assert (await talk.of("boss")).call == "c2"


async def test_a_transfer_to_a_manager_who_has_taken_over_is_refused(talk: Floor) -> None:
    await talk.advisor("bruno")
    await talk.customer("c2")
    await talk.talk("c2", "bruno")
    await talk.supervise("c1")
    await talk.take_over("c1")
    with pytest.raises(AdvisorNotFree):
        await talk.run("transfer", advisor="bruno", id="c2", to="boss")
