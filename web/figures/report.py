"""What the page of figures shows, and its CSV: read once, the same for both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from showroom.asking import Figures, Key, Where
from showroom.call_figures import CallFigures, together
from showroom.figure_columns import BY_NAME, COLUMNS, Column, Number
from showroom.noise import by_chance
from showroom.showrooms import Showroom
from showroom.slicing import HOUR_MS, By
from showroom.words import Dimension, Period
from web.figures.asked import FiguresAsked, Stretch, usual

# A dimension has at most so many rows, those with the most calls: campaigns are strangers' text.
MOST_ROWS = 200
NOTHING = CallFigures()


@dataclass(frozen=True, slots=True)
class Group:
    """What is told apart: `key` as the read model has it. `before` is what it is compared with."""

    key: Key
    figures: CallFigures
    before: CallFigures | None


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of the days that are asked for. `trend` is by time, whatever `groups` are by."""

    stretch: Stretch
    before: Stretch | None
    by: Period | Dimension
    total: CallFigures
    total_before: CallFigures | None
    groups: Sequence[Group]
    found: int  # how many groups there are, whether shown or not
    trend: Sequence[CallFigures]
    campaigns: Sequence[str]


@dataclass(frozen=True, slots=True)
class Change:
    """A figure beside what it was. `by_chance` is None where nothing can be said of that."""

    now: Number
    before: Number
    by_chance: bool | None


def change(column: Column, now: CallFigures, before: CallFigures) -> Change:
    """Compare one figure of two periods."""
    chance = by_chance(column.share(now), column.share(before)) if column.share else None
    return Change(column.of(now), column.of(before), chance)


async def report(figures: Figures, showroom: Showroom, asked: FiguresAsked, now_ms: int) -> Report:
    """Read all that the page shows. Raises `BadRequest` when it is too much."""
    zone = showroom.zone
    stretch = asked.stretch(zone, now_ms)
    before = asked.before(zone, stretch, now_ms)
    by = asked.group(stretch.days)
    in_order = isinstance(by, Period) and by is not Period.HOUR_OF_WEEK
    by_time = by if in_order else usual(stretch.days)

    async def told(days: Stretch | None, by: By, where: Where) -> dict[Key, CallFigures]:
        if days is None:
            return {}
        return await figures.figures(showroom, days.since_ms, days.until_ms, by, where)

    # One after the other: side by side they take as long on SQLite, and four connections.
    now = await told(stretch, by, asked.where)
    then = await told(before, by, asked.where)
    campaigns = await told(stretch, Dimension.CAMPAIGN, {})
    trend = now if in_order else await told(stretch, by_time, asked.where)
    groups = _groups(zone, by, (stretch, now), (before, then) if before else None)
    times: list[Key] = [*(stretch.groups(by_time, zone) or trend)]
    return Report(
        stretch=stretch,
        before=before,
        by=by,
        total=together(now.values()),
        total_before=together(then.values()) if before else None,
        groups=groups[:MOST_ROWS] if isinstance(by, Dimension) else groups,
        found=len(groups),
        trend=[trend.get(key, NOTHING) for key in times],
        campaigns=_most(campaigns),
    )


Told = tuple[Stretch, Mapping[Key, CallFigures]]


def _groups(zone: str, by: Period | Dimension, now: Told, then: Told | None) -> list[Group]:
    """Lay the groups of both periods beside each other."""
    stretch, figures = now
    keys: list[Key] = [*(stretch.groups(by, zone) or figures)]
    if isinstance(by, Dimension):
        keys.sort(key=lambda key: (-figures[key].offered, key))
    if then is None:
        return [Group(key, figures.get(key, NOTHING), None) for key in keys]
    days, known = then
    places = {days.place(by, key, zone): one for key, one in known.items()}
    return [
        Group(
            key,
            figures.get(key, NOTHING),
            places.get(stretch.place(by, key, zone), NOTHING),
        )
        for key in keys
    ]


def _most(campaigns: Mapping[Key, CallFigures]) -> list[str]:
    """Return the campaigns to choose from, those with the most calls first."""
    named = [str(key) for key in campaigns if key]
    return sorted(named, key=lambda key: (-campaigns[key].offered, key))[:MOST_ROWS]


def table(told: Report, plot: str) -> tuple[list[str], list[list[Number]]]:
    """Return the columns' names and the rows of the table, each in the order of the groups.

    Beside the figure that the chart draws stands what it was before.
    """
    names, rows = [], []
    for column in COLUMNS:
        names += [column.name]
        if column.name == plot and told.before:
            names += [f"{column.name}_before"]
    for group in told.groups:
        row: list[Number] = []
        for column in COLUMNS:
            row += [column.of(group.figures)]
            if column.name == plot and told.before:
                row += [column.of(group.before or NOTHING)]
        rows.append(row)
    return names, rows


def kind_of(name: str) -> Column:
    """Return the figure that a column of the table shows."""
    return BY_NAME[name.removesuffix("_before")]


def hour_end(key: int, minute: int) -> int:
    """Return when an hour ends that begins at this moment, and at this minute of the clock."""
    return key + HOUR_MS - minute * 60_000
