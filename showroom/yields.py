"""What came of those who asked for a call or booked one: step by step, to the order.

The rules in words: docs/figures.md. Everything counts on the day of the request that it came from.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa

from showroom.asking import Figures, Where
from showroom.call_figures import CallFigures
from showroom.database import Database
from showroom.days import offsets
from showroom.figure_columns import Column, Kind, Measured
from showroom.figure_tables import WAY_SUMS, lead_ways
from showroom.noise import Share
from showroom.showrooms import Showroom
from showroom.slicing import By, Clocks, Key, key_of, part_of
from showroom.tables import appointments
from showroom.words import AppointmentState, Channel, Dimension

KEPT = (AppointmentState.LIVE, AppointmentState.DONE)
NOT_BOOKED = (AppointmentState.HELD, AppointmentState.LAPSED)


@dataclass(frozen=True, slots=True)
class YieldFigures:
    """What came of some requests: calls of who came, and booked visits. Sums of times are ms.

    From `leads` on it counts people, once each, with the first request that they are known by.
    """

    requests: int = 0
    live: int = 0
    leads: int = 0
    qualified: int = 0
    test_drives: int = 0
    brochures: int = 0
    offers: int = 0
    reserved: int = 0
    orders: int = 0
    lead_ms: int = 0
    qualified_ms: int = 0
    reserved_ms: int = 0
    order_ms: int = 0
    booked: int = 0
    kept: int = 0
    no_shows: int = 0
    given: int = 0
    redeemed: int = 0


COUNTS = tuple(field.name for field in fields(YieldFigures))


def together(parts: Iterable[YieldFigures]) -> YieldFigures:
    """Return what groups came to as one; they have no request in common."""
    known = tuple(parts)
    return YieldFigures(**{name: sum(getattr(one, name) for one in known) for name in COUNTS})


def _rate(part: str, whole: str) -> Column[YieldFigures]:
    """Return a rate's column; it is called as its part is, with what it is a part of."""

    def share(f: YieldFigures) -> Share:
        return Share(getattr(f, part), getattr(f, whole))

    def of(f: YieldFigures) -> float | None:
        found = share(f)
        return round(found.part / found.whole, 4) if found.whole else None

    name = RATES[part]
    return Column(name, name, Kind.RATE, of, share)


def _no_show_rate(f: YieldFigures) -> Share:
    return Share(f.no_shows, f.no_shows + f.kept)


def _count(name: str) -> Column[YieldFigures]:
    return Column(name, name, Kind.COUNT, lambda f: getattr(f, name))


# What is told of a dealer.
DEALERS_OWN = ("leads", "qualified", "reserved", "orders", "given", "redeemed")
STEPS = (
    "requests", "live", "leads", "qualified", "test_drives", "brochures", "offers", "reserved",
    "orders",
)  # fmt: skip
RATES = {
    "live": "live_rate", "leads": "lead_rate", "qualified": "qualified_rate",
    "orders": "order_rate", "redeemed": "redeemed_rate",
}  # fmt: skip
YIELD: Measured[YieldFigures] = Measured(
    (
        *map(_count, STEPS),
        _rate("live", "requests"),
        _rate("leads", "live"),
        _rate("qualified", "leads"),
        _rate("orders", "leads"),
        *map(_count, ("booked", "no_shows")),
        Column(
            "no_show_rate", "no_show_rate", Kind.RATE,
            lambda f: round(f.no_shows / whole, 4) if (whole := f.no_shows + f.kept) else None,
            _no_show_rate,
        ),
        *map(_count, ("given", "redeemed")),
        _rate("redeemed", "given"),
    ),
    YieldFigures(),
    together,
)  # fmt: skip


class Yield:
    """Reads what came of requests; every question names the showroom.

    With `first` campaigns are those by which people came first, from the lead on; else last.
    """

    def __init__(self, database: Database, *, first: bool = False) -> None:
        self._database, self._first = database, first
        self._calls = Figures(database)

    async def figures(
        self, showroom: Showroom, since_ms: int, until_ms: int, by: By = None,
        where: Where | None = None,
    ) -> dict[Key, YieldFigures]:  # fmt: skip
        """Return what came of the requests in [since, until), told apart as calls are."""
        return await self._figures(showroom, since_ms, until_ms, by, where or {})

    async def campaigns(
        self, showroom: Showroom, since_ms: int, until_ms: int
    ) -> dict[Key, YieldFigures]:
        """Return the requests and the leads of each campaign, and nothing else."""
        at = showroom, since_ms, until_ms
        return await self._figures(*at, Dimension.CAMPAIGN, {}, most=1)

    async def _figures(
        self, showroom: Showroom, since_ms: int, until_ms: int, by: By, where: Where,
        most: int | None = None,
    ) -> dict[Key, YieldFigures]:  # fmt: skip
        """Return the figures; of booked visits and of leads only the first so many."""
        found: dict[Key, Counter[str]] = defaultdict(Counter)
        if by is None:
            found[""] = Counter()
        if since_ms >= until_ms:
            return {key: YieldFigures() for key in found}
        for key, told in (await self._walk_ins(showroom, since_ms, until_ms, by, where)).items():
            found[key].update(requests=told.offered, live=told.talks)
        clocks, key_at = offsets(showroom.zone, since_ms, until_ms), key_of(by, showroom.zone)
        async with self._database.read() as connection:
            for table, every in (_visits(showroom), _ways(showroom, self._first)):
                sums = every[:most]
                query = _asked(table, sums, since_ms, until_ms, by, where, clocks)
                for part, *numbers in await connection.execute(query):
                    if numbers[0]:
                        names = [one.name for one in sums]
                        found[key_at(part)].update(dict(zip(names, map(int, numbers), strict=True)))
        return {
            key: YieldFigures(**{name: found[key][name] for name in COUNTS})
            for key in sorted(found, key=_order)
        }

    async def _walk_ins(
        self, showroom: Showroom, since_ms: int, until_ms: int, by: By, where: Where
    ) -> Mapping[Key, CallFigures]:
        """Return the calls of who came; a booked visit counts when it is booked instead."""
        asked = where.get(Dimension.CHANNEL, [Channel.WALK_IN.value])
        mine = [one for one in asked if one == Channel.WALK_IN]
        if not mine:
            return {}
        which = {**where, Dimension.CHANNEL: mine}
        at = showroom, since_ms, until_ms
        return await self._calls.figures(*at, by, which, waits=False)

    async def by_dealer(
        self, showroom: Showroom, since_ms: int, until_ms: int, where: Where
    ) -> dict[str, YieldFigures]:
        """Return `DEALERS_OWN` of leads by the dealer who has them; an empty text is none."""
        table, every = _ways(showroom, self._first)
        sums = [one for one in every if one.name in DEALERS_OWN]
        which = _within(table, since_ms, until_ms, where)
        query = sa.select(table.c.dealer, *sums).where(*which).group_by(table.c.dealer)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return {
            dealer: YieldFigures(**{one.name: int(n) for one, n in zip(sums, numbers, strict=True)})
            for dealer, *numbers in rows
        }


Told = tuple[Any, list[sa.Label[int]]]


def _asked(
    table: Any, sums: list[sa.Label[int]], since_ms: int, until_ms: int, by: By, where: Where,
    clocks: Clocks,
) -> sa.Select[*tuple[Any, ...]]:  # fmt: skip
    part = part_of(table, by, clocks).label("part")
    which = _within(table, since_ms, until_ms, where)
    return sa.select(part, *sums).where(*which).group_by(sa.text("part"))


def _within(table: Any, since_ms: int, until_ms: int, where: Where) -> list[sa.ColumnElement[bool]]:
    which = [table.c.quarter_at >= since_ms, table.c.quarter_at < until_ms]
    return which + [table.c[name.value].in_(list(ok)) for name, ok in where.items()]


def _number(what: sa.ColumnElement[bool], name: str) -> sa.Label[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((what, 1), else_=0)), 0).label(name)


def _sum(what: sa.ColumnElement[Any], name: str) -> sa.Label[int]:
    return sa.func.coalesce(sa.func.sum(what), 0).label(name)


def _text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.func.coalesce(column, sa.literal_column("''"))


def _visits(showroom: Showroom) -> Told:
    """Return booked visits by when they were booked, and what is counted of them."""
    c = appointments.c
    table = (
        sa.select(
            c.booked_at.label("quarter_at"),
            c.state,
            _text(c.advisor_id).label("advisor_id"),
            _text(c.campaign["name"].as_string()).label("campaign"),
            _text(c.vehicle).label("vehicle"),
            c.language,
            # Nobody has kept what it was booked with.
            sa.literal_column("'unknown'").label("device"),
            sa.literal_column("'visit'").label("channel"),
        )
        .where(
            c.showroom_id == showroom.id,
            c.booked_at.is_not(None),
            c.state.not_in([one.value for one in NOT_BOOKED]),
        )
        .subquery("visits")
    )
    kept = table.c.state.in_([one.value for one in KEPT])
    one: sa.ColumnElement[int] = sa.literal_column("1")
    return table, [
        _sum(one, "requests"),
        _number(kept, "live"),
        _sum(one, "booked"),
        _number(kept, "kept"),
        _number(table.c.state == AppointmentState.NO_SHOW.value, "no_shows"),
    ]


def _ways(showroom: Showroom, first: bool) -> Told:
    """Return leads by the first request that they are known by, and what is counted of them."""
    c = lead_ways.c
    dimensions = {name: c[name.value] for name in Dimension}
    if first:
        dimensions[Dimension.CAMPAIGN] = c.first_campaign
    table = (
        sa.select(
            c.asked_at.label("quarter_at"),
            *(column.label(name.value) for name, column in dimensions.items()),
            c.dealer,
            *(c[name] for name in WAY_SUMS),
        )
        .where(c.showroom_id == showroom.id)
        .subquery("ways")
    )
    leads = _sum(sa.literal_column("1"), "leads")
    return table, [leads, *(_sum(table.c[name], name) for name in WAY_SUMS)]


def _order(key: Key) -> tuple[int, str]:
    return (key, "") if isinstance(key, int) else (0, key)
