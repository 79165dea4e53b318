"""Questions to the rollups: the figures of any period, by whatever, of whichever calls."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.call_figures import CallFigures
from showroom.database import Database
from showroom.days import STEP_MS, offsets
from showroom.errors import BadRequest
from showroom.figure_tables import call_rollups, call_waits, sums_of
from showroom.figures_lock import as_of_now
from showroom.measures import LONGEST, MEASURES
from showroom.past_days import Kept, beside_days, kept_days, kept_figures
from showroom.showrooms import Showroom
from showroom.slicing import By, Clocks, Key, key_of, part_of
from showroom.words import Dimension

__all__ = ["By", "Figures", "Key", "Where"]

# Of each dimension, the values that count.
Where = Mapping[Dimension, Collection[str]]


class Figures:
    """Reads the rollups; every question names the showroom."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def figures(
        self,
        showroom: Showroom,
        since_ms: int,
        until_ms: int,
        by: By = None,
        where: Where | None = None,
        *,
        waits: bool = True,
    ) -> dict[Key, CallFigures]:
        """Return what the calls requested in [since, until) came to, in the order of the keys.

        Groups without a call are left out. Without `by` there is one group, under an empty text,
        also when nobody called. Periods are those of the showroom's clocks, and count only what
        lies in [since, until). Who asks for nothing about waiting is answered sooner without
        `waits`. Raises `BadRequest` unless the stretch begins and ends on a quarter of an hour.
        """
        if since_ms % STEP_MS or until_ms % STEP_MS:
            raise BadRequest("A period begins and ends on a quarter of an hour.")
        found = _Found(by, showroom.zone)
        if since_ms >= until_ms:
            return found.figures()
        which = Kept.of(by, where or {})
        async with self._database.read() as connection:
            await as_of_now(connection)
            days = await kept_days(connection, showroom, since_ms, until_ms) if which else []
            if which and days:
                found.add(*await kept_figures(connection, showroom, days, by, which, waits))
            for begin_ms, end_ms in beside_days(since_ms, until_ms, days):
                clocks = offsets(showroom.zone, begin_ms, end_ms)
                at = showroom, begin_ms, end_ms, by, where or {}, clocks, waits
                found.add(*await _counted(connection, *at))
        return found.figures()

    async def campaigns(
        self, showroom: Showroom, since_ms: int, until_ms: int
    ) -> dict[Key, CallFigures]:
        """Return what is known of each campaign's calls, without how long they waited."""
        at = showroom, since_ms, until_ms
        return await self.figures(*at, Dimension.CAMPAIGN, waits=False)


async def _counted(
    connection: AsyncConnection,
    showroom: Showroom,
    since_ms: int,
    until_ms: int,
    by: By,
    where: Where,
    clocks: Clocks,
    with_waits: bool,
) -> tuple[Iterable[Any], Iterable[Any]]:
    """Return the sums of each part, and its waits, out of the rollups."""

    def asked(table: sa.Table, *columns: sa.ColumnElement[Any]) -> sa.Select[*tuple[Any, ...]]:
        at = table.c.quarter_at
        which = [table.c.showroom_id == showroom.id, at >= since_ms, at < until_ms]
        which += [table.c[name.value].in_(list(ok)) for name, ok in where.items()]
        part = part_of(table, by, clocks).label("part")
        return sa.select(part, *columns).where(*which).group_by(sa.text("part"))

    sums = await connection.execute(asked(call_rollups, *sums_of(call_rollups)))
    if not with_waits:
        return sums.all(), ()
    seconds = call_waits.c.waited_seconds
    waited = asked(call_waits, seconds, sa.func.sum(call_waits.c.calls)).group_by(seconds)
    waits: dict[Any, dict[int, int]] = defaultdict(dict)
    for part, waited_seconds, number in await connection.execute(waited):
        waits[part][waited_seconds] = int(number)
    return sums.all(), waits.items()


class _Found:
    """What was found so far, added up by group."""

    def __init__(self, by: By, zone: str) -> None:
        self._key = key_of(by, zone)
        self._rows: dict[Key, list[Sequence[int]]] = {} if by else {"": []}
        self._waits: dict[Key, Counter[int]] = defaultdict(Counter)

    def add(self, sums: Iterable[Any], waits: Iterable[Any]) -> None:
        """Add parts: their measures, and how many calls waited for how many seconds."""
        for part, *values in sums:
            if values[0]:
                self._rows.setdefault(self._key(part), []).append(values)
        for part, waited in waits:
            histogram = self._waits[self._key(part)]
            for seconds, number in waited.items():
                histogram[seconds] += number

    def figures(self) -> dict[Key, CallFigures]:
        """Return the figures of all groups."""
        return {
            key: CallFigures.of(_total(self._rows[key]), self._waits[key])
            for key in sorted(self._rows, key=_order)
        }


def _total(rows: Sequence[Sequence[int]]) -> dict[str, int]:
    """Return the measures of rows as one; PostgreSQL's sums come as decimals."""
    return {
        name: int((max if name == LONGEST else sum)(values))
        for name, values in zip(MEASURES, zip(*rows, strict=True), strict=bool(rows))
    }


def _order(key: Key) -> tuple[int, str]:
    return (key, "") if isinstance(key, int) else (0, key)
