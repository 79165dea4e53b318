"""The cars of a showroom: listed, and brought in from the system that knows them best."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import Field, StringConstraints, TypeAdapter

from showroom.api_keys import Scope
from showroom.ids import ShowroomId
from showroom.vehicles import PICTURE_PATH, Paint, Picture, Stock, Vehicle
from web.api.bulk import Batch, BulkAsked, BulkResult, fates, sort, told
from web.api.operations import Answer, Call, Nothing, Operation
from web.api.paging import Page, Paged, cursor_to, page, place_of
from web.api.values import Currency, Given, Id, LanguageCode, Line
from web.keys import CLOCK, VEHICLES

LARGEST = 1_000_000
LARGEST_PRICE = 10**12
Texts = Annotated[dict[LanguageCode, Line], Field(max_length=20, examples=[{"en": "Up there."}])]
# Where a page ends: a position, and a slug.
PLACE = TypeAdapter(
    tuple[Annotated[int, Field(ge=0, le=LARGEST)], Annotated[str, Field(max_length=64)]]
)
Number = Annotated[int, Field(ge=0, le=LARGEST)]
PicturePath = Annotated[str, StringConstraints(max_length=200, pattern=PICTURE_PATH)]


class VehiclePaint(Given):
    """A colour that a vehicle can have."""

    slug: Id
    name: Texts
    hex: Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


class VehiclePicture(Given):
    """A picture from one side, in one paint."""

    angle: Annotated[Id, Field(examples=["side"])]
    paint: Id
    path: Annotated[
        PicturePath,
        Field(description="Below /static of the showroom's server, or of one uploaded there."),
    ]


class VehicleFields(Given):
    """What is known of a vehicle."""

    id: Annotated[Id, Field(description="Yours, unique within the showroom.", examples=["crete"])]
    name: Annotated[Line, Field(min_length=1, max_length=200, examples=["Crête"])]
    version: Annotated[Line, Field(max_length=200, examples=["Hybride 200"])]
    tagline: Annotated[Texts, Field(default_factory=dict, description="By language.")]
    body: Annotated[str, Field(max_length=32, examples=["SUV"])]
    price: Annotated[
        int, Field(ge=0, le=LARGEST_PRICE, description="In hundredths.", examples=[4190000])
    ]
    currency: Currency
    energy: Annotated[str, Field(max_length=32, examples=["hybrid"])]
    range_km: Number | None = None
    power_kw: Number
    seats: Annotated[int, Field(ge=1, le=100, examples=[5])]
    boot_litres: Number
    length_mm: Number
    stock: Stock
    equipment: Annotated[
        dict[LanguageCode, Annotated[list[Line], Field(max_length=200)]],
        Field(
            default_factory=dict,
            max_length=20,
            description="By language.",
            examples=[{"en": ["Tow bar"]}],
        ),
    ]
    position: Annotated[
        int, Field(ge=0, le=LARGEST, description="Where it stands in the list.")
    ] = 0


class VehicleGiven(VehicleFields):
    """A vehicle to be added, or to take the place of the one with its id."""

    withdrawn: Annotated[
        bool | None,
        Field(description="True: offered to nobody any more. Left out, it stays as it is."),
    ] = None
    paints: Annotated[
        list[VehiclePaint] | None,
        Field(max_length=100, description="Left out, those that are there stay."),
    ] = None
    pictures: Annotated[
        list[VehiclePicture] | None,
        Field(max_length=200, description="Left out, those that are there stay."),
    ] = None


class VehicleTold(VehicleFields):
    """A vehicle that can be shown."""

    withdrawn: Annotated[bool, Field(description="Offered to nobody any more.")]
    paints: list[VehiclePaint]
    pictures: list[VehiclePicture]


class VehiclePage(Page[VehicleTold]):
    """Vehicles, in the order in which they are shown."""


class VehicleBatch(Batch[VehicleGiven]):
    """Vehicles to be added or replaced, by their ids."""


async def show(call: Call[Paged, Nothing]) -> Answer:
    """List the vehicles."""
    after = place_of(call.query, PLACE)
    cars = await call.app[VEHICLES].of(call.showroom.id)
    left = [car for car in cars if after is None or (car.position, car.slug) > after]
    shown = left[: call.query.limit]
    more = len(left) > len(shown)
    end = cursor_to([shown[-1].position, shown[-1].slug]) if more else None
    return page(call.request, VehiclePage, [_told(car) for car in shown], end)


async def upsert(call: Call[BulkAsked, VehicleBatch]) -> Answer:
    """Add and replace vehicles."""
    batch = await sort(call.body, call.query, lambda vehicle: vehicle, _id)
    room = call.showroom.id

    def revised(before: Mapping[str, Vehicle]) -> dict[str, Vehicle]:
        return {one.id: _kept(one, room, before.get(one.id)) for one in batch.good.values()}

    before = await call.app[VEHICLES].revise(room, revised, call.key.id, call.app[CLOCK]())
    return told(batch, fates(before, revised(before)))


def _id(vehicle: VehicleGiven) -> str:
    return vehicle.id


def _kept(given: VehicleGiven, room: ShowroomId, before: Vehicle | None) -> Vehicle:
    """Return a vehicle as it is kept."""
    car = Vehicle(
        showroom_id=room,
        slug=given.id,
        name=given.name,
        version=given.version,
        tagline=given.tagline,
        body=given.body,
        price=given.price,
        currency=given.currency,
        energy=given.energy,
        range_km=given.range_km,
        power_kw=given.power_kw,
        seats=given.seats,
        boot_litres=given.boot_litres,
        length_mm=given.length_mm,
        stock=given.stock,
        equipment={word: tuple(texts) for word, texts in given.equipment.items()},
        paints=before.paints if before else (),
        pictures=before.pictures if before else (),
        position=given.position,
        withdrawn=before.withdrawn if before else False,
    )
    if given.withdrawn is not None:
        car = replace(car, withdrawn=given.withdrawn)
    if given.paints is not None:
        paints = tuple(Paint(one.slug, one.name, one.hex) for one in given.paints)
        car = replace(car, paints=paints)
    if given.pictures is not None:
        pictures = tuple(Picture(one.angle, one.paint, one.path) for one in given.pictures)
        car = replace(car, pictures=pictures)
    return car


def _told(car: Vehicle) -> VehicleTold:
    return VehicleTold(
        id=car.slug,
        name=car.name,
        version=car.version,
        tagline=dict(car.tagline),
        body=car.body,
        price=car.price,
        currency=car.currency,
        energy=car.energy,
        range_km=car.range_km,
        power_kw=car.power_kw,
        seats=car.seats,
        boot_litres=car.boot_litres,
        length_mm=car.length_mm,
        stock=car.stock,
        equipment={word: list(texts) for word, texts in car.equipment.items()},
        position=car.position,
        withdrawn=car.withdrawn,
        paints=[
            VehiclePaint(slug=one.slug, name=dict(one.name), hex=one.hex) for one in car.paints
        ],
        pictures=[
            VehiclePicture(angle=one.angle, paint=one.paint, path=one.path) for one in car.pictures
        ],
    )


OPERATIONS = (
    Operation(
        id="list_vehicles",
        method="GET",
        path="/vehicles",
        group="Vehicles",
        scope=Scope.VEHICLES_READ,
        summary="The cars of the showroom",
        handle=show,
        query=Paged,
        body=Nothing,
        answers={200: VehiclePage},
    ),
    Operation(
        id="upsert_vehicles",
        method="PUT",
        path="/vehicles",
        group="Vehicles",
        scope=Scope.VEHICLES_WRITE,
        summary="Add and replace many cars at once",
        description="By their ids; cars that are not named stay as they are. Pages show the change"
        " within two seconds.",
        handle=upsert,
        query=BulkAsked,
        body=VehicleBatch,
        answers={200: BulkResult},
        bulk=True,
    ),
)
