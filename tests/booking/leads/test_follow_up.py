"""The follow-up list: who is due first stands first, and nobody is forgotten silently."""

import asyncio

import pytest

from booking.leads.care import StaleLead
from booking.leads.lead import Lead, LeadState, Wish
from booking.leads.listing import Asked
from booking.leads.moves import Move
from booking.leads.rows import News
from booking.leads.sheet import Sheet
from showroom.database import Database
from showroom.errors import AlreadyTaken, BadRequest, Forbidden, IllegalMove, NotFound
from showroom.ids import LeadId, StaffId
from showroom.words import Outcome
from tests.booking.diary import at, bookable
from tests.booking.leads.ledger import EMAIL, PHONE, Book

ANNA, BRUNO = StaffId("anna"), StaffId("bruno")
EVERY = Asked(states=frozenset())


async def person(book: Book, n: int) -> LeadId:
    return (await book.asked(email=f"p{n}@example.com")).id


async def listed(book: Book, asked: Asked = EVERY, size: int = 2) -> list[LeadId]:
    """Return the whole list, read page by page."""
    found: list[LeadId] = []
    cursor: str | None = None
    while True:
        page = await book.leads.listed(book.showroom.id, asked, size, cursor)
        assert len(page.leads) <= size
        found += [lead.id for lead in page.leads]
        cursor = page.next
        if cursor is None:
            return found


async def test_those_due_first_come_first_and_closed_ones_last(book: Book) -> None:
    people = [await person(book, n) for n in range(5)]
    due = book.clock() + 1_000
    for n, wait in ((0, 3), (1, 1), (2, 2)):
        await book.leads.set_due(book.showroom, people[n], due + wait, ANNA)
    for n in (3, 4):
        book.clock.advance(seconds=1)
        await book.leads.move(book.showroom, people[n], Move.LOSE, ANNA, "no")
    assert await listed(book) == [people[n] for n in (1, 2, 0, 4, 3)]
    assert await listed(book, Asked()) == [people[n] for n in (1, 2, 0)]
    assert await listed(book, Asked(states=frozenset({LeadState.LOST}))) == people[:2:-1]


async def test_a_list_has_each_lead_once_also_when_many_are_due_at_once(book: Book) -> None:
    people = {await person(book, n) for n in range(7)}
    found = await listed(book)
    assert (len(found), set(found)) == (7, people)


async def test_overdue_ones_are_counted_and_found(book: Book) -> None:
    first, second = await person(book, 1), await person(book, 2)
    await book.leads.set_due(book.showroom, second, at("2025-11-01 12:00"), ANNA)
    await book.leads.assign(book.showroom, second, ANNA, ANNA, manages=False)
    counts = await book.leads.counts(book.showroom.id, Asked())
    assert (counts.overdue, counts.by_state[LeadState.NEW]) == (0, 2)
    book.clock.advance(days=1)
    for asked, overdue, new in (
        (Asked(), 1, 2),
        (Asked(states=frozenset({LeadState.LOST}), qualified=True), 1, 2),
        (Asked(owner=ANNA), 0, 1),
        (Asked(unowned=True), 1, 1),
        (Asked(owner=ANNA, unowned=True), 1, 2),
        (Asked(owner=BRUNO), 0, 0),
    ):
        counts = await book.leads.counts(book.showroom.id, asked)
        assert (counts.overdue, counts.by_state[LeadState.NEW]) == (overdue, new), asked
    assert await listed(book, Asked(until_ms=book.clock())) == [first]
    assert await listed(book, Asked(owner=ANNA)) == [second]
    assert await listed(book, Asked(unowned=True)) == [first]
    assert await listed(book, Asked(owner=ANNA, unowned=True)) == [first, second]
    assert await listed(book, Asked(owner=BRUNO, unowned=True)) == [first]


async def test_what_is_handed_over_can_be_told_from_what_is_not(book: Book) -> None:
    plain = await person(book, 1)
    hot = await book.asked(phone=PHONE, vehicle="crete", wish=Wish.OFFER, configuration="K-1")
    assert hot.qualified_at is not None
    assert await listed(book, Asked(qualified=True)) == [hot.id]
    assert await listed(book, Asked(qualified=False)) == [plain]


@pytest.mark.parametrize("cursor", ["", "x", "1", "-1.a", "1.a b", f"{10**17}.a", "1.a.b"])
async def test_a_made_up_cursor_is_refused(book: Book, cursor: str) -> None:
    with pytest.raises(BadRequest):
        await book.leads.listed(book.showroom.id, EVERY, 2, cursor)


async def test_every_open_lead_has_a_due_date_whatever_happens_to_it(book: Book) -> None:
    lead = await book.asked()
    for move in (Move.CONTACT, Move.WIN, Move.REOPEN, Move.CONTACT, Move.LOSE, Move.REOPEN):
        lead = await book.leads.move(book.showroom, lead.id, move, ANNA, "why")
        assert (lead.due_at is None) == (lead.closed_at is not None)
        assert (lead.due_at is None) == (lead.state in {LeadState.WON, LeadState.LOST})


async def test_what_the_customer_asks_brings_a_contacted_lead_forward(book: Book) -> None:
    lead = await book.asked()
    lead = await book.leads.move(book.showroom, lead.id, Move.CONTACT, ANNA)
    assert lead.due_at == at("2025-10-12 18:00")
    assert lead.owner_id == ANNA
    lead = await book.asked(wish=Wish.OFFER)
    assert (lead.state, lead.due_at) == (LeadState.CONTACTED, at("2025-10-09 18:00"))


async def test_a_move_that_was_made_already_changes_nothing(book: Book) -> None:
    lead = await book.asked()
    lost = await book.leads.move(book.showroom, lead.id, Move.LOSE, ANNA, "another make")
    assert await book.leads.move(book.showroom, lead.id, Move.LOSE, BRUNO, "again") == lost
    with pytest.raises(IllegalMove):
        await book.leads.move(book.showroom, lead.id, Move.WIN, ANNA)


async def test_a_lead_is_not_reopened_while_a_newer_one_of_the_person_is_open(book: Book) -> None:
    old = await book.asked()
    await book.leads.move(book.showroom, old.id, Move.LOSE, ANNA, "no answer")
    new = await book.asked()
    with pytest.raises(IllegalMove, match="newer"):
        await book.leads.move(book.showroom, old.id, Move.REOPEN, ANNA)
    await book.leads.move(book.showroom, new.id, Move.WIN, ANNA)
    reopened = await book.leads.move(book.showroom, old.id, Move.REOPEN, ANNA)
    assert reopened.state is LeadState.CONTACTED
    assert await book.keys() == {f"email:{EMAIL}"}
    assert (await book.asked(wish=Wish.OFFER)).id == old.id


async def test_of_two_advisors_who_take_a_lead_at_once_one_has_it(book: Book) -> None:
    lead = await book.asked()
    results = await asyncio.gather(
        *(
            book.leads.assign(book.showroom, lead.id, who, who, manages=False)
            for who in (ANNA, BRUNO)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, AlreadyTaken) for one in results) == 1
    owner = (await book.one()).owner_id
    assert owner in {ANNA, BRUNO}
    with pytest.raises(Forbidden):
        await book.leads.assign(book.showroom, lead.id, StaffId("x"), ANNA, manages=False)
    with pytest.raises(BadRequest):
        await book.leads.assign(book.showroom, lead.id, StaffId("x"), ANNA, manages=True)


@pytest.mark.parametrize("wait_ms", [-1, 367 * 86_400_000])
async def test_a_due_date_is_from_now_on_and_within_a_year(book: Book, wait_ms: int) -> None:
    lead = await book.asked()
    with pytest.raises(BadRequest):
        await book.leads.set_due(book.showroom, lead.id, book.clock() + wait_ms, ANNA)
    assert await book.one() == lead


async def test_changed_fields_replace_what_was_and_free_the_old_address(book: Book) -> None:
    lead = await book.asked(phone=PHONE)
    changes = Sheet(email="j@example.com", wishes=(), postcode="")
    changed = await book.leads.change(book.showroom, lead.id, lead.version, changes, ANNA)
    assert (changed.email, changed.details.wishes, changed.name) == ("j@example.com", (), lead.name)
    assert await book.keys() == {"email:j@example.com", f"phone:{PHONE}"}
    with pytest.raises(StaleLead):
        await book.leads.change(book.showroom, lead.id, lead.version, changes, ANNA)


async def test_a_changed_address_that_another_open_lead_has_makes_one_of_the_two(
    book: Book,
) -> None:
    older = await book.asked(wish=Wish.OFFER)
    book.clock.advance(seconds=1)
    newer = await book.asked(email=None, phone=PHONE)
    one = await book.leads.change(
        book.showroom, newer.id, newer.version, Sheet(email=EMAIL.upper()), ANNA
    )
    assert (one.id, one.phone) == (older.id, PHONE)
    assert await book.one() == one
    assert one.details.merged == (newer.id,)


async def test_what_a_store_tells_is_history_and_may_win_the_lead(book: Book) -> None:
    lead = await book.asked()
    order = News("order_created", "store", {"order": "O-1"})
    async with book.database.write() as connection:
        won = await book.leads.tell(connection, book.showroom, lead.id, order, Move.WIN)
    assert won.state is LeadState.WON
    assert await book.history(lead) == ["created", "request", "order_created", "won"]
    assert await book.keys() == set()


async def told(book: Book, lead: Lead, kind: str, move: Move) -> Lead:
    """Return a lead after news of a store."""
    async with book.database.write() as connection:
        return await book.leads.tell(
            connection, book.showroom, lead.id, News(kind, "store", {"order": "O-1"}), move
        )


async def test_an_order_wins_a_lost_lead_and_a_cancelled_one_reopens_it(book: Book) -> None:
    lead = await book.asked()
    await book.leads.move(book.showroom, lead.id, Move.LOSE, ANNA, "too dear")
    won = await told(book, lead, "order.created", Move.WIN)
    assert (won.state, won.due_at, won.closed_at) == (LeadState.WON, None, book.clock())
    assert (await book.history(lead))[-3:] == ["order.created", "reopened", "won"]
    reopened = await told(book, lead, "order.cancelled", Move.REOPEN)
    assert (reopened.state, reopened.closed_at) == (LeadState.CONTACTED, None)
    assert reopened.due_at is not None
    assert await book.keys() == {f"email:{EMAIL}"}
    again = await told(book, lead, "order.cancelled", Move.REOPEN)
    assert again.state is LeadState.CONTACTED
    assert (await book.history(lead))[-3:] == ["order.cancelled", "reopened", "order.cancelled"]


async def test_a_cancelled_order_does_not_reopen_a_lead_beside_a_newer_one_nor_a_lost_one(
    book: Book,
) -> None:
    old = await book.asked()
    await told(book, old, "order.created", Move.WIN)
    new = await book.asked()
    assert new.id != old.id
    still = await told(book, old, "order.cancelled", Move.REOPEN)
    assert (still.state, await book.refreshed(new)) == (LeadState.WON, new)
    assert (await book.history(old))[-1] == "order.cancelled"
    await book.leads.move(book.showroom, new.id, Move.LOSE, ANNA, "too dear")
    assert (await told(book, new, "order.cancelled", Move.REOPEN)).state is LeadState.LOST


async def test_changes_are_read_in_their_order(book: Book) -> None:
    people = []
    for n in range(4):
        people.append(await person(book, n))
        book.clock.advance(seconds=1)
    since = book.clock()
    await book.leads.add_note(book.showroom, people[2], "late", ANNA)
    book.clock.advance(seconds=1)
    await book.leads.add_note(book.showroom, people[0], "later", ANNA)
    page = await book.leads.changed_since(book.showroom.id, since, 1)
    assert [lead.id for lead in page.leads] == [people[2]]
    page = await book.leads.changed_since(book.showroom.id, since, 1, page.next)
    assert ([lead.id for lead in page.leads], page.next) == ([people[0]], None)


async def test_another_showroom_s_lead_is_not_found(database: Database, book: Book) -> None:
    lead = await book.asked()
    lyon = Book(database, bookable("lyon"), book.clock)
    await lyon.showrooms.save(lyon.showroom)
    there = lyon.showroom
    leads = lyon.leads
    for work in (
        leads.get(there.id, lead.id),
        leads.move(there, lead.id, Move.WIN, ANNA),
        leads.set_due(there, lead.id, lyon.clock() + 1, ANNA),
        leads.assign(there, lead.id, ANNA, ANNA, manages=True),
        leads.add_note(there, lead.id, "from Lyon", ANNA),
        leads.change(there, lead.id, lead.version, Sheet(name="x"), ANNA),
    ):
        with pytest.raises(NotFound):
            await work
    assert (await leads.listed(there.id, EVERY, 10)).leads == []
    assert (await leads.counts(there.id, EVERY)).by_state[LeadState.NEW] == 0
    assert await book.one() == lead


async def test_a_call_of_another_showroom_adds_nothing_here(database: Database, book: Book) -> None:
    lead = await book.asked()
    lyon = Book(database, bookable("lyon"), book.clock)
    await lyon.showrooms.save(lyon.showroom)
    await lyon.closed(Outcome.BOUGHT)
    assert await book.one() == lead
