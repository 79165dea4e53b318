"""The tables of the manager's figures. All in them is made of `calls`, and can be made anew.

The rules of `showroom.tables` hold here too: times are UTC milliseconds and end in `_at`, and what
belongs to a showroom names it.
"""

from typing import Any

import sqlalchemy as sa

from showroom.measures import MEASURES
from showroom.tables import ID, LANGUAGE, MOMENT, SLUG, WORD, Text, metadata, of_showroom
from showroom.words import Dimension

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
