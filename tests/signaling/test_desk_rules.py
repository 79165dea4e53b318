"""Rules of the desk, over the wire: who called before, who is offered a transfer, and where."""

import asyncio

import pytest

from showroom.ids import ShowroomId
from showroom.showrooms import Showrooms
from showroom.words import Role
from signaling.pairing import prefix
from tests.houses import House, live_call
from tests.people import Customer, Employee
from tests.samples import PASSWORD, staff_of
from tests.virtual_clock import VirtualClock

ANNA = "anna@example.com"


@pytest.fixture
async def staffed(house: House) -> House:
    """The house, with Anna who works in both showrooms, Zoe who speaks only English, a robot."""
    staff = staff_of(house.node.shared.database, VirtualClock())
    both = {"paris": Role.ADVISOR, "lyon": Role.ADVISOR}
    paris = {"paris": Role.ADVISOR}
    await staff.add(ANNA, "Anna Both", PASSWORD, both, ["en", "fr"])
    await staff.add("zoe@example.com", "Zoe English", PASSWORD, paris, ["en"])
    await staff.add("robot@example.com", "Robo", PASSWORD, paris, ["en", "fr"], robot=True)
    return house


async def test_who_called_before_is_known_after_redis_has_forgotten_the_call(house: House) -> None:
    async with live_call(house) as (customer, alice, first):
        assert not (await alice.until_call("live"))["repeated"]
        await end(customer, alice, first)
        keys = [f"{prefix(house.paris)}:{kind}:{first}" for kind in ("call", "log", "said")]
        await house.node.shared.redis.delete(*keys)
        await customer.leave()
        await customer.call()
        again = await alice.until("call_state", lambda c: c["call"] != first)
        assert again["state"] == "ringing"
        assert again["repeated"]


async def test_a_ticket_of_another_showroom_makes_nobody_known(house: House) -> None:
    async with live_call(house) as (customer, alice, first):
        await end(customer, alice, first)
        lyon = (await Showrooms(house.node.shared.database).by_slug("lyon")).id
        async with house.customer("other") as stranger:
            stranger.http.cookie_jar.update_cookies({"vs_call": ticket_of(lyon)})
            await stranger.call()
            ring = await alice.until("call_state", lambda c: c["call"] != first)
            assert not ring["repeated"]


async def test_a_transfer_is_offered_to_people_who_speak_the_language(staffed: House) -> None:
    async with (
        staffed.employee("p1") as alice,
        staffed.employee("p2") as bruno,
        staffed.employee("p3") as zoe,
        staffed.employee("p4") as robot,
        staffed.customer() as customer,
    ):
        await alice.work("alice@example.com", PASSWORD)
        await customer.call(language="fr")
        ring = await alice.accept()
        await customer.send("connected", link=ring["link"])
        await bruno.work("bruno@example.com", PASSWORD)
        await zoe.work("zoe@example.com", PASSWORD)
        await robot.work("robot@example.com", PASSWORD)
        answer = await alice.send("list_colleagues")
        assert [one["name"] for one in answer["colleagues"]] == ["Bruno Keller"]


async def test_an_advisor_is_available_in_one_showroom_at_a_time(staffed: House) -> None:
    async with (
        staffed.employee("p1") as in_paris,
        staffed.employee("p2", showroom="lyon") as in_lyon,
    ):
        await in_paris.work(ANNA, PASSWORD)
        assert await in_lyon.sign_in(ANNA, PASSWORD) == 303
        await in_lyon.connect()
        refused = await in_lyon.send("set_available", available=True)
        assert refused["code"] == "at_work_elsewhere"
        assert (await in_paris.send("set_available", available=False))["ok"]
        assert (await in_lyon.send("set_available", available=True))["ok"]


async def test_two_pages_that_go_on_duty_at_once_in_two_showrooms_are_one_too_many(
    staffed: House,
) -> None:
    async with (
        staffed.employee("p1") as in_paris,
        staffed.employee("p2", showroom="lyon") as in_lyon,
    ):
        for page in (in_paris, in_lyon):
            assert await page.sign_in(ANNA, PASSWORD) == 303
            await page.connect()
        for _ in range(10):
            wishes = (page.send("set_available", available=True) for page in (in_paris, in_lyon))
            codes = [answer.get("code") for answer in await asyncio.gather(*wishes)]
            assert sorted(codes, key=str) == [None, "at_work_elsewhere"]
            there = in_paris if codes[0] is None else in_lyon
            assert (await there.send("set_available", available=False))["ok"]


async def end(customer: Customer, alice: Employee, call: str) -> None:
    """End a call with its outcome; Alice is available again."""
    await customer.send("hang_up")
    await alice.until_call("wrap_up")
    outcome = {"outcome": "interested", "reason": "", "notes": ""}
    assert (await alice.send("save_outcome", call=call, **outcome))["ok"]


def ticket_of(showroom: ShowroomId) -> str:
    return f"{showroom}.a-call-of-long-ago.a-secret"
