"""The table of the audit log: who changed which setting, when, and from what to what.

The rules of `showroom.tables` hold. No retention of calls purges it: it tells of settings, not of
customers, and goes with its showroom.
"""

import sqlalchemy as sa

from showroom.tables import ID, MOMENT, WORD, metadata, of_showroom

audit_entries = sa.Table(
    "audit_entries",
    metadata,
    # Grows, so that a page can go on below the last one that it has shown.
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    of_showroom(),
    sa.Column("happened_at", MOMENT, nullable=False),
    # Without a foreign key: whose account goes has done it all the same.
    sa.Column("who", ID, nullable=False),  # a member of staff, or `command line`
    sa.Column("deed", WORD, nullable=False),
    sa.Column("subject", WORD, nullable=False),
    sa.Column("subject_id", ID, nullable=False),
    sa.Column("before", sa.JSON, nullable=False),  # {path: value}, of what differs only
    sa.Column("after", sa.JSON, nullable=False),
    sa.Index(None, "showroom_id", "id"),
)
