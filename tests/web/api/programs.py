"""A program that uses the interface, on the wire."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from showroom.api_keys import ApiKeys, Scope
from showroom.clock import system_clock
from showroom.database import Database
from showroom.ids import new_id
from showroom.showrooms import Showrooms
from tests.houses import House

NEW_BOOKING: Mapping[str, Any] = {
    "language": "en",
    "name": "Jeanne Moreau",
    "email": "jeanne@example.com",
    "vehicle": "crete",
    "wish": "Room for a cello",
    "consents": [{"purpose": "contact", "version": "shop-1"}],
}


@dataclass(frozen=True)
class Reply:
    """What came back; `data` is the JSON in it."""

    status: int
    headers: Mapping[str, str]
    data: Any

    @property
    def problem(self) -> str:
        """The code of a problem, after everything that every problem has was checked."""
        assert self.headers["Content-Type"] == "application/problem+json", self
        assert self.data["status"] == self.status
        assert self.data["title"]
        assert self.data["detail"]
        code = str(self.data["code"])
        assert self.data["type"] == f"/api/v1/docs#{code}"
        return code


@dataclass(frozen=True)
class Program:
    """A program with a key. Its addresses begin below its showroom's."""

    http: aiohttp.ClientSession
    origin: str
    key: str
    base: str

    async def ask(self, method: str, path: str, **more: Any) -> Reply:
        """Send a request, with the key unless `headers` name another."""
        url = path if path.startswith("http") else self.origin + self._path(path)
        headers = {"Authorization": f"Bearer {self.key}", **more.pop("headers", {})}
        async with self.http.request(method, url, headers=headers, **more) as response:
            typed = "json" in response.headers.get("Content-Type", "")
            data = await response.json(content_type=None) if typed else await response.text()
            return Reply(response.status, response.headers, data)

    def _path(self, path: str) -> str:
        return path if path.startswith("/api/") else self.base + path

    async def get(self, path: str, **more: Any) -> Reply:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, body: Any = None, *, once: str = "", **more: Any) -> Reply:
        """Post under the `Idempotency-Key` `once`, or under a new one."""
        headers = {"Idempotency-Key": once or new_id(), **more.pop("headers", {})}
        return await self.ask("POST", path, json=body, headers=headers, **more)

    async def free(self, **query: str) -> list[str]:
        """Return the free times."""
        reply = await self.get("/slots", params={"language": "en", **query})
        assert reply.status == 200, reply
        return [slot["starts_at"] for slot in reply.data["items"]]

    async def booked(self, number: int = 0, **changes: Any) -> Any:
        """Book one of the free times."""
        body = {**NEW_BOOKING, "starts_at": (await self.free())[number], **changes}
        reply = await self.post("/bookings", body)
        assert reply.status == 201, reply
        return reply.data


async def a_key(database: Database, slug: str, scopes: Collection[Scope] = tuple(Scope)) -> str:
    """Make a key of a showroom."""
    showroom = await Showrooms(database).by_slug(slug)
    _, secret = await ApiKeys(database, system_clock).add(showroom.id, "A store", scopes)
    return secret


@asynccontextmanager
async def a_program(
    house: House, slug: str, scopes: Collection[Scope] = tuple(Scope)
) -> AsyncIterator[Program]:
    """Yield a program of a showroom."""
    key = await a_key(house.node.shared.database, slug, scopes)
    async with aiohttp.ClientSession() as http:
        yield Program(http, house.url, key, f"/api/v1/showrooms/{slug}")
