"""The appointments as rows: values in and out, inside transactions that others open.

Every question names the token, or the showroom: what is another showroom's is not found (threats 9
and 10). Whoever changes a row has read it in the same transaction with `lock`, so that nobody else
changes it meanwhile.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.visits import HOLD_MS, MINUTE_MS, Move, after, due_at, guest_missed_at
from showroom.errors import NotFound
from showroom.ids import AppointmentId, CallId, ShowroomId, StaffId, new_id
from showroom.showrooms import Showroom, VisitRules
from showroom.tables import appointments
from showroom.tables import showrooms as showroom_rows
from showroom.ways import count_ways_of
from showroom.words import AppointmentEvent, AppointmentState

# No visit with its buffers is longer: so far around a time the index is searched.
LONGEST_MS = 24 * 60 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody agreed to: the purpose, the version of the text that they read, and when."""

    purpose: str
    version: str
    at: int


@dataclass(frozen=True, slots=True)
class Guest:
    """Who comes, as checked at the edge: `phone` in E.164, and at least one of the two."""

    name: str
    email: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class Appointment:
    """One appointment. Times are UTC milliseconds; `zone` is the customer's, `vehicle` a slug.

    `sequence` is RFC 5545's, 3.8.7.4; `named`: the customer asked for this advisor. `due_at` is
    when the rules of punctuality look at it next. Name and addresses are empty while it is held.
    """

    id: AppointmentId
    showroom_id: ShowroomId
    token: str
    state: AppointmentState
    sequence: int
    starts_at: int
    ends_at: int
    advisor_id: StaffId | None
    named: bool
    language: str
    zone: str
    vehicle: str | None
    wish: str
    name: str
    email: str | None
    phone: str | None
    consents: tuple[Consent, ...]
    campaign: Mapping[str, str]
    created_at: int
    held_until: int | None
    booked_at: int | None
    arrived_at: int | None
    ended_at: int | None
    end_reason: str | None
    due_at: int | None
    call_id: CallId | None
    rebooked_from: AppointmentId | None


# Tells whoever is outside what happened, by rows in the transaction of the connection.
Announce = Callable[[AsyncConnection, Showroom, Appointment, AppointmentEvent], Awaitable[None]]

STORED = TypeAdapter(Appointment)
COLUMNS = [appointments.c[field.name] for field in fields(Appointment)]
# Made once, and compiled once for each set of columns.
_BY_TOKEN = sa.select(*COLUMNS).where(appointments.c.token == sa.bindparam("its_token"))
_INSERT = sa.insert(appointments)
_UPDATE = sa.update(appointments).where(
    appointments.c.id == sa.bindparam("its_id"),
    appointments.c.showroom_id == sa.bindparam("its_showroom"),
)
Where = sa.ColumnElement[bool]


def held(
    showroom: Showroom,
    starts_at: int,
    advisor_id: StaffId,
    now: int,
    *,
    named: bool,
    language: str,
    zone: str,
    vehicle: str | None,
) -> Appointment:
    """Return a new appointment that keeps a time for whoever fills in the form."""
    return Appointment(
        id=AppointmentId(new_id()),
        showroom_id=showroom.id,
        token=new_id(),
        state=AppointmentState.HELD,
        sequence=0,
        **time_of(showroom, starts_at, advisor_id),
        named=named,
        language=language,
        zone=zone,
        vehicle=vehicle,
        wish="",
        name="",
        email=None,
        phone=None,
        consents=(),
        campaign={},
        created_at=now,
        held_until=now + HOLD_MS,
        booked_at=None,
        arrived_at=None,
        ended_at=None,
        end_reason=None,
        due_at=now + HOLD_MS,
        call_id=None,
        rebooked_from=None,
    )


def booked_again(
    showroom: Showroom, old: Appointment, starts_at: int, advisor_id: StaffId, now: int
) -> Appointment:
    """Return a new appointment in place of one that did not take place, for the same customer."""
    return replace(
        old,
        id=AppointmentId(new_id()),
        token=new_id(),
        state=AppointmentState.BOOKED,
        sequence=0,
        **time_of(showroom, starts_at, advisor_id),
        named=old.named and advisor_id == old.advisor_id,
        created_at=now,
        booked_at=now,
        arrived_at=None,
        ended_at=None,
        end_reason=None,
        due_at=guest_missed_at(starts_at),
        call_id=None,
        rebooked_from=old.id,
    )


def time_of(showroom: Showroom, starts_at: int, advisor_id: StaffId) -> dict[str, Any]:
    """Return the fields that say when a visit is, and with whom."""
    ends_at = starts_at + showroom.visits.length * MINUTE_MS
    return {"starts_at": starts_at, "ends_at": ends_at, "advisor_id": advisor_id}


def over(appointment: Appointment, now: int) -> bool:
    """Say whether this is a hold that nobody has any more."""
    lapsed = appointment.state is AppointmentState.LAPSED
    held = appointment.state is AppointmentState.HELD
    return lapsed or (held and (appointment.held_until or 0) <= now)


def moved(appointment: Appointment, move: Move, now: int, **changes: Any) -> Appointment:
    """Return the appointment after a move, with its next deadline; raises `IllegalMove`."""
    state = after(appointment.state, move)
    return looked_at(replace(appointment, state=state, **changes), now)


def looked_at(appointment: Appointment, now: int) -> Appointment:
    """Return the appointment with the time at which the rules of punctuality look next."""
    due = due_at(
        appointment.state,
        appointment.starts_at,
        appointment.held_until,
        now,
        in_call=appointment.call_id is not None,
    )
    return replace(appointment, due_at=due)


async def with_token(connection: AsyncConnection, token: str, *, lock: bool = False) -> Appointment:
    """Return the appointment of a token; raises `NotFound`."""
    query = _BY_TOKEN.with_for_update() if lock else _BY_TOKEN
    row = (await connection.execute(query, {"its_token": token})).mappings().one_or_none()
    if row is None:
        raise NotFound
    return STORED.validate_python(dict(row))


async def with_id(
    connection: AsyncConnection,
    showroom_id: ShowroomId,
    appointment_id: AppointmentId,
    *,
    lock: bool = False,
) -> Appointment:
    """Return an appointment of this showroom; raises `NotFound`."""
    found = await where(
        connection,
        appointments.c.id == appointment_id,
        appointments.c.showroom_id == showroom_id,
        lock=lock,
    )
    if not found:
        raise NotFound
    return found[0]


async def where(
    connection: AsyncConnection, *conditions: Where, lock: bool = False, most: int | None = None
) -> Sequence[Appointment]:
    """Return the appointments of which all of this is true, by their start."""
    query = sa.select(*COLUMNS).where(*conditions).order_by("starts_at", "id").limit(most)
    rows = (await connection.execute(query.with_for_update() if lock else query)).mappings()
    return [STORED.validate_python(dict(row)) for row in rows]


async def due(connection: AsyncConnection, now: int, most: int) -> Sequence[Appointment]:
    """Return the appointments of all showrooms that are due, those that wait longest first."""
    query = sa.select(*COLUMNS).where(appointments.c.due_at <= now).order_by("due_at").limit(most)
    rows = (await connection.execute(query)).mappings()
    return [STORED.validate_python(dict(row)) for row in rows]


async def about_to_begin(
    connection: AsyncConnection, showroom_id: ShowroomId, now: int, soon: int
) -> Sequence[Appointment]:
    """Return the visits that begin until `soon`, or could begin still: nobody received them yet."""
    return await where(
        connection,
        appointments.c.showroom_id == showroom_id,
        in_state({AppointmentState.BOOKED, AppointmentState.WAITING}),
        appointments.c.starts_at.between(now - LONGEST_MS, soon),
    )


def touching(from_ms: int, until_ms: int, buffers: bool = False) -> tuple[Where, ...]:
    """Return the condition that a visit, or it with its buffers, shares time with a span."""
    c = appointments.c
    begins, ends = (c.blocked_from, c.blocked_until) if buffers else (c.starts_at, c.ends_at)
    near = c.starts_at.between(from_ms - LONGEST_MS, until_ms + LONGEST_MS)
    return near, begins < until_ms, ends > from_ms


def in_state(states: Collection[AppointmentState]) -> Where:
    """Return the condition that an appointment is in one of these states."""
    return appointments.c.state.in_(sorted(state.value for state in states))


async def add(connection: AsyncConnection, appointment: Appointment, rules: VisitRules) -> None:
    """Add an appointment. The database refuses one for which its advisor has no time."""
    await connection.execute(_INSERT, _row(appointment, rules))


async def save(
    connection: AsyncConnection, appointment: Appointment, rules: VisitRules | None = None
) -> None:
    """Write an appointment that was read with `lock`; with `rules` if its time may be another."""
    row = _row(appointment, rules)
    which = {"its_id": row.pop("id"), "its_showroom": row.pop("showroom_id")}
    await connection.execute(_UPDATE, row | which)
    await count_ways_of(connection, appointment.showroom_id, "appointment", [appointment.id])


async def lock_showrooms(connection: AsyncConnection, ids: Collection[ShowroomId]) -> None:
    """Let nobody else give away time in these showrooms until this transaction ends.

    Not against those who only point to the row: calls and leads must not wait for a booking. SQLite
    has one writer anyway.
    """
    if connection.dialect.name == "sqlite":
        return
    await connection.execute(
        sa.select(showroom_rows.c.id)
        .where(showroom_rows.c.id.in_(sorted(ids)))
        .order_by(showroom_rows.c.id)  # all in the same order, or two could wait for each other
        .with_for_update(key_share=True)
    )


def _row(appointment: Appointment, rules: VisitRules | None) -> dict[str, Any]:
    row = asdict(appointment) | {"state": appointment.state.value}
    if rules:
        row["blocked_from"] = appointment.starts_at - rules.before * MINUTE_MS
        row["blocked_until"] = appointment.ends_at + rules.after * MINUTE_MS
    return row
