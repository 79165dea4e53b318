"""The table of erasures: that somebody was erased, when, by whom and why; nothing of who it was.

The rules of `showroom.tables` hold.
"""

import sqlalchemy as sa

from showroom.tables import ID, MOMENT, WORD, metadata, of_showroom

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("id", ID, primary_key=True),
    of_showroom(),
    sa.Column("happened_at", MOMENT, nullable=False),
    # Without a foreign key: whose account goes has done it all the same.
    sa.Column("who", ID, nullable=False),  # a member of staff, or `command line`
    sa.Column("reason", WORD, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),  # {what: how many}
    # What is still to be done outside of the database; empty as soon as it is through.
    sa.Column("work", sa.JSON, nullable=False),
    sa.Column("passes", sa.Integer, nullable=False),
    sa.Column("next_at", MOMENT, nullable=False),
    sa.Column("finished_at", MOMENT, nullable=True),
    sa.Index(None, "showroom_id", "happened_at"),
    sa.Index(
        "ix_erasures_open",
        "next_at",
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    ),
)
