"""What there is of a person, as they may have it: GDPR, articles 15 and 20.

It is what the rows hold, as far as it tells of them, by the map in `showroom.personal`; without
what opens a page or a recording.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.handoff.publishing import iso
from booking.privacy.person import Found, Person, find
from showroom.clock import Clock
from showroom.database import Database
from showroom.lead_tables import endpoints, lead_events, lead_sheets, leads, reservations
from showroom.media_tables import photos, recordings
from showroom.personal import TABLES, Kind
from showroom.showrooms import Showroom
from showroom.tables import appointments, call_events, call_marks, calls, follow_ups, outbox

# How our machinery works, and tells nothing of anybody.
INNER = frozenset({
    "showroom_id", "version", "sequence", "blocked_from", "blocked_until", "due_at", "tries",
    "stem", "claimed_at", "parts", "erased_at", "emptied_at", "kept_at", "wrapped_key",
})  # fmt: skip


class Exports:
    """Reads what there is of people."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, showroom: Showroom, person: Person) -> tuple[Found, dict[str, Any]]:
        """Return what there is of a person, as ids and as JSON; moments in RFC 3339."""
        async with self._database.read() as connection:
            found = await find(connection, showroom, person)
            data = {
                "exported_at": iso(self._clock()),
                "showroom": {"slug": showroom.slug, "name": showroom.name},
                "asked": {"email": person.email, "phone": person.phone},
                "leads": await _rows(connection, leads, leads.c.id, found.leads),
                "history": await _rows(connection, lead_events, lead_events.c.lead_id, found.leads),
                "sheets": await _rows(connection, lead_sheets, lead_sheets.c.call_id, found.sheets),
                "visits": await _rows(connection, appointments, appointments.c.id, found.visits),
                "call_backs": await _rows(
                    connection, follow_ups, follow_ups.c.id, found.call_backs
                ),
                "calls": await _rows(connection, calls, calls.c.id, found.calls),
                "said": await _rows(connection, call_events, call_events.c.call_id, found.calls),
                "pointed": await _rows(connection, call_marks, call_marks.c.call_id, found.calls),
                "photos": await _rows(connection, photos, photos.c.id, found.photos),
                "recordings": await _rows(
                    connection, recordings, recordings.c.id, found.recordings
                ),
                "reservations": await _rows(
                    connection, reservations, reservations.c.id, found.reservations
                ),
                "deliveries": await _deliveries(connection, found),
            }
        return found, data | {"consents": list(_consents(data))}


async def _rows(
    connection: AsyncConnection, table: sa.Table, column: sa.Column[Any], ids: Sequence[str]
) -> list[dict[str, Any]]:
    kinds = TABLES[table.name].personal
    shown = [
        one
        for one in table.columns
        if one.name not in INNER and kinds.get(one.name) is not Kind.ACCESS
    ]
    query = sa.select(*shown).where(column.in_(ids)).order_by(*table.primary_key)
    rows = (await connection.execute(query)).mappings()
    return [{name: _told(name, value) for name, value in row.items()} for row in rows]


def _told(name: str, value: Any) -> Any:
    match value:
        case bool():
            return value
        case int() if name == "at" or name.endswith(("_at", "_until")):
            return iso(value)
        case dict():
            return {inner: _told(inner, one) for inner, one in value.items()}
        case list():
            return [_told(name, one) for one in value]
        case _:
            return value


async def _deliveries(connection: AsyncConnection, found: Found) -> list[dict[str, Any]]:
    """Return who was told what and when; the words are those of the leads and visits above."""
    c = outbox.c
    query = (
        sa.select(c.topic, c.created_at, c.finished_at, c.result, endpoints.c.name.label("to"))
        .select_from(outbox.outerjoin(endpoints, endpoints.c.id == c.endpoint_id))
        .where(c.id.in_(found.deliveries))
        .order_by(c.number)
    )
    rows = (await connection.execute(query)).mappings()
    return [{name: _told(name, value) for name, value in row.items()} for row in rows]


def _consents(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each consent once: the purpose, the version of the text, its language, and when."""
    known: dict[tuple[Any, ...], dict[str, Any]] = {}
    for source, inner in (("leads", "details"), ("visits", None)):
        for row in data[source]:
            given = (row[inner] or {}).get("consents") if inner else row["consents"]
            for one in given or []:
                key = one["purpose"], one["version"], one["at"]
                shown = {**one, "language": row["language"]}
                known.setdefault(key, shown)
    for row in data["call_backs"]:
        if version := row["consent_text_version"]:
            shown = {"purpose": "contact", "version": version, "at": row["created_at"]}
            known.setdefault(("contact", version, row["id"]), shown | {"language": row["language"]})
    return sorted(known.values(), key=lambda one: (one["at"], one["purpose"], one["version"]))
