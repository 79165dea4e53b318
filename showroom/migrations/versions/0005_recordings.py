"""Recordings of calls, their keys, their anonymised copies, and who has opened them.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=True),
        sa.Column("advisor_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("customer_agreed_at", sa.BigInteger(), nullable=True),
        sa.Column("advisor_agreed_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("end_reason", sa.String(length=16), nullable=True),
        sa.Column("wrapped_key", sa.String(length=128), nullable=True),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("stem", sa.String(length=64), nullable=True),
        sa.Column("form", sa.String(length=8), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_recordings_showroom_id_showrooms",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
    )
    for column in ("call_id", "started_at"):
        op.create_index(
            f"ix_recordings_showroom_id_{column}", "recordings", ["showroom_id", column]
        )
    op.create_index("ix_recordings_state", "recordings", ["state"])
    op.create_table(
        "recording_copies",
        sa.Column("recording_id", sa.String(length=64), nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=True),
        sa.Column("stem", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_recording_copies_showroom_id_showrooms",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", name="pk_recording_copies"),
    )
    for column in ("showroom_id", "state"):
        op.create_index(f"ix_recording_copies_{column}", "recording_copies", [column])
    op.create_table(
        "recording_views",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("recording_id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("deed", sa.String(length=16), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_recording_views_showroom_id_showrooms",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recording_views"),
    )
    for column in ("showroom_id", "recording_id"):
        op.create_index(f"ix_recording_views_{column}", "recording_views", [column])


def downgrade() -> None:
    op.drop_table("recording_views")
    op.drop_table("recording_copies")
    op.drop_table("recordings")
