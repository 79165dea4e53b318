"""A furnished node for tests: two showrooms, one car, and people who work there."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from showroom.database import Database, migrate
from showroom.ids import ShowroomId
from showroom.settings import Settings
from showroom.showrooms import Showroom, Showrooms
from showroom.vehicles import Vehicles
from showroom.words import Role
from tests.nodes import Node, running_node
from tests.people import Boss, Companion, Customer, Employee
from tests.samples import PASSWORD, a_showroom, a_vehicle, staff_of
from tests.virtual_clock import VirtualClock

# Where this process keeps a SQLite file with all tables, and nothing in them.
_KEPT = TemporaryDirectory(prefix="tables-")
STAFF = {
    "alice@example.com": ("Alice Martin", "paris", Role.ADVISOR),
    "bruno@example.com": ("Bruno Keller", "paris", Role.ADVISOR),
    "boss@example.com": ("Camille Roux", "paris", Role.MANAGER),
    "lea@example.com": ("Léa Petit", "lyon", Role.ADVISOR),
    "chief@example.com": ("Karim Chief", "lyon", Role.MANAGER),
}


async def make_tables(url: str) -> None:
    """Bring an empty database to the newest schema; a SQLite file gets a copy of one made before.

    Most tests begin with a file of their own, and making its tables would be a quarter of them.
    """
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        await migrate(url)
        return
    kept, file = Path(_KEPT.name, "empty.db"), Path(str(address.database))
    if not kept.exists():
        await migrate(f"sqlite+aiosqlite:///{kept}")
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(kept, file)


async def furnish(database: Database, *, paris: Showroom | None = None) -> ShowroomId:
    """Put showrooms, a car and staff into an empty database; return the id of `paris`."""
    showrooms = Showrooms(database)
    rooms = [paris or a_showroom("paris"), a_showroom("lyon")]
    for showroom in rooms:
        await showrooms.save(showroom)
        await Vehicles(database).save(a_vehicle(showroom.id))
    staff = staff_of(database, VirtualClock())
    for email, (name, slug, role) in STAFF.items():
        await staff.add(email, name, PASSWORD, {slug: role}, ["en", "fr"])
    return rooms[0].id


@dataclass(frozen=True)
class House:
    """A furnished node and the people who use it."""

    node: Node
    paris: ShowroomId

    @property
    def url(self) -> str:
        return self.node.url

    def customer(self, page: str = "page-1", showroom: str = "paris") -> Customer:
        return Customer(self.url, showroom, page)

    def employee(self, page: str = "page-1", showroom: str = "paris") -> Employee:
        return Employee(self.url, showroom, page)

    def boss(self, showroom: str = "paris") -> Boss:
        return Boss(self.url, showroom)

    def companion(self, page: str = "page-1", showroom: str = "paris") -> Companion:
        return Companion(self.url, showroom, page)


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Run a furnished node for as long as the block runs."""
    await make_tables(settings.database_url)
    async with Database.open(settings.database_url) as database:
        paris = await furnish(database)
    async with running_node(settings) as node:
        yield House(node, paris)


@asynccontextmanager
async def live_call(house: House) -> AsyncIterator[tuple[Customer, Employee, str]]:
    """Yield a customer and Alice in a live call, and the call's id."""
    async with house.customer() as customer, house.employee() as alice:
        await alice.work("alice@example.com", PASSWORD)
        call = await customer.call()
        link = (await alice.accept())["link"]
        assert (await customer.send("connected", link=link))["ok"]
        await customer.until_call("live")
        await alice.until_call("live")
        yield customer, alice, call
