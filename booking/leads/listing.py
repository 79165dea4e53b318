"""The follow-up list: which leads are asked for, in which order, a page at a time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.leads.lead import Lead, LeadState
from booking.leads.moves import OPEN
from booking.leads.rows import COLUMNS, KNOWN, STORED
from showroom.errors import BadRequest
from showroom.ids import ShowroomId, StaffId
from showroom.lead_tables import leads

# Beyond any moment: closed leads come after all open ones, the newest first.
FAR = 2**52
# By when a lead is due, and those that are closed by when they changed last.
PLACE = sa.func.coalesce(leads.c.due_at, FAR - leads.c.updated_at)
CURSOR = re.compile(r"([0-9]{1,16})\.([A-Za-z0-9_-]{1,64})")


class Due(StrEnum):
    """Which due dates are asked for."""

    OVERDUE = "overdue"
    TODAY = "today"  # overdue ones, too


@dataclass(frozen=True, slots=True)
class Asked:
    """Which leads are asked for. No state means any; `until_ms`: due before that moment.

    With an owner and `unowned` it is both: theirs, and those that nobody takes care of.
    """

    states: frozenset[LeadState] = OPEN
    owner: StaffId | None = None
    unowned: bool = False
    until_ms: int | None = None
    qualified: bool | None = None


ANY = Asked(states=frozenset())


@dataclass(frozen=True, slots=True)
class Page:
    """Some leads, and the cursor of the next page; None on the last one."""

    leads: Sequence[Lead]
    next: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many leads there are in each state, and how many are overdue."""

    by_state: dict[LeadState, int]
    overdue: int


async def page(
    connection: AsyncConnection,
    showroom_id: ShowroomId,
    asked: Asked,
    limit: int,
    cursor: str | None = None,
) -> Page:
    """Return up to `limit` leads, those due first first.

    Raises `BadRequest` for a made-up cursor.
    """
    conditions = _conditions(showroom_id, asked)
    return await _by(connection, PLACE, conditions, limit, cursor)


async def number(connection: AsyncConnection, showroom_id: ShowroomId, asked: Asked) -> int:
    """Return how many leads are asked for, on all pages together."""
    query = sa.select(sa.func.count()).where(*_conditions(showroom_id, asked))
    return await connection.scalar(query) or 0


async def changed(
    connection: AsyncConnection,
    showroom_id: ShowroomId,
    since_ms: int,
    limit: int,
    cursor: str | None = None,
    asked: Asked = ANY,
) -> Page:
    """Return up to `limit` of the leads that are asked for and changed since then, the oldest
    change first.

    Raises `BadRequest` for a made-up cursor.
    """
    conditions = [*_conditions(showroom_id, asked), leads.c.updated_at >= since_ms]
    return await _by(connection, leads.c.updated_at, conditions, limit, cursor)


async def _by(
    connection: AsyncConnection,
    place: sa.ColumnElement[int],
    conditions: Sequence[sa.ColumnElement[bool]],
    limit: int,
    cursor: str | None,
) -> Page:
    query = sa.select(*COLUMNS, place.label("place")).where(*conditions)
    if cursor is not None:
        found = CURSOR.fullmatch(cursor)
        if found is None:
            raise BadRequest("This page of the list can't be found. Start from the first.")
        query = query.where(sa.tuple_(place, leads.c.id) > (int(found[1]), found[2]))
    query = query.order_by(place, leads.c.id).limit(limit + 1)
    rows = (await connection.execute(query)).mappings().all()
    shown = rows[:limit]
    more = f"{shown[-1]['place']}.{shown[-1]['id']}" if len(rows) > limit else None
    names = [column.name for column in COLUMNS]
    return Page(
        [STORED.validate_python({name: row[name] for name in names}) for row in shown], more
    )


async def counts(
    connection: AsyncConnection, showroom_id: ShowroomId, asked: Asked, now: int
) -> Counts:
    """Return the numbers beside the list: of all leads with the owner that is asked for."""
    theirs = Asked(states=frozenset(), owner=asked.owner, unowned=asked.unowned)
    conditions = _conditions(showroom_id, theirs)
    by_state = sa.select(leads.c.state, sa.func.count()).where(*conditions).group_by(leads.c.state)
    found = {LeadState(state): n for state, n in await connection.execute(by_state)}
    overdue = replace(theirs, states=OPEN, until_ms=now)
    return Counts(
        {state: found.get(state, 0) for state in LeadState},
        await number(connection, showroom_id, overdue),
    )


def _conditions(showroom_id: ShowroomId, asked: Asked) -> list[sa.ColumnElement[bool]]:
    conditions = [leads.c.showroom_id == showroom_id, KNOWN]
    if asked.states:
        conditions.append(leads.c.state.in_(sorted(state.value for state in asked.states)))
    owners: list[sa.ColumnElement[bool]] = []
    if asked.unowned:
        owners.append(leads.c.owner_id.is_(None))
    if asked.owner is not None:
        owners.append(leads.c.owner_id == asked.owner)
    if owners:
        conditions.append(sa.or_(*owners))
    if asked.until_ms is not None:
        conditions.append(leads.c.due_at <= asked.until_ms)
    if asked.qualified is not None:
        qualified = leads.c.qualified_at
        conditions.append(qualified.is_not(None) if asked.qualified else qualified.is_(None))
    return conditions
