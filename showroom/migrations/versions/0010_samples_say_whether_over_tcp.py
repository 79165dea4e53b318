"""Samples of a call's line say whether it went over TCP.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of the samples that are there nobody knows; and no table of millions of rows is written anew.
    op.add_column("call_quality", sa.Column("tcp", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("call_quality") as batch_op:
        batch_op.drop_column("tcp")
