"""X-Forwarded-For: only a trusted proxy's own word counts, so every limit holds (threat 26)."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.houses import House, open_house
from tests.nodes import node_settings
from tests.people import Customer
from tests.threats.conftest import Report
from web.limits import CALLS

TRIES = 60


@pytest.fixture
async def behind(tmp_path: Path, redis: object, redis_url: str) -> AsyncIterator[House]:
    """A house whose proxy on this machine is trusted."""
    settings = node_settings(
        tmp_path,
        redis_url=redis_url,
        trusted_proxies="127.0.0.0/8,10.0.0.0/8",
        max_sockets_per_address=5,
    )
    async with open_house(settings) as opened:
        yield opened


async def let_in(house: House, *lists: list[tuple[str, str]]) -> int:
    """Ask for a call with each list of headers; return how many were not over the limit."""
    async with Customer(house.url) as customer:
        token = await customer.csrf("/s/paris")
        statuses = []
        for headers in lists:
            given = [("X-CSRF-Token", token), *headers]
            async with customer.http.post(
                f"{house.url}/s/paris/calls", json={"language": "x"}, headers=given
            ) as response:
                statuses.append(response.status)
    assert set(statuses) <= {400, 429}
    return statuses.count(400)


def forged(n: int) -> str:
    return f"203.0.113.{n}"


async def test_without_a_trusted_proxy_the_header_counts_for_nothing(
    house: House, figure: Report
) -> None:
    passed = await let_in(house, *([("X-Forwarded-For", forged(n))] for n in range(TRIES)))
    assert passed <= CALLS.burst + 3
    figure(f"{TRIES} requests, each with another forged address: {passed} let in, as from one")


async def test_behind_a_proxy_only_what_the_proxy_added_counts(behind: House) -> None:
    ways = [
        [("X-Forwarded-For", "{forged}, 198.51.100.1")],
        [("X-Forwarded-For", "{forged}"), ("X-Forwarded-For", "198.51.100.2")],
        [("X-Forwarded-For", "{forged}, 198.51.100.3, 10.0.0.7")],
        [("X-Forwarded-For", "junk, {forged},, 198.51.100.4")],
    ]
    for way in ways:
        lists = [
            [(name, text.replace("{forged}", forged(n))) for name, text in way]
            for n in range(TRIES)
        ]
        assert await let_in(behind, *lists) <= CALLS.burst + 3, way


async def test_behind_a_proxy_every_customer_has_a_limit_of_their_own(behind: House) -> None:
    lists = [[("X-Forwarded-For", f"198.51.100.{n}")] for n in range(TRIES)]
    assert await let_in(behind, *lists) == TRIES


async def test_an_ipv6_customer_has_one_limit_for_all_addresses_of_their_network(
    behind: House,
) -> None:
    lists = [[("X-Forwarded-For", f"2001:db8:1:2::{n:x}")] for n in range(TRIES)]
    assert await let_in(behind, *lists) <= CALLS.burst + 3


@pytest.mark.parametrize("address", ["198.51.100.9", "2001:db8:9::{n}"])
async def test_the_limit_of_sockets_holds_behind_a_proxy(behind: House, address: str) -> None:
    url = f"{behind.url}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as http, AsyncExitStack() as opened:
        for n in range(5):
            there = {"X-Forwarded-For": f"{forged(n)}, {address.replace('{n}', str(n))}"}
            await opened.enter_async_context(http.ws_connect(url, headers=there))
        with pytest.raises(aiohttp.WSServerHandshakeError, match="429"):
            there = {"X-Forwarded-For": f"{forged(9)}, {address.replace('{n}', '9')}"}
            await http.ws_connect(url, headers=there)
