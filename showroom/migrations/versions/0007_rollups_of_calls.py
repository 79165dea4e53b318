"""Calls with campaign, device and channel, and the rollups of the manager's figures.

The rollups of calls that are there already come from `showroom figures rebuild`.

Revision ID: 0007
Revises: 0006
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DIMENSIONS = {
    "advisor_id": 64,
    "campaign": 100,
    "vehicle": 64,
    "language": 8,
    "device": 32,
    "channel": 32,
}
MEASURES = (
    "offered",
    "answered",
    "answered_in_time",
    "abandoned",
    "short_abandons",
    "rings",
    "missed_rings",
    "waiting_ms_sum",
    "waiting_ms_max",
    "talks",
    "talking_ms_sum",
    "wrap_ups",
    "wrap_up_ms_sum",
    "rating_sum",
    "rating_count",
    "quality_good",
    "quality_fair",
    "quality_poor",
    "outcome_interested",
    "outcome_test_drive",
    "outcome_offer_wanted",
    "outcome_bought",
    "outcome_no_fit",
    "outcome_invalid",
)
# What an origin is called in each database's JSON.
CAMPAIGN = {
    "sqlite": "json_extract(origin, '$.name')",
    "postgresql": "origin ->> 'name'",
}


def upgrade() -> None:
    _say_where_calls_came_from()
    op.create_table(
        "call_rollups",
        *_keys(),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in MEASURES),
        _of_showroom("call_rollups"),
        sa.PrimaryKeyConstraint("showroom_id", "quarter_at", *DIMENSIONS, name="pk_call_rollups"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "call_waits",
        *_keys(),
        sa.Column("waited_seconds", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        _of_showroom("call_waits"),
        sa.PrimaryKeyConstraint(
            "showroom_id", "quarter_at", *DIMENSIONS, "waited_seconds", name="pk_call_waits"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "day_figures",
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("dimension", sa.String(length=32), nullable=False),
        sa.Column("from_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("value", sa.String(length=100), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in MEASURES),
        sa.Column("waits", sa.JSON(), nullable=False),
        _of_showroom("day_figures"),
        sa.PrimaryKeyConstraint(
            "showroom_id", "dimension", "from_at", "value", name="pk_day_figures"
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("day_figures", "call_waits", "call_rollups"):
        op.drop_table(table)
    with op.batch_alter_table("calls") as batch_op:
        for column in ("channel", "device", "campaign"):
            batch_op.drop_column(column)


def _say_where_calls_came_from() -> None:
    """Give the calls that are there what is known of them: nobody kept their browsers' names."""
    op.add_column("calls", sa.Column("campaign", sa.String(length=100), nullable=True))
    for column, value in (("device", "unknown"), ("channel", "walk_in")):
        op.add_column(
            "calls",
            sa.Column(column, sa.String(length=32), nullable=False, server_default=value),
        )
    name = CAMPAIGN[op.get_bind().dialect.name]
    op.execute(f"UPDATE calls SET campaign = nullif(substr({name}, 1, 100), '')")  # noqa: S608
    visits = "SELECT call_id FROM appointments WHERE call_id IS NOT NULL"
    op.execute(f"UPDATE calls SET channel = 'visit' WHERE id IN ({visits})")  # noqa: S608
    with op.batch_alter_table("calls") as batch_op:
        for column in ("device", "channel"):
            batch_op.alter_column(column, server_default=None)


def _keys() -> list[sa.Column[Any]]:
    return [
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("quarter_at", sa.BigInteger(), autoincrement=False, nullable=False),
        *(
            sa.Column(name, sa.String(length=length), nullable=False)
            for name, length in DIMENSIONS.items()
        ),
    ]


def _of_showroom(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["showroom_id"],
        ["showrooms.id"],
        name=f"fk_{table}_showroom_id_showrooms",
        ondelete="CASCADE",
    )
