"""Vehicles and dealers in bulk: each item has its own fate, or all have one."""

import io
import json
from threading import Thread, current_thread, main_thread
from typing import Any

import pytest

from showroom.api_keys import ApiKeys
from showroom.audit import AuditLog, Subject
from showroom.vehicles import Vehicles
from tests.houses import House
from tests.web.api.programs import Program
from web.api.bulk import BulkAsked, sort
from web.api.vehicles import VehicleBatch, VehicleGiven

CAR: dict[str, Any] = {
    "id": "dune",
    "name": "Dune",
    "version": "Électrique 150",
    "tagline": {"en": "Everywhere."},
    "body": "SUV",
    "price": 3_990_000,
    "currency": "EUR",
    "energy": "electric",
    "range_km": 510,
    "power_kw": 110,
    "seats": 5,
    "boot_litres": 480,
    "length_mm": 4_300,
    "stock": "in stock",
    "equipment": {"en": ["Tow bar"]},
    "position": 3,
}
DEALER: dict[str, Any] = {
    "code": "FR-1",
    "name": "Garage Martin",
    "street": "3 rue de la Roquette",
    "postcode": "75011",
    "city": "Paris",
    "latitude": 48.85,
    "longitude": 2.37,
    "phone": "01 42 68 12 34",
}
WRONG_CAR = {**CAR, "id": "wrong", "price": -1, "stock": "sold", "colour/~": 1}


JSON = {"Content-Type": "application/json"}


def large(cars: list[dict[str, Any]]) -> io.BytesIO:
    """Return a body of which the client thinks that it is large."""
    return io.BytesIO(json.dumps({"items": cars}).encode())


def fates(data: Any) -> list[str]:
    return [result["result"] for result in data["results"]]


async def test_each_vehicle_has_its_own_fate(store: Program, house: House) -> None:
    batch = {"items": [CAR, WRONG_CAR, {**CAR, "name": "Twice"}, 7, {**CAR, "id": "mer"}]}
    reply = await store.ask("PUT", "/vehicles", json=batch)
    assert reply.status == 200
    assert fates(reply.data) == ["created", "refused", "refused", "refused", "created"]
    assert (reply.data["created"], reply.data["refused"]) == (2, 3)
    pointers = {error["pointer"] for error in reply.data["results"][1]["errors"]}
    assert pointers == {"/items/1/price", "/items/1/stock", "/items/1/colour~1~0"}
    assert [result["id"] for result in reply.data["results"]] == ["dune", None, None, None, "mer"]
    again = await store.ask(
        "PUT", "/vehicles", json={"items": [CAR, {**CAR, "id": "mer", "seats": 7}]}
    )
    assert fates(again.data) == ["unchanged", "updated"]
    listed = (await store.get("/vehicles")).data["items"]
    assert [car["id"] for car in listed] == ["crete", "dune", "mer"]
    assert listed[1] == {**CAR, "withdrawn": False, "paints": [], "pictures": []}
    assert (await Vehicles(house.node.shared.database).of(house.paris))[2].seats == 7


async def test_what_a_vehicle_looks_like_stays_unless_it_is_said(store: Program) -> None:
    [crete] = (await store.get("/vehicles")).data["items"]
    assert crete["pictures"]
    plain = {name: value for name, value in crete.items() if name not in ("paints", "pictures")}
    reply = await store.ask("PUT", "/vehicles", json={"items": [plain]})
    assert fates(reply.data) == ["unchanged"]
    told = await store.ask("PUT", "/vehicles", json={"items": [{**crete, "pictures": []}]})
    assert fates(told.data) == ["updated"]
    [after] = (await store.get("/vehicles")).data["items"]
    assert after == {**crete, "pictures": []}


@pytest.mark.parametrize(
    "path", ["../../etc/passwd.png", "/x.png", "https://x.example/x.png", "a.js"]
)
async def test_a_picture_lies_among_our_own(store: Program, path: str) -> None:
    picture = {"angle": "side", "paint": "dune", "path": path}
    reply = await store.ask("PUT", "/vehicles", json={"items": [{**CAR, "pictures": [picture]}]})
    assert fates(reply.data) == ["refused"]


async def test_all_or_none_if_that_is_asked(store: Program) -> None:
    batch = {"items": [CAR, WRONG_CAR]}
    before = (await store.get("/vehicles")).data
    reply = await store.ask("PUT", "/vehicles?atomic=true", json=batch)
    assert (reply.status, reply.problem) == (422, "invalid")
    assert {error["pointer"].split("/")[2] for error in reply.data["errors"]} == {"1"}
    assert (await store.get("/vehicles")).data == before
    fine = await store.ask("PUT", "/vehicles?atomic=true", json={"items": [CAR]})
    assert fates(fine.data) == ["created"]


async def test_thousands_go_in_at_once_and_are_listed_page_by_page(store: Program) -> None:
    cars = [{**CAR, "id": f"car-{n:04}", "position": n % 7, "tagline": {}} for n in range(5_000)]
    reply = await store.ask("PUT", "/vehicles", data=large(cars), headers=JSON)
    assert (reply.status, reply.data["created"]) == (200, 5_000)
    many = await store.ask("PUT", "/vehicles", data=large([*cars, CAR]), headers=JSON)
    assert (many.status, many.problem) == (422, "invalid")
    found: list[str] = []
    following: str | None = "/vehicles?limit=500"
    while following:
        listed = (await store.get(following)).data
        found += [car["id"] for car in listed["items"]]
        following = listed["next"]
    assert len(found) == len(set(found)) == 5_001


async def test_items_are_read_beside_the_event_loop() -> None:
    batch = VehicleBatch.model_validate_json(json.dumps({"items": [CAR, WRONG_CAR]}))
    readers: set[Thread] = set()

    def read(car: VehicleGiven) -> VehicleGiven:
        readers.add(current_thread())
        return car

    found = await sort(batch, BulkAsked(), read, lambda car: car.id)
    assert (list(found.ids), list(found.bad)) == ([0], [1])
    assert readers
    assert main_thread() not in readers


async def test_a_fourth_batch_at_once_has_to_wait(store: Program) -> None:
    replies = [await store.ask("PUT", "/vehicles", json={"items": []}) for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert (await store.get("/vehicles")).status == 200


async def test_dealers_are_checked_like_those_of_a_file_and_the_log_has_their_program(
    house: House, store: Program
) -> None:
    batch = {
        "items": [
            DEALER,
            {**DEALER, "code": "FR-2", "phone": "12"},
            {**DEALER, "code": "FR-3", "zone": "Mars/Olympus"},
            {**DEALER, "code": "FR-4", "latitude": 0, "longitude": 0},
            {**DEALER, "code": "FR-5", "latitude": 91},
            {**DEALER, "code": "FR-6", "kind": "agent", "phone": "+41 44 668 18 00"},
            {**DEALER, "code": "FR-7", "email": "nobody"},
        ]
    }
    reply = await store.ask("PUT", "/dealers", json=batch)
    assert fates(reply.data) == ["created", *["refused"] * 4, "created", "refused"]
    listed = (await store.get("/dealers")).data["items"]
    assert listed[0]["phone"] == "+33142681234"
    assert (listed[0]["country"], listed[0]["zone"]) == ("FR", "Europe/Paris")
    again = await store.ask("PUT", "/dealers", json={"items": [DEALER, {**DEALER, "code": "FR-9"}]})
    assert fates(again.data) == ["unchanged", "created"]
    database = house.node.shared.database
    (key,) = await ApiKeys(database, house.node.shared.clock).of(house.paris)
    log = await AuditLog(database).page(house.paris, subject=Subject.DEALER)
    assert [(one.who, one.subject_id) for _, one in log] == [
        (key.id, code) for code in ("FR-9", "FR-6", "FR-1")
    ]
    first = await store.get("/dealers?limit=1")
    second = await store.get(first.data["next"])
    assert [one["code"] for one in first.data["items"] + second.data["items"]][:2] == [
        "FR-1",
        "FR-6",
    ]


async def test_a_code_with_what_can_not_be_seen_is_the_code_without_it(store: Program) -> None:
    batch = {
        "items": [DEALER, {**DEALER, "code": "FR\u200e-1\u0082"}, {**DEALER, "code": "\u0082"}]
    }
    reply = await store.ask("PUT", "/dealers", json=batch)
    assert fates(reply.data)[0] == "created"
    assert fates(reply.data)[2] == "refused"


async def test_what_is_brought_into_one_showroom_is_in_no_other(
    store: Program, stranger: Program
) -> None:
    await store.ask("PUT", "/vehicles", json={"items": [CAR]})
    await store.ask("PUT", "/dealers", json={"items": [DEALER]})
    assert (await stranger.get("/dealers")).data["items"] == []
    assert [car["id"] for car in (await stranger.get("/vehicles")).data["items"]] == ["crete"]
