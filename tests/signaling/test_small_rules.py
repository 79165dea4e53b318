"""Small rules of the script, each of which nothing else would miss."""

import pytest
from redis.asyncio import Redis

from showroom.errors import IllegalMove
from signaling.pairing import prefix
from tests.signaling.floor import Floor


async def say(floor: Floor, key: str) -> None:
    line = {"id": key, "text": "Hello"}
    await floor.run("say", side="customer", id="c1", kind="chat", key=key, data=line)


async def test_lines_are_said_only_while_two_talk(floor: Floor) -> None:
    await floor.customer("c1")
    with pytest.raises(IllegalMove):
        await say(floor, "waiting")
    await floor.advisor("alice")
    with pytest.raises(IllegalMove):
        await say(floor, "ringing")
    await floor.accept("alice")
    await say(floor, "connecting")
    await floor.talk_on("c1")
    await say(floor, "live")
    await floor.run("hang_up", id="c1")
    with pytest.raises(IllegalMove):
        await say(floor, "over")
    said = [line.data["id"] for line in await floor.log("c1") if line.kind == "chat"]
    assert said == ["connecting", "live"]


async def test_only_the_calls_own_advisor_writes_its_notes(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.advisor("bruno")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    note = {"id": "c1", "states": ["live"], "fields": {"notes": "mine"}}
    with pytest.raises(IllegalMove):
        await floor.run("note", advisor="bruno", **note)
    assert (await floor.call("c1")).notes == ""
    await floor.run("note", advisor="alice", **note)
    assert (await floor.call("c1")).notes == "mine"


async def test_a_hand_over_begins_with_nothing_of_the_former_advisor(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.advisor("bruno")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    await floor.run("hold", advisor="alice", id="c1", held=True)
    fields = {"a_media": '{"camera": true}', "a_quality": "poor"}
    await floor.run("note", advisor="alice", id="c1", states=["live"], fields=fields)
    await floor.run("transfer", advisor="alice", id="c1", to="bruno")
    await floor.accept("bruno")
    call = await floor.call("c1")
    assert (call.held, call.advisor_media.camera, call.advisor_quality) == (False, False, None)
    assert await floor.field("c1", "linked") == ""
    # What they have not connected yet doesn't count as connected.
    assert call.state == "connecting"


async def test_what_a_call_costs_is_learned_from_the_calls_that_were_accepted(floor: Floor) -> None:
    async def mean() -> int:
        return (await floor.live.counts(floor.showroom.id, "en")).cycle_ms

    await floor.customer("left")
    await floor.run("leave", id="left")
    assert await mean() == 0
    await floor.advisor("alice")
    for call, seconds, learned in (("c1", 50, 50_000), ("c2", 40, 49_000)):
        await floor.customer(call)
        await floor.talk(call, "alice")
        await floor.run("end_call", advisor="alice", id=call)
        await floor.tick(seconds)
        await floor.outcome(call, "alice")
        assert await mean() == learned


async def test_whose_ring_was_withdrawn_keeps_their_place_among_the_idle(floor: Floor) -> None:
    for name in ("alice", "bruno"):
        await floor.advisor(name)
    await floor.customer("c1")
    await floor.run("leave", id="c1")
    await floor.customer("c2")
    assert (await floor.call("c2")).advisor == "alice"


async def test_whose_transfer_was_withdrawn_keeps_their_place_among_the_idle(floor: Floor) -> None:
    for name in ("alice", "bruno", "chloe"):
        await floor.advisor(name)
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    await floor.run("transfer", advisor="alice", id="c1", to="bruno")
    await floor.run("hang_up", id="c1")
    await floor.customer("c2")
    assert (await floor.call("c2")).advisor == "bruno"


async def test_a_colleagues_new_page_leaves_the_link_of_the_running_call_alone(
    floor: Floor,
) -> None:
    await floor.advisor("alice")
    await floor.advisor("bruno")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    await floor.run("transfer", advisor="alice", id="c1", to="bruno")
    link = (await floor.call("c1")).link
    await floor.seat("advisor", "bruno", sid="again", page="reloaded")
    assert (await floor.call("c1")).link == link


async def test_who_became_free_without_a_page_is_not_rung(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.lose("advisor", "alice")
    await floor.run("leave", id="c1")
    await floor.customer("c2")
    assert ((await floor.of("alice")).state, await floor.states("c2")) == ("available", ["waiting"])
    await floor.seat("advisor", "alice", sid="again")
    assert await floor.states("c2") == ["ringing"]


async def test_who_declined_a_call_is_forgotten_once_it_is_accepted(
    floor: Floor, redis: Redis
) -> None:
    await floor.advisor("alice")
    await floor.advisor("bruno")
    await floor.customer("c1")
    await floor.decline("alice")
    tried = f"{prefix(floor.showroom.id)}:tried:c1"
    assert await redis.zrange(tried, 0, -1) == ["alice"]
    await floor.accept("bruno")
    assert not await redis.exists(tried)


async def test_the_feed_forgets_what_is_older_than_a_minute(floor: Floor, redis: Redis) -> None:
    feed = f"{prefix(floor.showroom.id)}:feed"
    seconds, _ = await redis.time()
    for number in range(300):
        await redis.xadd(feed, {"k": "old"}, id=f"{(seconds - 70) * 1000}-{number + 1}")
    await floor.customer("c1")
    # Whole nodes of the stream go at a time: at most one of 100 entries stays.
    assert 0 < await redis.xlen(feed) < 100 + 10


async def test_missed_rings_are_forgotten_after_two_days(floor: Floor, redis: Redis) -> None:
    missed = f"{prefix(floor.showroom.id)}:missed:alice"
    two_days_ago = floor.now - 2 * 86_400_000
    await redis.zadd(missed, {"older": two_days_ago, "old": two_days_ago + 60_000})
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.wait(20.1)
    names = await redis.zrange(missed, 0, -1)
    assert (names[0], len(names)) == ("old", 2)
