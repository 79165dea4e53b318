"""What programs change of a lead: all of it or nothing, on the version that they have seen."""

import asyncio

import pytest

from booking.leads.amending import Amendment
from booking.leads.lead import LeadState
from booking.leads.listing import Asked
from showroom.errors import BadRequest, ChangedMeanwhile, IllegalMove, NotFound
from showroom.ids import LeadId, ShowroomId
from tests.booking.leads.ledger import EMAIL, Book
from tests.samples import a_showroom

HOUR_MS = 3_600_000


async def test_several_things_are_one_change(book: Book) -> None:
    lead = await book.asked(email=EMAIL)
    due = book.clock() + HOUR_MS
    amendment = Amendment(LeadState.CONTACTED, "", "Only\u202e in the evening", due)
    changed = await book.leads.amend(book.showroom, lead.id, amendment, lead.version)
    assert changed.version == lead.version + 1
    assert (changed.state, changed.due_at) == (LeadState.CONTACTED, due)
    assert changed.details.notes == "Only in the evening"
    assert changed.owner_id is None, "a program takes care of nobody"
    history = (await book.leads.get(book.showroom.id, lead.id)).history
    assert [(news.kind, news.by) for news in history[-3:]] == [
        ("contacted", "store"),
        ("fields", "store"),
        ("due", "store"),
    ]
    assert await book.leads.amend(book.showroom, lead.id, Amendment()) == changed


async def test_of_many_who_saw_the_same_one_changes_it(book: Book) -> None:
    lead = await book.asked(email=EMAIL)
    changes = (
        book.leads.amend(book.showroom, lead.id, Amendment(notes=str(n)), lead.version)
        for n in range(5)
    )
    found = await asyncio.gather(*changes, return_exceptions=True)
    assert [type(one) for one in found].count(ChangedMeanwhile) == 4


async def test_what_can_not_be_changes_nothing(book: Book) -> None:
    lead = await book.asked(email=EMAIL)

    async def refused(amendment: Amendment, kind: type[Exception]) -> None:
        before = await book.leads.get(book.showroom.id, lead.id)
        with pytest.raises(kind):
            await book.leads.amend(book.showroom, lead.id, amendment)
        assert await book.leads.get(book.showroom.id, lead.id) == before

    await refused(Amendment(LeadState.LOST, " "), BadRequest)
    await refused(Amendment(notes="x", due_at=book.clock() - 1), BadRequest)
    await book.leads.amend(book.showroom, lead.id, Amendment(LeadState.LOST, "Too dear"))
    await refused(Amendment(LeadState.WON), IllegalMove)
    await refused(Amendment(LeadState.NEW), IllegalMove)
    await refused(Amendment(due_at=book.clock() + HOUR_MS), IllegalMove)
    await book.asked(email=EMAIL)
    await refused(Amendment(LeadState.CONTACTED), IllegalMove)
    with pytest.raises(NotFound):
        await book.leads.amend(a_showroom("lyon"), lead.id, Amendment(notes="from Lyon"))


async def test_leads_that_changed_are_listed_by_what_is_asked_for(book: Book) -> None:
    which: list[LeadId] = []
    for n in range(3):
        which.append((await book.asked(email=f"p{n}@example.com")).id)
        book.clock.advance(seconds=1)
    room: ShowroomId = book.showroom.id
    await book.leads.amend(book.showroom, which[0], Amendment(LeadState.WON))
    won = Asked(states=frozenset({LeadState.WON}))
    assert [one.id for one in (await book.leads.changed_since(room, 0, 9, asked=won)).leads] == [
        which[0]
    ]
    everything = await book.leads.changed_since(room, 0, 2)
    rest = await book.leads.changed_since(room, 0, 2, everything.next)
    found = [one.id for one in (*everything.leads, *rest.leads)]
    assert found == [which[1], which[2], which[0]], "the oldest change first"
