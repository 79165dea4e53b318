"""The tables of alarms: those that are up, those that were, and which kinds are silenced.

The rules of `showroom.tables` hold. Nothing here tells who called.
"""

import sqlalchemy as sa

from showroom.tables import ID, MOMENT, WORD, Text, metadata, of_showroom

UP = sa.text("cleared_at IS NULL")

alarms = sa.Table(
    "alarms",
    metadata,
    sa.Column("id", ID, primary_key=True),
    of_showroom(),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("subject", ID, nullable=False),  # a receiver by its id; else empty
    sa.Column("name", Text(200), nullable=False),  # what the subject is called
    sa.Column("numbers", sa.JSON, nullable=False),  # what was too much: {name: number}
    sa.Column("since_at", MOMENT, nullable=False),  # since when what is wrong was so
    sa.Column("raised_at", MOMENT, nullable=False),
    sa.Column("told_at", MOMENT, nullable=True),  # when others were told of it first
    # When a letter about it goes out, or went last.
    sa.Column("mail_at", MOMENT, nullable=True),
    sa.Column("acknowledged_at", MOMENT, nullable=True),
    sa.Column("acknowledged_by", ID, nullable=True),
    sa.Column("cleared_at", MOMENT, nullable=True),
    sa.Index(None, "showroom_id", "raised_at"),
    # Whoever sees it first raises it; nobody raises it twice.
    sa.Index(
        "ix_alarms_up",
        "showroom_id",
        "kind",
        "subject",
        unique=True,
        sqlite_where=UP,
        postgresql_where=UP,
    ),
)

alarm_silences = sa.Table(
    "alarm_silences",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("kind", WORD, primary_key=True),
    sa.Column("until_at", MOMENT, nullable=False),
    sa.Column("staff_id", ID, nullable=False),
)
