"""What is personal goes when its time is over, each kind by a field; figures stay true."""

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from booking.alarms import rows
from booking.alarms.judging import Fact, Key
from booking.privacy import purging
from booking.privacy.purging import Purging
from showroom.alarm_tables import alarms
from showroom.alarms import AlarmKind
from showroom.calls import CallEvent, CallRecord, CallRecords
from showroom.clock import DAY_MS
from showroom.database import Database
from showroom.figure_tables import call_rollups
from showroom.ids import CallId, ShowroomId
from showroom.lead_tables import leads
from showroom.rollups import Rollups
from showroom.showrooms import Policy, Showroom, Showrooms
from showroom.tables import appointments, call_events, calls, follow_ups
from showroom.words import CallState
from tests.leads import saved_lead
from tests.samples import a_showroom, staff_of
from tests.virtual_clock import START_MS, VirtualClock
from tests.visits import saved_visit, staff_id

POLICY = Policy(words_days=10, visit_days=20, lead_days=30)
BOSS = "boss@example.com"


@pytest.fixture
async def paris(database: Database, clock: VirtualClock) -> Showroom:
    showroom = replace(a_showroom(), policy=POLICY)
    await Showrooms(database).save(showroom)
    await staff_of(database, clock).add(BOSS, "Boss", "a long password", {}, ["en"])
    return showroom


async def a_call(database: Database, showroom_id: ShowroomId, **changes: Any) -> None:
    call = CallRecord(
        id=CallId("call"),
        showroom_id=showroom_id,
        version=1,
        state=CallState.CLOSED,
        language="en",
        vehicle=None,
        created_at=START_MS,
        notes="has a dog",
        comment="nice",
        origin={"name": "spring"},
        campaign="spring",
    )
    said = CallEvent(1, START_MS, "chat", "customer", {"text": "hello"})
    records = CallRecords(database, Rollups(database).call_kept)
    await records.save(replace(call, **changes), [said])


async def everything(database: Database, paris: Showroom) -> None:
    """Keep one of each, all from the same moment."""
    await a_call(database, paris.id)
    await saved_visit(database, paris.id, await staff_id(database, BOSS), START_MS)
    await saved_lead(database, paris.id)
    row = {"id": "back", "showroom_id": paris.id, "kind": "call_back", "name": "Jeanne"}
    row |= {"phone": "+33612345678", "language": "en"}
    async with database.write() as connection:
        await connection.execute(sa.insert(follow_ups).values(**row, created_at=START_MS))


async def names(database: Database) -> dict[str, str]:
    """Return what is left of each kind."""
    found = {}
    async with database.read() as connection:
        for table, column in (
            (calls, "notes"), (appointments, "name"), (follow_ups, "name"), (leads, "name"),
        ):  # fmt: skip
            found[table.name] = str(await connection.scalar(sa.select(table.c[column])))
    return found


@pytest.mark.parametrize(
    ("days", "left"),
    [
        (9, {"calls", "appointments", "follow_ups", "leads"}),
        (11, {"appointments", "follow_ups", "leads"}),
        (21, {"leads"}),
        (31, set()),
    ],
)
async def test_each_kind_goes_when_its_own_time_is_over(
    database: Database, clock: VirtualClock, paris: Showroom, days: int, left: set[str]
) -> None:
    await everything(database, paris)
    clock.advance(seconds=days * DAY_MS / 1000)
    await Purging(database, clock).purge(paris)
    assert {kind for kind, text in (await names(database)).items() if text} == left


async def test_a_purge_counts_what_it_empties_and_does_it_once(
    database: Database, clock: VirtualClock, paris: Showroom
) -> None:
    await everything(database, paris)
    clock.advance(seconds=31 * DAY_MS / 1000)
    once = {"visits": 1, "call_backs": 1, "calls": 1, "leads": 1, "alarms": 0}
    assert await Purging(database, clock).purge(paris) == once
    assert await Purging(database, clock).purge(paris) == dict.fromkeys(once, 0)


async def test_alarms_that_are_over_go_with_the_calls_of_their_days(
    database: Database, clock: VirtualClock, paris: Showroom
) -> None:
    kept = sa.select(alarms.c.kind).order_by(alarms.c.kind)
    async with database.write() as connection:
        for kind in AlarmKind:
            fact = Fact(START_MS, {"limit": 1})
            raised = await rows.add(connection, paris.id, Key(kind), fact, START_MS)
            assert raised is not None
            if kind is not AlarmKind.NOBODY:  # still up, and a reason to look
                over = START_MS + (kind is AlarmKind.WAITING) * DAY_MS
                await rows.change(connection, raised, cleared_at=over)
    clock.advance(seconds=paris.policy.retention_days * DAY_MS / 1000 + 1)
    assert (await Purging(database, clock).purge(paris))["alarms"] == 2
    async with database.read() as connection:
        assert list(await connection.scalars(kept)) == ["nobody", "waiting"]


async def test_a_purge_goes_on_batch_by_batch(
    database: Database, clock: VirtualClock, paris: Showroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "BATCH", 2)
    for number in range(5):
        await a_call(database, paris.id, id=CallId(f"call-{number}"))
    clock.advance(seconds=11 * DAY_MS / 1000)
    assert (await Purging(database, clock).purge(paris))["calls"] == 5


async def test_an_emptied_call_is_counted_as_before(
    database: Database, clock: VirtualClock, paris: Showroom
) -> None:
    await a_call(database, paris.id, id=CallId("one"))
    await a_call(database, paris.id, id=CallId("new"), created_at=START_MS + 5 * DAY_MS)
    clock.advance(seconds=11 * DAY_MS / 1000)
    query = sa.select(call_rollups).order_by(call_rollups.c.quarter_at)
    async with database.read() as connection:
        before = (await connection.execute(query)).all()
    assert (await Purging(database, clock).purge(paris))["calls"] == 1
    await Rollups(database).rebuild(paris.id)
    async with database.read() as connection:
        # Others came by this campaign, too.
        assert (await connection.execute(query)).all() == before
        said = sa.select(call_events.c.data).where(call_events.c.call_id == "one")
        assert await connection.scalar(said) == {}
        kept = sa.select(calls.c.notes).where(calls.c.id == "new")
        assert await connection.scalar(kept) == "has a dog"
