"""The manager's figures and list: calls that run and calls that were, each counted once."""

import asyncio
import json
from typing import Any

from booking.follow_ups import FollowUps
from showroom.asking import Figures
from showroom.calls import CallRecord, CallRecords
from showroom.clock import system_clock
from showroom.days import STEP_MS
from showroom.ids import CallId
from showroom.showrooms import Showrooms
from showroom.words import CallState, Dimension, EndReason
from signaling.life import Move
from signaling.pairing import prefix
from tests.houses import House, live_call
from tests.people import Boss
from tests.samples import PASSWORD


async def ask(boss: Boss, path: str) -> tuple[int, dict[str, Any]]:
    headers = {"Accept": "application/json"}
    async with boss.http.get(boss.url + path, headers=headers) as response:
        return response.status, await response.json()


async def today(boss: Boss) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    _, answer = await ask(boss, "/manager/today")
    return answer["figures"], answer["calls"]


async def all_saved(house: House) -> None:
    """Wait until SQL has the newest version of every call."""
    async with asyncio.timeout(10):
        while await house.node.shared.redis.scard(f"{prefix(house.paris)}:unsaved"):
            await asyncio.sleep(0.02)


async def test_a_call_is_counted_once_from_the_request_to_long_after_its_end(house: House) -> None:
    async with house.boss() as boss, house.employee() as alice, house.customer() as customer:
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        call = await customer.call(vehicle="crete")
        figures, [row] = await today(boss)
        assert (figures["calls"], figures["answered"], figures["abandoned"]) == (1, 0, 0)
        assert {
            figures[f"{name}_ms"] for name in ("waiting_avg", "waiting_max", "talking_avg")
        } == {None}
        assert (row["id"], row["state"], row["vehicle"]) == (call, "waiting", "crete")
        assert (row["advisor"], row["talked_ms"]) == (None, None)

        await alice.work("alice@example.com", PASSWORD)
        link = (await alice.accept())["link"]
        assert (await customer.send("connected", link=link))["ok"]
        await alice.until_call("live")
        figures, [row] = await today(boss)
        assert (figures["calls"], figures["answered"], figures["talking_avg_ms"]) == (1, 1, None)
        assert figures["waiting_avg_ms"] == row["waited_ms"]
        assert (row["state"], row["advisor"], row["talked_ms"]) == ("live", "Alice Martin", None)

        assert (await customer.send("hang_up"))["ok"]
        assert (await customer.send("rate", stars=4))["ok"]
        seen = [await today(boss)]
        await all_saved(house)
        seen.append(await today(boss))
        assert (await alice.send("save_outcome", call=call, outcome="bought"))["ok"]
        closed = [await today(boss)]
        await all_saved(house)
        # Redis has it still, for the customer's page: it must not count for that.
        closed.append(await today(boss))
        for figures, [row] in (*seen, *closed):
            assert (figures["calls"], figures["answered"], figures["rating_avg"]) == (1, 1, 4)
            assert figures["talking_avg_ms"] == row["talked_ms"] is not None
            assert (row["id"], row["end_reason"]) == (call, "customer_hung_up")
        assert [figures["outcomes"] for figures, _ in closed] == [{"bought": 1}] * 2


async def test_a_missed_ring_counts_while_its_call_still_waits(house: House) -> None:
    async with house.boss() as boss, house.employee() as alice, house.customer() as customer:
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        await alice.work("alice@example.com", PASSWORD)
        call = await customer.call()
        await alice.until_call("ringing")
        redis, start = house.node.shared.redis, prefix(house.paris)
        await redis.zadd(f"{start}:due", {f"ring:{call}": 0})
        await redis.xadd(f"{start}:feed", {"k": "call", "c": call, "a": ""})  # as with every change
        await customer.until_call("waiting")
        figures, [row] = await today(boss)
        assert (figures["missed_rings"], row["state"]) == (1, "waiting")


async def test_the_newer_version_of_a_call_counts_wherever_it_is(house: House) -> None:
    async with live_call(house) as (_, _, call), house.boss() as boss:
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        redis, start = house.node.shared.redis, prefix(house.paris)
        records = CallRecords(house.node.shared.database)
        known = await redis.hgetall(f"{start}:call:{call}")
        created, version = int(known["created"]), int(known["version"])

        async def save(number: int) -> None:
            left = CallRecord(
                id=CallId(call),
                showroom_id=house.paris,
                version=number,
                state=CallState.CLOSED,
                language="en",
                vehicle=None,
                created_at=created,
                ended_at=created + 7_000,
                end_reason=EndReason.CUSTOMER_LEFT,
                waited_ms=7_000,
            )
            await records.save(left, [])

        await save(version - 1)
        figures, [row] = await today(boss)
        assert (figures["calls"], figures["answered"], figures["abandoned"]) == (1, 1, 0)
        assert row["state"] == "live"
        assert (await ask(boss, f"/manager/calls/{call}/timeline"))[1]["call"]["state"] == "live"

        await save(version + 1)
        figures, [row] = await today(boss)
        assert (figures["calls"], figures["answered"], figures["abandoned"]) == (1, 0, 1)
        assert row["state"] == "closed"
        assert (await ask(boss, f"/manager/calls/{call}/timeline"))[1]["call"]["state"] == "closed"


async def test_a_call_without_a_picture_does_not_lower_the_average_talk(house: House) -> None:
    async with house.boss() as boss, house.employee() as alice, house.customer() as broken:
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        await alice.work("alice@example.com", PASSWORD)
        first = await broken.call()
        await alice.accept()
        assert (await alice.send("end_call"))["ok"]
        assert (await alice.send("save_outcome", call=first, outcome="invalid"))["ok"]
        async with live_call(house) as (customer, _, second):
            assert (await customer.send("hang_up"))["ok"]
            await all_saved(house)
            figures, calls = await today(boss)
        assert [call["id"] for call in calls] == [second, first]
        assert [figures["answered"], calls[1]["talked_ms"]] == [2, None]
        assert figures["talking_avg_ms"] == calls[0]["talked_ms"]


async def test_the_timeline_of_a_running_call_can_be_opened(house: House) -> None:
    async with live_call(house) as (customer, _, call), house.boss() as boss:
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        await customer.send("chat", id="k", text="Does it tow?")
        status, answer = await ask(boss, f"/manager/calls/{call}/timeline")
        assert (status, answer["call"]["id"], answer["call"]["state"]) == (200, call, "live")
        kinds = ["request", "ring", "accept", "connect", "chat"]
        assert [event["kind"] for event in answer["events"]] == kinds
        assert answer["events"][-1]["data"]["text"] == "Does it tow?"
        for unknown in ("gone", "%ff", "%ed%a0%80", "a%2fb", "x" * 3000):
            status, answer = await ask(boss, f"/manager/calls/{unknown}/timeline")
            assert (status, answer["code"]) == (404, "not_found"), unknown


async def test_every_kind_of_event_has_its_words(house: House) -> None:
    others = ("request", "relink", "chat", "vehicle", "transfer_decline", "transfer_miss")
    kinds = {*(str(move) for move in Move), *others}
    async with house.boss() as boss:
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        for language in ("en", "fr"):
            async with boss.http.get(f"{boss.url}/manager?lang={language}") as response:
                page = await response.text()
            words = json.loads(page.partition('id="words">')[2].partition("</script>")[0])
            assert {f"manager.event.{kind}" for kind in kinds} <= words.keys()


async def test_a_manager_gives_back_what_an_advisor_took_on_and_nobody_elses_manager_does(
    house: House,
) -> None:
    book = FollowUps(house.node.shared.database, system_clock)
    which = await book.add_call_back(house.paris, "Zoé", "+33612345678", "fr", None, "1", None)
    async with house.boss() as boss, house.boss("lyon") as chief, house.employee() as alice:
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        assert await chief.sign_in("chief@example.com", PASSWORD) == 303
        assert await alice.sign_in("alice@example.com", PASSWORD) == 303
        await alice.connect()
        assert (await alice.send("take_follow_up", follow_up=which))["ok"]
        _, answer = await ask(boss, "/manager/today")
        assert answer["taken"] == [{"id": which, "name": "Zoé", "by": "Alice Martin"}]
        for who, status in ((chief, 404), (alice, 403), (boss, 200)):
            token = await who.csrf("/advisor" if who is alice else "/manager")
            async with who.http.post(
                f"{house.url}/manager/follow-ups/{which}/release", headers={"X-CSRF-Token": token}
            ) as response:
                assert response.status == status
        await alice.until("follow_ups", lambda m: m["items"] and not m["items"][0]["taken_by"])
        _, answer = await ask(boss, "/manager/today")
        assert answer["taken"] == []


async def test_a_call_s_campaign_and_device_reach_the_rollups(house: House) -> None:
    phone = "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0"
    async with house.customer() as customer:
        customer.http.headers["User-Agent"] = phone
        address = f"{house.url}/s/paris?utm_campaign=tv+spot"
        async with customer.http.get(address) as response:
            assert response.status == 200
        await customer.call(vehicle="crete")
        assert (await customer.send("leave_queue"))["ok"]
    await all_saved(house)
    shared = house.node.shared
    paris = await Showrooms(shared.database).by_slug("paris")
    now = system_clock() // STEP_MS * STEP_MS
    for by, key in (
        (Dimension.CAMPAIGN, "tv spot"),
        (Dimension.DEVICE, "phone"),
        (Dimension.VEHICLE, "crete"),
        (Dimension.CHANNEL, "walk_in"),
        (Dimension.ADVISOR, ""),
    ):
        told = await Figures(shared.database).figures(paris, now - STEP_MS, now + STEP_MS, by)
        assert {one: figures.abandoned for one, figures in told.items()} == {key: 1}
