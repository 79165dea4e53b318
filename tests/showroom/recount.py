"""Calls as they may be kept, and their figures counted by hand."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from hypothesis import strategies as st

from showroom.asking import By, Figures, Key
from showroom.call_figures import CallFigures
from showroom.calls import CallRecord, CallRecords
from showroom.database import Database
from showroom.days import days_of
from showroom.figure_tables import call_rollups, call_waits
from showroom.hours import instant
from showroom.ids import CallId, ShowroomId, StaffId, new_id
from showroom.past_days import PastDays
from showroom.rollups import Rollups
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import staff
from showroom.words import (
    CallState,
    Channel,
    Device,
    Dimension,
    EndReason,
    Outcome,
    Period,
    Quality,
)
from tests.samples import a_showroom

MINUTE, QUARTER, HOUR = 60_000, 15 * 60_000, 3_600_000
# In the night on Sunday the 26th the clocks of Paris go back, those of Adelaide and of Lord Howe
# went forward on the 5th, the latter by half an hour; Kathmandu is 5:45 ahead.
AUTUMN = int(datetime(2025, 10, 1, tzinfo=UTC).timestamp()) * 1000
SPAN = 40 * 24 * HOUR
ZONES = (
    "Europe/Paris",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/New_York",
    "UTC",
)
ADVISORS = [StaffId("alice"), StaffId("bruno")]
LATEST = AUTUMN + SPAN


@st.composite
def records(draw: st.DrawFn) -> CallRecord:
    """A call as it may be kept, also one that makes little sense."""
    created = AUTUMN + draw(st.integers(0, SPAN // MINUTE - 1)) * MINUTE + draw(st.integers(0, 999))
    waited = draw(st.sampled_from([0, 4_999, 5_000, 19_999, 20_000, 20_001, 61_500, 600_000]))
    answered = draw(st.booleans())
    talks = answered and draw(st.booleans())
    ended = created + waited + draw(st.integers(0, 900_000)) if draw(st.booleans()) else None
    live = created + waited + 900 if talks else None
    if live and ended and ended < live:
        ended = live
    outcome = draw(st.sampled_from([None, *Outcome])) if ended else None
    return CallRecord(
        id=CallId(f"call-{draw(st.integers(0, 11))}"),
        showroom_id=ShowroomId(""),
        version=draw(st.integers(1, 4)),
        state=CallState.CLOSED,
        language=draw(st.sampled_from(["en", "fr"])),
        vehicle=draw(st.sampled_from([None, "crete", "voile"])),
        created_at=created,
        answered_at=created + waited if answered else None,
        live_at=live,
        ended_at=ended,
        closed_at=ended + draw(st.integers(0, 120_000)) if ended and draw(st.booleans()) else None,
        end_reason=draw(st.sampled_from([None, *EndReason])),
        advisor_id=draw(st.sampled_from([None, *ADVISORS])),
        rings=draw(st.integers(0, 5)),
        missed=draw(st.integers(0, 3)),
        waited_ms=waited,
        outcome=outcome,
        rating=draw(st.sampled_from([None, 1, 5])),
        quality=draw(st.sampled_from([None, *Quality])),
        campaign=draw(st.sampled_from([None, "spring", "tv spot"])),
        device=draw(st.sampled_from(list(Device))),
        channel=draw(st.sampled_from(list(Channel))),
    )


def counted(known: Iterable[CallRecord]) -> CallFigures:
    """Count by hand, in the words of docs/figures.md."""
    sums: Counter[str] = Counter()
    qualities: Counter[Quality] = Counter()
    outcomes: Counter[Outcome] = Counter()
    waits: Counter[int] = Counter()
    longest = 0
    for call in known:
        sums["offered"] += 1
        sums["rings"] += call.rings
        sums["missed_rings"] += call.missed
        in_queue = {EndReason.CUSTOMER_LEFT, EndReason.CUSTOMER_LOST, EndReason.SHOWROOM_CLOSED}
        if call.answered_at is not None:
            sums["answered"] += 1
            sums["answered_in_time"] += call.waited_ms <= 20_000
        elif call.end_reason in in_queue:
            sums["abandoned"] += 1
            sums["short_abandons"] += call.waited_ms < 5_000
        if call.answered_at is not None or call.end_reason in in_queue:
            sums["waiting_ms_sum"] += call.waited_ms
            longest = max(longest, call.waited_ms)
            waits[-(-call.waited_ms // 1000)] += 1
        if call.live_at is not None and call.ended_at is not None:
            sums["talks"] += 1
            sums["talking_ms_sum"] += call.ended_at - call.live_at
            sums["talking_squares"] += _tenths(call.ended_at - call.live_at) ** 2
        if call.outcome and call.closed_at is not None and call.ended_at is not None:
            sums["wrap_ups"] += 1
            sums["wrap_up_ms_sum"] += call.closed_at - call.ended_at
            sums["wrap_up_squares"] += _tenths(call.closed_at - call.ended_at) ** 2
        if call.rating is not None:
            sums["rating_sum"] += call.rating
            sums["rating_squares"] += call.rating**2
            sums["rating_count"] += 1
        if call.quality:
            qualities[call.quality] += 1
        if call.outcome:
            outcomes[call.outcome] += 1
    return CallFigures(
        **sums, waiting_ms_max=longest, qualities=qualities, outcomes=outcomes, waits=waits
    )


def _tenths(ms: int) -> int:
    """Tenths of a second, a half of one is a whole one."""
    return (ms + 50) // 100


def key_by_hand(call: CallRecord, by: By, zone: str) -> Key:
    """Say to which group a call belongs, by the calendar alone."""
    here = ZoneInfo(zone)
    local = datetime.fromtimestamp(call.created_at // 1000, UTC).astimezone(here)
    if isinstance(by, Dimension):
        return getattr(call, by.value) or ""
    match by:
        case None:
            return ""
        case Period.HOUR_OF_WEEK:
            return local.weekday() * 24 + local.hour
        case Period.HOUR:
            day = days_of(zone, local.date(), 1)[0]
            return next(h.from_ms for h in day.hours if h.from_ms <= call.created_at < h.until_ms)
        case Period.WEEK:
            first = local.date() - timedelta(days=local.weekday())
        case Period.MONTH:
            first = local.date().replace(day=1)
        case _:
            first = local.date()
    return instant(first, 0, here)


def grouped(known: Iterable[CallRecord], by: By, zone: str) -> dict[Key, CallFigures]:
    groups: dict[Key, list[CallRecord]] = {} if by else {"": []}
    for call in known:
        groups.setdefault(key_by_hand(call, by, zone), []).append(call)
    return {key: counted(those) for key, those in groups.items()}


class Place:
    """A showroom with its calls, in a database of its own kind."""

    def __init__(self, database: Database, showroom: Showroom) -> None:
        self.database, self.showroom = database, showroom
        self.rollups, self.asked = Rollups(database), Figures(database)
        self.days = PastDays(database, Showrooms(database), lambda: LATEST)
        self.records = CallRecords(database, self.rollups.call_kept)

    async def save(self, *known: CallRecord) -> None:
        for call in known:
            await self.records.save(replace(call, showroom_id=self.showroom.id), [])

    async def kept(self) -> list[CallRecord]:
        page = await self.records.page(self.showroom.id, 0, LATEST * 2, 10_000)
        return list(page)

    async def rows(self) -> list[set[tuple[Any, ...]]]:
        async with self.database.read() as connection:
            return [
                {tuple(row) for row in await connection.execute(sa.select(table))}
                for table in (call_rollups, call_waits)
            ]


async def a_place(database: Database, zone: str = "Europe/Paris", slug: str = "paris") -> Place:
    showroom = replace(a_showroom(slug), zone=zone)
    await Showrooms(database).save(showroom)
    async with database.write() as connection:
        for one in ADVISORS:
            if await connection.scalar(sa.select(staff.c.id).where(staff.c.id == one)):
                continue
            row: dict[str, Any] = {
                "id": one,
                "email": f"{one}@orvanne.example",
                "name": one,
                "password": "-",
            }
            row |= {"languages": ["en"], "robot": False, "created_at": 1}
            await connection.execute(sa.insert(staff).values(row))
    return Place(database, showroom)


def a_call(at: int = AUTUMN, **changes: Any) -> CallRecord:
    call = CallRecord(
        id=CallId(new_id()),
        showroom_id=ShowroomId(""),
        version=1,
        state=CallState.CLOSED,
        language="en",
        vehicle="crete",
        created_at=at,
        answered_at=at + 3_000,
        waited_ms=3_000,
        rings=1,
    )
    return replace(call, **changes)
