"""A showroom's settings changed by hand, field by field, by the rules of its file.

Two people may edit at once. A change goes by field: only one that somebody else has changed since
it was looked at is held back, and nothing of either is lost.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from showroom.audit import Subject, difference, entry_of, note
from showroom.clock import Clock
from showroom.database import Database
from showroom.editing import Edited, Table
from showroom.hours import WEEKDAYS
from showroom.ids import ShowroomId
from showroom.settings_file.reading import Fields, Place, merged, read_table
from showroom.settings_file.showroom_tables import (
    ALARM_NUMBERS,
    LONGEST_CANNED,
    LONGEST_TEXT,
    MOST_CANNED,
    NUMBERS,
    SHOWROOM,
    judge_holidays,
    showroom_document,
    showroom_of,
)
from showroom.settings_file.times import spans
from showroom.settings_file.values import LARGEST, line, list_of
from showroom.settings_file.writing import flat
from showroom.showrooms import Policy, Showroom, keep, one_by_id

# What is not there is written in several ways.
NOTHING: tuple[Any, ...] = (None, "", [])


class ShowroomEditor:
    """The settings of showrooms, for a page; see `showroom.editing.Editor`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def table(self, showroom_id: ShowroomId) -> Table:
        """Return the settings of a showroom; raises `NotFound`."""
        async with self._database.read() as connection:
            return _flat(await one_by_id(connection, showroom_id))

    async def change(self, showroom_id: ShowroomId, given: Table, seen: Table, who: str) -> Edited:
        """Change what is given, all of it or nothing, and note who did; raises `NotFound`."""
        async with self._database.write() as connection:
            room = await one_by_id(connection, showroom_id, lock=True)
            standing, place = showroom_document(room), Place([])
            read = read_table(_fields(room, given), given, standing, place)
            wanted = merged(standing, read)
            judge_holidays(wanted, place)
            before = _flat(room)
            if place.problems:
                problems = {".".join(one.path): one.text for one in place.problems}
                return Edited(before, problems=problems)
            # Written and read again: an empty text and none are the same.
            wish = showroom_of(wanted, room.id)
            after = _flat(wish)
            changes = difference(before, after)
            meanwhile = [one.path for one in changes if not _same(_at(seen, one.path), one.before)]
            if meanwhile:
                return Edited(before, meanwhile=tuple(meanwhile))
            await keep(connection, wish)
            what = (Subject.SHOWROOM, room.id, before, after)
            entry = entry_of(room.id, self._clock(), who, *what)
            await note(connection, entry)
        return Edited(after)

    def numbers(self) -> Mapping[str, tuple[int, int]]:
        """Return from what to what each whole number of the settings goes, by its path."""
        policy = {
            f"policy.{one.name}": NUMBERS.get(one.name, (0, LARGEST))
            for one in fields(Policy)
            if not isinstance(one.default, bool)
        }
        alarms = {f"alarms.{path}": span for path, span in ALARM_NUMBERS.items()}
        return policy | alarms | {"visits.side_by_side": NUMBERS["side_by_side"]}


def _fields(room: Showroom, given: Table) -> Fields:
    """Return what may be changed, with each weekday and each language as a field of its own.

    The slug is the address that customers know: it stays.
    """
    languages = {*room.languages, *room.canned}
    for texts in (room.texts.headline, room.texts.lead, room.texts.closed):
        languages |= texts.keys()
    if isinstance(given.get("languages"), list):
        languages |= {one for one in given["languages"] if isinstance(one, str)}
    spoken = sorted(languages)
    return {
        **{name: reader for name, reader in SHOWROOM.items() if name != "slug"},
        "hours": dict.fromkeys(WEEKDAYS, spans),
        "texts": {
            name: dict.fromkeys(spoken, line(most, 0)) for name, most in LONGEST_TEXT.items()
        },
        "canned": dict.fromkeys(spoken, list_of(line(LONGEST_CANNED), MOST_CANNED)),
    }


def _flat(room: Showroom) -> dict[str, Any]:
    table: dict[str, Any] = flat(showroom_document(room))
    return table


def _at(table: Table, path: str) -> Any:
    found: Any = table
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or (one in NOTHING and other in NOTHING)
