"""Leads, dealers, what goes out to stores and comes back, reservations, and keys for programs.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The defaults are for the showrooms that are there; who adds one from now on says both.
    for column in ("scoring", "store"):
        op.add_column(
            "showrooms", sa.Column(column, sa.JSON(), nullable=False, server_default="{}")
        )
    with op.batch_alter_table("showrooms") as batch_op:
        for column in ("scoring", "store"):
            batch_op.alter_column(column, server_default=None)
    op.add_column("outbox", sa.Column("endpoint_id", sa.String(length=64), nullable=True))
    op.create_index("ix_outbox_endpoint_id_number", "outbox", ["endpoint_id", "number"])
    # Each endpoint is a kind of its own from now on, and looks for its own rows only.
    _index_what_is_open("kind", "next_try_at")
    op.add_column("calls", sa.Column("origin", sa.JSON(), nullable=True))
    _dealers_and_leads()
    _handoff()
    _back_from_the_store()
    _interface()


def _index_what_is_open(*columns: str) -> None:
    op.drop_index("ix_outbox_open", "outbox")
    op.create_index(
        "ix_outbox_open",
        "outbox",
        columns,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )


def _dealers_and_leads() -> None:
    op.create_table(
        "dealers",
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=16), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["showroom_id"], ["showrooms.id"], name="fk_dealers_showroom_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("showroom_id", "code", name="pk_dealers"),
    )
    op.create_table(
        "leads",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("postcode", sa.String(length=16), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("dealer", sa.String(length=64), nullable=True),
        sa.Column("dealer_chosen", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("qualified_at", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.String(length=64), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["staff.id"], name="fk_leads_owner_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["showroom_id"], ["showrooms.id"], name="fk_leads_showroom_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_leads"),
    )
    op.create_index(
        "ix_leads_showroom_id_state_due_at", "leads", ["showroom_id", "state", "due_at"]
    )
    op.create_index(
        "ix_leads_showroom_id_updated_at_id", "leads", ["showroom_id", "updated_at", "id"]
    )
    op.create_table(
        "lead_keys",
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("lead_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name="fk_lead_keys_lead_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["showroom_id"], ["showrooms.id"], name="fk_lead_keys_showroom_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("showroom_id", "key", name="pk_lead_keys"),
    )
    op.create_index("ix_lead_keys_lead_id", "lead_keys", ["lead_id"])
    op.create_table(
        "lead_events",
        sa.Column("lead_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name="fk_lead_events_lead_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("lead_id", "seq", name="pk_lead_events"),
    )
    op.create_table(
        "lead_sources",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("lead_id", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name="fk_lead_sources_lead_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_lead_sources_showroom_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("kind", "source_id", name="pk_lead_sources"),
    )
    op.create_index("ix_lead_sources_lead_id", "lead_sources", ["lead_id"])
    op.create_table(
        "lead_sheets",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.JSON(), nullable=False),
        sa.Column("lead_id", sa.String(length=64), nullable=True),
        sa.Column("saved_by", sa.String(length=64), nullable=True),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name="fk_lead_sheets_lead_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["saved_by"], ["staff.id"], name="fk_lead_sheets_saved_by", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["showroom_id"], ["showrooms.id"], name="fk_lead_sheets_showroom_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", name="pk_lead_sheets"),
    )


def _handoff() -> None:
    op.create_table(
        "endpoints",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("dealer", sa.String(length=64), nullable=True),
        sa.Column("secrets", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("disabled_reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["showroom_id"], ["showrooms.id"], name="fk_endpoints_showroom_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_endpoints"),
    )
    op.create_index("ix_endpoints_showroom_id", "endpoints", ["showroom_id"])
    op.create_table(
        "delivery_attempts",
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("endpoint_id", sa.String(length=64), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("result", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_delivery_attempts_showroom_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery_id", "attempt", name="pk_delivery_attempts"),
    )
    op.create_index(
        "ix_delivery_attempts_showroom_id_endpoint_id_happened_at",
        "delivery_attempts",
        ["showroom_id", "endpoint_id", "happened_at"],
    )


def _back_from_the_store() -> None:
    op.create_table(
        "store_secrets",
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("secrets", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_store_secrets_showroom_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("showroom_id", name="pk_store_secrets"),
    )
    op.create_table(
        "store_events",
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.String(length=64), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name="fk_store_events_lead_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_store_events_showroom_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("showroom_id", "id", name="pk_store_events"),
    )
    op.create_index("ix_store_events_call_id", "store_events", ["call_id"])
    op.create_index(
        "ix_store_events_showroom_id_kind_happened_at",
        "store_events",
        ["showroom_id", "kind", "happened_at"],
    )
    op.create_table(
        "reservations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("dealer_token", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("lead_id", sa.String(length=64), nullable=False),
        sa.Column("vehicle", sa.String(length=64), nullable=False),
        sa.Column("dealer", sa.String(length=64), nullable=False),
        sa.Column("given_by", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ordered_at", sa.BigInteger(), nullable=True),
        sa.Column("order_ref", sa.String(length=128), nullable=True),
        sa.ForeignKeyConstraint(
            ["given_by"], ["staff.id"], name="fk_reservations_given_by", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name="fk_reservations_lead_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_reservations_showroom_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reservations"),
        sa.UniqueConstraint("dealer_token", name="uq_reservations_dealer_token"),
        sa.UniqueConstraint("showroom_id", "code", name="uq_reservations_showroom_id_code"),
        sa.UniqueConstraint("token", name="uq_reservations_token"),
    )
    op.create_index("ix_reservations_lead_id", "reservations", ["lead_id"])
    op.create_index("ix_reservations_state_expires_at", "reservations", ["state", "expires_at"])


def _interface() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["showroom_id"], ["showrooms.id"], name="fk_api_keys_showroom_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )
    op.create_index("ix_api_keys_showroom_id", "api_keys", ["showroom_id"])
    op.create_table(
        "idempotent_requests",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("showroom_id", sa.String(length=64), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["showroom_id"],
            ["showrooms.id"],
            name="fk_idempotent_requests_showroom_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_idempotent_requests"),
    )
    op.create_index("ix_idempotent_requests_created_at", "idempotent_requests", ["created_at"])


def downgrade() -> None:
    for table in (
        "idempotent_requests",
        "api_keys",
        "reservations",
        "store_events",
        "store_secrets",
        "delivery_attempts",
        "endpoints",
        "lead_sheets",
        "lead_sources",
        "lead_events",
        "lead_keys",
        "leads",
        "dealers",
    ):
        op.drop_table(table)
    _index_what_is_open("next_try_at")
    op.drop_index("ix_outbox_endpoint_id_number", "outbox")
    op.drop_column("calls", "origin")
    op.drop_column("outbox", "endpoint_id")
    op.drop_column("showrooms", "store")
    op.drop_column("showrooms", "scoring")
