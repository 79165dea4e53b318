"""The robot's way in: signs in over HTTP as a person would, then speaks the protocol."""

import asyncio
import json
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import socketio
import structlog

from showroom.errors import StartupError

log = structlog.get_logger()

SPACE = "/advisor"
CSRF = re.compile(r'name="csrf-token" content="([^"]+)"')
CONFIG = re.compile(r'<script type="application/json" id="config">(.*?)</script>', re.DOTALL)

Handler = Callable[[dict[str, Any]], Awaitable[None]]


class Wire:
    """One advisor's connection. `handlers`: what to do with each message from the server.

    Use it as a context: it signs in, connects, and closes everything at the end. python-socketio
    reconnects by itself; the server then sends the full state again.
    """

    def __init__(self, url: str, showroom: str, handlers: dict[str, Handler]) -> None:
        self.url = url.rstrip("/")
        self.showroom = showroom
        self.config: dict[str, Any] = {}
        self._page = secrets.token_urlsafe(12)
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._socket = socketio.AsyncClient(
            http_session=self._http, reconnection_delay=0.5, reconnection_delay_max=5
        )
        self._turn = asyncio.Lock()
        for event, handler in handlers.items():
            self._socket.on(event, self._in_turn(event, handler), namespace=SPACE)

    def _in_turn(self, event: str, handler: Handler) -> Handler:
        """Messages are handled one after the other, as they came."""

        async def run(payload: dict[str, Any] | None = None) -> None:
            async with self._turn:
                try:
                    await handler(payload or {})
                except Exception:
                    log.exception("the robot stumbled", event_name=event)

        return run

    async def sign_in(self, email: str, password: str) -> None:
        """Get a session. Raises `StartupError` when the server refuses it."""
        async with self._http.get(f"{self.url}/staff/login") as response:
            token = CSRF.search(await response.text())
        form = {"email": email, "password": password, "csrf": token[1] if token else ""}
        async with self._http.post(
            f"{self.url}/staff/login", data=form, allow_redirects=False
        ) as response:
            if response.status != 303:
                raise StartupError(
                    f"The robot can't sign in: the server answers {response.status}."
                )
        async with self._http.get(
            f"{self.url}/advisor", params={"showroom": self.showroom}
        ) as response:
            config = CONFIG.search(await response.text())
            if response.status != 200 or config is None:
                raise StartupError(f"The robot is no advisor of the showroom {self.showroom!r}.")
            self.config = json.loads(config[1])

    async def connect(self) -> None:
        """Take the advisor's seat, and keep it."""
        await self._socket.connect(
            self.url,
            namespaces=[SPACE],
            transports=["websocket"],
            auth={"showroom": self.showroom, "page": self._page},
            retry=True,
        )

    async def send(self, event: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a message; return its acknowledgement. A lost one counts as refused."""
        try:
            answer = await self._socket.call(event, payload or {}, namespace=SPACE, timeout=10)
        except (socketio.exceptions.SocketIOError, OSError) as error:
            return {"ok": False, "code": "lost", "message": str(error)}
        return answer if isinstance(answer, dict) else {"ok": False, "code": "lost"}

    async def close(self) -> None:
        """Leave."""
        await self._socket.shutdown()
        await self._http.close()
