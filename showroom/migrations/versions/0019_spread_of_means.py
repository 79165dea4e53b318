"""The spread of talks, wrap-ups and ratings, counted of the calls that are there already.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SQUARES = ("talking_squares", "wrap_up_squares", "rating_squares")
TABLES = ("call_rollups", "day_figures")
DIMENSIONS = ("advisor_id", "campaign", "vehicle", "language", "device", "channel")


def upgrade() -> None:
    # Days are made anew of the rollups.
    op.execute("DELETE FROM day_figures")
    for table in TABLES:
        with op.batch_alter_table(table, table_kwargs={"sqlite_with_rowid": False}) as batch:
            for name in SQUARES:
                batch.add_column(
                    sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
                )
    _count()
    for table in TABLES:
        with op.batch_alter_table(table, table_kwargs={"sqlite_with_rowid": False}) as batch:
            for name in SQUARES:
                batch.alter_column(name, server_default=None)


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table, table_kwargs={"sqlite_with_rowid": False}) as batch:
            for name in SQUARES:
                batch.drop_column(name)


def _count() -> None:
    talked = "CASE WHEN live_at IS NOT NULL THEN (ended_at - live_at + 50) / 100 END"
    wrapped = "CASE WHEN outcome IS NOT NULL THEN (closed_at - ended_at + 50) / 100 END"
    keys = ", ".join(f"coalesce({name}, '') AS {name}" for name in DIMENSIONS)
    same = " AND ".join(f"call_rollups.{name} = told.{name}" for name in DIMENSIONS)
    op.execute(
        f"""
        UPDATE call_rollups SET talking_squares = told.talking, wrap_up_squares = told.wrapping,
            rating_squares = told.rating
        FROM (
            SELECT showroom_id, quarter_at, {", ".join(DIMENSIONS)},
                coalesce(sum(talked * talked), 0) AS talking,
                coalesce(sum(wrapped * wrapped), 0) AS wrapping,
                coalesce(sum(rating * rating), 0) AS rating
            FROM (
                SELECT showroom_id, created_at - created_at % 900000 AS quarter_at, {keys},
                    {talked} AS talked, {wrapped} AS wrapped, rating FROM calls
            ) AS one
            GROUP BY showroom_id, quarter_at, {", ".join(DIMENSIONS)}
        ) AS told
        WHERE call_rollups.showroom_id = told.showroom_id
            AND call_rollups.quarter_at = told.quarter_at AND {same}
        """  # noqa: S608 (names of ours only)
    )
