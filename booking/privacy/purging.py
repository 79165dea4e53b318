"""What a showroom keeps of people goes when its time is over, kind by kind, by the policy."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.leads.rows import KNOWN
from booking.privacy import emptying
from showroom.alarm_tables import alarms
from showroom.clock import DAY_MS, Clock
from showroom.database import Database
from showroom.ids import ShowroomId
from showroom.lead_tables import lead_sheets, leads
from showroom.leads_lock import lock as lock_leads
from showroom.rollups import Rollups
from showroom.showrooms import Showroom
from showroom.tables import appointments, call_marks, calls, follow_ups

# So many rows in one transaction: other writers wait meanwhile.
BATCH = 200

Empty = Callable[[AsyncConnection, ShowroomId, Sequence[str]], Awaitable[None]]


class Purging:
    """Empties rows whose time is over. Every node does; twice is no harm."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._rollups = Rollups(database)

    async def purge(self, showroom: Showroom) -> Mapping[str, int]:
        """Do it for one showroom; return how many rows of each kind were emptied."""
        policy, now = showroom.policy, self._clock()
        a, f = appointments.c, follow_ups.c
        named = sa.or_(a.name != "", a.email.is_not(None), a.phone.is_not(None), a.wish != "")
        reached = sa.or_(f.name != "", f.phone.is_not(None))
        visits_until, words_until = (
            now - policy.visit_days * DAY_MS,
            now - policy.words_days * DAY_MS,
        )
        await self._marks(showroom.id, words_until)
        return {
            "visits": await self._each(
                showroom, appointments, self._visits, a.ends_at < visits_until, named
            ),
            "call_backs": await self._each(
                showroom, follow_ups, self._call_backs, f.created_at < visits_until, reached
            ),
            "calls": await self._each(
                showroom,
                calls,
                self._calls,
                calls.c.created_at < words_until,
                calls.c.emptied_at.is_(None),
            ),
            "leads": await self._each(
                showroom,
                leads,
                self._leads,
                leads.c.updated_at < now - policy.lead_days * DAY_MS,
                KNOWN,
            ),
            "alarms": await self._each(
                showroom,
                alarms,
                self._alarms,
                alarms.c.cleared_at < now - policy.retention_days * DAY_MS,
            ),
        }

    async def _each(
        self,
        showroom: Showroom,
        table: sa.Table,
        empty: Empty,
        *which: sa.ColumnElement[bool],
    ) -> int:
        """Empty what is meant, a batch in each transaction; return how much it was."""
        query = sa.select(table.c.id).where(table.c.showroom_id == showroom.id, *which)
        query = query.order_by(table.c.id).limit(BATCH)
        gone = 0
        while True:
            async with self._database.read() as connection:
                # Most of the time there is nothing, and a reader is in nobody's way.
                if await connection.scalar(query.limit(1)) is None:
                    return gone
            async with self._database.write() as connection:
                if table is leads:
                    await lock_leads(connection, showroom.id)
                ids = (await connection.scalars(query.with_for_update())).all()
                await empty(connection, showroom.id, ids)
                gone += len(ids)

    async def _marks(self, showroom_id: ShowroomId, until_ms: int) -> None:
        """Delete what was pointed at, also in calls that were never saved."""
        c = call_marks.c
        old = sa.select(sa.literal(1)).where(c.showroom_id == showroom_id, c.marked_at < until_ms)
        async with self._database.read() as connection:
            if await connection.scalar(old.limit(1)) is None:
                return
        async with self._database.write() as connection:
            await connection.execute(
                sa.delete(call_marks).where(c.showroom_id == showroom_id, c.marked_at < until_ms)
            )

    async def _visits(
        self, connection: AsyncConnection, showroom_id: ShowroomId, ids: Sequence[str]
    ) -> None:
        await emptying.empty_visits(connection, showroom_id, ids, self._clock())

    async def _call_backs(
        self, connection: AsyncConnection, showroom_id: ShowroomId, ids: Sequence[str]
    ) -> None:
        await emptying.empty_call_backs(connection, showroom_id, ids, self._clock())

    async def _calls(
        self, connection: AsyncConnection, showroom_id: ShowroomId, ids: Sequence[str]
    ) -> None:
        # A sheet that became a lead goes with the lead.
        c = lead_sheets.c
        drafts = sa.select(c.call_id).where(
            c.showroom_id == showroom_id, c.call_id.in_(ids), c.lead_id.is_(None)
        )
        unread = (await connection.scalars(drafts)).all()
        await emptying.empty_sheets(connection, showroom_id, unread)
        await emptying.empty_calls(connection, self._rollups, showroom_id, ids, self._clock())

    async def _alarms(
        self, connection: AsyncConnection, showroom_id: ShowroomId, ids: Sequence[str]
    ) -> None:
        over = (alarms.c.showroom_id == showroom_id, alarms.c.id.in_(ids))
        await connection.execute(sa.delete(alarms).where(*over))

    async def _leads(
        self, connection: AsyncConnection, showroom_id: ShowroomId, ids: Sequence[str]
    ) -> None:
        await emptying.empty_leads(connection, showroom_id, ids, self._clock())
