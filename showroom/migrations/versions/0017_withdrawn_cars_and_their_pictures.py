"""Cars that are withdrawn from the range, and the pictures that managers upload.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "vehicles",
        sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "pictures",
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name=op.f("fk_pictures_showroom_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("showroom_id", "name", name=op.f("pk_pictures")),
    )
    op.create_index(op.f("ix_pictures_kept_at"), "pictures", ["kept_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_pictures_kept_at"), table_name="pictures")
    op.drop_table("pictures")
    with op.batch_alter_table("vehicles") as batch:
        batch.drop_column("withdrawn")
