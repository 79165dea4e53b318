"""Whole days of the past of traffic. They come and go with those of calls: all are made anew.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KEY = ("showroom_id", "from_at", "campaign", "language", "device", "page")


def upgrade() -> None:
    op.execute("DELETE FROM day_figures")
    op.create_table(
        "day_traffic",
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("from_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign", sa.String(length=100), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("page", sa.String(length=32), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.Column("widget_opens", sa.BigInteger(), nullable=False),
        sa.Column("visitors", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_day_traffic_showroom_id_showrooms",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*KEY, name="pk_day_traffic"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("day_traffic")
