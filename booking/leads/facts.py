"""What is known of a lead besides itself: its calls and visits, read in others' transactions."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.leads.lead import Lead
from booking.leads.scoring import Facts
from showroom.calls import COLUMNS as CALL_COLUMNS
from showroom.calls import STORED as STORED_CALL
from showroom.calls import CallRecord
from showroom.ids import CallId, ShowroomId
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


async def facts_of(connection: AsyncConnection, lead: Lead, now: int) -> Facts:
    """Return what the score goes by besides the lead itself."""
    mine = lead_sources.c.lead_id == lead.id, lead_sources.c.showroom_id == lead.showroom_id
    closed = await calls_of(connection, lead)
    begun = sa.select(lead_sources.c.source_id).where(
        *mine, lead_sources.c.kind == "call", lead_sources.c.added_at > now - LONGEST_CALL_MS
    )
    over = {str(call.id) for call in closed}
    visits = (
        sa.select(appointments.c.state)
        .join(lead_sources, lead_sources.c.source_id == appointments.c.id)
        .where(
            *mine,
            lead_sources.c.kind == "appointment",
            appointments.c.showroom_id == lead.showroom_id,
        )
        .order_by(appointments.c.starts_at.desc())
        .limit(1)
    )
    last_visit = await connection.scalar(visits)
    return Facts(
        calls=closed,
        visit=last_visit is not None and AppointmentState(last_visit) in KEPT_VISITS,
        in_call=any(call not in over for call in await connection.scalars(begun)),
    )


async def calls_of(connection: AsyncConnection, lead: Lead) -> list[CallRecord]:
    """Return a lead's calls that are closed, first to last."""
    query = (
        sa.select(*CALL_COLUMNS)
        .join(lead_sources, lead_sources.c.source_id == calls.c.id)
        .where(
            lead_sources.c.lead_id == lead.id,
            lead_sources.c.kind == "call",
            calls.c.showroom_id == lead.showroom_id,
            calls.c.state == CallState.CLOSED.value,
        )
        .order_by(calls.c.created_at, calls.c.id)
    )
    rows = (await connection.execute(query)).mappings()
    return [STORED_CALL.validate_python(dict(row)) for row in rows]


async def closed_call(
    connection: AsyncConnection, showroom_id: ShowroomId, call_id: CallId
) -> CallRecord | None:
    """Return a call of this showroom if it is closed."""
    query = sa.select(*CALL_COLUMNS).where(
        calls.c.id == call_id,
        calls.c.showroom_id == showroom_id,
        calls.c.state == CallState.CLOSED.value,
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else STORED_CALL.validate_python(dict(row))
