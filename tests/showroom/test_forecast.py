"""What coming days are likely to bring, against a count by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from showroom.calls import CallRecord
from showroom.database import Database
from showroom.days import days_of
from showroom.forecast import ASSUMED_S, FEW_TALKS, Expected, Forecasts, halves_of
from showroom.hours import Campaign, DateException, Interval, WeeklyHours
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import showrooms
from showroom.words import Channel
from tests.showroom.recount import HOUR, MINUTE, Place, a_call, a_place

# The clocks of Paris went back in the night on Sunday the 26th of October 2025, those of Adelaide
# and Lord Howe forward on the 5th, the latter by half an hour.
NOW = int(datetime(2025, 11, 3, 10, 7, tzinfo=UTC).timestamp()) * 1000
PAST = 60 * 24 * HOUR
OPEN = WeeklyHours(
    *((Interval.of("01:00", "03:00"), Interval.of("09:15", "12:30")) for _ in range(7))
)
ZONES = ("Europe/Paris", "Australia/Lord_Howe", "Asia/Kathmandu", "America/New_York")
DAYS = st.dates(date(2025, 9, 1), date(2025, 11, 16))


@st.composite
def calls(draw: st.DrawFn) -> CallRecord:
    at = NOW - draw(st.integers(0, PAST // MINUTE)) * MINUTE
    return a_call(
        at,
        language=draw(st.sampled_from(["en", "fr"])),
        channel=draw(st.sampled_from([Channel.WALK_IN, Channel.WALK_IN, Channel.VISIT])),
    )


def by_hand(
    showroom: Showroom, known: list[CallRecord], day: date, since: datetime, language: str | None
) -> float:
    """Return what the half hour of `day` that begins at `since` can be expected to bring."""
    here = ZoneInfo(showroom.zone)

    def local(ms: int) -> datetime:
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(here)

    def campaign(one: date) -> bool:
        return any(c.first <= one <= c.last for c in showroom.campaigns)

    def slot(at: datetime) -> tuple[int, int]:
        return at.hour, at.minute // 30

    now = local(NOW).date()
    those = [
        local(call.created_at)
        for call in known
        if call.channel is Channel.WALK_IN
        and language in (None, call.language)
        and now - timedelta(days=56) <= local(call.created_at).date() < now
    ]
    if not those:
        return 0
    first = min(at.date() for at in those)
    past = [now - timedelta(days=n) for n in range(1, 57)]
    usual = [
        one
        for one in past
        if one >= first
        and one.weekday() == day.weekday()
        and all(known.day != one for known in showroom.exceptions)
    ]
    like = [one for one in usual if campaign(one) == campaign(day)] or usual
    # So often the clock showed the beginning of this half hour, or jumped into it.
    shown = 0
    for one in like:
        midnight = datetime(one.year, one.month, one.day, tzinfo=here).astimezone(UTC)
        minutes = [(midnight + timedelta(minutes=n)).astimezone(here) for n in range(26 * 60)]
        seen = {(at.hour, at.minute // 30, at.fold) for at in minutes if at.date() == one}
        shown += sum((hour, half) == slot(since) for hour, half, _ in seen)
    brought = sum(slot(at) == slot(since) and at.date() in like for at in those)
    return brought / shown if shown else 0


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


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(calls(), max_size=40),
    st.sampled_from(ZONES),
    st.lists(DAYS, max_size=2, unique=True),
    st.none() | DAYS,
    st.sampled_from([None, "fr"]),
    st.integers(0, 20),
)
def test_a_half_hour_brings_the_mean_of_those_like_it(
    fresh: Callable[[], Any],
    known: list[CallRecord],
    zone: str,
    own_hours: list[date],
    film: date | None,
    language: str | None,
    ahead: int,
) -> None:
    async def compare() -> None:
        async with fresh() as database:
            place = await a_place(database, zone)
            showroom = replace(
                place.showroom,
                hours=OPEN,
                exceptions=tuple(DateException(one, (Interval.of("10:00", "14:00"),))
                                 for one in own_hours),
                campaigns=(Campaign("film", film, film + timedelta(days=9)),) if film else (),
            )  # fmt: skip
            await Showrooms(database).save(showroom)
            await place.save(*known)
            here = ZoneInfo(zone)
            first = datetime.fromtimestamp(NOW / 1000, here).date() + timedelta(days=ahead)
            told = await Forecasts(database).days(showroom, first, 3, NOW, language)
            for day in told.days:
                assert day.own_hours == (day.day in own_hours)
                for one in day.halves:
                    begins = datetime.fromtimestamp(one.half.from_ms / 1000, here)
                    wanted = by_hand(showroom, known, day.day, begins, language)
                    assert one.calls == pytest.approx(wanted), begins

    asyncio.run(compare())


async def told_of(place: Place, day: date, **changes: Any) -> dict[str, Expected]:
    """Return the half hours of a day by what the clock shows as they begin."""
    showroom = replace(place.showroom, **changes)
    told = await Forecasts(place.database).days(showroom, day, 1, NOW)
    here = ZoneInfo(showroom.zone)
    return {
        datetime.fromtimestamp(one.half.from_ms / 1000, here).strftime("%H:%M"): one
        for one in told.days[0].halves
    }


async def test_only_hours_in_which_it_is_open_are_planned(database: Database) -> None:
    place = await a_place(database)
    hours = WeeklyHours(monday=(Interval.of("09:15", "10:30"),))
    monday = await told_of(place, date(2025, 11, 10), hours=hours)
    assert [*monday] == ["09:00", "09:30", "10:00"]
    assert [one.open_ms // MINUTE for one in monday.values()] == [15, 30, 30]
    assert not await told_of(place, date(2025, 11, 11), hours=hours)
    exception = DateException(date(2025, 11, 10), (Interval.of("18:00", "18:30"),))
    assert [*await told_of(place, date(2025, 11, 10), exceptions=(exception,))] == ["18:00"]


def test_a_day_on_which_the_clocks_change_has_the_half_hours_that_they_show() -> None:
    autumn, spring = (days_of("Europe/Paris", day, 1)[0]
                      for day in (date(2025, 10, 26), date(2026, 3, 29)))  # fmt: skip
    assert [(one.slot, one.again) for one in halves_of(autumn)][3:8] == [
        (3, False), (4, False), (5, False), (4, True), (5, True),
    ]  # fmt: skip
    assert [one.slot for one in halves_of(spring)][2:6] == [2, 3, 6, 7]
    assert (len(halves_of(autumn)), len(halves_of(spring))) == (50, 46)
    lord_howe = days_of("Australia/Lord_Howe", date(2026, 4, 5), 1)[0]
    assert [(one.slot, one.again) for one in halves_of(lord_howe)][2:6] == [
        (2, False), (3, False), (3, True), (4, False),
    ]  # fmt: skip


async def test_a_call_takes_as_long_as_it_took_and_few_talks_say_nothing(
    database: Database,
) -> None:
    place = await a_place(database)
    now = date(2025, 11, 3)

    async def told() -> tuple[float, int, bool]:
        known = await Forecasts(database).days(place.showroom, now, 1, NOW)
        return known.handling_s, known.talks, known.assumed

    def talk(n: int) -> CallRecord:
        at = NOW - 24 * HOUR - n * MINUTE
        ended = at + 4_000 + 300_000 + n * 1_000
        return a_call(at, live_at=at + 4_000, ended_at=ended)

    assert await told() == (ASSUMED_S, 0, True)
    await place.save(*(talk(n) for n in range(FEW_TALKS - 1)))
    assert await told() == (ASSUMED_S, FEW_TALKS - 1, True)
    await place.save(talk(FEW_TALKS - 1))
    talking = 300 + (FEW_TALKS - 1) / 2
    assert await told() == (talking, FEW_TALKS, False)
