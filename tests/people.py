"""People on the wire: a customer and a member of staff as small protocol clients."""

import asyncio
import re
from collections.abc import Callable
from typing import Any, Self

import aiohttp
import socketio

CSRF = re.compile(r'name="csrf-token" content="([^"]+)"')
PATIENCE = 10

Payload = dict[str, Any]


class Person:
    """A browser's worth of cookies and one socket. Remembers everything it was sent."""

    space = ""

    def __init__(self, url: str, showroom: str = "paris", page: str = "page-1") -> None:
        self.url, self.showroom, self.page = url, showroom, page
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.socket = self._new_socket()
        self.heard: list[tuple[str, Payload]] = []
        self._news = asyncio.Event()

    def _new_socket(self) -> socketio.AsyncClient:
        socket = socketio.AsyncClient(http_session=self.http, reconnection=False)
        socket.on("*", self._hear, namespace=self.space)
        return socket

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()
        await self.http.close()

    async def _hear(self, event: str, payload: Payload | None = None) -> None:
        self.heard.append((event, payload or {}))
        self._news.set()

    async def connect(self, headers: dict[str, str] | None = None, **auth: Any) -> None:
        """Connect the socket. Raises `socketio.exceptions.ConnectionError` when refused."""
        await self.socket.connect(
            self.url,
            namespaces=[self.space],
            transports=["websocket"],
            headers=headers or {},
            auth={"showroom": self.showroom, "page": self.page, **auth},
            wait_timeout=PATIENCE,
        )

    async def leave(self) -> None:
        await self.socket.disconnect()

    async def come_back(self, url: str = "", page: str = "") -> None:
        """Connect anew, perhaps to another node, perhaps as a reloaded page."""
        await self.leave()
        self.url, self.page = url or self.url, page or self.page
        self.socket = self._new_socket()
        self.heard.clear()
        await self.connect()

    async def send(self, event: str, **payload: Any) -> Payload:
        """Send a message and return its acknowledgement."""
        answer: Payload = await self.socket.call(
            event, payload, namespace=self.space, timeout=PATIENCE
        )
        return answer

    async def until(self, event: str, fits: Callable[[Payload], bool] = lambda _: True) -> Payload:
        """Wait for a message that fits, also one that came already; return the newest."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self._news.clear()
                for heard, payload in reversed(self.heard):
                    if heard == event and fits(payload):
                        return payload
                await self._news.wait()

    async def until_newest(
        self, event: str, fits: Callable[[Payload], bool] = lambda _: True
    ) -> Payload:
        """Wait until the newest of these messages fits, whatever came before; return it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self._news.clear()
                newest = next((one for name, one in reversed(self.heard) if name == event), None)
                if newest is not None and fits(newest):
                    return newest
                await self._news.wait()

    async def until_call(self, state: str) -> Payload:
        return await self.until("call_state", lambda call: call["state"] == state)

    async def csrf(self, path: str) -> str:
        async with self.http.get(self.url + path) as response:
            found = CSRF.search(await response.text())
        assert found, f"no token on {path}"
        return found[1]


class Customer(Person):
    """A customer."""

    space = "/customer"

    async def request(self, **wish: Any) -> tuple[int, Payload]:
        """Ask for a call; return the status and the answer."""
        token = await self.csrf(f"/s/{self.showroom}")
        body = {"language": "en", "vehicle": None, **wish}
        async with self.http.post(
            f"{self.url}/s/{self.showroom}/calls", json=body, headers={"X-CSRF-Token": token}
        ) as response:
            return response.status, await response.json()

    async def call(self, **wish: Any) -> str:
        """Ask for a call and connect; return the call's id."""
        status, answer = await self.request(**wish)
        assert status == 201, answer
        await self.connect()
        return str(answer["call"])


class Employee(Person):
    """Somebody who signs in."""

    space = "/advisor"

    async def sign_in(self, email: str, password: str, **headers: str) -> int:
        """Sign in as a browser's form does; return the status, 303 when it worked."""
        token = await self.csrf("/staff/login")
        form = {"email": email, "password": password, "csrf": token}
        async with self.http.post(
            f"{self.url}/staff/login", data=form, allow_redirects=False, headers=headers
        ) as response:
            return response.status

    async def work(self, email: str, password: str) -> None:
        """Sign in, connect, and become available."""
        assert await self.sign_in(email, password) == 303
        await self.connect()
        assert (await self.send("set_available", available=True))["ok"]

    async def accept(self) -> Payload:
        """Accept what rings; return the call."""
        call = await self.until_call("ringing")
        answer = await self.send("accept", call=call["call"], ring=call["ring"])
        assert answer["ok"], answer
        return call


class Boss(Employee):
    """A manager."""

    space = "/manager"

    async def watch(self, email: str, password: str) -> None:
        """Sign in and connect."""
        assert await self.sign_in(email, password) == 303
        await self.connect()

    async def supervise(self, call: str, mode: str = "nobody") -> Payload:
        """Join a call, or change who hears; return the call."""
        answer = await self.send("supervise", call=call, mode=mode)
        assert answer["ok"], answer
        return await self.until("joined_state", lambda state: state["me"]["voice"] == mode)


class Companion(Person):
    """Somebody who comes by a customer's link."""

    space = "/companion"

    async def knock(self, path: str, name: str) -> tuple[int, Payload]:
        """Ask to be let in, as the page behind the link does; return the status and the answer."""
        token = await self.csrf(f"/s/{self.showroom}")
        async with self.http.post(
            self.url + path, json={"name": name}, headers={"X-CSRF-Token": token}
        ) as response:
            return response.status, await response.json()

    async def ask(self, path: str, name: str) -> Payload:
        """Ask to be let in, and connect; return who this is."""
        status, answer = await self.knock(path, name)
        assert status == 201, answer
        await self.connect()
        me: Payload = (await self.until("joined_state"))["me"]
        return me

    async def until_joined(self, fits: Callable[[Payload], bool] = lambda _: True) -> Payload:
        return await self.until("joined_state", fits)
