"""The tables of leads: who wants what, and how it reaches the store and the dealers.

The rules of `showroom.tables` hold here too: times are UTC milliseconds and end in `_at`, and what
belongs to a showroom names it.
"""

import sqlalchemy as sa

from showroom.tables import ID, LANGUAGE, MOMENT, SLUG, WORD, Text, metadata, of_showroom

dealers = sa.Table(
    "dealers",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("code", SLUG, primary_key=True),  # the brand's own number for it
    sa.Column("kind", WORD, nullable=False),  # dealer, agent
    sa.Column("name", Text(200), nullable=False),
    sa.Column("street", Text(200), nullable=False),
    sa.Column("postcode", Text(16), nullable=False),
    sa.Column("city", Text(100), nullable=False),
    sa.Column("country", Text(2), nullable=False),  # ISO 3166-1 alpha-2
    sa.Column("latitude", sa.Float, nullable=False),  # WGS 84, degrees
    sa.Column("longitude", sa.Float, nullable=False),
    sa.Column("zone", Text(64), nullable=False),  # IANA
    sa.Column("phone", Text(16), nullable=True),  # E.164
    sa.Column("email", Text(254), nullable=True),
    sa.Column("closed_at", MOMENT, nullable=True),  # takes no leads any more
)

# One person with one interest: whoever is named here again before it is won or lost is the same.
leads = sa.Table(
    "leads",
    metadata,
    sa.Column("id", ID, primary_key=True),
    of_showroom(),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("name", Text(100), nullable=False),
    sa.Column("email", Text(254), nullable=True),
    sa.Column("phone", Text(16), nullable=True),  # E.164
    sa.Column("postcode", Text(16), nullable=True),
    sa.Column("language", LANGUAGE, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("dealer", SLUG, nullable=True),
    sa.Column("dealer_chosen", sa.Boolean, nullable=False),  # by the customer, not by distance
    sa.Column("score", sa.Integer, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("qualified_at", MOMENT, nullable=True),
    sa.Column("owner_id", ID, sa.ForeignKey("staff.id", ondelete="SET NULL"), nullable=True),
    sa.Column("due_at", MOMENT, nullable=True),  # when somebody should speak to them again
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("updated_at", MOMENT, nullable=False),
    sa.Column("closed_at", MOMENT, nullable=True),
    # Since when nobody knows whose it was: the row counts, and is nobody's to see.
    sa.Column("erased_at", MOMENT, nullable=True),
    sa.Index(None, "showroom_id", "state", "due_at"),
    sa.Index(None, "showroom_id", "updated_at", "id"),
)

# How an open lead is found again: `email:…` in lower case, `phone:…` in E.164. Nobody can open a
# second lead for a person meanwhile.
lead_keys = sa.Table(
    "lead_keys",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("key", Text(300), primary_key=True),
    sa.Column(
        "lead_id", ID, sa.ForeignKey("leads.id", ondelete="CASCADE"), nullable=False, index=True
    ),
)

lead_events = sa.Table(
    "lead_events",
    metadata,
    sa.Column("lead_id", ID, sa.ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("happened_at", MOMENT, nullable=False),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("by", ID, nullable=False),  # a member of staff, `customer`, `store` or empty
    sa.Column("data", sa.JSON, nullable=False),
)

# Where a lead comes from. A call or a booking is taken into account once, however often it is told.
lead_sources = sa.Table(
    "lead_sources",
    metadata,
    sa.Column("kind", WORD, primary_key=True),  # call, appointment, follow_up, form, lead
    sa.Column("source_id", ID, primary_key=True),
    of_showroom(),
    sa.Column(
        "lead_id", ID, sa.ForeignKey("leads.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("added_at", MOMENT, nullable=False),
)

# What an advisor has written during a call, saved as they write; a lead when there is a contact.
lead_sheets = sa.Table(
    "lead_sheets",
    metadata,
    sa.Column("call_id", ID, primary_key=True),
    of_showroom(),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("sheet", sa.JSON, nullable=False),
    sa.Column("lead_id", ID, sa.ForeignKey("leads.id", ondelete="SET NULL"), nullable=True),
    sa.Column("saved_by", ID, sa.ForeignKey("staff.id", ondelete="SET NULL"), nullable=True),
    sa.Column("saved_at", MOMENT, nullable=False),
)

# Where a showroom's news go: a store's webhook, a dealer's CRM, a folder.
endpoints = sa.Table(
    "endpoints",
    metadata,
    sa.Column("id", ID, primary_key=True),
    of_showroom(index=True),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("name", Text(100), nullable=False),
    sa.Column("address", Text(2000), nullable=False),  # a URL or an e-mail address, by its kind
    sa.Column("topics", sa.JSON, nullable=False),
    sa.Column("dealer", SLUG, nullable=True),  # only what is for this dealer
    sa.Column("secrets", sa.JSON, nullable=False),  # the newest first; two during a rotation
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("delivered_at", MOMENT, nullable=True),  # the last time that it worked
    sa.Column("failing_since", MOMENT, nullable=True),
    sa.Column("disabled_at", MOMENT, nullable=True),
    sa.Column("disabled_reason", Text(200), nullable=False),
)

# The delivery log: each attempt, with what was asked and what was answered.
delivery_attempts = sa.Table(
    "delivery_attempts",
    metadata,
    sa.Column("delivery_id", ID, primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
    of_showroom(),
    sa.Column("endpoint_id", ID, nullable=False),
    sa.Column("happened_at", MOMENT, nullable=False),
    sa.Column("took_ms", sa.Integer, nullable=False),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("status", sa.Integer, nullable=True),  # HTTP; NULL without an answer
    sa.Column("answer", Text, nullable=False),
    sa.Column("result", WORD, nullable=False),
    sa.Index(None, "showroom_id", "endpoint_id", "happened_at"),
)

# What a showroom and its online store share: each signs with the newest, and two hold during a
# rotation.
store_secrets = sa.Table(
    "store_secrets",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("secrets", sa.JSON, nullable=False),  # the newest first
)

# What the store told us. Its id is seen once (threat 15).
store_events = sa.Table(
    "store_events",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("id", Text(128), primary_key=True),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("happened_at", MOMENT, nullable=False),
    sa.Column("received_at", MOMENT, nullable=False),
    sa.Column("lead_id", ID, sa.ForeignKey("leads.id", ondelete="SET NULL"), nullable=True),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("call_id", ID, nullable=True, index=True),  # whose lead it waits for
    sa.Index(None, "showroom_id", "kind", "happened_at"),
)

reservations = sa.Table(
    "reservations",
    metadata,
    sa.Column("id", ID, primary_key=True),
    of_showroom(),
    sa.Column("token", ID, nullable=False, unique=True),  # 128 bits; whoever has it is the customer
    sa.Column("dealer_token", ID, nullable=False, unique=True),  # who has this one may redeem it
    sa.Column("code", WORD, nullable=False),  # read out loud at the dealer's desk
    sa.Column("state", WORD, nullable=False),
    sa.Column("lead_id", ID, sa.ForeignKey("leads.id", ondelete="CASCADE"), nullable=False),
    sa.Column("vehicle", SLUG, nullable=False),
    sa.Column("dealer", SLUG, nullable=False),
    sa.Column("given_by", ID, sa.ForeignKey("staff.id", ondelete="SET NULL"), nullable=True),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("expires_at", MOMENT, nullable=False),
    sa.Column("redeemed_at", MOMENT, nullable=True),
    sa.Column("ended_at", MOMENT, nullable=True),
    sa.Column("ordered_at", MOMENT, nullable=True),
    sa.Column("order_ref", Text(128), nullable=True),  # the store's id of that order
    sa.UniqueConstraint("showroom_id", "code"),
    sa.Index(None, "state", "expires_at"),
    sa.Index(None, "lead_id"),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", ID, primary_key=True),
    of_showroom(index=True),
    sa.Column("name", Text(100), nullable=False),
    sa.Column("digest", ID, nullable=False, unique=True),  # of the key; the key is kept nowhere
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("used_at", MOMENT, nullable=True),
    sa.Column("revoked_at", MOMENT, nullable=True),
)

# The answers to requests with an `Idempotency-Key`, so that a repetition gets the first one's.
idempotent_requests = sa.Table(
    "idempotent_requests",
    metadata,
    sa.Column("digest", ID, primary_key=True),  # of the caller, the address and the key
    of_showroom(),
    sa.Column("request", ID, nullable=False),  # the body's digest: another body is a mistake
    sa.Column("status", sa.Integer, nullable=True),  # NULL while it is worked on
    sa.Column("headers", sa.JSON, nullable=False),
    sa.Column("body", Text, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False, index=True),
    sa.Column("claimed_at", MOMENT, nullable=False),  # by whoever works on it, perhaps once more
)
