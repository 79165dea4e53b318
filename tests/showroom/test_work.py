"""How advisors spent their time, against a count by hand."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from showroom.clock import DAY_MS
from showroom.database import Database
from showroom.hours import instant
from showroom.ids import StaffId
from showroom.showrooms import Showroom, Showrooms
from showroom.slicing import By, Key
from showroom.stints import KEPT_DAYS, SUM_OF, Stint, Stints
from showroom.tables import showrooms
from showroom.words import AdvisorState, Dimension, Outcome, Period
from showroom.work import Work, WorkFigures
from showroom.work_tables import stints, working_time
from tests.samples import a_showroom
from tests.showroom.recount import (
    AUTUMN,
    HOUR,
    LATEST,
    MINUTE,
    QUARTER,
    SPAN,
    ZONES,
    a_call,
    a_place,
    key_by_hand,
)

ALICE, BRUNO = StaffId("alice"), StaffId("bruno")


@st.composite
def days_work(draw: st.DrawFn) -> list[Stint]:
    """Stints of one advisor that share no moment: some hours or days of them, one after another."""
    who = draw(st.sampled_from([ALICE, BRUNO]))
    at = AUTUMN + draw(st.integers(0, SPAN // HOUR - 200)) * HOUR + draw(st.integers(0, HOUR))
    found = []
    for _ in range(draw(st.integers(0, 8))):
        state = draw(st.sampled_from(list(AdvisorState)))
        longest = 40 * HOUR if state is AdvisorState.AWAY else 3 * HOUR
        until = at + draw(st.integers(1, longest))
        found.append(Stint(who, state, at, until))
        at = until + draw(st.sampled_from([0, 0, 1, 30 * MINUTE]))
    return found


def by_hand(known: list[Stint], zone: str, by: By, since: int, until: int) -> dict[Key, Any]:
    """Count milliseconds of each state, cut where the clock begins another group."""
    here, found = ZoneInfo(zone), defaultdict[Key, Counter[str]](Counter)
    for one in known:
        local = [datetime.fromtimestamp(at / 1000, UTC).astimezone(here).date()
                 for at in (one.begins_at, one.ends_at)]  # fmt: skip
        if one.state is AdvisorState.AWAY and local[0] != local[1]:
            continue
        at = max(one.begins_at, since)
        end = min(one.ends_at, until)
        while at < end:
            # Groups begin on a quarter of an hour.
            step = min(end, at // QUARTER * QUARTER + QUARTER)
            call = replace(a_call(at), advisor_id=one.advisor)
            found[key_by_hand(call, by, zone)][SUM_OF[one.state]] += step - at
            at = step
    return {key: WorkFigures(**sums) for key, sums in found.items()}


@pytest.fixture
def fresh(database_url: str) -> Callable[[], Any]:
    """Opens the database, empty, in whatever loop asks."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Database]:
        async with Database.open(database_url) as database:
            async with database.write() as connection:
                await connection.execute(sa.delete(showrooms))
            yield database

    return opened


def apart(histories: list[list[Stint]]) -> list[Stint]:
    """Return these stints, but for those that share a moment with one before."""
    found: list[Stint] = []
    for one in (stint for history in histories for stint in history):
        shared = (
            other.advisor == one.advisor
            and other.begins_at < one.ends_at
            and one.begins_at < other.ends_at
            for other in found
        )
        if not any(shared):
            found.append(one)
    return found


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(days_work(), max_size=6).map(apart),
    st.sampled_from(ZONES),
    st.sampled_from([None, *Period, Dimension.ADVISOR]),
    st.integers(0, SPAN // QUARTER),
    st.integers(0, SPAN // QUARTER),
    st.randoms(),
)
def test_time_is_what_a_recount_of_the_stints_says(
    fresh: Callable[[], Any],
    known: list[Stint],
    zone: str,
    by: By,
    first: int,
    last: int,
    chance: Any,
) -> None:
    async def compare() -> None:
        async with fresh() as database:
            room = replace(a_showroom(), zone=zone)
            await Showrooms(database).save(room)
            book = Stints(database, lambda: LATEST)
            # In whatever order they come, some of them twice.
            mixed = known + known[: len(known) // 2]
            chance.shuffle(mixed)
            for n in range(0, len(mixed), 3):
                await book.keep(room, mixed[n : n + 3])
            since, until = AUTUMN + first * QUARTER, AUTUMN + last * QUARTER
            told = await Work(database).figures(room, since, until, by)
            wanted = by_hand(known, zone, by, since, until)
            assert {key: one for key, one in told.items() if one != WorkFigures()} == wanted

    asyncio.run(compare())


@pytest.fixture
async def room(database: Database) -> Showroom:
    return (await a_place(database)).showroom


def at(text: str) -> int:
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Paris"))
    return int(local.timestamp()) * 1000


def a_stint(state: AdvisorState, begins: str, ends: str, who: StaffId = ALICE) -> Stint:
    return Stint(who, state, at(begins), at(ends))


async def test_occupancy_is_talk_and_wrap_up_of_the_time_at_work(database: Database) -> None:
    place = await a_place(database)
    room, ready = place.showroom, AdvisorState.AVAILABLE
    book = Stints(database, lambda: LATEST)
    await book.keep(room, [a_stint(ready, "2025-10-06T09:00", "2025-10-06T10:00")])
    call = a_call(at("2025-10-06T09:10"), advisor_id=ALICE)
    begun = call.created_at
    # Of before anybody recorded working time: what it was a part of nobody knows.
    before = a_call(begun - DAY_MS, live_at=begun - DAY_MS, ended_at=begun - DAY_MS + HOUR)
    talked = replace(call, live_at=begun, ended_at=begun + 20 * MINUTE)
    closed = replace(talked, closed_at=begun + 24 * MINUTE, outcome=Outcome.NO_FIT)
    await place.save(closed, replace(before, advisor_id=ALICE))
    told = await Work(database).figures(room, AUTUMN, AUTUMN + 20 * DAY_MS, Dimension.ADVISOR)
    [(key, alice)] = told.items()
    assert key == ALICE
    assert (alice.at_work_ms, alice.talking_ms_sum, alice.wrap_up_ms_sum) == (
        HOUR, 20 * MINUTE, 4 * MINUTE,
    )  # fmt: skip
    assert alice.occupancy == pytest.approx(0.4)
    assert WorkFigures().occupancy is None
    # Nobody is at work for a campaign.
    assert not await Work(database).figures(room, AUTUMN, LATEST, Dimension.CAMPAIGN)


async def test_a_break_is_of_one_day_by_the_showrooms_clock(
    database: Database, room: Showroom
) -> None:
    away = AdvisorState.AWAY
    night = a_stint(away, "2025-10-06T18:00", "2025-10-07T09:00")
    lunch = a_stint(away, "2025-10-07T12:00", "2025-10-07T13:00")
    late = a_stint(away, "2025-10-07T23:00", "2025-10-07T23:59")
    await Stints(database, lambda: LATEST).keep(room, [night, lunch, late])
    told = await Work(database).figures(room, AUTUMN, LATEST // QUARTER * QUARTER)
    assert told[""].away_ms == HOUR + 59 * MINUTE
    assert told[""].at_work_ms == 0


async def test_nobody_is_at_work_for_more_than_a_day_on_end(
    database: Database, room: Showroom
) -> None:
    forged = Stint(ALICE, AdvisorState.AVAILABLE, 0, LATEST)
    await Stints(database, lambda: LATEST).keep(room, [forged])
    assert await Work(database).begun(room.id) is None


async def test_stints_go_after_five_weeks_and_their_sums_stay(
    database: Database, room: Showroom
) -> None:
    begin = instant(date(2025, 10, 6), 540, ZoneInfo("Europe/Paris"))
    now = begin + KEPT_DAYS * DAY_MS
    book = Stints(database, lambda: now)
    ready = AdvisorState.AVAILABLE
    old, new = (Stint(ALICE, ready, one, one + HOUR) for one in (begin - 2 * HOUR, begin))
    await book.keep(room, [old, new])
    await book.sweep()
    async with database.read() as connection:
        assert (await connection.scalars(sa.select(stints.c.begins_at))).all() == [begin]
        kept = await connection.scalar(sa.select(sa.func.sum(working_time.c.ready_ms)))
    assert kept == 2 * HOUR
