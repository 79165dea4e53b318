"""A canary goes through the whole product, and is in no line of the log and in no URL (21)."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
from redis.asyncio import Redis

from showroom.database import Database, migrate
from tests.houses import furnish
from tests.nodes import node_process, node_settings, until_healthy
from tests.people import Customer, Employee
from tests.samples import PASSWORD
from tests.threats.conftest import Report
from tests.web.agendas import post
from tests.web.booking import ask, booked, free, send

NAME, PHONE, CHAT = "Canary Vogel", "+33 6 12 34 56 78", "canary-in-the-chat"
NOTES, COMMENT, REASON = "canary-in-the-notes", "canary-in-the-comment", "canary-in-the-reason"
SHEET = {"name": NAME, "email": "canary@sheet.example", "notes": NOTES, "phone": "canary"}
CANARIES = ["anary", "612345678", "6 12 34 56 78", "alice@example.com", "boss@example.com"]


async def test_a_canary_is_in_no_log_and_no_address(
    tmp_path: Path, redis: Redis, redis_url: str, figure: Report
) -> None:
    log = tmp_path / "log"
    urls: list[str] = []
    for level in ("debug", "info"):
        settings = node_settings(tmp_path, redis_url=redis_url, log_level=level)
        if level == "debug":
            await migrate(settings.database_url)
            async with Database.open(settings.database_url) as database:
                await furnish(database)
        with node_process(settings, log) as node:
            await until_healthy(node.url)
            secrets = await _a_day(node.url, redis, urls)
        found = [c for c in [*CANARIES, PASSWORD, *secrets] if c in log.read_text()]
        assert found == [], level
    written = log.read_text()
    assert "serving" in written
    assert [c for c in CANARIES if any(c in url for url in urls)] == []
    figure(f"{written.count(chr(10))} lines of log, debug too, {len(urls)} addresses: 0 canaries")


async def _a_day(url: str, redis: Redis, urls: list[str]) -> list[str]:
    """Do everything that a customer and an advisor do; return the tokens that were made."""
    async with Customer(url) as customer, Employee(url) as alice, Employee(url) as thief:
        tracing = aiohttp.TraceConfig()
        tracing.on_request_start.append(_noting(urls))
        for person in (customer, alice):
            await person.http.close()
            person.http = aiohttp.ClientSession(
                cookie_jar=aiohttp.CookieJar(unsafe=True), trace_configs=[tracing]
            )
            person.socket = person._new_socket()
        assert await thief.sign_in("alice@example.com", "canary of a guess") == 401
        await alice.work("alice@example.com", PASSWORD)
        call = await customer.call()
        link = (await alice.accept())["link"]
        await customer.send("connected", link=link)
        await customer.send("chat", id="k", text=CHAT)
        await customer.send("chat", id="k", text=CHAT, name=NAME)
        await alice.send("save_notes", notes=NOTES)
        visit = await booked(customer, name=NAME, phone=PHONE, wish=CHAT)
        later = (await free(customer))[9]
        for what, body in (("reschedule", {"starts_at": later}), ("join", {}), ("cancel", {})):
            await send(customer, f"/v/{visit}/{what}", **body)
        await ask(customer, f"/v/{visit}/state")
        token = await customer.csrf("/s/paris")
        for phone in (PHONE, "canary"):
            wish = {"name": NAME, "phone": phone, "consent": True, "language": "fr"}
            async with customer.http.post(
                f"{url}/s/paris/call-backs", json=wish, headers={"X-CSRF-Token": token}
            ) as response:
                assert response.status in (201, 400)
        for name in (NAME, "x" * 200):
            form = {"kind": "offer", "name": name, "phone": PHONE, "language": "en"}
            form |= {"email": "canary@lead.example", "message": CHAT}
            consents = [{"purpose": "contact", "version": "request-1"}]
            await send(customer, "/s/paris/requests", **form, consents=consents)
        await post(alice, f"/advisor/calls/{call}/sheet/lead", {"version": 0, "sheet": SHEET})
        item = (await alice.until("follow_ups", lambda m: bool(m["items"])))["items"][0]
        await alice.send("take_follow_up", follow_up=item["id"])
        await customer.send("hang_up")
        await customer.send("rate", stars=2, comment=COMMENT)
        await alice.until_call("wrap_up")
        saved = await alice.send("save_outcome", call=call, outcome="no_fit", reason=REASON)
        assert saved["ok"]
        await _until_saved(redis)  # which logs when it fails
        people = (customer, alice)
        cookies = [c for person in people for c in person.http.cookie_jar]
        tokens = [c.value for c in cookies if c.key != "vs_call"]
        return [
            visit,
            *tokens,
            *(c.value.rpartition(".")[2] for c in cookies if c.key == "vs_call"),
        ]


async def _until_saved(redis: Redis) -> None:
    """Wait until no call of any showroom is left that SQL doesn't have."""
    async with asyncio.timeout(10):
        while await redis.keys("*:unsaved"):
            await asyncio.sleep(0.02)


def _noting(urls: list[str]) -> Any:
    async def note(_: object, __: object, request: aiohttp.TraceRequestStartParams) -> None:
        urls.append(str(request.url))

    return note
