"""The tables of traffic. It is counted as people come, out of nothing that is kept: no rebuild."""

import sqlalchemy as sa

from showroom.tables import LANGUAGE, MOMENT, WORD, Text, metadata, of_showroom

# How often pages were opened in a quarter of an hour, and who came for the first time of their day.
traffic = sa.Table(
    "traffic",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("quarter_at", MOMENT, primary_key=True, autoincrement=False),
    sa.Column("campaign", Text(100), primary_key=True),  # empty for none, as a key has no nulls
    sa.Column("language", LANGUAGE, primary_key=True),
    sa.Column("device", WORD, primary_key=True),
    sa.Column("page", WORD, primary_key=True),
    sa.Column("views", sa.BigInteger, nullable=False),
    sa.Column("widget_opens", sa.BigInteger, nullable=False),
    sa.Column("visitors", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
# Its days, whole and past, one row for each kind of row above: long periods are read out of them.
# They are true where `day_figures` says that their day is there, and come and go with it.
day_traffic = sa.Table(
    "day_traffic",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("from_at", MOMENT, primary_key=True, autoincrement=False),
    sa.Column("campaign", Text(100), primary_key=True),
    sa.Column("language", LANGUAGE, primary_key=True),
    sa.Column("device", WORD, primary_key=True),
    sa.Column("page", WORD, primary_key=True),
    sa.Column("until_at", MOMENT, nullable=False),
    sa.Column("views", sa.BigInteger, nullable=False),
    sa.Column("widget_opens", sa.BigInteger, nullable=False),
    sa.Column("visitors", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
KEYS = tuple(column.name for column in traffic.primary_key)
COUNTS = ("views", "widget_opens", "visitors")
