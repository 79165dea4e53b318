"""Showrooms: they come back as they were saved, and unknown ones are not found."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from showroom.database import Database
from showroom.errors import NotFound
from showroom.hours import DateException, Interval, WeeklyHours
from showroom.ids import ShowroomId
from showroom.showrooms import Policy, Showrooms
from tests.samples import a_showroom


async def test_a_showroom_comes_back_as_it_was_saved(database: Database) -> None:
    saved = replace(
        a_showroom(),
        hours=WeeklyHours(monday=(Interval.of("09:00", "12:00"), Interval.of("14:00", "24:00"))),
        exceptions=(DateException(date(2025, 12, 25)), DateException(date(2025, 12, 26), ())),
        policy=Policy(ring_seconds=15, relay_only=True),
    )
    await Showrooms(database).save(saved)
    assert await Showrooms(database).by_slug("paris") == saved
    assert await Showrooms(database).by_id(saved.id) == saved


async def test_saving_again_replaces_what_was_there(database: Database) -> None:
    showrooms, showroom = Showrooms(database), a_showroom()
    await showrooms.save(showroom)
    assert (await showrooms.by_slug("paris")).name == "Orvanne Paris"
    await showrooms.save(replace(showroom, name="Orvanne Rive Gauche"))
    assert (await showrooms.by_slug("paris")).name == "Orvanne Rive Gauche"
    assert len(await showrooms.all()) == 1


async def test_an_unknown_showroom_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        await Showrooms(database).by_slug("atlantis")
    with pytest.raises(NotFound):
        await Showrooms(database).by_id(ShowroomId("atlantis"))


async def test_two_showrooms_can_not_share_an_address(database: Database) -> None:
    showrooms = Showrooms(database)
    await showrooms.save(a_showroom())
    with pytest.raises(IntegrityError):
        await showrooms.save(a_showroom())


async def test_all_showrooms_are_listed_by_name(database: Database) -> None:
    showrooms = Showrooms(database)
    for slug in ("paris", "lyon", "nantes"):
        await showrooms.save(a_showroom(slug))
    assert [showroom.slug for showroom in await showrooms.all()] == ["lyon", "nantes", "paris"]


def test_a_showroom_knows_when_it_is_open() -> None:
    assert a_showroom().opening(0).open
