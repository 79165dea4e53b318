"""Calls and call-backs over HTTP: what is refused, and who goes before the others."""

import pytest
import sqlalchemy as sa

from showroom.showrooms import Showrooms
from showroom.tables import follow_ups
from signaling.pairing import Pairing, prefix
from tests.houses import House
from tests.people import Customer, Employee
from tests.samples import PASSWORD
from tests.signaling.floor import TIMES

MINUTE_MS = 60_000


@pytest.mark.parametrize("agreed", [{"consent": False}, {}, {"consent": None}])
async def test_without_consent_no_number_is_kept(house: House, agreed: dict[str, object]) -> None:
    async with house.customer() as customer:
        wish = {"name": "Zoé", "phone": "06 12 34 56 78", "language": "fr", **agreed}
        async with customer.http.post(
            f"{house.url}/s/paris/call-backs",
            json=wish,
            headers={"X-CSRF-Token": await customer.csrf("/s/paris")},
        ) as response:
            assert response.status == 400
            assert (await response.json())["code"] == "bad_request"
    async with house.node.shared.database.read() as connection:
        assert (await connection.execute(sa.select(follow_ups))).all() == []


async def test_a_second_tap_is_refused_as_long_as_the_first_call_lasts(house: House) -> None:
    async with house.customer() as customer, house.employee() as alice:
        call = await customer.call()
        for state in ("waiting", "ringing", "connecting"):
            if state == "ringing":
                await alice.work("alice@example.com", PASSWORD)
            elif state == "connecting":
                await alice.accept()
            await customer.until_call(state)
            status, answer = await customer.request()
            assert (status, answer["code"]) == (409, "already_in_call")
        known = await house.node.shared.redis.smembers(f"{prefix(house.paris)}:calls")
        assert known == {call}
        assert (await customer.send("hang_up"))["ok"]
        status, _ = await customer.request()
        assert status == 201


async def broken(house: House, customer: Customer, alice: Employee) -> str:
    """Let a call break because its advisor vanishes; return it."""
    call = await customer.call()
    await alice.accept()
    redis, start = house.node.shared.redis, prefix(house.paris)
    [who] = map(str, await redis.smembers(f"{start}:advisors"))
    await redis.zadd(f"{start}:due", {f"advisor:{who}": 0})
    # By hand: the house's own keeper gives nobody up so soon after its start.
    paris = await Showrooms(house.node.shared.database).by_slug("paris")
    await Pairing(redis, TIMES).run(paris, "sweep", languages=[], most=10)
    assert (await customer.until_call("wrap_up"))["end_reason"] == "advisor_gone"
    return call


@pytest.mark.parametrize(("minutes", "first"), [(9, True), (11, False)])
async def test_whoever_calls_soon_after_a_call_that_broke_goes_before_the_others(
    house: House, minutes: int, first: bool
) -> None:
    async with (
        house.customer("unlucky") as unlucky,
        house.customer("patient") as patient,
        house.employee("a") as alice,
        house.employee("b") as bruno,
    ):
        await alice.work("alice@example.com", PASSWORD)
        before = await broken(house, unlucky, alice)
        redis, key = house.node.shared.redis, f"{prefix(house.paris)}:call:{before}"
        await redis.hincrby(key, "ended", -minutes * MINUTE_MS)

        waits = await patient.call()
        status, answer = await unlucky.request()
        assert status == 201
        await unlucky.come_back()
        place = (await unlucky.until_call("waiting"))["queue"]["position"]
        assert place == (1 if first else 2)
        await bruno.work("bruno@example.com", PASSWORD)
        ring = await bruno.until_call("ringing")
        assert ring["call"] == (answer["call"] if first else waits)


@pytest.mark.parametrize(("wished", "kept"), [("crete", "crete"), ("a-car-of-long-ago", None)])
async def test_a_car_that_the_range_does_not_have_costs_no_number(
    house: House, wished: str, kept: str | None
) -> None:
    async with house.customer() as customer:
        wish = {"name": "Zoé", "phone": "06 12 34 56 78", "language": "fr", "consent": True}
        async with customer.http.post(
            f"{house.url}/s/paris/call-backs",
            json={**wish, "vehicle": wished},
            headers={"X-CSRF-Token": await customer.csrf("/s/paris")},
        ) as response:
            assert response.status == 201
    async with house.node.shared.database.read() as connection:
        [row] = (
            await connection.execute(sa.select(follow_ups.c.phone, follow_ups.c.vehicle))
        ).all()
    assert tuple(row) == ("+33612345678", kept)
