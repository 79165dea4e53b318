"""What a manager orders on the floor: the script against a real Redis, in virtual time."""

import pytest

from showroom.errors import IllegalMove, NotFound, QueueClosed
from tests.signaling.floor import Floor

# ---------------------------------------------------------------- the queue


async def test_a_closed_queue_takes_nobody_in_and_serves_those_who_wait(floor: Floor) -> None:
    await floor.customer("c1")
    assert await floor.run("order_queue", closed=True) == [""]
    with pytest.raises(QueueClosed):
        await floor.customer("c2")
    await floor.advisor("alice")
    assert (await floor.call("c1")).state == "ringing"
    [since] = await floor.run("order_queue", closed=False)
    assert int(since) <= floor.now
    await floor.customer("c2")
    assert await floor.states("c2") == ["waiting"]


async def test_who_is_booked_and_whose_call_broke_comes_in_all_the_same(floor: Floor) -> None:
    await floor.run("order_queue", closed=True)
    await floor.guest("g1")
    await floor.customer("c1", first=True)
    assert await floor.states("g1", "c1") == ["waiting", "waiting"]


async def test_closing_twice_keeps_the_time_of_the_first(floor: Floor) -> None:
    await floor.run("order_queue", closed=True)
    closed = (await floor.live.orders(floor.showroom.id)).queue_closed
    await floor.wait(5)
    assert await floor.run("order_queue", closed=True) == [str(closed)]
    assert (await floor.live.orders(floor.showroom.id)).queue_closed == closed


# ---------------------------------------------------------------- advisors


async def test_who_is_sent_away_gets_no_call_until_they_are_called_back(floor: Floor) -> None:
    alice = await floor.advisor("alice")
    await floor.run("order_away", advisor=alice)
    known = await floor.of("alice")
    assert (known.state, known.away_reason, known.sent_away) == ("away", "by_manager", True)
    await floor.customer("c1")
    assert await floor.states("c1") == ["waiting"]
    await floor.run("order_back", advisor=alice)
    assert await floor.states("c1") == ["ringing"]
    assert not (await floor.of("alice")).sent_away


async def test_a_ring_goes_on_to_the_next_when_its_advisor_is_sent_away(floor: Floor) -> None:
    alice = await floor.advisor("alice")
    await floor.advisor("bruno")
    await floor.customer("c1")
    await floor.run("order_away", advisor=alice)
    assert (await floor.call("c1")).advisor == "bruno"


async def test_who_has_a_call_goes_away_after_it_unless_that_is_taken_back(floor: Floor) -> None:
    for taken_back, then in ((True, "available"), (False, "away")):
        name = f"advisor-{then}"
        await floor.advisor(name)
        call = await floor.customer(f"c-{then}")
        await floor.run("accept", advisor=name, id=call, ring=(await floor.call(call)).ring)
        await floor.run("order_away", advisor=name)
        assert ((await floor.of(name)).state, (await floor.of(name)).sent_away) == ("busy", True)
        if taken_back:
            await floor.run("order_back", advisor=name)
        await floor.run("end_call", advisor=name, id=call)
        what = {"outcome": "no_sale", "reason": "", "notes": ""}
        await floor.run("save_outcome", advisor=name, id=call, **what)
        known = await floor.of(name)
        assert (known.state, known.away_reason) == (then, "by_manager" if then == "away" else None)
        if then == "available":
            await floor.run("go_away", advisor=name, reason="own_choice")


async def test_nobody_is_called_back_from_what_they_chose_or_without_a_page(floor: Floor) -> None:
    alice = await floor.advisor("alice")
    await floor.run("go_away", advisor=alice, reason="own_choice")
    for order in ("order_back", "order_away"):
        with pytest.raises(IllegalMove):
            await floor.run(order, advisor=alice)
    await floor.run("go_available", advisor=alice)
    await floor.run("order_away", advisor=alice)
    await floor.lose("advisor", alice)
    with pytest.raises(IllegalMove):
        await floor.run("order_back", advisor=alice)
    with pytest.raises(NotFound):
        await floor.run("order_away", advisor="nobody")


# ---------------------------------------------------------------- places


async def places(floor: Floor) -> list[str]:
    return list(await floor.live.order(floor.showroom.id, "en"))


@pytest.mark.parametrize(
    ("moved", "to", "then"),
    [
        ("c4", 1, ["c4", "c1", "c2", "c3", "c5"]),
        ("c1", 3, ["c2", "c3", "c1", "c4", "c5"]),
        ("c2", 99, ["c1", "c3", "c4", "c5", "c2"]),
        ("c3", 3, ["c1", "c2", "c3", "c4", "c5"]),
    ],
)
async def test_a_call_is_moved_and_back(floor: Floor, moved: str, to: int, then: list[str]) -> None:
    names = ["c1", "c2", "c3", "c4", "c5"]
    for name in names:
        await floor.customer(name)
    [before] = await floor.run("order_place", id=moved, place=to)
    assert await places(floor) == then
    assert int(before) == names.index(moved) + 1
    await floor.run("order_place", id=moved, place=int(before))
    assert await places(floor) == names


async def test_calls_of_one_millisecond_can_be_moved_too(floor: Floor) -> None:
    for name in ("c1", "c2", "c3"):
        fields = {"vehicle": ""}
        await floor.run("request", id=name, language="en", fields=fields, first=False)
    await floor.run("order_place", id="c3", place=1)
    assert await places(floor) == ["c3", "c1", "c2"]
    await floor.run("order_place", id="c3", place=2)
    assert await places(floor) == ["c1", "c3", "c2"]


async def test_a_moved_call_keeps_its_place_when_nobody_answers_it(floor: Floor) -> None:
    for name in ("c1", "c2", "c3"):
        await floor.customer(name)
    await floor.run("order_place", id="c3", place=1)
    await floor.advisor("alice")
    call = await floor.call("c3")
    assert call.state == "ringing"
    await floor.run("decline", advisor="alice", id="c3", ring=call.ring)
    assert (await places(floor))[0] == "c3"
    assert [line.kind for line in await floor.live.log(floor.showroom.id, call.id)][:2] == [
        "request",
        "place",
    ]


async def test_nobody_passes_who_is_kept_for_their_host(floor: Floor) -> None:
    await floor.customer("c1")
    await floor.customer("c2")
    await floor.guest("g1", host="alice")
    await floor.run("order_place", id="c2", place=1)
    assert await places(floor) == ["g1", "c2", "c1"]
    with pytest.raises(IllegalMove):
        await floor.run("order_place", id="g1", place=3)


async def test_only_who_waits_is_moved(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    for call in ("c1", "nobody"):
        with pytest.raises(IllegalMove):
            await floor.run("order_place", id=call, place=1)
