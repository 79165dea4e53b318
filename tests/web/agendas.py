"""Staff who look at agendas on the wire, and visits for them to look at."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from showroom.clock import to_ms
from showroom.ids import AppointmentId, StaffId
from tests.houses import House
from tests.people import Person
from tests.visits import saved_visit, staff_id

PARIS = ZoneInfo("Europe/Paris")
OWN, TEAM = "/advisor/agenda", "/manager/agenda"
Answer = tuple[int, dict[str, Any]]


@cache
def noon(days: int = 1) -> int:
    """Return twelve o'clock in Paris, so many days from the day on which this began."""
    there = datetime.now(UTC).astimezone(PARIS) + timedelta(days=days)
    return to_ms(there.replace(hour=12, minute=0, second=0, microsecond=0))


def local(ms: int) -> str:
    """Return a moment as a field of a form in Paris holds it."""
    return datetime.fromtimestamp(ms / 1000, PARIS).strftime("%Y-%m-%dT%H:%M")


def day(ms: int) -> str:
    return local(ms)[:10]


async def get(who: Person, path: str, **query: Any) -> Answer:
    headers = {"Accept": "application/json"}
    async with who.http.get(who.url + path, params=query, headers=headers) as response:
        return response.status, await response.json()


async def post(who: Person, path: str, body: object = None) -> Answer:
    headers = {"X-CSRF-Token": await who.csrf(f"/s/{who.showroom}")}
    async with who.http.post(who.url + path, json=body or {}, headers=headers) as response:
        return response.status, await response.json()


async def person_id(house: House, name: str) -> StaffId:
    return await staff_id(house.node.shared.database, f"{name}@example.com")


async def a_visit(house: House, name: str = "alice", at: int = 0, **more: Any) -> AppointmentId:
    host = await person_id(house, name)
    return await saved_visit(house.node.shared.database, house.paris, host, at or noon(), **more)
