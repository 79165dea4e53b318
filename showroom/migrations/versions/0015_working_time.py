"""Working time: what advisors did from when until when, and its sums.

Revision ID: 0015
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

SUMS = ("ready_ms", "ringing_ms", "in_call_ms", "wrapping_ms", "away_ms")


def upgrade() -> None:
    op.create_table(
        "stints",
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("advisor_id", sa.String(length=64), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_stints_showroom_id_showrooms",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("showroom_id", "advisor_id", "begins_at", name="pk_stints"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "working_time",
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("quarter_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("advisor_id", sa.String(length=64), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in SUMS),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_working_time_showroom_id_showrooms",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("showroom_id", "quarter_at", "advisor_id", name="pk_working_time"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("working_time")
    op.drop_table("stints")
