"""Role × page × showroom: who sees what, through pages, filters, exports and sockets (threat 9)."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack

import pytest
from aiohttp.web import RouteDef
from socketio.exceptions import ConnectionError as Refused

from showroom.words import Role
from tests.houses import House
from tests.people import Boss, Employee
from tests.samples import PASSWORD, staff_of
from tests.threats.conftest import Report
from tests.threats.test_foreign_ids import CAR, NAME, Paris, assert_silent, busy_paris
from tests.virtual_clock import VirtualClock
from web.routes import routes

MANAGES = {Role.MANAGER, Role.ADMINISTRATOR}
# Who they are: their roles in showrooms.
PEOPLE: Mapping[str, Mapping[str, Role]] = {
    "advises-here": {"paris": Role.ADVISOR},
    "manages-here": {"paris": Role.MANAGER},
    "administers-here": {"paris": Role.ADMINISTRATOR},
    "advises-there": {"lyon": Role.ADVISOR},
    "manages-there": {"lyon": Role.MANAGER},
    "administers-there": {"lyon": Role.ADMINISTRATOR},
    "advises-here-manages-there": {"paris": Role.ADVISOR, "lyon": Role.MANAGER},
    "manages-here-advises-there": {"paris": Role.MANAGER, "lyon": Role.ADVISOR},
}
GONE = "administered-here"  # and is disabled
# What a customer on the phone sees is for whoever they speak to; managers keep cars, too.
ANYBODY_S = {
    "/advisor/checks/{code}", "/manager/checks/{code}", "/advisor/leads/{lead}/reservations",
}  # fmt: skip
# What somebody else has is refused to colleagues, too.
OTHERS = {"/advisor/calls/{call}/sheet"}
# These lead to rows of Paris where nobody looks whose they are.
FILTERS = "advisor={advisor}&vehicle={car}&call={call}&q={who}&endpoint={endpoint}"


def pages() -> Iterator[str]:
    """Yield the address of each page, of what its scripts ask for, and of each export."""
    for one in routes():
        staff = isinstance(one, RouteDef) and one.path.startswith(("/manager", "/advisor"))
        if staff and isinstance(one, RouteDef) and one.method == "GET":
            yield one.path


def may(roles: Mapping[str, Role], page: str) -> bool:
    """Say whether somebody may see a page of Paris."""
    there = {roles["paris"]} if "paris" in roles else set()
    if page in ANYBODY_S:
        return bool(there)
    return bool(there & (MANAGES if page.startswith("/manager") else {Role.ADVISOR}))


async def hired(house: House) -> None:
    staff = staff_of(house.node.shared.database, VirtualClock())
    for name, roles in {**PEOPLE, GONE: {"paris": Role.ADMINISTRATOR}}.items():
        await staff.add(f"{name}@example.com", name, PASSWORD, roles, ["en"])
    await staff.disable(f"{GONE}@example.com")


async def signed_in(house: House, stack: AsyncExitStack, name: str) -> Employee:
    person = await stack.enter_async_context(Employee(house.url, "paris"))
    right = 401 if name == GONE else 303
    assert await person.sign_in(f"{name}@example.com", PASSWORD) == right
    return person


async def looks(person: Employee, address: str) -> tuple[int, str]:
    async with person.http.get(person.url + address, allow_redirects=False) as response:
        return response.status, await response.text(errors="replace")


async def test_each_role_sees_the_pages_of_its_own_showroom_and_no_other(
    house: House, figure: Report
) -> None:
    await hired(house)
    looked = seen = 0
    async with AsyncExitStack() as stack:
        paris = await stack.enter_async_context(busy_paris(house))
        for name, roles in {**PEOPLE, GONE: {}}.items():
            person = await signed_in(house, stack, name)
            for page in pages():
                address = page.format(**paris.places())
                status, text = await looks(person, f"{address}?showroom=paris")
                if may(roles, page):
                    # What it needs besides is not asked for here; there may be nothing of it.
                    right = {403} if page in OTHERS else {200, 400, 404}
                    assert status in right, (name, page, status)
                    seen += status == 200
                else:
                    refused = {303, 401} if name == GONE else {403}
                    assert status in refused, (name, page, status)
                    assert_silent(text, paris)
                looked += 1
    assert seen > len(list(pages()))
    figure(f"{looked} looks of {len(PEOPLE) + 1} people at pages of Paris: 0 leaks")


async def test_no_filter_of_ones_own_showroom_reaches_into_another(
    house: House, figure: Report
) -> None:
    await hired(house)
    looked = 0
    async with AsyncExitStack() as stack:
        paris = await stack.enter_async_context(busy_paris(house))
        wish = FILTERS.format(**paris.places() | {"who": NAME, "car": CAR})
        for name in ("manages-there", "advises-here-manages-there"):
            person = await signed_in(house, stack, name)
            for page in (one for one in pages() if one.startswith("/manager")):
                address = page.format(**paris.places())
                status, text = await looks(person, f"{address}?showroom=lyon&{wish}")
                assert status in {200, 400, 404}, (name, page, status)
                assert_silent(without(text, address, paris), paris)
                assert "Alice Martin" not in text
                looked += 1
    figure(f"{looked} questions in Lyon with filters of Paris: 0 leaks")


def without(text: str, address: str, paris: Paris) -> str:
    """Return a page without what was asked for: a page says what its filter is."""
    asked = (paris.alice, paris.call, NAME, NAME.replace(" ", "+"), paris.endpoint)
    for one in (address, *asked):
        text = text.replace(one, "")
    return text


async def test_sockets_take_only_whom_the_showroom_has_in_that_role(
    house: House, figure: Report
) -> None:
    await hired(house)
    tried = 0
    for name, roles in {**PEOPLE, GONE: {}}.items():
        for kind, page in ((Employee, "/advisor"), (Boss, "/manager")):
            async with kind(house.url, "paris") as person:
                await person.sign_in(f"{name}@example.com", PASSWORD)
                tried += 1
                if may(roles, page):
                    async with asyncio.timeout(10):
                        await person.connect()
                    continue
                with pytest.raises(Refused):
                    await person.connect()
                assert person.heard == []
    figure(f"{tried} sockets of {len(PEOPLE) + 1} people to Paris: 0 open that should not be")
