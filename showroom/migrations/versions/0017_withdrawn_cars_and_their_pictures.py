"""Cars that are withdrawn from the range, and the pictures that managers upload.

Revision ID: 0017
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    withdrawn = sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("vehicles", withdrawn)


def downgrade() -> None:
    with op.batch_alter_table("vehicles") as batch:
        batch.drop_column("withdrawn")
