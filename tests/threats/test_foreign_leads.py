"""The leads of Paris × people of Lyon: nothing leaks, nothing moves (threat 9)."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import sqlalchemy as sa

from showroom.database import Database
from showroom.lead_tables import (
    lead_events,
    lead_keys,
    lead_sheets,
    lead_sources,
    leads,
)
from showroom.tables import showrooms
from tests.houses import House, live_call
from tests.people import Boss, Employee, Person
from tests.samples import PASSWORD
from tests.threats.conftest import Report
from tests.visits import staff_id
from tests.web.agendas import post

NAME, EMAIL, NOTE, CAR = "Canary Lead", "canary@lead.example", "canary of the sheet", "canary-car"

Cases = list[tuple[str, str, set[int]]]
CHANGE: Cases = [("nobody", "", {403}), ("lea", "", {403}), ("chief", "", {403})]


def named(right: str, wrong: str) -> Cases:
    """Return the cases of a route that names something of Paris, for who has the role in Lyon."""
    return [
        ("nobody", "?showroom=paris", {303}),
        (right, "?showroom=paris", {403}),
        (wrong, "?showroom=lyon", {403}),
        (right, "?showroom=lyon", {404}),
    ]


def plain(right: str, wrong: str) -> Cases:
    """Return the cases of a route that names nothing."""
    return [
        ("nobody", "?showroom=paris", {303}),
        (right, "?showroom=paris", {403}),
        (wrong, "", {403}),
        (right, "", {200}),
    ]


# By method and path: who asks, with what, and what is right.
ROUTES: dict[tuple[str, str], Cases] = {
    ("POST", "/s/{showroom}/requests"): CHANGE,
    ("GET", "/advisor/calls/{call}/sheet"): named("lea", "chief"),
    ("POST", "/advisor/calls/{call}/sheet"): CHANGE,
    ("POST", "/advisor/calls/{call}/sheet/lead"): CHANGE,
    ("GET", "/advisor/leads/list"): plain("lea", "chief"),
    ("GET", "/advisor/leads/{lead}"): named("lea", "chief"),
    # Managers keep cars for leads, too.
    ("GET", "/advisor/leads/{lead}/reservations"): [
        ("nobody", "?showroom=paris", {303}),
        ("lea", "?showroom=paris", {403}),
        ("chief", "?showroom=paris", {403}),
        ("lea", "?showroom=lyon", {404}),
        ("chief", "?showroom=lyon", {404}),
    ],
    ("GET", "/manager/leads/list"): plain("chief", "lea"),
    ("GET", "/manager/leads/{lead}"): named("chief", "lea"),
    ("GET", "/manager/scoring"): plain("chief", "lea"),
    ("POST", "/manager/scoring"): CHANGE,
} | {
    ("POST", f"/{role}/leads/{{lead}}/{what}"): CHANGE
    for role in ("advisor", "manager")
    for what in ("move", "due", "owner", "note", "fields")
}


@dataclass(frozen=True)
class Paris:
    """What Lyon must neither see nor touch."""

    call: str
    lead: str
    alice: str


@asynccontextmanager
async def busy_paris(house: House) -> AsyncIterator[Paris]:
    """Yield a Paris with a live call, of which Alice has made a lead that is hers."""
    async with live_call(house) as (_, alice, call):
        sheet = {"name": NAME, "email": EMAIL, "notes": NOTE, "vehicles": [{"slug": CAR}]}
        path = f"/advisor/calls/{call}/sheet/lead"
        status, made = await post(alice, path, {"version": 0, "sheet": sheet})
        assert status == 200, made
        own = await staff_id(house.node.shared.database, "alice@example.com")
        yield Paris(call, made["lead"]["id"], own)


async def snapshot(database: Database) -> list[Any]:
    """Return everything that SQL knows of leads, and of points."""
    async with database.read() as connection:
        return [
            (await connection.execute(sa.select(table).order_by(*table.primary_key))).all()
            for table in (leads, lead_keys, lead_events, lead_sources, lead_sheets, showrooms)
        ]


def assert_silent(text: str, paris: Paris) -> None:
    secrets = (paris.lead, paris.alice, NAME, EMAIL, NOTE, CAR)
    assert not [secret for secret in secrets if secret in text], text[:500]


async def test_no_route_shows_a_lead_of_paris_to_lyon(house: House, figure: Report) -> None:
    asked = 0
    async with (
        busy_paris(house) as paris,
        Employee(house.url, "lyon") as lea,
        Boss(house.url, "lyon") as chief,
        aiohttp.ClientSession() as nobody,
    ):
        await lea.sign_in("lea@example.com", PASSWORD)
        await chief.sign_in("chief@example.com", PASSWORD)
        browsers = {"lea": lea.http, "chief": chief.http, "nobody": nobody}
        for (method, path), cases in ROUTES.items():
            for who, query, right in cases:
                names = {"showroom": "paris", "call": paris.call, "lead": paris.lead}
                url = house.url + path.format(**names) + query
                async with browsers[who].request(method, url, allow_redirects=False) as response:
                    assert response.status in right, (method, url, who)
                    there = response.headers.get("Location", "")
                    assert_silent((await response.text()) + there.replace(paris.lead, ""), paris)
                asked += 1
    figure(f"{asked} requests over {len(ROUTES)} routes of leads: 0 leaks")


async def test_no_change_of_lyon_reaches_a_lead_of_paris(house: House, figure: Report) -> None:
    """With a right token of their own: so the showroom's filter itself is what has to hold."""
    sent = 0
    async with (
        busy_paris(house) as paris,
        Employee(house.url, "lyon") as lea,
        Boss(house.url, "lyon") as chief,
    ):
        await lea.sign_in("lea@example.com", PASSWORD)
        await chief.sign_in("chief@example.com", PASSWORD)
        before = await snapshot(house.node.shared.database)
        sheet = {"version": 1, "sheet": {"name": "Lyon", "email": EMAIL}}
        changes: dict[str, dict[str, Any]] = {
            "move": {"move": "lose", "reason": "from Lyon"},
            "due": {"due_at": f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"},
            "owner": {"owner": "me"},
            "note": {"note": "from Lyon"},
            "fields": {"version": 1, "fields": {"name": "Lyon"}},
        }
        tries: list[tuple[Person, str, dict[str, Any]]] = [
            (lea, f"/advisor/calls/{paris.call}/sheet", sheet),
            (lea, f"/advisor/calls/{paris.call}/sheet/lead", sheet),
        ]
        both: tuple[tuple[Person, str], ...] = ((lea, "advisor"), (chief, "manager"))
        for person, role in both:
            start = f"/{role}/leads/{paris.lead}"
            tries += [(person, f"{start}/{what}", body) for what, body in changes.items()]
        for person, path, body in tries:
            status, answer = await post(person, path, body)
            assert (status, answer["code"]) == (404, "not_found"), path
            assert_silent(json.dumps(answer), paris)
            status, answer = await post(person, f"{path}?showroom=paris", body)
            assert (status, answer["code"]) == (403, "forbidden"), path
            sent += 2
        body = {"points": {}, "qualified_from": 1}
        assert (await post(chief, "/manager/scoring?showroom=paris", body))[0] == 403
        assert await snapshot(house.node.shared.database) == before
    figure(f"{sent + 1} changes with ids of another showroom's leads: 0 reached it")


async def test_the_same_person_has_a_lead_of_their_own_in_each_showroom(house: House) -> None:
    form = {
        "kind": "offer",
        "name": NAME,
        "email": EMAIL,
        "language": "en",
        "consents": [{"purpose": "contact", "version": "request-1"}],
    }
    async with busy_paris(house) as paris, house.customer(showroom="lyon") as customer:
        before = await snapshot(house.node.shared.database)
        status, _ = await post(customer, "/s/lyon/requests", form)
        assert status == 201
        after = await snapshot(house.node.shared.database)
    assert len(after[0]) == len(before[0]) + 1
    here = [row for row in after[0] if row.id == paris.lead]
    assert here == list(before[0])
