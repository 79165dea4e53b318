"""Whom somebody asks about, and what there is of them: ids by kind, found anew at each question."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.contact import parse_email, parse_phone
from booking.leads.merging import keys_of
from booking.leads.sheet import told_by
from booking.leads.sheet_rows import STORED as STORED_SHEET
from showroom.errors import BadRequest
from showroom.ids import ShowroomId
from showroom.lead_tables import lead_sheets, lead_sources, leads, reservations, store_events
from showroom.media_tables import photos, recordings
from showroom.showrooms import Showroom
from showroom.tables import appointments, follow_ups, outbox

Ids = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """By what somebody is found: an address, a number (E.164), or both; never none."""

    email: str | None
    phone: str | None

    @classmethod
    def of(cls, email: str, phone: str, region: str) -> "Person":
        """Return whom somebody typed; raises `BadRequest` that names the field."""
        if not email.strip() and not phone.strip():
            raise BadRequest("Give an e-mail address, a phone number, or both.", field="email")
        return cls(
            _read("email", parse_email, email.strip()),
            _read("phone", lambda text: parse_phone(text, region), phone.strip()),
        )


@dataclass(frozen=True, slots=True)
class Found:
    """The ids of what there is of a person, each kind in one order. `sheets` are named by calls.

    `deliveries` are rows of the outbox, whether they went out or wait.
    """

    leads: Ids = ()
    visits: Ids = ()
    call_backs: Ids = ()
    calls: Ids = ()
    sheets: Ids = ()
    photos: Ids = ()
    recordings: Ids = ()
    reservations: Ids = ()
    deliveries: Ids = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many there are of each kind."""
        return {one.name: len(getattr(self, one.name)) for one in fields(self)}

    @property
    def subjects(self) -> Ids:
        """The ids by which the outbox and other systems name them."""
        return (*self.leads, *self.visits, *self.call_backs, *self.calls, *self.reservations)

    def __bool__(self) -> bool:
        return any(self.counts.values())


async def find(connection: AsyncConnection, showroom: Showroom, person: Person) -> Found:
    """Return what there is of a person in this showroom.

    What is linked to a lead of theirs is theirs, under whatever address. Whoever only shares a
    number with them is not: who asks by both finds both.
    """
    here = showroom.id
    own = await _all(connection, leads, leads.c.id, here, _reached(leads, person))
    sources = await _sources(connection, here, own)
    sheets = await _sheets(connection, showroom, person, own)
    visits = await _all(
        connection,
        appointments,
        appointments.c.id,
        here,
        _reached(appointments, person) | appointments.c.id.in_(sources["appointment"]),
    )
    backs = follow_ups.c.id.in_(sources["follow_up"]) | follow_ups.c.id.in_(visits)
    if person.phone:
        backs |= follow_ups.c.phone == person.phone
    call_backs = await _all(connection, follow_ups, follow_ups.c.id, here, backs)
    calls = {*sources["call"], *sheets}
    for table, which in (
        (appointments, appointments.c.id.in_(visits)),
        (follow_ups, follow_ups.c.id.in_(call_backs)),
        (store_events, store_events.c.lead_id.in_(own)),
    ):
        met = which & table.c.call_id.is_not(None)
        calls.update(await _all(connection, table, table.c.call_id, here, met))
    of_call = tuple(sorted(calls))
    kept = recordings.c.call_id.in_(of_call) & recordings.c.wrapped_key.is_not(None)
    promised = await _all(
        connection, reservations, reservations.c.id, here, reservations.c.lead_id.in_(own)
    )
    named = (*own, *visits, *call_backs, *of_call, *promised, *sources["lead"])
    return Found(
        leads=own,
        visits=visits,
        call_backs=call_backs,
        calls=of_call,
        sheets=sheets,
        photos=await _all(connection, photos, photos.c.id, here, photos.c.call_id.in_(of_call)),
        recordings=await _all(connection, recordings, recordings.c.id, here, kept),
        reservations=promised,
        deliveries=await _all(
            connection, outbox, outbox.c.id, here, outbox.c.subject_id.in_(named)
        ),
    )


def _read(field: str, read: Any, text: str) -> str | None:
    if not text:
        return None
    try:
        return str(read(text))
    except BadRequest as error:
        raise BadRequest(error.message, field=field) from None


def _reached(table: sa.Table, person: Person) -> sa.ColumnElement[bool]:
    either: list[sa.ColumnElement[bool]] = []
    if person.email:
        either.append(sa.func.lower(table.c.email) == person.email.lower())
    if person.phone:
        either.append(table.c.phone == person.phone)
    return sa.or_(*either)


async def _all(
    connection: AsyncConnection,
    table: sa.Table,
    column: sa.Column[Any],
    showroom_id: ShowroomId,
    which: sa.ColumnElement[bool],
) -> Ids:
    query = sa.select(column).where(table.c.showroom_id == showroom_id, which).distinct()
    return tuple(sorted(await connection.scalars(query)))


async def _sources(
    connection: AsyncConnection, showroom_id: ShowroomId, own: Collection[str]
) -> Mapping[str, Sequence[str]]:
    """Return what leads come from, by kind."""
    query = sa.select(lead_sources.c.kind, lead_sources.c.source_id).where(
        lead_sources.c.showroom_id == showroom_id, lead_sources.c.lead_id.in_(own)
    )
    found: dict[str, list[str]] = {
        kind: [] for kind in ("call", "appointment", "follow_up", "form", "lead")
    }
    for kind, which in await connection.execute(query):
        found.setdefault(kind, []).append(which)
    return found


async def _sheets(
    connection: AsyncConnection, showroom: Showroom, person: Person, own: Iterable[str]
) -> Ids:
    """Return the calls of the sheets of leads, and of those that became none and name somebody."""
    c = lead_sheets.c
    theirs = await _all(connection, lead_sheets, c.call_id, showroom.id, c.lead_id.in_(own))
    drafts = sa.select(c.call_id, c.sheet).where(
        c.showroom_id == showroom.id, c.lead_id.is_(None), c.version > 0
    )
    wanted = keys_of(person.email, person.phone)
    named = [
        row.call_id
        for row in await connection.execute(drafts)
        if wanted & told_by(STORED_SHEET.validate_python(row.sheet), showroom.market).keys
    ]
    return tuple(sorted({*theirs, *named}))


async def named(connection: AsyncConnection, found: Found) -> list[tuple[str, str, str]]:
    """Return under which names, addresses and numbers they are known, each once."""
    known: set[tuple[str, str, str]] = set()
    for table, ids in (
        (leads, found.leads),
        (appointments, found.visits),
        (follow_ups, found.call_backs),
    ):
        email = table.c.email if "email" in table.c else sa.null()
        query = sa.select(table.c.name, email, table.c.phone).where(table.c.id.in_(ids))
        for row in (await connection.execute(query)).all():
            known.add((row[0], row[1] or "", row[2] or ""))
    return sorted(one for one in known if any(one))
