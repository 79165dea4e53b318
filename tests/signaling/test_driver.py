"""The private members that `signaling.driver` uses are where it expects them."""

import inspect

import pytest
import socketio
from aiohttp.web import WebSocketResponse
from engineio.async_drivers import aiohttp as engine_driver
from engineio.async_socket import AsyncSocket

from signaling.driver import LeanWebSocket, StrictServer, make_server

MOVED = "python-socketio or python-engineio has moved {}: look at signaling/driver.py"


@pytest.fixture
async def server() -> socketio.AsyncServer:
    return make_server(lambda _origin: True)


async def test_the_server_uses_our_websocket(server: socketio.AsyncServer) -> None:
    assert server.eio._async["websocket"] is LeanWebSocket, MOVED.format("eio._async")
    assert server.eio.sockets == {}, MOVED.format("eio.sockets")
    assert server.eio.transports == ["websocket"]
    assert server.eio.max_http_buffer_size == 64_000


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (engine_driver.WebSocket, "__call__"),
        (engine_driver.WebSocket, "wait"),
        (engine_driver.WebSocket, "close"),
        (socketio.AsyncServer, "_handle_eio_message"),
        (AsyncSocket, "_websocket_handler"),
        (AsyncSocket, "receive"),
        (AsyncSocket, "close"),
    ],
)
def test_what_we_override_or_call_exists(owner: type, name: str) -> None:
    assert hasattr(owner, name), MOVED.format(f"{owner.__name__}.{name}")


def test_the_websocket_still_keeps_its_aiohttp_socket_where_we_look() -> None:
    assert "self._sock" in inspect.getsource(engine_driver.WebSocket), MOVED.format("_sock")
    assert hasattr(WebSocketResponse(), "_exception"), MOVED.format("aiohttp's _exception")
    assert hasattr(WebSocketResponse(), "_req"), MOVED.format("aiohttp's _req")


async def test_a_connections_handler_still_belongs_to_its_socket(
    server: socketio.AsyncServer,
) -> None:
    socket = AsyncSocket(server.eio, "id")
    assert socket._websocket_handler.__self__ is socket
    kept = {"connected", "upgraded", "queue", "closing", "closed"}
    assert kept <= vars(socket).keys(), MOVED.format("AsyncSocket")


def test_our_server_handles_messages_itself() -> None:
    assert StrictServer._handle_eio_message is not socketio.AsyncServer._handle_eio_message
