"""What a page of figures shows, and its CSV: read once, the same for both."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from showroom.asking import Key, Where
from showroom.figure_columns import Column, Kind, Measured, Number
from showroom.noise import by_chance, by_chance_counts, by_chance_means
from showroom.showrooms import Showroom
from showroom.slicing import HOUR_MS, By
from showroom.words import Dimension, Period
from web.figures.asked import FiguresAsked, Stretch, usual

# A dimension has at most so many rows, those with the most calls: campaigns are strangers' text.
MOST_ROWS = 200
F = TypeVar("F")


class Source(Protocol[F]):
    """A read model: figures of [since, until), told apart by something, of some values only."""

    async def figures(
        self, showroom: Showroom, since_ms: int, until_ms: int, by: By, where: Where, /
    ) -> dict[Key, F]: ...

    async def campaigns(self, showroom: Showroom, since_ms: int, until_ms: int, /) -> dict[Key, F]:
        """The same by campaign, of which `Measured.much` has to be right and no more."""


@dataclass(frozen=True, slots=True)
class Group(Generic[F]):
    """What is told apart: `key` as the read model has it. `before` is what it is compared with."""

    key: Key
    figures: F
    before: F | None


@dataclass(frozen=True, slots=True)
class Report(Generic[F]):
    """The figures of the days that are asked for. `trend` is by time, whatever `groups` are by."""

    measured: Measured[F]
    stretch: Stretch
    before: Stretch | None
    by: Period | Dimension
    total: F
    total_before: F | None
    groups: Sequence[Group[F]]
    found: int  # how many groups there are, whether shown or not
    trend: Sequence[F]
    campaigns: Sequence[str]


@dataclass(frozen=True, slots=True)
class Change:
    """A figure beside what it was. `by_chance` is None where nothing can be said of that."""

    now: Number
    before: Number
    by_chance: bool | None


def change(column: Column[F], now: F, before: F) -> Change:
    """Compare one figure of two periods."""
    value, was = column.of(now), column.of(before)
    chance = None
    if column.share:
        chance = by_chance(column.share(now), column.share(before))
    elif column.sample:
        chance = by_chance_means(column.sample(now), column.sample(before))
    elif column.kind is Kind.COUNT and value is not None and was is not None:
        chance = by_chance_counts(round(value), round(was))
    return Change(value, was, chance)


async def report(
    source: Source[F], measured: Measured[F], showroom: Showroom, asked: FiguresAsked, now_ms: int
) -> Report[F]:
    """Read all that the page shows. Raises `BadRequest` when it is too much."""
    zone = showroom.zone
    stretch = asked.stretch(zone, now_ms)
    before = asked.before(zone, stretch, now_ms)
    by = asked.group(stretch.days)
    in_order = isinstance(by, Period) and by is not Period.HOUR_OF_WEEK
    by_time = by if in_order else usual(stretch.days)

    async def told(days: Stretch | None, by: By, where: Where) -> dict[Key, F]:
        if days is None:
            return {}
        return await source.figures(showroom, days.since_ms, days.until_ms, by, where)

    # Side by side: each has a connection, and so a core, of its own.
    now, then, campaigns, timed = await gather(
        told(stretch, by, asked.where),
        told(before, by, asked.where),
        source.campaigns(showroom, stretch.since_ms, stretch.until_ms),
        told(None if in_order else stretch, by_time, asked.where),
    )
    trend = now if in_order else timed
    groups = _groups(measured, zone, by, (stretch, now), (before, then) if before else None)
    times: list[Key] = [*(stretch.groups(by_time, zone) or trend)]
    return Report(
        measured=measured,
        stretch=stretch,
        before=before,
        by=by,
        total=measured.together(now.values()),
        total_before=measured.together(then.values()) if before else None,
        groups=groups[:MOST_ROWS] if isinstance(by, Dimension) else groups,
        found=len(groups),
        trend=[trend.get(key, measured.nothing) for key in times],
        campaigns=_most(measured, campaigns),
    )


def _groups(
    measured: Measured[F],
    zone: str,
    by: Period | Dimension,
    now: tuple[Stretch, Mapping[Key, F]],
    then: tuple[Stretch, Mapping[Key, F]] | None,
) -> list[Group[F]]:
    """Lay the groups of both periods beside each other."""
    (stretch, figures), nothing = now, measured.nothing
    keys: list[Key] = [*(stretch.groups(by, zone) or figures)]
    if isinstance(by, Dimension):
        keys.sort(key=lambda key: (-measured.much(figures[key]), key))
    if then is None:
        return [Group(key, figures.get(key, nothing), None) for key in keys]
    days, known = then
    places = {days.place(by, key, zone): one for key, one in known.items()}
    return [
        Group(
            key,
            figures.get(key, nothing),
            places.get(stretch.place(by, key, zone), nothing),
        )
        for key in keys
    ]


def _most(measured: Measured[F], campaigns: Mapping[Key, F]) -> list[str]:
    """Return the campaigns to choose from, the largest first."""
    named = [str(key) for key in campaigns if key]
    return sorted(named, key=lambda key: (-measured.much(campaigns[key]), key))[:MOST_ROWS]


def table(told: Report[F], plot: str) -> tuple[list[str], list[list[Number]]]:
    """Return the columns' names and the rows of the table, each in the order of the groups.

    Beside the figure that the chart draws stands what it was before.
    """
    names, rows = [], []
    columns, nothing = told.measured.columns, told.measured.nothing
    for column in columns:
        names += [column.name]
        if column.name == plot and told.before:
            names += [f"{column.name}_before"]
    for group in told.groups:
        row: list[Number] = []
        for column in columns:
            row += [column.of(group.figures)]
            if column.name == plot and told.before:
                row += [column.of(nothing if group.before is None else group.before)]
        rows.append(row)
    return names, rows


def kind_of(told: Report[F], name: str) -> Column[F]:
    """Return the figure that a column of the table shows."""
    return told.measured.by_name[name.removesuffix("_before")]


def hour_end(key: int, minute: int) -> int:
    """Return when an hour ends that begins at this moment, and at this minute of the clock."""
    return key + HOUR_MS - minute * 60_000
