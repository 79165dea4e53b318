"""Where what is personal stands: every column, every kind of file, every key in Redis.

Of what, and for how long. A test holds the tables against it, so that no column is added without a
word about whom it tells of; [docs/privacy.md](../docs/privacy.md) says the same to people.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from showroom.measures import MEASURES


class Kind(StrEnum):
    """What something personal tells."""

    CONTACT = "contact"  # who somebody is, and how to reach them
    WORDS = "words"  # what they said, wrote or pointed at, or what was written of them
    ORIGIN = "origin"  # by which link they came; what the store calls them
    CONSENT = "consent"  # what they agreed to, and when
    ACCESS = "access"  # opens a page of theirs
    PICTURE = "picture"  # what a camera or a microphone took, and what was drawn on it
    STAFF = "staff"  # of who works here
    VISITOR = "visitor"  # that somebody came, by a hash of a day that nobody can make again


class Kept(StrEnum):
    """For how long: a field of the showroom's policy, or what the words say."""

    LEAD = "lead_days"
    VISIT = "visit_days"
    CALL = "words_days"
    PHOTO = "retention_days"
    RECORDING = "recording_days"
    DELIVERY = "delivery_days"
    REQUEST = "a day"
    PRESENT = "minutes to hours after the call"
    STINT = "five weeks"
    ERASURE = "minutes: until an erasure is through"
    ACCOUNT = "as long as the account or the showroom"


@dataclass(frozen=True, slots=True)
class Holding:
    """What a table holds. `personal` has a kind for each such column, `plain` names all others."""

    kept: Kept
    personal: Mapping[str, Kind]
    plain: frozenset[str]


def _table(kept: Kept, plain: str, **personal: str) -> Holding:
    """Return a holding; each kind is given with its columns."""
    kinds = {column: Kind(kind) for kind, names in personal.items() for column in names.split()}
    return Holding(kept, kinds, frozenset(plain.split()))


def _none(plain: str) -> Holding:
    return _table(Kept.ACCOUNT, plain)


# What figures count by and what they count: staff are named by their id there.
_COUNTED = " ".join(["showroom_id", *MEASURES])
_BY = " quarter_at advisor_id campaign vehicle language device channel"

TABLES: Mapping[str, Holding] = {
    "showrooms": _none(
        "id slug name market zone languages brand hours exceptions policy campaigns visits scoring"
        " store holidays texts canned alarms"
    ),
    "vehicles": _none(
        "showroom_id slug position name version tagline body price currency energy range_km"
        " power_kw seats boot_litres length_mm stock equipment paints pictures withdrawn"
    ),
    "staff": _table(
        Kept.ACCOUNT,
        "id languages robot created_at disabled_at",
        staff="email name password signed_in_at",
    ),
    "staff_roles": _none("staff_id showroom_id role"),
    "staff_links": _none("id staff_id kind digest created_at expires_at"),
    "staff_factors": _none("staff_id sealed created_at confirmed_at last_step"),
    "staff_identities": _table(Kept.ACCOUNT, "issuer staff_id created_at", staff="subject"),
    "staff_recovery_codes": _none("staff_id digest"),
    "staff_sessions": _none("digest staff_id created_at expires_at second_factor"),
    "calls": _table(
        Kept.CALL,
        "id showroom_id version state language vehicle created_at answered_at live_at ended_at"
        " closed_at end_reason advisor_id rings missed waited_ms repeated outcome rating quality"
        " device channel emptied_at",
        words="outcome_reason notes comment",
        # The name of a campaign is one only while others came by it, too.
        origin="origin campaign",
    ),
    "call_events": _table(Kept.CALL, "call_id seq happened_at kind by", words="data"),
    "call_marks": _table(Kept.CALL, "call_id side marked_at showroom_id", words="x y"),
    "call_quality": _none(
        "call_id side sampled_at showroom_id seconds bitrate_in bitrate_out loss round_trip_ms"
        " frames width height freezes frozen_ms concealed limitation relayed tcp"
    ),
    "follow_ups": _table(
        Kept.VISIT,
        "id showroom_id kind language vehicle call_id created_at taken_by taken_at finished_by"
        " finished_at",
        contact="name phone",
        consent="consent_text_version",
    ),
    "rosters": _table(Kept.ACCOUNT, "showroom_id staff_id", staff="hours"),
    "absences": _table(Kept.ACCOUNT, "id showroom_id staff_id starts_at ends_at", staff="reason"),
    "appointments": _table(
        Kept.VISIT,
        "id showroom_id state sequence starts_at ends_at blocked_from blocked_until advisor_id"
        " named language zone vehicle created_at held_until booked_at arrived_at ended_at"
        " end_reason due_at call_id rebooked_from",
        contact="name email phone",
        words="wish",
        consent="consents",
        origin="campaign",
        access="token",
    ),
    "calendar_feeds": _none("showroom_id staff_id digest created_at"),
    "outbox": _table(
        Kept.DELIVERY,
        "number id showroom_id kind topic subject_id endpoint_id created_at next_try_at expires_at"
        " attempts claimed_until finished_at result",
        contact="payload",
        words="answer",
    ),
    "dealers": _none(
        "showroom_id code kind name street postcode city country latitude longitude zone phone"
        " email closed_at"
    ),
    "leads": _table(
        Kept.LEAD,
        "id showroom_id version state language dealer dealer_chosen score reasons qualified_at"
        " owner_id due_at created_at updated_at closed_at erased_at",
        contact="name email phone postcode",
        words="details",  # with consents, notes, and where they came from
    ),
    "lead_keys": _table(Kept.LEAD, "showroom_id lead_id", contact="key"),
    "lead_events": _table(Kept.LEAD, "lead_id seq happened_at kind by", words="data"),
    # Of a form it is the digest of what was written in it.
    "lead_sources": _table(Kept.LEAD, "kind showroom_id lead_id added_at", words="source_id"),
    "lead_sheets": _table(
        Kept.LEAD, "call_id showroom_id version lead_id saved_by saved_at", words="sheet"
    ),
    "endpoints": _none(
        "id showroom_id kind name address topics dealer secrets created_at delivered_at"
        " failing_since disabled_at disabled_reason"
    ),
    "delivery_attempts": _table(
        Kept.DELIVERY,
        "delivery_id attempt showroom_id endpoint_id happened_at took_ms status result",
        contact="request",
        words="answer",
    ),
    "store_secrets": _none("showroom_id secrets"),
    "store_events": _table(
        Kept.LEAD, "showroom_id id kind happened_at received_at lead_id call_id", origin="data"
    ),
    "reservations": _table(
        Kept.LEAD,
        "id showroom_id state lead_id vehicle dealer given_by created_at expires_at redeemed_at"
        " ended_at ordered_at",
        access="token dealer_token code",
        origin="order_ref",
    ),
    "api_keys": _none("id showroom_id name digest scopes created_at used_at revoked_at"),
    "idempotent_requests": _table(
        Kept.REQUEST,
        "digest showroom_id request status created_at claimed_at",
        contact="body headers",
    ),
    "pictures": _none("showroom_id name kept_at width height size"),
    "photos": _table(
        Kept.PHOTO,
        "id showroom_id call_id advisor_id taken_at width height size kept_at",
        picture="strokes",
    ),
    # What opens a recording goes with it; the row stays, so that nothing begins it again.
    "recordings": _table(
        Kept.RECORDING,
        "id showroom_id call_id advisor_id state started_at ended_at end_reason claimed_at tries"
        " stem form parts size duration_ms",
        consent="customer_agreed_at advisor_agreed_at",
        picture="wrapped_key",
    ),
    "recording_copies": _none(
        "recording_id showroom_id state asked_at percent heard_at stem size duration_ms"
    ),
    "recording_views": _none("id showroom_id recording_id staff_id deed opened_at"),
    # Settings only, never a customer.
    "audit_entries": _none("id showroom_id happened_at who deed subject subject_id before after"),
    # What was wrong, and who has seen it: never who called.
    "alarms": _none(
        "id showroom_id kind subject name numbers since_at raised_at told_at mail_at cleared_at"
        " acknowledged_at acknowledged_by"
    ),
    "alarm_silences": _none("showroom_id kind until_at staff_id"),
    "call_rollups": _none(_COUNTED + _BY),
    "call_waits": _none("showroom_id waited_seconds calls" + _BY),
    "day_figures": _none(_COUNTED + " dimension beside from_at value beside_value until_at waits"),
    "traffic": _none(
        "showroom_id quarter_at campaign language device page views widget_opens visitors"
    ),
    "day_traffic": _none(
        "showroom_id from_at until_at campaign language device page views widget_opens visitors"
    ),
    "stints": _table(Kept.STINT, "showroom_id advisor_id begins_at ends_at", staff="state reason"),
    "figure_mails": _none(
        "id showroom_id staff_id page asked language rhythm minute created_at next_at"
    ),
    "lead_ways": _none(
        "showroom_id asked_at lead_id advisor_id campaign first_campaign vehicle language device"
        " channel dealer qualified test_drives brochures offers reserved orders lead_ms"
        " qualified_ms reserved_ms order_ms given redeemed"
    ),
    "working_time": _none(
        "showroom_id quarter_at advisor_id ready_ms ringing_ms in_call_ms wrapping_ms away_ms"
    ),
    "erasures": _table(
        Kept.ERASURE,
        "id showroom_id happened_at who reason counts passes next_at finished_at",
        contact="work",
    ),
}

# Below the data folder.
FILES: Mapping[str, tuple[Kind, Kept]] = {
    "files/<showroom>/photos": (Kind.PICTURE, Kept.PHOTO),
    "files/<showroom>/recordings": (Kind.PICTURE, Kept.RECORDING),
    "files/<showroom>/pictures": (Kind.PICTURE, Kept.ACCOUNT),
    "handoff/<showroom>/<endpoint>": (Kind.CONTACT, Kept.ACCOUNT),
    # Only where no mail server is set.
    "mail": (Kind.CONTACT, Kept.ACCOUNT),
}

# Each key of Redis by its beginning, `vs:{showroom}` left out.
REDIS: Mapping[str, Kind] = {
    ":call:": Kind.WORDS,
    ":log:": Kind.WORDS,
    ":said:": Kind.WORDS,
    ":people:": Kind.CONTACT,
    ":photos:": Kind.PICTURE,
    ":ink:": Kind.PICTURE,
    ":upload:": Kind.PICTURE,
    ":feed": Kind.WORDS,  # a minute of it
    ":adv:": Kind.STAFF,
    ":stints": Kind.STAFF,
    ":here:": Kind.VISITOR,
    ":salt:": Kind.VISITOR,
    ":ways:": Kind.ORIGIN,
}
