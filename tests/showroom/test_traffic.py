"""Traffic is what came, counted: each visitor once a day, and nobody known."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from showroom.arrivals import Arrival, Arrivals
from showroom.asking import By
from showroom.clock import to_datetime
from showroom.database import Database
from showroom.errors import BadRequest, TryAgain
from showroom.hours import instant
from showroom.past_days import PastDays
from showroom.showrooms import Showrooms
from showroom.slicing import Key
from showroom.tables import showrooms, staff
from showroom.traffic import KNOWN, TRAFFIC, Traffic, TrafficFigures
from showroom.traffic_tables import day_traffic, traffic
from showroom.valkey import connect
from showroom.words import Device, Dimension, PageKind, Period
from tests.showroom.recount import AUTUMN, HOUR, QUARTER, ZONES, Place, a_call, a_place

SPAN = 60 * HOUR
# Beyond the days of all that arrives, so that Redis keeps what it is told to keep.
LATER = 4_000_000_000_000
OVER = LATER + SPAN + 48 * HOUR

arrivals: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.builds(
        dict,
        at_ms=st.integers(0, SPAN),
        address=st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1", ""]),
        agent=st.sampled_from(["Firefox", "Safari"]),
        campaign=st.sampled_from(["", "spring", "=tv"]),
        language=st.sampled_from(["en", "fr"]),
        device=st.sampled_from([Device.PHONE, Device.DESKTOP]),
        page=st.sampled_from(list(PageKind)),
        widget=st.booleans(),
    ),
    max_size=40,
)
questions = st.tuples(
    st.sampled_from([None, *Period, *KNOWN]),
    st.integers(0, SPAN // QUARTER + 1),
    st.integers(0, SPAN // QUARTER + 1),
    st.dictionaries(
        st.sampled_from(KNOWN),
        st.lists(st.sampled_from(["", "spring", "fr", "phone"]), max_size=3),
        max_size=2,
    ),
)


def begin_of(by: By, at_ms: int, zone: str) -> Key:
    """Return the key of the group in which a moment lies; its clocks do not change meanwhile."""
    local = to_datetime(at_ms).astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    match by:
        case Period.HOUR:
            first = local.replace(minute=0, second=0, microsecond=0)
            return round(first.timestamp() * 1000)
        case Period.DAY:
            return round(midnight.timestamp() * 1000)
        case Period.WEEK:
            monday = date.fromordinal(local.toordinal() - local.weekday())
            return instant(monday, 0, ZoneInfo(zone))
        case Period.MONTH:
            return instant(local.date().replace(day=1), 0, ZoneInfo(zone))
        case _:
            return local.weekday() * 24 + local.hour


def counted(
    known: list[Arrival], by: By, since: int, until: int, where: dict[Dimension, list[str]]
) -> dict[Key, TrafficFigures]:
    """Count by hand; in the order in which they came."""
    found: dict[Key, Counter[str]] = {} if by else {"": Counter()}
    seen: set[Any] = set()
    for one in known:
        day = to_datetime(one.at_ms).astimezone(ZoneInfo(one.zone)).date()
        who = day, one.address, one.agent
        first = bool(one.address) and who not in seen
        seen.add(who)
        values = {d: str(getattr(one, d.value)) for d in KNOWN}
        if not since <= one.at_ms < until or any(values[d] not in ok for d, ok in where.items()):
            continue
        key: Key = ""
        if by is not None:
            key = values[by] if isinstance(by, Dimension) else begin_of(by, one.at_ms, one.zone)
        total = found.setdefault(key, Counter())
        total.update({"views": 1, "widget_opens": one.widget, "visitors": first})
    return {key: TrafficFigures(**total) for key, total in found.items()}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals, st.lists(questions, min_size=1, max_size=6), st.sampled_from(ZONES))
def test_traffic_is_what_a_count_by_hand_says(
    opened: Callable[[], Any],
    came: list[dict[str, Any]],
    asked: list[tuple[By, int, int, dict[Dimension, list[str]]]],
    zone: str,
) -> None:
    async def compare() -> None:
        async with opened() as (database, redis):
            place = await a_place(database, zone)
            showroom = place.showroom
            known = [
                Arrival(showroom.id, zone, **{**one, "at_ms": LATER + one["at_ms"]}) for one in came
            ]
            # Two nodes, one arrival each in turn; some are late, when their days are kept already.
            nodes = an_entry(database, redis), an_entry(database, redis)
            for n, one in enumerate(known):
                nodes[n % 2].note(one)
                await nodes[n % 2].flush()
                if n % 10 == len(known) % 10:
                    await days_of(database).fill()
            for by, first, last, where in asked:
                begin = LATER // QUARTER * QUARTER
                since, until = begin + first * QUARTER, begin + last * QUARTER
                told = await Traffic(database).figures(showroom, since, until, by, where)
                if since >= until:
                    assert set(told.values()) <= {TrafficFigures()}
                    continue
                by_hand = counted(known, by, since, until, where)
                assert told == by_hand
                assert TRAFFIC.together(told.values()) == TRAFFIC.together(by_hand.values())

    asyncio.run(compare())


@pytest.fixture
def opened(database_url: str, redis_url: str) -> Callable[[], Any]:
    """Opens the database and Redis, empty, in whatever loop asks."""

    @asynccontextmanager
    async def opening() -> AsyncIterator[tuple[Database, Redis]]:
        async with aclosing(await connect(redis_url)) as redis:
            await redis.flushall()
            async with Database.open(database_url) as database:
                async with database.write() as connection:
                    for table in (showrooms, staff):
                        await connection.execute(sa.delete(table))
                yield database, redis

    return opening


@pytest.fixture
async def paris(database: Database) -> Place:
    return await a_place(database)


def an_arrival(place: Place, at_ms: int = LATER, **facts: Any) -> Arrival:
    one = Arrival(
        place.showroom.id, place.showroom.zone, at_ms, "192.0.2.1", "Firefox", "", "en",
        Device.DESKTOP, PageKind.SHOWROOM,
    )  # fmt: skip
    return replace(one, **facts)


def an_entry(database: Database, redis: Redis) -> Arrivals:
    """Return what counts arrivals once the days of all are over."""
    return Arrivals(database, redis, clock=lambda: OVER)


def days_of(database: Database, now_ms: int = OVER) -> PastDays:
    return PastDays(database, Showrooms(database), lambda: now_ms)


async def rows(database: Database) -> list[Any]:
    async with database.read() as connection:
        return [tuple(row) for row in await connection.execute(sa.select(traffic))]


async def test_what_the_database_refuses_is_written_with_the_next(
    paris: Place, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Arrivals(paris.database, redis)
    counting.note(an_arrival(paris))

    def away() -> None:
        raise TryAgain

    with monkeypatch.context() as patched, pytest.raises(TryAgain):
        patched.setattr(paris.database, "write", away)
        await counting.flush()
    assert await rows(paris.database) == []
    counting.note(an_arrival(paris))
    await counting.flush()
    await counting.flush()
    [row] = await rows(paris.database)
    assert row[-3:] == (2, 0, 1)


async def test_who_floods_us_is_dropped_and_counted(paris: Place, redis: Redis) -> None:
    counting = Arrivals(paris.database, redis, most_waiting=3)
    for _ in range(5):
        counting.note(an_arrival(paris))
    assert counting.dropped == 2
    await counting.flush()
    [row] = await rows(paris.database)
    assert row[-3:] == (3, 0, 1)


async def test_a_flood_of_campaigns_makes_no_flood_of_rows(
    paris: Place, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("showroom.arrivals.MOST_CAMPAIGNS", 2)
    nodes = Arrivals(paris.database, redis), Arrivals(paris.database, redis)
    for n, name in enumerate(["spring", "x1", "x2", "spring", "x3"]):
        nodes[n % 2].note(an_arrival(paris, campaign=name))
        await nodes[n % 2].flush()
    counted = {row[2]: row[-3] for row in await rows(paris.database)}
    assert counted == {"spring": 2, "x1": 1, "": 2}


async def test_nobody_can_be_known_and_all_of_it_goes_when_the_day_is_over(
    paris: Place, redis: Redis
) -> None:
    counting = Arrivals(paris.database, redis)
    counting.note(an_arrival(paris, address="198.51.100.7", agent="Very Own Browser"))
    counting.note(an_arrival(paris, address="", agent="Other"))
    await counting.flush()
    day = to_datetime(LATER).astimezone(ZoneInfo(paris.showroom.zone)).date()
    over = instant(date.fromordinal(day.toordinal() + 1), 0, ZoneInfo(paris.showroom.zone))
    kept = ""
    for key in await redis.keys("*"):
        assert over < await redis.pexpiretime(str(key)) <= over + 2 * HOUR, key
        is_set = await redis.type(key) == "set"
        kept += str(await redis.smembers(key) if is_set else await redis.get(key))
    kept += str(await rows(paris.database))
    assert "198.51.100.7" not in kept
    assert "Own" not in kept
    # The same person tomorrow, and at another showroom, is somebody else.
    lyon = await a_place(paris.database, slug="lyon")
    for place, at in ((paris, LATER + 24 * HOUR), (lyon, LATER)):
        counting.note(an_arrival(place, at, address="198.51.100.7", agent="Very Own Browser"))
    await counting.flush()
    sets = [await redis.smembers(key) for key in await redis.keys("*:here:*")]
    assert len(sets) == 3
    assert len(set().union(*sets)) == 3


async def test_calls_stand_beside_those_who_came(paris: Place, redis: Redis) -> None:
    counting = Arrivals(paris.database, redis)
    await paris.save(a_call(AUTUMN, campaign="spring"), a_call(AUTUMN + HOUR, campaign=None))
    counting.note(an_arrival(paris, AUTUMN, campaign="spring"))
    counting.note(an_arrival(paris, AUTUMN, address="192.0.2.9"))
    await counting.flush()
    told = await Traffic(paris.database).figures(
        paris.showroom, AUTUMN, AUTUMN + 2 * HOUR, Dimension.CAMPAIGN
    )
    # Redis keeps nothing of a day that is over: there, every arrival is a new one.
    assert {key: (one.visitors, one.calls) for key, one in told.items()} == {
        "": (1, 1), "spring": (1, 1),
    }  # fmt: skip
    assert told["spring"].calls_per_visitor == 1
    alone = await Traffic(paris.database, calls=False).figures(
        paris.showroom, AUTUMN, AUTUMN + 2 * HOUR
    )
    assert alone[""] == TrafficFigures(visitors=2, views=2)
    with pytest.raises(BadRequest):
        await Traffic(paris.database).figures(
            paris.showroom, AUTUMN, AUTUMN + HOUR, Dimension.ADVISOR
        )


async def test_another_showroom_s_visitors_are_nobody_s_here(paris: Place, redis: Redis) -> None:
    lyon = await a_place(paris.database, slug="lyon")
    counting = Arrivals(paris.database, redis)
    counting.note(an_arrival(lyon))
    await counting.flush()
    span = LATER // QUARTER * QUARTER, LATER // QUARTER * QUARTER + HOUR
    for place, number in ((paris, 0), (lyon, 1)):
        told = await Traffic(paris.database).figures(place.showroom, *span)
        assert told[""].views == number
        pages = await Traffic(paris.database).pages(place.showroom, *span, {})
        assert sum(pages.values()) == number


async def test_whole_days_of_the_past_are_read_from_their_own_rows(
    paris: Place, redis: Redis
) -> None:
    counting, days = an_entry(paris.database, redis), days_of(paris.database)
    midnight = instant(to_datetime(LATER).date(), 0, ZoneInfo(paris.showroom.zone))
    for n in range(12):
        counting.note(an_arrival(paris, midnight + n * 4 * HOUR, campaign="spring"))
    await counting.flush()
    assert await days.fill_one(paris.showroom) > 2
    async with paris.database.write() as connection:
        second = day_traffic.c.from_at == midnight + 24 * HOUR
        await connection.execute(sa.update(day_traffic).where(second).values(views=100))
    read, spring = Traffic(paris.database), {Dimension.CAMPAIGN: ["spring"]}
    # From within the first day until within the third: quarters at both ends.
    asked = paris.showroom, midnight + 4 * HOUR, midnight + 50 * HOUR

    async def views(by: By) -> int:
        told = await read.figures(*asked, by, spring)
        return sum(one.views for one in told.values())

    async def all_views() -> set[int]:
        by: list[By] = [None, Period.DAY, Period.WEEK, Period.MONTH, *KNOWN]
        opened = sum((await read.pages(*asked, spring)).values())
        return {opened, *[await views(one) for one in by]}

    assert await all_views() == {5 + 100}
    for by in (Period.HOUR, Period.HOUR_OF_WEEK):
        assert await views(by) == 11, "whole days know nothing of their hours"
    counting.note(an_arrival(paris, midnight + 30 * HOUR, campaign="spring"))
    await counting.flush()
    assert await all_views() == {12}, "the day was forgotten"
    assert await days.fill_one(paris.showroom) > 0
    assert await all_views() == {12}, "and made again"
    await paris.save(a_call(midnight + 30 * HOUR))
    assert await all_views() == {12}, "it goes with the day of the calls"
    await days.fill()
    assert await days.fill_one(paris.showroom) == 0
    assert await all_views() == {12}


async def test_a_day_is_kept_when_nobody_writes_to_it_any_more(paris: Place, redis: Redis) -> None:
    midnight = instant(to_datetime(LATER).date(), 0, ZoneInfo(paris.showroom.zone))
    counting = Arrivals(paris.database, redis, clock=lambda: midnight + 15 * 60_000)
    for at_ms in (midnight - 5 * HOUR, midnight - 1):
        counting.note(an_arrival(paris, at_ms))
        await counting.flush()
        await days_of(paris.database, midnight + HOUR - 1).fill()
    told = await Traffic(paris.database).figures(
        paris.showroom, midnight - 24 * HOUR, midnight, Period.DAY
    )
    assert [one.views for one in told.values()] == [2]
