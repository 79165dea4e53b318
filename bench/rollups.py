"""The manager's figures over two years of calls, on SQLite and on PostgreSQL."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bench.figures import Line
from bench.postgresql import address, postgresql, settled
from showroom.asking import By, Figures, Where
from showroom.call_details import CallDetails
from showroom.call_search import CallSearch, Sought
from showroom.clock import system_clock
from showroom.database import Database, migrate
from showroom.demo.buyers import write_buyers
from showroom.demo.history import SPOT, Site, Span, made_up, write
from showroom.demo.seed import BRAND
from showroom.demo.visitors import write_traffic
from showroom.figure_columns import CALLS as ALL_CALLS
from showroom.figure_columns import Measured
from showroom.hours import ALWAYS_OPEN, instant
from showroom.ids import ShowroomId, StaffId
from showroom.past_days import PastDays
from showroom.process import tune_collector
from showroom.rollups import Rollups
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import staff
from showroom.traffic import TRAFFIC, Traffic
from showroom.words import Device, Dimension, Period, Quality
from showroom.yields import YIELD, Yield
from web.figures.asked import FiguresAsked
from web.figures.pages import LINE_DAYS, REMARKS
from web.figures.report import F, Source, report
from web.figures.traffic import TrafficAsked
from web.figures.yields import YieldAsked

HOW = """Two years of made-up calls (`showroom/demo/history.py`, always the same ones) of four
showrooms; the largest, which is asked, has 40 % of them, 16 advisors and 8 vehicles. *Rebuild*:
all rollups anew. *Figures*: sums, rates and percentiles as the page asks for them, five times each
after one that is not counted; the slowest of the five. *The list*: its first page, as often. *Page
of figures*, *of traffic*, *of yield*: all that one page reads, beside the period before, alike.
PostgreSQL has had the time to tidy up (`VACUUM`) after so much was written at once."""
CALLS, TIMES, TARGET_MS, REBUILD = 1_000_000, 5, 300, 10_000
KINDS = ("SQLite", "PostgreSQL")
SPAN = Span.until(date(2026, 6, 30))
ROOMS = {"paris": 0.4, "lyon": 0.3, "madrid": 0.2, "milano": 0.1}
ZONES = {"madrid": "Europe/Madrid", "milano": "Europe/Rome"}
VEHICLES = ("nuage", "crete", "voile", "orme", "silex", "brume", "cap", "delta")


@dataclass(frozen=True)
class Question:
    """What the page asks: from how many days before the end, by what, of which calls."""

    what: str
    days: int
    by: By
    where: Where | None = None


NO_CAMPAIGN: Where = {Dimension.CAMPAIGN: [""]}
OF_THE_FILM: Where = {Dimension.CAMPAIGN: [SPOT]}
TWO_CARS: Where = {
    Dimension.DEVICE: [Device.PHONE],
    Dimension.VEHICLE: ["crete", "voile"],
}
QUESTIONS = (
    Question("a day by hour", 1, Period.HOUR),
    Question("a month by day", 30, Period.DAY),
    Question("a month by advisor, without a campaign", 30, Dimension.ADVISOR, NO_CAMPAIGN),
    Question("two years by week", 730, Period.WEEK),
    Question("two years by advisor", 730, Dimension.ADVISOR),
    Question("two years by hour of the week", 730, Period.HOUR_OF_WEEK),
    Question("two years by month, two cars on phones", 730, Period.MONTH, TWO_CARS),
    Question("two years by vehicle, one campaign", 730, Dimension.VEHICLE, OF_THE_FILM),
)


# Which calls the list is asked for: the newest, rare ones, and such as there are none.
LISTS = {
    "the newest": Sought(),
    "one campaign of the spring": Sought(campaign=SPOT),
    "poor lines rated with one star": Sought(quality=Quality.POOR, rating=1),
    "a campaign that never was": Sought(campaign="none"),
}
# What the page reads at once: by its address, with the period before.
PAGES: dict[str, dict[str, str]] = {
    "28 days": {},
    "13 weeks by advisor": {"period": "quarter", "by": "advisor"},
    "52 weeks": {"period": "year"},
    "52 weeks by hour of the week": {"period": "year", "by": "hour_of_week"},
    "52 weeks by advisor, on phones": {"period": "year", "by": "advisor", "device": "phone"},
}


FURTHER: dict[str, dict[str, str]] = {
    "28 days": {},
    "13 weeks by campaign": {"period": "quarter", "by": "campaign"},
    "52 weeks": {"period": "year"},
}
DEALERS = [f"75-{n}" for n in range(8)]


async def measure(calls: int = CALLS) -> list[Line]:
    tune_collector()  # as a node does
    lines = []
    for kind in KINDS:
        async with _database(kind) as (database, settle):
            rooms = await _furnish(database)
            await write(database, made_up([_site(room) for room in rooms], calls, SPAN))
            began = time.perf_counter()
            for room in rooms:
                await Rollups(database).rebuild(room.id)
                await PastDays(database, Showrooms(database), system_clock).fill_one(room)
            rate = calls / (time.perf_counter() - began)
            lines.append(
                Line(
                    f"Rebuild, {calls:,} calls, {kind}",
                    f"≥ {REBUILD:,} calls/s",
                    f"{rate:,.0f} calls/s",
                    rate >= REBUILD,
                )
            )
            await settle()
            for question in QUESTIONS:
                slowest = max(await _ask(database, rooms[0], question))
                what = f"Figures of {calls:,} calls: {question.what}, {kind}"
                met = slowest < TARGET_MS
                lines.append(Line(what, f"< {TARGET_MS} ms", f"{slowest:.0f} ms", met))
            for name, sought in LISTS.items():
                slowest = max(await _list(database, rooms[0], sought))
                what = f"A page of the list of {calls:,} calls: {name}, {kind}"
                met = slowest < TARGET_MS
                lines.append(Line(what, f"< {TARGET_MS} ms", f"{slowest:.0f} ms", met))
            for what, query in PAGES.items():
                slowest = max(await _open(database, rooms[0], query))
                what = f"Page of figures, {calls:,} calls: {what}, {kind}"
                met = slowest < TARGET_MS
                lines.append(Line(what, f"< {TARGET_MS} ms", f"{slowest:.0f} ms", met))
            came = await write_traffic(database, rooms[0].id)
            leads = await write_buyers(database, rooms[0].id, DEALERS)
            await settle()
            for what, query in FURTHER.items():
                for page, number, slowest in (
                    ("traffic", f"{came:,} visitors", await _came(database, rooms[0], query)),
                    ("yield", f"{leads:,} leads", await _bought(database, rooms[0], query)),
                ):
                    name = f"Page of {page}, {number}: {what}, {kind}"
                    met = slowest < TARGET_MS
                    lines.append(Line(name, f"< {TARGET_MS} ms", f"{slowest:.0f} ms", met))
    return lines


@asynccontextmanager
async def _database(kind: str) -> AsyncIterator[tuple[Database, Callable[[], Awaitable[None]]]]:
    """Yield an empty database, and what has it settle after much was written."""
    if kind == "SQLite":
        with tempfile.TemporaryDirectory() as folder:
            async with _opened(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}") as database:
                yield database, partial(asyncio.sleep, 0)
    else:
        with postgresql() as server:
            async with _opened(address(server)) as database:
                yield database, partial(settled, server)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    await migrate(url)
    async with Database.open(url) as database:
        yield database


async def _furnish(database: Database) -> list[Showroom]:
    rooms = [
        Showroom(
            ShowroomId(slug), slug, slug.title(), BRAND, "FR", ("fr", "en"),
            ZONES.get(slug, "Europe/Paris"), ALWAYS_OPEN,
        )
        for slug in ROOMS
    ]  # fmt: skip
    for room in rooms:
        await Showrooms(database).save(room)
        async with database.write() as connection:
            for one in _site(room).advisors:
                row: dict[str, Any] = {"id": one, "email": f"{one}@orvanne.example", "name": one}
                row |= {"password": "-", "languages": ["en"], "robot": False, "created_at": 1}
                await connection.execute(sa.insert(staff).values(row))
    return rooms


def _site(room: Showroom) -> Site:
    share = ROOMS[room.slug]
    advisors = tuple(StaffId(f"{room.slug}-{n:02}") for n in range(round(40 * share)))
    return Site(room.id, room.zone, room.languages, advisors, VEHICLES, share)


async def _ask(database: Database, room: Showroom, question: Question) -> list[float]:
    """Return how long the answers took, in milliseconds."""
    here, took = ZoneInfo(room.zone), []
    until = instant(SPAN.last + timedelta(days=1), 0, here)
    since = instant(SPAN.last - timedelta(days=question.days - 1), 0, here)
    for _ in range(TIMES + 1):
        began = time.perf_counter()
        told = await Figures(database).figures(room, since, until, question.by, question.where)
        for one in told.values():
            assert one.waiting_seconds(0.9) is not None or not one.waits
        took.append((time.perf_counter() - began) * 1000)
    return took[1:]


async def _list(database: Database, room: Showroom, sought: Sought) -> list[float]:
    """Return how long a page of the list took, in milliseconds."""
    took = []
    for _ in range(TIMES + 1):
        began = time.perf_counter()
        await CallSearch(database).page(room.id, sought, 50)
        took.append((time.perf_counter() - began) * 1000)
    return took[1:]


async def _open(database: Database, room: Showroom, query: dict[str, str]) -> list[float]:
    """Return how long all took that the page reads, in milliseconds."""
    asked, took = FiguresAsked.of(query), []
    now = instant(SPAN.last, 15 * 60, ZoneInfo(room.zone))
    for _ in range(TIMES + 1):
        began = time.perf_counter()
        told = await report(Figures(database), ALL_CALLS, room, asked, now)
        span = told.stretch.since_ms, told.stretch.until_ms
        details = CallDetails(database)
        if told.stretch.days <= LINE_DAYS:
            await details.by_quality(room.id, *span, asked.where)
        await details.remarks(room.id, *span, asked.where, REMARKS)
        took.append((time.perf_counter() - began) * 1000)
    return took[1:]


async def _came(database: Database, room: Showroom, query: dict[str, str]) -> float:
    """Return how long the slowest answer of the page of traffic took, in milliseconds."""
    return await _slowest(Traffic(database), TRAFFIC, room, TrafficAsked.of(query))


async def _bought(database: Database, room: Showroom, query: dict[str, str]) -> float:
    """Return the same of the page of yield."""
    return await _slowest(Yield(database), YIELD, room, YieldAsked.of(query))


async def _slowest(
    source: Source[F], measured: Measured[F], room: Showroom, asked: FiguresAsked
) -> float:
    took, now = [], instant(SPAN.last, 15 * 60, ZoneInfo(room.zone))
    for _ in range(TIMES + 1):
        began = time.perf_counter()
        await report(source, measured, room, asked, now)
        took.append((time.perf_counter() - began) * 1000)
    return max(took[1:])
