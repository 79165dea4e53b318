"""What the store told of a call before anybody knew who called: told again once there is a lead."""

import asyncio
from collections.abc import Sequence

import sqlalchemy as sa
import structlog

from booking.store.events import EVENT, Hear, told_of
from showroom.database import Database
from showroom.errors import TryAgain
from showroom.ids import LeadId, ShowroomId
from showroom.lead_tables import lead_sources, store_events
from showroom.leads_lock import lock
from showroom.showrooms import Showrooms

log = structlog.get_logger()

# So many in one look: the oldest go first.
MOST = 200
LOOK_SECONDS = 5.0


class Waiting:
    """The events that have a call, and no lead yet."""

    def __init__(self, database: Database, showrooms: Showrooms, hear: Sequence[Hear]) -> None:
        self._database = database
        self._showrooms = showrooms
        self._hear = hear

    async def run(self) -> None:
        """Look again and again, until cancelled. Every node does."""
        while True:
            try:
                await self.look()
            except TryAgain as error:
                log.warning("a store's events have to wait", why=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Bind each to the lead that its call has by now. Two nodes at once do nothing twice."""
        c = store_events.c
        async with self._database.read() as connection:
            found = await connection.execute(_READY.with_only_columns(c.showroom_id, c.id))
            ready = found.all()
        for showroom_id, message_id in ready:
            await self._bind(ShowroomId(showroom_id), message_id)

    async def _bind(self, showroom_id: ShowroomId, message_id: str) -> None:
        showroom = await self._showrooms.by_id(showroom_id)
        c = store_events.c
        which = c.showroom_id == showroom.id, c.id == message_id
        async with self._database.write() as connection:
            await lock(connection, showroom.id)
            row = (await connection.execute(_READY.where(*which))).one_or_none()
            if row is None:
                return  # another node was quicker
            known = {"type": row.kind, "showroom": showroom.slug, "data": row.data}
            event, lead_id = EVENT.validate_python(known), LeadId(row.lead_id)
            bound = {"lead_id": lead_id, "call_id": None}
            await connection.execute(sa.update(store_events).where(*which).values(bound))
            told = await told_of(connection, showroom.id, event, lead_id)
            for hear in self._hear:
                await hear(connection, showroom, told)


_READY = (
    sa.select(store_events.c.kind, store_events.c.data, lead_sources.c.lead_id)
    .join(
        lead_sources,
        sa.and_(
            lead_sources.c.kind == "call",
            lead_sources.c.source_id == store_events.c.call_id,
            lead_sources.c.showroom_id == store_events.c.showroom_id,
        ),
    )
    .where(store_events.c.call_id.is_not(None))
    .order_by(store_events.c.received_at, store_events.c.id)
    .limit(MOST)
)
