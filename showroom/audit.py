"""The audit log of settings: who changed what, when, and from what to what.

An entry is written in the transaction of its change, so that neither can be without the other; an
order on the floor, which lives in Redis, is taken back when it can't be noted. It
holds the fields that differ and nothing else, and never a password, a secret, a token or a hash.
What a showroom keeps of calls goes by its `retention_days`; this log stays as long as the showroom.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.audit_tables import audit_entries
from showroom.database import Database
from showroom.ids import ShowroomId

# Who it was when nobody had signed in: an operator at a terminal.
COMMAND_LINE = "command line"
# Who it was when nobody was: a receiver that wants no more is disabled without being asked.
SERVER = "server"
MOST = 200
# What a path is never made of: whoever notes such a field has forgotten to leave it out.
NEVER = re.compile(r"password|secret|token|digest|hash", re.IGNORECASE)
PLAIN = re.compile(r"[A-Za-z0-9_-]+")


class Deed(StrEnum):
    """What was done."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    ERASED = "erased"
    EXPORTED = "exported"


class Subject(StrEnum):
    """What it was done to; the id beside it is the subject's own within its showroom."""

    SHOWROOM = "showroom"  # by its id
    VEHICLE = "vehicle"  # by its slug
    DEALER = "dealer"  # by its code
    ENDPOINT = "endpoint"  # by its id
    STAFF = "staff"  # by their id
    MAIL = "mail"  # of figures, to whoever asked for it: by its id
    FLOOR = "floor"  # by `queue`, `notice`, or the id of an advisor or a call
    KEY = "key"  # by its id
    CUSTOMER = "customer"  # never by who it is: by the receipt, or nothing


class FieldChange(NamedTuple):
    """One field by its path, like `policy.recording`; None is what was, or is, not there."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. `happened_at`: UTC ms; `who`: a member of staff or a program's key by their id,
    `COMMAND_LINE`, or `SERVER`.

    `before` and `after`: the fields that differ, by their path; of what was added `before` is
    empty, of what was removed `after`.
    """

    showroom_id: ShowroomId
    happened_at: int
    who: str
    deed: Deed
    subject: Subject
    subject_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


class Noted(NamedTuple):
    """An entry as it stands in the log. A lower `id` was written earlier."""

    id: int
    entry: Entry


def difference(
    before: Mapping[str, Any], after: Mapping[str, Any], above: str = ""
) -> tuple[FieldChange, ...]:
    """Return the fields that differ between two JSON-able mappings, in their order.

    Mappings are compared field by field, lists whole. What is absent and what is null are the same,
    and so are an absent mapping and an empty one.
    """
    changes: list[FieldChange] = []
    for key in (*after, *(key for key in before if key not in after)):
        # A name with a dot in it must not look like a path.
        path = above + (key if PLAIN.fullmatch(key) else f'"{key}"')
        old, new = before.get(key), after.get(key)
        if _nested(old) and _nested(new) and not old is new is None:
            changes += difference(old or {}, new or {}, f"{path}.")
        elif old != new or isinstance(old, bool) is not isinstance(new, bool):
            changes.append(FieldChange(path, old, new))
    return tuple(changes)


def entry_of(
    showroom_id: ShowroomId,
    happened_at: int,
    who: str,
    subject: Subject,
    subject_id: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> Entry:
    """Return the entry of a change from one JSON-able table to another; None is what is not there.

    It has the fields that differ: none, where both say the same.
    """
    changes = difference(before or {}, after or {})
    deed = Deed.ADDED if before is None else Deed.REMOVED if after is None else Deed.CHANGED
    return Entry(
        showroom_id=showroom_id,
        happened_at=happened_at,
        who=who,
        deed=deed,
        subject=subject,
        subject_id=subject_id,
        before={one.path: one.before for one in changes if one.before is not None},
        after={one.path: one.after for one in changes if one.after is not None},
    )


async def note(connection: AsyncConnection, *entries: Entry) -> None:
    """Write entries in the caller's transaction; one without any field is not written.

    Raises `ValueError` for a field whose name says that it must be kept nowhere.
    """
    paths = {path for entry in entries for path in (*entry.before, *entry.after)}
    if forbidden := sorted(path for path in paths if NEVER.search(path)):
        raise ValueError(f"{forbidden[0]} must not stand in the audit log.")
    rows = [
        {
            "showroom_id": entry.showroom_id,
            "happened_at": entry.happened_at,
            "who": entry.who,
            "deed": entry.deed.value,
            "subject": entry.subject.value,
            "subject_id": entry.subject_id,
            "before": dict(entry.before),
            "after": dict(entry.after),
        }
        for entry in entries
        if entry.before or entry.after
    ]
    if rows:
        await connection.execute(sa.insert(audit_entries), rows)


class AuditLog:
    """The log, read, and written to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, entry: Entry) -> None:
        """Note what is no row of SQL. Raises `ValueError` as `note` does, and `TryAgain`."""
        async with self._database.write() as connection:
            await note(connection, entry)

    async def page(
        self,
        showroom_id: ShowroomId,
        before: int | None = None,
        limit: int = 50,
        subject: Subject | None = None,
    ) -> tuple[Noted, ...]:
        """Return at most `limit` entries of a showroom, the newest first.

        `before`: the id of the last entry of the page before this one. At most 200 at a time.
        With a `subject` only those about one of its kind.
        """
        query = (
            sa.select(audit_entries)
            .where(audit_entries.c.showroom_id == showroom_id)
            .order_by(audit_entries.c.id.desc())
            .limit(max(1, min(limit, MOST)))
        )
        if before is not None:
            query = query.where(audit_entries.c.id < before)
        if subject is not None:
            query = query.where(audit_entries.c.subject == subject.value)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            Noted(
                row.id,
                Entry(
                    showroom_id=ShowroomId(row.showroom_id),
                    happened_at=row.happened_at,
                    who=row.who,
                    deed=Deed(row.deed),
                    subject=Subject(row.subject),
                    subject_id=row.subject_id,
                    before=row.before,
                    after=row.after,
                ),
            )
            for row in rows
        )


def _nested(value: Any) -> bool:
    return value is None or isinstance(value, Mapping)
