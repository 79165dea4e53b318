"""Events of a store on the wire, signed by the specification's own library."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook

from booking.leads.rows import with_id
from booking.store.context import Context, read, sign
from booking.store.secrets import StoreSecrets
from showroom.ids import LeadId
from showroom.lead_tables import leads, store_events
from showroom.showrooms import Showrooms, Store
from tests.houses import House, live_call
from tests.leads import saved_lead
from tests.people import Customer

URL = "/api/v1/store/events"
SHOP = "https://shop.example.com/cars/{vehicle}?context={context}"


@pytest.fixture
async def secrets(house: House) -> StoreSecrets:
    return StoreSecrets(house.node.shared.database, house.node.shared.clock)


@pytest.fixture
async def lead(house: House) -> LeadId:
    return await saved_lead(house.node.shared.database, house.paris)


def order(lead: str, **changes: Any) -> dict[str, Any]:
    data = {"lead": lead, "order": "o-1", "amount": 4_190_000, "currency": "EUR"}
    data["occurred_at"] = datetime.now(UTC).isoformat()
    return {"type": "order.created", "showroom": "paris", "data": data} | changes


async def send(
    house: House, secret: str, body: object, message: str = "msg_1", late_s: int = 0
) -> tuple[int, dict[str, Any]]:
    """Send what the store signed; return the status and the answer."""
    text = body if isinstance(body, str) else json.dumps(body)
    at = datetime.now(UTC) - timedelta(seconds=late_s)
    headers = {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, at, text),
        "Content-Type": "application/json",
    }
    async with (
        house.customer() as store,
        store.http.post(house.url + URL, data=text, headers=headers) as response,
    ):
        return response.status, await response.json()


async def kept(house: House) -> int:
    async with house.node.shared.database.read() as connection:
        return await connection.scalar(sa.select(sa.func.count()).select_from(store_events)) or 0


async def test_a_signed_event_is_kept_and_a_repetition_says_so(
    house: House, secrets: StoreSecrets, lead: LeadId
) -> None:
    secret, body = await secrets.rotate(house.paris), order(lead)
    assert await send(house, secret, body) == (200, {"ok": True, "duplicate": False})
    assert await send(house, secret, body) == (200, {"ok": True, "duplicate": True})
    status, _ = await send(house, secret, order(lead, type="order.cancelled", data={
        "lead": lead, "order": "o-1", "occurred_at": body["data"]["occurred_at"]
    }))  # fmt: skip
    assert status == 409
    assert await kept(house) == 1


async def test_a_lead_is_won_as_long_as_one_of_its_orders_stands(
    house: House, secrets: StoreSecrets, lead: LeadId
) -> None:
    secret, body = await secrets.rotate(house.paris), order(lead)["data"]
    states = []
    for n, (kind, which) in enumerate(
        [("created", "o-1"), ("created", "o-2"), ("cancelled", "o-1"), ("cancelled", "o-2")]
    ):
        data = body if kind == "created" else {"lead": lead, "occurred_at": body["occurred_at"]}
        told = order(lead, type=f"order.{kind}", data=data | {"order": which})
        assert (await send(house, secret, told, f"msg_{n}"))[0] == 200
        async with house.node.shared.database.read() as connection:
            states.append((await with_id(connection, house.paris, lead)).state)
    assert states == ["won", "won", "won", "contacted"]


async def test_a_win_of_staff_stays_when_the_store_cancels_an_order_that_was_never_told(
    house: House, secrets: StoreSecrets
) -> None:
    lead = await saved_lead(house.node.shared.database, house.paris, state="won")
    secret, body = await secrets.rotate(house.paris), order(lead)["data"]
    data = {"lead": lead, "order": "o-9", "occurred_at": body["occurred_at"]}
    assert (await send(house, secret, order(lead, type="order.cancelled", data=data)))[0] == 200
    async with house.node.shared.database.read() as connection:
        assert (await with_id(connection, house.paris, lead)).state == "won"


async def test_a_rotation_loses_nothing(house: House, secrets: StoreSecrets, lead: LeadId) -> None:
    old = await secrets.rotate(house.paris)
    new = await secrets.rotate(house.paris)
    for n, secret in enumerate((old, new, old)):
        assert (await send(house, secret, order(lead), f"msg_{n}"))[0] == 200
    await secrets.retire(house.paris)
    assert (await send(house, old, order(lead), "msg_8"))[0] == 401
    assert (await send(house, new, order(lead), "msg_9"))[0] == 200
    assert await kept(house) == 4


async def test_what_is_old_or_not_ours_is_refused_alike(
    house: House, secrets: StoreSecrets, lead: LeadId
) -> None:
    secret = await secrets.rotate(house.paris)
    wrong = "whsec_" + "A" * 44
    answers = [
        await send(house, wrong, order(lead)),
        await send(house, secret, order(lead), late_s=301),
        await send(house, secret, order(lead), late_s=-302),
        await send(house, secret, order(lead, showroom="nowhere")),
        await send(house, secret, order(lead, showroom="lyon")),
        await send(house, secret, order(lead, showroom=None)),
        await send(house, secret, "[]"),
        await send(house, secret, "no json"),
        await send(house, secret, "[" * 50_000),
    ]
    assert {status for status, _ in answers} == {401}
    assert len({json.dumps(answer) for _, answer in answers}) == 1
    assert await kept(house) == 0


async def test_a_signed_event_that_makes_no_sense_says_why(
    house: House, secrets: StoreSecrets, lead: LeadId
) -> None:
    secret = await secrets.rotate(house.paris)
    for body, right in (
        (order(lead, type="order.lost"), 400),
        (order(lead, data={}), 400),
        (order("nobody"), 404),
    ):
        status, answer = await send(house, secret, body)
        assert status == right, answer
    assert (await send(house, secret, order(lead) | {"more": "x" * 70_000}))[0] == 413
    # What was refused has not used its id up.
    assert (await send(house, secret, order(lead)))[0] == 200


@pytest.mark.parametrize("nasty", ["a\0b", "\ud800", "x" * 10_000])
async def test_what_can_not_be_kept_is_refused_by_its_name(
    house: House, secrets: StoreSecrets, lead: LeadId, nasty: str
) -> None:
    secret, wrong = await secrets.rotate(house.paris), order(lead)
    wrong["data"]["order"] = nasty
    status, answer = await send(house, secret, wrong)
    assert (status, answer["code"]) == (400, "bad_request")
    assert nasty == "\ud800" or "order" in answer["detail"]
    assert await kept(house) == 0
    assert (await send(house, secret, order(lead)))[0] == 200


async def test_only_posts_are_events(house: House) -> None:
    async with house.customer() as anybody, anybody.http.get(house.url + URL) as response:
        assert response.status == 405


async def with_a_store(house: House, url: str = SHOP) -> None:
    showrooms = Showrooms(house.node.shared.database)
    room = await showrooms.by_slug("paris")
    await showrooms.save(replace(room, store=Store(url=url)))
    # The node's copy of the showrooms is two seconds old at most.
    async with house.customer() as anybody, asyncio.timeout(10):
        while (await go_on(anybody))[0] == 404:
            await asyncio.sleep(0.1)


async def go_on(who: Customer, query: str = "") -> tuple[int, str]:
    address = f"{who.url}/s/paris/store{query}"
    async with who.http.get(address, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", "")


async def test_the_way_on_to_the_store_says_from_which_call_somebody_comes(
    house: House, secrets: StoreSecrets
) -> None:
    secret = await secrets.rotate(house.paris)
    await with_a_store(house)
    async with live_call(house) as (customer, alice, call), house.customer("other") as stranger:
        assert (await alice.send("show_store_link", vehicle="crete"))["ok"]
        shown = await customer.until("logged", lambda m: m["entry"]["kind"] == "store")
        assert shown["entry"]["vehicle"]["id"] == "crete"
        assert (await alice.send("show_store_link", vehicle="nothing"))["code"] == "not_found"
        status, link = await go_on(customer, "?vehicle=crete&utm_source=newsletter")
        assert status == 303
        assert link.startswith("https://shop.example.com/cars/crete?context=")
        context = read(link.rpartition("=")[2], [secret])
        assert (context.call, context.vehicle) == (call, "crete")
        assert context.campaign == {"source": "newsletter"}
        # Whoever has no ticket of the call comes from nowhere.
        _, link = await go_on(stranger, "?vehicle=nothing")
        known = read(link.rpartition("=")[2], [secret])
        assert (known.call, known.vehicle) == ("", "")


async def test_without_a_store_there_is_no_way_on(house: House) -> None:
    async with live_call(house) as (customer, alice, _):
        assert (await go_on(customer))[0] == 404
        refused = await alice.send("show_store_link", vehicle="crete")
        assert refused["code"] == "illegal_move"
        assert (await customer.send("show_store_link", vehicle="crete"))["code"] == "bad_request"


async def test_an_order_that_came_before_its_lead_wins_it_once_there_is_one(
    house: House, secrets: StoreSecrets
) -> None:
    secret, database = await secrets.rotate(house.paris), house.node.shared.database
    bought = order("nobody")
    bought["data"]["context"] = sign(Context("paris", iat=1, exp=2, call="c1"), secret)
    del bought["data"]["lead"]
    assert (await send(house, secret, bought))[0] == 200
    await saved_lead(database, house.paris, call="c1")
    state = None
    async with asyncio.timeout(20):
        while state != "won":
            await asyncio.sleep(0.05)
            async with database.read() as connection:
                state = await connection.scalar(sa.select(leads.c.state))
