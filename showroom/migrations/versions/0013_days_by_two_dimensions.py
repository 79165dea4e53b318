"""Whole days of the past by two dimensions at once. All of it is made of the rollups again.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEY = ["showroom_id", "dimension", "from_at", "value"]
WIDER_KEY = ["showroom_id", "dimension", "beside", "from_at", "value", "beside_value"]


def upgrade() -> None:
    op.execute("DELETE FROM day_figures")
    with op.batch_alter_table("day_figures", table_kwargs={"sqlite_with_rowid": False}) as batch:
        batch.drop_constraint("pk_day_figures", type_="primary")
        batch.add_column(sa.Column("beside", sa.String(length=32), nullable=False))
        batch.add_column(sa.Column("beside_value", sa.String(length=100), nullable=False))
        batch.create_primary_key("pk_day_figures", WIDER_KEY)


def downgrade() -> None:
    op.execute("DELETE FROM day_figures")
    with op.batch_alter_table("day_figures", table_kwargs={"sqlite_with_rowid": False}) as batch:
        batch.drop_constraint("pk_day_figures", type_="primary")
        batch.drop_column("beside_value")
        batch.drop_column("beside")
        batch.create_primary_key("pk_day_figures", KEY)
