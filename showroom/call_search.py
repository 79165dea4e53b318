"""The list of calls that were: whichever are looked for, newest first, a page at a time."""

import re
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from showroom.calls import COLUMNS, STORED, CallRecord
from showroom.database import Database
from showroom.errors import BadRequest
from showroom.ids import CallId, ShowroomId
from showroom.lead_tables import lead_sources, leads, reservations
from showroom.measures import ANSWERED, GAVE_UP
from showroom.media_tables import recordings
from showroom.tables import calls
from showroom.words import BROKEN, Channel, Device, Outcome, Quality

CURSOR = re.compile(r"([0-9]{1,15})\.([A-Za-z0-9_-]{1,64})", re.ASCII)
# Fewer digits are part of too many numbers.
LEAST_DIGITS = 4
# So many calls at most are looked through for a person; who has more is found by more of the name.
MOST_FOUND = 500


class Went(StrEnum):
    """How a call went; what counts as which is said in docs/figures.md."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    MISSED = "missed"  # at least one ring passed without an answer
    BROKEN = "broken"  # it ended as nobody wished


WENT = {
    Went.ANSWERED: ANSWERED,
    Went.ABANDONED: GAVE_UP,
    Went.MISSED: calls.c.missed > 0,
    Went.BROKEN: calls.c.end_reason.in_(sorted(BROKEN)),
}


@dataclass(frozen=True, slots=True)
class Sought:
    """Which calls are looked for. None is any; of `advisor`, `campaign` and `vehicle` an empty text
    is none. Requested in [since, until), UTC milliseconds. `text` is a person's name, number or
    address as their lead has it, or a call's id; `code` the same as a reservation's code.
    """

    since_ms: int | None = None
    until_ms: int | None = None
    advisor: str | None = None
    campaign: str | None = None
    vehicle: str | None = None
    language: str | None = None
    device: Device | None = None
    channel: Channel | None = None
    went: Went | None = None
    quality: Quality | None = None
    outcome: Outcome | None = None
    rating: int | None = None
    recorded: bool = False
    text: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some calls, newest first, and the cursor of the next page; None on the last one.

    `customers` are the names that are known, by call.
    """

    calls: tuple[CallRecord, ...]
    customers: dict[CallId, str]
    next: str | None


class CallSearch:
    """Finds calls of one showroom."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, showroom_id: ShowroomId, sought: Sought, limit: int, cursor: str | None = None
    ) -> Page:
        """Return up to `limit` calls; `cursor` is a page's `next`.

        Raises `BadRequest` for a made-up cursor.
        """
        query = sa.select(*COLUMNS).where(*_conditions(showroom_id, sought))
        if cursor is not None:
            found = CURSOR.fullmatch(cursor)
            if found is None:
                raise BadRequest("This page of the list can't be found. Start from the first.")
            place = sa.tuple_(calls.c.created_at, calls.c.id)
            query = query.where(place < (int(found[1]), found[2]))
        newest = calls.c.created_at.desc(), calls.c.id.desc()
        async with self._database.read() as connection:
            if sought.text:
                ids = await connection.scalars(_of_person(showroom_id, sought))
                query = query.where(calls.c.id.in_([sought.text, *ids]))
            rows = await connection.execute(query.order_by(*newest).limit(limit + 1))
            shown = [STORED.validate_python(dict(row)) for row in rows.mappings()]
            names = await connection.execute(_names(showroom_id, [one.id for one in shown]))
            customers = {CallId(call): name for call, name in names}
        more = len(shown) > limit
        shown = shown[:limit]
        last = shown[-1] if more else None
        return Page(tuple(shown), customers, f"{last.created_at}.{last.id}" if last else None)


def _conditions(showroom_id: ShowroomId, sought: Sought) -> list[sa.ColumnElement[bool]]:
    # Whose ids are known are few: looked up one by one, not found along the index by time.
    whose = calls.c.showroom_id.concat("") if sought.text else calls.c.showroom_id
    conditions = [whose == showroom_id]
    if sought.since_ms is not None:
        conditions.append(calls.c.created_at >= sought.since_ms)
    if sought.until_ms is not None:
        conditions.append(calls.c.created_at < sought.until_ms)
    for column in ("advisor", "campaign", "vehicle"):
        value = getattr(sought, column)
        if value is not None:
            known = calls.c["advisor_id" if column == "advisor" else column]
            conditions.append(known == value if value else known.is_(None))
    for column in ("language", "device", "channel", "quality", "outcome", "rating"):
        value = getattr(sought, column)
        if value is not None:
            conditions.append(calls.c[column] == value)
    if sought.went is not None:
        conditions.append(WENT[sought.went])
    if sought.recorded:
        # What has a key and a length can be played.
        mine = recordings.c.showroom_id == showroom_id, recordings.c.call_id.is_not(None)
        kept = recordings.c.wrapped_key.is_not(None), recordings.c.size > 0
        conditions.append(calls.c.id.in_(sa.select(recordings.c.call_id).where(*mine, *kept)))
    return conditions


def _of_person(showroom_id: ShowroomId, sought: Sought) -> sa.Select[str]:
    """Return the ids of the newest calls of whoever this text fits."""
    text = sought.text
    # SQLite folds the case of ASCII only.
    spellings = {text} if text.isascii() else {text.lower(), text.upper(), text.title()}
    ways = [leads.c.name.icontains(one, autoescape=True) for one in spellings]
    if "@" in text:
        ways.append(leads.c.email.icontains(text, autoescape=True))
    digits = "".join(sign for sign in text if sign in "0123456789")
    if len(digits) >= LEAST_DIGITS:
        # As typed at home: the trunk prefix is no part of the whole number.
        ways.append(leads.c.phone.contains(digits.lstrip("0") or digits))
    if sought.code:
        theirs = reservations.c.code == sought.code, reservations.c.showroom_id == showroom_id
        ways.append(leads.c.id.in_(sa.select(reservations.c.lead_id).where(*theirs)))
    source = lead_sources.join(leads, leads.c.id == lead_sources.c.lead_id)
    return (
        sa.select(lead_sources.c.source_id)
        .select_from(source)
        .where(leads.c.showroom_id == showroom_id, lead_sources.c.kind == "call", sa.or_(*ways))
        .order_by(lead_sources.c.added_at.desc())
        .limit(MOST_FOUND)
    )


def _names(showroom_id: ShowroomId, ids: list[CallId]) -> sa.Select[str, str]:
    """Return each call's customer, as their lead names them."""
    source = lead_sources.join(leads, leads.c.id == lead_sources.c.lead_id)
    return (
        sa.select(lead_sources.c.source_id, leads.c.name)
        .select_from(source)
        .where(
            leads.c.showroom_id == showroom_id,
            lead_sources.c.kind == "call",
            lead_sources.c.source_id.in_(ids),
            leads.c.name != "",
        )
    )
