"""Rows are emptied of what is personal, and go on counting: figures stay true to the call.

All of it runs in the caller's transaction, and twice is no harm. Callers take the locks in the
order of everybody else: visits, calls, then the leads' lock, last the figures'.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.reservations.life import ReservationState, new_code
from booking.visits import VisitEnd
from showroom.calls import COLUMNS as CALL_COLUMNS
from showroom.calls import STORED as STORED_CALL
from showroom.ids import ShowroomId, new_id
from showroom.lead_tables import (
    lead_events,
    lead_keys,
    lead_sheets,
    lead_sources,
    leads,
    reservations,
    store_events,
)
from showroom.leads_lock import lock
from showroom.rollups import Rollups
from showroom.tables import appointments, call_events, call_marks, calls, follow_ups
from showroom.ways import count_ways, count_ways_of
from showroom.words import AppointmentState

Ids = Collection[str]
# By which the store's events are counted: each gets another name, the same for the same.
COUNTED = ("order", "quote")


def _these(table: sa.Table, showroom_id: ShowroomId, ids: Ids) -> tuple[Any, ...]:
    return table.c.showroom_id == showroom_id, table.c.id.in_(sorted(ids))


async def empty_calls(
    connection: AsyncConnection, rollups: Rollups, showroom_id: ShowroomId, ids: Ids, now: int
) -> None:
    """Take out of calls what was said and written; what is counted stays.

    The name of a campaign stays while others came by it, too: one that nobody else came by may be
    anybody's name.
    """
    await lock(connection, showroom_id)
    mine = _these(calls, showroom_id, ids)
    before = (await connection.execute(sa.select(*CALL_COLUMNS).where(*mine))).mappings().all()
    empty = {"outcome_reason": "", "notes": "", "comment": "", "origin": sa.null()}
    await connection.execute(sa.update(calls).where(*mine).values(**empty, emptied_at=now))
    here = sa.select(calls.c.id).where(*mine)
    await connection.execute(
        sa.update(call_events).where(call_events.c.call_id.in_(here)).values(data={})
    )
    theirs = call_marks.c.showroom_id == showroom_id, call_marks.c.call_id.in_(sorted(ids))
    await connection.execute(sa.delete(call_marks).where(*theirs))
    lonely = {row["campaign"] for row in before if row["campaign"]}
    lonely -= await _shared_campaigns(connection, showroom_id, lonely, ids)
    for row in before:
        if row["campaign"] in lonely:
            was = STORED_CALL.validate_python(dict(row))
            its = calls.c.id == was.id, calls.c.showroom_id == showroom_id
            await connection.execute(sa.update(calls).where(*its).values(campaign=None))
            await count_ways_of(connection, showroom_id, "call", [was.id])
            await rollups.call_kept(connection, was, replace(was, campaign=None))


async def _shared_campaigns(
    connection: AsyncConnection, showroom_id: ShowroomId, names: Ids, but: Ids
) -> set[str]:
    query = (
        sa.select(calls.c.campaign)
        .distinct()
        .where(
            calls.c.showroom_id == showroom_id,
            calls.c.campaign.in_(sorted(names)),
            calls.c.id.not_in(sorted(but)),
        )
    )
    return set(await connection.scalars(query))


async def empty_visits(
    connection: AsyncConnection, showroom_id: ShowroomId, ids: Ids, now: int
) -> None:
    """Take out of visits who came. One that is to come is cancelled: its time is free again."""
    mine = _these(appointments, showroom_id, ids)
    cancelled = {"state": AppointmentState.CANCELLED.value, "end_reason": VisitEnd.CANCELLED.value}
    to_come = appointments.c.state.in_([AppointmentState.HELD.value, AppointmentState.BOOKED.value])
    await connection.execute(
        sa.update(appointments)
        .where(*mine, to_come)
        .values(**cancelled, ended_at=now, due_at=None, sequence=appointments.c.sequence + 1)
    )
    empty: dict[str, Any] = {"name": "", "email": None, "phone": None, "wish": ""}
    empty |= {"consents": [], "campaign": {}}
    for which in sorted(ids):
        # Whoever has the old address of its page finds nothing there.
        values = {**empty, "token": new_id()}
        await connection.execute(
            sa.update(appointments)
            .where(*_these(appointments, showroom_id, [which]))
            .values(values)
        )
    await count_ways_of(connection, showroom_id, "appointment", ids)


async def empty_call_backs(
    connection: AsyncConnection, showroom_id: ShowroomId, ids: Ids, now: int
) -> None:
    """Take out of follow-ups whom to call; one that is open is over."""
    values = {"name": "", "phone": None, "consent_text_version": None}
    over = sa.func.coalesce(follow_ups.c.finished_at, now)
    await connection.execute(
        sa.update(follow_ups)
        .where(*_these(follow_ups, showroom_id, ids))
        .values(**values, finished_at=over)
    )


async def empty_leads(
    connection: AsyncConnection, showroom_id: ShowroomId, ids: Ids, now: int
) -> None:
    """Take out of leads who it is, with all that hangs on them; the caller has the leads' lock.

    What they wanted and by which campaign they came is counted on.
    """
    mine = _these(leads, showroom_id, ids)
    rows = (await connection.execute(sa.select(leads.c.id, leads.c.details).where(*mine))).all()
    for row in rows:
        values = {
            "name": "",
            "email": None,
            "phone": None,
            "postcode": None,
            "details": await _left_of(connection, showroom_id, row.details, ids),
            "owner_id": None,
            "due_at": None,
            "erased_at": sa.func.coalesce(leads.c.erased_at, now),
            "version": leads.c.version + 1,
        }
        its = _these(leads, showroom_id, [row.id])
        await connection.execute(sa.update(leads).where(*its).values(values))
    here = [row.id for row in rows]
    for table, which in (
        (lead_keys, lead_keys.c.lead_id.in_(here)),
        (lead_sheets, lead_sheets.c.lead_id.in_(here)),
        # The digest of what somebody wrote in a form tells it to whoever guesses it.
        (lead_sources, lead_sources.c.lead_id.in_(here) & (lead_sources.c.kind == "form")),
    ):
        await connection.execute(sa.delete(table).where(table.c.showroom_id == showroom_id, which))
    await connection.execute(
        sa.update(lead_events).where(lead_events.c.lead_id.in_(here)).values(data={})
    )
    names: dict[str, str] = {}
    await _empty_store_events(connection, showroom_id, here, names)
    await _empty_reservations(connection, showroom_id, here, now, names)
    await count_ways(connection, showroom_id, here)


async def empty_sheets(connection: AsyncConnection, showroom_id: ShowroomId, of_calls: Ids) -> None:
    """Delete what advisors typed during calls."""
    await connection.execute(
        sa.delete(lead_sheets).where(
            lead_sheets.c.showroom_id == showroom_id, lead_sheets.c.call_id.in_(sorted(of_calls))
        )
    )


async def _left_of(
    connection: AsyncConnection, showroom_id: ShowroomId, details: Any, but: Ids
) -> dict[str, Any]:
    """Return what stays of a lead's details: wishes, cars of the range, campaigns of several."""
    left: dict[str, Any] = {
        "wishes": details.get("wishes") or [],
        "vehicles": [
            {"slug": car["slug"]} for car in details.get("vehicles") or [] if car.get("slug")
        ],
    }
    for name in ("first_touch", "last_touch"):
        touch = details.get(name)
        if touch and await _others_came_so(connection, showroom_id, name, touch, but):
            left[name] = touch
    return left


async def _others_came_so(
    connection: AsyncConnection, showroom_id: ShowroomId, name: str, touch: Any, but: Ids
) -> bool:
    same = [
        leads.c.details[(name, part)].as_string() == touch.get(part, "")
        for part in ("source", "medium", "name")
    ]
    query = sa.select(leads.c.id).where(
        leads.c.showroom_id == showroom_id, leads.c.id.not_in(sorted(but)), *same
    )
    return await connection.scalar(query.limit(1)) is not None


async def _empty_store_events(
    connection: AsyncConnection, showroom_id: ShowroomId, of_leads: Ids, names: dict[str, str]
) -> None:
    """Leave of the store's events that they happened; orders are told apart by names of ours."""
    c = store_events.c
    mine = c.showroom_id == showroom_id, c.lead_id.in_(of_leads)
    for row in (await connection.execute(sa.select(c.id, c.data).where(*mine))).all():
        left = {
            what: names.setdefault(row.data[what], new_id())
            for what in COUNTED
            if isinstance(row.data.get(what), str)
        }
        its = c.showroom_id == showroom_id, c.id == row.id
        await connection.execute(
            sa.update(store_events).where(*its).values(data=left, call_id=None)
        )


async def _empty_reservations(
    connection: AsyncConnection,
    showroom_id: ShowroomId,
    of_leads: Ids,
    now: int,
    names: dict[str, str],
) -> None:
    """Leave of reservations that they were; what opened them opens nothing any more."""
    c = reservations.c
    mine = c.showroom_id == showroom_id, c.lead_id.in_(of_leads)
    for row in (await connection.execute(sa.select(c.id, c.state, c.order_ref).where(*mine))).all():
        values: dict[str, Any] = {
            "token": new_id(),
            "dealer_token": new_id(),
            "code": new_code(),
            "order_ref": names.setdefault(row.order_ref, new_id()) if row.order_ref else None,
        }
        if row.state == ReservationState.GIVEN.value:
            values |= {"state": ReservationState.CANCELLED.value, "ended_at": now}
        its = c.showroom_id == showroom_id, c.id == row.id
        await connection.execute(sa.update(reservations).where(*its).values(values))
