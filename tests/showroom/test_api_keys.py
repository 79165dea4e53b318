"""Keys for other programs: kept as digests, each for one showroom, and gone when revoked."""

import asyncio

import pytest
import sqlalchemy as sa

from showroom.__main__ import main
from showroom.api_keys import PREFIX, ApiKeys, Scope, scopes_of
from showroom.audit import AuditLog, Deed, Subject
from showroom.database import Database
from showroom.errors import BadRequest, NotFound
from showroom.ids import ApiKeyId, new_id
from showroom.lead_tables import api_keys
from tests.samples import saved_showroom
from tests.virtual_clock import VirtualClock

BOTH = {Scope.SLOTS_READ, Scope.BOOKINGS_WRITE}


async def test_a_key_is_shown_once_and_nothing_that_is_kept_opens_anything(
    database: Database, clock: VirtualClock
) -> None:
    paris = await saved_showroom(database)
    keys = ApiKeys(database, clock)
    key, secret = await keys.add(paris, "  The \n store ", BOTH)
    assert secret.startswith(PREFIX)
    assert len(secret) - len(PREFIX) >= 22, "128 bits"
    assert (key.name, key.scopes) == ("The store", (Scope.SLOTS_READ, Scope.BOOKINGS_WRITE))
    assert await keys.holder(secret) == key
    async with database.read() as connection:
        [row] = (await connection.execute(sa.select(api_keys))).mappings()
    assert secret.removeprefix(PREFIX) not in str(dict(row))
    for kept in (row["id"], row["digest"], PREFIX + row["digest"]):
        assert await keys.holder(kept) is None
    odd = ("\udcff", f"{PREFIX}\udcff", f"{secret}é", "x" * 10**6)
    for wrong in ("", PREFIX, secret[:-1], secret + "x", secret.upper(), *odd):
        assert await keys.holder(wrong) is None


async def test_a_revoked_key_holds_no_more_and_another_showroom_can_not_revoke_it(
    database: Database, clock: VirtualClock
) -> None:
    paris, lyon = await saved_showroom(database), await saved_showroom(database, "lyon")
    keys = ApiKeys(database, clock)
    key, secret = await keys.add(paris, "Store", BOTH)
    for room, which in ((lyon, key.id), (paris, ApiKeyId(new_id()))):
        with pytest.raises(NotFound):
            await keys.revoke(room, which)
    assert await keys.of(lyon) == []
    assert await keys.holder(secret)
    await keys.revoke(paris, key.id)
    assert await keys.holder(secret) is None
    clock.advance(hours=1)
    await keys.revoke(paris, key.id)
    [kept] = await keys.of(paris)
    assert kept.revoked_at == key.created_at, "the first time counts"


async def test_its_last_use_is_kept_and_no_request_waits_for_that(
    database: Database, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    paris = await saved_showroom(database)
    keys = ApiKeys(database, clock)
    _, secret = await keys.add(paris, "Store", BOTH)
    async with asyncio.timeout(5), database.write():  # somebody else's turn
        assert await keys.holder(secret)
    writes = []
    write = database.write

    def counted() -> object:
        writes.append(clock())
        return write()

    monkeypatch.setattr(database, "write", counted)
    for _ in range(3):
        clock.advance(seconds=59)
        await asyncio.gather(*(keys.holder(secret) for _ in range(20)))
    assert writes == []
    for _ in range(2):
        await keys.flush()
    assert len(writes) == 1
    [kept] = await ApiKeys(database, clock).of(paris)
    assert kept.used_at == clock()


async def test_a_key_needs_a_name_and_a_scope(database: Database, clock: VirtualClock) -> None:
    paris = await saved_showroom(database)
    keys = ApiKeys(database, clock)
    for name, scopes in (("", BOTH), (" ", BOTH), ("x" * 101, BOTH), ("Store", set())):
        with pytest.raises(BadRequest):
            await keys.add(paris, name, scopes)
    assert scopes_of(" slots:read, bookings:write,") == BOTH
    with pytest.raises(BadRequest, match="leads:read"):
        scopes_of("slots:write")


def test_keys_are_made_listed_and_revoked_on_the_command_line(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def furnish() -> None:
        async with Database.open(database_url) as database, database.write() as connection:
            await connection.execute(sa.delete(api_keys))
        async with Database.open(database_url) as database:
            await saved_showroom(database, slug)

    slug = f"room-{new_id().lower().replace('_', '-')}"
    asyncio.run(furnish())
    monkeypatch.setenv("SHOWROOM_DATABASE_URL", database_url)

    def said(*arguments: str) -> str:
        assert main(["key", *arguments, "--showroom", slug]) == 0
        return capsys.readouterr().out

    secret = said("add", "--name", "The store", "--scopes", "slots:read").strip()
    assert secret.startswith(PREFIX)
    [listed] = said("list").splitlines()
    assert "The store\tslots:read" in listed
    assert listed.endswith("holds")
    assert secret not in listed
    said("revoke", listed.split("\t")[0])
    assert "revoked" in said("list")
    assert main(["key", "list", "--showroom", "nowhere"]) == 1
    assert "no such showroom" in capsys.readouterr().err
    assert main(["key", "add", "--name", "x", "--scopes", "all", "--showroom", slug]) == 1
    assert "slots:read" in capsys.readouterr().err


async def test_the_log_tells_who_made_and_who_revoked_a_key_and_not_the_key(
    database: Database, clock: VirtualClock
) -> None:
    paris = await saved_showroom(database)
    keys = ApiKeys(database, clock)
    key, secret = await keys.add(paris, "Store", BOTH, who="the-boss")
    for _ in range(2):
        await keys.revoke(paris, key.id, who="another")
    revoked, made = [noted.entry for noted in await AuditLog(database).page(paris)]
    told = {"name": "Store", "scopes": ["slots:read", "bookings:write"]}
    assert (made.who, made.deed, made.subject, made.subject_id, made.before, made.after) == (
        "the-boss",
        Deed.ADDED,
        Subject.KEY,
        key.id,
        {},
        told,
    )
    assert (revoked.who, revoked.deed, revoked.before, revoked.after) == (
        "another",
        Deed.REMOVED,
        told,
        {},
    )
    assert secret not in repr((revoked, made))
