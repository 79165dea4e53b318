"""The tables of the manager's figures. All in them is made of others,
and can be made anew.

The rules of `showroom.tables` hold here too: times are UTC milliseconds and end in `_at`, and what
belongs to a showroom names it.
"""

from typing import Any

import sqlalchemy as sa

from showroom.measures import LONGEST, MEASURES
from showroom.tables import ID, LANGUAGE, MOMENT, SLUG, WORD, Text, metadata, of_showroom
from showroom.words import Dimension

# What is added up of leads: how many did what, and the milliseconds until they did.
WAY_SUMS = (
    "qualified", "test_drives", "brochures", "offers", "reserved", "orders", "lead_ms",
    "qualified_ms", "reserved_ms", "order_ms", "given", "redeemed",
)  # fmt: skip
# By which calls are told apart; empty for none, as a key has no nulls.
DIMENSIONS = {
    Dimension.ADVISOR: ID,
    Dimension.CAMPAIGN: Text(100),
    Dimension.VEHICLE: SLUG,
    Dimension.LANGUAGE: LANGUAGE,
    Dimension.DEVICE: WORD,
    Dimension.CHANNEL: WORD,
}


def _keys() -> list[sa.Column[Any]]:
    return [
        of_showroom(primary_key=True),
        # The quarter of an hour in which the calls were requested begins here.
        sa.Column("quarter_at", MOMENT, primary_key=True, autoincrement=False),
        *(sa.Column(name.value, kind, primary_key=True) for name, kind in DIMENSIONS.items()),
    ]


# The advisor is no foreign key: what somebody did stays in the figures of their time.
call_rollups = sa.Table(
    "call_rollups",
    metadata,
    *_keys(),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in MEASURES),
    sqlite_with_rowid=False,
)

# How many of the calls that were answered or abandoned waited for so long: for percentiles.
call_waits = sa.Table(
    "call_waits",
    metadata,
    *_keys(),
    sa.Column("waited_seconds", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("calls", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Whole days of the past, by one dimension or by two: long periods are read out of them. A day has
# rows while they are true, and one without a dimension always; when a call of it changes it has
# none. Days are those of the showroom's zone: a row that is not one of them any more is not read.
day_figures = sa.Table(
    "day_figures",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("dimension", WORD, primary_key=True),
    sa.Column("beside", WORD, primary_key=True),  # the second dimension, or empty
    sa.Column("from_at", MOMENT, primary_key=True, autoincrement=False),
    sa.Column("value", Text(100), primary_key=True),
    sa.Column("beside_value", Text(100), primary_key=True),
    sa.Column("until_at", MOMENT, nullable=False),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in MEASURES),
    sa.Column("waits", sa.JSON, nullable=False),  # calls by the seconds that they waited
    sqlite_with_rowid=False,
)


# What came of each lead, by the first request that it is known by (`showroom.ways`).
lead_ways = sa.Table(
    "lead_ways",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("asked_at", MOMENT, primary_key=True, autoincrement=False),
    # No foreign key: whoever counts it must not wait for a lead that somebody writes.
    sa.Column("lead_id", ID, primary_key=True),
    *(sa.Column(name.value, kind, nullable=False) for name, kind in DIMENSIONS.items()),
    sa.Column("first_campaign", DIMENSIONS[Dimension.CAMPAIGN], nullable=False),
    sa.Column("dealer", SLUG, nullable=False),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in WAY_SUMS),
    sa.Index(None, "showroom_id", "lead_id"),
    sqlite_with_rowid=False,
)


def sums_of(table: sa.Table) -> list[sa.ColumnElement[Any]]:
    """Return what adds up the measures of rows, in their order."""
    return [
        (sa.func.max if name == LONGEST else sa.func.sum)(table.c[name]).label(name)
        for name in MEASURES
    ]
