"""What others must hear of, written into the outbox in the transaction that makes it true.

It is fanned out when it is written: one row for each endpoint that listens, with the same words. So
each endpoint has its own retries, its own log, and its own order; who is slow holds up nobody else.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.handoff.endpoint import EndpointKind
from booking.handoff.topics import Topic
from booking.outbox import Outbox
from showroom.clock import Clock
from showroom.database import after_commit
from showroom.ids import EndpointId, ShowroomId
from showroom.lead_tables import endpoints
from showroom.tables import outbox

# Under this name the couriers hear that something was published.
NEWS = "handoff"


def queue_of(endpoint_id: EndpointId) -> str:
    """Return the outbox's kind of an endpoint: each is one of its own, with its own places."""
    return f"to:{endpoint_id}"


def iso(ms: int) -> str:
    """Return a moment (UTC milliseconds) as RFC 3339 writes it."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Publishing:
    """Tells the endpoints of a showroom what happened."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    async def publish(
        self,
        connection: AsyncConnection,
        showroom_id: ShowroomId,
        topic: Topic,
        subject_id: str,
        data: Mapping[str, Any],
        dealer: str | None,
        *,
        to_dealer: Topic | None = None,
        not_before: int = 0,
    ) -> None:
        """Write it for each endpoint that listens. This is a `Publish`.

        A disabled endpoint listens, too: what is for it waits until it is enabled.
        """
        now = self._clock()
        listens = await _listeners(connection, showroom_id, topic, dealer, to_dealer)
        for endpoint_id, heard in listens:
            await self._outbox.add(
                connection,
                showroom_id,
                queue_of(endpoint_id),
                heard.value,
                subject_id,
                # As Standard Webhooks recommends it; every other kind is made of the same words.
                {"type": heard.value, "timestamp": iso(now), "data": data},
                max(now, not_before),
                endpoint_id=endpoint_id,
            )
        if listens:
            after_commit(connection, self._outbox.news(NEWS).set)


async def rewrite(
    connection: AsyncConnection, subjects: Collection[str], data: Mapping[str, Any]
) -> None:
    """Let what endpoints are told of these subjects say this, also what can be sent again.

    What `data` does not name stays as it is.
    """
    c = outbox.c
    here = (c.subject_id.in_(sorted(subjects)), c.endpoint_id.is_not(None))
    rows = await connection.execute(sa.select(c.number, c.payload).where(*here))
    for number, payload in rows.all():
        said = payload | {"data": payload["data"] | dict(data)}
        await connection.execute(sa.update(outbox).where(c.number == number).values(payload=said))


async def _listeners(
    connection: AsyncConnection,
    showroom_id: ShowroomId,
    topic: Topic,
    dealer: str | None,
    to_dealer: Topic | None,
) -> Sequence[tuple[EndpointId, Topic]]:
    """Return who listens, each with the topic under which they hear it."""
    c = endpoints.c
    query = sa.select(c.id, c.topics, c.dealer, c.kind, c.address).where(
        c.showroom_id == showroom_id
    )
    # Whoever is gone may have been another dealer's before: all hear it, and it says no more.
    if topic is not Topic.LEAD_ERASED:
        query = query.where(c.dealer.is_(None) | (c.dealer == dealer))
    listens = []
    for row in await connection.execute(query.order_by(c.created_at, c.id)):
        # ADF by mail without an address goes to whoever is the lead's dealer.
        is_dealer_s = row.dealer or (row.kind == EndpointKind.ADF_MAIL and not row.address)
        topics = (to_dealer, topic) if to_dealer and is_dealer_s else (topic,)
        heard = [one for one in topics if one.value in row.topics]
        listens += [(EndpointId(row.id), one) for one in heard[:1]]
    return listens
