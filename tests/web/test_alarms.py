"""Alarms of a real floor: seen on every node within two seconds, cleared by what mends them."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from redis.asyncio import Redis

from booking.handoff.endpoint import EndpointKind
from booking.handoff.endpoints import Endpoints
from booking.handoff.guard import Guard
from booking.handoff.topics import Topic
from showroom.alarm_desk import LEASE_MS, Lease
from showroom.alarms import (
    AlarmRule,
    AnswersRule,
    NobodyRule,
    ReceiverRule,
    WaitingRule,
)
from showroom.audit import AuditLog
from showroom.clock import system_clock, to_datetime
from showroom.hours import DateException
from showroom.lead_tables import endpoints
from tests.houses import House, open_house
from tests.nodes import Node, node_settings, running_node
from tests.people import Boss, Customer, Employee, Person
from tests.samples import PASSWORD
from tests.web.test_floor import order, the_boss
from web.keys import ALARMS, SHOWROOMS

PATIENCE = 10


async def set_rule(node: Node, **rules: Any) -> None:
    """Change rules of the showroom in Paris, as its page does."""
    rooms = node.app[SHOWROOMS]
    room = await rooms.by_slug("paris")
    await rooms.save(replace(room, alarms=replace(room.alarms, **rules)))


def up(*kinds: str) -> Any:
    """Return whether a floor has exactly these alarms."""
    return lambda floor: sorted(one["kind"] for one in floor["alarms"]) == sorted(kinds)


async def post(boss: Person, path: str, **given: Any) -> tuple[int, dict[str, Any]]:
    token = await boss.csrf("/manager")
    async with boss.http.post(
        f"{boss.url}{path}?showroom={boss.showroom}", json=given, headers={"X-CSRF-Token": token}
    ) as response:
        return response.status, await response.json()


async def history(boss: Person) -> list[dict[str, Any]]:
    async with boss.http.get(f"{boss.url}/manager/alarms?showroom={boss.showroom}") as response:
        answer = await response.json()
        assert answer["ok"], answer
        found: list[dict[str, Any]] = answer["alarms"]
        return found


async def test_who_waits_for_too_long_is_an_alarm_on_every_node_within_two_seconds(
    house: House, tmp_path: Path, redis_url: str
) -> None:
    await set_rule(house.node, waiting=WaitingRule(on=True, seconds=1))
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(
            running_node(node_settings(tmp_path, redis_url=redis_url))
        )
        boss = await stack.enter_async_context(Boss(other.url))
        await boss.watch("boss@example.com", PASSWORD)
        assert (await boss.until_newest("floor_state"))["alarms"] == []
        customer = await stack.enter_async_context(house.customer())
        await customer.call()
        floor = await boss.until_newest("floor_state", up("waiting"))
        (alarm,) = floor["alarms"]
        assert floor["now"] - alarm["since"] - 1000 <= 2000
        assert alarm["numbers"] == {"limit": 1, "waiting": 1}
        employee = await stack.enter_async_context(house.employee())
        await employee.work("alice@example.com", PASSWORD)
        await employee.accept()
        floor = await boss.until_newest("floor_state", up())
        (past,) = await history(boss)
        assert past["id"] == alarm["id"]
        assert past["cleared_at"] <= floor["now"]


async def test_the_next_node_goes_on_where_one_died_and_tells_nothing_twice(
    tmp_path: Path, redis: Redis, redis_url: str
) -> None:
    settings = node_settings(tmp_path, redis_url=redis_url)
    async with AsyncExitStack() as last, AsyncExitStack() as first:
        house = await first.enter_async_context(open_house(settings))
        await set_rule(house.node, waiting=WaitingRule(on=True, seconds=1))
        other = await last.enter_async_context(
            running_node(node_settings(tmp_path, redis_url=redis_url))
        )
        shared = other.shared
        receivers = Endpoints(shared.database, Guard([]), system_clock)
        url = "https://store.example.com/hooks"
        store = await receivers.add(house.paris, EndpointKind.WEBHOOK, "S", url, tuple(Topic))
        await receivers.disable(house.paris, store.id)  # so that all of it waits
        boss = await last.enter_async_context(Boss(other.url))
        await boss.watch("boss@example.com", PASSWORD)
        customer = await last.enter_async_context(Customer(other.url))
        await customer.call()
        (alarm,) = (await boss.until_newest("floor_state", up("waiting")))["alarms"]
        await first.aclose()
        assert (await customer.send("leave_queue"))["ok"]
        await boss.until_newest("floor_state", up())
        query = "SELECT topic, subject_id FROM outbox WHERE endpoint_id IS NOT NULL ORDER BY number"
        async with shared.database.read() as connection:
            told = [tuple(row) for row in await connection.execute(sa.text(query))]
        assert [one for one in told if one[0].startswith("alarm")] == [
            ("alarm.raised", alarm["id"]),
            ("alarm.cleared", alarm["id"]),
        ]


async def test_one_looks_until_they_stop_saying_so(redis: Redis) -> None:
    one, other = Lease(redis, 200), Lease(redis)
    assert [await one.held(), await other.held(), await one.held()] == [True, False, True]
    async with asyncio.timeout(PATIENCE):
        while not await other.held():
            await asyncio.sleep(0.02)
    assert not await one.held()
    assert LEASE_MS < 2000


async def test_nobody_on_duty_is_an_alarm_only_while_it_is_open_and_takes_calls(
    house: House,
) -> None:
    await set_rule(house.node, nobody=NobodyRule(on=True, seconds=0))
    async with AsyncExitStack() as stack:
        boss = await the_boss(house, stack)
        await boss.connect()
        await boss.until_newest("floor_state", up("nobody"))
        await order(boss, "queue", closed=True)
        await boss.until_newest("floor_state", up())
        await order(boss, "queue", closed=False)
        await boss.until_newest("floor_state", up("nobody"))
        employee = await stack.enter_async_context(house.employee())
        await employee.work("alice@example.com", PASSWORD)
        await boss.until_newest("floor_state", up())
        await employee.send("set_available", available=False)
        await boss.until_newest("floor_state", up("nobody"))
        rooms = house.node.app[SHOWROOMS]
        room = await rooms.by_slug("paris")
        today = to_datetime(system_clock()).date()
        days = [today + timedelta(days=n) for n in (-1, 0, 1)]
        await rooms.save(replace(room, exceptions=tuple(map(DateException, days))))
        await boss.until_newest("floor_state", up())


async def test_too_few_answers_are_counted_from_enough_calls_and_without_who_still_waits(
    house: House,
) -> None:
    await set_rule(house.node, answers=AnswersRule(on=True, percent=50, minutes=60, least=2))
    async with AsyncExitStack() as stack:
        boss = await the_boss(house, stack)
        await boss.connect()
        waits = await stack.enter_async_context(house.customer("page-w"))
        await waits.call()
        for number in range(2):
            gone = await stack.enter_async_context(house.customer(f"page-{number}"))
            await gone.call()
            assert (await boss.until_newest("floor_state"))["alarms"] == []
            assert (await gone.send("leave_queue"))["ok"]
        floor = await boss.until_newest("floor_state", up("answers"))
        numbers = floor["alarms"][0]["numbers"]
        assert numbers == {"limit": 50, "minutes": 60, "offered": 2, "answered": 0}


async def test_a_receiver_in_trouble_is_an_alarm_by_its_name_until_it_works_again(
    house: House,
) -> None:
    await set_rule(house.node, receiver=ReceiverRule(on=True, minutes=0))
    database = house.node.shared.database
    receivers = Endpoints(database, Guard([]), system_clock)
    url = "https://store.example.com/hooks"
    store = await receivers.add(house.paris, EndpointKind.WEBHOOK, "The store", url, tuple(Topic))

    async def fails(since: int | None) -> None:
        change = sa.update(endpoints).where(endpoints.c.id == store.id)
        async with database.write() as connection:
            await connection.execute(change.values(failing_since=since))

    async with AsyncExitStack() as stack:
        boss = await the_boss(house, stack)
        await boss.connect()
        await fails(system_clock() - 1000)
        floor = await boss.until_newest("floor_state", up("receiver"))
        assert floor["alarms"][0]["name"] == "The store"
        await fails(None)
        await boss.until_newest("floor_state", up())
        await receivers.disable(house.paris, store.id, "It answered 410.")
        await boss.until_newest("floor_state", up("receiver"))
        # What a manager does on purpose is no alarm.
        await receivers.enable(house.paris, store.id)
        await receivers.disable(house.paris, store.id)
        await boss.until_newest("floor_state", up())


async def test_managers_hear_at_once_that_a_receiver_is_in_trouble_without_any_alarm(
    house: House,
) -> None:
    database = house.node.shared.database
    receivers = Endpoints(database, Guard([]), system_clock)
    store = await receivers.add(
        house.paris, EndpointKind.WEBHOOK, "S", "https://store.example.com/", tuple(Topic)
    )
    async with AsyncExitStack() as stack:
        boss = await the_boss(house, stack)
        await boss.connect()
        await boss.until_newest("floor_state")
        boss.heard.clear()
        began = system_clock()
        await receivers.disable(house.paris, store.id, "It answered 410.")
        floor = await boss.until_newest("floor_state")
        # The floor comes every eight seconds anyway.
        assert floor["now"] - began < 4000


async def test_who_sees_it_says_so_and_silence_is_taken_back_like_an_order(house: House) -> None:
    await set_rule(house.node, nobody=NobodyRule(on=True, seconds=0))
    async with AsyncExitStack() as stack:
        boss = await the_boss(house, stack)
        await boss.connect()
        (alarm,) = (await boss.until_newest("floor_state", up("nobody")))["alarms"]
        assert (alarm["acknowledged_at"], alarm["acknowledged_by"]) == (None, "")
        path = f"/manager/alarms/{alarm['id']}/acknowledge"
        assert await post(boss, path) == (200, {"ok": True})
        seen = await boss.until_newest(
            "floor_state", lambda f: [a["acknowledged_by"] for a in f["alarms"]] == ["Camille Roux"]
        )
        assert seen["alarms"][0]["acknowledged_at"]
        assert await order(boss, "alarms/nobody", silent=True) == (200, {"ok": True, "was": False})
        floor = await boss.until_newest("floor_state", lambda f: "nobody" in f["silences"])
        assert 3_500_000 < floor["silences"]["nobody"] - floor["now"] <= 3_600_000
        assert (await order(boss, "alarms/nobody", silent=False))[1]["was"] is True
        await boss.until_newest("floor_state", lambda f: f["silences"] == {})
        for what, given in (("alarms/fire", {"silent": True}), ("alarms/nobody", {"silent": 3})):
            assert (await order(boss, what, **given))[0] in (400, 404)
        assert (await history(boss))[0]["acknowledged_by"] == "Camille Roux"
    log = await AuditLog(house.node.shared.database).page(house.paris)
    assert [list(one.entry.after) for one in log] == [
        [],
        ["alarm_nobody_silent_until"],
        ["alarm_nobody_acknowledged"],
    ]


async def test_nobody_sees_or_silences_alarms_of_another_showroom(house: House) -> None:
    await set_rule(house.node, nobody=NobodyRule(on=True, seconds=0))
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(PATIENCE):
            while not (found := (await house.node.app[ALARMS].of(house.paris))[0]):
                await asyncio.sleep(0.05)
        chief = await stack.enter_async_context(Boss(house.url, "lyon"))
        await chief.watch("chief@example.com", PASSWORD)
        assert (await chief.until_newest("floor_state"))["alarms"] == []
        assert await history(chief) == []
        path = f"/manager/alarms/{found[0].id}/acknowledge"
        assert (await post(chief, path))[0] == 404
        chief.showroom = "paris"
        for aimed in (path, "/manager/floor/alarms/nobody"):
            token = await chief.csrf("/manager")
            async with chief.http.post(
                f"{house.url}{aimed}?showroom=paris",
                json={"silent": True},
                headers={"X-CSRF-Token": token},
            ) as response:
                assert response.status == 403
        alice = await stack.enter_async_context(Employee(house.url))
        await alice.sign_in("alice@example.com", PASSWORD)
        async with alice.http.get(f"{house.url}/manager/alarms?showroom=paris") as response:
            assert response.status == 403
        (alarm,), silences = await house.node.app[ALARMS].of(house.paris)
        assert (alarm.acknowledged_at, silences) == (None, {})


@pytest.mark.parametrize("rule", ["waiting", "nobody"])
async def test_a_rule_that_is_turned_off_ends_its_alarm(house: House, rule: str) -> None:
    on: dict[str, AlarmRule] = {
        "waiting": WaitingRule(on=True, seconds=0),
        "nobody": NobodyRule(on=True, seconds=0),
    }
    await set_rule(house.node, **{rule: on[rule]})
    async with AsyncExitStack() as stack:
        customer = await stack.enter_async_context(house.customer())
        await customer.call()
        boss = await the_boss(house, stack)
        await boss.connect()
        await boss.until_newest("floor_state", up(rule))
        await set_rule(house.node, **{rule: replace(on[rule], on=False)})
        await boss.until_newest("floor_state", up())
