"""The check of a line on the wire: no account, bounded in every way, and its result for staff."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientConnectionError, ClientResponse, ClientTimeout
from redis.asyncio import Redis
from yarl import URL

from tests.houses import House, open_house
from tests.nodes import node_settings
from tests.people import Person
from tests.samples import PASSWORD
from web import check
from web.limits import CHECK_CODES, CHECKING

FOUND = {
    "browser": "works",
    "camera": "works",
    "microphone": "works",
    "socket": "works",
    "udp": "fails",
    "tcp": "works",
    "tls": "off",
    "down": 1200,
    "up": 300,
}


async def token(who: Person) -> dict[str, str]:
    return {"X-CSRF-Token": await who.csrf("/s/paris/check"), "Accept": "application/json"}


async def post(who: Person, what: str, body: Any) -> tuple[int, dict[str, Any]]:
    url = f"{who.url}/s/paris/check/{what}"
    async with who.http.post(url, json=body, headers=await token(who)) as response:
        return response.status, await response.json()


async def look_up(who: Person, role: str, code: str, showroom: str) -> tuple[int, dict[str, Any]]:
    url = f"{who.url}/{role}/checks/{code}?showroom={showroom}"
    async with who.http.get(url, headers={"Accept": "application/json"}) as response:
        return response.status, await response.json()


# ---------------------------------------------------------------- what to try with


async def test_where_nothing_is_set_up_no_way_can_be_tried(house: House) -> None:
    async with house.customer() as anybody:
        status, answer = await post(anybody, "ways", {})
    assert (status, answer) == (200, {"ok": True, "ways": {"udp": [], "tcp": [], "tls": []}})


async def test_every_page_of_one_address_is_one_user_of_the_relay(
    tmp_path: Path, redis: Redis, redis_url: str
) -> None:
    relay = {"turn_urls": "turn:127.0.0.1:3478,turns:turn.example.com:443", "turn_secret": "s"}
    async with open_house(node_settings(tmp_path, redis_url=redis_url, **relay)) as house:
        users = set()
        for _ in range(2):
            async with house.customer() as anybody:
                _, answer = await post(anybody, "ways", {})
            assert answer["ways"]["tcp"] == []
            for way in ("udp", "tls"):
                (server,) = answer["ways"][way]
                users.add(server["username"].partition(":")[2])
    (user,) = users
    assert user.startswith("check-")
    assert "127" not in user


# ---------------------------------------------------------------- measures


async def down(who: Person) -> ClientResponse:
    url = f"{who.url}/s/paris/check/down"
    return await who.http.get(url, headers=await token(who), timeout=ClientTimeout(60))


async def up(who: Person, body: Any, **headers: str) -> ClientResponse:
    url = f"{who.url}/s/paris/check/up"
    return await who.http.post(url, data=body, headers={**await token(who), **headers})


async def test_what_comes_down_is_bounded_and_nothing_makes_it_smaller(house: House) -> None:
    async with house.customer() as anybody, await down(anybody) as response:
        assert "Content-Encoding" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"
        body = await response.read()
    assert check.MOST_DOWN - len(check.BLOCK) < len(body) <= check.MOST_DOWN
    assert len(set(body[:4096])) > 200


async def test_what_goes_up_is_counted_and_bounded(house: House) -> None:
    async def endless() -> Any:
        while True:
            yield bytes(100_000)

    async with house.customer() as anybody:
        async with await up(anybody, bytes(300_000)) as response:
            assert await response.json() == {"ok": True, "bytes": 300_000}
        async with await up(anybody, BytesIO(bytes(check.MOST_UP + 1))) as response:
            assert response.status == 413
        try:
            async with await up(anybody, endless()) as response:
                assert response.status == 413
        except ClientConnectionError:
            pass  # it hung up on the rest


async def test_who_sends_slowly_or_does_not_read_is_sent_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "LONGEST_SECONDS", 0.5)
    # More than the system keeps for a reader who is not there.
    monkeypatch.setattr(check, "MOST_DOWN", 64_000_000)

    async def drop_by_drop() -> Any:
        while True:
            yield b"x"
            await asyncio.sleep(0.1)

    async with house.customer() as slow, asyncio.timeout(20):
        with pytest.raises(ClientConnectionError):
            await up(slow, drop_by_drop())
        async with unread(house, await token(slow), slow) as came:
            body = await came()
    assert b"200 OK" in body
    assert len(body) < check.MOST_DOWN / 2


@asynccontextmanager
async def unread(
    house: House, headers: dict[str, str], who: Person
) -> AsyncIterator[Callable[[], Awaitable[bytes]]]:
    """Ask for bytes with a small window, and read only once the server has hung up."""
    parts = urlsplit(house.url)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect((parts.hostname, parts.port))
    cookies = who.http.cookie_jar.filter_cookies(URL(house.url))
    head = {**headers, "Host": parts.netloc, "Cookie": cookies.output(header="", sep=";").strip()}
    lines = [f"{name}: {text}" for name, text in head.items()]
    line.sendall("\r\n".join(["GET /s/paris/check/down HTTP/1.1", *lines, "", ""]).encode())
    line.setblocking(False)
    loop = asyncio.get_running_loop()

    async def came() -> bytes:
        await asyncio.sleep(2)  # what it is allowed, and some
        found = b""
        with suppress(ConnectionError):
            while chunk := await loop.sock_recv(line, 65_536):
                found += chunk
        return found

    with line:
        yield came


async def test_only_so_many_measure_at_once(house: House) -> None:
    async with house.customer() as anybody:
        headers = await token(anybody)
        url = f"{anybody.url}/s/paris/check/up"
        held = asyncio.Event()

        async def holding() -> Any:
            yield b"x"
            await held.wait()

        async def hold() -> int:
            async with anybody.http.post(url, data=holding(), headers=headers) as response:
                return response.status

        holders = [asyncio.create_task(hold()) for _ in range(check.AT_ONCE)]
        async with asyncio.timeout(10):
            while True:
                async with await up(anybody, b"x") as one_more:
                    if one_more.status == 429:
                        break
                await asyncio.sleep(0.05)
        held.set()
        assert await asyncio.gather(*holders) == [200] * check.AT_ONCE


async def test_no_check_begins_without_the_pages_token(house: House) -> None:
    async with house.customer() as anybody:
        await anybody.csrf("/s/paris/check")
        for method, what in (
            ("POST", "ways"),
            ("GET", "down"),
            ("POST", "up"),
            ("POST", "results"),
        ):
            url = f"{anybody.url}/s/paris/check/{what}"
            async with anybody.http.request(method, url, json={}) as response:
                assert response.status == 403, what


async def test_one_address_begins_only_so_many_checks(house: House) -> None:
    async with house.customer() as anybody:
        headers = await token(anybody)
        for what, allowed in (("ways", CHECKING), ("results", CHECK_CODES)):
            url = f"{anybody.url}/s/paris/check/{what}"
            seen = []
            for _ in range(int(allowed.burst) + 1):
                async with anybody.http.post(url, json=FOUND, headers=headers) as response:
                    seen.append(response.status)
            assert seen[-1] == 429
            assert set(seen[:-1]) <= {200, 201}


# ---------------------------------------------------------------- the code


async def test_staff_of_the_showroom_see_what_the_customer_sees_and_nobody_else(
    house: House,
) -> None:
    async with (
        house.customer() as customer,
        house.employee() as alice,
        house.boss() as boss,
        house.employee(showroom="lyon") as lea,
        house.boss("lyon") as chief,
    ):
        status, kept = await post(customer, "results", FOUND)
        assert status == 201
        for person, email in ((alice, "alice"), (boss, "boss"), (lea, "lea"), (chief, "chief")):
            assert await person.sign_in(f"{email}@example.com", PASSWORD) == 303
        for person, role in ((alice, "advisor"), (boss, "manager")):
            status, seen = await look_up(person, role, kept["code"].lower(), "paris")
            assert (status, seen["check"]) == (200, FOUND)
        for person, role in ((lea, "advisor"), (chief, "manager")):
            assert (await look_up(person, role, kept["code"], "lyon"))[0] == 404
            assert (await look_up(person, role, kept["code"], "paris"))[0] == 403
        assert (await look_up(customer, "advisor", kept["code"], "paris"))[0] == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"camera": "<script>"},
        {"down": -1},
        {"up": 10**12},
        {"udp": "perhaps"},
        {"name": "Jo Morel"},
        {"tls": None},
    ],
)
async def test_a_result_is_what_a_check_can_find_and_nothing_else(
    house: House, wrong: dict[str, Any]
) -> None:
    async with house.customer() as anybody:
        status, answer = await post(anybody, "results", {**FOUND, **wrong})
    assert (status, answer["code"]) == (400, "bad_request")


# ---------------------------------------------------------------- the pages


async def test_the_plain_address_lists_the_showrooms(house: House) -> None:
    async with house.customer() as anybody, anybody.http.get(f"{house.url}/check") as response:
        page = await response.text()
    assert 'href="/s/paris/check"' in page
    assert 'href="/s/lyon/check"' in page
