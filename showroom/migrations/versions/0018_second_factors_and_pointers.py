"""Sessions say whether the company asked for a second factor; where calls' sides pointed.

Revision ID: 0018
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As an `ALTER TABLE` by name: a table made anew would end everybody's session.
    op.add_column(
        "staff_sessions",
        sa.Column("second_factor", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("staff_sessions", "second_factor")
