"""A page on a narrow line may ask for compressed messages; nobody else pays for them."""

import asyncio

import aiohttp
import pytest

from signaling.driver import MAX_MESSAGE
from tests.houses import House
from tests.threats.frames import SOCKET

CONNECT = '40/customer,{"showroom":"paris","page":"page-1"}'


async def conversation(socket: aiohttp.ClientWebSocketResponse) -> str:
    """Connect as a customer's page; return the first state."""
    await socket.receive_str()  # Engine.IO's OPEN
    await socket.send_str(CONNECT)
    await socket.receive_str()
    return await socket.receive_str()


@pytest.mark.parametrize(("asks", "compressed"), [("", False), ("&narrow=1", True)])
async def test_who_asks_for_it_is_sent_compressed_messages(
    house: House, asks: str, compressed: bool
) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(house.url + SOCKET + asks, compress=15) as socket,
    ):
        assert bool(socket.compress) is compressed
        assert '"showroom_state"' in await conversation(socket)


async def test_a_message_that_grows_when_it_is_read_ends_its_connection(house: House) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(house.url + SOCKET + "&narrow=1", compress=15) as socket,
    ):
        await conversation(socket)
        await socket.send_str("42" + " " * 100 * MAX_MESSAGE)
        async with asyncio.timeout(5):
            while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        assert socket.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
