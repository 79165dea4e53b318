"""Alarms: a showroom's rules, those that were raised, and the silences.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

UP = sa.text("cleared_at IS NULL")


def _of_showroom(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["showroom_id"],
        ["showrooms.id"],
        name=f"fk_{table}_showroom_id_showrooms",
        ondelete="CASCADE",
    )


def upgrade() -> None:
    # Empty for showrooms that are there already: all alarms are off.
    op.add_column("showrooms", sa.Column("alarms", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("showrooms") as batch_op:
        batch_op.alter_column("alarms", server_default=None)
    op.create_table(
        "alarms",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("mail_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True),
        sa.Column("cleared_at", sa.BigInteger(), nullable=True),
        _of_showroom("alarms"),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
    )
    op.create_index("ix_alarms_showroom_id_raised_at", "alarms", ["showroom_id", "raised_at"])
    op.create_index(
        "ix_alarms_up",
        "alarms",
        ["showroom_id", "kind", "subject"],
        unique=True,
        sqlite_where=UP,
        postgresql_where=UP,
    )
    op.create_table(
        "alarm_silences",
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        _of_showroom("alarm_silences"),
        sa.PrimaryKeyConstraint("showroom_id", "kind", name="pk_alarm_silences"),
    )


def downgrade() -> None:
    op.drop_table("alarm_silences")
    op.drop_table("alarms")
    with op.batch_alter_table("showrooms") as batch_op:
        batch_op.drop_column("alarms")
