"""Managers over real sockets: both sides see them, and they are gone when they are."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

import pytest
from socketio.exceptions import ConnectionError as Refused

from showroom.calls import CallEvent, CallRecords
from showroom.errors import NotFound
from showroom.ids import CallId
from showroom.words import Role
from tests.houses import House, live_call
from tests.people import Boss, Person
from tests.samples import PASSWORD, staff_of
from tests.signaling.test_sessions import is_shut_out, one_look, sign_out
from tests.virtual_clock import VirtualClock

BOSS = "boss@example.com"
CAMILLE = "Camille Roux"


async def shown(who: Person, **people: str) -> list[dict[str, Any]]:
    """Wait until this side's page shows these managers with these voices, and nobody else."""
    wanted = {name.replace("_", " "): voice for name, voice in people.items()}
    state = await who.until_newest(
        "call_state", lambda c: {one["name"]: one["voice"] for one in c["people"]} == wanted
    )
    return list(state["people"])


async def test_both_sides_see_who_listens_whispers_and_barges_in(house: House) -> None:
    async with live_call(house) as (customer, alice, call), house.boss() as boss:
        await boss.watch(BOSS, PASSWORD)
        for mode in ("nobody", "advisor", "all"):
            state = await boss.supervise(call, mode)
            assert state["me"] | {"voice": mode, "part": "manager", "state": "in"} == state["me"]
            for who in (customer, alice):
                [one] = await shown(who, Camille_Roux=mode)
                assert one == state["me"]
        await customer.send("chat", id="k", text="who is this?")
        assert (await boss.until("logged"))["entry"]["text"] == "who is this?"
        for event, payload in (
            ("chat", {"id": "x", "text": "I"}), ("point", {"x": 0, "y": 0}), ("hang_up", {}),
            ("admit", {"person": state["me"]["id"], "yes": True}), ("raise_hand", {"up": True}),
        ):  # fmt: skip
            assert (await boss.send(event, **payload))["code"] == "bad_request"
        assert (await boss.send("leave_call"))["ok"]
        assert await boss.until("not_in_call") == {"over": False}
        for who in (customer, alice):
            await shown(who)
        assert (await boss.send("leave_call"))["code"] == "not_found"
        assert (await boss.send("take_over"))["code"] == "not_found"
        # Their page of the floor goes on.
        assert (await boss.until("floor_state"))["calls"]


def is_of(call: str) -> Callable[[dict[str, Any]], bool]:
    return lambda state: bool(state["call"] == call)


async def test_a_manager_goes_from_one_call_to_the_next_and_is_in_one_at_a_time(
    house: House,
) -> None:
    async with (
        live_call(house) as (customer, _, call),
        house.employee("b") as bruno,
        house.customer("c2") as other,
        house.boss() as boss,
    ):
        await bruno.work("bruno@example.com", PASSWORD)
        second = await other.call()
        link = (await bruno.accept())["link"]
        assert (await other.send("connected", link=link))["ok"]
        await other.until_call("live")
        await boss.watch(BOSS, PASSWORD)
        for _ in range(5):
            for here, there, which in ((customer, other, call), (other, customer, second)):
                # Others' changes at the same moment must not confuse who is where.
                chats = [one.send("chat", id="k", text="busy") for one in (customer, other)]
                answer, *_ = await asyncio.gather(
                    boss.send("supervise", call=which, mode="nobody"), *chats
                )
                assert answer["ok"], answer
                await boss.until_newest("joined_state", is_of(which))
                await shown(here, Camille_Roux="nobody")
                await shown(there)
        assert "not_in_call" not in [event for event, _ in boss.heard]
        assert (await boss.send("leave_call"))["ok"]
        assert await boss.until("not_in_call") == {"over": False}
        await shown(other)


async def test_a_manager_whose_line_breaks_is_still_shown_until_they_are_back_or_gone(
    house: House,
) -> None:
    async with live_call(house) as (customer, _, call), house.boss() as boss:
        await boss.watch(BOSS, PASSWORD)
        await boss.supervise(call)
        await boss.come_back()
        await shown(customer, Camille_Roux="nobody")
        state = await boss.supervise(call)
        assert len(state["people"]) == 1
        assert (await boss.send("leave_call"))["ok"]
        await shown(customer)


async def test_a_call_that_ends_lets_its_manager_go_to_another(house: House) -> None:
    async with live_call(house) as (customer, alice, call), house.boss() as boss:
        await boss.watch(BOSS, PASSWORD)
        await boss.supervise(call)
        assert (await customer.send("hang_up"))["ok"]
        assert await boss.until("not_in_call") == {"over": True}
        assert (await alice.send("save_outcome", call=call, outcome="interested"))["ok"]
        for which in (call, "unknown"):
            answer = await boss.send("supervise", call=which, mode="all")
            assert answer["code"] == "illegal_move"
        assert (await boss.send("leave_call"))["code"] == "not_found"


async def test_no_manager_of_another_showroom_and_no_advisor_supervises(house: House) -> None:
    async with (
        live_call(house) as (customer, alice, call),
        Boss(house.url, "lyon") as chief,
        house.employee("b") as bruno,
    ):
        await chief.watch("chief@example.com", PASSWORD)
        assert (await chief.send("supervise", call=call, mode="nobody"))["code"] == "illegal_move"
        assert (await chief.send("relay", turn=1, sdp="v=0"))["code"] == "not_found"
        await bruno.work("bruno@example.com", PASSWORD)
        assert (await bruno.send("supervise", call=call, mode="all"))["code"] == "bad_request"
        chief.showroom = "paris"
        with pytest.raises(Refused):
            await chief.come_back()
        assert (await customer.until("call_state"))["people"] == []
        assert (await alice.until("call_state"))["people"] == []


# ---------------------------------------------------------------- sessions


@pytest.mark.parametrize("how", ["signs out", "is disabled"])
async def test_a_manager_whose_session_ends_is_out_within_two_seconds(
    house: House, how: str
) -> None:
    async with live_call(house) as (customer, alice, call), house.boss() as boss:
        await boss.watch(BOSS, PASSWORD)
        await boss.supervise(call, "all")
        await shown(customer, Camille_Roux="all")
        if how == "signs out":
            await sign_out(boss)
        else:
            await staff_of(house.node.shared.database, VirtualClock()).disable(BOSS)
        began = monotonic()
        await shown(customer)
        assert monotonic() - began < 2
        await is_shut_out(boss)
        await shown(alice)


async def test_a_manager_who_closes_the_page_and_signs_out_is_out_at_once(house: House) -> None:
    async with (
        live_call(house) as (customer, _, call),
        house.boss() as boss,
        house.employee("b") as bruno,
    ):
        await boss.watch(BOSS, PASSWORD)
        await boss.supervise(call)
        await shown(customer, Camille_Roux="nobody")
        await one_look(house, bruno)
        await boss.leave()
        await sign_out(boss)
        began = monotonic()
        await shown(customer)
        assert monotonic() - began < 2


async def test_a_session_that_ends_leaves_what_the_manager_has_by_another_one(
    house: House,
) -> None:
    async with (
        live_call(house) as (customer, _, call),
        house.boss() as old,
        house.boss() as new,
        house.employee("b") as bruno,
    ):
        await old.watch(BOSS, PASSWORD)
        await old.supervise(call)
        await new.watch(BOSS, PASSWORD)
        await new.supervise(call, "advisor")
        await shown(customer, Camille_Roux="advisor")
        await sign_out(old)
        await is_shut_out(old)
        await one_look(house, bruno)
        await shown(customer, Camille_Roux="advisor")
        assert (await new.send("leave_call"))["ok"]


# ---------------------------------------------------------------- taking over


async def test_a_manager_takes_over_on_the_advisor_s_page_for_this_call_only(
    house: House,
) -> None:
    async with (
        live_call(house) as (customer, alice, call),
        house.boss() as boss,
        house.employee("desk") as desk,
    ):
        assert await desk.sign_in(BOSS, PASSWORD) == 303
        with pytest.raises(Refused):
            await desk.connect()
        await boss.watch(BOSS, PASSWORD)
        await boss.supervise(call, "all")
        alice.heard.clear()
        assert (await boss.send("take_over"))["ok"]
        assert await boss.until("not_in_call") == {"over": False}
        await alice.until("no_call")
        await alice.until_newest("advisor_state", lambda one: one["state"] == "available")
        state = await customer.until_newest("call_state", lambda c: c["state"] == "connecting")
        assert (state["advisor"]["name"], state["people"]) == (CAMILLE, [])

        desk.socket = desk._new_socket()
        await desk.connect()
        state = await desk.until_call("connecting")
        assert (state["transferred_from"], state["call"]) == ("Alice Martin", call)
        assert (await desk.send("connected", link=state["link"]))["ok"]
        await customer.until_call("live")
        assert (await alice.send("end_call"))["code"] == "illegal_move"
        assert (await desk.send("end_call"))["ok"]
        assert (await desk.send("save_outcome", call=call, outcome="interested"))["ok"]
        await desk.until_newest("advisor_state", lambda one: one["state"] == "away")
        assert (await desk.send("set_available", available=True))["code"] == "forbidden"
        with pytest.raises(Refused):
            await desk.come_back()


async def test_whoever_is_on_duty_in_another_showroom_takes_nothing_over(house: House) -> None:
    staff = staff_of(house.node.shared.database, VirtualClock())
    roles = {"paris": Role.MANAGER, "lyon": Role.ADVISOR}
    await staff.add("both@example.com", "Nina Both", PASSWORD, roles, ["en"])
    async with (
        live_call(house) as (customer, _, call),
        house.employee("lyon", showroom="lyon") as there,
        house.boss() as nina,
    ):
        await there.work("both@example.com", PASSWORD)
        await nina.watch("both@example.com", PASSWORD)
        await nina.supervise(call)
        assert (await nina.send("take_over"))["code"] == "at_work_elsewhere"
        assert (await customer.until("call_state"))["state"] == "live"
        assert (await there.send("set_available", available=False))["ok"]
        assert (await nina.send("take_over"))["ok"]
        assert (await there.send("set_available", available=True))["code"] == "at_work_elsewhere"


# ---------------------------------------------------------------- the record


async def test_the_record_of_a_call_says_who_supervised_it_and_when(house: House) -> None:
    records = CallRecords(house.node.shared.database)
    async with live_call(house) as (customer, alice, call), house.boss() as boss:
        await boss.watch(BOSS, PASSWORD)
        me = (await boss.supervise(call))["me"]["id"]
        await boss.supervise(call, "all")
        assert (await boss.send("leave_call"))["ok"]
        await boss.supervise(call, "advisor")
        assert (await customer.send("hang_up"))["ok"]
        assert (await alice.send("save_outcome", call=call, outcome="interested"))["ok"]
        await customer.until_call("closed")
        async with asyncio.timeout(10):
            events: tuple[CallEvent, ...] = ()
            while not any(event.kind == "close" for event in events):
                with suppress(NotFound):  # not kept yet
                    events = await records.events(house.paris, CallId(call))
                await asyncio.sleep(0.05)
    kept = [e for e in events if e.kind in ("supervised", "manager_left")]
    assert [(e.kind, e.by, e.data) for e in kept] == [
        ("supervised", "manager", {"who": me, "mode": "nobody"}),
        ("supervised", "manager", {"who": me, "mode": "all"}),
        ("manager_left", "self", {"who": me, "reason": "left"}),
        ("supervised", "manager", {"who": me, "mode": "advisor"}),
    ]  # fmt: skip
    times = [event.at for event in events]
    assert times == sorted(times)
    assert all(abs(event.at - house.node.shared.clock()) < 60_000 for event in kept)
