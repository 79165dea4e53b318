"""Working time: what advisors did from when until when, and its sums; mails of figures.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
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
    op.create_table(
        "figure_mails",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("page", sa.String(length=32), nullable=False),
        sa.Column("asked", sa.String(length=2000), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("rhythm", sa.String(length=32), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_figure_mails_showroom_id_showrooms",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_figure_mails_staff_id_staff", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_figure_mails"),
    )
    op.create_index("ix_figure_mails_next_at", "figure_mails", ["next_at"])
    op.create_index("ix_figure_mails_staff_id", "figure_mails", ["staff_id"])


def downgrade() -> None:
    op.drop_table("figure_mails")
    op.drop_table("working_time")
    op.drop_table("stints")
