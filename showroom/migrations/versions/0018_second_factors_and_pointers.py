"""Sessions say whether the company asked for a second factor; where calls' sides pointed.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As an `ALTER TABLE` by name: a table made anew would end everybody's session.
    op.add_column(
        "staff_sessions",
        sa.Column("second_factor", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "call_marks",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column("marked_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("x", sa.Float(), nullable=False),
        sa.Column("y", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_call_marks_showroom_id_showrooms",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("call_id", "side", "marked_at", name="pk_call_marks"),
    )
    op.create_index(
        "ix_call_marks_showroom_id_marked_at", "call_marks", ["showroom_id", "marked_at"]
    )


def downgrade() -> None:
    op.drop_table("call_marks")
    op.drop_column("staff_sessions", "second_factor")
