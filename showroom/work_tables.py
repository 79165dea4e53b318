"""The tables of working time: what advisors did, and the same as sums that stay.

The rules of `showroom.tables` hold here too. The advisor is no foreign key: what somebody did stays
in the figures of their time.
"""

from typing import Any

import sqlalchemy as sa

from showroom.tables import ID, MOMENT, WORD, metadata, of_showroom

# From when until when an advisor was in one state; of one advisor no two share a moment.
stints = sa.Table(
    "stints",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("advisor_id", ID, primary_key=True),
    sa.Column("begins_at", MOMENT, primary_key=True, autoincrement=False),
    sa.Column("ends_at", MOMENT, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("reason", WORD, nullable=False),  # of who is away, or empty
    sqlite_with_rowid=False,
)

SUMS = ("ready_ms", "ringing_ms", "in_call_ms", "wrapping_ms", "away_ms")


def _sums() -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in SUMS]


# Of each quarter of an hour, how much of it an advisor was in each state. Made of the stints.
working_time = sa.Table(
    "working_time",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("quarter_at", MOMENT, primary_key=True, autoincrement=False),
    sa.Column("advisor_id", ID, primary_key=True),
    *_sums(),
    sqlite_with_rowid=False,
)
