"""Links by mail for staff, a second factor, and when somebody signed in last.

Revision ID: 0008
Revises: 0007
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("signed_in_at", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE staff SET signed_in_at ="
        " (SELECT max(created_at) FROM staff_sessions WHERE staff_id = staff.id)"
    )
    op.create_table(
        "staff_links",
        sa.Column("id", sa.String(length=64), nullable=False),
        *_of_staff("staff_links"),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_links"),
        sa.UniqueConstraint("digest", name="uq_staff_links_digest"),
    )
    op.create_index("ix_staff_links_staff_id", "staff_links", ["staff_id"])
    op.create_table(
        "staff_factors",
        *_of_staff("staff_factors"),
        sa.Column("sealed", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", name="pk_staff_factors"),
    )
    op.create_table(
        "staff_recovery_codes",
        *_of_staff("staff_recovery_codes"),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "digest", name="pk_staff_recovery_codes"),
    )
    op.create_table(
        "staff_identities",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        *_of_staff("staff_identities"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_staff_identities"),
        sa.UniqueConstraint("staff_id", "issuer", name="uq_staff_identities_staff_id_issuer"),
    )


def downgrade() -> None:
    for table in ("staff_identities", "staff_recovery_codes", "staff_factors", "staff_links"):
        op.drop_table(table)
    with op.batch_alter_table("staff") as batch_op:
        batch_op.drop_column("signed_in_at")


def _of_staff(table: str) -> tuple[Any, ...]:
    return (
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=f"fk_{table}_staff_id_staff", ondelete="CASCADE"
        ),
    )
