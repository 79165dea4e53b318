"""Stills over HTTP: judged for the call's own advisor, shown to its managers by policy."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from showroom.showrooms import Policy, Showrooms
from tests.houses import House, live_call
from tests.people import Boss, Customer, Employee
from tests.samples import PASSWORD
from tests.stills import a_sheet

SHOWS = {"microphone": True, "camera": True, "paused": False}


async def send(
    sender: Employee, call: str, sheet: bytes, kind: str = "image/jpeg", query: str = ""
) -> tuple[int, dict[str, Any]]:
    token = await sender.csrf("/staff/login")
    headers = {"X-CSRF-Token": token, "Content-Type": kind, "Accept": "application/json"}
    address = f"{sender.url}/advisor/calls/{call}/stills{query}"
    async with sender.http.post(address, data=sheet, headers=headers) as response:
        return response.status, await response.json()


async def seen_by(boss: Boss, query: str = "") -> tuple[int, dict[str, str]]:
    headers = {"Accept": "application/json"}
    async with boss.http.get(f"{boss.url}/manager/stills{query}", headers=headers) as response:
        return response.status, (await response.json()).get("stills", {})


async def until_seen(boss: Boss, alice: Employee, call: str) -> str:
    """Send stills until the manager sees one: a node hears of a new policy within two seconds."""
    async with asyncio.timeout(15):
        while True:
            await send(alice, call, a_sheet())
            _, stills = await seen_by(boss)
            if call in stills:
                return stills[call]
            await asyncio.sleep(0.5)


async def set_policy(house: House, policy: Policy) -> None:
    showrooms = Showrooms(house.node.shared.database)
    paris = await showrooms.by_slug("paris")
    await showrooms.save(replace(paris, policy=policy))


@asynccontextmanager
async def shown_call(house: House) -> AsyncIterator[tuple[Customer, Employee, str, Boss]]:
    """Yield a live call in which the advisor's camera runs, and the manager."""
    async with live_call(house) as (customer, alice, call), house.boss() as boss:
        assert (await alice.send("media_state", **SHOWS))["ok"]
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        yield customer, alice, call, boss


async def test_an_advisor_hears_what_is_wrong_with_the_picture(house: House) -> None:
    async with shown_call(house) as (_, alice, call, _):
        assert await send(alice, call, a_sheet()) == (200, {"ok": True, "remark": "dark"})
        upright = a_sheet(128, (272, 480))
        assert await send(alice, call, upright) == (200, {"ok": True, "remark": "well"})


async def test_only_the_calls_own_advisor_is_answered(house: House) -> None:
    async with shown_call(house) as (_, alice, call, boss), house.employee("b") as bruno:
        assert await bruno.sign_in("bruno@example.com", PASSWORD) == 303
        assert (await send(bruno, call, a_sheet()))[0] == 404
        assert (await send(alice, "another-call", a_sheet()))[0] == 404
        assert (await send(boss, call, a_sheet()))[0] == 403
        assert (await send(alice, call, a_sheet(), query="?showroom=lyon"))[0] == 403


@pytest.mark.parametrize(
    ("sheet", "kind", "status"),
    [
        (b"no picture", "image/jpeg", 400),
        (b"<svg/>", "image/svg+xml", 400),
        (a_sheet(), "application/x-www-form-urlencoded", 400),
        (a_sheet(size=(960, 540)), "image/jpeg", 413),
        (a_sheet() + bytes(50_000), "image/jpeg", 413),
        (bytes(80_000), "image/jpeg", 413),
    ],
)
async def test_what_is_no_still_is_refused(
    house: House, sheet: bytes, kind: str, status: int
) -> None:
    async with shown_call(house) as (_, alice, call, _):
        assert (await send(alice, call, sheet, kind))[0] == status


async def test_a_page_that_sends_too_many_is_slowed_down(house: House) -> None:
    async with shown_call(house) as (_, alice, call, _):
        told = [(await send(alice, call, a_sheet()))[0] for _ in range(12)]
        assert set(told) == {200, 429}


async def test_without_a_picture_there_is_nothing_to_judge(house: House) -> None:
    async with shown_call(house) as (_, alice, call, _):
        nothing = (200, {"ok": True, "remark": None})
        assert (await alice.send("hold"))["ok"]
        assert await send(alice, call, a_sheet()) == nothing
        assert (await alice.send("resume"))["ok"]
        assert (await alice.send("media_state", **SHOWS | {"camera": False}))["ok"]
        assert await send(alice, call, a_sheet()) == nothing
        assert (await alice.send("media_state", **SHOWS))["ok"]
        assert (await alice.send("end_call"))["ok"]
        assert await send(alice, call, a_sheet()) == nothing


async def test_a_manager_sees_no_still_unless_the_policy_says_so(house: House) -> None:
    async with shown_call(house) as (_, alice, call, boss):
        assert (await send(alice, call, a_sheet()))[0] == 200
        await asyncio.sleep(0.2)
        assert await seen_by(boss) == (200, {})
        assert Policy().manager_stills is False


async def test_a_manager_sees_the_stills_of_running_calls_and_of_no_other_showroom(
    house: House,
) -> None:
    async with shown_call(house) as (_, alice, call, boss), house.boss("lyon") as chief:
        await set_policy(house, Policy(manager_stills=True))
        picture = cv2.imdecode(
            np.frombuffer(base64.b64decode(await until_seen(boss, alice, call)), np.uint8), 1
        )
        assert picture is not None
        assert picture.shape == (136, 240, 3)
        assert (await seen_by(alice))[0] == 403  # type: ignore[arg-type]
        assert await chief.sign_in("chief@example.com", PASSWORD) == 303
        assert (await seen_by(chief, "?showroom=paris"))[0] == 403
        assert await seen_by(chief) == (200, {})


async def test_on_hold_without_camera_and_after_the_end_no_picture_stays(house: House) -> None:
    async with shown_call(house) as (customer, alice, call, boss):
        await set_policy(house, Policy(manager_stills=True))
        await until_seen(boss, alice, call)
        assert (await alice.send("hold"))["ok"]
        assert await seen_by(boss) == (200, {})
        assert (await alice.send("resume"))["ok"]
        assert (await alice.send("media_state", **SHOWS | {"camera": False}))["ok"]
        assert await seen_by(boss) == (200, {})
        assert (await alice.send("media_state", **SHOWS))["ok"]
        await until_seen(boss, alice, call)
        assert (await customer.send("hang_up"))["ok"]
        assert await seen_by(boss) == (200, {})


async def test_a_policy_that_is_switched_off_takes_the_stills_away(house: House) -> None:
    async with shown_call(house) as (_, alice, call, boss):
        await set_policy(house, Policy(manager_stills=True))
        await until_seen(boss, alice, call)
        await set_policy(house, Policy())
        async with asyncio.timeout(10):
            while (await seen_by(boss))[1]:
                await asyncio.sleep(0.1)


async def test_an_advisors_page_says_when_managers_can_see_stills(house: House) -> None:
    mark = "who__stills"
    async with house.employee() as alice:
        assert await alice.sign_in("alice@example.com", PASSWORD) == 303
        headers = {"Accept-Language": "en"}
        async with alice.http.get(f"{alice.url}/advisor", headers=headers) as response:
            assert mark not in await response.text()
        await set_policy(house, Policy(manager_stills=True))
        async with asyncio.timeout(10):
            while True:
                async with alice.http.get(f"{alice.url}/advisor", headers=headers) as response:
                    if mark in await response.text():
                        break
                await asyncio.sleep(0.2)
