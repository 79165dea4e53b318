"""Appointments, who receives them when, and the outbox.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# In these states an appointment takes its advisor's time.
ACTIVE = "('held', 'booked', 'waiting', 'live')"
# SQLite has no exclusion constraint. A later migration that copies this table (a 'batch') must
# make the triggers again: they go with the table they stand on.
TRIGGER = """
CREATE TRIGGER appointments_overlap_{name} BEFORE {event} ON appointments
WHEN NEW.state IN {active} AND EXISTS (
  SELECT 1 FROM appointments AS other
  WHERE other.advisor_id = NEW.advisor_id AND other.id <> NEW.id AND other.state IN {active}
    AND other.blocked_from < NEW.blocked_until AND NEW.blocked_from < other.blocked_until
)
BEGIN SELECT RAISE(ABORT, 'appointments_overlap'); END
"""
EXCLUSION = f"""
ALTER TABLE appointments ADD CONSTRAINT appointments_overlap EXCLUDE USING gist
  (advisor_id WITH =, int8range(blocked_from, blocked_until) WITH &&) WHERE (state IN {ACTIVE})
"""


def upgrade() -> None:
    # The default is for the showrooms that are there; who adds one from now on says both.
    op.add_column(
        "showrooms", sa.Column("campaigns", sa.JSON(), nullable=False, server_default="[]")
    )
    op.add_column("showrooms", sa.Column("visits", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("showrooms") as batch_op:
        batch_op.alter_column("campaigns", server_default=None)
        batch_op.alter_column("visits", server_default=None)
    op.create_table(
        "rosters",
        _showroom_id(),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        _of_showroom("rosters"),
        _of_staff("rosters", "staff_id", "CASCADE"),
        sa.PrimaryKeyConstraint("showroom_id", "staff_id", name="pk_rosters"),
    )
    op.create_table(
        "absences",
        sa.Column("id", sa.String(length=64), nullable=False),
        _showroom_id(),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        _of_showroom("absences"),
        _of_staff("absences", "staff_id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_absences"),
    )
    op.create_index("ix_absences_staff_id_ends_at", "absences", ["staff_id", "ends_at"])
    op.create_table(
        "calendar_feeds",
        _showroom_id(),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        _of_showroom("calendar_feeds"),
        _of_staff("calendar_feeds", "staff_id", "CASCADE"),
        sa.PrimaryKeyConstraint("showroom_id", "staff_id", name="pk_calendar_feeds"),
        sa.UniqueConstraint("digest", name="uq_calendar_feeds_digest"),
    )
    _appointments()
    _outbox()


def _showroom_id() -> sa.Column[str]:
    return sa.Column("showroom_id", sa.String(length=64), nullable=False)


def _of_showroom(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["showroom_id"], ["showrooms.id"], name=f"fk_{table}_showroom_id", ondelete="CASCADE"
    )


def _of_staff(table: str, column: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["staff.id"], name=f"fk_{table}_{column}", ondelete=ondelete
    )


def _appointments() -> None:
    op.create_table(
        "appointments",
        sa.Column("id", sa.String(length=64), nullable=False),
        _showroom_id(),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("blocked_from", sa.BigInteger(), nullable=False),
        sa.Column("blocked_until", sa.BigInteger(), nullable=False),
        sa.Column("advisor_id", sa.String(length=64), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("vehicle", sa.String(length=64), nullable=True),
        sa.Column("wish", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("consents", sa.JSON(), nullable=False),
        sa.Column("campaign", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=True),
        sa.Column("booked_at", sa.BigInteger(), nullable=True),
        sa.Column("arrived_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("end_reason", sa.String(length=32), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("call_id", sa.String(length=64), nullable=True),
        sa.Column("rebooked_from", sa.String(length=64), nullable=True),
        _of_showroom("appointments"),
        _of_staff("appointments", "advisor_id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_appointments"),
        sa.UniqueConstraint("token", name="uq_appointments_token"),
    )
    for indexed in (["showroom_id", "starts_at"], ["advisor_id", "starts_at"], ["due_at"]):
        op.create_index(f"ix_appointments_{'_'.join(indexed)}", "appointments", indexed)
    op.create_index("ix_appointments_call_id", "appointments", ["call_id"])
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(EXCLUSION)
    else:
        op.execute(TRIGGER.format(active=ACTIVE, name="insert", event="INSERT"))
        columns = "state, advisor_id, blocked_from, blocked_until"
        op.execute(TRIGGER.format(active=ACTIVE, name="update", event=f"UPDATE OF {columns}"))


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        _showroom_id(),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.String(length=32), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        _of_showroom("outbox"),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
    )
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["next_try_at"],
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_index("ix_outbox_subject_id_number", "outbox", ["subject_id", "number"])


def downgrade() -> None:
    for table in ("outbox", "appointments", "calendar_feeds", "absences", "rosters"):
        op.drop_table(table)
    op.drop_column("showrooms", "visits")
    op.drop_column("showrooms", "campaigns")
