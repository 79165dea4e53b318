"""A showroom's cars changed by hand, one or many, by the rules of its settings file."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from showroom.audit import difference
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import ChangedMeanwhile
from showroom.ids import ShowroomId, VehicleId
from showroom.range_editing import Fate, Fault, FaultKind, Judged, Revision, Table
from showroom.settings_file.reading import Place, merged, read_table, require
from showroom.settings_file.showroom_tables import (
    NEW_VEHICLE,
    VEHICLE,
    VEHICLE_LINES,
    VEHICLE_NEEDS,
    VEHICLE_NUMBERS,
    vehicle_document,
    vehicle_of,
)
from showroom.settings_file.writing import flat
from showroom.vehicles import Vehicle, Vehicles, vehicles_of

BY_LANGUAGE = ("tagline", "equipment")
Cars = Mapping[str, Vehicle]


class VehicleEditor:
    """The cars of showrooms, for pages; see `showroom.range_editing.RangeEditor`."""

    def __init__(self, database: Database, vehicles: Vehicles, clock: Clock) -> None:
        self._database = database
        self._vehicles = vehicles
        self._clock = clock

    async def table(self, showroom_id: ShowroomId, slug: str) -> Table:
        """Return a car as its table; raises `NotFound`."""
        self._vehicles.forget()
        return vehicle_document(await self._vehicles.get(showroom_id, VehicleId(slug)))

    async def tables(self, showroom_id: ShowroomId) -> Sequence[Table]:
        """Return all cars as they are shown, also withdrawn ones."""
        self._vehicles.forget()
        return [vehicle_document(car) for car in await self._vehicles.of(showroom_id)]

    async def judge(self, showroom_id: ShowroomId, given: Sequence[Table]) -> Revision:
        """Say what becomes of cars, each by its slug. What a table does not name stays."""
        revision, _, _ = await self._judged(showroom_id, given)
        return revision

    async def apply(
        self, showroom_id: ShowroomId, given: Sequence[Table], who: str, seen: str = ""
    ) -> Revision:
        """Keep all that are right in one transaction, and note who did."""
        revision, before, after = await self._judged(showroom_id, given)
        if seen and seen != revision.seen:
            return revision

        def revised(standing: Cars) -> Cars:
            if any(standing.get(slug) != before.get(slug) for slug in after):
                raise ChangedMeanwhile
            return after

        try:
            await self._vehicles.revise(showroom_id, revised, who, self._clock())
        except ChangedMeanwhile:
            # Between the look and the change: the next look tells by whom it is overtaken.
            return await self.judge(showroom_id, given)
        return Revision(revision.cars, revision.seen, done=True)

    def limits(self) -> Mapping[str, tuple[int, int]]:
        """Return from what to what numbers go, and how many characters lines have, by field."""
        return {**VEHICLE_NUMBERS, **VEHICLE_LINES}

    async def _judged(
        self, showroom_id: ShowroomId, given: Sequence[Table]
    ) -> tuple[Revision, Cars, Cars]:
        """Return what becomes of the cars, those that stand, and those that would."""
        async with self._database.read() as connection:
            before = {car.slug: car for car in await vehicles_of(connection, showroom_id)}
        # Beside the loop: calls must not wait for a long list.
        revision, after = await asyncio.to_thread(_judge, showroom_id, given, before)
        return revision, before, after


def _judge(
    showroom_id: ShowroomId, given: Sequence[Table], before: Cars
) -> tuple[Revision, dict[str, Vehicle]]:
    after: dict[str, Vehicle] = {}
    told: list[Judged] = []
    named: dict[str, Any] = {}
    for table in given:
        slug, was = _slug(table), before.get(_slug(table))
        twice = (Fault("slug", FaultKind.TWICE),) if slug and slug in named else ()
        named[slug] = None if was is None else flat(vehicle_document(was))
        car, faults = _read(showroom_id, table, was)
        faults = twice or faults
        if car is None or faults:
            name = str(table.get("name") or (was.name if was else ""))
            told.append(Judged(slug, name, Fate.REFUSED, faults=faults))
            continue
        if car != was:
            after[slug] = car
        told.append(_told(car, was))
    digest = hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()
    return Revision(tuple(told), digest), after


def _told(car: Vehicle, was: Vehicle | None) -> Judged:
    if was is None:
        return Judged(car.slug, car.name, Fate.NEW)
    changes = difference(flat(vehicle_document(was)), flat(vehicle_document(car)))
    return Judged(car.slug, car.name, Fate.CHANGED if changes else Fate.SAME, changes)


def _slug(table: Table) -> str:
    found = table.get("slug")
    return found if isinstance(found, str) else ""


def _read(
    showroom_id: ShowroomId, table: Table, was: Vehicle | None
) -> tuple[Vehicle | None, tuple[Fault, ...]]:
    """Return the car of a table laid over the one that stands, or what is wrong with it."""
    place = Place([])
    standing = None if was is None else vehicle_document(was)
    whole = merged(standing or NEW_VEHICLE, read_table(VEHICLE, dict(table), standing, place))
    require(("slug", *VEHICLE_NEEDS), whole, place, "a new vehicle")
    if place.problems:
        fields = dict.fromkeys(one.path[0] for one in place.problems)
        return None, tuple(Fault(name, _kind(name, table)) for name in fields)
    for name in BY_LANGUAGE:
        whole[name] = {language: said for language, said in whole[name].items() if said}
    return vehicle_of(whole, showroom_id), ()


def _kind(name: str, table: Table) -> FaultKind:
    if name not in VEHICLE:
        return FaultKind.UNKNOWN
    return FaultKind.WRONG if table.get(name) not in (None, "") else FaultKind.NEEDED
