"""When the advisors of calls that never were had been at work: shifts around these calls.

The same calls have the same shifts. Somebody begins a while before their first call of a day and
goes a while after the last; in the first long pause between two they eat.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from showroom.clock import system_clock, to_datetime
from showroom.database import Database
from showroom.ids import StaffId
from showroom.showrooms import Showroom
from showroom.stints import Stint, Stints
from showroom.tables import calls
from showroom.words import AdvisorState, AwayReason
from showroom.work import Work

BATCH = 2_000
AROUND_MS = 20 * 60_000
RINGS_MS = 6_000
PAUSE_MS, LUNCH_MS = 75 * 60_000, 45 * 60_000
# From the ring to the end, and to the close.
Call = tuple[int, int, int, int]


async def write_shifts(database: Database, showroom: Showroom) -> int:
    """Keep the shifts around all answered calls of a showroom, unless it has some already."""
    if await Work(database).begun(showroom.id) is not None:
        return 0
    c, here = calls.c, ZoneInfo(showroom.zone)
    query = (
        sa.select(c.advisor_id, c.answered_at, c.ended_at, c.closed_at)
        .where(c.showroom_id == showroom.id, c.advisor_id.is_not(None), c.closed_at.is_not(None))
        .order_by(c.answered_at)
    )
    shifts: defaultdict[tuple[str, object], list[Call]] = defaultdict(list)
    async with database.read() as connection:
        for who, answered, ended, closed in await connection.execute(query):
            day = to_datetime(answered).astimezone(here).date()
            shifts[who, day].append((answered - RINGS_MS, answered, ended, closed))
    done = [one for (who, _), known in shifts.items() for one in _shift(StaffId(who), known)]
    for n in range(0, len(done), BATCH):
        await Stints(database, system_clock).keep(showroom, done[n : n + BATCH])
    return len(done)


def _shift(who: StaffId, known: Sequence[Call]) -> Iterator[Stint]:
    """Yield the stints of one day, whose calls may overlap: nobody has two at once."""
    at, end = known[0][0] - AROUND_MS, known[-1][-1] + AROUND_MS
    hungry = True
    for call in known:
        free = max(at, call[0])
        if hungry and free - at > PAUSE_MS:
            hungry = False
            back = at + LUNCH_MS
            yield Stint(who, AdvisorState.AWAY, at, back, AwayReason.OWN_CHOICE)
            at = back
        if free > at:
            yield Stint(who, AdvisorState.AVAILABLE, at, free)
        moments = [max(free, moment) for moment in call]
        states = (AdvisorState.RINGING, AdvisorState.BUSY, AdvisorState.WRAP_UP)
        for state, (begin, until) in zip(states, pairwise(moments), strict=True):
            if until > begin:
                yield Stint(who, state, begin, until)
        at = moments[-1]
    if end > at:
        yield Stint(who, AdvisorState.AVAILABLE, at, end)
