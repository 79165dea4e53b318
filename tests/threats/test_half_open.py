"""Sockets that are opened and left alone take nothing from real customers (threat 4)."""

import asyncio
import io
import socket
import time
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.houses import House, open_house
from tests.nodes import node_settings
from tests.threats.conftest import Report
from tests.threats.frames import raw_socket

HALF_OPEN = 5_000
ASKED = 100
UPGRADE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def silent(port: int, opened: AsyncExitStack) -> asyncio.StreamReader:
    """Open a WebSocket by hand; it will never say a word, not even goodbye."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    opened.callback(lambda: writer.transport.abort())  # keeps the writer, too
    writer.write(UPGRADE)
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader


async def test_5000_half_open_sockets_slow_nobody_down_and_are_closed(
    tmp_path: Path, redis: object, redis_url: str, written: io.StringIO, figure: Report
) -> None:
    settings = node_settings(tmp_path, redis_url=redis_url, max_sockets_per_address=6_000)
    async with open_house(settings) as house, AsyncExitStack() as opened:
        readers = []
        for _ in range(HALF_OPEN // 100):
            hundred = (silent(settings.port, opened) for _ in range(100))
            readers += await asyncio.gather(*hundred)
        begin = time.monotonic()
        waits = sorted([await _connects(house) for _ in range(ASKED)])
        p99 = waits[int(ASKED * 0.99) - 1]
        assert p99 < 1
        async with asyncio.timeout(25):
            await asyncio.gather(*(reader.read() for reader in readers))
        gone = time.monotonic() - begin
        figure(
            f"{HALF_OPEN} half-open: a real client connects with p50 {waits[50] * 1000:.0f} ms,"
            f" p99 {p99 * 1000:.0f} ms; all closed {gone:.1f} s after the last"
        )
    assert "Traceback" not in written.getvalue()


async def _connects(house: House) -> float:
    begin = time.monotonic()
    async with house.customer() as customer:
        await customer.connect()
        await customer.until("showroom_state")
        return time.monotonic() - begin


@pytest.mark.parametrize("most", [5])
async def test_one_address_holds_so_many_sockets_and_gets_its_place_back(
    tmp_path: Path, redis: object, redis_url: str, most: int
) -> None:
    settings = node_settings(tmp_path, redis_url=redis_url, max_sockets_per_address=most)
    async with open_house(settings) as house, aiohttp.ClientSession() as http:
        async with AsyncExitStack() as held:
            for _ in range(most):
                await held.enter_async_context(raw_socket(http, house.url))
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await http.ws_connect(f"{house.url}/socket.io/?EIO=4&transport=websocket")
            assert refused.value.status == 429
            assert refused.value.headers is not None
            assert refused.value.headers["Retry-After"] == "10"
        async with asyncio.timeout(10):
            while True:
                try:
                    async with raw_socket(http, house.url):
                        break
                except aiohttp.WSServerHandshakeError:
                    await asyncio.sleep(0.05)


async def test_a_client_that_reads_nothing_is_let_go(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A showroom's state is small; what fills a client's pipe here is its own refusals.
    monkeypatch.setattr("signaling.driver.PING_TIMEOUT", 0.5)
    port = house.node.shared.settings.port
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(deaf, ("127.0.0.1", port))
        await loop.sock_sendall(deaf, UPGRADE)
        await loop.sock_sendall(deaf, _masked('40/customer,{"showroom":"paris","page":"p"}'))
        number = "9" * 100  # it comes back with every refusal
        flood = _masked(f'42/customer,{number}["x"]') * 200
        with pytest.raises(ConnectionError):
            async with asyncio.timeout(30):
                while True:
                    await loop.sock_sendall(deaf, flood)


def _masked(text: str) -> bytes:
    """Return a text frame of a client, with a mask of zeros (RFC 6455 §5.2)."""
    body = text.encode()
    length = bytes([0x80 | len(body)]) if len(body) < 126 else bytes([0xFE]) + len(body).to_bytes(2)
    return bytes([0x81]) + length + bytes(4) + body
