"""Photos of calls, with what was drawn on them.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photos",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("advisor_id", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("strokes", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_photos_showroom_id_showrooms",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_photos"),
    )
    for column in ("call_id", "taken_at"):
        op.create_index(f"ix_photos_showroom_id_{column}", "photos", ["showroom_id", column])


def downgrade() -> None:
    op.drop_table("photos")
