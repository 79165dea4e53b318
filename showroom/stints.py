"""What advisors did, from when until when: kept for some weeks, and as sums that stay.

Like the rollups of calls the sums are counted anew from what there is, for each quarter of an hour
that a stint touches: whoever is not sure that one has arrived keeps it again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.clock import DAY_MS, Clock, to_datetime
from showroom.database import Database, insert
from showroom.days import STEP_MS
from showroom.figures_lock import lock
from showroom.ids import StaffId
from showroom.showrooms import Showroom
from showroom.words import AdvisorState
from showroom.work_tables import SUMS, stints, working_time

log = structlog.get_logger()

KEPT_DAYS = 35
# Nobody rings or talks for so long: what says so is nobody's working time.
LONGEST_MS = DAY_MS
SUM_OF = {
    AdvisorState.AVAILABLE: "ready_ms",
    AdvisorState.RINGING: "ringing_ms",
    AdvisorState.BUSY: "in_call_ms",
    AdvisorState.WRAP_UP: "wrapping_ms",
    AdvisorState.AWAY: "away_ms",
}


@dataclass(frozen=True, slots=True)
class Stint:
    """An advisor in one state, [begins_at, ends_at) in UTC milliseconds; `reason`: why away."""

    advisor: StaffId
    state: AdvisorState
    begins_at: int
    ends_at: int
    reason: str = ""

    def counts(self, zone: str) -> bool:
        """Say whether it is working time, or a break: who comes back on another day was off."""
        if self.state is not AdvisorState.AWAY:
            return self.ends_at - self.begins_at <= LONGEST_MS
        here = ZoneInfo(zone)
        begins, ends = (to_datetime(at).astimezone(here) for at in (self.begins_at, self.ends_at))
        return begins.date() == ends.date()

    def quarters(self) -> Iterator[tuple[int, int]]:
        """Yield each quarter of an hour that it touches, with how much of it in milliseconds."""
        for at in range(self.begins_at // STEP_MS * STEP_MS, self.ends_at, STEP_MS):
            yield at, min(self.ends_at, at + STEP_MS) - max(self.begins_at, at)


class Stints:
    """The stints of all showrooms; every question names the showroom."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def keep(self, showroom: Showroom, done: Sequence[Stint]) -> None:
        """Keep stints, and count anew what they touch. Repeatable. Raises `TryAgain`."""
        rows = [
            {
                "showroom_id": showroom.id,
                "advisor_id": one.advisor,
                "begins_at": one.begins_at,
                "ends_at": one.ends_at,
                "state": one.state.value,
                "reason": one.reason,
            }
            for one in done
        ]
        if not rows:
            return
        async with self._database.write() as connection:
            await lock(connection, showroom.id)
            await connection.execute(insert(connection, stints).on_conflict_do_nothing(), rows)
            for advisor, quarters in _touched(showroom, done).items():
                await _count(connection, showroom, advisor, quarters)

    async def sweep(self) -> None:
        """Remove what is too old, but for its sums."""
        old = stints.c.ends_at < self._clock() - KEPT_DAYS * DAY_MS
        async with self._database.write() as connection:
            gone = (await connection.execute(sa.delete(stints).where(old))).rowcount
        if gone:
            log.info("stints were removed as too old", count=gone)


def _touched(showroom: Showroom, done: Iterable[Stint]) -> dict[StaffId, list[int]]:
    found: defaultdict[StaffId, set[int]] = defaultdict(set)
    for one in done:
        if one.counts(showroom.zone):
            found[one.advisor] |= {at for at, _ in one.quarters()}
    return {advisor: sorted(quarters) for advisor, quarters in found.items()}


async def _count(
    connection: AsyncConnection, showroom: Showroom, advisor: StaffId, quarters: Sequence[int]
) -> None:
    """Make an advisor's sums of some quarters of an hour anew."""
    c, first, last = stints.c, quarters[0], quarters[-1] + STEP_MS
    query = sa.select(c.state, c.begins_at, c.ends_at).where(
        c.showroom_id == showroom.id,
        c.advisor_id == advisor,
        c.begins_at < last,
        c.ends_at > first,
    )
    sums: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for state, begins_at, ends_at in await connection.execute(query):
        one = Stint(advisor, AdvisorState(state), begins_at, ends_at)
        if one.counts(showroom.zone):
            for at, ms in one.quarters():
                sums[at][SUM_OF[one.state]] += ms
    rows = [
        {
            "showroom_id": showroom.id,
            "quarter_at": at,
            "advisor_id": advisor,
            **{name: sums[at][name] for name in SUMS},
        }
        for at in quarters
    ]
    write = insert(connection, working_time)
    kept = {name: write.excluded[name] for name in SUMS}
    keys = ["showroom_id", "quarter_at", "advisor_id"]
    await connection.execute(write.on_conflict_do_update(index_elements=keys, set_=kept), rows)
