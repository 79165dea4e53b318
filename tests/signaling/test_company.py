"""Who may be in a call beside its two sides: the link, the door, voices, and empty places."""

from typing import Any

import pytest
from redis.asyncio import Redis

from showroom.errors import Conflict, IllegalMove, NotFound, TooMany
from showroom.words import PersonState, Side, Voice
from signaling.pairing import prefix
from tests.signaling.floor import Floor

HOUR = 3600


@pytest.fixture
async def talk(floor: Floor) -> Floor:
    """A floor on which Alice talks with c1, who has made a link; their pages stay open."""
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    await floor.invite("c1")
    return floor


async def kinds(floor: Floor, call: str = "c1") -> list[str]:
    return [line.kind for line in await floor.log(call)]


async def hints(redis: Redis, floor: Floor, kind: str) -> list[dict[str, str]]:
    client: Any = redis
    rows = await client.xrange(f"{prefix(floor.showroom.id)}:feed")
    return [fields for _, fields in rows if fields["k"] == kind]


# ---------------------------------------------------------------- the link


async def test_a_link_lets_people_ask_and_nothing_more(talk: Floor) -> None:
    await talk.knock("c1", "maria")
    maria = await talk.person("c1", "maria")
    assert maria
    assert (maria.part, maria.state, maria.voice, maria.hand) == (
        Side.COMPANION, PersonState.ASKING, Voice.NOBODY, False,
    )  # fmt: skip
    call = await talk.call("c1")
    assert not call.wants_relay
    assert (await talk.seats("c1")).keys() == {"customer", "a-alice"}
    # Neither when the relay is there for others.
    await talk.supervise("c1")
    await talk.route("c1", "w1")
    assert (await talk.seats("c1")).keys() == {"customer", "a-alice", "m-boss"}
    with pytest.raises(NotFound):
        await talk.leg("c1", "maria")


@pytest.mark.parametrize(
    ("call", "secret"), [("c1", "another"), ("c1", ""), ("unknown", "secret"), ("c2", "secret")]
)
async def test_a_wrong_link_opens_nothing(talk: Floor, call: str, secret: str) -> None:
    await talk.advisor("bruno")
    await talk.customer("c2")
    await talk.talk("c2", "bruno")
    with pytest.raises(NotFound):
        await talk.knock(call, "maria", secret)
    assert await talk.people("c1") == []


async def test_a_link_ends_when_it_is_revoked_replaced_or_old(talk: Floor) -> None:
    await talk.knock("c1", "maria")
    await talk.invite("c1", "second")
    with pytest.raises(NotFound):
        await talk.knock("c1", "noah", "secret")
    await talk.knock("c1", "noah", "second")
    await talk.invite("c1", "", 0)
    assert (await talk.call("c1")).invited_until is None
    for secret in ("second", ""):
        with pytest.raises(NotFound):
            await talk.knock("c1", "zoe", secret)
    await talk.invite("c1", "third", HOUR)
    await talk.tick(HOUR - 0.001)
    await talk.knock("c1", "zoe", "third", seated=False)
    await talk.tick(0.01)
    with pytest.raises(NotFound):
        await talk.knock("c1", "late", "third")
    # Who came by it stays.
    assert {one.id for one in await talk.people("c1")} == {"maria", "noah", "zoe"}


async def test_a_call_that_is_not_connected_takes_nobody(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    with pytest.raises(IllegalMove):
        await floor.invite("c1")
    await floor.accept("alice")
    await floor.invite("c1")
    await floor.knock("c1", "maria")
    await floor.run("hang_up", id="c1")
    with pytest.raises(NotFound):
        await floor.knock("c1", "noah")
    with pytest.raises(IllegalMove):
        await floor.admit("c1", "maria")
    with pytest.raises(IllegalMove):
        await floor.invite("c1")


async def test_links_are_made_again_and_again_but_not_all_are_kept(talk: Floor) -> None:
    before = len(await talk.log("c1"))
    for n in range(6):
        talk_limit = {"log_limit": before + 3}
        await talk.run(
            "invite", side="customer", id="c1", digest=f"d{n}", until_ms=talk.now, **talk_limit
        )
    assert len(await talk.log("c1")) == before + 3
    assert (await talk.call("c1")).invite_digest == "d5"


# ---------------------------------------------------------------- the door


async def test_the_customer_or_the_advisor_lets_them_in(talk: Floor) -> None:
    for who, side in (
        ("maria", {"side": "customer"}),
        ("noah", {"side": "advisor", "advisor": "alice"}),
    ):
        await talk.knock("c1", who)
        await talk.run("admit", **side, id="c1", who=who, yes=True)
        person = await talk.person("c1", who)
        assert person
        assert person.state is PersonState.IN
    last = [line for line in await talk.log("c1") if line.kind == "companion_joined"]
    assert [(line.by, line.data) for line in last] == [
        ("customer", {"who": "maria"}), ("advisor", {"who": "noah"}),
    ]  # fmt: skip
    assert (await talk.call("c1")).wants_relay


async def test_nobody_else_decides(talk: Floor) -> None:
    await talk.advisor("bruno")
    await talk.customer("c2")
    await talk.talk("c2", "bruno")
    await talk.knock("c1", "maria")
    foreign: list[dict[str, Any]] = [
        {"side": "advisor", "advisor": "bruno", "id": "c1"},
        {"side": "advisor", "advisor": "unknown", "id": "c1"},
        {"side": "companion", "id": "c1"},
        {"side": "manager", "id": "c1"},
        {"id": "c1"},
    ]
    for who in foreign:
        for op in ("admit", "give_voice"):
            with pytest.raises(IllegalMove):
                await talk.run(op, **who, who="maria", yes=True)
        with pytest.raises(IllegalMove):
            await talk.run("invite", **who, digest="mine", until_ms=talk.now + 1000)
    # Their own call's customer names a person of another call.
    for op in ("admit", "give_voice"):
        with pytest.raises(NotFound):
            await talk.run(op, side="customer", id="c2", who="maria", yes=True)
    maria = await talk.person("c1", "maria")
    assert maria
    assert maria.state is PersonState.ASKING
    assert (await talk.call("c1")).invite_digest == "secret"


async def test_five_are_in_and_ten_at_the_door_and_in(talk: Floor) -> None:
    for n in range(10):
        await talk.knock("c1", f"p{n}")
    with pytest.raises(TooMany):
        await talk.knock("c1", "p10")
    for n in range(5):
        await talk.admit("c1", f"p{n}")
    with pytest.raises(TooMany):
        await talk.admit("c1", "p5")
    await talk.admit("c1", "p4")  # again: no error, and nobody more
    await talk.supervise("c1")  # a manager takes no companion's place
    await talk.admit("c1", "p0", yes=False)
    await talk.admit("c1", "p5")
    inside = [one.id for one in await talk.people("c1") if one.state is PersonState.IN]
    assert sorted(inside) == ["m-boss", "p1", "p2", "p3", "p4", "p5"]
    await talk.knock("c1", "p10")
    with pytest.raises(TooMany):
        await talk.knock("c1", "p11")


async def test_who_is_sent_away_loses_all_of_it_also_later(talk: Floor, redis: Redis) -> None:
    await talk.companion("c1", "maria")
    await talk.knock("c1", "noah")
    for who in ("maria", "noah"):
        await talk.admit("c1", who, yes=False)
    assert await talk.people("c1") == []
    assert not (await talk.call("c1")).wants_relay
    assert (await talk.log("c1"))[-1].data == {"who": "maria", "reason": "sent_away"}
    told = [hint["p"] for hint in await hints(redis, talk, "person")]
    assert told[-2:] == ["maria", "noah"]
    with pytest.raises(NotFound):
        await talk.place("c1", "maria")
    with pytest.raises(NotFound):
        await talk.admit("c1", "maria")
    with pytest.raises(NotFound):
        await talk.run("say", side="companion", id="c1", person="maria", kind="chat", key="k",
                       data={"id": "k", "text": "still here"})  # fmt: skip


async def test_nobody_knocks_themselves_out(talk: Floor) -> None:
    await talk.companion("c1", "maria")
    await talk.supervise("c1")
    for who in ("maria", "m-boss"):
        with pytest.raises(Conflict):
            await talk.knock("c1", who)
    assert {one.state for one in await talk.people("c1")} == {PersonState.IN}


# ---------------------------------------------------------------- voices


async def test_a_companion_asks_to_speak_and_two_may(talk: Floor) -> None:
    for who in ("maria", "noah", "zoe"):
        await talk.companion("c1", who)
        await talk.run("raise_hand", id="c1", who=who, up=True)
    maria = await talk.person("c1", "maria")
    assert maria
    assert (maria.hand, maria.voice) == (True, Voice.NOBODY)
    await talk.voice("c1", "maria")
    await talk.voice("c1", "noah")
    await talk.voice("c1", "noah")
    with pytest.raises(TooMany):
        await talk.voice("c1", "zoe")
    assert await talk.seats("c1") == {
        "customer": "all", "a-alice": "all", "maria": "all", "noah": "all", "zoe": "nobody",
    }  # fmt: skip
    # Being silent again is their own right, and the host's.
    await talk.run("raise_hand", id="c1", who="maria", up=False)
    await talk.voice("c1", "noah", yes=False)
    await talk.voice("c1", "zoe")
    assert (await talk.seats("c1"))["zoe"] == "all"
    assert {one.voice for one in await talk.people("c1") if one.id != "zoe"} == {Voice.NOBODY}


async def test_nobody_at_the_door_speaks_or_asks_to_and_no_manager_is_given_a_voice(
    talk: Floor,
) -> None:
    await talk.knock("c1", "maria")
    await talk.supervise("c1")
    with pytest.raises(NotFound):
        await talk.run("raise_hand", id="c1", who="maria", up=True)
    for who in ("maria", "m-boss", "unknown"):
        with pytest.raises(NotFound):
            await talk.voice("c1", who)
    with pytest.raises(NotFound):
        await talk.admit("c1", "m-boss", yes=False)
    assert await talk.person("c1", "m-boss")


async def test_a_companion_writes_and_points_under_their_own_name(
    talk: Floor, redis: Redis
) -> None:
    await talk.companion("c1", "maria")
    said = {"side": "companion", "id": "c1", "person": "maria", "kind": "chat", "key": "k"}
    for text in ("hello", "again under the same id"):
        await talk.run("say", **said, data={"id": "k", "text": text, "name": "Alice"})
    line = (await talk.log("c1"))[-1]
    assert (line.by, line.data) == ("companion", {"id": "k", "text": "hello", "name": "Maria"})
    # The same id of somebody else is another line.
    await talk.companion("c1", "noah")
    await talk.run("say", **{**said, "person": "noah"}, data={"id": "k", "text": "hi"})
    assert (await talk.log("c1"))[-1].data["name"] == "Noah"
    await talk.run(
        "pass", side="companion", id="c1", person="maria", both=True, event="pointed", data="{}"
    )
    assert (await hints(redis, talk, "wire"))[-1]["to"] == "both"


# ---------------------------------------------------------------- places


async def test_an_empty_place_is_kept_for_half_a_minute(talk: Floor) -> None:
    await talk.companion("c1", "maria")
    await talk.lose_place("c1", "maria")
    await talk.wait_here(29, ("advisor", "alice"), ("customer", "c1"))
    await talk.place("c1", "maria", "sid-again")
    # What the old socket says late counts for nothing.
    await talk.lose_place("c1", "maria")
    await talk.wait_here(35, ("advisor", "alice"), ("customer", "c1"))
    assert await talk.person("c1", "maria")
    await talk.lose_place("c1", "maria", "sid-again")
    await talk.wait_here(31, ("advisor", "alice"), ("customer", "c1"))
    assert await talk.people("c1") == []
    assert (await talk.log("c1"))[-1].data == {"who": "maria", "reason": "gone"}
    assert not (await talk.call("c1")).wants_relay


async def test_whoever_asks_and_never_connects_is_forgotten(talk: Floor) -> None:
    await talk.knock("c1", "maria", seated=False)
    await talk.wait_here(31, ("advisor", "alice"), ("customer", "c1"))
    assert await talk.people("c1") == []
    assert "companion_left" not in await kinds(talk), "they had never been in"


async def test_places_whose_node_died_run_out_by_themselves(talk: Floor) -> None:
    await talk.companion("c1", "maria")
    await talk.companion("c1", "noah")
    await talk.supervise("c1")
    for _ in range(5):
        unknown = await talk.run("renew_places", places=[["c1", "maria", "sid-maria"]])
        assert unknown == []
        await talk.wait_here(9, ("advisor", "alice"), ("customer", "c1"))
    assert [one.id for one in await talk.people("c1")] == ["maria"]


async def test_a_renewal_names_the_sockets_that_have_no_place(talk: Floor) -> None:
    await talk.companion("c1", "maria")
    places = [["c1", "maria", "sid-maria"], ["c1", "maria", "sid-old"], ["c1", "unknown", "s"]]
    places += [["unknown", "maria", "sid-elsewhere"]]
    assert await talk.run("renew_places", places=places) == ["sid-old", "s", "sid-elsewhere"]


async def test_a_newer_page_of_a_companion_takes_the_place(talk: Floor, redis: Redis) -> None:
    await talk.companion("c1", "maria")
    await talk.place("c1", "maria", "sid-phone")
    assert [hint["s"] for hint in await hints(redis, talk, "replaced")] == ["sid-maria"]


async def test_a_call_that_is_over_changes_no_more_when_its_people_go(talk: Floor) -> None:
    await talk.companion("c1", "maria")
    await talk.supervise("c1")
    await talk.run("hang_up", id="c1")
    await talk.outcome("c1", "alice")
    before = await talk.call("c1"), await talk.log("c1")
    await talk.lose_place("c1", "maria")
    await talk.wait_here(60, ("advisor", "alice"))
    assert await talk.people("c1") == []
    assert (await talk.call("c1"), await talk.log("c1")) == before


async def test_names_in_any_writing_are_kept_as_they_are(talk: Floor) -> None:
    names = ["<script>alert(1)</script>", "\x00", "👩‍👩‍👧‍👦", "محمد", "\u202egnol", '"]}', "é" * 60]
    for n, name in enumerate(names):
        await talk.tick()
        await talk.run("knock", id="c1", digest="secret", who=f"p{n}", name=name, token="t")
    assert [one.name for one in await talk.people("c1")] == names
    call = await talk.call("c1")
    assert len(await talk.seats("c1")) == 2
    assert call.version
