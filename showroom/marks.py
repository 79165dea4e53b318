"""Where the people of a call pointed at its picture: their marks, thinned, for the replay.

A mark is passed on first and kept afterwards, in memory: keeping it costs a call nothing.
"""

from collections import OrderedDict
from dataclasses import dataclass

import sqlalchemy as sa

from showroom.database import Database
from showroom.gathered import Gathered
from showroom.ids import CallId, ShowroomId
from showroom.tables import call_marks
from showroom.words import Side

# Of one side of a call so many are kept a second, and in all: more tell nobody more.
PER_SECOND = 5
MOST_OF_A_SIDE = 1_000
# Marks that may wait for the database, and sides whose last mark is remembered.
MOST_WAITING = 20_000
MOST_SIDES = 10_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A spot that somebody pointed at, as fractions of the picture from its upper left corner."""

    side: Side
    marked_at: int
    x: float
    y: float


@dataclass(slots=True)
class _Pace:
    """When one side's last mark was kept, and how many were."""

    last_at: int
    kept: int


class Marks:
    """The marks of all calls. They wait in memory for the next `flush`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._gathered = Gathered(database, call_marks, "marked_at", MOST_WAITING)
        # By who was heard of last: the oldest are forgotten first.
        self._paces: OrderedDict[tuple[CallId, Side], _Pace] = OrderedDict()

    def keep(
        self, showroom_id: ShowroomId, call_id: CallId, side: Side, at_ms: int, x: float, y: float
    ) -> None:
        """Note a mark, unless its side has just made one or has made too many; costs no query."""
        pace = self._paces.setdefault((call_id, side), _Pace(0, 0))
        self._paces.move_to_end((call_id, side))
        if len(self._paces) > MOST_SIDES:
            self._paces.popitem(last=False)
        if at_ms - pace.last_at < 1000 / PER_SECOND or pace.kept >= MOST_OF_A_SIDE:
            return
        pace.last_at, pace.kept = at_ms, pace.kept + 1
        self._gathered.add(
            {
                "showroom_id": showroom_id,
                "call_id": call_id,
                "side": side.value,
                "marked_at": at_ms,
                "x": round(x, 4),
                "y": round(y, 4),
            }
        )

    async def flush(self) -> None:
        """Write what waits. When it fails (`TryAgain`) the rest waits for the next."""
        await self._gathered.flush()

    async def of_call(self, showroom_id: ShowroomId, call_id: CallId) -> tuple[Mark, ...]:
        """Return a call's marks in order; none for another showroom's call."""
        await self.flush()
        c = call_marks.c
        query = (
            sa.select(c.side, c.marked_at, c.x, c.y)
            .where(c.call_id == call_id, c.showroom_id == showroom_id)
            .order_by(c.marked_at, c.side)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(Mark(Side(row.side), row.marked_at, row.x, row.y) for row in rows)
