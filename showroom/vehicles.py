"""Vehicles: the cars that a showroom can show."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom import tables
from showroom.audit import Subject, entry_of, note
from showroom.database import Database, insert
from showroom.errors import NotFound
from showroom.fresh import Fresh
from showroom.ids import ShowroomId, VehicleId


class Stock(StrEnum):
    """Whether a customer can have it now."""

    IN_STOCK = "in stock"
    TO_ORDER = "to order"


@dataclass(frozen=True, slots=True)
class Paint:
    """A colour that a vehicle can have: its `slug` in pictures, a name by language, and #rrggbb."""

    slug: str
    name: Mapping[str, str]
    hex: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing from one `angle` (`side`, `front`, …) in one paint, at a path under `static`."""

    angle: str
    paint: str
    path: str


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A car that can be shown. Texts for customers are by language.

    Its `slug` is unique within its showroom; on the wire and in addresses the slug is the id.
    `price` counts in hundredths of `currency` (ISO 4217); `range_km` is None without a battery.
    One that is `withdrawn` is offered to nobody any more; what was with it keeps its name.
    """

    showroom_id: ShowroomId
    slug: str
    name: str
    version: str
    tagline: Mapping[str, str]
    body: str
    price: int
    currency: str
    energy: str
    range_km: int | None
    power_kw: int
    seats: int
    boot_litres: int
    length_mm: int
    stock: Stock
    equipment: Mapping[str, tuple[str, ...]]
    paints: tuple[Paint, ...]
    pictures: tuple[Picture, ...]
    position: int = 0
    withdrawn: bool = False

    @property
    def id(self) -> VehicleId:
        """The vehicle's id within its showroom."""
        return VehicleId(self.slug)

    def picture(self, angle: str = "side") -> str:
        """Return the path of the first picture from `angle`, of any, or an empty text."""
        paths = [picture.path for picture in self.pictures if picture.angle == angle]
        return (paths or [picture.path for picture in self.pictures] or [""])[0]


def document_of(car: Vehicle) -> dict[str, Any]:
    """Return a vehicle as others write it: all but its showroom, and the price as an amount."""
    table = asdict(car) | {
        "price": Decimal(car.price).scaleb(-2),
        "stock": car.stock.value,
        "equipment": {name: list(texts) for name, texts in car.equipment.items()},
        "paints": [asdict(one) for one in car.paints],
        "pictures": [asdict(one) for one in car.pictures],
    }
    del table["showroom_id"]
    return table


STORED = TypeAdapter(Vehicle)
COLUMNS = tuple(field.name for field in fields(Vehicle))
# What was uploaded is named by its address, which holds on this server; anything else lies below
# `/static`, with the pages' own pictures, and climbs out of it nowhere.
UPLOADED = r"/pictures/[A-Za-z0-9_-]{1,64}/[0-9a-f]{32}\.(?:jpg|png|webp)"
PICTURE_PATH = rf"^(?:{UPLOADED}|[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*\.(?:svg|png|jpe?g|webp|avif))$"


# What is shown of a car that has no picture yet.
NO_PICTURE = "icons/no-picture.svg"


def picture_address(path: str, *, small: bool = False) -> str:
    """Return the address of a car's picture by its path, or that of none.

    What was uploaded is there in a `small` size, too.
    """
    if path.startswith("/"):
        return path.replace(".", "-small.") if small else path
    return f"/static/{path or NO_PICTURE}"


class Vehicles:
    """The vehicles of all showrooms, read through a copy that is at most two seconds old."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._copy: Fresh[ShowroomId, tuple[Vehicle, ...]] = Fresh(self._load)

    async def of(self, showroom_id: ShowroomId) -> tuple[Vehicle, ...]:
        """Return a showroom's vehicles as they are ordered on its page, also withdrawn ones."""
        return await self._copy.get(showroom_id)

    async def on_show(self, showroom_id: ShowroomId) -> tuple[Vehicle, ...]:
        """Return those that can be shown and booked today."""
        return tuple(car for car in await self.of(showroom_id) if not car.withdrawn)

    async def get(self, showroom_id: ShowroomId, vehicle_id: VehicleId) -> Vehicle:
        """Return one vehicle of this showroom; raises `NotFound`, also for another showroom's."""
        return _one(await self.of(showroom_id), vehicle_id)

    async def get_on_show(self, showroom_id: ShowroomId, vehicle_id: VehicleId) -> Vehicle:
        """Return one that can be shown today; raises `NotFound`, also for a withdrawn one."""
        return _one(await self.on_show(showroom_id), vehicle_id)

    def forget(self) -> None:
        """Have the next question answered by the database: somebody else has changed it."""
        self._copy.forget()

    async def save(self, vehicle: Vehicle) -> None:
        """Add a vehicle, or replace the one with its slug in its showroom."""
        async with self._database.write() as connection:
            await keep(connection, vehicle)
        self._copy.forget()

    async def revise(
        self,
        showroom_id: ShowroomId,
        revised: Callable[[Mapping[str, Vehicle]], Mapping[str, Vehicle]],
        who: str,
        now_ms: int,
    ) -> Mapping[str, Vehicle]:
        """Add and replace what `revised` makes of what is there, all in one transaction.

        Both are by slug; what it does not name stays. Each change is noted, with `who` made it
        (`showroom.audit`). Returns what was there before.
        """
        async with self._database.write() as connection:
            there = await vehicles_of(connection, showroom_id, lock=True)
            before = {car.slug: car for car in there}
            cars = [car for car in revised(before).values() if before.get(car.slug) != car]
            changed = [STORED.dump_python(car, mode="json") for car in cars]
            if changed:
                adding = insert(connection, tables.vehicles)
                keys = ["showroom_id", "slug"]
                others = {name: adding.excluded[name] for name in COLUMNS if name not in keys}
                await connection.execute(
                    adding.on_conflict_do_update(index_elements=keys, set_=others), changed
                )
                for car in cars:
                    was = before.get(car.slug)
                    old = None if was is None else _noted(was)
                    what = (Subject.VEHICLE, car.slug, old, _noted(car))
                    await note(connection, entry_of(showroom_id, now_ms, who, *what))
        self._copy.forget()
        return before

    async def _load(self, showroom_id: ShowroomId) -> tuple[Vehicle, ...]:
        async with self._database.read() as connection:
            return await vehicles_of(connection, showroom_id)


def _one(cars: tuple[Vehicle, ...], vehicle_id: VehicleId) -> Vehicle:
    for car in cars:
        if car.id == vehicle_id:
            return car
    raise NotFound("This vehicle is not shown here. Choose another one.")


def _noted(car: Vehicle) -> dict[str, Any]:
    table = document_of(car)
    return table | {"price": str(table["price"])}


async def keep(connection: AsyncConnection, vehicle: Vehicle) -> None:
    """Add a vehicle, or replace the one with its slug, in the caller's transaction."""
    row: dict[str, Any] = STORED.dump_python(vehicle, mode="json")
    await connection.execute(
        insert(connection, tables.vehicles)
        .values(row)
        .on_conflict_do_update(index_elements=["showroom_id", "slug"], set_=row)
    )


async def vehicles_of(
    connection: AsyncConnection, showroom_id: ShowroomId, *, lock: bool = False
) -> tuple[Vehicle, ...]:
    """Return a showroom's vehicles as they are shown; `lock` keeps other writers off them."""
    query = (
        sa.select(*(tables.vehicles.c[name] for name in COLUMNS))
        .where(tables.vehicles.c.showroom_id == showroom_id)
        .order_by("position", "slug")
    )
    found = await connection.execute(query.with_for_update() if lock else query)
    rows = found.mappings().all()
    return tuple(STORED.validate_python(dict(row)) for row in rows)
