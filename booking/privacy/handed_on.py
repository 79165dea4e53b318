"""What others were told of somebody who is erased: the leads, what waits in the outbox, its log."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.handoff.topics import Topic
from booking.privacy.person import Found
from showroom.ids import ShowroomId
from showroom.lead_tables import delivery_attempts, idempotent_requests, leads
from showroom.tables import outbox


async def told_leads(
    connection: AsyncConnection, showroom_id: ShowroomId, found: Found
) -> list[dict[str, Any]]:
    """Return the leads of which others were told: these hear that they are gone."""
    c = leads.c
    query = sa.select(c.id, c.details).where(
        c.showroom_id == showroom_id, c.id.in_(found.leads), c.qualified_at.is_not(None)
    )
    return [
        {"id": row.id, "merged": list(row.details.get("merged") or [])}
        for row in await connection.execute(query)
    ]


async def claimed_until(
    connection: AsyncConnection, showroom_id: ShowroomId, found: Found, more: Collection[str]
) -> int:
    """Return until when a courier may have something of theirs in hand (UTC ms); 0: none has.

    From here on no other courier takes anything of theirs. `more` are leads that theirs took in.
    """
    c = outbox.c
    theirs = c.subject_id.in_(sorted({*found.subjects, *more}))
    query = sa.select(c.claimed_until).where(
        c.showroom_id == showroom_id, theirs, c.finished_at.is_(None)
    )
    claims = await connection.scalars(query.with_for_update())
    return max((one for one in claims if one is not None), default=0)


async def forget_deliveries(
    connection: AsyncConnection,
    showroom_id: ShowroomId,
    found: Found,
    more: Collection[str],
    email: str | None,
) -> None:
    """Delete what went out or would still go, its log, and the answers to programs.

    Not the news that somebody is gone: they name an id and nobody.
    """
    c = outbox.c
    subjects = sorted({*found.subjects, *more})
    stale = sa.select(c.id).where(
        c.showroom_id == showroom_id,
        c.subject_id.in_(subjects),
        c.topic != Topic.LEAD_ERASED.value,
    )
    ids = sorted({*(await connection.scalars(stale)), *found.deliveries})
    news = sa.select(c.id).where(c.id.in_(ids), c.topic == Topic.LEAD_ERASED.value)
    gone = sorted(set(ids) - set(await connection.scalars(news)))
    for table, column in (
        (delivery_attempts, delivery_attempts.c.delivery_id),
        (outbox, outbox.c.id),
    ):
        mine = table.c.showroom_id == showroom_id, column.in_(gone)
        await connection.execute(sa.delete(table).where(*mine))
    kept = idempotent_requests.c
    texts = [*subjects, *([email] if email else [])]
    said = kept.body + sa.cast(kept.headers, sa.String)
    either = sa.or_(sa.false(), *(said.contains(text, autoescape=True) for text in texts))
    await connection.execute(
        sa.delete(idempotent_requests).where(kept.showroom_id == showroom_id, either)
    )
