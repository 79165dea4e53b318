"""The manager's interface to the handoff, and the figures for an operator."""

import json
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis.asyncio import Redis

from booking.handoff.publishing import Publishing
from booking.handoff.topics import Topic
from booking.outbox import Outbox
from showroom.clock import system_clock
from tests.booking.delivering import until
from tests.booking.handoff.receiver import Heard, receiving
from tests.booking.handoff.sending import LEAD
from tests.booking.handoff.test_adf import read, text
from tests.houses import House, live_call, open_house
from tests.nodes import node_settings
from tests.people import Boss
from tests.samples import PASSWORD
from tests.web.agendas import post
from tests.web.booking import booked, send
from tests.web.test_leads import SHEET

START = "/manager/handoff"
TOKEN = "a token of an operator"
WEBHOOK = {"kind": "webhook", "name": "The store", "address": "https://store.example/hooks"}
ALL = {**WEBHOOK, "topics": ["lead.qualified", "call.ended"]}


async def change(boss: Boss, path: str, body: object) -> tuple[int, dict[str, Any]]:
    token = await boss.csrf("/manager/handoff")
    async with boss.http.post(
        boss.url + path, json=body, headers={"X-CSRF-Token": token}
    ) as response:
        return response.status, await response.json()


async def look(boss: Boss, path: str) -> dict[str, Any]:
    async with boss.http.get(boss.url + path, headers={"Accept": "application/json"}) as response:
        found: dict[str, Any] = await response.json()
        return found


async def publish(house: House, subject: str = "lead-1") -> None:
    database = house.node.shared.database
    publishing = Publishing(Outbox(database, system_clock), system_clock)
    async with database.write() as connection:
        await publishing.publish(connection, house.paris, Topic.LEAD_QUALIFIED, subject, LEAD, None)


async def test_a_secret_is_in_the_answer_to_its_making_and_nowhere_else(house: House) -> None:
    async with house.boss() as boss:
        await boss.sign_in("boss@example.com", PASSWORD)
        status, added = await change(boss, f"{START}/endpoints", ALL)
        assert status == 201
        assert added["secret"].startswith("whsec_")
        (known,) = (await look(boss, f"{START}/endpoints"))["endpoints"]
        assert (known["id"], known["state"], known["rotating"]) == (added["id"], "new", False)
        status, rotated = await change(boss, f"{START}/endpoints/{added['id']}/rotate", {})
        assert status == 201
        shown = json.dumps(await look(boss, f"{START}/endpoints"))
        async with boss.http.get(f"{boss.url}{START}") as page:
            shown += await page.text()
        assert added["secret"] not in shown
        assert rotated["secret"] not in shown


async def test_an_endpoint_moves_to_where_it_may_be(house: House) -> None:
    async with house.boss() as boss:
        await boss.sign_in("boss@example.com", PASSWORD)
        _, added = await change(boss, f"{START}/endpoints", ALL)
        one = f"{START}/endpoints/{added['id']}/move"
        for wrong in ({"address": "http://127.0.0.1/"}, {"address": "x" * 3_000}, {}):
            status, refused = await change(boss, one, wrong)
            assert (status, refused["field"]) == (400, "address")
        assert (await change(boss, one, {"address": " https://new.example/hooks "}))[0] == 200
        (known,) = (await look(boss, f"{START}/endpoints"))["endpoints"]
        assert (known["id"], known["address"]) == (added["id"], "https://new.example/hooks")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"address": "http://127.0.0.1/"}, "address"),
        ({"address": "nowhere"}, "address"),
        ({"address": "https://x.example/" + "x" * 2_000}, "address"),
        ({"topics": []}, "topics"),
        ({"topics": ["lead.invented"]}, "topics"),
        ({"kind": "carrier pigeon"}, "kind"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 10_000}, "name"),
        ({"dealer": "nobody"}, "dealer"),
        ({"secret": "whsec_mine"}, None),
    ],
)
async def test_an_endpoint_that_can_not_work_is_refused_with_its_field(
    house: House, wrong: dict[str, object], field: str | None
) -> None:
    async with house.boss() as boss:
        await boss.sign_in("boss@example.com", PASSWORD)
        status, refused = await change(boss, f"{START}/endpoints", {**ALL, **wrong})
        assert (status, refused["code"]) == (400, "bad_request")
        assert refused.get("field") == field


async def test_the_log_answers_filters_and_refuses_nonsense(house: House) -> None:
    async with house.boss() as boss:
        await boss.sign_in("boss@example.com", PASSWORD)
        _, added = await change(boss, f"{START}/endpoints", ALL)
        await change(boss, f"{START}/endpoints/{added['id']}/disable", {})
        await publish(house)
        (line,) = (await look(boss, f"{START}/deliveries?state=waiting"))["deliveries"]
        assert (line["topic"], line["subject"]) == ("lead.qualified", "lead-1")
        assert (await look(boss, f"{START}/deliveries?state=failed"))["deliveries"] == []
        for nonsense in ("state=lost", "below=-1", "below=x", f"below={2**63}", "endpoint=../x"):
            assert (await look(boss, f"{START}/deliveries?{nonsense}"))["code"] == "bad_request"
        whole = await look(boss, f"{START}/deliveries/{line['id']}")
        assert whole["attempts"] == []
        again = f"{START}/endpoints/{added['id']}/replay"
        assert (await change(boss, again, {"since": 2**63}))[0] == 400
        _, replayed = await change(boss, again, {"since": 0})
        assert replayed == {"ok": True, "replayed": 0}


async def test_a_node_delivers_and_its_figures_say_so(
    tmp_path: Path, redis: Redis, redis_url: str
) -> None:
    settings = node_settings(
        tmp_path, redis_url=redis_url, handoff_hosts="127.0.0.0/8", metrics_token=TOKEN
    )
    async with receiving() as store, open_house(settings) as house, house.boss() as boss:
        await boss.sign_in("boss@example.com", PASSWORD)
        for path in ("ok", "status/410"):
            there = {**ALL, "address": f"{store.url}/{path}"}
            assert (await change(boss, f"{START}/endpoints", there))[0] == 201
        await publish(house)
        await until(lambda: len(store.requests) == 2)

        async def settled() -> bool:
            known = (await look(boss, f"{START}/endpoints"))["endpoints"]
            # One that was told nothing yet works, too.
            done = (await look(boss, f"{START}/deliveries?state=delivered"))["deliveries"]
            return {one["state"] for one in known} == {"works", "disabled"} and len(done) == 1

        await until(settled)
        found = await figures(house)
    assert found["showroom_endpoints", ("ok",)] == 1
    assert found["showroom_endpoints", ("disabled",)] == 1
    assert found["showroom_endpoints", ("failing",)] == 0
    assert found["showroom_outbox_waiting", ("webhook",)] == 1
    assert found["showroom_outbox_oldest_seconds", ("webhook",)] >= 0
    assert found["showroom_deliveries_total", ("webhook", "delivered")] == 1
    assert found["showroom_deliveries_total", ("webhook", "held")] == 1


async def figures(house: House) -> dict[tuple[str, tuple[str, ...]], float]:
    async with (
        house.customer() as anybody,
        anybody.http.get(
            f"{house.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}
        ) as response,
    ):
        assert response.status == 200
        written = await response.text()
    families = text_string_to_metric_families(written)
    samples = [sample for family in families for sample in family.samples]
    return {(one.name, tuple(one.labels.values())): one.value for one in samples}


@pytest.mark.parametrize("header", [None, "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer \udcff"])
async def test_without_the_token_there_are_no_figures(
    tmp_path: Path, redis: Redis, redis_url: str, header: str | None
) -> None:
    settings = node_settings(tmp_path, redis_url=redis_url, metrics_token=TOKEN)
    headers = {"Authorization": header} if header else {}
    async with (
        open_house(settings) as house,
        house.customer() as anybody,
        anybody.http.get(f"{house.url}/metrics", headers=headers) as response,
    ):
        assert response.status == 404


async def test_a_visit_and_a_call_reach_the_store_and_the_dealer_as_they_happen(
    tmp_path: Path, redis: Redis, redis_url: str
) -> None:
    settings = node_settings(tmp_path, redis_url=redis_url, handoff_hosts="127.0.0.1")
    async with receiving() as store, open_house(settings) as house, house.boss() as boss:
        await boss.sign_in("boss@example.com", PASSWORD)
        hooks = {**WEBHOOK, "address": f"{store.url}/ok", "topics": [one.value for one in Topic]}
        crm = {"kind": "adf_http", "name": "A dealer", "address": f"{store.url}/crm"}
        for one in (hooks, {**crm, "topics": ["lead.qualified"]}):
            assert (await change(boss, f"{START}/endpoints", one))[0] == 201
        async with house.customer("books") as guest:
            token = await booked(guest)
            assert (await send(guest, f"/v/{token}/cancel"))[0] == 200
            await until(lambda: heard(store, "/ok")[-1:] == ["appointment.cancelled"])
        assert heard(store, "/ok") == ["appointment.booked", "appointment.cancelled"]
        assert token not in json.dumps(store.requests)
        async with live_call(house) as (customer, alice, call):
            given = {"version": 0, "sheet": SHEET}
            assert (await post(alice, f"/advisor/calls/{call}/sheet/lead", given))[0] == 200
            await customer.send("hang_up")
            await alice.until_call("wrap_up")
            assert (await alice.send("save_outcome", call=call, outcome="test_drive"))["ok"]
            await until(lambda: "/crm" in [one["path"] for one in store.requests])
            await until(lambda: {"call.ended", "lead.qualified"} <= set(heard(store, "/ok")))
    (document,) = [one["body"] for one in store.requests if one["path"] == "/crm"]
    found = read(document)
    assert found.find("vehicle").get("interest") == "test-drive"
    assert text(found, "vehicle/model") == "Crête"
    assert text(found, "customer/contact/email") == "jeanne@example.com"


def heard(store: Heard, path: str) -> list[str]:
    """Return the types of the events that came there, in their order."""
    return [json.loads(one["body"])["type"] for one in store.requests if one["path"] == path]
