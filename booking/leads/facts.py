"""What is known of a lead besides itself: its calls and visits, read in others' transactions."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.leads import rows
from booking.leads.lead import Lead
from booking.leads.rows import Source
from booking.leads.scoring import Facts
from showroom.calls import COLUMNS as CALL_COLUMNS
from showroom.calls import STORED as STORED_CALL
from showroom.calls import CallRecord
from showroom.ids import CallId, LeadId, ShowroomId
from showroom.lead_tables import lead_sources
from showroom.tables import appointments, calls
from showroom.words import AppointmentState, CallState

# A call whose end nobody has told for so long is over, whatever became of it.
LONGEST_CALL_MS = 24 * 3_600_000
# Visits that are to come, or took place.
KEPT_VISITS = frozenset(AppointmentState) - {
    AppointmentState.HELD,
    AppointmentState.LAPSED,
    AppointmentState.CANCELLED,
    AppointmentState.NO_SHOW,
}


async def facts_of(
    connection: AsyncConnection, lead: Lead, now: int, source: Source | None = None
) -> Facts:
    """Return what the score goes by besides the lead itself; `source` is about to become its own.

    A lead that was not written yet has no others. Each kind is looked for where there is one.
    """
    sources = await rows.sources_of(connection, lead) if lead.version else {}
    if source:
        sources.setdefault(source, now)
    begun = {one.id: at for one, at in sources.items() if one.kind == "call"}
    booked = [one.id for one in sources if one.kind == "appointment"]
    closed = await _closed(connection, lead.showroom_id, begun) if begun else []
    over = {str(call.id) for call in closed}
    return Facts(
        calls=closed,
        visit=bool(booked) and await _kept_visit(connection, lead.showroom_id, booked),
        in_call=any(at > now - LONGEST_CALL_MS for call, at in begun.items() if call not in over),
    )


async def calls_of(connection: AsyncConnection, lead: Lead) -> list[CallRecord]:
    """Return a lead's calls that are closed, first to last."""
    return (await calls_of_each(connection, lead.showroom_id, [lead.id]))[lead.id]


async def calls_of_each(
    connection: AsyncConnection, showroom_id: ShowroomId, ids: Collection[LeadId]
) -> dict[LeadId, list[CallRecord]]:
    """Return the same of several leads of a showroom, with one question."""
    query = (
        sa.select(lead_sources.c.lead_id, *CALL_COLUMNS)
        .join(calls, calls.c.id == lead_sources.c.source_id)
        .where(
            lead_sources.c.showroom_id == showroom_id,
            lead_sources.c.lead_id.in_(ids),
            lead_sources.c.kind == "call",
            calls.c.showroom_id == showroom_id,
            calls.c.state == CallState.CLOSED.value,
        )
        .order_by(calls.c.created_at, calls.c.id)
    )
    found: dict[LeadId, list[CallRecord]] = {lead_id: [] for lead_id in ids}
    for row in (await connection.execute(query)).mappings():
        record = dict(row)
        found[record.pop("lead_id")].append(STORED_CALL.validate_python(record))
    return found


async def last_order(connection: AsyncConnection, lead_id: LeadId, order: str) -> bool:
    """Say whether it is the only order of the store for a lead that stands, by its history."""
    told = await rows.history(connection, lead_id)
    made, cancelled = (
        {event.data.get("order") for event in told if event.kind == kind}
        for kind in ("order.created", "order.cancelled")
    )
    return made - cancelled == {order}


async def closed_call(
    connection: AsyncConnection, showroom_id: ShowroomId, call_id: CallId
) -> CallRecord | None:
    """Return a call of this showroom if it is closed."""
    return next(iter(await _closed(connection, showroom_id, [call_id])), None)


async def _closed(
    connection: AsyncConnection, showroom_id: ShowroomId, ids: Iterable[str]
) -> list[CallRecord]:
    query = (
        sa.select(*CALL_COLUMNS)
        .where(
            calls.c.showroom_id == showroom_id,
            calls.c.id.in_(list(ids)),
            calls.c.state == CallState.CLOSED.value,
        )
        .order_by(calls.c.created_at, calls.c.id)
    )
    found = (await connection.execute(query)).mappings()
    return [STORED_CALL.validate_python(dict(row)) for row in found]


async def _kept_visit(
    connection: AsyncConnection, showroom_id: ShowroomId, ids: Collection[str]
) -> bool:
    """Say whether the last of these visits is to come, or took place."""
    query = (
        sa.select(appointments.c.state)
        .where(appointments.c.showroom_id == showroom_id, appointments.c.id.in_(ids))
        .order_by(appointments.c.starts_at.desc())
        .limit(1)
    )
    last = await connection.scalar(query)
    return last is not None and AppointmentState(last) in KEPT_VISITS
