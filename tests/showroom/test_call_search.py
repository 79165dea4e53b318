"""The list of calls: each filter finds what a look at every call finds, in pages without a gap."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from showroom.call_search import CallSearch, Sought, Went
from showroom.calls import CallRecord, CallRecords
from showroom.database import Database
from showroom.errors import BadRequest
from showroom.ids import CallId, RecordingId, ShowroomId, StaffId, new_id
from showroom.lead_tables import reservations
from showroom.media_tables import recordings
from showroom.words import (
    ABANDONED,
    BROKEN,
    CallState,
    Channel,
    Device,
    EndReason,
    Outcome,
    Quality,
)
from tests.leads import saved_lead
from tests.samples import saved_advisor, saved_showroom
from tests.virtual_clock import START_MS

CALLS = 120
CAMPAIGNS = (None, "spring-film", "newsletter")


@pytest.fixture
async def paris(database: Database) -> ShowroomId:
    return await saved_showroom(database)


@pytest.fixture
def search(database: Database) -> CallSearch:
    return CallSearch(database)


def made_up(room: ShowroomId, advisors: Sequence[StaffId | None], chance: Random) -> CallRecord:
    answered = chance.random() < 0.6
    # Many at the same moment: pages must not lose one of them.
    at = START_MS + chance.randrange(20) * 1000
    ends = [*EndReason] if answered else [*ABANDONED]
    return CallRecord(
        id=CallId(new_id()),
        showroom_id=room,
        version=1,
        state=CallState.CLOSED,
        language=chance.choice(("en", "fr")),
        vehicle=chance.choice((None, "crete", "nuage")),
        created_at=at,
        answered_at=at + 4_000 if answered else None,
        ended_at=at + 60_000,
        end_reason=chance.choice(ends),
        advisor_id=chance.choice(advisors),
        missed=chance.choice((0, 0, 1)),
        outcome=chance.choice((None, *Outcome)),
        rating=chance.choice((None, 1, 5)),
        quality=chance.choice((None, *Quality)),
        campaign=chance.choice(CAMPAIGNS),
        device=chance.choice([*Device]),
        channel=chance.choice([*Channel]),
    )


async def all_pages(search: CallSearch, room: ShowroomId, sought: Sought) -> list[CallRecord]:
    found: list[CallRecord] = []
    cursor = None
    while True:
        page = await search.page(room, sought, 7, cursor)
        assert len(page.calls) <= 7
        found += page.calls
        cursor = page.next
        if cursor is None:
            return found


async def test_each_filter_finds_what_a_look_at_every_call_finds(
    database: Database, search: CallSearch, paris: ShowroomId
) -> None:
    lyon = await saved_showroom(database, "lyon")
    alice = await saved_advisor(database)
    chance, kept = Random(5), CallRecords(database)
    known = [made_up(paris, (None, alice), chance) for _ in range(CALLS)]
    for call in (*known, *(made_up(lyon, (None,), chance) for _ in range(10))):
        await kept.save(call, [])
    middle = START_MS + 9_000
    asked: list[tuple[Sought, Callable[[CallRecord], bool]]] = [
        (Sought(), lambda _: True),
        (Sought(since_ms=middle), lambda one: one.created_at >= middle),
        (Sought(until_ms=middle), lambda one: one.created_at < middle),
        (Sought(advisor=alice), lambda one: one.advisor_id == alice),
        (Sought(advisor=""), lambda one: one.advisor_id is None),
        (Sought(campaign="newsletter"), lambda one: one.campaign == "newsletter"),
        (Sought(campaign=""), lambda one: one.campaign is None),
        (Sought(vehicle="crete"), lambda one: one.vehicle == "crete"),
        (Sought(vehicle=""), lambda one: one.vehicle is None),
        (Sought(language="fr"), lambda one: one.language == "fr"),
        (Sought(device=Device.TABLET), lambda one: one.device is Device.TABLET),
        (Sought(channel=Channel.VISIT), lambda one: one.channel is Channel.VISIT),
        (Sought(quality=Quality.POOR), lambda one: one.quality is Quality.POOR),
        (Sought(outcome=Outcome.BOUGHT), lambda one: one.outcome is Outcome.BOUGHT),
        (Sought(rating=1), lambda one: one.rating == 1),
        (Sought(went=Went.ANSWERED), lambda one: one.answered_at is not None),
        (
            Sought(went=Went.ABANDONED),
            lambda one: one.answered_at is None and one.end_reason in ABANDONED,
        ),
        (Sought(went=Went.MISSED), lambda one: one.missed > 0),
        (Sought(went=Went.BROKEN), lambda one: one.end_reason in BROKEN),
        (
            Sought(advisor=alice, language="fr", went=Went.ANSWERED),
            lambda one: (
                (one.advisor_id, one.language) == (alice, "fr") and one.answered_at is not None
            ),
        ),
    ]
    for sought, fits in asked:
        right = sorted(filter(fits, known), key=lambda one: (one.created_at, one.id), reverse=True)
        assert 0 < len(right) <= CALLS
        assert await all_pages(search, paris, sought) == right, sought


async def test_a_call_is_found_by_its_customer_as_their_lead_has_them(
    database: Database, search: CallSearch, paris: ShowroomId
) -> None:
    lyon = await saved_showroom(database, "lyon")
    kept, chance = CallRecords(database), Random(1)
    hers, his, other, foreign = (
        made_up(room, (None,), chance) for room in (paris, paris, paris, lyon)
    )
    for call in (hers, his, other, foreign):
        await kept.save(call, [])
    her = {"name": "Élodie Moreau", "email": "elodie@example.com", "phone": "+33612345678"}
    await saved_lead(database, paris, hers.id, **her)
    await saved_lead(database, lyon, foreign.id, **her)
    await saved_lead(database, paris, his.id, name="100% _ Martin", email=None)
    for text in ("moreau", "ÉLODIE", "élodie", "odie@EXAMPLE", "06 12 34 56 78", "+33 6 12 34"):
        page = await search.page(paris, Sought(text=text), 10)
        assert [one.id for one in page.calls] == [hers.id], text
        assert page.customers == {hers.id: "Élodie Moreau"}
    # What means something to a database means nothing in a name.
    for text, right in (("100%", [his.id]), ("0_", []), ("%", [his.id]), ("\0", []), ("06", [])):
        found = await search.page(paris, Sought(text=text), 10)
        assert [one.id for one in found.calls] == right, text
    assert [one.id for one in (await search.page(paris, Sought(text=other.id), 10)).calls] == [
        other.id
    ]
    assert (await search.page(paris, Sought(text=foreign.id), 10)).calls == ()


async def test_a_call_is_found_by_the_code_of_its_customer_s_reservation(
    database: Database, search: CallSearch, paris: ShowroomId
) -> None:
    lyon = await saved_showroom(database, "lyon")
    kept, chance = CallRecords(database), Random(4)
    ours, theirs = made_up(paris, (None,), chance), made_up(lyon, (None,), chance)
    for call in (ours, theirs):
        await kept.save(call, [])
        lead = await saved_lead(database, call.showroom_id, call.id)
        row: dict[str, Any] = {"id": new_id(), "showroom_id": call.showroom_id, "code": "ABCD2345"}
        row |= {"token": new_id(), "dealer_token": new_id(), "state": "given", "lead_id": lead}
        row |= {"vehicle": "crete", "dealer": "75-1", "created_at": 1, "expires_at": 2}
        async with database.write() as connection:
            await connection.execute(sa.insert(reservations).values(row))
    found = await search.page(paris, Sought(text="abcd-2345", code="ABCD2345"), 10)
    assert [one.id for one in found.calls] == [ours.id]
    assert (await search.page(paris, Sought(text="abcd-2346", code="ABCD2346"), 10)).calls == ()


async def test_only_what_can_be_played_counts_as_recorded(
    database: Database, search: CallSearch, paris: ShowroomId
) -> None:
    kept, chance = CallRecords(database), Random(2)
    playable, erased, empty, none = (made_up(paris, (None,), chance) for _ in range(4))
    for call in (playable, erased, empty, none):
        await kept.save(call, [])
    async with database.write() as connection:
        for call, key, size in ((playable, "k", 9), (erased, None, 9), (empty, "k", 0)):
            row: dict[str, Any] = {
                "id": RecordingId(new_id()),
                "showroom_id": paris,
                "call_id": call.id,
            }
            row |= {"advisor_id": "alice", "state": "ready", "advisor_agreed_at": START_MS}
            row |= {"started_at": START_MS, "wrapped_key": key, "tries": 0, "parts": 1}
            row |= {"size": size, "duration_ms": 1}
            await connection.execute(sa.insert(recordings).values(row))
    found = await search.page(paris, Sought(recorded=True), 10)
    assert [one.id for one in found.calls] == [playable.id]


async def test_a_made_up_page_is_refused(search: CallSearch, paris: ShowroomId) -> None:
    for cursor in ("", "x", "1.", "1", "-1.a", "9" * 16 + ".a", "1.a b"):
        with pytest.raises(BadRequest):
            await search.page(paris, Sought(), 10, cursor)


async def test_every_page_is_read_along_the_list_and_never_sorted(
    database: Database, paris: ShowroomId, search: CallSearch
) -> None:
    """However many calls there are, a page costs as many rows as it is long."""
    chance, kept = Random(3), CallRecords(database)
    calls = [made_up(paris, (None,), chance) for _ in range(50)]
    for n, call in enumerate(calls):
        await kept.save(replace(call, created_at=START_MS + n), [])
    statement = (
        "SELECT id FROM calls WHERE showroom_id = 'x' AND (created_at, id) < (5, 'y')"
        " ORDER BY created_at DESC, id DESC LIMIT 51"
    )
    async with database.read() as connection:
        if connection.dialect.name == "sqlite":
            told = await connection.execute(sa.text(f"EXPLAIN QUERY PLAN {statement}"))
        else:
            await connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
            await connection.execute(sa.text("SET LOCAL enable_bitmapscan = off"))
            told = await connection.execute(sa.text(f"EXPLAIN {statement}"))
        plan = " ".join(str(row[-1]) for row in told)
    assert "ix_calls_showroom_id_created_at_id" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
