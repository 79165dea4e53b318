"""The table of mails of figures that managers asked for."""

import sqlalchemy as sa

from showroom.tables import ID, LANGUAGE, MOMENT, WORD, Text, metadata, of_showroom

LONGEST_QUERY = 2_000

figure_mails = sa.Table(
    "figure_mails",
    metadata,
    sa.Column("id", ID, primary_key=True),
    of_showroom(),
    sa.Column("staff_id", ID, sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    sa.Column("page", WORD, nullable=False),
    sa.Column("asked", Text(LONGEST_QUERY), nullable=False),  # the address's filter
    sa.Column("language", LANGUAGE, nullable=False),
    sa.Column("rhythm", WORD, nullable=False),
    sa.Column("minute", sa.Integer, nullable=False),  # of the day, by the showroom's clock
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("next_at", MOMENT, nullable=False),
    sa.Index("ix_figure_mails_next_at", "next_at"),
    sa.Index("ix_figure_mails_staff_id", "staff_id"),
)
