"""The rollups are the calls, counted: whatever is saved and whatever is asked."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from showroom.asking import By, Figures, Key
from showroom.call_figures import CallFigures
from showroom.calls import CallRecord, CallRecords
from showroom.database import Database
from showroom.days import days_of
from showroom.errors import BadRequest
from showroom.figure_tables import call_rollups, call_waits, day_figures
from showroom.hours import instant
from showroom.ids import CallId, ShowroomId, StaffId, new_id
from showroom.past_days import PastDays
from showroom.rollups import Rollups
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import showrooms, staff
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
        if call.outcome and call.closed_at is not None and call.ended_at is not None:
            sums["wrap_ups"] += 1
            sums["wrap_up_ms_sum"] += call.closed_at - call.ended_at
        if call.rating is not None:
            sums["rating_sum"] += call.rating
            sums["rating_count"] += 1
        if call.quality:
            qualities[call.quality] += 1
        if call.outcome:
            outcomes[call.outcome] += 1
    return CallFigures(
        **sums, waiting_ms_max=longest, qualities=qualities, outcomes=outcomes, waits=waits
    )


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


histories = st.lists(records(), max_size=25)
questions = st.tuples(
    st.sampled_from([None, *Period, *Dimension]),
    st.integers(0, SPAN // QUARTER),
    st.integers(0, SPAN // QUARTER),
    st.dictionaries(
        st.sampled_from(list(Dimension)),
        st.lists(
            st.sampled_from(["", "alice", "crete", "spring", "fr", "phone", "tablet", "visit"]),
            max_size=3,
        ),
        max_size=2,
    ),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    histories,
    st.lists(records(), max_size=2),
    st.lists(questions, min_size=1, max_size=8),
    st.sampled_from(ZONES),
)
def test_figures_are_what_a_recount_of_the_calls_says(
    fresh: Callable[[], Any],
    saved: list[CallRecord],
    later: list[CallRecord],
    asked: list[tuple[By, int, int, dict[Dimension, list[str]]]],
    zone: str,
) -> None:
    async def compare() -> None:
        async with fresh() as database:
            place = await a_place(database, zone)
            await place.save(*saved)
            await place.days.fill()
            await place.save(*later)
            known = await place.kept()
            for by, first, last, where in asked:
                since, until = AUTUMN + first * QUARTER, AUTUMN + last * QUARTER
                those = [
                    call
                    for call in known
                    if since <= call.created_at < until
                    and all((getattr(call, d.value) or "") in ok for d, ok in where.items())
                ]
                told = await place.asked.figures(place.showroom, since, until, by, where)
                assert told == grouped(those, by, zone)
                assert list(told) == sorted(told)
            before = await place.rows()
            assert await place.rollups.rebuild(place.showroom.id) == len(known)
            assert await place.rows() == before

    asyncio.run(compare())


@pytest.fixture
def fresh(database_url: str) -> Callable[[], Any]:
    """Opens the database, empty, in whatever loop asks."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Database]:
        async with Database.open(database_url) as database:
            async with database.write() as connection:
                for table in (showrooms, staff):
                    await connection.execute(sa.delete(table))
            yield database

    return opened


@pytest.fixture
async def paris(database: Database) -> Place:
    return await a_place(database)


async def test_calls_that_are_saved_at_once_are_all_counted(paris: Place) -> None:
    known = [a_call(version=n % 3, rings=n) for n in range(24)]
    await asyncio.gather(*(paris.save(call, replace(call, version=5)) for call in known))
    told = await paris.asked.figures(paris.showroom, AUTUMN, AUTUMN + QUARTER)
    assert told[""] == counted(known)


async def test_a_rebuild_mends_what_is_wrong_while_calls_are_saved(paris: Place) -> None:
    known = [a_call(AUTUMN + n * 20 * HOUR) for n in range(40)]
    later = [a_call(AUTUMN + n * 20 * HOUR + 1, vehicle=None) for n in range(40)]
    await paris.save(*known)
    async with paris.database.write() as connection:
        await connection.execute(sa.update(call_rollups).values(offered=7))
        await connection.execute(sa.delete(call_waits))
        # A row of calls that are not there at all.
        row = {"showroom_id": paris.showroom.id, "quarter_at": AUTUMN - 99 * HOUR, "calls": 3}
        row |= {name.value: "" for name in Dimension} | {"waited_seconds": 1}
        await connection.execute(sa.insert(call_waits).values(row))
    await asyncio.gather(paris.rollups.rebuild(paris.showroom.id), paris.save(*later))
    told = await paris.asked.figures(paris.showroom, 0, LATEST)
    assert told[""] == counted([*known, *later])


async def test_another_showroom_s_calls_are_in_nobody_s_figures(
    database: Database, paris: Place
) -> None:
    lyon = await a_place(database, slug="lyon")
    here, there = a_call(), a_call(waited_ms=90_000)
    await paris.save(here)
    await lyon.save(there, replace(here, version=9))
    await lyon.rollups.rebuild(lyon.showroom.id)
    for place, call in ((paris, here), (lyon, there)):
        for by in (None, *Period, *Dimension):
            told = await place.asked.figures(place.showroom, AUTUMN, AUTUMN + QUARTER, by)
            assert list(told.values()) == [counted([call])]


async def test_who_has_left_stays_in_the_figures_of_their_time(paris: Place) -> None:
    await paris.save(a_call(advisor_id=ADVISORS[0]))
    async with paris.database.write() as connection:
        await connection.execute(sa.delete(staff).where(staff.c.id == ADVISORS[0]))
    told = await paris.asked.figures(paris.showroom, AUTUMN, AUTUMN + QUARTER, Dimension.ADVISOR)
    assert list(told) == [ADVISORS[0]]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Paris", date(2025, 10, 26), 25),
        ("Europe/Paris", date(2026, 3, 29), 23),
        ("Australia/Adelaide", date(2025, 10, 5), 23),
        ("Australia/Lord_Howe", date(2025, 10, 5), 23.5),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ],
)
async def test_a_day_on_which_the_clocks_change_has_all_its_quarters(
    database: Database, zone: str, day: date, hours: float
) -> None:
    place = await a_place(database, zone)
    [the_day] = days_of(zone, day, 1)
    quarters = range(the_day.from_ms, the_day.until_ms, QUARTER)
    assert len(quarters) == hours * 4
    # One at the first and one at the last millisecond of each, and the neighbours of the day.
    await place.save(*(a_call(at + n) for at in quarters for n in (0, QUARTER - 1)))
    await place.save(a_call(the_day.from_ms - 1), a_call(the_day.until_ms))
    wide = the_day.from_ms - 48 * HOUR, the_day.until_ms + 48 * HOUR
    by_day = await place.asked.figures(place.showroom, *wide, Period.DAY)
    assert [one.offered for one in by_day.values()] == [1, hours * 8, 1]
    assert list(by_day)[1:] == [the_day.from_ms, the_day.until_ms]
    by_hour = await place.asked.figures(
        place.showroom, the_day.from_ms, the_day.until_ms, Period.HOUR
    )
    assert list(by_hour) == [hour.from_ms for hour in the_day.hours]
    assert [one.offered for one in by_hour.values()] == [
        (hour.until_ms - hour.from_ms) // QUARTER * 2 for hour in the_day.hours
    ]


async def test_percentiles_of_waits_are_exact_to_the_second(paris: Place) -> None:
    waits = [500, 1_000, 1_001, 4_000, 4_000, 19_200, 20_000, 20_001, 61_000, 500_000]
    await paris.save(*(a_call(AUTUMN + n * HOUR, waited_ms=ms) for n, ms in enumerate(waits)))
    # Who still waits has not waited for so long and no longer.
    await paris.save(a_call(answered_at=None, waited_ms=999_000))
    told = (await paris.asked.figures(paris.showroom, AUTUMN, AUTUMN + 99 * HOUR))[""]
    assert [told.waiting_seconds(share) for share in (0, 0.1, 0.5, 0.9, 0.91, 1)] == [
        1, 1, 4, 61, 500, 500,
    ]  # fmt: skip
    assert told.waiting_ms_max == 500_000
    assert told.answered_in_time == sum(n for s, n in told.waits.items() if s <= 20) == 7


async def test_rates_and_means_are_those_of_the_document(paris: Place) -> None:
    at = AUTUMN
    ended: dict[str, Any] = {
        "live_at": at + 4_000,
        "ended_at": at + 64_000,
        "outcome": Outcome.INTERESTED,
    }
    given_up: dict[str, Any] = {
        "answered_at": None,
        "end_reason": EndReason.CUSTOMER_LEFT,
        "ended_at": at + 9_000,
    }
    await paris.save(
        a_call(closed_at=at + 94_000, rating=4, rings=3, missed=2, **ended),
        a_call(waited_ms=50_000),
        a_call(waited_ms=4_999, rings=0, **given_up),
        a_call(waited_ms=9_001, **given_up),
    )
    told = (await paris.asked.figures(paris.showroom, at, at + QUARTER))[""]
    assert (told.answer_rate, told.abandon_rate) == (2 / 4, 2 / 4)
    assert told.service_level == 1 / 3, "who left within 5 s is no failure"
    assert told.waiting_ms_average == (3_000 + 50_000 + 4_999 + 9_001) / 4
    assert (told.talking_ms_average, told.wrap_up_ms_average) == (60_000, 30_000)
    assert (told.rating_average, told.rings_per_answer) == (4, 5 / 2)
    assert told.occupancy(180_000) == 0.5
    nothing = (await paris.asked.figures(paris.showroom, at + QUARTER, at + 2 * QUARTER))[""]
    assert nothing == CallFigures()
    assert nothing.answer_rate is None
    assert nothing.waiting_seconds(0.5) is None


async def test_a_period_that_cuts_a_quarter_is_refused(paris: Place) -> None:
    for since, until in ((AUTUMN + 1, AUTUMN + HOUR), (AUTUMN, AUTUMN + HOUR - 1)):
        with pytest.raises(BadRequest):
            await paris.asked.figures(paris.showroom, since, until)


async def test_whole_days_of_the_past_are_read_from_their_own_rows(paris: Place) -> None:
    day, month = 24 * HOUR, Period.MONTH
    midnight = instant(date(2025, 10, 6), 0, ZoneInfo("Europe/Paris"))
    await paris.save(*(a_call(midnight + n * 6 * HOUR) for n in range(12)))
    assert await paris.days.fill_one(paris.showroom) > 3
    assert await paris.days.fill_one(paris.showroom) == 0
    async with paris.database.write() as connection:
        second = day_figures.c.from_at == midnight + day
        await connection.execute(sa.update(day_figures).where(second).values(offered=100))
    asked = midnight - 9 * day, midnight + 9 * day

    async def offered(by: By) -> int:
        told = await paris.asked.figures(paris.showroom, *asked, by)
        return sum(one.offered for one in told.values())

    kinds: list[By] = [None, Period.DAY, month, Period.HOUR_OF_WEEK, Dimension.VEHICLE]
    assert [await offered(by) for by in kinds] != [12] * len(kinds)
    assert await offered(Period.HOUR) == 12, "hours are not told apart there"
    await paris.save(a_call(midnight + day + HOUR))
    assert [await offered(by) for by in kinds] == [13] * len(kinds), "the day was forgotten"
    assert await paris.days.fill_one(paris.showroom) > 0
    assert [await offered(by) for by in kinds] == [13] * len(kinds), "and made again"


async def test_days_of_a_zone_that_was_another_are_not_read(paris: Place) -> None:
    known = [a_call(AUTUMN + n * HOUR) for n in range(72)]
    await paris.save(*known)
    await paris.days.fill()
    paris.showroom = moved = replace(paris.showroom, zone="Asia/Kathmandu")
    await Showrooms(paris.database).save(moved)
    for _ in range(2):  # as it stands, and once the days are made anew
        told = await paris.asked.figures(moved, AUTUMN, AUTUMN + 96 * HOUR, Period.DAY)
        assert told == grouped(known, Period.DAY, "Asia/Kathmandu")
        await PastDays(paris.database, Showrooms(paris.database), lambda: LATEST).fill()
