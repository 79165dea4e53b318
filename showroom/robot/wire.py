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

from showroom.errors import NotSignedIn, StartupError

log = structlog.get_logger()

SPACE = "/advisor"
# Of a photo, at a time.
PIECE = 200_000
CSRF = re.compile(r'name="csrf-token" content="([^"]+)"')
CONFIG = re.compile(r'<script type="application/json" id="config">(.*?)</script>', re.DOTALL)

Handler = Callable[[dict[str, Any]], Awaitable[None]]


class Wire:
    """One advisor's connection. `handlers`: what to do with each message from the server.

    python-socketio reconnects by itself; the server then sends the full state again. A session that
    is over is followed by a new sign-in. `over` is done when another page took the seat, and fails
    with a `StartupError` when the server does not let the robot in any more.
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
        self._signing_in = asyncio.Lock()
        self._credentials = ("", "")
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._socket.on("connect_error", self._on_refused, namespace=SPACE)
        self._socket.on("signed_out", self._on_signed_out, namespace=SPACE)
        self._socket.on("replaced", self._on_replaced, namespace=SPACE)
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

    async def _on_refused(self, refusal: dict[str, Any]) -> None:
        if refusal.get("data", {}).get("code") == NotSignedIn.code:
            await self._on_signed_out()

    async def _on_signed_out(self, _: object = None) -> None:
        async with self._signing_in:
            try:
                await self.sign_in(*self._credentials)
            except aiohttp.ClientError:
                pass  # the server is away: the next refusal brings us back here
            except StartupError as error:
                await self._end(error)

    async def _on_replaced(self, _: object) -> None:
        await self._end(None)

    async def _end(self, error: StartupError | None) -> None:
        self._socket.reconnection = False
        if not self.over.done():
            if error:
                self.over.set_exception(error)
            else:
                self.over.set_result(None)

    async def sign_in(self, email: str, password: str) -> None:
        """Get a session. Raises `StartupError` when the server refuses it."""
        self._credentials = (email, password)
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

    async def send_photo(self, call: str, photo: str, jpeg: bytes) -> bool:
        """Send a photo over HTTP; say whether it was taken."""
        async with self._http.get(f"{self.url}/staff/login") as response:
            token = CSRF.search(await response.text())
        headers = {"X-CSRF-Token": token[1] if token else "", "Accept": "application/json"}
        for start in range(0, len(jpeg), PIECE):
            query = {"showroom": self.showroom, "start": str(start), "size": str(len(jpeg))}
            address = f"{self.url}/advisor/calls/{call}/photos/{photo}"
            piece = jpeg[start : start + PIECE]
            async with self._http.post(
                address, params=query, data=piece, headers=headers
            ) as response:
                if response.status != 200:
                    return False
        return True

    async def close(self) -> None:
        """Leave."""
        await self._socket.shutdown()
        await self._http.close()
