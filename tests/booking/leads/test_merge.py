"""One person is one open lead, whoever tells of them, and however many at once."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from booking.handoff.topics import Topic
from booking.leads.intake import Report
from booking.leads.lead import Details, Lead, LeadState, Wish, WishedVehicle
from booking.leads.merging import Knowledge, keys_of
from booking.leads.moves import OPEN, Move
from booking.leads.rows import News, Source
from booking.leads.sheet import Sheet
from booking.ledger import Guest
from showroom.database import Database
from showroom.errors import Conflict, IllegalMove, TryAgain
from showroom.ids import StaffId
from showroom.lead_tables import lead_keys, lead_sources
from showroom.tables import appointments
from showroom.words import Outcome
from tests.booking.diary import bookable
from tests.booking.leads.ledger import EMAIL, PHONE, Book
from tests.virtual_clock import VirtualClock

ANNA = StaffId("anna")


async def told_by_staff(book: Book, program_s: str, **told: Any) -> Lead:
    """Tell of a person as our own people and programs do."""
    report = Report(Source("program", program_s), Knowledge(**told), News("request"))
    lead = await book.leads.take(book.showroom, report)
    assert lead
    return lead


async def test_a_form_makes_a_lead_with_its_history_and_its_source(book: Book) -> None:
    lead = await book.asked(vehicle="crete", message="In blue?")
    assert lead == await book.one()
    assert (lead.name, lead.email, lead.state) == ("Jeanne Moreau", EMAIL, LeadState.NEW)
    assert lead.details.wishes == (Wish.BROCHURE,)
    assert lead.details.vehicles == (WishedVehicle("crete"),)
    assert lead.details.notes == "In blue?"
    assert await book.history(lead) == ["created", "request"]
    assert await book.sources(lead) == {"form"}
    assert lead.version == 1


async def test_who_asks_again_by_the_same_address_in_other_letters_extends_the_lead(
    book: Book,
) -> None:
    first = await book.asked(vehicle="crete")
    again = await book.asked(email="Jeanne@Example.com", wish=Wish.OFFER, phone=PHONE)
    assert again.id == first.id
    assert again.details.wishes == (Wish.BROCHURE, Wish.OFFER)
    assert again.details.vehicles == (WishedVehicle("crete"),)
    assert again.phone == PHONE
    assert again.version == first.version + 1
    by_phone = await book.asked(email=None, phone=PHONE, wish=Wish.TEST_DRIVE)
    assert by_phone.id == first.id
    assert by_phone.email == EMAIL, "what is empty replaces nothing"


async def test_who_knows_somebody_s_number_does_not_get_what_is_sent_to_them(book: Book) -> None:
    lead = await book.asked(phone=PHONE)
    stranger = {"name": "Mallory", "email": "mallory@example.com"}
    await book.asked(**stranger, phone=PHONE, wish=Wish.OFFER)
    diary = book.diary()
    await diary.confirm(await diary.hold(), guest=Guest(**stranger, phone=PHONE))
    await book.follow_ups.add_call_back(
        book.showroom.id, "Mallory", PHONE, "fr", None, "call-back-1", None
    )
    same = await book.one()
    assert (same.id, same.name, same.email, same.phone) == (lead.id, lead.name, EMAIL, PHONE)
    assert same.details.wishes == (Wish.BROCHURE, Wish.OFFER)
    assert await book.keys() == {f"email:{EMAIL}", f"phone:{PHONE}"}


async def test_a_program_of_ours_replaces_what_it_knows_better(book: Book) -> None:
    lead = await book.asked(phone=PHONE)
    told = Knowledge(name="Jeanne Petit", email="j@example.com", phone=PHONE)
    await book.leads.take(book.showroom, Report(Source("program", "P-1"), told, News("request")))
    same = await book.one()
    assert (same.id, same.name, same.email) == (lead.id, "Jeanne Petit", "j@example.com")


@pytest.mark.parametrize("victim_first", [True, False])
async def test_who_has_a_lead_and_knows_somebody_s_number_does_not_get_theirs(
    book: Book, victim_first: bool
) -> None:
    stranger = {"name": "Mallory", "email": "mallory@example.com"}
    asks: list[dict[str, Any]] = [{"email": None, "phone": PHONE, "message": "My secret"}, stranger]
    for ask in asks if victim_first else reversed(asks):
        await book.asked(**ask)
        book.clock.advance(seconds=60)
    before = {lead.name: lead for lead in await book.all()}
    await book.asked(**stranger, phone=PHONE, wish=Wish.OFFER)
    diary = book.diary()
    await diary.confirm(await diary.hold(), guest=Guest(**stranger, phone=PHONE))
    after = {lead.name: lead for lead in await book.all()}
    victim, mallory = after["Jeanne Moreau"], after["Mallory"]
    same = before[victim.name]
    assert (victim.id, victim.email, victim.phone) == (same.id, None, PHONE)
    assert (victim.details, victim.score) == (same.details, same.score)
    assert (mallory.id, mallory.phone) == (before["Mallory"].id, None)
    assert mallory.details.notes == "the boot"
    assert mallory.details.wishes == (Wish.BROCHURE, Wish.OFFER)
    assert await book.keys() == {"email:mallory@example.com", f"phone:{PHONE}"}
    for lead, other in ((victim, mallory), (mallory, victim)):
        history = (await book.leads.get(book.showroom.id, lead.id)).history
        hints = [event.data for event in history if event.kind == "alike"]
        assert hints == [{"lead": other.id}] * 2


async def test_a_visit_of_two_known_strangers_joins_nothing_when_its_call_is_closed(
    book: Book,
) -> None:
    victim = await book.asked(email=None, phone=PHONE, message="My secret")
    book.clock.advance(seconds=60)
    mallory = await book.asked(name="Mallory", email="mallory@example.com")
    diary, call = book.diary(), book.running()
    visit = await diary.confirm(
        await diary.hold(), guest=Guest("Mallory", "mallory@example.com", PHONE)
    )
    async with book.database.write() as connection:
        here = sa.update(appointments).where(appointments.c.id == visit.id)
        await connection.execute(here.values(call_id=call))
    opened = await book.sheets.read(book.showroom, call, ANNA)
    assert (opened.sheet.email, opened.sheet.phone) == ("mallory@example.com", "")
    await book.closed(Outcome.INTERESTED, call)
    assert [lead.id for lead in await book.all()] == [victim.id, mallory.id]
    assert "call" in await book.sources(mallory)
    assert "call" not in await book.sources(victim)


async def test_the_same_form_sent_again_is_one_request(book: Book) -> None:
    first = await book.asked(message="In blue?")
    again = await book.asked(message="In blue?")
    assert again == first
    assert await book.history(first) == ["created", "request"]


async def test_the_same_form_is_a_new_request_when_its_lead_is_closed(book: Book) -> None:
    first = await book.asked()
    await book.leads.move(book.showroom, first.id, Move.LOSE, ANNA, "no answer")
    again = await book.asked()
    assert again.id != first.id
    assert await book.asked() == again


async def test_two_leads_become_one_when_an_address_and_a_number_belong_to_both(
    book: Book,
) -> None:
    older = await book.asked(wish=Wish.BROCHURE)
    book.clock.advance(seconds=60)
    newer = await book.asked(email=None, phone=PHONE, wish=Wish.OFFER, message="By train")
    assert newer.id != older.id
    book.clock.advance(seconds=60)
    wished = Details(wishes=(Wish.TEST_DRIVE,))
    one = await told_by_staff(book, "P-1", email=EMAIL, phone=PHONE, details=wished)
    assert one == await book.one()
    assert one.id == older.id
    assert one.details.merged == (newer.id,)
    assert set(one.details.wishes) == {Wish.BROCHURE, Wish.OFFER, Wish.TEST_DRIVE}
    assert one.details.notes == "By train"
    assert await book.keys() == {f"email:{EMAIL}", f"phone:{PHONE}"}
    assert await book.refreshed(newer) == one, "who asks for the newer one finds the older"
    kinds = await book.history(one)
    assert [kinds.count(kind) for kind in ("created", "request", "joined")] == [2, 3, 1]
    known = await book.leads.get(book.showroom.id, one.id)
    assert len({event.seq for event in known.history}) == len(kinds)


@pytest.mark.parametrize("move", [Move.WIN, Move.LOSE])
async def test_a_closed_lead_frees_its_keys_for_the_next_interest(book: Book, move: Move) -> None:
    first = await book.asked()
    await book.leads.move(book.showroom, first.id, move, ANNA, "bought elsewhere")
    assert await book.keys() == set()
    second = await book.asked(wish=Wish.OFFER)
    assert second.id != first.id
    assert len(await book.all()) == 2


async def test_of_fifty_reports_of_one_person_at_once_one_lead_comes(
    database_url: str, book: Book
) -> None:
    async with Database.open(database_url) as elsewhere:
        other_node = Book(elsewhere, book.showroom, book.clock)
        made = await asyncio.gather(
            *(
                told_by_staff(
                    node,
                    f"{n} {which}",
                    email=EMAIL if n % 3 else None,
                    phone=PHONE if n % 3 != 1 else None,
                    details=Details(notes=f"number {n}"),
                )
                for n in range(25)
                for which, node in enumerate((book, other_node))
            )
        )
    lead = await book.one()
    assert lead.id in {one.id for one in made}
    assert await book.keys() == {f"email:{EMAIL}", f"phone:{PHONE}"}
    notes = lead.details.notes.splitlines()
    assert sorted(notes) == sorted(f"number {n}" for n in range(25)), "nothing was lost"


async def test_another_showroom_has_leads_of_its_own(
    database: Database, book: Book, clock: VirtualClock
) -> None:
    lyon = Book(database, bookable("lyon"), clock)
    await lyon.showrooms.save(lyon.showroom)
    here, there = await book.asked(), await lyon.asked()
    assert here.id != there.id


async def test_a_lead_that_was_handed_over_tells_of_the_one_that_it_took_in(book: Book) -> None:
    hot = await book.asked(wish=Wish.OFFER, vehicle="crete", configuration="K-1", phone=PHONE)
    assert book.topics() == [Topic.LEAD_QUALIFIED]
    book.clock.advance(seconds=1)
    other = await book.asked(email="j@example.com", wish=Wish.OFFER, message="by train")
    one = await book.leads.change(
        book.showroom, other.id, other.version, Sheet(phone=PHONE, email=EMAIL), ANNA
    )
    assert one.id == hot.id
    assert book.topics() == [Topic.LEAD_QUALIFIED, Topic.LEAD_UPDATED]
    assert book.published[-1][2]["merged"] == [other.id]


async def test_a_lead_that_was_handed_over_stays_and_is_not_handed_over_twice(book: Book) -> None:
    older = await book.asked(email=None, phone=PHONE)
    book.clock.advance(seconds=1)
    hot = await book.asked(wish=Wish.OFFER, vehicle="crete", configuration="K-1")
    hot = await book.asked(wish=Wish.TEST_DRIVE)
    assert hot.qualified_at is not None
    await told_by_staff(book, "P-1", email=EMAIL, phone=PHONE)
    one = await book.one()
    assert (one.id, one.qualified_at) == (hot.id, hot.qualified_at)
    assert one.details.merged == (older.id,)
    assert await book.refreshed(older) == one
    assert book.topics() == [Topic.LEAD_QUALIFIED, Topic.LEAD_UPDATED]


async def heard(what: Callable[[], Awaitable[Lead]]) -> Lead:
    """Do what it says when a busy database asks to try again: nothing of it was kept."""
    while True:
        try:
            return await what()
        except TryAgain:
            continue


async def test_whatever_many_do_at_once_each_open_lead_is_found_and_no_source_is_lost(
    database_url: str, book: Book
) -> None:
    chance = random.Random(3)

    async def somebody(node: Book, n: int) -> None:
        person = chance.randrange(4), chance.randrange(4)
        email = f"p{person[0]}@example.com"
        phone = f"+3361234567{person[1]}" if chance.random() < 0.5 else None
        lead = await heard(lambda: node.asked(email=email, phone=phone, message=f"number {n}"))
        try:
            if n % 5 == 0:
                lost = node.showroom, lead.id, Move.LOSE, ANNA, "no answer"
                await heard(lambda: node.leads.move(*lost))
            elif n % 5 == 1:
                other = Sheet(email=f"p{chance.randrange(4)}@example.com")
                change = node.showroom, lead.id, lead.version, other, ANNA
                await heard(lambda: node.leads.change(*change))
            elif n % 5 == 2:
                await heard(lambda: node.leads.move(node.showroom, lead.id, Move.REOPEN, ANNA))
        except (Conflict, IllegalMove):
            return  # somebody was faster, and they are told

    async with Database.open(database_url) as elsewhere:
        nodes = book, Book(elsewhere, book.showroom, book.clock)
        await asyncio.gather(*(somebody(nodes[n % 2], n) for n in range(60)))
    leads = await book.all()
    expected = {
        key: lead.id
        for lead in leads
        if lead.state in OPEN
        for key in keys_of(lead.email, lead.phone)
    }
    async with book.database.read() as connection:
        keys = {row.key: row.lead_id for row in await connection.execute(sa.select(lead_keys))}
    assert expected.items() <= keys.items()
    assert set(keys.values()) <= {lead.id for lead in leads if lead.state in OPEN}
    async with book.database.read() as connection:
        forms = sa.select(sa.func.count()).where(lead_sources.c.kind == "form")
        assert await connection.scalar(forms) == 60
    said = [line for lead in leads for line in lead.details.notes.splitlines()]
    assert sorted(said) == sorted(f"number {n}" for n in range(60))
