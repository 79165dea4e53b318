"""Many cars changed at once: judged by the rules of the file, kept in one transaction, noted."""

from decimal import Decimal

import pytest

from showroom.audit import AuditLog
from showroom.database import Database
from showroom.errors import NotFound
from showroom.ids import ShowroomId
from showroom.range_editing import Fate, FaultKind, Table
from showroom.settings_file.range_by_hand import VehicleEditor
from showroom.vehicles import Vehicles
from tests.samples import a_vehicle, saved_showroom
from tests.virtual_clock import VirtualClock

BRISE: Table = {
    "slug": "brise",
    "name": "Brise",
    "version": "",
    "body": "city",
    "price": Decimal("25900.50"),
    "currency": "EUR",
    "energy": "electric",
    "power_kw": 85,
    "seats": 4,
    "boot_litres": 310,
    "length_mm": 3990,
    "stock": "to order",
}


@pytest.fixture
async def paris(database: Database) -> ShowroomId:
    room = await saved_showroom(database)
    await Vehicles(database).save(a_vehicle(room))
    return room


def editor_of(database: Database) -> VehicleEditor:
    return VehicleEditor(database, Vehicles(database), VirtualClock())


async def test_a_car_is_new_changed_the_same_or_refused(
    database: Database, paris: ShowroomId
) -> None:
    editor = editor_of(database)
    given: list[Table] = [
        BRISE,
        {"slug": "crete", "price": Decimal(43_000), "tagline": {"fr": ""}},
        {"slug": "crete", "price": Decimal(1)},
        {"slug": "neuf", "name": "Neuf", "colour": "red", "seats": 0},
        {},
    ]
    told = (await editor.judge(paris, given)).cars
    assert [one.fate for one in told] == [Fate.NEW, Fate.CHANGED, *[Fate.REFUSED] * 3]
    assert [change.path for change in told[1].changes] == ["price", "tagline.fr"]
    assert [(one.field, one.kind) for one in told[2].faults] == [("slug", FaultKind.TWICE)]
    faults = {one.field: one.kind for one in told[3].faults}
    assert (faults["colour"], faults["seats"]) == (FaultKind.UNKNOWN, FaultKind.WRONG)
    assert faults["price"] is FaultKind.NEEDED
    assert ("slug", FaultKind.NEEDED) in [(one.field, one.kind) for one in told[4].faults]
    # Nothing was kept by looking.
    assert len(await editor.tables(paris)) == 1


async def test_what_is_right_is_kept_once_and_noted(database: Database, paris: ShowroomId) -> None:
    editor = editor_of(database)
    given: list[Table] = [BRISE, {"slug": "crete", "withdrawn": True}, {"slug": "neuf"}]
    done = await editor.apply(paris, given, "nina")
    assert done.done
    assert [done.count(fate) for fate in (Fate.NEW, Fate.CHANGED, Fate.REFUSED)] == [1, 1, 1]
    assert (await editor.table(paris, "brise"))["price"] == Decimal("25900.50")
    assert (await editor.table(paris, "crete"))["withdrawn"] is True
    with pytest.raises(NotFound):
        await editor.table(paris, "neuf")
    again = await editor.apply(paris, given, "nina")
    assert [again.count(fate) for fate in (Fate.SAME, Fate.REFUSED)] == [2, 1]
    log = await AuditLog(database).page(paris)
    assert {(entry.who, entry.subject_id) for _, entry in log} == {
        ("nina", "brise"),
        ("nina", "crete"),
    }
    assert len(log) == 2


async def test_nothing_is_kept_of_cars_that_somebody_else_has_changed(
    database: Database, paris: ShowroomId
) -> None:
    editor, other = editor_of(database), editor_of(database)
    given: list[Table] = [BRISE, {"slug": "crete", "seats": 4}]
    seen = (await editor.judge(paris, given)).seen
    await other.apply(paris, [{"slug": "crete", "price": Decimal(1)}], "nina")
    late = await editor.apply(paris, given, "paul", seen)
    assert not late.done
    assert len(await editor.tables(paris)) == 1
    assert (await editor.table(paris, "crete"))["seats"] == 5
    # One who has looked again is not held back, nor one who changes something else.
    assert (await editor.apply(paris, given, "paul", late.seen)).done


async def test_a_withdrawn_car_is_not_on_show_and_has_its_name(
    database: Database, paris: ShowroomId
) -> None:
    await editor_of(database).apply(paris, [{"slug": "crete", "withdrawn": True}], "nina")
    vehicles = Vehicles(database)
    crete = a_vehicle(paris).id
    assert (await vehicles.get(paris, crete)).name == "Crête"
    assert await vehicles.on_show(paris) == ()
    with pytest.raises(NotFound):
        await vehicles.get_on_show(paris, crete)
