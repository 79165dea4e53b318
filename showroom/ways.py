"""The way of each lead, in one row: by which request it is known first, and what came of it.

Figures of a year read tens of thousands of them, so they are put together when something changes
and not when somebody asks. They are made of leads, calls, visits and reservations, and of nothing
else: in the same transaction, under the leads' lock, and at any time all of them anew.
"""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.database import Database
from showroom.figure_tables import lead_ways
from showroom.ids import ShowroomId
from showroom.lead_tables import lead_sources, leads, reservations
from showroom.leads_lock import lock
from showroom.tables import appointments, calls

# A lead begins with one of these, as far as a way is known at all.
ASKED = ("call", "appointment")
# What somebody wished for is text in a lead's details; these are told.
WISHES = {"test_drives": "test-drive", "brochures": "brochure", "offers": "offer"}
LONGEST_CAMPAIGN = 100
# So many are made anew at once: other writers wait meanwhile.
BATCH = 2000


async def count_ways(
    connection: AsyncConnection, showroom_id: ShowroomId, of_leads: Collection[str]
) -> None:
    """Make the rows of some leads anew; a lead that is gone, or that nobody asked for, has none."""
    if not of_leads:
        return
    await lock(connection, showroom_id)
    which = {"its_showroom": showroom_id, "its_leads": sorted(of_leads)}
    await connection.execute(_FORGET, which)
    await connection.execute(_MAKE, which)


async def count_ways_of(
    connection: AsyncConnection, showroom_id: ShowroomId, kind: str, of_requests: Collection[str]
) -> None:
    """Make the rows anew of the leads that some requests led to: `call`s or `appointment`s."""
    c = lead_sources.c
    mine = c.showroom_id == showroom_id, c.kind == kind, c.source_id.in_(sorted(of_requests))
    found = await connection.scalars(sa.select(c.lead_id).distinct().where(*mine))
    await count_ways(connection, showroom_id, found.all())


class Ways:
    """All rows of a showroom."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rebuild(self, showroom_id: ShowroomId) -> int:
        """Make all of them anew, while leads may change; return how many leads were looked at."""
        await self._database.learn(leads, lead_sources, reservations, calls, appointments)
        looked, last = 0, ""
        mine = leads.c.showroom_id == showroom_id
        while True:
            query = sa.select(leads.c.id).where(mine, leads.c.id > last).order_by(leads.c.id)
            async with self._database.write() as connection:
                ids = (await connection.scalars(query.limit(BATCH))).all()
                # With those of leads that are gone, up to the last one of these.
                begun = lead_ways.c.showroom_id == showroom_id, lead_ways.c.lead_id > last
                ended = [lead_ways.c.lead_id <= ids[-1]] if ids else []
                await lock(connection, showroom_id)
                await connection.execute(sa.delete(lead_ways).where(*begun, *ended))
                if ids:
                    which = {"its_showroom": showroom_id, "its_leads": ids}
                    await connection.execute(_MAKE, which)
            if not ids:
                await self._database.learn(lead_ways)
                return looked
            looked, last = looked + len(ids), ids[-1]


def _text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.func.coalesce(column, sa.literal_column("''"))


def _campaign(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """Return a campaign's name out of JSON, as long as a key may be."""
    return sa.func.substr(column.as_string(), 1, LONGEST_CAMPAIGN)


def _begins(source: sa.FromClause) -> sa.ColumnElement[bool]:
    # Not the bare column: a PostgreSQL that knows nothing of its tables yet, as after much was
    # written at once, takes the index by kind, and for each lead reads all there is of both.
    return (source.c.kind + sa.literal_column("''")).in_(ASKED)


def _flag(what: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.case((what, 1), else_=0)


def _after(moment: sa.ColumnElement[Any], start: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.case((moment > start, moment - start), else_=0)


def _ways() -> sa.Select[*tuple[Any, ...]]:
    """Return the rows of all leads, each by the first request that it is known by."""
    source, earlier = lead_sources, lead_sources.alias("earlier")
    # The first of a lead's few: looked up lead by lead, that is quicker than all in their order.
    is_first = ~(
        sa.exists().where(
            earlier.c.lead_id == leads.c.id,
            _begins(earlier),
            sa.tuple_(earlier.c.added_at, earlier.c.kind, earlier.c.source_id)
            < sa.tuple_(source.c.added_at, source.c.kind, source.c.source_id),
        )
    )

    def held(what: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
        mine = reservations.c.lead_id == leads.c.id
        return sa.select(what).where(mine).correlate(leads).scalar_subquery()

    call, visit, r = calls.c, appointments.c, reservations.c
    asked_at = sa.func.coalesce(call.created_at, visit.booked_at)
    touch = _campaign(leads.c.details[("first_touch", "name")])
    last = sa.func.coalesce(call.campaign, _campaign(visit.campaign["name"]))
    wishes = leads.c.details["wishes"].as_string()
    kept_at = held(sa.func.min(r.created_at))
    order_at = sa.case((leads.c.state == "won", leads.c.closed_at))
    columns = {
        "showroom_id": leads.c.showroom_id,
        "asked_at": asked_at,
        "lead_id": leads.c.id,
        "advisor_id": _text(sa.func.coalesce(call.advisor_id, visit.advisor_id)),
        "campaign": _text(last),
        "first_campaign": _text(sa.func.coalesce(touch, last)),
        "vehicle": _text(sa.func.coalesce(call.vehicle, visit.vehicle)),
        "language": sa.func.coalesce(call.language, visit.language),
        "device": sa.func.coalesce(call.device, sa.literal_column("'unknown'")),
        "channel": sa.func.coalesce(call.channel, sa.literal_column("'visit'")),
        "dealer": _text(leads.c.dealer),
        "qualified": _flag(leads.c.qualified_at.is_not(None)),
        **{name: _flag(wishes.like(f'%"{wish}"%')) for name, wish in WISHES.items()},
        "reserved": _flag(kept_at.is_not(None)),
        "orders": _flag(order_at.is_not(None)),
        "lead_ms": _after(leads.c.created_at, asked_at),
        "qualified_ms": _after(leads.c.qualified_at, leads.c.created_at),
        "reserved_ms": _after(kept_at, leads.c.created_at),
        "order_ms": _after(order_at, leads.c.created_at),
        "given": held(sa.func.count()),
        "redeemed": held(sa.func.count(r.redeemed_at)),
    }
    return (
        sa.select(*(column.label(name) for name, column in columns.items()))
        .select_from(
            leads.join(source, source.c.lead_id == leads.c.id)
            .outerjoin(calls, (call.id == source.c.source_id) & (source.c.kind == "call"))
            .outerjoin(
                appointments, (visit.id == source.c.source_id) & (source.c.kind == "appointment")
            )
        )
        # A call that is not closed yet is not kept: its lead has a way from then on.
        .where(_begins(source), is_first, asked_at.is_not(None))
    )


def _its(table: sa.Table, lead_id: sa.ColumnElement[str]) -> tuple[sa.ColumnElement[bool], ...]:
    ids: sa.BindParameter[Any] = sa.bindparam("its_leads", expanding=True)
    return table.c.showroom_id == sa.bindparam("its_showroom"), lead_id.in_(ids)


# Made once: this is done with every change of a lead.
_FORGET = sa.delete(lead_ways).where(*_its(lead_ways, lead_ways.c.lead_id))
_MADE = _ways().where(*_its(leads, leads.c.id))
_MAKE = sa.insert(lead_ways).from_select([one.name for one in _MADE.selected_columns], _MADE)
