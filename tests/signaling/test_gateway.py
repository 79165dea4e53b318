"""The wire, end to end: real sockets against a real node."""

import asyncio
import time
from pathlib import Path

import aiohttp
import pytest
from redis.asyncio import Redis
from socketio.exceptions import ConnectionError as Refused
from yarl import URL

from showroom.words import Role
from signaling.pairing import prefix
from tests.houses import House, live_call, open_house
from tests.nodes import node_settings
from tests.samples import PASSWORD, staff_of
from tests.virtual_clock import VirtualClock


async def test_a_call_from_the_tap_to_the_outcome(house: House) -> None:
    async with house.customer() as customer, house.employee() as alice:
        await alice.work("alice@example.com", PASSWORD)
        call = await customer.call(vehicle="crete", language="fr")
        ring = await alice.until_call("ringing")
        assert (ring["call"], ring["language"], ring["vehicle"]["id"]) == (call, "fr", "crete")
        assert 0 < ring["ring_until"] - ring["now"] <= 20_000
        assert ring["ice"] == {"servers": [], "policy": "all"}
        await alice.accept()
        assert (await customer.until_call("connecting"))["advisor"]["name"] == "Alice Martin"
        assert (await alice.send("connected", link=ring["link"]))["ok"]
        await customer.until_call("live")

        assert (await customer.send("chat", id="k1", text="  How long is it? "))["ok"]
        heard = await alice.until("logged", lambda m: m["entry"]["kind"] == "chat")
        assert heard["entry"]["text"] == "How long is it?"
        assert (await alice.send("show_vehicle", vehicle="crete"))["ok"]
        card = await customer.until("logged", lambda m: m["entry"]["kind"] == "vehicle")
        assert card["entry"]["vehicle"]["price"] == 4_190_000
        assert (await customer.send("point", x=0.25, y=0.75))["ok"]
        mark = {"by": "customer", "x": 0.25, "y": 0.75}
        assert await alice.until("pointed") == mark
        assert await customer.until("pointed") == mark
        assert (await alice.send("hold"))["ok"]
        assert (await customer.until("call_state", lambda c: c["held"]))["state"] == "live"

        assert (await customer.send("hang_up"))["ok"]
        assert (await alice.until_call("wrap_up"))["end_reason"] == "customer_hung_up"
        assert (await customer.send("rate", stars=5, comment="Merci"))["ok"]
        saved = await alice.send("save_outcome", call=call, outcome="test_drive", reason="Sunday")
        assert saved["ok"]
        await alice.until("no_call")
        await alice.until("advisor_state", lambda s: s["state"] == "available")


async def test_signals_reach_only_the_other_side(house: House) -> None:
    async with live_call(house) as (customer, alice, _):
        link = (await customer.until_call("live"))["link"]
        offer = {"type": "offer", "sdp": "v=0"}
        assert (await customer.send("signal", link=link, description=offer))["ok"]
        assert await alice.until("signal") == {"link": link, "description": offer}
        candidate = {"candidate": "candidate:1 1 udp 1 192.0.2.1 1 typ host", "sdpMid": "0"}
        assert (await alice.send("signal", link=link, candidate=candidate))["ok"]
        assert (await customer.until("signal"))["candidate"] == candidate
        assert not [event for event, _ in alice.heard if event == "signal"][1:]


async def test_every_connect_gets_the_full_state(house: House) -> None:
    async with live_call(house) as (customer, alice, call):
        await customer.send("chat", id="k", text="Hello")
        await alice.send("save_notes", notes="Likes blue")
        await customer.leave()
        await alice.until("call_state", lambda c: not c["customer"]["present"])
        await customer.come_back()
        back = await customer.until_call("live")
        assert back["call"] == call
        assert [entry["text"] for entry in back["log"]] == ["Hello"]
        assert "notes" not in back
        await alice.come_back(page="reloaded")
        assert (await alice.until_call("live"))["notes"] == "Likes blue"
        assert (await alice.until_call("live"))["link"] == back["link"] + 1


async def test_a_newer_page_replaces_the_older_one(house: House) -> None:
    async with live_call(house) as (customer, _, call), house.customer("page-2") as newer:
        newer.http.cookie_jar.update_cookies(
            {c.key: c.value for c in customer.http.cookie_jar if c.key == "vs_call"},
            response_url=URL(house.url),
        )
        await newer.connect()
        assert (await newer.until_call("live"))["call"] == call
        async with asyncio.timeout(5):
            await customer.socket.wait()
        assert "replaced" in [event for event, _ in customer.heard]
        assert (await newer.send("chat", id="k", text="I am still here"))["ok"]


async def test_of_a_call_that_is_over_each_page_looks_on_and_none_is_sent_away(
    house: House,
) -> None:
    async with live_call(house) as (customer, _, call), house.customer("page-2") as newer:
        await customer.send("hang_up")
        await customer.until_call("wrap_up")
        newer.http.cookie_jar.update_cookies(
            {c.key: c.value for c in customer.http.cookie_jar if c.key == "vs_call"},
            response_url=URL(house.url),
        )
        await newer.connect()
        assert (await newer.until_call("wrap_up"))["call"] == call
        assert (await newer.send("rate", stars=4, comment=""))["ok"]
        assert (await customer.send("rate", stars=5, comment=""))["ok"]
        assert "replaced" not in [event for event, _ in (*customer.heard, *newer.heard)]


async def test_another_customers_ticket_opens_nothing(house: House) -> None:
    async with live_call(house) as (customer, _, call), house.customer("page-2") as stranger:
        ticket = next(c.value for c in customer.http.cookie_jar if c.key == "vs_call")
        room, _, secret = ticket.split(".")
        for forged in (f"{room}.{call}.{'A' * 22}", f"{room}.{call}.", f"x.{call}.{secret}", "…"):
            stranger.http.cookie_jar.update_cookies(
                {"vs_call": forged}, response_url=URL(house.url)
            )
            await stranger.come_back()
            await stranger.until("no_call")
            assert (await stranger.send("chat", id="k", text="x"))["code"] == "not_found"
            await stranger.leave()


@pytest.mark.parametrize(
    ("space", "code"), [("/advisor", "not_signed_in"), ("/manager", "not_signed_in")]
)
async def test_staffs_namespaces_want_a_session(house: House, space: str, code: str) -> None:
    async with house.customer() as stranger:
        stranger.space = space
        stranger.socket = stranger._new_socket()
        refusals: list[dict[str, object]] = []
        stranger.socket.on("connect_error", refusals.append, namespace=space)
        with pytest.raises(Refused):
            await stranger.connect()
        assert refusals[0]["data"]["code"] == code  # type: ignore[index]


async def test_an_advisor_of_another_showroom_is_refused(house: House) -> None:
    async with house.employee() as lea:
        assert await lea.sign_in("lea@example.com", PASSWORD) == 303
        with pytest.raises(Refused):
            await lea.connect()


async def test_an_advisor_is_no_manager(house: House) -> None:
    async with house.boss() as alice:
        assert await alice.sign_in("alice@example.com", PASSWORD) == 303
        with pytest.raises(Refused):
            await alice.connect()


@pytest.mark.parametrize("event", ["connect", "disconnect"])
async def test_a_client_cannot_run_the_servers_own_handlers(house: House, event: str) -> None:
    async with live_call(house) as (customer, _, _call):
        answer = await customer.socket.call(
            event, ({"HTTP_COOKIE": "vs_staff=x"}, {"showroom": "paris"}), namespace="/customer"
        )
        assert answer["code"] == "bad_request"
        assert (await customer.send("chat", id="k", text="still here"))["ok"]


@pytest.mark.parametrize(
    ("event", "payload", "field"),
    [
        ("chat", {"id": "k", "text": ""}, "text"),
        ("chat", {"id": "k", "text": "x" * 501}, "text"),
        ("chat", {"id": "k" * 65, "text": "x"}, "id"),
        ("chat", {"id": "k"}, "text"),
        ("chat", {"id": "k", "text": "x", "as": "advisor"}, "as"),
        ("point", {"x": 1.01, "y": 0}, "x"),
        ("point", {"x": "0", "y": float("nan")}, "y"),
        ("signal", {"link": 1}, "signal"),
        ("rate", {"stars": 6}, "stars"),
        ("accept", {"call": "x", "ring": 1}, "not known"),
        ("save_notes", {"notes": "x"}, "not known"),
        ("bogus", {}, "not known"),
    ],
)
async def test_a_wrong_shape_is_refused_with_the_field_named(
    house: House, event: str, payload: dict[str, object], field: str
) -> None:
    async with live_call(house) as (customer, _, _call):
        answer = await customer.send(event, **payload)
        assert answer["code"] == "bad_request"
        assert field in answer["message"]


@pytest.mark.parametrize("payload", [None, 5, "x", [], [1], {"a": {"b": []}}, True])
async def test_what_is_no_object_is_refused(house: House, payload: object) -> None:
    async with live_call(house) as (customer, _, _call):
        answer = await customer.socket.call("chat", payload, namespace="/customer")
        assert answer["code"] == "bad_request"


async def test_an_event_out_of_turn_is_an_illegal_move(house: House) -> None:
    async with house.customer() as customer, house.employee() as alice:
        await customer.call()
        assert (await customer.send("hang_up"))["code"] == "illegal_move"
        assert (await customer.send("rate", stars=3))["code"] == "illegal_move"
        await alice.sign_in("alice@example.com", PASSWORD)
        await alice.connect()
        for event in ("hold", "resume", "end_call"):
            assert (await alice.send(event))["code"] == "illegal_move"
        assert (await customer.send("leave_queue"))["ok"]
        assert (await customer.send("leave_queue"))["code"] == "illegal_move"


async def test_a_crash_in_a_handler_is_told_and_the_socket_stays(house: House) -> None:
    async with live_call(house) as (customer, alice, _):
        redis, start = house.node.shared.redis, prefix(house.paris)
        [who] = map(str, await redis.smembers(f"{start}:advisors"))
        await redis.hset(f"{start}:adv:{who}", "state", "dreaming")
        answer = await alice.send("hold")
        assert (answer["ok"], answer["code"]) == (False, "crashed")
        assert "dreaming" not in answer["message"]
        assert (await customer.send("chat", id="k", text="still here"))["ok"]
        await redis.hset(f"{start}:adv:{who}", "state", "busy")
        assert (await alice.send("hold"))["ok"]


async def test_a_socket_that_sends_too_fast_is_slowed_down_and_stays(house: House) -> None:
    async with live_call(house) as (customer, _, _call):
        answers = await asyncio.gather(*(customer.send("point", x=0.5, y=0.5) for _ in range(120)))
        codes = {answer.get("code") for answer in answers}
        assert codes == {None, "too_many"}
        await asyncio.sleep(0.2)
        assert (await customer.send("point", x=0.5, y=0.5))["ok"]


async def test_a_message_over_64_kb_ends_the_socket_and_not_the_call(house: House) -> None:
    async with live_call(house) as (customer, alice, call):
        await customer.socket.emit("chat", {"id": "k", "text": "x" * 70_000}, "/customer")
        async with asyncio.timeout(5):
            await customer.socket.wait()
        await customer.come_back()
        assert (await customer.until_call("live"))["call"] == call
        assert (await alice.send("chat", id="k2", text="still here"))["ok"]


async def test_a_foreign_origin_is_refused(house: House) -> None:
    async with house.customer() as customer:
        with pytest.raises(Refused):
            await customer.connect(headers={"Origin": "https://evil.example"})
        port = house.node.shared.settings.port
        await customer.come_back()
        await customer.leave()
        customer.socket = customer._new_socket()
        await customer.connect(headers={"Origin": f"http://localhost:{port}"})
        await customer.until("showroom_state")


async def test_polling_is_refused(house: House) -> None:
    async with aiohttp.ClientSession() as http:
        url = f"{house.url}/socket.io/?EIO=4&transport=polling"
        async with http.get(url) as response:
            assert response.status == 400


async def test_a_dismissed_advisor_is_gone_within_two_seconds(house: House) -> None:
    async with live_call(house) as (customer, alice, _):
        staff = staff_of(house.node.shared.database, VirtualClock())
        begin = time.monotonic()
        await staff.disable("alice@example.com")
        async with asyncio.timeout(5):
            await alice.socket.wait()
        assert time.monotonic() - begin < 2
        assert "signed_out" in [event for event, _ in alice.heard]
        assert (await customer.until_call("wrap_up"))["end_reason"] == "advisor_gone"
        with pytest.raises(Refused):
            await alice.come_back()


async def test_a_call_back_is_taken_by_one_and_all_are_told(house: House) -> None:
    async with house.customer() as customer, house.employee() as alice, house.employee() as bruno:
        await alice.work("alice@example.com", PASSWORD)
        await bruno.work("bruno@example.com", PASSWORD)
        token = await customer.csrf("/s/paris")
        wish = {"name": "Zoé", "phone": "06 12 34 56 78", "consent": True, "language": "fr"}
        async with customer.http.post(
            f"{house.url}/s/paris/call-backs", json=wish, headers={"X-CSRF-Token": token}
        ) as response:
            assert response.status == 201, await response.text()
        item = (await alice.until("follow_ups", lambda m: m["items"]))["items"][0]
        assert (item["name"], item["phone"]) == ("Zoé", "+33612345678")
        assert (await alice.send("take_follow_up", follow_up=item["id"]))["ok"]
        refused = await bruno.send("take_follow_up", follow_up=item["id"])
        assert refused["code"] == "already_taken"
        seen = await bruno.until("follow_ups", lambda m: m["items"] and m["items"][0]["taken_by"])
        assert (seen["items"][0]["taken_by"], seen["items"][0]["mine"]) == ("Alice Martin", False)
        assert seen["items"][0]["phone"] == "••• 78"
        mine = await alice.until("follow_ups", lambda m: m["items"] and m["items"][0]["mine"])
        assert mine["items"][0]["phone"] == "+33612345678"
        refused = await bruno.send("release_follow_up", follow_up=item["id"])
        assert refused["code"] == "already_taken"
        assert (await alice.send("release_follow_up", follow_up=item["id"]))["ok"]
        free = await bruno.until_newest(
            "follow_ups", lambda m: m["items"] and not m["items"][0]["taken_by"]
        )
        assert free["items"][0]["phone"] == "+33612345678"
        assert (await bruno.send("take_follow_up", follow_up=item["id"]))["ok"]
        # Whoever manages here too may give back what a colleague has.
        people = staff_of(house.node.shared.database, VirtualClock())
        await people.grant("alice@example.com", "paris", Role.MANAGER)
        await alice.come_back()
        theirs = await alice.until("follow_ups", lambda m: m["items"])
        assert (theirs["items"][0]["mine"], theirs["items"][0]["phone"]) == (False, "+33612345678")
        assert (await alice.send("release_follow_up", follow_up=item["id"]))["ok"]
        assert (await alice.send("finish_follow_up", follow_up=item["id"]))["ok"]
        await bruno.until("follow_ups", lambda m: not m["items"])


async def test_what_somebody_disabled_had_taken_on_is_free_on_the_others_pages(
    house: House,
) -> None:
    async with house.customer() as customer, house.employee() as alice, house.employee() as bruno:
        for who, email in ((alice, "alice@example.com"), (bruno, "bruno@example.com")):
            assert await who.sign_in(email, PASSWORD) == 303
            await who.connect()
        await customer.call()
        await customer.send("leave_queue")
        item = (await alice.until("follow_ups", lambda m: m["items"]))["items"][0]
        assert (await alice.send("take_follow_up", follow_up=item["id"]))["ok"]
        await bruno.until("follow_ups", lambda m: m["items"] and m["items"][0]["taken_by"])
        await staff_of(house.node.shared.database, VirtualClock()).disable("alice@example.com")
        await bruno.until("follow_ups", lambda m: m["items"] and not m["items"][0]["taken_by"])


async def test_an_abandoned_call_is_on_the_advisors_list(house: House) -> None:
    async with house.customer() as customer, house.employee() as alice:
        assert await alice.sign_in("alice@example.com", PASSWORD) == 303
        await alice.connect()
        await customer.call(vehicle="crete")
        await customer.send("leave_queue")
        found = await alice.until("follow_ups", lambda m: m["items"])
        assert [(i["kind"], i["vehicle"]) for i in found["items"]] == [("missed_call", "crete")]


async def test_who_waited_longer_than_relay_credentials_last_gets_some_that_are_valid(
    tmp_path: Path, redis: Redis, redis_url: str
) -> None:
    relay = {"turn_urls": "turn:127.0.0.1:3478", "turn_secret": "s", "turn_ttl_seconds": 300}
    async with (
        open_house(node_settings(tmp_path, redis_url=redis_url, **relay)) as house,
        house.customer() as customer,
        house.employee() as alice,
    ):
        call = await customer.call()
        ten_minutes_ago = int(time.time() * 1000) - 600_000
        await redis.hset(f"{prefix(house.paris)}:call:{call}", "created", ten_minutes_ago)
        await alice.work("alice@example.com", PASSWORD)
        for ring in (await alice.until_call("ringing"), await customer.until_call("ringing")):
            expires_s = int(ring["ice"]["servers"][0]["username"].split(":")[0])
            assert expires_s * 1000 >= ring["now"] + 300_000


async def test_a_manager_sees_the_floor_follow_a_call(house: House) -> None:
    async with house.boss() as boss:
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        await boss.connect()
        async with live_call(house) as (customer, _, call):
            floor = await boss.until(
                "floor_state", lambda f: any(c["state"] == "live" for c in f["calls"])
            )
            assert [(c["call"], c["advisor"]) for c in floor["calls"]] == [(call, "Alice Martin")]
            await customer.send("hang_up")
            await boss.until("floor_state", lambda f: not f["calls"])
