"""What the database has of all that a settings file can name, read at one moment."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.dealers.directory import Dealer, dealer_document, dealers_of
from booking.handoff.endpoint import Endpoint, endpoint_document
from booking.handoff.endpoints import endpoints_of
from showroom.ids import ShowroomId
from showroom.settings_file.people_tables import staff_document
from showroom.settings_file.reading import Document
from showroom.settings_file.showroom_tables import showroom_document, vehicle_document
from showroom.showrooms import Showroom, by_slugs
from showroom.staff_records import Person, people_by_email
from showroom.vehicles import Vehicle, vehicles_of

# A number of our own for pg_advisory_xact_lock: "settings" in ASCII, shortened to 63 bits.
LOCK = int.from_bytes(b"settings") >> 1
# A kind, a name, and which one of those that share both.
EndpointKey = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Range:
    """What belongs to one showroom."""

    vehicles: Mapping[str, Vehicle]
    dealers: Mapping[str, Dealer]
    endpoints: Mapping[EndpointKey, Endpoint]


@dataclass(frozen=True, slots=True)
class Standing:
    """Showrooms by slug, what some of them have, and everybody by e-mail address."""

    showrooms: Mapping[str, Showroom]
    ranges: Mapping[str, Range]
    staff: Mapping[str, Person]

    @property
    def slugs(self) -> dict[ShowroomId, str]:
        """The slugs of all showrooms by their ids."""
        return {room.id: slug for slug, room in self.showrooms.items()}

    def range(self, slug: str) -> Range:
        """Return what a showroom has: nothing, where it is not there yet."""
        return self.ranges.get(slug) or Range({}, {}, {})


async def read_standing(
    connection: AsyncConnection, slugs: Collection[str] | None, *, lock: bool = False
) -> Standing:
    """Read all showrooms and everybody, and what belongs to the showrooms of these slugs.

    None: of all. `lock` keeps others from changing it until the transaction ends.
    """
    if lock and connection.dialect.name == "postgresql":
        # Two files at once: the second one waits, also where both add what was not there.
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
    showrooms = await by_slugs(connection, lock=lock)
    ranges = {}
    for slug, room in sorted(showrooms.items()):
        if slugs is None or slug in slugs:
            ranges[slug] = Range(
                {car.slug: car for car in await vehicles_of(connection, room.id, lock=lock)},
                {one.code: one for one in await dealers_of(connection, room.id, lock=lock)},
                keyed(await endpoints_of(connection, room.id, lock=lock)),
            )
    return Standing(showrooms, ranges, await people_by_email(connection, lock=lock))


def keyed(endpoints: Collection[Endpoint]) -> dict[EndpointKey, Endpoint]:
    """Return endpoints by what a file knows them by, since it has no ids.

    Those of one kind and name are ordered by the rest of their tables, as a copy's are.
    """
    found: dict[EndpointKey, Endpoint] = {}
    for one in sorted(endpoints, key=lambda one: (one.name, repr(endpoint_document(one)), one.id)):
        found[next_key(found, one.kind.value, one.name)] = one
    return found


def next_key(taken: Collection[EndpointKey], kind: str, name: str) -> EndpointKey:
    """Return the key of one more endpoint of this kind and name."""
    count = 0
    while (kind, name, count) in taken:
        count += 1
    return kind, name, count


def paired(
    tables: Collection[Document], standing: Mapping[EndpointKey, Endpoint]
) -> list[EndpointKey]:
    """Return which endpoint each table of a file stands for; a key that is not there is a new one.

    Of several with one kind and name those that are the same go together, and then in their order.
    """
    left = {which: endpoint_document(one) for which, one in standing.items()}
    keys: list[EndpointKey | None] = []
    for table in tables:
        exact = next((which for which, one in left.items() if one == table), None)
        keys.append(exact)
        if exact:
            del left[exact]
    taken = set(standing)
    whole = []
    for table, exact in zip(tables, keys, strict=True):
        kind, name = str(table["kind"]), str(table["name"])
        near = next((which for which in left if which[:2] == (kind, name)), None)
        which = exact or near or next_key(taken, kind, name)
        left.pop(which, None)
        taken.add(which)
        whole.append(which)
    return whole


def settings_document(standing: Standing) -> dict[str, Any]:
    """Return what a file says of the showrooms that were read, and of those who work there."""
    rooms = []
    for slug, things in standing.ranges.items():
        table = showroom_document(standing.showrooms[slug])
        parts = {
            "vehicles": [vehicle_document(car) for car in things.vehicles.values()],
            "dealers": [dealer_document(one) for one in things.dealers.values()],
            "endpoints": [endpoint_document(one) for one in things.endpoints.values()],
        }
        rooms.append(table | {name: tables for name, tables in parts.items() if tables})
    told = {room: slug for room, slug in standing.slugs.items() if slug in standing.ranges}
    people = [
        staff_document(person, told)
        for person in standing.staff.values()
        if person.roles.keys() & told.keys()
    ]
    tables = {"showrooms": rooms, "staff": people}
    return {name: found for name, found in tables.items() if found}
