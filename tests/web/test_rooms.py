"""All showrooms of a manager, beside the floor of one: right, at once, and of no one else."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from showroom.alarms import NobodyRule
from showroom.words import Role
from tests.houses import House
from tests.nodes import node_settings, running_node
from tests.people import Boss
from tests.samples import PASSWORD, staff_of
from tests.virtual_clock import VirtualClock
from tests.web.test_alarms import set_rule


@pytest.fixture
async def both(house: House) -> House:
    """A house whose boss manages Lyon, too."""
    staff = staff_of(house.node.shared.database, VirtualClock())
    await staff.grant("boss@example.com", "lyon", Role.MANAGER)
    return house


def room(state: dict[str, Any], slug: str) -> dict[str, Any]:
    (found,) = [one for one in state["rooms"] if one["slug"] == slug]
    assert isinstance(found, dict)
    return found


async def test_what_happens_in_another_showroom_stands_in_the_table_on_another_node(
    both: House, tmp_path: Path, redis_url: str
) -> None:
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(
            running_node(node_settings(tmp_path, redis_url=redis_url))
        )
        boss = await stack.enter_async_context(Boss(other.url, "paris"))
        await boss.watch("boss@example.com", PASSWORD)
        state = await boss.until_newest("rooms_state")
        assert [one["slug"] for one in state["rooms"]] == ["lyon", "paris"]
        assert room(state, "lyon") == {
            "slug": "lyon",
            "name": "Orvanne Lyon",
            "open": True,
            "waiting": 0,
            "waits_since": None,
            "running": 0,
            "available": 0,
            "on_duty": 0,
            "offered": 0,
            "answered": 0,
            "alarms": 0,
        }
        customer = await stack.enter_async_context(both.customer(showroom="lyon"))
        await customer.call()
        state = await boss.until_newest("rooms_state", lambda s: room(s, "lyon")["waiting"] == 1)
        assert state["now"] - room(state, "lyon")["waits_since"] <= 3000
        assert room(state, "paris")["waiting"] == 0
        lea = await stack.enter_async_context(both.employee(showroom="lyon"))
        await lea.work("lea@example.com", PASSWORD)
        link = (await lea.accept())["link"]
        assert (await customer.send("connected", link=link))["ok"]
        await customer.until_call("live")
        state = await boss.until_newest(
            "rooms_state", lambda s: room(s, "lyon")["running"] == room(s, "lyon")["answered"] == 1
        )
        lyon = room(state, "lyon")
        assert (lyon["waiting"], lyon["waits_since"], lyon["offered"]) == (0, None, 1)
        assert (lyon["on_duty"], lyon["available"]) == (1, 0)


async def test_alarms_of_all_showrooms_are_counted(both: House) -> None:
    await set_rule(both.node, nobody=NobodyRule(on=True, seconds=0))
    async with Boss(both.url, "lyon") as boss:
        await boss.watch("boss@example.com", PASSWORD)
        state = await boss.until_newest("rooms_state", lambda s: room(s, "paris")["alarms"] == 1)
        assert room(state, "lyon")["alarms"] == 0


async def test_who_manages_one_showroom_hears_of_no_other(both: House) -> None:
    staff = staff_of(both.node.shared.database, VirtualClock())
    # An advisor elsewhere is no manager there.
    await staff.grant("chief@example.com", "paris", Role.ADVISOR)
    async with Boss(both.url, "lyon") as chief, Boss(both.url, "paris") as boss:
        await chief.watch("chief@example.com", PASSWORD)
        await chief.until_newest("floor_state")
        await boss.watch("boss@example.com", PASSWORD)
        await boss.until_newest("rooms_state")
        # Both are looked at by the same beats: what the chief would hear has come by now.
        async with asyncio.timeout(10):
            while len([one for one, _ in chief.heard if one == "floor_state"]) < 2:
                await asyncio.sleep(0.05)
        assert "rooms_state" not in [event for event, _ in chief.heard]
