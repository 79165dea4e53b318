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
from bench.pages import at_desk
from bench.postgresql import address, postgresql, settled
from showroom.asking import By, Figures, Where
from showroom.call_search import CallSearch, Sought
from showroom.clock import system_clock
from showroom.database import Database, migrate
from showroom.demo.buyers import write_buyers
from showroom.demo.history import SPOT, Site, Span, made_up, write
from showroom.demo.seed import BRAND
from showroom.demo.visitors import write_traffic
from showroom.hours import ALWAYS_OPEN, instant
from showroom.ids import ShowroomId, StaffId
from showroom.past_days import PastDays
from showroom.process import tune_collector
from showroom.rollups import Rollups
from showroom.showrooms import Policy, Showroom, Showrooms
from showroom.tables import staff
from showroom.words import Device, Dimension, Period, Quality

HOW = """Two years of made-up calls (`showroom/demo/history.py`, always the same ones) of four
showrooms; the largest, which is asked, has 40 % of them, 16 advisors and 8 vehicles. *Rebuild*:
all rollups anew. *Figures*: sums, rates and percentiles as the page asks for them, five times each
after one that is not counted; the slowest of the five. *The list*: its first page, as often. *Page
of figures*, *of traffic*, *of yield*: the whole answer of a node in a process of its own to a
manager who has signed in, beside the period before, alike. *First view*: from where the manager's
new browser without a cache sets out for that page until its chart is on the screen; the slowest of
ten.
PostgreSQL has had the time to tidy up (`VACUUM`) after so much was written at once."""
CALLS, TIMES, TARGET_MS, REBUILD = 1_000_000, 5, 300, 10_000
BROWSERS, VIEW_MS = 10, 1000
KINDS = ("SQLite", "PostgreSQL")
SPAN = Span.until(date(2026, 6, 30))
ASKED = "paris"
ROOMS = {ASKED: 0.4, "lyon": 0.3, "madrid": 0.2, "milano": 0.1}
ZONES = {"madrid": "Europe/Madrid", "milano": "Europe/Rome"}
# So that no node finds anything to purge while it is measured.
KEPT = Policy(words_days=3650, visit_days=3650, lead_days=3650)
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
DEALERS = [f"75-{n}" for n in range(8)]


def _page(of: str, days: int, more: str = "") -> str:
    """Return the address of a page for so many days, the last of all, beside as many before."""
    since, path = SPAN.last - timedelta(days=days - 1), "" if of == "figures" else f"/{of}"
    span = f"period=own&since={since}&until={SPAN.last}"
    return f"/manager/figures{path}?showroom={ASKED}&{span}{more}"


PAGES: dict[tuple[str, str], str] = {
    (of, what): _page(of, days, more)
    for of, what, days, more in (
        ("figures", "28 days", 28, ""),
        ("figures", "13 weeks by advisor", 91, "&by=advisor"),
        ("figures", "52 weeks", 364, ""),
        ("figures", "52 weeks by hour of the week", 364, "&by=hour_of_week"),
        ("figures", "52 weeks by advisor, on phones", 364, "&by=advisor&device=phone"),
        ("traffic", "28 days", 28, ""),
        ("traffic", "13 weeks by campaign", 91, "&by=campaign"),
        ("traffic", "52 weeks", 364, ""),
        ("traffic", "52 weeks on phones", 364, "&device=phone"),
        ("traffic", "52 weeks by hour of the week", 364, "&by=hour_of_week"),
        ("yield", "28 days", 28, ""),
        ("yield", "13 weeks by campaign", 91, "&by=campaign"),
        ("yield", "52 weeks", 364, ""),
    )
}
FIRST = [("figures", "28 days"), *((of, "52 weeks") for of in ("figures", "traffic", "yield"))]


async def measure(calls: int = CALLS) -> list[Line]:
    tune_collector()  # as a node does
    lines = []
    for kind in KINDS:
        async with _database(kind) as (database, url, settle):
            rooms = await _furnish(database)
            await write(database, made_up([_site(room) for room in rooms], calls, SPAN))
            came = await write_traffic(database, rooms[0].id)
            leads = await write_buyers(database, rooms[0].id, DEALERS)
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
                lines.append(_line(f"Figures of {calls:,} calls: {question.what}, {kind}", slowest))
            for name, sought in LISTS.items():
                slowest = max(await _list(database, rooms[0], sought))
                what = f"A page of the list of {calls:,} calls: {name}, {kind}"
                lines.append(_line(what, slowest))
            of_what = {
                "figures": f"{calls:,} calls",
                "traffic": f"{came:,} visitors",
                "yield": f"{leads:,} leads",
            }
            async with at_desk(database, url, ASKED) as desk:
                for (of, what), page in PAGES.items():
                    slowest = max(await desk.answers(page, TIMES))
                    lines.append(_line(f"Page of {of}, {of_what[of]}: {what}, {kind}", slowest))
                for of, what in FIRST:
                    views = [await desk.first_view(PAGES[of, what]) for _ in range(BROWSERS)]
                    name = f"First view of {of}, {of_what[of]}: {what}, {kind}"
                    lines.append(_line(name, max(views), VIEW_MS))
    return lines


def _line(what: str, took: float, target: float = TARGET_MS) -> Line:
    return Line(what, f"< {target} ms", f"{took:.0f} ms", took < target)


@asynccontextmanager
async def _database(
    kind: str,
) -> AsyncIterator[tuple[Database, str, Callable[[], Awaitable[None]]]]:
    """Yield an empty database, its address, and what has it settle after much was written."""
    if kind == "SQLite":
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
            async with _opened(url) as database:
                yield database, url, partial(asyncio.sleep, 0)
    else:
        with postgresql() as server:
            url = address(server)
            async with _opened(url) as database:
                yield database, url, partial(settled, server)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    await migrate(url)
    async with Database.open(url) as database:
        yield database


async def _furnish(database: Database) -> list[Showroom]:
    rooms = [
        Showroom(
            ShowroomId(slug), slug, slug.title(), BRAND, "FR", ("fr", "en"),
            ZONES.get(slug, "Europe/Paris"), ALWAYS_OPEN, policy=KEPT,
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
