"""The reservations as rows: values in and out, inside transactions that others open.

Every question names a token, or the showroom: what is another showroom's is not found (threats 9
and 10). Whoever changes a row has read it in the same transaction with `lock`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.leads.rows import with_id
from booking.leads.scoring import CONTACT
from booking.reservations.life import ReservationState
from showroom.errors import NotFound
from showroom.ids import LeadId, ReservationId, ShowroomId, StaffId
from showroom.lead_tables import reservations
from showroom.ways import count_ways

Where = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Reservation:
    """A car that is kept for somebody at a dealer's. Times are UTC milliseconds.

    `token` proves that somebody is the customer, `dealer_token` the dealer; `vehicle` is a slug and
    `dealer` a dealer's code. It is over at `expires_at`; `ordered_at`: the store told of the order
    `order_ref`.
    """

    id: ReservationId
    showroom_id: ShowroomId
    token: str
    dealer_token: str
    code: str
    state: ReservationState
    lead_id: LeadId
    vehicle: str
    dealer: str
    given_by: StaffId | None
    created_at: int
    expires_at: int
    redeemed_at: int | None = None
    ended_at: int | None = None
    ordered_at: int | None = None
    order_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """For whom a car is kept, as far as letters and the dealer need it.

    `agreed`: others may be told who they are, and they may be written to.
    """

    lead_id: LeadId
    name: str
    email: str | None
    language: str
    dealer: str | None
    agreed: bool


STORED = TypeAdapter(Reservation)
COLUMNS = [reservations.c[field.name] for field in fields(Reservation)]


async def where(
    connection: AsyncConnection, *conditions: Where, lock: bool = False
) -> Sequence[Reservation]:
    """Return the reservations of which all of this is true, the newest first."""
    query = sa.select(*COLUMNS).where(*conditions)
    query = query.order_by(reservations.c.created_at.desc(), reservations.c.id)
    rows = (await connection.execute(query.with_for_update() if lock else query)).mappings()
    return [STORED.validate_python(dict(row)) for row in rows]


async def one(connection: AsyncConnection, *conditions: Where, lock: bool = False) -> Reservation:
    """Return the only reservation of which this is true; raises `NotFound`."""
    found = await where(connection, *conditions, lock=lock)
    if not found:
        raise NotFound
    return found[0]


def is_one(showroom_id: ShowroomId, reservation_id: ReservationId) -> tuple[Where, Where]:
    """Return the condition that it is this one, of this showroom."""
    return reservations.c.id == reservation_id, reservations.c.showroom_id == showroom_id


def is_of(showroom_id: ShowroomId, order_ref: str) -> tuple[Where, Where]:
    """Return the condition that it is the one which led to this order of this showroom."""
    return reservations.c.showroom_id == showroom_id, reservations.c.order_ref == order_ref


async def due(connection: AsyncConnection, now: int, most: int) -> Sequence[Reservation]:
    """Return the reservations of all showrooms whose time is over, the oldest first."""
    query = (
        sa.select(*COLUMNS)
        .where(
            reservations.c.state == ReservationState.GIVEN.value,
            reservations.c.expires_at <= now,
        )
        .order_by(reservations.c.expires_at)
        .limit(most)
    )
    rows = (await connection.execute(query)).mappings()
    return [STORED.validate_python(dict(row)) for row in rows]


async def add(connection: AsyncConnection, reservation: Reservation) -> None:
    """Add a reservation."""
    await connection.execute(sa.insert(reservations).values(_row(reservation)))
    await count_ways(connection, reservation.showroom_id, [reservation.lead_id])


async def save(connection: AsyncConnection, reservation: Reservation) -> None:
    """Write a reservation that was read with `lock`."""
    row = _row(reservation)
    which = is_one(row.pop("showroom_id"), row.pop("id"))
    await connection.execute(sa.update(reservations).where(*which).values(row))
    await count_ways(connection, reservation.showroom_id, [reservation.lead_id])


async def code_is_taken(connection: AsyncConnection, showroom_id: ShowroomId, code: str) -> bool:
    """Say whether a showroom has given this code before."""
    query = sa.select(reservations.c.id).where(
        reservations.c.showroom_id == showroom_id, reservations.c.code == code
    )
    return await connection.scalar(query) is not None


async def holder(connection: AsyncConnection, showroom_id: ShowroomId, lead_id: LeadId) -> Holder:
    """Return whose lead this is by now; raises `NotFound` for one that is not this showroom's."""
    lead = await with_id(connection, showroom_id, lead_id)
    agreed = any(consent.purpose == CONTACT for consent in lead.details.consents)
    return Holder(lead.id, lead.name, lead.email, lead.language, lead.dealer, agreed)


def _row(reservation: Reservation) -> dict[str, Any]:
    row: dict[str, Any] = STORED.dump_python(reservation, mode="json")
    return row
