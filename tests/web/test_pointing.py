"""What was pointed at in a call: from a tap to a line of the replay's timeline."""

import pytest

from showroom.ids import CallId
from showroom.marks import Mark
from showroom.words import Side
from tests.houses import House, live_call
from tests.people import Person
from web.keys import MARKS
from web.pointing import stretches


def a_mark(after: int, side: Side = Side.CUSTOMER) -> Mark:
    return Mark(side, 1_000_000 + after, 0.5, 0.5)


def test_marks_that_follow_one_another_are_one_stretch_of_their_side() -> None:
    marks = [
        a_mark(0),
        a_mark(4_000, Side.ADVISOR),
        a_mark(9_000),
        a_mark(19_000),
        a_mark(29_001),
    ]
    found = stretches(marks)
    assert [(one.side, len(one.marks), one.lasted_ms) for one in found] == [
        (Side.CUSTOMER, 3, 22_000),
        (Side.ADVISOR, 1, 3_000),
        (Side.CUSTOMER, 1, 3_000),
    ]
    assert stretches([]) == []


async def test_both_sides_point_and_the_page_of_the_call_tells_where_and_when(
    house: House, boss: Person
) -> None:
    async with live_call(house) as (customer, alice, call):
        assert (await customer.send("point", x=0.25, y=0.5))["ok"]
        await alice.until("pointed")
        assert (await alice.send("point", x=0.75, y=0.1))["ok"]
        await customer.until("pointed", lambda mark: mark["by"] == "advisor")
        address = f"{house.url}/manager/calls/{call}"
        async with boss.http.get(address, params={"showroom": "paris"}) as response:
            page = await response.text()
        assert "Customer pointed at the picture, for 3" in page
        assert "Alice Martin pointed at the picture" in page
        assert "From 25% of the picture’s width and 50% of its height" in page
        assert 'cx="40.0" cy="45.0"' in page
        async with boss.http.get(address, params={"showroom": "paris", "lang": "fr"}) as response:
            assert "Client : un point montré sur l’image" in await response.text()


async def test_who_may_not_point_leaves_no_mark(house: House) -> None:
    async with house.customer() as customer:
        call = await customer.call()
        assert not (await customer.send("point", x=0.5, y=0.5))["ok"], "nobody has answered yet"
        assert await house.node.app[MARKS].of_call(house.paris, CallId(call)) == ()


@pytest.mark.parametrize("spot", [(-0.1, 0.5), (0.5, 1.1), ("a", 0.5)])
async def test_a_spot_beside_the_picture_is_refused_and_not_kept(
    house: House, spot: tuple[float, float]
) -> None:
    async with live_call(house) as (customer, _, call):
        answer = await customer.send("point", x=spot[0], y=spot[1])
        assert answer["code"] == "bad_request"
        assert await house.node.app[MARKS].of_call(house.paris, CallId(call)) == ()
