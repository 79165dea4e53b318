"""How many people came, and what they opened: read out of `traffic`, beside the calls they made.

What counts, and who: docs/figures.md. `showroom.arrivals` writes it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.asking import Figures, Where
from showroom.call_figures import CallFigures
from showroom.database import Database
from showroom.days import offsets
from showroom.errors import BadRequest
from showroom.figure_columns import Column, Kind, Measured
from showroom.figures_lock import as_of_now
from showroom.past_days import beside_days, kept_days
from showroom.showrooms import Showroom
from showroom.slicing import DAYS, By, Key, key_of, part_of, part_of_day
from showroom.traffic_tables import COUNTS, day_traffic, traffic
from showroom.words import Dimension, PageKind, Period

# What visits are told apart by: nobody has an advisor or a car yet who only looks.
KNOWN = (Dimension.CAMPAIGN, Dimension.LANGUAGE, Dimension.DEVICE)


@dataclass(frozen=True, slots=True)
class TrafficFigures:
    """What came of some time. `visitors` are unique within a day; of days they are a sum."""

    visitors: int = 0
    views: int = 0
    widget_opens: int = 0
    calls: int = 0

    @property
    def views_per_visitor(self) -> float | None:
        """How many pages each visitor opened."""
        return self.views / self.visitors if self.visitors else None

    @property
    def calls_per_visitor(self) -> float | None:
        """How many calls were requested for each visitor; somebody may call twice."""
        return self.calls / self.visitors if self.visitors else None


def together(parts: Iterable[TrafficFigures]) -> TrafficFigures:
    """Return what groups came to as one; they have no moment in common."""
    known = tuple(parts)
    return TrafficFigures(
        sum(one.visitors for one in known),
        sum(one.views for one in known),
        sum(one.widget_opens for one in known),
        sum(one.calls for one in known),
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


TRAFFIC: Measured[TrafficFigures] = Measured(
    (
        Column("visitors", "visitors", Kind.COUNT, lambda f: f.visitors),
        Column("views", "views", Kind.COUNT, lambda f: f.views),
        Column("widget_opens", "widget_opens", Kind.COUNT, lambda f: f.widget_opens),
        Column("calls", "calls", Kind.COUNT, lambda f: f.calls),
        Column(
            "views_per_visitor", "views_per_visitor", Kind.MEAN,
            lambda f: _rounded(f.views_per_visitor, 2),
        ),
        Column(
            "calls_per_visitor", "calls_per_visitor", Kind.RATE,
            lambda f: _rounded(f.calls_per_visitor, 4),
        ),
    ),
    TrafficFigures(),
    together,
)  # fmt: skip


class Traffic:
    """Reads the traffic; every question names the showroom. Without `calls` these are all 0."""

    def __init__(self, database: Database, *, calls: bool = True) -> None:
        self._database = database
        self._calls = Figures(database) if calls else None

    async def figures(
        self, showroom: Showroom, since_ms: int, until_ms: int, by: By = None,
        where: Where | None = None,
    ) -> dict[Key, TrafficFigures]:  # fmt: skip
        """Return what came in [since, until), told apart and narrowed down as calls are.

        Raises `BadRequest` for a dimension that visits do not have, and unless the stretch begins
        and ends on a quarter of an hour.
        """
        where = where or {}
        asked = [*where, *([by] if isinstance(by, Dimension) else [])]
        if any(one not in KNOWN for one in asked):
            raise BadRequest("Visits are told apart by campaign, language and device.")
        calls: dict[Key, CallFigures] = {}
        if self._calls:
            at = showroom, since_ms, until_ms
            calls = await self._calls.figures(*at, by, where, waits=False)
        counts = await self._counts(showroom, since_ms, until_ms, by, where)
        found = {
            key: TrafficFigures(
                **{name: counts[key][name] if key in counts else 0 for name in COUNTS},
                calls=calls[key].offered if key in calls else 0,
            )
            for key in {*calls, *counts}
        }
        return {key: found[key] for key in sorted(found, key=_order)}

    async def campaigns(
        self, showroom: Showroom, since_ms: int, until_ms: int
    ) -> dict[Key, TrafficFigures]:
        """Return what came by each campaign."""
        return await self.figures(showroom, since_ms, until_ms, Dimension.CAMPAIGN)

    async def pages(
        self, showroom: Showroom, since_ms: int, until_ms: int, where: Where
    ) -> dict[PageKind, int]:
        """Return how often each kind of page was opened."""
        found: Counter[PageKind] = Counter()
        async with self._database.read() as connection:
            for table, span in await _tables(connection, showroom, since_ms, until_ms):
                views = sa.func.sum(table.c.views)
                query = sa.select(table.c.page, views).where(*_which(table, showroom, span, where))
                for page, number in await connection.execute(query.group_by(table.c.page)):
                    found[PageKind(page)] += int(number)
        return dict(found)

    async def visitors_in(
        self, showroom: Showroom, quarters: Sequence[int], where: Where
    ) -> dict[int, int]:
        """Return who came first in each of these quarters of an hour, by their begin."""
        at = traffic.c.quarter_at
        which = [traffic.c.showroom_id == showroom.id, at.in_(quarters)]
        which += [traffic.c[name.value].in_(list(ok)) for name, ok in where.items()]
        query = sa.select(at, sa.func.sum(traffic.c.visitors)).where(*which).group_by(at)
        async with self._database.read() as connection:
            return {begin: int(n) for begin, n in await connection.execute(query)}

    async def _counts(
        self, showroom: Showroom, since_ms: int, until_ms: int, by: By, where: Where
    ) -> dict[Key, Counter[str]]:
        found: dict[Key, Counter[str]] = defaultdict(Counter)
        if since_ms >= until_ms:
            return found
        key, shown = key_of(by, showroom.zone), part_of_day(by, showroom.zone)
        hours = by in (Period.HOUR, Period.HOUR_OF_WEEK)
        async with self._database.read() as connection:
            for table, span in await _tables(connection, showroom, since_ms, until_ms, hours):
                part = (
                    part_of(table, by, offsets(showroom.zone, *span))
                    if table is traffic or by not in DAYS
                    else table.c.from_at
                )
                sums = (sa.func.sum(table.c[name]).label(name) for name in COUNTS)
                query = sa.select(part.label("part"), *sums)
                query = query.where(*_which(table, showroom, span, where))
                for at, *numbers in await connection.execute(query.group_by(sa.text("part"))):
                    of = key(at if table is traffic else shown(at))
                    found[of].update(dict(zip(COUNTS, map(int, numbers), strict=True)))
        return found


async def _tables(
    connection: AsyncConnection, showroom: Showroom, since_ms: int, until_ms: int,
    hours: bool = False,
) -> list[tuple[sa.Table, tuple[int, int]]]:  # fmt: skip
    """Return what to read for [since, until): whole days where they are kept, the rest by quarters.

    Whole days know nothing of their `hours`.
    """
    await as_of_now(connection)
    days = [] if hours else await kept_days(connection, showroom, since_ms, until_ms)
    kept = [(day_traffic, (days[0][0], days[-1][1]))] if days else []
    return [*kept, *((traffic, span) for span in beside_days(since_ms, until_ms, days))]


def _which(
    table: sa.Table, showroom: Showroom, span: tuple[int, int], where: Where
) -> list[sa.ColumnElement[bool]]:
    """Return which rows are of this time and of these values; of days, those that are kept."""
    at = table.c.quarter_at if table is traffic else table.c.from_at
    which = [table.c.showroom_id == showroom.id, at >= span[0], at < span[1]]
    return which + [table.c[name.value].in_(list(ok)) for name, ok in where.items()]


def _order(key: Key) -> tuple[int, str]:
    return (key, "") if isinstance(key, int) else (0, key)
