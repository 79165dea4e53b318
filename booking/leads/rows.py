"""The leads as rows: values in and out, inside transactions that others open.

Every question names the showroom: what is another one's is not found (threat 9). Whoever changes
anything has called `lock` before, and writes nothing else that others lock: so two who learn of the
same person at once take turns, and never wait for one another.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.leads.lead import Lead, LeadEvent
from showroom.database import insert
from showroom.errors import NotFound
from showroom.ids import LeadId, ShowroomId, StaffId
from showroom.lead_tables import (
    dealers,
    lead_events,
    lead_keys,
    lead_sheets,
    lead_sources,
    leads,
    reservations,
    store_events,
)
from showroom.tables import staff, staff_roles
from showroom.ways import count_ways

STORED = TypeAdapter(Lead)
COLUMNS = [leads.c[field.name] for field in fields(Lead)]
# One whose person was erased is counted, and nobody finds it.
KNOWN = leads.c.erased_at.is_(None)
# The kind of source that another lead is.
BECAME = "lead"
# What points to a lead, and goes with it when it becomes another one.
FOLLOWING = (lead_keys, lead_sources, lead_sheets, reservations, store_events)


@dataclass(frozen=True, slots=True)
class Source:
    """Where knowledge comes from: a call, appointment, follow_up or form; or another lead."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened to a lead. `by`: staff, `customer`, `store` or empty."""

    kind: str
    by: str = ""
    data: Mapping[str, object] | None = None


async def with_id(connection: AsyncConnection, showroom_id: ShowroomId, lead_id: LeadId) -> Lead:
    """Return a lead of this showroom, or the one that it has become; raises `NotFound`."""
    query = sa.select(*COLUMNS).where(
        leads.c.id == lead_id, leads.c.showroom_id == showroom_id, KNOWN
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is not None:
        return STORED.validate_python(dict(row))
    heir = await of_source(connection, showroom_id, Source(BECAME, lead_id))
    if heir is None:
        raise NotFound("There is no such lead here. Look for the person on the list.")
    return heir


async def with_keys(
    connection: AsyncConnection, showroom_id: ShowroomId, keys: Collection[str]
) -> list[Lead]:
    """Return the open leads that have one of these keys, the oldest first."""
    if not keys:
        return []
    having = sa.select(lead_keys.c.lead_id).where(
        lead_keys.c.showroom_id == showroom_id, lead_keys.c.key.in_(sorted(keys))
    )
    query = (
        sa.select(*COLUMNS)
        .where(leads.c.showroom_id == showroom_id, leads.c.id.in_(having))
        .order_by("created_at", "id")
    )
    rows = (await connection.execute(query)).mappings()
    return [STORED.validate_python(dict(row)) for row in rows]


async def of_source(
    connection: AsyncConnection, showroom_id: ShowroomId, source: Source
) -> Lead | None:
    """Return the lead that this source was counted for, or None."""
    query = (
        sa.select(*COLUMNS)
        .select_from(leads.join(lead_sources, lead_sources.c.lead_id == leads.c.id))
        .where(
            lead_sources.c.kind == source.kind,
            lead_sources.c.source_id == source.id,
            leads.c.showroom_id == showroom_id,
            KNOWN,
        )
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else STORED.validate_python(dict(row))


async def sources_of(connection: AsyncConnection, lead: Lead) -> dict[Source, int]:
    """Return where a lead comes from, each with when it was counted."""
    query = sa.select(lead_sources.c.kind, lead_sources.c.source_id, lead_sources.c.added_at).where(
        lead_sources.c.lead_id == lead.id, lead_sources.c.showroom_id == lead.showroom_id
    )
    return {Source(kind, which): at for kind, which, at in await connection.execute(query)}


async def add_source(connection: AsyncConnection, lead: Lead, source: Source, now: int) -> None:
    """Note where a lead comes from, once."""
    row = {"kind": source.kind, "source_id": source.id, "added_at": now}
    row |= {"showroom_id": lead.showroom_id, "lead_id": lead.id}
    await connection.execute(insert(connection, lead_sources).values(row).on_conflict_do_nothing())


async def add(connection: AsyncConnection, lead: Lead) -> None:
    """Add a lead."""
    await connection.execute(sa.insert(leads).values(_row(lead)))


async def save(connection: AsyncConnection, lead: Lead) -> None:
    """Write a lead that was read under the lock."""
    row = _row(lead)
    which = leads.c.id == row.pop("id"), leads.c.showroom_id == row.pop("showroom_id")
    await connection.execute(sa.update(leads).where(*which).values(row))


async def add_keys(connection: AsyncConnection, lead: Lead, keys: Iterable[str]) -> None:
    """Let a lead be found by these keys. The database refuses one that another lead has."""
    own = sa.select(lead_keys.c.key).where(
        lead_keys.c.showroom_id == lead.showroom_id, lead_keys.c.lead_id == lead.id
    )
    fresh = sorted(set(keys) - set(await connection.scalars(own)))
    rows = [{"showroom_id": lead.showroom_id, "key": key, "lead_id": lead.id} for key in fresh]
    if rows:
        await connection.execute(sa.insert(lead_keys), rows)


async def drop_keys(
    connection: AsyncConnection, lead: Lead, keys: Iterable[str] | None = None
) -> None:
    """Give keys of a lead back: these, or all."""
    which = [lead_keys.c.showroom_id == lead.showroom_id, lead_keys.c.lead_id == lead.id]
    if keys is not None:
        which.append(lead_keys.c.key.in_(sorted(keys)))
    await connection.execute(sa.delete(lead_keys).where(*which))


async def add_news(connection: AsyncConnection, lead: Lead, news: Iterable[News], now: int) -> None:
    """Write a lead's history on; that of its first version begins."""
    seq = await _next_seq(connection, lead.id) if lead.version > 1 else 1
    rows = [
        {
            "lead_id": lead.id,
            "seq": seq + n,
            "happened_at": now,
            "kind": one.kind,
            "by": one.by,
            "data": dict(one.data or {}),
        }
        for n, one in enumerate(news)
    ]
    if rows:
        await connection.execute(sa.insert(lead_events), rows)


async def history(connection: AsyncConnection, lead_id: LeadId) -> list[LeadEvent]:
    """Return what happened to a lead, first to last. Whoever asks has found the lead before."""
    query = (
        sa.select(lead_events)
        .where(lead_events.c.lead_id == lead_id)
        .order_by("happened_at", "seq")
    )
    rows = (await connection.execute(query)).all()
    return [LeadEvent(row.seq, row.happened_at, row.kind, row.by, row.data) for row in rows]


async def take_over(connection: AsyncConnection, kept: Lead, other: Lead, now: int) -> None:
    """Give all that points to the other lead to the one that is kept, and let the other go.

    Whoever asks for it by its id finds the one that is kept.
    """
    for table in FOLLOWING:
        await connection.execute(
            sa.update(table)
            .where(table.c.showroom_id == kept.showroom_id, table.c.lead_id == other.id)
            .values(lead_id=kept.id)
        )
    seq = await _next_seq(connection, kept.id)
    await connection.execute(
        sa.update(lead_events)
        .where(lead_events.c.lead_id == other.id)
        .values(lead_id=kept.id, seq=lead_events.c.seq + seq - 1)
    )
    await add_source(connection, kept, Source(BECAME, other.id), now)
    await connection.execute(
        sa.delete(leads).where(leads.c.id == other.id, leads.c.showroom_id == other.showroom_id)
    )
    await count_ways(connection, kept.showroom_id, [kept.id, other.id])


async def has_dealer(connection: AsyncConnection, showroom_id: ShowroomId, code: str) -> bool:
    """Say whether a dealer of this showroom takes leads."""
    query = sa.select(dealers.c.code).where(
        dealers.c.showroom_id == showroom_id,
        dealers.c.code == code,
        dealers.c.closed_at.is_(None),
    )
    return await connection.scalar(query) is not None


async def carers(connection: AsyncConnection, showroom_id: ShowroomId) -> set[StaffId]:
    """Return who can take care of this showroom's leads: who works there, and is no robot."""
    query = (
        sa.select(staff.c.id)
        .join(staff_roles, staff_roles.c.staff_id == staff.c.id)
        .where(
            staff.c.disabled_at.is_(None),
            staff.c.robot.is_(False),
            staff_roles.c.showroom_id == showroom_id,
        )
    )
    return {StaffId(one) for one in await connection.scalars(query)}


async def person(connection: AsyncConnection, staff_id: StaffId | None) -> StaffId | None:
    """Return a member of staff who can take care of a lead: no robot does."""
    query = sa.select(staff.c.id).where(staff.c.id == staff_id, staff.c.robot.is_(False))
    found = await connection.scalar(query) if staff_id else None
    return None if found is None else StaffId(found)


async def _next_seq(connection: AsyncConnection, lead_id: LeadId) -> int:
    query = sa.select(sa.func.max(lead_events.c.seq)).where(lead_events.c.lead_id == lead_id)
    return (await connection.scalar(query) or 0) + 1


def _row(lead: Lead) -> dict[str, Any]:
    row: dict[str, Any] = STORED.dump_python(lead, mode="json")
    return row
