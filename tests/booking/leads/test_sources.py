"""Visits, call-backs and calls become leads, each once, and are handed over when they qualify."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.absences import Absences
from booking.appointments import Guest
from booking.handoff.topics import Topic
from booking.leads.lead import Horizon, LeadState, StoreIds, Touch, Wish, WishedVehicle
from booking.leads.moves import Move
from booking.leads.sheet import Agreed, Sheet, TypedVehicle
from booking.ledger import Appointment
from showroom.database import Database
from showroom.errors import TooLate
from showroom.ids import CallId, FollowUpId, ShowroomId, StaffId
from showroom.showrooms import Showroom
from showroom.tables import appointments, staff
from showroom.words import AppointmentEvent, CallState, EndReason, FollowUpKind, Outcome
from tests.booking.diary import CAMPAIGN, at
from tests.booking.leads.ledger import CONSENT, EMAIL, PHONE, Book
from tests.virtual_clock import START_MS

ANNA, BRUNO = StaffId("anna"), StaffId("bruno")
JEANNE = Sheet(
    name="Jeanne Moreau",
    email=EMAIL,
    phone="06 12 34 56 78",
    consents=(Agreed(purpose="contact", version="sheet-1"),),
    vehicles=(TypedVehicle(slug="crete"),),
)


async def test_a_booked_visit_is_a_lead_with_all_that_the_guest_said(book: Book) -> None:
    visit = await book.diary().booked()
    lead = await book.one()
    assert (lead.name, lead.email, lead.phone) == (visit.name, visit.email, visit.phone)
    assert lead.details.vehicles == (WishedVehicle("crete"),)
    assert lead.details.consents == visit.consents
    assert lead.details.notes == "the boot"
    touch = Touch(**CAMPAIGN, at=START_MS)
    assert (lead.details.first_touch, lead.details.last_touch) == (touch, touch)
    assert await book.history(lead) == ["created", "visit_booked"]
    assert await book.sources(lead) == {"appointment"}
    assert lead.due_at == at("2025-10-10 18:00"), "on the day on which they come"
    assert {reason.rule for reason in lead.reasons} >= {"visit", "email", "phone"}
    assert book.published == [], "a visit is not qualified yet"


async def test_what_becomes_of_a_visit_is_history_of_its_lead(book: Book) -> None:
    diary = book.diary()
    visit = await diary.booked()
    await diary.book.reschedule(visit.token, at("2025-10-13 10:00"))
    assert (await book.one()).due_at == at("2025-10-13 18:00")
    await diary.book.cancel(visit.token)
    lead = await book.one()
    assert await book.history(lead) == [
        "created",
        "visit_booked",
        "visit_rescheduled",
        "visit_cancelled",
    ]
    assert lead.due_at == at("2025-10-09 18:00"), "somebody asks them why"
    assert "visit" not in {reason.rule for reason in lead.reasons}
    await diary.book.cancel(visit.token)
    assert await book.one() == lead, "a second time changes nothing"


BY_PHONE = Guest("Jeanne Moreau", None, PHONE)


async def booked_by(book: Book, guest: Guest) -> Appointment:
    diary = book.diary()
    return await diary.confirm(await diary.hold(language="fr"), guest=guest)


async def called_off(book: Book, visit: Appointment) -> Appointment:
    """Call a visit off because nobody is there, as the reception has it announced."""
    diary = book.diary()
    book.clock.advance(seconds=600)

    async def announce(
        connection: AsyncConnection, room: Showroom, it: Appointment, event: AppointmentEvent
    ) -> None:
        await book.follow_ups.visit_announced(connection, room, it, event)
        await book.leads.visit_announced(connection, room, it, event)

    absences = Absences(book.database, book.showrooms, diary.roster, announce, book.clock)
    for advisor in (BRUNO, ANNA):  # who has it last
        day = at("2025-10-10 00:00"), at("2025-10-11 00:00")
        await absences.add(book.showroom, advisor, *day, "a strike")
    await absences.rehome(book.showroom)  # finds nothing more to do
    return await diary.book.by_token(visit.token)


async def test_who_left_only_a_number_is_called_at_once_when_their_visit_is_called_off(
    book: Book,
) -> None:
    visit = await called_off(book, await booked_by(book, BY_PHONE))
    assert visit.end_reason == "called_off"
    (item,) = await book.follow_ups.open_items(book.showroom.id)
    assert (item.kind, item.name, item.phone) == (FollowUpKind.CALLED_OFF, visit.name, PHONE)
    assert (item.language, item.vehicle, item.at) == ("fr", "crete", book.clock())
    lead = await book.one()
    assert lead.due_at == book.clock(), "before they come for nothing"
    assert await book.history(lead) == ["created", "visit_booked", "visit_called_off"]
    assert await book.sources(lead) == {"appointment", "follow_up"}
    assert {reason.rule for reason in lead.reasons} >= {"phone"}
    await book.follow_ups.finish(book.showroom.id, item.id, BRUNO)
    called = await book.one()
    assert (called.state, called.owner_id) == (LeadState.CONTACTED, BRUNO)
    assert await book.follow_ups.open_items(book.showroom.id) == []


async def test_others_hear_once_of_the_lead_whose_visit_is_called_off(book: Book) -> None:
    call = book.running()
    await book.sheets.save(book.showroom, call, ANNA, 0, JEANNE)
    await book.closed(Outcome.TEST_DRIVE, call)
    visit = await booked_by(book, BY_PHONE)
    told = len(book.published)
    await called_off(book, visit)
    lead = await book.one()
    assert await book.sources(lead) == {"appointment", "call", "follow_up"}
    assert book.topics()[told:] == [Topic.LEAD_UPDATED]


async def test_who_gets_the_letter_is_not_called_as_well(book: Book) -> None:
    await called_off(book, await booked_by(book, Guest("Jeanne Moreau", EMAIL, PHONE)))
    assert await book.follow_ups.open_items(book.showroom.id) == []
    lead = await book.one()
    assert lead.due_at == at("2025-10-09 18:00")
    assert await book.sources(lead) == {"appointment"}


async def test_a_visit_that_can_not_change_is_no_news(book: Book) -> None:
    diary = book.diary()
    visit = await diary.booked()
    book.clock.advance(days=2)
    before = await book.one()
    with pytest.raises(TooLate):
        await diary.book.cancel(visit.token)
    assert await book.one() == before


async def test_a_call_back_is_a_lead_once_however_often_it_is_asked_for(book: Book) -> None:
    async def ask(**origin: str) -> None:
        await book.follow_ups.add_call_back(
            book.showroom.id, "Jeanne", PHONE, "fr", "crete", "call-back-1", None, origin
        )

    await ask(source="letter", customer="C-7")
    await ask(source="letter", customer="C-7")
    lead = await book.one()
    assert (lead.phone, lead.details.store) == (PHONE, StoreIds(customer="C-7"))
    assert [one.purpose for one in lead.details.consents] == ["contact"]
    assert await book.history(lead) == ["created", "call_back"]
    assert lead.due_at == at("2025-10-09 18:00")


async def test_who_was_called_back_is_contacted(book: Book) -> None:
    async def ask() -> FollowUpId:
        return await book.follow_ups.add_call_back(
            book.showroom.id, "Jeanne", PHONE, "fr", "crete", "call-back-1", None
        )

    item = await ask()
    await book.follow_ups.finish(book.showroom.id, item, BRUNO)
    lead = await book.one()
    assert (lead.state, lead.owner_id) == (LeadState.CONTACTED, BRUNO)
    assert lead.due_at == at("2025-10-12 18:00")
    await book.follow_ups.finish(book.showroom.id, item, BRUNO)
    assert await book.one() == lead, "a second time changes nothing"
    await ask()
    lead = await book.one()
    assert lead.due_at == at("2025-10-09 18:00"), "they want to be called again"
    assert await book.history(lead) == ["created", "call_back", "contacted", "call_back"]


async def test_a_qualified_lead_goes_on_its_way_when_the_outcome_is_saved_and_only_once(
    book: Book,
) -> None:
    call = book.running()
    made = await book.sheets.commit(book.showroom, call, ANNA, 0, JEANNE)
    assert book.published == []
    assert "in_call" in {reason.rule for reason in made.lead.reasons}
    record = await book.closed(Outcome.TEST_DRIVE, call, vehicle="brise")
    lead = await book.one()
    assert lead.id == made.lead.id
    assert lead.details.wishes == (Wish.TEST_DRIVE,)
    assert lead.details.vehicles == (WishedVehicle("crete"), WishedVehicle("brise"))
    assert (lead.state, lead.owner_id) == (LeadState.CONTACTED, ANNA)
    assert lead.qualified_at == book.clock()
    assert lead.due_at == at("2025-10-12 18:00"), "the third opening day from now"
    assert book.topics() == [Topic.LEAD_QUALIFIED, Topic.CALL_ENDED]
    _, subject, data, _ = book.published[0]
    assert (subject, data["id"], data["version"]) == (lead.id, lead.id, lead.version)
    assert data["contact"]["phone"] == PHONE
    assert [one["outcome"] for one in data["calls"]] == ["test_drive"]
    assert book.published[1][2]["lead"] == lead.id
    # The archivist of another node, and the same once more.
    await book.calls.save(record, [])
    await book.calls.save(replace(record, version=record.version - 1), [])
    assert len(book.published) == 2
    assert await book.one() == lead


async def test_the_sheet_of_an_outcome_makes_the_lead_when_nobody_pressed_save(
    book: Book,
) -> None:
    call = book.running()
    await book.sheets.save(book.showroom, call, ANNA, 0, JEANNE)
    assert await book.all() == []
    await book.closed(Outcome.OFFER_WANTED, call, notes="private")
    lead = await book.one()
    assert lead.details.wishes == (Wish.OFFER,)
    assert "private" not in str(book.published), "a call's notes stay in the house"
    assert book.topics() == [Topic.LEAD_QUALIFIED, Topic.CALL_ENDED]
    opened = await book.sheets.read(book.showroom, call, ANNA)
    assert opened.lead == lead


async def test_a_rating_that_comes_later_counts_once(book: Book) -> None:
    call = book.running()
    await book.sheets.save(book.showroom, call, ANNA, 0, JEANNE)
    record = await book.closed(Outcome.TEST_DRIVE, call)
    before = await book.one()
    later = await book.rated(record, 5)
    lead = await book.one()
    assert lead.score == before.score + 5
    assert book.topics() == [Topic.LEAD_QUALIFIED, Topic.CALL_ENDED, Topic.LEAD_UPDATED]
    await book.calls.save(later, [])
    assert await book.one() == lead
    assert len(book.published) == 3
    assert (await book.history(lead))[-1] == "rated"


async def test_the_closed_calls_of_many_leads_are_one_question(book: Book) -> None:
    ended: dict[str, list[str]] = {}
    for name in ("one", "two"):
        sheet = JEANNE.model_copy(update={"name": name, "email": f"{name}@x.example", "phone": ""})
        for closed in (True, True, False):
            call = book.running()
            await book.sheets.commit(book.showroom, call, ANNA, 0, sheet)
            book.clock.advance(seconds=1)
            if closed:
                ended.setdefault(name, []).append((await book.closed(None, call)).id)
    await book.asked(name="none", email="none@example.com")
    asked = 0

    def counted(*_: object) -> None:
        nonlocal asked
        asked += 1

    found = await book.all()
    sa.event.listen(sa.Engine, "before_cursor_execute", counted)
    try:
        calls = await book.leads.calls(book.showroom.id, [lead.id for lead in found])
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", counted)
    told = {lead.name: [call.id for call in calls[lead.id]] for lead in found}
    assert told == {**ended, "none": []}
    assert asked <= 2, "it and SQLite's BEGIN"
    one = await book.leads.get(book.showroom.id, found[0].id)
    assert [call.id for call in one.calls] == told[found[0].name]
    elsewhere = await book.leads.calls(ShowroomId("lyon"), [lead.id for lead in found])
    assert not any(elsewhere.values())


async def test_two_nodes_that_keep_a_call_at_once_tell_of_it_once(
    database: Database, book: Book
) -> None:
    other = Book(database, book.showroom, book.clock, book.published)
    call = book.running()
    await book.sheets.save(book.showroom, call, ANNA, 0, JEANNE)
    record = await book.closed(None, call, state=CallState.WRAP_UP, closed_at=None)
    closed = replace(record, state=CallState.CLOSED, version=6, outcome=Outcome.TEST_DRIVE)
    await asyncio.gather(*(node.calls.save(closed, []) for node in (book, other) * 5))
    assert sorted(book.topics()) == [Topic.CALL_ENDED, Topic.LEAD_QUALIFIED]
    assert await book.history(await book.one()) == ["created", "call", "contacted", "qualified"]


async def test_a_call_that_nobody_knows_the_customer_of_is_told_and_makes_no_lead(
    book: Book,
) -> None:
    await book.closed(Outcome.INTERESTED)
    abandoned: dict[str, Any] = {"answered_at": None, "live_at": None, "advisor_id": None}
    await book.closed(None, **abandoned, end_reason=EndReason.CUSTOMER_LEFT)
    assert await book.all() == []
    assert book.topics() == [Topic.CALL_ENDED] * 2
    assert [data["lead"] for _, _, data, _ in book.published] == [None, None]
    assert [data["duration_s"] for _, _, data, _ in book.published] == [300, 0]


async def test_a_wrap_up_that_ran_out_stays_for_a_follow_up_until_somebody_spoke_to_them(
    book: Book,
) -> None:
    call = book.running()
    wishes = {"wishes": (Wish.BUY, Wish.OFFER)}
    await book.sheets.save(book.showroom, call, ANNA, 0, JEANNE.model_copy(update=wishes))
    await book.closed(None, call)
    lead = await book.one()
    assert (lead.state, lead.qualified_at) == (LeadState.NEW, None)
    assert lead.score >= 50
    assert "no_outcome" in {reason.rule for reason in lead.reasons}
    assert lead.due_at == at("2025-10-09 18:00")
    assert book.topics() == [Topic.CALL_ENDED]
    await book.leads.move(book.showroom, lead.id, Move.CONTACT, BRUNO)
    assert book.topics(lead.id) == [Topic.LEAD_QUALIFIED]


@pytest.mark.parametrize(
    ("outcome", "state", "wishes"),
    [
        (Outcome.INTERESTED, LeadState.CONTACTED, ()),
        (Outcome.TEST_DRIVE, LeadState.CONTACTED, (Wish.TEST_DRIVE,)),
        (Outcome.OFFER_WANTED, LeadState.CONTACTED, (Wish.OFFER,)),
        (Outcome.BOUGHT, LeadState.WON, (Wish.BUY,)),
        (Outcome.NO_FIT, LeadState.CONTACTED, ()),
        (Outcome.INVALID, LeadState.CONTACTED, ()),
    ],
)
async def test_each_outcome_says_where_the_lead_stands(
    book: Book, outcome: Outcome, state: LeadState, wishes: tuple[Wish, ...]
) -> None:
    call = book.running()
    await book.sheets.save(book.showroom, call, ANNA, 0, JEANNE)
    await book.closed(outcome, call)
    lead = await book.one()
    assert (lead.state, lead.details.wishes) == (state, wishes)
    assert bool(await book.keys()) == (state is LeadState.CONTACTED)
    handed_over = outcome not in {Outcome.NO_FIT, Outcome.INVALID}
    assert (Topic.LEAD_QUALIFIED in book.topics()) == handed_over


async def test_who_is_invalid_is_never_qualified_whatever_the_points(book: Book) -> None:
    call = book.running()
    everything = {"wishes": tuple(Wish), "budget": "1", "horizon": Horizon.NOW}
    await book.sheets.save(book.showroom, call, ANNA, 0, JEANNE.model_copy(update=everything))
    await book.closed(Outcome.INVALID, call)
    lead = await book.one()
    assert lead.score > 50
    assert lead.qualified_at is None
    assert book.topics() == [Topic.CALL_ENDED]


async def test_without_a_word_about_contact_nothing_leaves_the_house(book: Book) -> None:
    call = book.running()
    silent = JEANNE.model_copy(update={"consents": ()})
    await book.sheets.save(book.showroom, call, ANNA, 0, silent)
    await book.closed(Outcome.TEST_DRIVE, call)
    lead = await book.one()
    assert lead.score >= 50
    assert "no_consent" in {reason.rule for reason in lead.reasons}
    assert book.topics() == [Topic.CALL_ENDED]
    await book.asked()  # now they agree
    assert book.topics(lead.id) == [Topic.LEAD_QUALIFIED]


async def test_a_booked_guest_s_call_extends_the_lead_of_their_booking(
    database: Database, book: Book
) -> None:
    diary = book.diary()
    visit = await diary.booked()
    call = book.running()
    async with database.write() as connection:
        await connection.execute(
            sa.update(appointments).where(appointments.c.id == visit.id).values(call_id=call)
        )
    sheet = (await book.sheets.read(book.showroom, call, ANNA)).sheet
    assert (sheet.name, sheet.email, sheet.notes) == ("Jeanne Moreau", EMAIL, "the boot")
    assert [one.version for one in sheet.consents] == ["2025-10"]
    await book.closed(Outcome.TEST_DRIVE, call)
    lead = await book.one()
    assert await book.sources(lead) == {"appointment", "call"}
    assert lead.qualified_at is not None
    assert lead.details.notes == "the boot", "and not twice"


async def in_a_call(book: Book, visit: Appointment) -> CallId:
    """Begin the call of a booked visit."""
    call = book.running()
    async with book.database.write() as connection:
        await connection.execute(
            sa.update(appointments).where(appointments.c.id == visit.id).values(call_id=call)
        )
    return call


async def test_a_booked_guest_who_says_no_in_the_call_has_said_no(book: Book) -> None:
    call = await in_a_call(book, await book.diary().booked())
    sheet = (await book.sheets.read(book.showroom, call, ANNA)).sheet
    assert sheet.consents
    silent = sheet.model_copy(update={"consents": (), "email": "", "phone": ""})
    await book.sheets.save(book.showroom, call, ANNA, 0, silent)
    await book.closed(Outcome.TEST_DRIVE, call)
    lead = await book.one()
    assert (lead.email, lead.details.consents, lead.qualified_at) == (EMAIL, (), None)


async def test_a_booked_guest_s_call_leaves_a_name_that_somebody_has_corrected(
    book: Book,
) -> None:
    call = await in_a_call(book, await book.diary().booked())
    lead, better = await book.one(), Sheet(name="Jeanne Petit")
    await book.leads.change(book.showroom, lead.id, lead.version, better, BRUNO)
    await book.closed(Outcome.INTERESTED, call)
    assert (await book.one()).name == "Jeanne Petit"


async def test_a_lead_that_was_handed_over_is_updated_only_by_what_others_see(
    book: Book,
) -> None:
    call = book.running()
    await book.sheets.save(book.showroom, call, ANNA, 0, JEANNE)
    await book.closed(Outcome.TEST_DRIVE, call)
    lead, told = await book.one(), len(book.published)
    await book.leads.assign(book.showroom, lead.id, BRUNO, ANNA, manages=True)
    await book.leads.set_due(book.showroom, lead.id, book.clock() + 3_600_000, ANNA)
    assert len(book.published) == told
    await book.leads.add_note(book.showroom, lead.id, "Prefers the evening", ANNA)
    await book.asked(wish=Wish.OFFER)
    assert book.topics(lead.id)[1:] == [Topic.LEAD_UPDATED, Topic.LEAD_UPDATED]
    await book.leads.move(book.showroom, lead.id, Move.LOSE, ANNA, "another make")
    data = book.published[-1][2]
    assert (data["state"], data["id"]) == ("lost", lead.id)


async def test_a_robot_takes_care_of_nobody(database: Database, book: Book) -> None:
    async with database.write() as connection:
        await connection.execute(sa.update(staff).where(staff.c.id == "anna").values(robot=True))
    call = book.running()
    await book.sheets.save(book.showroom, call, ANNA, 0, JEANNE)
    await book.closed(Outcome.TEST_DRIVE, call)
    assert (await book.one()).owner_id is None


async def test_where_a_caller_came_from_is_kept_from_the_first_touch_to_the_last(
    book: Book,
) -> None:
    await book.asked(origin={"source": "letter", "at": str(START_MS)})
    book.clock.advance(days=1)
    call = book.running()
    await book.sheets.save(book.showroom, call, ANNA, 0, JEANNE)
    origin = {"source": "poster", "configuration": "K-1", "at": str(book.clock())}
    await book.closed(Outcome.INTERESTED, call, origin=origin)
    details = (await book.one()).details
    assert details.first_touch == Touch("letter", at=START_MS)
    assert details.last_touch == Touch("poster", at=book.clock())
    assert details.store == StoreIds(configuration="K-1")


async def test_the_nearest_dealer_takes_it_on_unless_the_customer_chose_one(book: Book) -> None:
    book.nearest = {"13001": "D1", "75001": "D2"}
    await book.dealer("D3")
    lead = await book.asked(postcode="13001")
    assert (lead.dealer, lead.dealer_chosen) == ("D1", False)
    lead = await book.asked(postcode="75001", message="we moved")
    assert lead.dealer == "D2"
    lead = await book.asked(dealer="nowhere")
    assert lead.dealer == "D2", "one that is not there is no reason to lose anybody"
    lead = await book.asked(dealer="D3")
    assert (lead.dealer, lead.dealer_chosen) == ("D3", True)
    lead = await book.asked(postcode="13001", message="and back")
    assert lead.dealer == "D3"


async def test_a_dealer_who_has_closed_takes_nothing_on_whether_chosen_or_not(book: Book) -> None:
    for code in ("D1", "D2", "D3"):
        await book.dealer(code)
    book.nearest = {"13001": "D1"}
    hot = {"wish": Wish.OFFER, "vehicle": "crete", "configuration": "K-1", "phone": PHONE}
    near = await book.asked(postcode="13001", **hot)
    far = await book.asked(email="j@example.com", postcode="13001", dealer="D3")
    alone = await book.asked(email="k@example.com", dealer="D3")
    await book.close_dealer("D1")
    await book.close_dealer("D3")
    book.nearest = {"13001": "D2"}
    for lead, dealer in ((near, "D2"), (far, "D2"), (alone, None)):
        changed = await book.leads.add_note(book.showroom, lead.id, "By train", ANNA)
        assert (changed.dealer, changed.dealer_chosen) == (dealer, False)
    assert [code for _, _, _, code in book.published] == ["D1", "D2"]


async def test_a_call_whose_end_nobody_told_holds_a_lead_up_for_a_day_at_most(
    book: Book,
) -> None:
    await book.sheets.commit(book.showroom, book.running(), ANNA, 0, JEANNE)
    lead = await book.asked(wish=Wish.OFFER, consents=(CONSENT,), vehicle="crete")
    await book.leads.change(
        book.showroom, lead.id, lead.version, Sheet(wishes=(Wish.BUY, Wish.OFFER)), ANNA
    )
    assert book.published == []
    book.clock.advance(days=1, seconds=1)
    await book.leads.add_note(book.showroom, lead.id, "no answer", ANNA)
    assert book.topics() == [Topic.LEAD_QUALIFIED]
