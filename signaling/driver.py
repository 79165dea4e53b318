"""Our Socket.IO server: python-socketio with the settings and the driver that thousands need.

The only module that touches what python-socketio and python-engineio keep to themselves:

- `engineio.async_drivers.aiohttp.WebSocket`, subclassed: no compression (it costs 124 kB a client),
  no reference cycles at a close (each leaked 23 kB until a full collection), and an end that raises
  nothing;
- `AsyncServer.eio`, its `_async` table of driver classes, and its `sockets`, for the watchdog.

`tests/signaling/test_driver.py` fails when one of them moves.
"""

import asyncio
import time
from collections.abc import Callable, Collection
from typing import Any

import socketio
import structlog
from aiohttp.web import Request, WebSocketResponse
from engineio.async_drivers import aiohttp as engine_driver

log = structlog.get_logger()

MAX_MESSAGE = 64_000
PING_INTERVAL = 15
PING_TIMEOUT = 10
CONNECT_SECONDS = 10


class LeanWebSocket(engine_driver.WebSocket):  # type: ignore[misc]
    """aiohttp's WebSocket as Engine.IO drives it, without what costs memory."""

    async def __call__(self, environ: dict[str, Any]) -> WebSocketResponse:
        request: Request = environ["aiohttp.request"]
        self._sock = socket = WebSocketResponse(
            max_msg_size=self.server.max_http_buffer_size, compress=False
        )
        await socket.prepare(request)
        self.environ = environ
        try:
            await self.handler(self)
        finally:
            socket._exception = None  # it would hold the frames of this call alive
        return socket

    async def wait(self) -> str | bytes | None:
        """Return the next message, or None when the connection is over."""
        data = (await self._sock.receive()).data
        return data if isinstance(data, str | bytes) else None

    async def close(self) -> None:
        transport = self._sock._req.transport if self._sock._req is not None else None
        if not self._sock.closed and transport is not None and not transport.is_closing():
            await self._sock.close()


def make_server(allowed: Callable[[str | None], bool]) -> socketio.AsyncServer:
    """Return a Socket.IO server: WebSocket only, small messages, origins judged by `allowed`.

    Events of one socket are handled one after the other: otherwise a candidate overtakes its
    offer.
    """
    server = socketio.AsyncServer(
        async_mode="aiohttp",
        transports=["websocket"],
        cors_allowed_origins=lambda origin, _environ: allowed(origin),
        max_http_buffer_size=MAX_MESSAGE,
        ping_interval=PING_INTERVAL,
        ping_timeout=PING_TIMEOUT,
        async_handlers=False,
        namespaces=["/customer", "/advisor", "/manager"],
        logger=False,
        engineio_logger=False,
    )
    server.eio._async = {**server.eio._async, "websocket": LeanWebSocket}
    return server


async def hang_up(server: socketio.AsyncServer, engine_id: str) -> None:
    """Close one connection, without waiting for a client that no longer reads.

    The client sees a lost transport and may come back; who must not was told so before.
    """
    if socket := server.eio.sockets.get(engine_id):
        await socket.close(wait=False, reason=server.reason.SERVER_DISCONNECT)


async def watch_connects(
    server: socketio.AsyncServer, connected: Callable[[], Collection[str]]
) -> None:
    """Close connections that have sent no CONNECT packet for 10 s, until cancelled.

    `connected` returns the Engine.IO ids of those that did.
    """
    first_seen: dict[str, float] = {}
    while True:
        await asyncio.sleep(CONNECT_SECONDS / 5)
        now, known = time.monotonic(), connected()
        silent = [eio for eio in server.eio.sockets if eio not in known]
        first_seen = {eio: first_seen.get(eio, now) for eio in silent}
        for eio, since in first_seen.items():
            if now - since > CONNECT_SECONDS:
                await hang_up(server, eio)
