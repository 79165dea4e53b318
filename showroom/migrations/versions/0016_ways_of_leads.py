"""The way of each lead in one row. All of it is made of others: `showroom figures rebuild`.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SUMS = (
    "qualified", "test_drives", "brochures", "offers", "reserved", "orders", "lead_ms",
    "qualified_ms", "reserved_ms", "order_ms", "given", "redeemed",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "lead_ways",
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lead_id", sa.String(length=64), nullable=False),
        sa.Column("advisor_id", sa.String(length=64), nullable=False),
        sa.Column("campaign", sa.String(length=100), nullable=False),
        sa.Column("vehicle", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("first_campaign", sa.String(length=100), nullable=False),
        sa.Column("dealer", sa.String(length=64), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in SUMS),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_lead_ways_showroom_id_showrooms",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("showroom_id", "asked_at", "lead_id", name="pk_lead_ways"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_lead_ways_showroom_id_lead_id", "lead_ways", ["showroom_id", "lead_id"])


def downgrade() -> None:
    op.drop_table("lead_ways")
