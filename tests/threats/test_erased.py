"""Who is erased is nowhere: a name goes in wherever a customer can write, and is searched for.

In every table, every file below the data folder, every key in Redis.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from redis.asyncio import Redis

from booking.handoff.endpoint import EndpointKind
from booking.handoff.endpoints import Endpoints
from booking.handoff.guard import Guard
from booking.handoff.topics import Topic
from booking.privacy.erasing import AGAIN_MS, Erasures, Reason
from booking.privacy.person import Person as Wanted
from media.recording.book import Agreed
from showroom.audit import AuditLog, Subject
from showroom.clock import system_clock
from showroom.database import Database
from showroom.errors import IllegalMove, NotFound
from showroom.figure_tables import call_rollups
from showroom.files import FileKind, Place
from showroom.ids import CallId, RecordingId
from showroom.parts import Books
from showroom.privacy_desk import EverywhereElse
from showroom.privacy_tables import erasures as erasure_rows
from showroom.rollups import Rollups
from showroom.tables import calls, metadata, outbox
from tests.houses import House, furnish
from tests.nodes import node_settings, running_node
from tests.people import Companion, Customer, Employee
from tests.photos import sends_photo
from tests.samples import PASSWORD
from tests.visits import paris_of, staff_id
from tests.web.agendas import post
from tests.web.api.programs import a_program
from tests.web.booking import booked, send
from web.keys import MARKS

MARK = "zorblax"
EMAIL, PHONE, DIGITS = f"{MARK}@example.com", "06 12 34 56 78", "612345678"
WANTED = Wanted(EMAIL, f"+33{DIGITS}")
PATIENCE = 15.0


@pytest.fixture
async def place(
    database: Database, database_url: str, redis: Redis, redis_url: str, tmp_path: Path
) -> AsyncIterator[House]:
    """A furnished node on each database."""
    paris = await furnish(database)
    settings = node_settings(tmp_path / "data", redis_url=redis_url, database_url=database_url)
    async with running_node(settings) as node:
        yield House(node, paris)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():
            await asyncio.sleep(0.05)


async def somebody_writes_everywhere(house: House) -> str:
    """Let a customer write their name wherever there is room for it; return their call's id."""
    await two_endpoints(house)
    async with (
        house.customer() as customer,
        house.employee() as alice,
        house.companion() as friend,
    ):
        await customer.csrf(f"/s/paris?utm_source={MARK}&utm_campaign={MARK}&customer={MARK}-7")
        await asks_for_things(customer)
        await alice.work("alice@example.com", PASSWORD)
        call = await customer.call()
        link = (await alice.accept())["link"]
        assert (await customer.send("connected", link=link))["ok"]
        await alice.until_call("live")
        await they_talk(customer, alice, friend, call)
        await a_recording(house, call)
        await customer.send("hang_up")
        await alice.until_call("wrap_up")
        words = {"reason": f"{MARK} wants it", "notes": f"{MARK} again"}
        assert (await alice.send("save_outcome", call=call, outcome="test_drive", **words))["ok"]
        assert (await customer.send("rate", stars=4, comment=f"I am {MARK}"))["ok"]
    async with a_program(house, "paris") as store:
        body: dict[str, Any] = {"name": MARK, "email": EMAIL, "language": "en", "notes": MARK}
        body["consents"] = [{"purpose": "contact", "version": "shop-1"}]
        reply = await store.post("/leads", body)
        assert reply.status in (200, 201), reply
        await store.booked(5, name=MARK, email=EMAIL, wish=MARK)

    async def saved() -> bool:
        async with house.node.shared.database.read() as connection:
            comment = await connection.scalar(sa.select(calls.c.comment).where(calls.c.id == call))
        files = house.node.shared.settings.data_dir / "handoff"
        return bool(comment) and len(list(files.rglob("*.json"))) > 1 and any(files.rglob("*.csv"))

    await until(saved)
    return call


async def asks_for_things(customer: Customer) -> None:
    form = {"kind": "offer", "name": MARK, "email": EMAIL, "phone": PHONE, "language": "en"}
    agreed = [{"purpose": "contact", "version": "request-1"}]
    status, answer = await send(
        customer, "/s/paris/requests", **form, consents=agreed, message=f"{MARK} asks"
    )
    assert status == 201, answer
    wish = {"name": MARK, "phone": PHONE, "consent": True, "language": "en"}
    assert (await send(customer, "/s/paris/call-backs", **wish))[0] == 201
    await booked(customer, name=MARK, email=EMAIL, wish=f"For {MARK}", campaign={"source": MARK})


async def they_talk(customer: Customer, alice: Employee, friend: Companion, call: str) -> None:
    await customer.send("chat", id="k", text=f"{MARK} here")
    assert (await customer.send("point", x=0.25, y=0.5))["ok"]
    await alice.send("save_notes", notes=f"{MARK} has a dog")
    photo = await sends_photo(alice, call)
    assert (await customer.send("draw", photo=photo, stroke=MARK, start=0, points=[0.1, 0.2]))["ok"]
    path = (await customer.send("invite"))["path"]
    me = (await friend.ask(path, f"{MARK}'s mother"))["id"]
    assert (await alice.send("admit", person=me, yes=True))["ok"]
    sheet: dict[str, Any] = {"name": MARK, "email": EMAIL, "notes": f"{MARK} pays cash"}
    sheet["consents"] = [{"purpose": "contact", "version": "sheet-contact-1"}]
    sheet["wishes"] = ["test-drive"]
    given = {"version": 0, "sheet": sheet}
    status, answer = await post(alice, f"/advisor/calls/{call}/sheet/lead", given)
    assert status == 200, answer


async def two_endpoints(house: House) -> None:
    """Have the news of Paris go into files."""
    endpoints = Endpoints(house.node.shared.database, Guard(), system_clock)
    for kind, topics in (
        (EndpointKind.FOLDER, list(Topic)),
        (EndpointKind.CSV, [Topic.LEAD_QUALIFIED, Topic.LEAD_UPDATED]),
    ):
        await endpoints.add(house.paris, kind, kind.value, "", topics)


async def a_recording(house: House, call: str) -> None:
    """Have what the call says in a recording that nobody has made one file of yet."""
    books = Books.of(house.node.shared)
    alice = await staff_id(house.node.shared.database, "alice@example.com")
    now = system_clock()
    which = RecordingId("recording")
    await books.recordings.begin(house.paris, which, Agreed(CallId(call), alice, now, now, now))
    place = Place(house.paris, FileKind.RECORDING, "recording-1.part")
    books.recordings.files.put(place, MARK.encode())


def eraser(house: House, passed_ms: int = 0, elsewhere: Any = None) -> Erasures:
    """Return what erases, at so much later than now."""
    shared = replace(house.node.shared, clock=lambda: system_clock() + passed_ms)
    books = Books.of(shared)
    where = elsewhere or EverywhereElse(shared, books)
    return Erasures(shared.database, books.showrooms, books.publish, where, shared.clock)


async def found_in_tables(database: Database) -> list[str]:
    """Return the tables in which the person stands."""
    places = []
    async with database.read() as connection:
        for table in metadata.sorted_tables:
            for row in await connection.execute(sa.select(table)):
                text = json.dumps(list(row), default=str).lower()
                places += [f"{table.name}: {text}"] if MARK in text or DIGITS in text else []
    return places


def found_in_files(folder: Path) -> list[str]:
    """Return the files in which the person stands, and those of their photos and recordings."""
    files = [file for file in folder.rglob("*") if file.is_file() and "redis" not in file.parts]
    kept = {"photos", "recordings"}
    return [
        str(file)
        for file in files
        if not file.name.startswith("showroom.db")
        and (MARK.encode() in file.read_bytes().lower() or kept & set(file.parts))
    ]


async def found_in_redis(redis: Redis) -> list[str]:
    """Return the keys in which the person stands."""
    read: dict[str, Callable[[str], Awaitable[Any]]] = {
        "string": redis.get,
        "hash": redis.hgetall,
        "list": lambda key: redis.lrange(key, 0, -1),
        "set": redis.smembers,
        "zset": lambda key: redis.zrange(key, 0, -1),
        "stream": redis.xrange,
        "none": redis.type,  # it ran out meanwhile
    }
    places = []
    async for key in redis.scan_iter():
        text = (key + str(await read[str(await redis.type(key))](key))).lower()
        places += [f"{key}: {text}"] if MARK in text or DIGITS in text else []
    return places


async def everywhere(house: House) -> list[str]:
    shared = house.node.shared
    return [
        *(await found_in_tables(shared.database)),
        *found_in_files(shared.settings.data_dir),
        *(await found_in_redis(shared.redis)),
    ]


async def test_who_is_erased_is_nowhere_any_more(place: House) -> None:
    call = await somebody_writes_everywhere(place)
    shared = place.node.shared
    before = await found_in_tables(shared.database)
    names = {one.partition(":")[0] for one in before}
    assert names >= {
        "appointments", "calls", "call_events", "follow_ups", "leads", "lead_keys", "lead_sheets",
        "outbox", "delivery_attempts", "idempotent_requests", "call_rollups",
    }  # fmt: skip
    assert any(f":call:{call}" in one for one in await found_in_redis(shared.redis))
    kinds = {Path(one).suffix for one in found_in_files(shared.settings.data_dir)}
    assert kinds >= {".json", ".csv", ".jpg", ".part", ".eml"}

    assert await place.node.app[MARKS].of_call(place.paris, CallId(call))
    paris = await paris_of(shared)
    receipt = await eraser(place).erase(paris, WANTED, Reason.ASKED, "boss")
    assert receipt.finished_at is None
    later = eraser(place, AGAIN_MS + 1)
    await later.work()
    assert await everywhere(place) == []
    assert await place.node.app[MARKS].of_call(place.paris, CallId(call)) == ()

    done = await later.receipt(place.paris, receipt.id)
    assert done.finished_at is not None
    assert {name for name, count in done.counts.items() if count} == {
        "leads", "visits", "call_backs", "calls", "sheets", "photos", "recordings", "deliveries",
    }  # fmt: skip
    [noted] = await AuditLog(shared.database).page(place.paris, subject=Subject.CUSTOMER)
    assert (noted.entry.subject_id, noted.entry.after["leads"]) == (receipt.id, 1)
    # Once more finds nobody.
    with pytest.raises(NotFound):
        await later.erase(paris, WANTED, Reason.ASKED, "boss")


async def test_figures_stay_true_when_people_are_erased(place: House) -> None:
    call = await somebody_writes_everywhere(place)
    database = place.node.shared.database
    query = sa.select(calls).where(calls.c.id == call)
    async with database.read() as connection:
        before = (await connection.execute(query)).mappings().one()
    paris = await paris_of(place.node.shared)
    await eraser(place).erase(paris, WANTED, Reason.ASKED, "boss")
    async with database.read() as connection:
        after = (await connection.execute(query)).mappings().one()
    emptied = {"notes", "comment", "outcome_reason", "origin", "campaign", "emptied_at"}
    assert {name for name in before if before[name] != after[name]} == emptied
    counted = await figures_of(database)
    assert sum(row["offered"] for row in counted) == 1
    await Rollups(database).rebuild(place.paris)
    assert await figures_of(database) == counted


async def figures_of(database: Database) -> list[dict[str, Any]]:
    async with database.read() as connection:
        return [dict(row) for row in (await connection.execute(sa.select(call_rollups))).mappings()]


async def test_what_was_told_of_hears_that_it_is_gone(place: House) -> None:
    await somebody_writes_everywhere(place)
    paris = await paris_of(place.node.shared)
    c = outbox.c
    on_its_way = c.endpoint_id.is_not(None) | c.claimed_until.is_not(None)
    query = sa.select(sa.func.count()).where(c.finished_at.is_(None), on_its_way)

    async def handed_on() -> bool:
        async with place.node.shared.database.read() as connection:
            return await connection.scalar(query) == 0

    # The news goes after whatever a courier has in hand, which may take a minute.
    await until(handed_on)
    await eraser(place).erase(paris, WANTED, Reason.ASKED, "boss")
    folder = place.node.shared.settings.data_dir / "handoff"

    async def heard() -> bool:
        return "lead.erased" in [
            json.loads(one.read_text())["type"] for one in folder.rglob("*.json")
        ]

    await until(heard)
    await eraser(place, AGAIN_MS + 1).work()
    [left] = [json.loads(one.read_text()) for one in folder.rglob("*.json")]
    assert left["type"] == "lead.erased"
    assert set(left["data"]) == {"id", "showroom", "erased_at", "merged"}


async def test_who_dies_after_the_database_leaves_the_rest_to_the_next(place: House) -> None:
    await somebody_writes_everywhere(place)
    shared = place.node.shared

    class Dying(EverywhereElse):
        async def forget(self, *_: object) -> None:
            raise OSError

    paris = await paris_of(shared)
    dying = Dying(shared, Books.of(shared))
    receipt = await eraser(place, elsewhere=dying).erase(paris, WANTED, Reason.ASKED, "boss")
    assert await found_in_redis(shared.redis)
    for _ in range(2):
        await eraser(place, 2 * AGAIN_MS).work()
        await eraser(place, 4 * AGAIN_MS).work()
    assert await everywhere(place) == []
    assert (await eraser(place).receipt(place.paris, receipt.id)).finished_at is not None
    async with shared.database.read() as connection:
        assert await connection.scalar(sa.select(erasure_rows.c.work)) == {}


async def test_who_is_in_a_call_is_erased_after_it(place: House) -> None:
    async with place.customer() as customer, place.employee() as alice:
        await alice.work("alice@example.com", PASSWORD)
        call = await customer.call()
        await alice.accept()
        given = {"version": 0, "sheet": {"name": MARK, "email": EMAIL}}
        assert (await post(alice, f"/advisor/calls/{call}/sheet", given))[0] == 200
        paris = await paris_of(place.node.shared)
        with pytest.raises(IllegalMove):
            await eraser(place).erase(paris, WANTED, Reason.ASKED, "boss")
        assert await found_in_tables(place.node.shared.database)
