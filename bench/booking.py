"""Bookings, free slots, and a run on one slot, on SQLite and on PostgreSQL."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bench.figures import Line, delays
from bench.postgresql import address, postgresql
from bench.rush import CUSTOMERS, announce, crowds
from booking.appointments import Appointments, Guest
from booking.ledger import add, held
from booking.roster import Roster
from showroom.clock import DAY_MS, system_clock
from showroom.database import Database, migrate
from showroom.demo.seed import BRAND
from showroom.hours import ALWAYS_OPEN, Interval, WeeklyHours
from showroom.ids import ShowroomId, StaffId, new_id
from showroom.showrooms import Showroom, Showrooms, VisitRules
from showroom.tables import appointments, staff, staff_roles
from showroom.words import AppointmentState, Role

HOW = """*Bookings*: 50 clients in one process, each of which holds a slot and confirms it, again
and again; 50 advisors. *Slots of a month*: through SQL and the pure rules, as the page asks for
them; 50 advisors with hours of their own, and 5,400 visits. *200 at once*: two processes with 100
customers each ask for one slot; one advisor. Waiting for the disk is the machine's; PostgreSQL runs
as it is installed, SQLite with `synchronous=FULL`."""
ADVISORS, CLIENTS, BOOKINGS, READS, ROUNDS = 50, 50, 600, 30, 50
# With a disk that syncs honestly, in 2 ms.
PEERS = {
    "SQLite": "prototype of the statements alone: 314/s",
    "PostgreSQL": "prototype of the statements alone: 2,800/s",
}
GUEST = Guest("Jeanne Moreau", "jeanne@example.com", None)
SHIFTS = (Interval.of("09:00", "12:30"), Interval.of("13:30", "18:00"))


@dataclass(frozen=True)
class Site:
    """A database with a showroom in it that can be booked."""

    url: str
    database: Database
    showroom: Showroom
    book: Appointments


async def measure(bookings: int = BOOKINGS, rounds: int = ROUNDS) -> list[Line]:
    lines = []
    for kind in PEERS:
        async with _site(kind, ADVISORS) as site:
            rate = await _book(site, bookings)
            measured = f"{rate:,.0f}/s"
            lines.append(
                Line(f"Bookings, 50 clients, {kind}", "≥ 100/s", measured, rate >= 100, PEERS[kind])
            )
        async with _site(kind, ADVISORS) as site:
            visits = await _fill(site)
            what = f"Slots of a month, 50 advisors, {visits:,} visits, {kind}"
            lines.append(delays(what, await _read(site), 50))
        async with _site(kind, 1) as site:
            lines.append(await _run(site, kind, rounds))
    return lines


@asynccontextmanager
async def _site(kind: str, advisors: int) -> AsyncIterator[Site]:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "SQLite":
            async with _furnished(
                f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}", advisors
            ) as s:
                yield s
        else:
            with postgresql() as server:
                async with _furnished(address(server), advisors) as s:
                    yield s


@asynccontextmanager
async def _furnished(url: str, advisors: int) -> AsyncIterator[Site]:
    await migrate(url)
    showroom = Showroom(
        ShowroomId(new_id()), "bench", "Bench", BRAND, "FR", ("en",), "Europe/Paris", ALWAYS_OPEN,
        visits=VisitRules(length=30, step=15),
    )  # fmt: skip
    async with Database.open(url) as database:
        showrooms, roster = Showrooms(database), Roster(database)
        await showrooms.save(showroom)
        people = [f"advisor-{n:02}" for n in range(advisors)]
        async with database.write() as connection:
            for one in people:
                row = {"id": one, "email": f"{one}@orvanne.example", "name": one, "password": "-"}
                row |= {"languages": ["en"], "robot": False, "created_at": 1}  # type: ignore[dict-item]
                await connection.execute(sa.insert(staff).values(row))
                role = {"staff_id": one, "showroom_id": showroom.id, "role": Role.ADVISOR.value}
                await connection.execute(sa.insert(staff_roles).values(role))
        book = Appointments(database, showrooms, roster, announce, system_clock)
        yield Site(url, database, showroom, book)


async def _book(site: Site, number: int) -> float:
    """Return the bookings per second."""
    slots = await site.book.slots(site.showroom, "en")
    # 40 minutes apart, so that each can be booked by every advisor.
    starts = iter([slot.starts_at for slot in slots[::3] for _ in range(ADVISORS // 2)][:number])

    async def client() -> None:
        for starts_at in starts:
            visit = await site.book.hold(site.showroom, starts_at, "en", "Europe/Paris", None)
            await site.book.confirm(visit.token, GUEST, "en", "", None, (), {})

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return number / (time.perf_counter() - began)


async def _fill(site: Site) -> int:
    """Give every advisor hours and five visits on each of their days; return how many."""
    team = [StaffId(f"advisor-{n:02}") for n in range(ADVISORS)]
    for n, one in enumerate(team):
        days = tuple(SHIFTS if (day + n) % 7 < 5 else () for day in range(7))
        await Roster(site.database).set_hours(site.showroom.id, one, WeeklyHours(*days))
    now = system_clock()
    midnight, visits = now // DAY_MS * DAY_MS, 0
    async with site.database.write() as connection:
        for day in range(1, 31):
            for one in team[day % 7 :][:36]:
                for hour in (9, 10, 11, 14, 15):
                    starts_at = midnight + day * DAY_MS + hour * 3600 * 1000
                    visit = held(
                        site.showroom, starts_at, one, now,
                        named=False, language="en", zone="Europe/Paris", vehicle=None,
                    )  # fmt: skip
                    await add(connection, visit, site.showroom.visits)
                    visits += 1
        await connection.execute(
            sa.update(appointments).values(state=AppointmentState.BOOKED.value)
        )
    return visits


async def _read(site: Site) -> list[float]:
    """Return how long a month's slots took, in milliseconds."""
    took = []
    for _ in range(READS):
        began = time.perf_counter()
        await site.book.slots(site.showroom, "en")
        took.append((time.perf_counter() - began) * 1000)
    return took


async def _run(site: Site, kind: str, rounds: int) -> Line:
    starts = [slot.starts_at for slot in await site.book.slots(site.showroom, "en")][100::8]
    async with crowds(site.url, site.showroom.slug) as rush:
        came = [await rush(starts_at) for starts_at in starts[:rounds]]
    doubles = sum(one.taken - 1 for one in came)
    others = sum(CUSTOMERS - one.taken - one.refused.get("SlotTaken", 0) for one in came)
    return Line(
        f"200 at once for one slot, two processes, {kind}",
        f"0 doubles in {rounds} rounds",
        f"{doubles} doubles, {others} other refusals in {len(came)} rounds",
        not doubles and not others,
    )
