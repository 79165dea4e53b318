"""The way from a visit to an order, as figures of a period: the store's events close the loop."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.database import Database
from showroom.ids import ShowroomId
from showroom.lead_tables import leads, store_events
from showroom.tables import appointments, calls


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many of each there were. `cancelled` orders count among `orders`, too.

    An order counts once, however often the store tells of it.
    """

    visits: int
    calls: int
    leads: int
    test_drives: int
    quotes: int
    orders: int
    cancelled: int


class Funnels:
    """The figures of all showrooms; a period goes from `from_ms` until before `until_ms`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, showroom_id: ShowroomId, from_ms: int, until_ms: int) -> Funnel:
        """Count booked visits, calls with a picture, new leads, and the store's events."""
        span = (from_ms, until_ms)
        async with self._database.read() as connection:
            told = await _told(connection, showroom_id, *span)
            return Funnel(
                visits=await _count(connection, showroom_id, appointments.c.booked_at, *span),
                calls=await _count(connection, showroom_id, calls.c.live_at, *span),
                leads=await _count(connection, showroom_id, leads.c.created_at, *span),
                test_drives=told.get("test_drive.done", 0),
                quotes=told.get("quote.created", 0),
                orders=told.get("order.created", 0),
                cancelled=told.get("order.cancelled", 0),
            )


async def _count(
    connection: AsyncConnection,
    showroom_id: ShowroomId,
    moment: sa.Column[int],
    from_ms: int,
    until_ms: int,
) -> int:
    query = sa.select(sa.func.count(moment)).where(
        moment.table.c.showroom_id == showroom_id, moment >= from_ms, moment < until_ms
    )
    return await connection.scalar(query) or 0


async def _told(
    connection: AsyncConnection, showroom_id: ShowroomId, from_ms: int, until_ms: int
) -> dict[str, int]:
    c = store_events.c
    what = sa.func.coalesce(c.data["order"].as_string(), c.data["quote"].as_string(), c.id)
    query = (
        sa.select(c.kind, sa.func.count(what.distinct()))
        .where(c.showroom_id == showroom_id, c.happened_at >= from_ms, c.happened_at < until_ms)
        .group_by(c.kind)
    )
    return {row[0]: row[1] for row in await connection.execute(query)}
