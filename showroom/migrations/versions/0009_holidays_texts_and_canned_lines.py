"""Showrooms with a calendar of holidays, texts of their own, and lines for the chat.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Empty for showrooms that are there already: what is not set is as it was.
COLUMNS = ("holidays", "texts", "canned")


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column(
            "showrooms", sa.Column(column, sa.JSON(), nullable=False, server_default="{}")
        )
    with op.batch_alter_table("showrooms") as batch_op:
        for column in COLUMNS:
            batch_op.alter_column(column, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("showrooms") as batch_op:
        for column in reversed(COLUMNS):
            batch_op.drop_column(column)
