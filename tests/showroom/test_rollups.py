"""The rollups are the calls, counted: whatever is saved and whatever is asked."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from showroom.asking import By
from showroom.call_figures import CallFigures
from showroom.calls import CallRecord
from showroom.database import Database, migrate
from showroom.days import days_of
from showroom.errors import BadRequest
from showroom.figure_tables import call_rollups, call_waits, day_figures
from showroom.hours import instant
from showroom.past_days import PastDays
from showroom.showrooms import Showrooms
from showroom.tables import showrooms, staff
from showroom.words import (
    Dimension,
    EndReason,
    Outcome,
    Period,
)
from tests.showroom.recount import (
    ADVISORS,
    AUTUMN,
    HOUR,
    LATEST,
    QUARTER,
    SPAN,
    ZONES,
    Place,
    a_call,
    a_place,
    counted,
    grouped,
    records,
)

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
                span = place.showroom, since, until
                briefly = await place.asked.figures(*span, by, where, waits=False)
                assert briefly == {key: replace(one, waits={}) for key, one in told.items()}
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


async def test_the_spread_of_calls_that_are_there_already_is_counted_by_the_migration(
    paris: Place, database_url: str
) -> None:
    times = [(AUTUMN + n * 7 * HOUR // 3, n) for n in range(9)]
    await paris.save(
        *(
            a_call(
                at,
                live_at=at + 4_000,
                ended_at=at + 4_000 + n * 61_337,
                closed_at=at + 99_000 + n * 61_337 if n % 3 else None,
                outcome=Outcome.INTERESTED if n % 3 else None,
                rating=n if 0 < n < 6 else None,
                advisor_id="alice" if n % 2 else None,
                campaign="spring" if n % 4 else None,
            )
            for at, n in times
        ),
        a_call(vehicle=None, answered_at=None, live_at=AUTUMN + 1),
    )
    before = await paris.rows()
    await migrate(database_url, back_to="0018")
    await migrate(database_url)
    assert await paris.rows() == before
    told = await paris.asked.figures(paris.showroom, AUTUMN, AUTUMN + 9 * 24 * HOUR)
    assert told[""] == counted(await paris.kept())


async def test_a_rebuild_mends_what_is_wrong_while_calls_are_saved(paris: Place) -> None:
    known = [a_call(AUTUMN + n * 20 * HOUR) for n in range(40)]
    later = [a_call(AUTUMN + n * 20 * HOUR + 1, vehicle=None) for n in range(9)]
    await paris.save(*known)
    async with paris.database.write() as connection:
        await connection.execute(sa.update(call_rollups).values(offered=7))
        await connection.execute(sa.delete(call_waits))
        # A row of calls that are not there at all.
        row = {"showroom_id": paris.showroom.id, "quarter_at": AUTUMN - 99 * HOUR, "calls": 3}
        row |= {name.value: "" for name in Dimension} | {"waited_seconds": 1}
        await connection.execute(sa.insert(call_waits).values(row))
    await paris.days.fill()
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

    async def offered(by: By, *which: Dimension) -> int:
        where = {one: [getattr(a_call(), one.value) or ""] for one in which}
        told = await paris.asked.figures(paris.showroom, *asked, by, where)
        return sum(one.offered for one in told.values())

    async def all_offered() -> set[int]:
        return {await offered(by, *which) for by, *which in kinds}

    car, phone = Dimension.VEHICLE, Dimension.DEVICE
    kinds: list[Any] = [
        (None,), (Period.DAY,), (month,), (Period.HOUR_OF_WEEK,), (car,), (None, car), (car, car),
        (phone, car), (car, phone), (Period.WEEK, car, phone), (phone, car, phone),
    ]  # fmt: skip
    # The second day has at least one row of each kind.
    assert 12 not in await all_offered()
    for beyond in ((Period.HOUR,), (Period.HOUR_OF_WEEK, car), (Dimension.LANGUAGE, car, phone)):
        assert await offered(*beyond) == 12, "these are not told apart there"
    await paris.save(a_call(midnight + day + HOUR))
    assert await all_offered() == {13}, "the day was forgotten"
    assert await paris.days.fill_one(paris.showroom) > 0
    assert await all_offered() == {13}, "and made again"


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
    # One of the old zone's that nobody has removed.
    async with paris.database.write() as connection:
        day = sa.select(day_figures).where(day_figures.c.dimension == "").limit(1).offset(2)
        row = dict((await connection.execute(day)).mappings().one())
        row["from_at"], row["until_at"] = row["from_at"] + HOUR, row["until_at"] + HOUR
        await connection.execute(sa.insert(day_figures).values(row))
    told = await paris.asked.figures(moved, AUTUMN, AUTUMN + 200 * HOUR, Period.DAY)
    assert told == grouped(known, Period.DAY, "Asia/Kathmandu")


async def test_days_that_are_made_while_calls_are_saved_are_true(paris: Place) -> None:
    known = [a_call(AUTUMN + n * 5 * HOUR) for n in range(60)]
    await paris.save(*known[::2])
    await asyncio.gather(paris.days.fill(), *(paris.save(call) for call in known[1::2]))
    for _ in range(2):
        told = await paris.asked.figures(paris.showroom, AUTUMN, LATEST, Period.DAY)
        assert told == grouped(known, Period.DAY, paris.showroom.zone)
        await paris.days.fill()
