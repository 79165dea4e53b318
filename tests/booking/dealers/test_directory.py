"""The directory: each showroom's own dealers, imported as often as one likes."""

import asyncio
from dataclasses import replace

import pytest

from booking.dealers.directory import DealerKind, Dealers, search
from showroom.audit import AuditLog, Deed, Subject
from showroom.database import Database
from showroom.errors import NotFound
from showroom.showrooms import Showroom, Showrooms
from tests.dealers import LILLE, LYON, NICE, a_dealer
from tests.samples import a_showroom
from tests.virtual_clock import START_MS, VirtualClock


async def test_a_dealer_comes_back_as_it_was_kept(showroom: Showroom, dealers: Dealers) -> None:
    agent = a_dealer(showroom.id, "A-7", kind=DealerKind.AGENT, phone=None, email=None, **LYON)
    await dealers.upsert(showroom.id, [a_dealer(showroom.id), agent])
    assert await dealers.all(showroom.id) == (agent, a_dealer(showroom.id))
    assert await dealers.get(showroom.id, "A-7") == agent


async def test_keeping_dealers_again_replaces_them(showroom: Showroom, dealers: Dealers) -> None:
    for name in ("Before", "After", "After"):
        await dealers.upsert(showroom.id, [a_dealer(showroom.id, name=name)])
    assert [one.name for one in await dealers.all(showroom.id)] == ["After"]


async def test_a_closed_dealer_stays_closed_through_an_import_until_it_is_reopened(
    showroom: Showroom, dealers: Dealers, clock: VirtualClock
) -> None:
    await dealers.upsert(showroom.id, [a_dealer(showroom.id)])
    await dealers.close(showroom.id, "75-1")
    clock.advance(days=1)
    await dealers.close(showroom.id, "75-1")
    await dealers.upsert(showroom.id, [a_dealer(showroom.id)])
    assert (await dealers.get(showroom.id, "75-1")).closed_at == START_MS
    assert await dealers.open(showroom.id) == ()
    with pytest.raises(NotFound):
        await dealers.get_open(showroom.id, "75-1")
    await dealers.reopen(showroom.id, "75-1")
    assert len(await dealers.open(showroom.id)) == 1


async def test_a_dealer_of_another_showroom_is_not_found(
    database: Database, showroom: Showroom, dealers: Dealers
) -> None:
    other = a_showroom("lyon")
    await Showrooms(database).save(other)
    await dealers.upsert(showroom.id, [a_dealer(showroom.id)])
    # Whatever a dealer says of itself: it becomes a dealer of the showroom that keeps it.
    await dealers.upsert(other.id, [a_dealer(showroom.id, "69-1")])
    assert [one.code for one in await dealers.all(other.id)] == ["69-1"]
    for change in (dealers.get, dealers.close, dealers.reopen):
        with pytest.raises(NotFound):
            await change(other.id, "75-1")
    assert [one.code for one in await dealers.open(showroom.id)] == ["75-1"]


async def test_two_imports_at_once_keep_everybody(showroom: Showroom, dealers: Dealers) -> None:
    many = [a_dealer(showroom.id, f"d-{n}") for n in range(300)]
    await asyncio.gather(dealers.upsert(showroom.id, many), dealers.upsert(showroom.id, many[::-1]))
    assert len(await dealers.all(showroom.id)) == 300


async def test_the_nearest_open_dealers_come_first(showroom: Showroom, dealers: Dealers) -> None:
    places = {"75-1": {}, "69-1": LYON, "59-1": LILLE, "06-1": NICE}
    await dealers.upsert(
        showroom.id, [a_dealer(showroom.id, code, **place) for code, place in places.items()]
    )
    near = await dealers.nearest(showroom.id, "FR", "13001")  # Marseille
    assert [one.dealer.code for one in near] == ["06-1", "69-1", "75-1", "59-1"]
    assert near[0].km == pytest.approx(160, abs=5)
    await dealers.close(showroom.id, "06-1")
    near = await dealers.nearest(showroom.id, "FR", "13001", most=2)
    assert [one.dealer.code for one in near] == ["69-1", "75-1"]


async def test_the_nearest_is_found_within_a_transaction_that_others_began(
    database: Database, showroom: Showroom, dealers: Dealers
) -> None:
    await dealers.upsert(showroom.id, [a_dealer(showroom.id), a_dealer(showroom.id, "l", **LYON)])
    await dealers.close(showroom.id, "l")
    async with database.write() as connection:
        assert await dealers.nearest_code(connection, showroom, "69003") == "75-1"
        assert await dealers.nearest_code(connection, showroom, "00000") is None
    await dealers.reopen(showroom.id, "l")
    async with database.write() as connection:
        assert await dealers.nearest_code(connection, showroom, "69003") == "l"


async def test_nobody_is_near_a_postcode_that_nobody_knows(
    showroom: Showroom, dealers: Dealers
) -> None:
    await dealers.upsert(showroom.id, [a_dealer(showroom.id)])
    for country, postcode in (("FR", "00000"), ("FR", ""), ("DE", "10115"), ("../fr", "75004")):
        assert await dealers.nearest(showroom.id, country, postcode) == []


def test_dealers_are_searched_by_code_name_city_and_postcode() -> None:
    room = a_showroom()
    paris, lyon = a_dealer(room.id), a_dealer(room.id, "L9", name="Étoile", **LYON)
    found = {text: search([paris, lyon], text) for text in ("l9", "étoile", "PARIS", "690", "")}
    assert [len(those) for those in found.values()] == [1, 1, 1, 1, 2]
    assert found["690"] == [lyon]


async def test_each_change_of_a_dealer_is_noted_with_who_made_it(
    database: Database, showroom: Showroom, dealers: Dealers
) -> None:
    one, other = a_dealer(showroom.id), a_dealer(showroom.id, "A-7", **LYON)
    await dealers.upsert(showroom.id, [one, other], who="the-boss")
    await dealers.close(showroom.id, one.code, who="the-boss")
    await dealers.close(showroom.id, one.code, who="somebody-late")
    renamed = replace(one, name="After")
    for _ in range(2):
        await dealers.upsert(showroom.id, [renamed, other], who="a-key")
    await dealers.reopen(showroom.id, one.code, who="the-boss")
    log = [noted.entry for noted in await AuditLog(database).page(showroom.id)][::-1]
    assert {entry.subject for entry in log} == {Subject.DEALER}
    assert [(entry.who, entry.deed, entry.subject_id) for entry in log[:2]] == [
        ("the-boss", Deed.ADDED, one.code),
        ("the-boss", Deed.ADDED, "A-7"),
    ]
    assert log[1].after["name"] == other.name
    assert [(entry.who, entry.before, entry.after) for entry in log[2:]] == [
        ("the-boss", {"closed": False}, {"closed": True}),
        ("a-key", {"name": one.name}, {"name": "After"}),
        ("the-boss", {"closed": True}, {"closed": False}),
    ]
