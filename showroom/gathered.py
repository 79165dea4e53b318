"""Rows that come too often to be written one by one: they wait in memory for the next `flush`.

They are worth having but not worth a call: a node that dies loses what was not written yet, and
when the database is away for long the oldest ones are dropped, and counted in `dropped`.
"""

import asyncio
from collections import deque
from typing import Any

import sqlalchemy as sa

from showroom.clock import DAY_MS
from showroom.database import Database, insert
from showroom.ids import ShowroomId

BATCH = 500


class Gathered:
    """The rows of one table. `at` is its column of the moment (UTC milliseconds)."""

    def __init__(self, database: Database, table: sa.Table, at: str, most_waiting: int) -> None:
        self._database = database
        self._table = table
        self._at = table.c[at]
        self._waiting: deque[dict[str, Any]] = deque(maxlen=most_waiting)
        self._flushing = asyncio.Lock()
        self.dropped = 0

    def add(self, row: dict[str, Any]) -> None:
        """Note a row; costs no query. One that is there already is kept as it is."""
        if len(self._waiting) == self._waiting.maxlen:
            self.dropped += 1
        self._waiting.append(row)

    async def flush(self) -> None:
        """Write what waits, in batches. When it fails (`TryAgain`) the rest waits for the next."""
        async with self._flushing:
            for _ in range(-(-len(self._waiting) // BATCH)):
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                try:
                    async with self._database.write() as connection:
                        await connection.execute(
                            insert(connection, self._table).on_conflict_do_nothing(), batch
                        )
                except BaseException:
                    self._put_back(batch)
                    raise

    async def purge(self, showroom_id: ShowroomId, older_than: int) -> int:
        """Remove what is older than that moment, a day at a time; return how much it was."""
        mine, at = self._table.c.showroom_id == showroom_id, self._at
        oldest = sa.select(sa.func.min(at)).where(mine, at < older_than)
        gone = 0
        while True:
            async with self._database.write() as connection:
                first = await connection.scalar(oldest)
                if first is None:
                    return gone
                # Nobody waits for a year's rows to go at once.
                day = mine, at < min(older_than, first + DAY_MS)
                gone += (await connection.execute(sa.delete(self._table).where(*day))).rowcount

    def _put_back(self, batch: list[dict[str, Any]]) -> None:
        room = (self._waiting.maxlen or 0) - len(self._waiting)
        self.dropped += max(0, len(batch) - room)
        self._waiting.extendleft(reversed(batch[max(0, len(batch) - room) :]))
