"""Redis goes away in operation: calls go on, new ones are told to wait, and it heals by itself."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from yarl import URL

from tests.houses import House, live_call, open_house
from tests.nodes import node_settings
from tests.people import Customer, Person
from tests.threats.conftest import Report
from tests.threats.outages import OwnRedis, own_redis


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[OwnRedis]:
    async with own_redis(tmp_path / "redis") as started:
        yield started


@pytest.fixture
async def shaky(tmp_path: Path, server: OwnRedis) -> AsyncIterator[House]:
    """A house on a Redis that a test may stop."""
    async with open_house(node_settings(tmp_path, redis_url=server.url)) as opened:
        yield opened


@pytest.mark.parametrize("how", ["frozen", "killed"])
async def test_an_outage_of_redis_ends_no_call_and_loses_no_line(
    shaky: House, server: OwnRedis, written: io.StringIO, figure: Report, how: str
) -> None:
    async with live_call(shaky) as (customer, alice, call), shaky.customer("new") as other:
        token = await other.csrf("/s/paris")
        await customer.send("chat", id="before", text="before")
        kept = ["before"]

        (server.freeze if how == "frozen" else server.kill)()
        begin = time.monotonic()
        status, answer = await _ask(other, token)
        refused_after = time.monotonic() - begin
        assert (status, answer["code"]) == (503, "try_again")
        assert refused_after < 5
        async with other.http.get(f"{shaky.url}/s/paris") as page:
            assert page.status in (200, 503)
            assert "<h1" in await page.text()
        async with other.http.get(f"{shaky.url}/health") as health:
            assert (health.status, (await health.json())["redis"]) == (503, False)
        answer = await customer.send("chat", id="during", text="during")
        if answer["ok"]:
            kept.append("during")
        else:
            assert answer["code"] == "try_again"
        assert customer.socket.connected
        assert alice.socket.connected

        if how == "frozen":
            server.thaw()
        else:
            await server.start()
        back = time.monotonic()
        recovered = await _until_said(customer, alice)
        kept.append("after")
        await customer.come_back()
        state = await customer.until_call("live")
        assert state["call"] == call
        assert state["advisor"]["present"]
        lines = [entry["text"] for entry in state["log"]]
        assert [line for line in kept if line not in lines] == []
        async with asyncio.timeout(10):
            while (await _ask(other, token))[0] != 201:
                await asyncio.sleep(0.1)
    assert "a loop broke" not in written.getvalue()
    figure(
        f"Redis {how}: a new call gets try_again after {refused_after:.1f} s, the call goes on,"
        f" and a line reaches the other side {recovered - back:.1f} s after it is back"
    )


async def _ask(person: Customer, token: str) -> tuple[int, dict[str, object]]:
    async with person.http.post(
        f"{person.url}/s/paris/calls",
        json={"language": "en"},
        headers={"X-CSRF-Token": token, "Accept": "application/json"},
    ) as response:
        return response.status, await response.json()


async def _until_said(customer: Customer, alice: Person) -> float:
    """Say `after` until it is acknowledged, and wait until the other side has it."""
    async with asyncio.timeout(15):
        while not (await customer.send("chat", id="after", text="after"))["ok"]:
            await asyncio.sleep(0.1)
    await alice.until("logged", lambda m: m["entry"]["text"] == "after")
    return time.monotonic()


async def test_a_page_that_comes_while_redis_is_away_is_told_to_come_again(
    shaky: House, server: OwnRedis
) -> None:
    async with shaky.customer() as customer:
        refusals: list[dict[str, object]] = []
        customer.socket.on("connect_error", refusals.append, namespace="/customer")
        await customer.csrf("/staff/login")
        customer.http.cookie_jar.update_cookies(
            {"vs_call": f"{shaky.paris}.some-call.secret"},
            response_url=URL(shaky.url),
        )
        server.kill()
        with pytest.raises(Exception, match="namespaces failed"):
            await customer.connect()
        assert refusals[0]["data"]["code"] == "try_again"  # type: ignore[index]
        await server.start()
        async with asyncio.timeout(10):
            while True:
                try:
                    await customer.come_back()
                    break
                except Exception:  # noqa: BLE001 - refused for as long as Redis starts
                    await asyncio.sleep(0.1)
        await customer.until("no_call")


async def test_a_redis_that_comes_back_empty_ends_what_was_and_takes_new_calls(
    shaky: House, server: OwnRedis, written: io.StringIO
) -> None:
    async with live_call(shaky) as (customer, alice, _):
        server.lose_everything()
        await server.start()
        async with asyncio.timeout(20):
            # Nobody knows these seats any more: whoever sits there is told by a new connect.
            await asyncio.gather(customer.socket.wait(), alice.socket.wait())
        await customer.come_back()
        await customer.until("no_call")
        await alice.come_back()
        assert (await alice.until("advisor_state"))["state"] == "away"
        await alice.until("no_call")
        assert (await alice.send("set_available", available=True))["ok"]
        await customer.leave()
        customer.socket = customer._new_socket()
        call = await customer.call()
        assert (await alice.until_call("ringing"))["call"] == call
    assert "a loop broke" not in written.getvalue()
