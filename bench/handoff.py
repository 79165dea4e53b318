"""The handoff: how fast it drains, and that nothing is lost, on SQLite and on PostgreSQL."""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bench.courier import Courier
from bench.figures import Line
from bench.postgresql import address, postgresql
from bench.store import Store, store
from booking.handoff.endpoint import Endpoint, EndpointKind
from booking.handoff.topics import Topic
from booking.outbox import CLAIM_MS, WAITS_S
from showroom.children import leashed
from showroom.clock import Clock, system_clock
from showroom.database import Database, migrate
from showroom.demo.seed import BRAND
from showroom.hours import ALWAYS_OPEN
from showroom.ids import ShowroomId, new_id
from showroom.lead_tables import endpoints
from showroom.process import end
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import outbox

HOW = """One endpoint, one node, a receiver in another process on the same machine that verifies
each webhook with the `standardwebhooks` library. *Drain*: from the couriers' start until the
receiver has the last of 2,000 webhooks of 2,000 leads, with the delivery log. *Killed*: a process
of the couriers gets `SIGKILL` after the receiver has heard of the first of 500 leads, whose
deliveries were committed; a minute later, by the outbox's clock, another one takes over. *Away*:
nobody listens for an hour of the outbox's clock; then somebody does, and the clock goes on by one
step of the schedule."""
WEBHOOKS, LEADS, HOUR_S = 2_000, 500, 3_600
KINDS = ("SQLite", "PostgreSQL")
PATIENCE_SECONDS = 120
DATA = {"id": "lead", "contact": {"name": "Jeanne Moreau", "email": "jeanne@example.com"}}


@dataclass(frozen=True)
class Site:
    """A database with a showroom, and one endpoint that nothing was sent to yet."""

    url: str
    database: Database
    courier: Courier
    showroom: ShowroomId
    endpoint: Endpoint

    async def lead_to(self, receiver: str) -> None:
        change = sa.update(endpoints).values(address=receiver)
        async with self.database.write() as connection:
            await connection.execute(change)

    async def publish(self, number: int) -> set[str]:
        """Commit so many events of so many leads, and return their deliveries' ids."""
        async with self.database.write() as connection:
            for one in range(number):
                await self.courier.publishing.publish(
                    connection, self.showroom, Topic.LEAD_QUALIFIED, f"lead-{one}", DATA, None
                )
            return set(await connection.scalars(sa.select(outbox.c.id)))

    async def waiting(self) -> int:
        query = sa.select(sa.func.count()).where(outbox.c.finished_at.is_(None))
        async with self.database.read() as connection:
            return await connection.scalar(query) or 0


class Later:
    """The real time, with what a measurement skips."""

    skipped_ms = 0

    def __call__(self) -> int:
        return system_clock() + self.skipped_ms


async def measure(webhooks: int = WEBHOOKS, leads: int = LEADS) -> list[Line]:
    lines = []
    for kind in KINDS:
        async with _site(kind, system_clock) as site:
            lines.append(await _drain(site, kind, webhooks))
        clock = Later()
        async with _site(kind, clock) as site:
            lines.append(await _killed(site, kind, leads, clock))
        clock = Later()
        async with _site(kind, clock) as site:
            lines.append(await _away(site, kind, leads, clock))
    return lines


async def _drain(site: Site, kind: str, number: int) -> Line:
    async with store(site.endpoint.secrets[0]) as receiver:
        await site.lead_to(receiver.url)
        await site.publish(number)
        began = time.perf_counter()
        async with _delivering(site):
            await _until(receiver.has(number))
        rate = number / (time.perf_counter() - began)
    return Line(f"Webhooks drained, {kind}", "≥ 200/s", f"{rate:,.0f}/s", rate >= 200)


async def _killed(site: Site, kind: str, number: int, clock: Later) -> Line:
    async with store(site.endpoint.secrets[0]) as receiver:
        await site.lead_to(receiver.url)
        committed = await site.publish(number)
        await _run_and_kill(site, receiver)
        clock.skipped_ms += CLAIM_MS
        async with _delivering(site):
            await _until_over(site)
        return _all_came(f"Node killed while it sends {number} leads, {kind}", receiver, committed)


async def _run_and_kill(site: Site, receiver: Store) -> None:
    command = leashed([sys.executable, "-m", "bench.courier", site.url])
    node = await asyncio.create_subprocess_exec(*command)
    try:
        await _until(receiver.has(1))
    finally:
        node.kill()
        await node.wait()


async def _away(site: Site, kind: str, number: int, clock: Later) -> Line:
    committed = await site.publish(number)
    async with _delivering(site):
        for wait_s in [*WAITS_S[1:4], HOUR_S - sum(WAITS_S[1:4])]:
            await _until_tried(site, clock)
            clock.skipped_ms += round(wait_s * 1.1 * 1_000)
        async with store(site.endpoint.secrets[0]) as receiver:
            await site.lead_to(receiver.url)
            clock.skipped_ms += round(WAITS_S[4] * 1.1 * 1_000)
            await _until_over(site)
            what = f"Receiver away for an hour, {number} leads, {kind}"
            return _all_came(what, receiver, committed)


def _all_came(what: str, receiver: Store, committed: set[str]) -> Line:
    distinct = set(receiver.ids)
    lost, strange = len(committed - distinct), len(distinct - committed)
    again = len(receiver.ids) - len(distinct)
    measured = f"{len(distinct)} distinct, {lost} lost, {again} again under the same id"
    return Line(what, "0 lost", measured, not lost and not strange)


async def _until_tried(site: Site, clock: Clock) -> None:
    """Wait until nothing is due any more: all of it was tried."""
    due = sa.select(sa.func.count()).where(
        outbox.c.finished_at.is_(None), outbox.c.next_try_at <= clock()
    )

    async def tried() -> bool:
        async with site.database.read() as connection:
            return not await connection.scalar(due)

    await _until(tried)


async def _until_over(site: Site) -> None:
    async def over() -> bool:
        return not await site.waiting()

    await _until(over)


async def _until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await true():  # noqa: ASYNC110 - it looks at a database, or another process
            await asyncio.sleep(0.02)


@asynccontextmanager
async def _delivering(site: Site) -> AsyncIterator[None]:
    task = asyncio.create_task(site.courier.couriers.run())
    try:
        yield
    finally:
        await end([task])


@asynccontextmanager
async def _site(kind: str, clock: Clock) -> AsyncIterator[Site]:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "SQLite":
            async with _furnished(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}", clock) as s:
                yield s
        else:
            with postgresql() as server:
                async with _furnished(address(server), clock) as s:
                    yield s


@asynccontextmanager
async def _furnished(url: str, clock: Clock) -> AsyncIterator[Site]:
    await migrate(url)
    showroom = Showroom(
        ShowroomId(new_id()), "bench", "Bench", BRAND, "FR", ("en",), "Europe/Paris", ALWAYS_OPEN
    )
    async with Database.open(url) as database:
        await Showrooms(database).save(showroom)
        courier = Courier(database, clock)
        # An address where nobody is, until a receiver has started.
        endpoint = await courier.endpoints.add(
            showroom.id, EndpointKind.WEBHOOK, "A store", "http://127.0.0.1:1/", tuple(Topic)
        )
        yield Site(url, database, courier, showroom.id, endpoint)
