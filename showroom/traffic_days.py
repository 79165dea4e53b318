"""Whole days of the past of traffic, beside those of calls: `showroom.past_days` keeps both."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.clock import DAY_MS
from showroom.ids import ShowroomId
from showroom.traffic_tables import COUNTS, day_traffic, traffic

NAMED = ("campaign", "language", "device", "page")


async def make_traffic(
    connection: AsyncConnection, showroom_id: ShowroomId, days: Sequence[tuple[int, int]]
) -> None:
    """Keep what came on these days, which are not there, in the caller's transaction."""
    named = [traffic.c[name] for name in NAMED]
    sums = [sa.func.sum(traffic.c[name]) for name in COUNTS]
    for begin, end in days:
        day = [sa.literal(at, sa.BigInteger) for at in (begin, end)]
        at = traffic.c.quarter_at
        told = (
            sa.select(traffic.c.showroom_id, *day, *named, *sums)
            .where(traffic.c.showroom_id == showroom_id, at >= begin, at < end)
            .group_by(traffic.c.showroom_id, *named)
        )
        columns = ["showroom_id", "from_at", "until_at", *NAMED, *COUNTS]
        await connection.execute(sa.insert(day_traffic).from_select(columns, told))


async def forget_traffic(
    connection: AsyncConnection, showroom_id: ShowroomId, since_ms: int, until_ms: int
) -> None:
    """Remove the days that have a moment in [since, until)."""
    c = day_traffic.c
    begun = c.from_at.between(since_ms - 3 * DAY_MS, until_ms - 1)  # as `forget_days` has it
    mine = c.showroom_id == showroom_id, begun, c.until_at > since_ms
    await connection.execute(sa.delete(day_traffic).where(*mine))
