"""Vehicles: in order, as they were saved, and only those of the showroom that asks."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from showroom.audit import AuditLog, Deed
from showroom.database import Database
from showroom.errors import NotFound
from showroom.ids import VehicleId
from showroom.vehicles import Vehicle, Vehicles
from tests.samples import a_vehicle, saved_showroom


async def test_a_vehicle_comes_back_as_it_was_saved(database: Database) -> None:
    paris = await saved_showroom(database)
    await Vehicles(database).save(a_vehicle(paris))
    assert await Vehicles(database).get(paris, VehicleId("crete")) == a_vehicle(paris)


async def test_vehicles_are_shown_in_their_order(database: Database) -> None:
    paris = await saved_showroom(database)
    vehicles = Vehicles(database)
    for position, slug in ((2, "brise"), (0, "rive"), (1, "halte")):
        await vehicles.save(a_vehicle(paris, slug, position))
    assert [vehicle.id for vehicle in await vehicles.of(paris)] == ["rive", "halte", "brise"]


async def test_another_showroom_s_vehicle_is_not_found(database: Database) -> None:
    paris, lyon = await saved_showroom(database), await saved_showroom(database, "lyon")
    vehicles = Vehicles(database)
    await vehicles.save(a_vehicle(paris))
    assert await vehicles.of(lyon) == ()
    with pytest.raises(NotFound):
        await vehicles.get(lyon, VehicleId("crete"))


async def test_two_showrooms_can_show_the_same_car_at_two_prices(database: Database) -> None:
    paris, lyon = await saved_showroom(database), await saved_showroom(database, "lyon")
    vehicles = Vehicles(database)
    await vehicles.save(a_vehicle(paris))
    await vehicles.save(replace(a_vehicle(lyon), price=1))
    assert (await vehicles.get(paris, VehicleId("crete"))).price == 4_190_000
    assert (await vehicles.get(lyon, VehicleId("crete"))).price == 1


async def test_saving_again_replaces_the_vehicle(database: Database) -> None:
    paris = await saved_showroom(database)
    vehicles = Vehicles(database)
    await vehicles.save(a_vehicle(paris))
    await vehicles.of(paris)
    await vehicles.save(replace(a_vehicle(paris), price=2))
    assert [vehicle.price for vehicle in await vehicles.of(paris)] == [2]


async def test_a_vehicle_has_a_picture_from_each_angle_or_any(database: Database) -> None:
    crete = a_vehicle(await saved_showroom(database))
    assert crete.picture() == "vehicles/crete-side-dune.svg"
    assert crete.picture("front") == "vehicles/crete-front-dune.svg"
    assert crete.picture("above") == "vehicles/crete-side-dune.svg"
    assert replace(crete, pictures=()).picture() == ""


async def test_many_are_revised_at_once_on_what_is_there(database: Database) -> None:
    paris, lyon = await saved_showroom(database), await saved_showroom(database, "lyon")
    vehicles = Vehicles(database)
    crete, dune = a_vehicle(paris), a_vehicle(paris, "dune", 1)
    for vehicle in (crete, a_vehicle(lyon)):
        await vehicles.save(vehicle)
    dearer = replace(crete, price=crete.price + 1)

    def revised(before: Mapping[str, Vehicle]) -> dict[str, Vehicle]:
        assert before == {"crete": crete}
        return {"crete": dearer, "dune": dune}

    assert await vehicles.revise(paris, revised, "a-key", 1_000) == {"crete": crete}
    assert await vehicles.of(paris) == (dearer, dune)
    assert await vehicles.of(lyon) == (a_vehicle(lyon),)
    nothing = await vehicles.revise(paris, lambda _: {}, "a-key", 2_000)
    assert nothing == {"crete": dearer, "dune": dune}
    log = [noted.entry for noted in await AuditLog(database).page(paris)]
    assert {(one.who, one.deed, one.subject_id) for one in log} == {
        ("a-key", Deed.CHANGED, "crete"), ("a-key", Deed.ADDED, "dune"),
    }  # fmt: skip
    [changed] = [one for one in log if one.deed is Deed.CHANGED]
    prices = (changed.before, changed.after)
    assert prices == tuple({"price": f"{one.price / 100:.2f}"} for one in (crete, dearer))
