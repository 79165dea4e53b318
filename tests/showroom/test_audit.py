"""The audit log: written with its change or not at all, and read newest first."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from showroom.audit import (
    COMMAND_LINE,
    MOST,
    AuditLog,
    Deed,
    Entry,
    Subject,
    difference,
    note,
)
from showroom.database import Database
from showroom.ids import ShowroomId
from showroom.tables import showrooms
from tests.samples import saved_showroom

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
NAMES = st.text("ab.", min_size=1, max_size=2)
TABLES = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS | st.lists(SCALARS, max_size=2),
        lambda inner: st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)


def an_entry(showroom: ShowroomId, **changed: Any) -> Entry:
    entry = Entry(
        showroom_id=showroom,
        happened_at=1_700_000_000_000,
        who=COMMAND_LINE,
        deed=Deed.CHANGED,
        subject=Subject.SHOWROOM,
        subject_id=showroom,
        before={"policy.recording": False},
        after={"policy.recording": True},
    )
    return replace(entry, **changed)


def test_only_the_fields_that_differ_are_named() -> None:
    before = {"name": "Paris", "policy": {"recording": False, "ring_seconds": 20}, "hours": ["a"]}
    after = {"name": "Paris", "policy": {"recording": True, "ring_seconds": 20}, "hours": ["b"]}
    assert difference(before, after) == (
        ("policy.recording", False, True),
        ("hours", ["a"], ["b"]),
    )


def test_what_is_absent_was_nothing() -> None:
    assert difference({}, {"store": {"url": "x"}, "roles": {}}) == (("store.url", None, "x"),)
    assert difference({"range_km": 870}, {}) == (("range_km", 870, None),)


def test_true_is_not_one_and_a_dot_in_a_name_is_no_path() -> None:
    assert difference({"robot": 1}, {"robot": True}) == (("robot", 1, True),)
    assert difference({}, {"a.b": 1, "a": {"b": 2}}) == (('"a.b"', None, 1), ("a.b", None, 2))


def leaves(table: Mapping[str, Any], above: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    """Return each value that is something by its path; an empty mapping is nothing."""
    found: dict[tuple[str, ...], str] = {}
    for name, one in table.items():
        if isinstance(one, Mapping):
            found |= leaves(one, (*above, name))
        elif one is not None:
            found[(*above, name)] = repr(one)
    return found


@given(TABLES, TABLES)
def test_a_difference_is_found_exactly_where_there_is_one(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    changes = difference(before, after)
    assert bool(changes) == (leaves(before) != leaves(after))
    assert len({change.path for change in changes}) == len(changes), "each path once"
    assert difference(before, before) == ()
    back = {(path, repr(new), repr(old)) for path, old, new in difference(after, before)}
    assert back == {(path, repr(old), repr(new)) for path, old, new in changes}


async def test_an_entry_comes_back_as_it_was_noted(database: Database) -> None:
    paris = await saved_showroom(database)
    entry = an_entry(paris, before={}, after={"hours.monday": ["09:00-18:00"], "name": "Été"})
    async with database.write() as connection:
        await note(connection, entry)
    (noted,) = await AuditLog(database).page(paris)
    assert noted.entry == entry


async def test_without_its_change_there_is_no_entry(database: Database) -> None:
    paris = await saved_showroom(database)
    with pytest.raises(ZeroDivisionError):
        async with database.write() as connection:
            await connection.execute(sa.update(showrooms).values(name="Changed"))
            await note(connection, an_entry(paris))
            raise ZeroDivisionError
    assert await AuditLog(database).page(paris) == ()


async def test_pages_go_back_in_time_and_miss_nothing(database: Database) -> None:
    paris, lyon = await saved_showroom(database), await saved_showroom(database, "lyon")
    async with database.write() as connection:
        for count in range(7):
            # All at one moment, and with another showroom's in between.
            await note(connection, an_entry(paris, after={"count": count}))
            await note(connection, an_entry(lyon))
    log = AuditLog(database)
    seen: list[int] = []
    last: int | None = None
    while page := await log.page(paris, last, limit=3):
        assert len(page) <= 3
        seen += [noted.entry.after["count"] for noted in page]
        last = page[-1].id
        async with database.write() as connection:
            await note(connection, an_entry(paris, after={"count": "newer"}))
    assert seen == [6, 5, 4, 3, 2, 1, 0]
    assert len(await log.page(paris, limit=MOST + 1)) < MOST


async def test_what_changes_nothing_is_not_noted(database: Database) -> None:
    paris = await saved_showroom(database)
    async with database.write() as connection:
        await note(connection, an_entry(paris, before={}, after={}))
    assert await AuditLog(database).page(paris) == ()


@pytest.mark.parametrize("path", ["password", "endpoint.secrets", "api.Token", "staff.digest"])
async def test_what_must_be_kept_nowhere_can_not_be_noted(database: Database, path: str) -> None:
    paris = await saved_showroom(database)
    with pytest.raises(ValueError, match="must not stand"):
        async with database.write() as connection:
            await note(connection, an_entry(paris, after={path: "canary"}))
    assert await AuditLog(database).page(paris) == ()


async def test_the_log_goes_with_its_showroom(database: Database) -> None:
    paris = await saved_showroom(database)
    async with database.write() as connection:
        await note(connection, an_entry(paris))
        await connection.execute(sa.delete(showrooms).where(showrooms.c.id == paris))
    assert await AuditLog(database).page(paris) == ()
