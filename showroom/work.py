"""How advisors spent their time at work: read out of `working_time`, beside the calls they had.

What counts: docs/figures.md. `showroom.stints` writes it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields

import sqlalchemy as sa

from showroom.asking import Figures, Where
from showroom.call_figures import CallFigures
from showroom.database import Database
from showroom.days import offsets
from showroom.figure_columns import Column, Kind, Measured, Number
from showroom.ids import ShowroomId
from showroom.showrooms import Showroom
from showroom.slicing import By, Key, key_of, part_of
from showroom.words import Dimension
from showroom.work_tables import SUMS, working_time

# What time is told apart by: nobody is at work for a campaign or for a car.
KNOWN = (Dimension.ADVISOR,)


@dataclass(frozen=True, slots=True)
class WorkFigures:
    """Time in milliseconds: in each state, and of the calls of that time, talk and wrap-up."""

    ready_ms: int = 0
    ringing_ms: int = 0
    in_call_ms: int = 0
    wrapping_ms: int = 0
    away_ms: int = 0
    talking_ms_sum: int = 0
    wrap_up_ms_sum: int = 0

    @property
    def at_work_ms(self) -> int:
        """How long they were there for calls: whatever they did then, but for their breaks."""
        return self.ready_ms + self.ringing_ms + self.in_call_ms + self.wrapping_ms

    @property
    def occupancy(self) -> float | None:
        """The share of the time at work that went into talks and wrap-up."""
        calls = CallFigures(talking_ms_sum=self.talking_ms_sum, wrap_up_ms_sum=self.wrap_up_ms_sum)
        return calls.occupancy(self.at_work_ms)


def together(parts: Iterable[WorkFigures]) -> WorkFigures:
    """Return what groups came to as one; they have no moment of an advisor in common."""
    known = tuple(parts)
    return WorkFigures(
        *(sum(getattr(one, field.name) for one in known) for field in fields(WorkFigures))
    )


def _rounded(value: Number) -> Number:
    return None if value is None else round(value, 4)


def _time(name: str, ms: str) -> Column[WorkFigures]:
    return Column(name, name, Kind.TIME, lambda f: round(getattr(f, ms) / 1000, 1))


WORK: Measured[WorkFigures] = Measured(
    (
        _time("at_work_s", "at_work_ms"),
        Column("occupancy", "occupancy", Kind.RATE, lambda f: _rounded(f.occupancy)),
        _time("talking_s", "talking_ms_sum"),
        _time("wrap_up_s", "wrap_up_ms_sum"),
        _time("ready_s", "ready_ms"),
        _time("ringing_s", "ringing_ms"),
        _time("away_s", "away_ms"),
    ),
    WorkFigures(),
    together,
)


class Work:
    """Reads working time; every question names the showroom."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._calls = Figures(database)

    async def figures(
        self, showroom: Showroom, since_ms: int, until_ms: int, by: By = None,
        where: Where | None = None,
    ) -> dict[Key, WorkFigures]:  # fmt: skip
        """Return the time of [since, until), by a period or by advisor, of some of them only.

        Calls of before working time was recorded do not count: nobody knows what they were a part
        of. Raises `BadRequest` unless the stretch begins and ends on a quarter of an hour.
        """
        where = {one: where[one] for one in KNOWN if where and one in where}
        begun = await self.begun(showroom.id)
        if begun is None or (isinstance(by, Dimension) and by not in KNOWN):
            return {}
        since_ms = max(since_ms, begun)
        at = showroom, since_ms, until_ms
        calls = await self._calls.figures(*at, by, where, waits=False)
        times = await self._times(showroom, since_ms, until_ms, by, where)
        found = {}
        # Of a call that nobody answered there is neither talk nor wrap-up.
        for key in {*times, *(one for one, known in calls.items() if known.talking_ms_sum)}:
            known = calls.get(key, CallFigures())
            found[key] = WorkFigures(
                **{name: times[key][name] for name in SUMS} if key in times else {},
                talking_ms_sum=known.talking_ms_sum,
                wrap_up_ms_sum=known.wrap_up_ms_sum,
            )
        return {key: found[key] for key in sorted(found, key=lambda one: (str(type(one)), one))}

    async def campaigns(self, _room: Showroom, _since: int, _until: int) -> dict[Key, WorkFigures]:
        """Return nothing: nobody works for a campaign."""
        return {}

    async def begun(self, showroom_id: ShowroomId) -> int | None:
        """Return since when working time is recorded, in UTC milliseconds; None: not yet."""
        first = sa.select(sa.func.min(working_time.c.quarter_at))
        async with self._database.read() as connection:
            mine = working_time.c.showroom_id == showroom_id
            found = await connection.scalar(first.where(mine))
        return None if found is None else int(found)

    async def _times(
        self, showroom: Showroom, since_ms: int, until_ms: int, by: By, where: Where
    ) -> dict[Key, Counter[str]]:
        found: dict[Key, Counter[str]] = defaultdict(Counter)
        if since_ms >= until_ms:
            return found
        c = working_time.c
        which = [c.showroom_id == showroom.id, c.quarter_at >= since_ms, c.quarter_at < until_ms]
        which += [c[name.value].in_(list(ok)) for name, ok in where.items()]
        part = part_of(working_time, by, offsets(showroom.zone, since_ms, until_ms)).label("part")
        sums = (sa.func.sum(c[name]) for name in SUMS)
        query = sa.select(part, *sums).where(*which).group_by(sa.text("part"))
        key = key_of(by, showroom.zone)
        async with self._database.read() as connection:
            for at, *numbers in await connection.execute(query):
                if numbers[0] is not None:
                    found[key(at)].update(dict(zip(SUMS, map(int, numbers), strict=True)))
        return found
