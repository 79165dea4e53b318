"""Traffic: how often pages were opened, and by how many.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEYS = {"campaign": 100, "language": 8, "device": 32, "page": 32}


def upgrade() -> None:
    op.create_table(
        "traffic",
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("quarter_at", sa.BigInteger(), autoincrement=False, nullable=False),
        *(
            sa.Column(name, sa.String(length=length), nullable=False)
            for name, length in KEYS.items()
        ),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("views", "widget_opens", "visitors")
        ),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_traffic_showroom_id_showrooms",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("showroom_id", "quarter_at", *KEYS, name="pk_traffic"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("traffic")
