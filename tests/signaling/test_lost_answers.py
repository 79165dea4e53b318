"""What is said twice because its answer was lost, or comes late, does no harm."""

import pytest
from redis.asyncio import Redis

from showroom.errors import AdvisorNotFree, Conflict, IllegalMove
from showroom.showrooms import Policy
from signaling import pairing
from signaling.pairing import ScriptFailed, prefix
from tests.signaling.floor import Floor, a_showroom


async def request(floor: Floor, call: str, token: str) -> None:
    await floor.run("request", id=call, language="en", fields={"token": token}, first=False)


async def test_a_request_whose_answer_was_lost_is_repeated_and_is_one_call(floor: Floor) -> None:
    await request(floor, "c1", "its token")
    await request(floor, "c1", "its token")
    assert await floor.live.order(floor.showroom.id, "en") == ["c1"]
    assert [line.kind for line in await floor.log("c1")] == ["request"]
    with pytest.raises(Conflict):
        await request(floor, "c1", "another")


async def test_an_accept_whose_answer_was_lost_is_repeated_and_changes_nothing(
    floor: Floor,
) -> None:
    await floor.advisor("alice")
    await floor.advisor("bruno")
    await floor.customer("c1")
    ring = (await floor.of("alice")).ring
    for _ in range(2):
        await floor.run("accept", advisor="alice", id="c1", ring=ring)
    for who, which in (("alice", ring + 1), ("bruno", ring)):
        with pytest.raises(IllegalMove):
            await floor.run("accept", advisor=who, id="c1", ring=which)
    kinds = [line.kind for line in await floor.log("c1")]
    assert (kinds.count("accept"), await floor.states("c1")) == (1, ["connecting"])
    await floor.talk_on("c1")
    for _ in range(2):
        await floor.run("transfer", advisor="alice", id="c1", to="bruno")
    ring = (await floor.of("bruno")).ring
    for _ in range(2):
        await floor.run("accept", advisor="bruno", id="c1", ring=ring)
    kinds = [line.kind for line in await floor.log("c1")]
    assert (kinds.count("transfer"), kinds.count("hand_over")) == (1, 1)
    assert (await floor.of("alice")).state == "available"
    with pytest.raises(IllegalMove):
        await floor.run("transfer", advisor="alice", id="c1", to="bruno")


async def test_fresh_links_are_asked_for_once_a_second_and_do_not_fill_the_log(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    monkeypatch.setattr(pairing, "LOG_LIMIT", len(await floor.log("c1")) + 1)
    first = (await floor.call("c1")).link

    async def relink(side: str) -> int:
        link = (await floor.call("c1")).link
        await floor.run("relink", side=side, advisor="alice", id="c1", link=link)
        return (await floor.call("c1")).link - first

    assert [await relink("customer") for _ in range(3)] == [1, 1, 1]
    assert [await relink("advisor") for _ in range(3)] == [2, 2, 2]
    await floor.wait(1)
    assert await relink("customer") == 3
    assert [line.kind for line in await floor.log("c1")].count("relink") == 1


async def test_a_ring_that_began_in_a_sweep_does_not_end_in_it(redis: Redis) -> None:
    floor = Floor(redis, a_showroom(policy=Policy(ring_seconds=100)))
    await floor.advisor("bruno")
    await floor.advisor("alice")
    await floor.customer("c1")
    assert (await floor.call("c1")).advisor == "bruno"
    await floor.lose("advisor", "bruno")
    await floor.tick(70)
    await floor.renew(("advisor", "alice"), ("customer", "c1"))
    # Bruno's grace ends and the ring goes to Alice, in the sweep that finds the old ring overdue.
    await floor.wait(31)
    assert (await floor.call("c1")).advisor == "alice"
    assert (await floor.of("alice")).state == "ringing"
    assert (await floor.call("c1")).missed == 1


async def test_nobody_is_given_up_while_they_may_be_coming_back(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    await floor.advisor("bruno")
    await floor.customer("c2")
    await floor.tick(200)
    await floor.run("sweep", languages=["en"], most=200, spare=True)
    assert await floor.states("c1", "c2") == ["live", "waiting"]
    assert (await floor.of("bruno")).away_reason == "missed_ring"
    await floor.renew(("customer", "c1"), ("advisor", "alice"))
    await floor.wait(0)
    assert (await floor.call("c1")).state == "live"
    assert (await floor.call("c2")).end_reason == "customer_lost"


async def test_a_call_is_not_handed_to_a_stand_in_nor_to_who_does_not_speak_its_language(
    floor: Floor,
) -> None:
    await floor.advisor("alice", languages="en,fr")
    await floor.customer("c1", language="fr")
    await floor.talk("c1", "alice")
    await floor.advisor("robot", languages="en,fr", stand_in=True)
    await floor.advisor("zoe", languages="en")
    await floor.advisor("bruno", languages="en,fr")
    await floor.lose("advisor", "bruno")
    for other in ("robot", "zoe", "bruno", "nobody"):
        with pytest.raises(AdvisorNotFree):
            await floor.run("transfer", advisor="alice", id="c1", to=other)
    await floor.seat("advisor", "bruno", sid="again")
    await floor.run("transfer", advisor="alice", id="c1", to="bruno")
    assert (await floor.of("bruno")).state == "ringing"


async def test_a_fault_of_the_script_is_no_wish_to_try_again(floor: Floor, redis: Redis) -> None:
    await redis.set(f"{prefix(floor.showroom.id)}:due", "a string")
    with pytest.raises(ScriptFailed):
        await floor.wait(0)
