"""SQL goes away in operation: calls go on, and what ended is saved once, when SQL is back."""

import asyncio
import io
import itertools
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import create_async_engine

from booking.follow_ups import FollowUps
from showroom import tables
from showroom.database import Database
from showroom.errors import TryAgain
from signaling.pairing import prefix
from tests.houses import House, live_call, open_house
from tests.nodes import node_settings
from tests.people import Payload
from tests.threats.conftest import Report
from tests.threats.outages import Wire, wire
from tests.virtual_clock import VirtualClock
from tests.web.api.programs import a_program


@asynccontextmanager
async def on_postgresql(
    folder: Path, server: str, redis_url: str
) -> AsyncIterator[tuple[House, Wire, str]]:
    """Yield a house on a PostgreSQL database of its own, the wire to it, and its own address."""
    own = f"postgresql+asyncpg://postgres@/away?host={server}"
    engine = create_async_engine(own.replace("/away?", "/postgres?"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(sa.text("DROP DATABASE IF EXISTS away WITH (FORCE)"))
        await connection.execute(sa.text("CREATE DATABASE away"))
    await engine.dispose()
    async with wire(f"{server}/.s.PGSQL.5432") as made:
        url = f"postgresql://postgres@127.0.0.1:{made.port}/away"
        settings = node_settings(folder, redis_url=redis_url, database_url=url)
        async with open_house(settings) as house:
            yield house, made, own


async def test_an_outage_of_sql_ends_no_call_and_every_ended_call_is_saved_once(
    tmp_path: Path,
    redis: Redis,
    redis_url: str,
    postgresql_server: str,
    written: io.StringIO,
    figure: Report,
) -> None:
    async with (
        on_postgresql(tmp_path, postgresql_server, redis_url) as (house, cable, direct),
        live_call(house) as (customer, alice, call),
        house.customer("late") as late,
    ):
        unsaved = f"{prefix(house.paris)}:unsaved"
        await late.call()
        cable.cut()
        assert (await customer.send("chat", id="k", text="during"))["ok"]
        await alice.until("logged", lambda m: m["entry"]["text"] == "during")
        assert (await late.send("leave_queue"))["ok"]
        assert (await customer.send("hang_up"))["ok"]
        await alice.until_call("wrap_up")
        assert (await alice.send("save_outcome", call=call, outcome="interested"))["ok"]
        await customer.until_call("closed")
        # The archivist has tried and failed; nothing is forgotten.
        async with asyncio.timeout(10):
            while "chore=" not in written.getvalue() and '"save"' not in written.getvalue():
                await asyncio.sleep(0.05)
        assert await redis.scard(unsaved) == 2
        cable.mend()
        async with asyncio.timeout(20):
            while await redis.scard(unsaved):
                await asyncio.sleep(0.05)
        async with Database.open(direct) as database, database.read() as connection:
            rows = (await connection.execute(sa.select(tables.calls))).all()
            missed = (await connection.execute(sa.select(tables.follow_ups))).all()
        assert sorted(row.end_reason for row in rows) == ["customer_hung_up", "customer_left"]
        assert len(missed) == 1
    assert "a loop broke" not in written.getvalue()
    figure(f"SQL cut during a call: {len(rows)} ended calls kept in Redis, each saved once after")


async def test_a_database_that_hangs_holds_no_line_of_a_call_up(
    tmp_path: Path, redis: Redis, redis_url: str, postgresql_server: str, figure: Report
) -> None:
    async with (
        on_postgresql(tmp_path, postgresql_server, redis_url) as (house, cable, _),
        live_call(house) as (customer, alice, _call),
    ):
        cable.hold()
        slowest, begin = 0.0, time.monotonic()
        for number in itertools.count():
            said = time.monotonic()
            if said - begin > 6:  # the copies are out of date by now, and asked for anew
                break
            assert (await customer.send("chat", id=f"k{number}", text="x"))["ok"]
            await alice.until("logged", partial(_has_id, f"k{number}"))
            slowest = max(slowest, time.monotonic() - said)
            await asyncio.sleep(0.2)
        assert slowest < 2
    figure(f"SQL hangs during a call: a line reaches the other side within {slowest:.1f} s")


async def test_a_full_disk_refuses_a_change_and_leaves_nothing_half_written(
    tmp_path: Path, redis: Redis, redis_url: str, written: io.StringIO
) -> None:
    settings = node_settings(tmp_path, redis_url=redis_url)
    async with open_house(settings) as house, live_call(house) as (customer, alice, call):
        database = house.node.shared.database
        kept_before = await _fill(house)
        token = await customer.csrf("/s/paris")
        statuses = []
        for n in range(8):
            wish = {"name": "x" * 100, "phone": f"061234567{n}", "consent": True}
            async with customer.http.post(
                f"{house.url}/s/paris/call-backs",
                json={**wish, "language": "fr"},
                headers={"X-CSRF-Token": token},
            ) as response:
                statuses.append(response.status)
        notes = "n" * 4000
        assert (await customer.send("hang_up"))["ok"]
        await alice.until_call("wrap_up")
        saved = await alice.send("save_outcome", call=call, outcome="no_fit", notes=notes)
        assert saved["ok"]
        unsaved = f"{prefix(house.paris)}:unsaved"
        assert 503 in statuses
        assert set(statuses) <= {201, 503}
        async with database.read() as connection:
            query = sa.select(sa.func.count()).select_from(tables.follow_ups)
            assert await connection.scalar(query) == kept_before + statuses.count(201)
            events = sa.select(sa.func.count()).select_from(tables.call_events)
            assert await connection.scalar(events) in (0, await _events(redis, house, call))
        async with database.write() as connection:
            await connection.execute(sa.text("PRAGMA max_page_count = 1000000"))
        async with asyncio.timeout(10):
            while await redis.scard(unsaved):
                await asyncio.sleep(0.05)
        async with database.read() as connection:
            kept = (await connection.execute(sa.select(tables.calls))).one()
        assert (kept.id, kept.outcome, kept.notes) == (call, "no_fit", notes)


def _has_id(key: str, logged: Payload) -> bool:
    return bool(logged["entry"]["id"] == key)


async def _fill(house: House) -> int:
    """Let the disk be full, and return how many call-backs went onto it."""
    database = house.node.shared.database
    async with database.write() as connection:
        pages = await connection.scalar(sa.text("PRAGMA page_count"))
        await connection.execute(sa.text(f"PRAGMA max_page_count = {pages}"))
    book = FollowUps(database, VirtualClock())
    for number in range(2_000):
        phone = f"+3361234{number:04}"
        try:
            await book.add_call_back(house.paris, "x" * 100, phone, "fr", None, "v", None)
        except TryAgain:
            return number
    pytest.fail("The disk is never full.")


async def _events(redis: Redis, house: House, call: str) -> int:
    return int(await redis.llen(f"{prefix(house.paris)}:log:{call}"))


async def test_a_full_disk_is_told_as_a_wish_to_try_again(tmp_path: Path, redis_url: str) -> None:
    async with open_house(node_settings(tmp_path, redis_url=redis_url)) as house:
        await _fill(house)
        async with house.customer() as customer:
            token = await customer.csrf("/s/paris")
            wish = {"name": "x" * 100, "phone": "0698765432", "consent": True, "language": "fr"}
            async with customer.http.post(
                f"{house.url}/s/paris/call-backs", json=wish, headers={"X-CSRF-Token": token}
            ) as response:
                assert response.status == 503
                assert (await response.json())["code"] == "try_again"


async def test_a_node_ends_also_when_it_can_not_save_what_it_gathered_last(
    tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    monkeypatch.setattr("showroom.database.BUSY_TIMEOUT_MS", 200)
    settings = node_settings(tmp_path, redis_url=redis_url)
    file = str(sa.make_url(settings.database_url).database)
    async with open_house(settings) as house:
        async with a_program(house, "paris") as store:
            assert (await store.ask("GET", "/vehicles")).status == 200
        other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
    other.close()
    assert "what was gathered last could not be saved" in written.getvalue()
