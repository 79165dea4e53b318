"""The tables of what is kept as files: photos and recordings of calls, pictures of cars.

The rules of `showroom.tables` hold.
"""

import sqlalchemy as sa

from showroom.tables import ID, MOMENT, metadata, of_showroom

# The row comes before its file, so that no file is forgotten when its time is over. The call's own
# row comes only when the call has ended.
photos = sa.Table(
    "photos",
    metadata,
    sa.Column("id", ID, primary_key=True),
    of_showroom(),
    sa.Column("call_id", ID, nullable=False),
    sa.Column("advisor_id", ID, nullable=False),
    sa.Column("taken_at", MOMENT, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),  # pixels
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),  # bytes
    sa.Column("strokes", sa.JSON, nullable=False),  # the drawing: [{by, points}], first drawn first
    sa.Column("kept_at", MOMENT, nullable=True),  # NULL until the file is there
    sa.Index(None, "showroom_id", "call_id"),
    sa.Index(None, "showroom_id", "taken_at"),
)

# The files of a recording begin with its id. `wrapped_key` opens them, with the server's secret:
# without it they are noise. A recording that was taken back keeps its row, without the key, so that
# nothing can begin it again.
recordings = sa.Table(
    "recordings",
    metadata,
    sa.Column("id", ID, primary_key=True),
    of_showroom(),
    sa.Column("call_id", ID, nullable=True),  # NULL: a practice, of an advisor alone
    sa.Column("advisor_id", ID, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("customer_agreed_at", MOMENT, nullable=True),
    sa.Column("advisor_agreed_at", MOMENT, nullable=False),
    sa.Column("started_at", MOMENT, nullable=False),
    sa.Column("ended_at", MOMENT, nullable=True),
    sa.Column("end_reason", sa.String(16), nullable=True),
    sa.Column("wrapped_key", sa.String(128), nullable=True),
    sa.Column("claimed_at", MOMENT, nullable=True),  # since when a node makes one file of it
    sa.Column("tries", sa.Integer, nullable=False),  # how often one has begun to make that file
    sa.Column("stem", sa.String(64), nullable=True),  # what that file's name begins with
    sa.Column("form", sa.String(8), nullable=True),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),  # bytes
    sa.Column("duration_ms", sa.BigInteger, nullable=False),
    sa.Index(None, "showroom_id", "call_id"),
    sa.Index(None, "showroom_id", "started_at"),
    sa.Index(None, "state"),
)

# Pictures of cars, and logos, named by what is in them; the row says since when.
pictures = sa.Table(
    "pictures",
    metadata,
    of_showroom(primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("kept_at", MOMENT, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),  # pixels
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),  # bytes
    sa.Index(None, "kept_at"),
)

# The anonymised copy of a recording, from when it was asked for. `stem` names its file, and whoever
# makes it: a node that finds another one there has lost it to that one.
recording_copies = sa.Table(
    "recording_copies",
    metadata,
    sa.Column("recording_id", ID, primary_key=True),
    of_showroom(index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("asked_at", MOMENT, nullable=False),
    sa.Column("percent", sa.Integer, nullable=False),
    sa.Column("heard_at", MOMENT, nullable=True),  # of the node that makes it; NULL: nobody does
    sa.Column("stem", sa.String(64), nullable=True),
    sa.Column("size", sa.BigInteger, nullable=False),  # bytes
    sa.Column("duration_ms", sa.BigInteger, nullable=False),
    sa.Index(None, "state"),
)

# Who has opened which recording or its copy, or asked for that one, and when.
recording_views = sa.Table(
    "recording_views",
    metadata,
    sa.Column("id", ID, primary_key=True),
    of_showroom(index=True),
    sa.Column("recording_id", ID, nullable=False),
    sa.Column("staff_id", ID, nullable=False),
    sa.Column("deed", sa.String(16), nullable=False),
    sa.Column("opened_at", MOMENT, nullable=False),
    sa.Index(None, "recording_id"),
)
