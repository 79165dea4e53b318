"""A house with all that a settings file names, and files as people write them."""

import tomllib
from dataclasses import replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from booking.dealers.directory import Dealers
from booking.handoff.endpoint import EndpointKind
from booking.handoff.endpoints import Endpoints
from booking.handoff.guard import Guard
from booking.handoff.topics import Topic
from showroom.audit_tables import audit_entries
from showroom.database import Database
from showroom.ids import ShowroomId
from showroom.passwords import Passwords
from showroom.settings_file.applying import SettingsFiles
from showroom.settings_file.standing import settings_document
from showroom.settings_file.writing import document
from showroom.showrooms import Showrooms, Store
from showroom.tables import metadata
from showroom.vehicles import Vehicles
from showroom.words import Role
from tests.dealers import a_dealer
from tests.samples import CHEAP, PASSWORD, a_showroom, a_vehicle, staff_of
from tests.virtual_clock import VirtualClock

GUARD = Guard(["10.1.0.0/16"])
# It is the receiver's to know, and ours to keep out of prints and logs.
QUERY = "key=canary-in-the-query"
ADDRESS = f"https://shop.example.com/leads?{QUERY}"


async def furnish_whole(database: Database, clock: VirtualClock) -> ShowroomId:
    """Put two showrooms into a database, one of them with all that it can have."""
    showrooms = Showrooms(database)
    paris = replace(a_showroom(), store=Store("https://shop.example.com/{vehicle}"))
    for room in (paris, a_showroom("lyon")):
        await showrooms.save(room)
    await Vehicles(database).save(a_vehicle(paris.id))
    await Vehicles(database).save(replace(a_vehicle(paris.id, "mule", 1), range_km=None))
    await Dealers(database, clock).upsert(paris.id, [a_dealer(paris.id, "75-01")])
    endpoints = Endpoints(database, GUARD, clock)
    heard = [Topic.LEAD_QUALIFIED, Topic.CALL_ENDED]
    for dealer in (None, "75-01"):  # two of one name
        await endpoints.add(paris.id, EndpointKind.WEBHOOK, "Store", ADDRESS, heard, dealer)
    await endpoints.add(paris.id, EndpointKind.CSV, "Store", "", heard)
    staff = staff_of(database, clock)
    await staff.add("zoe@example.com", "Zoé", PASSWORD, {"paris": Role.ADVISOR}, ["fr"])
    await staff.grant("zoe@example.com", "lyon", Role.MANAGER)
    await staff.add("max@example.com", "Max", PASSWORD, {"lyon": Role.ADVISOR}, [], robot=True)
    await staff.disable("max@example.com")
    async with database.write() as connection:
        # The log begins with what a test does.
        await connection.execute(sa.delete(audit_entries))
    return paris.id


def files_of(database: Database, clock: VirtualClock) -> SettingsFiles:
    """Return what applies files here, with a cheap hash."""
    return SettingsFiles(database, GUARD, clock, Passwords(CHEAP))


async def exported(files: SettingsFiles, *slugs: str) -> str:
    """Return what `showroom export` writes."""
    return document(settings_document(await files.standing(slugs or None)))


def parsed(text: str) -> dict[str, Any]:
    """Return what a file says."""
    return tomllib.loads(text, parse_float=Decimal)


async def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables."""
    async with database.read() as connection:
        found = {}
        for name, table in metadata.tables.items():
            rows = [tuple(map(repr, row)) for row in await connection.execute(sa.select(table))]
            found[name] = sorted(rows)
        return found
