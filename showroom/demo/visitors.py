"""Who came before they called, and who never called: the traffic to calls that never were.

The same calls have the same traffic. Nobody comes without a call of their kind in that quarter of
an hour: enough for a page to have the rhythm of the week, and the wave after a spot.
"""

from random import Random
from typing import Any

import sqlalchemy as sa

from showroom.database import Database
from showroom.days import STEP_MS
from showroom.figures_lock import lock
from showroom.ids import ShowroomId
from showroom.past_days import forget_days
from showroom.tables import calls
from showroom.traffic_tables import KEYS, traffic
from showroom.words import PageKind

BATCH = 5_000
# So many come for each call, and half as many again have been there before on that day.
FOR_A_CALL = (6, 16)
AGAIN = 1.5
# Of those who open the showroom's page, so many come by the button of the store's pages.
BY_WIDGET = 0.3
# How many open another page besides.
ALSO = {PageKind.BOOK: 0.18, PageKind.CHECK: 0.02}


async def write_traffic(database: Database, showroom_id: ShowroomId, seed: int = 1) -> int:
    """Keep the traffic to all calls of a showroom, unless it has some; return how many came."""
    chance, came = Random(seed), 0  # noqa: S311 - nothing is kept secret by it
    begin = (calls.c.created_at - calls.c.created_at % STEP_MS).label("begin")
    by = begin, calls.c.campaign, calls.c.language, calls.c.device
    query = (
        sa.select(*by, sa.func.count().label("calls"))
        .where(calls.c.showroom_id == showroom_id)
        .group_by(sa.text("begin"), *by[1:])
        .order_by(sa.text("begin"), *by[1:])
    )
    async with database.read() as connection:
        mine = sa.select(traffic.c.views).where(traffic.c.showroom_id == showroom_id).limit(1)
        if await connection.scalar(mine):
            return 0
        groups = (await connection.execute(query)).all()
    rows: list[dict[str, Any]] = []
    for at, campaign, language, device, number in groups:
        visitors = sum(chance.randint(*FOR_A_CALL) for _ in range(number))
        views = round(visitors * AGAIN)
        came += visitors
        start = showroom_id, at, campaign or "", language, device
        opens = sum(chance.random() < BY_WIDGET for _ in range(visitors))
        rows.append(_row(start, PageKind.SHOWROOM, views, opens, visitors))
        for page, share in ALSO.items():
            if more := sum(chance.random() < share for _ in range(visitors)):
                rows.append(_row(start, page, more, 0, 0))
    for n in range(0, len(rows), BATCH):
        async with database.write() as connection:
            await connection.execute(sa.insert(traffic), rows[n : n + BATCH])
    if groups:
        async with database.write() as connection:
            await lock(connection, showroom_id)
            await forget_days(connection, showroom_id, groups[0].begin, groups[-1].begin + STEP_MS)
    return came


def _row(
    start: tuple[Any, ...], page: PageKind, views: int, opens: int, visitors: int
) -> dict[str, Any]:
    counts = {"views": views, "widget_opens": opens, "visitors": visitors}
    return {**dict(zip(KEYS, (*start, page.value), strict=True)), **counts}
