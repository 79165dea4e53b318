"""The tables of the record. Times are milliseconds since the epoch (UTC) and end in `_at`.

Rows that belong to a showroom carry `showroom_id`, and every query names it: what is another
showroom's is not found, whoever asks (threat 9).
"""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Text(sa.TypeDecorator[str]):
    """Text of strangers, made fit to be kept: PostgreSQL refuses a NUL, UTF-8 a lone surrogate.

    Both can stand in a browser's JSON. A comment that can't be saved would hold its whole call up.
    """

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: sa.Dialect) -> str | None:
        """Return `value` with a sign of replacement for what can't be kept."""
        if value is None:
            return None
        return value.replace("\0", "\ufffd").encode(errors="replace").decode()


ID = Text(64)
SLUG = Text(64)
WORD = Text(32)
LANGUAGE = Text(8)
MOMENT = sa.BigInteger


def of_showroom(*, primary_key: bool = False, index: bool = False) -> sa.Column[str]:
    """Return the column that says whose a row is."""
    foreign_key = sa.ForeignKey("showrooms.id", ondelete="CASCADE")
    return sa.Column(
        "showroom_id", ID, foreign_key, nullable=False, primary_key=primary_key, index=index or None
    )


showrooms = sa.Table(
    "showrooms",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("slug", SLUG, nullable=False, unique=True),
    sa.Column("name", Text(200), nullable=False),
    sa.Column("market", Text(2), nullable=False),  # ISO 3166-1 alpha-2
    sa.Column("zone", Text(64), nullable=False),  # IANA
    sa.Column("languages", sa.JSON, nullable=False),
    sa.Column("brand", sa.JSON, nullable=False),
    sa.Column("hours", sa.JSON, nullable=False),
    sa.Column("exceptions", sa.JSON, nullable=False),
    sa.Column("policy", sa.JSON, nullable=False),
    sa.Column("campaigns", sa.JSON, nullable=False),
    sa.Column("visits", sa.JSON, nullable=False),
    sa.Column("scoring", sa.JSON, nullable=False),
    sa.Column("store", sa.JSON, nullable=False),
    sa.Column("holidays", sa.JSON, nullable=False),
    sa.Column("texts", sa.JSON, nullable=False),
    sa.Column("canned", sa.JSON, nullable=False),
    sa.Column("alarms", sa.JSON, nullable=False),
)

vehicles = sa.Table(
    "vehicles",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("slug", SLUG, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", Text(200), nullable=False),
    sa.Column("version", Text(200), nullable=False),
    sa.Column("tagline", sa.JSON, nullable=False),
    sa.Column("body", WORD, nullable=False),
    sa.Column("price", sa.BigInteger, nullable=False),  # hundredths of the currency
    sa.Column("currency", Text(3), nullable=False),  # ISO 4217
    sa.Column("energy", WORD, nullable=False),
    sa.Column("range_km", sa.Integer, nullable=True),
    sa.Column("power_kw", sa.Integer, nullable=False),
    sa.Column("seats", sa.Integer, nullable=False),
    sa.Column("boot_litres", sa.Integer, nullable=False),
    sa.Column("length_mm", sa.Integer, nullable=False),
    sa.Column("stock", WORD, nullable=False),
    sa.Column("equipment", sa.JSON, nullable=False),
    sa.Column("paints", sa.JSON, nullable=False),
    sa.Column("pictures", sa.JSON, nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False, server_default=sa.false()),
)

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("email", Text(254), nullable=False, unique=True),  # lower case
    sa.Column("name", Text(100), nullable=False),
    # Argon2id, encoded; empty until an invitation is accepted.
    sa.Column("password", Text(255), nullable=False),
    sa.Column("languages", sa.JSON, nullable=False),
    sa.Column("robot", sa.Boolean, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("disabled_at", MOMENT, nullable=True),
    sa.Column("signed_in_at", MOMENT, nullable=True),
)

staff_roles = sa.Table(
    "staff_roles",
    metadata,
    sa.Column("staff_id", ID, sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    of_showroom(primary_key=True, index=True),
    sa.Column("role", WORD, primary_key=True),
)

staff_sessions = sa.Table(
    "staff_sessions",
    metadata,
    sa.Column("digest", ID, primary_key=True),  # of the token; the token itself is kept nowhere
    sa.Column(
        "staff_id", ID, sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("expires_at", MOMENT, nullable=False),
    # The company's sign-in asked for a second factor, or one of ours was turned on in it.
    sa.Column("second_factor", sa.Boolean, nullable=False, server_default=sa.false()),
)

calls = sa.Table(
    "calls",
    metadata,
    sa.Column("id", ID, primary_key=True),
    of_showroom(),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("language", LANGUAGE, nullable=False),
    sa.Column("vehicle", SLUG, nullable=True),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("answered_at", MOMENT, nullable=True),
    sa.Column("live_at", MOMENT, nullable=True),
    sa.Column("ended_at", MOMENT, nullable=True),
    sa.Column("closed_at", MOMENT, nullable=True),
    sa.Column("end_reason", WORD, nullable=True),
    sa.Column("advisor_id", ID, sa.ForeignKey("staff.id", ondelete="SET NULL"), nullable=True),
    sa.Column("rings", sa.Integer, nullable=False),
    sa.Column("missed", sa.Integer, nullable=False),
    sa.Column("waited_ms", sa.BigInteger, nullable=False),
    sa.Column("repeated", sa.Boolean, nullable=False),
    sa.Column("outcome", WORD, nullable=True),
    sa.Column("outcome_reason", Text, nullable=False),
    sa.Column("notes", Text, nullable=False),
    sa.Column("rating", sa.Integer, nullable=True),
    sa.Column("comment", Text, nullable=False),
    sa.Column("quality", WORD, nullable=True),
    sa.Column("origin", sa.JSON, nullable=True),  # the campaign, and the store's ids
    sa.Column("campaign", Text(100), nullable=True),  # its name, of the origin's last touch
    sa.Column("device", WORD, nullable=False),
    sa.Column("channel", WORD, nullable=False),
    sa.Column("emptied_at", MOMENT, nullable=True),  # since when it holds no text of anybody
    sa.Index(None, "showroom_id", "created_at", "id"),
    sa.Index(None, "advisor_id"),
)

call_events = sa.Table(
    "call_events",
    metadata,
    sa.Column("call_id", ID, sa.ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("happened_at", MOMENT, nullable=False),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("by", ID, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
)

# Without a foreign key to calls: samples arrive while the call itself is still only in Redis.
call_quality = sa.Table(
    "call_quality",
    metadata,
    sa.Column("call_id", ID, primary_key=True),
    sa.Column("side", WORD, primary_key=True),
    sa.Column("sampled_at", MOMENT, primary_key=True, autoincrement=False),
    of_showroom(),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("bitrate_in", sa.BigInteger, nullable=False),
    sa.Column("bitrate_out", sa.BigInteger, nullable=False),
    sa.Column("loss", sa.Float, nullable=False),
    sa.Column("round_trip_ms", sa.Float, nullable=True),
    sa.Column("frames", sa.BigInteger, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("freezes", sa.BigInteger, nullable=False),
    sa.Column("frozen_ms", sa.BigInteger, nullable=False),
    sa.Column("concealed", sa.Float, nullable=False),
    sa.Column("limitation", WORD, nullable=False),
    sa.Column("relayed", sa.Boolean, nullable=False),
    sa.Column("tcp", sa.Boolean, nullable=True),  # NULL of those that older versions kept
    sa.Index(None, "showroom_id", "sampled_at"),
)

# Where the picture was pointed at; without a foreign key to calls, as the samples above.
call_marks = sa.Table(
    "call_marks",
    metadata,
    sa.Column("call_id", ID, primary_key=True),
    sa.Column("side", WORD, primary_key=True),
    sa.Column("marked_at", MOMENT, primary_key=True, autoincrement=False),
    of_showroom(),
    sa.Column("x", sa.Float, nullable=False),  # fractions of the picture
    sa.Column("y", sa.Float, nullable=False),
    sa.Index(None, "showroom_id", "marked_at"),
)

follow_ups = sa.Table(
    "follow_ups",
    metadata,
    sa.Column("id", ID, primary_key=True),
    of_showroom(),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("name", Text(100), nullable=False),
    sa.Column("phone", Text(16), nullable=True),  # E.164
    sa.Column("language", LANGUAGE, nullable=False),
    sa.Column("vehicle", SLUG, nullable=True),
    sa.Column("consent_text_version", WORD, nullable=True),
    sa.Column("call_id", ID, nullable=True),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("taken_by", ID, sa.ForeignKey("staff.id", ondelete="SET NULL"), nullable=True),
    sa.Column("taken_at", MOMENT, nullable=True),
    sa.Column("finished_by", ID, sa.ForeignKey("staff.id", ondelete="SET NULL"), nullable=True),
    sa.Column("finished_at", MOMENT, nullable=True),
    sa.Index(None, "showroom_id", "finished_at", "created_at"),
    # A call is missed at most once, however often the news of it arrives.
    sa.Index(
        "uq_follow_ups_missed_call",
        "call_id",
        unique=True,
        sqlite_where=sa.text("kind = 'missed_call'"),
        postgresql_where=sa.text("kind = 'missed_call'"),
    ),
)

rosters = sa.Table(
    "rosters",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("staff_id", ID, sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("hours", sa.JSON, nullable=False),  # in the showroom's zone
)

absences = sa.Table(
    "absences",
    metadata,
    sa.Column("id", ID, primary_key=True),
    of_showroom(),
    sa.Column("staff_id", ID, sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    sa.Column("starts_at", MOMENT, nullable=False),
    sa.Column("ends_at", MOMENT, nullable=False),
    sa.Column("reason", Text(200), nullable=False),
    sa.Index(None, "staff_id", "ends_at"),
)

# An advisor never has two visits at a time, buffers included: on PostgreSQL an exclusion
# constraint refuses it, on SQLite a trigger; both stand in the migration.
appointments = sa.Table(
    "appointments",
    metadata,
    sa.Column("id", ID, primary_key=True),
    of_showroom(),
    sa.Column("token", ID, nullable=False, unique=True),  # 128 bits; whoever has it is the customer
    sa.Column("state", WORD, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),  # RFC 5545, 3.8.7.4
    sa.Column("starts_at", MOMENT, nullable=False),
    sa.Column("ends_at", MOMENT, nullable=False),
    sa.Column("blocked_from", MOMENT, nullable=False),  # with the buffers
    sa.Column("blocked_until", MOMENT, nullable=False),
    sa.Column("advisor_id", ID, sa.ForeignKey("staff.id", ondelete="SET NULL"), nullable=True),
    sa.Column("named", sa.Boolean, nullable=False),  # the customer asked for this advisor
    sa.Column("language", LANGUAGE, nullable=False),
    sa.Column("zone", Text(64), nullable=False),  # the customer's, IANA
    sa.Column("vehicle", SLUG, nullable=True),
    sa.Column("wish", Text, nullable=False),
    sa.Column("name", Text(100), nullable=False),
    sa.Column("email", Text(254), nullable=True),
    sa.Column("phone", Text(16), nullable=True),  # E.164
    sa.Column("consents", sa.JSON, nullable=False),
    sa.Column("campaign", sa.JSON, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("held_until", MOMENT, nullable=True),
    sa.Column("booked_at", MOMENT, nullable=True),
    sa.Column("arrived_at", MOMENT, nullable=True),
    sa.Column("ended_at", MOMENT, nullable=True),
    sa.Column("end_reason", WORD, nullable=True),
    sa.Column("due_at", MOMENT, nullable=True),  # when the rules of punctuality look again
    sa.Column("call_id", ID, nullable=True),
    sa.Column("rebooked_from", ID, nullable=True),
    sa.Index(None, "showroom_id", "starts_at"),
    sa.Index(None, "advisor_id", "starts_at"),
    sa.Index(None, "due_at"),
    sa.Index(None, "call_id"),
)

calendar_feeds = sa.Table(
    "calendar_feeds",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("staff_id", ID, sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("digest", ID, nullable=False, unique=True),  # of the address's secret
    sa.Column("created_at", MOMENT, nullable=False),
)

# What must reach somebody outside, written in the transaction that makes it true.
outbox = sa.Table(
    "outbox",
    metadata,
    # Grows: of one subject, the lower number goes first.
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("id", ID, nullable=False, unique=True),  # the same at every try
    of_showroom(),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("topic", Text(64), nullable=False),
    sa.Column("subject_id", ID, nullable=False),
    sa.Column("endpoint_id", ID, nullable=True),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("next_try_at", MOMENT, nullable=False),
    sa.Column("expires_at", MOMENT, nullable=True),  # nobody wants it after this
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("claimed_until", MOMENT, nullable=True),
    sa.Column("finished_at", MOMENT, nullable=True),
    sa.Column("result", WORD, nullable=True),  # delivered, dropped, expired, failed
    sa.Column("answer", Text, nullable=False),
    sa.Index(
        "ix_outbox_open",
        "kind",
        "next_try_at",
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    ),
    sa.Index(None, "subject_id", "number"),
    sa.Index(None, "endpoint_id", "number"),
)
