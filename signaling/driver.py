"""Our Socket.IO server: python-socketio with the settings and the driver that thousands need.

The only module that touches what python-socketio and python-engineio keep to themselves:

- `engineio.async_drivers.aiohttp.WebSocket`, subclassed: no compression (it costs 124 kB a client)
  but for who asks for it, no reference cycles at a close (each leaked 23 kB until a full
  collection), an end that raises nothing, and no patience with a client that does not read or does
  not say goodbye;
- `AsyncSocket._websocket_handler`, replaced: it starts a task and a timer for every message. What
  it does for one connection is `LeanWebSocket._converse`;
- `AsyncServer._handle_eio_message`, so that a packet which can't be read ends its connection: else
  each one would be a traceback in the log;
- `AsyncServer.eio`, its `_async` table of driver classes, and its `sockets`, for the watchdog.

`tests/signaling/test_driver.py` fails when one of them moves.
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any

import socketio
import structlog
from aiohttp.web import Request, WebSocketResponse
from engineio.async_drivers import aiohttp as engine_driver
from engineio.async_socket import AsyncSocket
from engineio.exceptions import SocketIsClosedError
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from socketio.packet import CONNECT, DISCONNECT, EVENT, Packet

log = structlog.get_logger()

MAX_MESSAGE = 64_000
# A page whose line is known to be narrow has this in the address of its socket.
NARROW = "narrow"
PING_INTERVAL = 15
PING_TIMEOUT = 10
CONNECT_SECONDS = 10
CLOSE_SECONDS = 2
# A page sends one CONNECT; one more after each refusal.
MOST_CONNECTS = 5
# A message of this size goes into an empty buffer without a wait (asyncio's limit is 64 KiB).
SMALL = 16_000
# So many connections are written to before others get their turn.
TURN = 250
# What pages send of Engine.IO: a goodbye, a pong, and Socket.IO's CONNECT, DISCONNECT and EVENT.
# Anything else Engine.IO would try to read as JSON itself, and fail loudly.
FRAME = re.compile(r"1|3|4[012].*", re.DOTALL)


class LeanWebSocket(engine_driver.WebSocket):  # type: ignore[misc]
    """aiohttp's WebSocket as Engine.IO drives it, without what costs memory."""

    async def __call__(self, environ: dict[str, Any]) -> WebSocketResponse:
        request: Request = environ["aiohttp.request"]
        self._sock = socket = WebSocketResponse(
            max_msg_size=self.server.max_http_buffer_size,
            # On a narrow line the descriptions of a call take a second less to come over.
            compress=NARROW in request.query,
            timeout=CLOSE_SECONDS,
        )
        await socket.prepare(request)
        self.environ = environ
        try:
            await self._converse(self.handler.__self__)
        finally:
            socket._exception = None  # it would hold the frames of this call alive
        return socket

    async def _converse(self, engine: AsyncSocket) -> None:
        """Hand on what comes, and send what is queued, until one of the two ends.

        Whoever is silent for too long is hung up on by `watch_sockets`.
        """
        engine.connected = engine.upgraded = True
        writer = asyncio.create_task(self._write(engine.queue))
        try:
            while (message := await self.wait()) is not None:
                await engine.receive(EnginePacket(encoded_packet=message))
        except SocketIsClosedError:
            pass  # it was hung up on, and this was on its way
        except Exception:
            log.exception("a connection broke")
        await engine.queue.put(None)
        await writer
        await engine.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    async def _write(self, queue: asyncio.Queue[EnginePacket | None]) -> None:
        """Send what is queued until there is None."""
        try:
            while (packet := await queue.get()) is not None:
                await self.send(packet.encode())
        except OSError:
            pass  # they are gone, or do not read
        await self.close()

    async def wait(self) -> str | None:
        """Return the next message, or None when the connection is over: it ended, or the client
        sends what no page of ours does."""
        data = (await self._sock.receive()).data
        return data if isinstance(data, str) and FRAME.fullmatch(data) else None

    async def send(self, message: str | bytes) -> None:
        """Send a message. Whoever does not read for 10 s is gone: their queue would only grow."""
        transport = self._transport()
        if transport and not transport.get_write_buffer_size() and len(message) < SMALL:
            await super().send(message)  # can't have to wait, so there is nothing to limit
        else:
            await self._within(PING_TIMEOUT, super().send(message))

    async def close(self) -> None:
        transport = self._transport()
        if not self._sock.closed and transport is not None and not transport.is_closing():
            await self._within(2 * CLOSE_SECONDS, self._sock.close())

    async def _within(self, seconds: float, work: Awaitable[object]) -> None:
        try:
            async with asyncio.timeout(seconds):
                await work
        except TimeoutError:
            if transport := self._transport():
                transport.abort()
            raise

    def _transport(self) -> asyncio.WriteTransport | None:
        request = self._sock._req
        found: asyncio.WriteTransport | None = request.transport if request is not None else None
        return found


class Unreadable(Exception):
    """A packet that no page of ours sends."""


class StrictPacket(Packet):  # type: ignore[misc]
    """A Socket.IO packet without attachments. An event is a list that begins with its name."""

    def decode(self, encoded_packet: str) -> int:
        """Read a packet. Raises `Unreadable`."""
        try:
            attachments = super().decode(encoded_packet)
        except (ValueError, RecursionError) as error:
            raise Unreadable from error
        kind, data = self.packet_type, self.data
        named = isinstance(data, list) and data and isinstance(data[0], str)
        if attachments or not (kind in (CONNECT, DISCONNECT) or (kind == EVENT and named)):
            raise Unreadable
        return 0


class StrictServer(socketio.AsyncServer):  # type: ignore[misc]
    """A server that hangs up on whoever sends what can't be read, or connects without end."""

    async def _handle_eio_message(self, eio_sid: str, data: str) -> None:
        if eio_sid not in self.environ:
            return  # it was hung up on, and this was on its way
        try:
            await super()._handle_eio_message(eio_sid, data)
        except Unreadable:
            await hang_up(self, eio_sid)

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: object) -> None:
        environ = self.environ[eio_sid]
        environ["connects"] = environ.get("connects", 0) + 1
        seated = self.manager.sid_from_eio_sid(eio_sid, namespace or "/")
        if seated or environ["connects"] > MOST_CONNECTS:
            await hang_up(self, eio_sid)
        else:
            await super()._handle_connect(eio_sid, namespace, data)


def make_server(allowed: Callable[[str | None], bool]) -> socketio.AsyncServer:
    """Return a Socket.IO server: WebSocket only, small messages, origins judged by `allowed`.

    Events of one socket are handled one after the other: otherwise a candidate overtakes its
    offer.
    """
    # With `logger=False` they write past our log, and past what keeps personal data out of it.
    errors = logging.getLogger("signaling.sockets")
    errors.setLevel(logging.ERROR)
    server = StrictServer(
        serializer=StrictPacket,
        async_mode="aiohttp",
        transports=["websocket"],
        cors_allowed_origins=lambda origin, _environ: allowed(origin),
        max_http_buffer_size=MAX_MESSAGE,
        ping_interval=PING_INTERVAL,
        ping_timeout=PING_TIMEOUT,
        async_handlers=False,
        # Its own watch wakes a thousand times a second for 10,000 sockets; `watch_sockets` does it.
        monitor_clients=False,
        namespaces=["/customer", "/advisor", "/manager"],
        logger=errors,
        engineio_logger=errors,
    )
    server.eio._async = {**server.eio._async, "websocket": LeanWebSocket}
    return server


def is_open(server: socketio.AsyncServer, engine_id: str) -> bool:
    """Say whether a connection is there and nobody is hanging up on it."""
    socket = server.eio.sockets.get(engine_id)
    return socket is not None and not (socket.closing or socket.closed)


async def hang_up(server: socketio.AsyncServer, engine_id: str) -> None:
    """Close one connection, without waiting for a client that no longer reads.

    The client sees a lost transport and comes back; who must not was told so before. (Engine.IO's
    own goodbye would keep python-socketio's client from coming back, and so it is not sent.)
    """
    if socket := server.eio.sockets.get(engine_id):
        await socket.close(wait=False, abort=True, reason=server.reason.SERVER_DISCONNECT)
        # The writer ends when it finds this, and closes the connection, whatever the client does.
        await socket.queue.put(None)


async def tell(
    server: socketio.AsyncServer, engine_ids: Iterable[str], space: str, event: str, payload: object
) -> None:
    """Send one event to some connections. One that is gone is no error.

    The message is written once. (`AsyncServer.emit` starts a task for each of them.)
    """
    text = Packet(EVENT, [event, payload], space, binary=False).encode()
    packet = EnginePacket(MESSAGE, text)
    for number, engine_id in enumerate(engine_ids, 1):
        await server.eio.send_packet(engine_id, packet)
        if number % TURN == 0:
            await asyncio.sleep(0)


async def watch_sockets(
    server: socketio.AsyncServer, connected: Callable[[], Collection[str]]
) -> None:
    """Close connections that are of no use any more, until cancelled: those that have sent no
    CONNECT packet for 10 s, and those that left a ping unanswered for as long.

    `connected` returns the Engine.IO ids of those that sent it.
    """
    first_seen: dict[str, float] = {}
    while True:
        await asyncio.sleep(CONNECT_SECONDS / 5)
        now, known = time.monotonic(), connected()
        for eio, socket in list(server.eio.sockets.items()):
            if socket.closed:
                server.eio.sockets.pop(eio, None)
            elif not await socket.check_ping_timeout():
                await socket.queue.put(None)
        silent = [eio for eio in server.eio.sockets if eio not in known]
        first_seen = {eio: first_seen.get(eio, now) for eio in silent}
        for eio, since in first_seen.items():
            if now - since > CONNECT_SECONDS:
                await hang_up(server, eio)
