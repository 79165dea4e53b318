"""The tables of traffic. It is counted as people come, out of nothing that is kept: no rebuild."""

from typing import Any

import sqlalchemy as sa

from showroom.tables import LANGUAGE, MOMENT, WORD, Text, metadata, of_showroom


def _columns(begin: str, *more: sa.Column[int]) -> list[sa.Column[Any]]:
    """Return what both tables have; `begin` is when the time of a row begins."""
    return [
        of_showroom(primary_key=True),
        sa.Column(begin, MOMENT, primary_key=True, autoincrement=False),
        sa.Column("campaign", Text(100), primary_key=True),  # empty for none: a key has no nulls
        sa.Column("language", LANGUAGE, primary_key=True),
        sa.Column("device", WORD, primary_key=True),
        sa.Column("page", WORD, primary_key=True),
        *more,
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in COUNTS),
    ]


COUNTS = ("views", "widget_opens", "visitors")
# How often pages were opened in a quarter of an hour, and who came for the first time of their day.
traffic = sa.Table("traffic", metadata, *_columns("quarter_at"), sqlite_with_rowid=False)
# The same of whole days of the past: long periods are read out of them. They are true where
# `day_figures` says that their day is there, and come and go with it (`showroom.past_days`).
day_traffic = sa.Table(
    "day_traffic",
    metadata,
    *_columns("from_at", sa.Column("until_at", MOMENT, nullable=False)),
    sqlite_with_rowid=False,
)
KEYS = tuple(column.name for column in traffic.primary_key)
