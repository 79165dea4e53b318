"""A showroom's settings changed by hand, on both kinds of database."""

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from showroom import tables
from showroom.audit import AuditLog
from showroom.database import Database
from showroom.errors import NotFound
from showroom.hours import HolidayHours, Holidays
from showroom.ids import ShowroomId
from showroom.settings_file.by_hand import ShowroomEditor
from showroom.showrooms import Showrooms, Texts
from tests.samples import a_showroom, saved_showroom
from tests.showroom.settings_file.samples import exported, files_of, parsed
from tests.virtual_clock import VirtualClock

BOSS = "boss"


async def test_of_two_who_change_the_same_at_once_one_is_told(
    database: Database, clock: VirtualClock
) -> None:
    room = await saved_showroom(database)
    editors = [ShowroomEditor(database, clock) for _ in range(6)]
    seen = await editors[0].table(room)

    def given(n: int) -> dict[str, Any]:
        return {"policy": {"ring_seconds": 30 + n}}

    done = await asyncio.gather(
        *(editor.change(room, given(n), seen, BOSS) for n, editor in enumerate(editors))
    )
    assert [one.meanwhile for one in done if not one.done] == [("policy.ring_seconds",)] * 5
    [first] = [one for one in done if one.done]
    kept = (await Showrooms(database).by_id(room)).policy.ring_seconds
    assert first.table["policy"]["ring_seconds"] == kept
    assert all(one.table == first.table for one in done), "each is told what stands"
    [noted] = await AuditLog(database).page(room)
    assert noted.entry.after == {"policy.ring_seconds": kept}


async def test_those_who_change_different_fields_both_have_their_way(
    database: Database, clock: VirtualClock
) -> None:
    room = await saved_showroom(database)
    editor = ShowroomEditor(database, clock)
    seen = await editor.table(room)
    wishes: tuple[dict[str, Any], ...] = (
        {"name": "Orvanne Live"},
        {"hours": {"monday": []}},
        {"hours": {"tuesday": ["10:00-12:00"]}},
        {"texts": {"lead": {"en": "Hello."}}},
        {"texts": {"lead": {"fr": "Bonjour."}}},
        {"canned": {"fr": ["Bonsoir."]}},
    )
    done = await asyncio.gather(*(editor.change(room, wish, seen, BOSS) for wish in wishes))
    assert all(one.done for one in done)
    kept = await Showrooms(database).by_id(room)
    assert kept.name == "Orvanne Live"
    assert kept.hours.monday == ()
    assert len(kept.hours.tuesday) == 1
    assert kept.texts == Texts(lead={"en": "Hello.", "fr": "Bonjour."})
    assert kept.canned == {"fr": ("Bonsoir.",)}
    assert len(await AuditLog(database).page(room)) == len(wishes)


async def test_the_same_as_stands_is_no_change_and_an_empty_text_takes_away(
    database: Database, clock: VirtualClock
) -> None:
    paris = replace(a_showroom(), texts=Texts(closed={"en": "Back soon."}))
    await Showrooms(database).save(paris)
    editor = ShowroomEditor(database, clock)
    seen = await editor.table(paris.id)
    same = await editor.change(paris.id, {"name": paris.name, "texts": {}}, {}, BOSS)
    assert same.done
    assert await AuditLog(database).page(paris.id) == ()
    gone = await editor.change(paris.id, {"texts": {"closed": {"en": ""}}}, seen, BOSS)
    assert gone.table["texts"]["closed"] == {}
    [noted] = await AuditLog(database).page(paris.id)
    assert (noted.entry.before, noted.entry.after) == ({"texts.closed.en": "Back soon."}, {})


async def test_what_was_set_by_hand_is_what_the_file_says(
    database: Database, clock: VirtualClock
) -> None:
    room = await saved_showroom(database)
    editor = ShowroomEditor(database, clock)
    rule = {"country": "FR", "region": "57", "days": [{"name": "Good Friday", "hours": []}]}
    done = await editor.change(room, {"holidays": rule}, await editor.table(room), BOSS)
    assert done.done
    kept = await Showrooms(database).by_id(room)
    assert kept.holidays == Holidays("FR", "57", (HolidayHours("Good Friday"),))
    files = files_of(database, clock)
    written = parsed(await exported(files))
    assert written["showrooms"][0]["holidays"] == rule
    assert (await files.apply(written)).lines == ()


async def test_a_change_that_can_not_be_noted_is_not_made(
    database: Database, clock: VirtualClock
) -> None:
    room = await saved_showroom(database)
    seen = await ShowroomEditor(database, clock).table(room)
    # Of a time that nobody knows no entry can tell.
    timeless = ShowroomEditor(database, lambda: cast(int, None))
    with pytest.raises(IntegrityError):
        await timeless.change(room, {"name": "Another"}, seen, BOSS)
    async with database.read() as connection:
        assert await connection.scalar(sa.select(tables.showrooms.c.name)) == seen["name"]


async def test_a_showroom_that_is_not_there_is_not_found(
    database: Database, clock: VirtualClock
) -> None:
    editor = ShowroomEditor(database, clock)
    nobody = ShowroomId("nobody")
    with pytest.raises(NotFound):
        await editor.table(nobody)
    with pytest.raises(NotFound):
        await editor.change(nobody, {"name": "x"}, {}, BOSS)
