"""Recordings on the wire: nobody is recorded who has not agreed, nor longer than they like."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from media.recording.book import Recording, Recordings, State
from media.relay.orders import TROUBLES, Trouble
from showroom.database import Database
from showroom.files import FolderFiles
from showroom.ids import CallId
from showroom.showrooms import Policy, Showrooms
from showroom.words import RecordingEnd
from signaling.pairing import prefix
from tests.houses import House, furnish, live_call, make_tables
from tests.nodes import node_settings, running_node
from tests.people import Customer, Employee, Person
from tests.samples import PASSWORD, a_showroom

Talk = tuple[Customer, Employee, str]


@pytest.fixture
async def house(tmp_path: Path, redis: Redis, redis_url: str) -> AsyncIterator[House]:
    """A node of a showroom that may record."""
    settings = node_settings(tmp_path, redis_url=redis_url)
    await make_tables(settings.database_url)
    async with Database.open(settings.database_url) as database:
        policy = Policy(recording=True)
        paris = await furnish(database, paris=replace(a_showroom("paris"), policy=policy))
    async with running_node(settings) as node:
        yield House(node, paris)


@pytest.fixture
async def call(house: House) -> AsyncIterator[Talk]:
    async with live_call(house) as found:
        yield found


def book_of(house: House) -> Recordings:
    shared = house.node.shared
    files = FolderFiles(shared.settings.data_dir / "files")
    return Recordings(shared.database, files, shared.settings.require_secret_key(), shared.clock)


async def kept(house: House, call: str, fits: Callable[[Recording], bool]) -> Recording:
    """Wait until SQL has such a recording of the call."""
    for _ in range(200):
        found = await book_of(house).of_call(house.paris, CallId(call))
        if matching := [one for one in found if fits(one)]:
            return matching[0]
        await asyncio.sleep(0.05)
    raise AssertionError(f"no such recording; there are {found}")


async def shows(who: Person, **wanted: Any) -> dict[str, Any]:
    """Wait until this page shows the recording so."""
    state = await who.until(
        "call_state",
        lambda m: bool(m["recording"]) and wanted.items() <= m["recording"].items(),
    )
    return dict(state["recording"])


async def record(customer: Person, alice: Person) -> None:
    assert (await alice.send("record"))["ok"]
    await shows(customer, state="asked", by="advisor")
    assert (await customer.send("consent_recording", yes=True))["ok"]
    for one in (customer, alice):
        await shows(one, state="on")


async def test_a_recording_runs_only_when_both_have_agreed(house: House, call: Talk) -> None:
    customer, alice, name = call
    assert (await alice.send("record"))["ok"]
    assert (await alice.send("consent_recording", yes=True))["code"] == "illegal_move"
    assert (await alice.send("record"))["ok"]
    asked = await shows(customer, state="asked", by="advisor")
    assert await book_of(house).of_call(house.paris, CallId(name)) == []
    assert (await customer.send("consent_recording", yes=True))["ok"]
    running = await kept(house, name, lambda one: one.state is State.RUNNING)
    assert running.wrapped_key
    assert running.agreed.advisor_at == asked["since"] <= running.agreed.customer_at
    assert running.agreed.started_at == running.agreed.customer_at


async def test_who_says_no_thanks_is_not_recorded(house: House, call: Talk) -> None:
    customer, alice, name = call
    await customer.send("record")
    await shows(alice, state="asked", by="customer")
    assert (await alice.send("consent_recording", yes=False))["ok"]
    await shows(customer, state="off", over="declined")
    assert (await alice.send("consent_recording", yes=False))["ok"], "a second tap"
    assert (await alice.send("consent_recording", yes=True))["code"] == "illegal_move"
    assert await book_of(house).of_call(house.paris, CallId(name)) == []


async def test_a_no_that_crosses_a_yes_ends_the_recording(call: Talk) -> None:
    customer, alice, _ = call
    await customer.send("record")
    await alice.send("record")
    await shows(customer, state="on")
    assert (await customer.send("consent_recording", yes=False))["ok"]
    await shows(alice, state="off", over="stopped")


async def test_a_question_ends_with_its_call_or_its_advisor(house: House, call: Talk) -> None:
    customer, alice, name = call
    await customer.send("record")
    await shows(alice, state="asked")
    await customer.send("hang_up")
    await alice.until_call("wrap_up")
    assert (await alice.send("consent_recording", yes=True))["code"] == "illegal_move"
    assert await book_of(house).of_call(house.paris, CallId(name)) == []


async def test_nobody_is_asked_for_ever(call: Talk) -> None:
    customer, alice, _ = call
    for _ in range(5):
        assert (await alice.send("record"))["ok"]
        assert (await customer.send("consent_recording", yes=False))["ok"]
    assert (await alice.send("record"))["code"] == "too_many"


async def test_both_who_ask_have_agreed(house: House, call: Talk) -> None:
    customer, alice, _ = call
    answers = await asyncio.gather(customer.send("record"), alice.send("record"))
    assert [one["ok"] for one in answers] == [True, True]
    await shows(customer, state="on")


@pytest.mark.parametrize("side", ["customer", "advisor"])
async def test_either_side_stops_it_with_one_message(house: House, call: Talk, side: str) -> None:
    customer, alice, name = call
    await record(customer, alice)
    assert (await (customer if side == "customer" else alice).send("stop_recording"))["ok"]
    for one in (customer, alice):
        await shows(one, state="off", over="stopped", erasable=True)
    ended = await kept(house, name, lambda one: one.ended_at is not None)
    assert ended.end_reason is RecordingEnd.STOPPED


async def test_who_deletes_it_leaves_no_key(house: House, call: Talk) -> None:
    customer, alice, name = call
    await record(customer, alice)
    await kept(house, name, lambda one: bool(one.wrapped_key))
    assert (await customer.send("stop_recording", erase=True))["ok"]
    await shows(alice, state="off", over="erased", erasable=False)
    await until(lambda: gone(house, name))


async def test_what_was_stopped_can_still_be_deleted(house: House, call: Talk) -> None:
    customer, alice, name = call
    await record(customer, alice)
    await alice.send("stop_recording")
    await kept(house, name, lambda one: one.ended_at is not None)
    assert (await customer.send("stop_recording", erase=True))["ok"]
    await until(lambda: gone(house, name))


@pytest.mark.parametrize("side", ["customer", "advisor"])
async def test_either_side_can_delete_it_after_the_call(
    house: House, call: Talk, side: str
) -> None:
    customer, alice, name = call
    await record(customer, alice)
    await customer.send("hang_up")
    for one in (customer, alice):
        assert (await one.until_call("wrap_up"))["recording"]["erasable"]
    who = customer if side == "customer" else alice
    assert (await who.send("stop_recording"))["code"] == "illegal_move"
    await kept(house, name, lambda one: one.ended_at is not None)
    assert (await who.send("stop_recording", erase=True))["ok"]
    for one in (customer, alice):
        await shows(one, over="erased", erasable=False)
    await until(lambda: gone(house, name))


async def test_the_customer_can_delete_it_when_the_advisor_has_closed_the_call(
    house: House, call: Talk
) -> None:
    customer, alice, name = call
    await record(customer, alice)
    await customer.send("hang_up")
    await alice.until_call("wrap_up")
    saved = await alice.send("save_outcome", call=name, outcome="interested", reason="", notes="")
    assert saved["ok"], saved
    await customer.until_call("closed")
    assert (await customer.send("stop_recording", erase=True))["ok"]
    await until(lambda: gone(house, name))
    assert not (await alice.send("stop_recording", erase=True))["ok"], "she has left it"


async def test_it_can_be_deleted_while_another_advisor_takes_over(house: House, call: Talk) -> None:
    customer, alice, name = call
    async with house.employee("page-2") as bruno:
        await bruno.work("bruno@example.com", PASSWORD)
        await record(customer, alice)
        await kept(house, name, lambda one: bool(one.wrapped_key))
        colleagues = (await alice.send("list_colleagues"))["colleagues"]
        await alice.send("transfer", advisor=colleagues[0]["id"])
        await bruno.accept()
        await customer.until_newest("call_state", lambda m: m["state"] == "connecting")
        assert not (await alice.send("stop_recording", erase=True))["ok"], "it is not hers any more"
        assert (await customer.send("stop_recording", erase=True))["ok"]
    await until(lambda: gone(house, name))


async def gone(house: House, call: str) -> bool:
    return not await book_of(house).of_call(house.paris, CallId(call))


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(200):
        if await holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came about")


async def test_another_advisor_has_not_agreed(house: House, call: Talk) -> None:
    customer, alice, name = call
    async with house.employee("page-2") as bruno:
        await bruno.work("bruno@example.com", PASSWORD)
        await record(customer, alice)
        colleagues = (await alice.send("list_colleagues"))["colleagues"]
        await alice.send("transfer", advisor=colleagues[0]["id"])
        await bruno.accept()
        await shows(customer, state="off", over="transfer")
        assert (await bruno.send("stop_recording"))["code"] == "illegal_move"
    ended = await kept(house, name, lambda one: one.ended_at is not None)
    assert ended.end_reason is RecordingEnd.TRANSFER


async def test_everybody_in_the_call_sees_that_it_is_recorded(house: House, call: Talk) -> None:
    customer, alice, name = call
    await record(customer, alice)
    link = (await customer.send("invite"))["path"]
    async with house.companion() as friend, house.boss() as boss:
        me = await friend.ask(link, "Maria")
        assert (await alice.send("admit", person=me["id"], yes=True))["ok"]
        await boss.watch("boss@example.com", PASSWORD)
        await boss.supervise(name)
        for one in (friend, boss):
            await one.until("joined_state", lambda m: recorded(m) == "on")
        await alice.send("stop_recording")
        for one in (friend, boss):
            await one.until_newest("joined_state", lambda m: recorded(m) == "off")


def recorded(state: dict[str, Any]) -> str:
    return str((state["recording"] or {}).get("state"))


async def test_it_ends_with_the_call(house: House, call: Talk) -> None:
    customer, alice, name = call
    await record(customer, alice)
    await customer.send("hang_up")
    ended = await kept(house, name, lambda one: one.ended_at is not None)
    assert ended.end_reason is RecordingEnd.OVER


async def test_a_page_that_is_loaded_anew_has_agreed_before(house: House, call: Talk) -> None:
    customer, alice, _ = call
    await record(customer, alice)
    await customer.come_back()
    assert (await customer.until_call("live"))["recording"]["state"] == "on"


async def test_both_hear_of_a_full_disk_and_the_call_goes_on(house: House, call: Talk) -> None:
    customer, alice, name = call
    await record(customer, alice)
    running = await kept(house, name, lambda one: one.state is State.RUNNING)
    redis: Any = house.node.shared.redis
    trouble = Trouble(id=running.id, showroom=house.paris, room=name, full=True)
    await redis.hset(TROUBLES, running.id, trouble.model_dump_json())
    for one in (customer, alice):
        await shows(one, state="off", over="full")
    assert (await customer.send("chat", id="a", text="Still here"))["ok"]
    assert not await redis.hexists(TROUBLES, running.id)


async def test_a_trouble_of_another_version_holds_nothing_up(house: House, call: Talk) -> None:
    customer, alice, name = call
    redis: Any = house.node.shared.redis
    for n, row in enumerate(("", "{}", '{"id": "x", "mood": "bad"}')):
        await redis.hset(TROUBLES, f"odd{n}", row)
    await record(customer, alice)
    await kept(house, name, lambda one: one.state is State.RUNNING)
    assert (await customer.send("stop_recording", erase=True))["ok"]
    await until(lambda: gone(house, name))


async def forbid(house: House) -> None:
    showrooms = Showrooms(house.node.shared.database)
    paris = await showrooms.by_id(house.paris)
    await showrooms.save(replace(paris, policy=replace(paris.policy, recording=False)))


async def test_what_was_forbidden_meanwhile_is_not_recorded(house: House, call: Talk) -> None:
    customer, alice, name = call
    assert (await alice.send("record"))["ok"]
    await shows(customer, state="asked", by="advisor")
    await forbid(house)

    async def refused() -> bool:
        answer = await alice.send("record")  # again: nobody is asked twice
        return bool(answer.get("code") == "forbidden")

    await until(refused)
    answer = await customer.send("consent_recording", yes=True)
    assert answer["code"] == "forbidden"
    assert (await customer.send("consent_recording", yes=False))["ok"]
    await shows(alice, state="off")
    assert not await book_of(house).of_call(house.paris, CallId(name))


async def test_what_is_forbidden_while_it_runs_ends(house: House, call: Talk) -> None:
    customer, alice, name = call
    await record(customer, alice)
    await forbid(house)
    for one in (customer, alice):
        await shows(one, state="off", over="stopped")
    await kept(house, name, lambda one: one.state is State.ENDED)


async def test_redis_forgets_what_sql_has(house: House, call: Talk) -> None:
    customer, alice, name = call
    await record(customer, alice)
    await alice.send("stop_recording")
    await kept(house, name, lambda one: one.ended_at is not None)
    redis: Any = house.node.shared.redis

    async def forgotten() -> bool:
        return not await redis.exists(f"{prefix(house.paris)}:recordings")

    await until(forgotten)


async def test_each_step_is_in_the_log_with_who_took_it(house: House, call: Talk) -> None:
    customer, alice, name = call
    await record(customer, alice)
    await customer.send("stop_recording", erase=True)
    redis: Any = house.node.shared.redis
    lines = await redis.lrange(f"{prefix(house.paris)}:log:{name}", 0, -1)
    said = [line for line in lines if "recording" in line]
    kinds = ["asked", "started", "stopped", "erased"]
    assert [f'"recording_{kind}"' in line for kind, line in zip(kinds, said, strict=True)] == [
        True
    ] * 4
