"""The side sheet: kept as typed, understood as far as it can be, and nobody else's."""

import asyncio

import pytest

from booking.handoff.topics import Topic
from booking.leads.lead import Condition, Horizon, TradeIn, Wish
from booking.leads.moves import Move
from booking.leads.sheet import (
    Agreed,
    Sheet,
    TypedTradeIn,
    TypedVehicle,
    parse_amount,
    sheet_of,
    understood,
)
from booking.leads.sheets import StaleSheet
from booking.ledger import Consent
from showroom.errors import BadRequest, Forbidden, NotFound
from showroom.ids import CallId, StaffId
from showroom.words import Outcome
from tests.booking.leads.ledger import EMAIL, PHONE, Book

ANNA, BRUNO = StaffId("anna"), StaffId("bruno")
AGREED = (Agreed(purpose="contact", version="sheet-1"),)
FULL = Sheet(
    name="Jeanne Moreau",
    email=EMAIL,
    phone=PHONE,
    postcode="13001",
    language="fr",
    consents=AGREED,
    vehicles=(TypedVehicle(slug="crete", version="Hybride 200", configuration="K-1"),),
    wishes=(Wish.LEASE, Wish.TRADE_IN),
    trade_in=TypedTradeIn(
        make="Orvanne",
        model="Brise",
        year="2019",
        mileage="45000",
        condition=Condition.GOOD,
        registration="AB-123-CD",
    ),
    budget="30000.50",
    currency="EUR",
    financing="36 months",
    horizon=Horizon.MONTH,
    notes="Two children\nA dog",
)


async def test_a_sheet_that_is_all_filled_in_becomes_a_lead_and_that_becomes_the_sheet(
    book: Book,
) -> None:
    made = await book.sheets.commit(book.showroom, book.running(), ANNA, 0, FULL)
    assert made.problems == {}
    assert sheet_of(made.lead) == FULL
    assert made.lead.details.consents == (Consent("contact", "sheet-1", book.clock()),)
    assert made.lead.details.trade_in == TradeIn(
        "Orvanne", "Brise", 2019, 45_000, Condition.GOOD, "AB-123-CD"
    )
    assert await book.history(made.lead) == ["created", "sheet"]


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [
        ("30000", 3_000_000),
        ("30 000", 3_000_000),
        ("30\u202f000 €", 3_000_000),
        ("€ 30.000,50", 3_000_050),
        ("30,000.5", 3_000_050),
        ("30'000", 3_000_000),
        ("1.234.567", 123_456_700),
        ("12,34", 1_234),
        ("0", 0),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, hundredths: int) -> None:
    assert parse_amount(text) == hundredths


@pytest.mark.parametrize("text", ["much", "-5", "1e5", "30k", "3 00 00", "1,2,3", "9" * 30, "½"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="30 000"):
        parse_amount(text)


@pytest.mark.parametrize(
    ("sheet", "field"),
    [
        (Sheet(email="jeanne@exa"), "email"),
        (Sheet(phone="06 1"), "phone"),
        (Sheet(name="x" * 101), "name"),
        (Sheet(postcode="x" * 17), "postcode"),
        (Sheet(budget="much"), "budget"),
        (Sheet(trade_in=TypedTradeIn(year="19")), "trade_in.year"),
        (Sheet(trade_in=TypedTradeIn(year="1066")), "trade_in.year"),
        (Sheet(trade_in=TypedTradeIn(year="٢٠١٩")), "trade_in.year"),
        (Sheet(trade_in=TypedTradeIn(mileage="far")), "trade_in.mileage"),
    ],
)
def test_what_can_t_be_understood_is_named_and_the_rest_is_told(sheet: Sheet, field: str) -> None:
    told, problems = understood(sheet.model_copy(update={"notes": "kept"}), (), "FR")
    assert list(problems) == [field]
    assert told.details.notes == "kept"
    assert told.keys == set()


async def test_what_a_sheet_would_be_worth_is_told_before_anything_is_a_lead(book: Book) -> None:
    call = book.running()
    saved = await book.sheets.save(book.showroom, call, ANNA, 0, FULL)
    verdict = await book.sheets.foreseen(book.showroom, call, saved.kept)
    assert await book.all() == []
    made = await book.sheets.commit(book.showroom, call, ANNA, saved.version, FULL)
    assert (verdict.score, verdict.reasons) == (made.lead.score, made.lead.reasons)
    assert "in_call" in {reason.rule for reason in verdict.reasons}
    # What is taken back is worth nothing.
    bare = Sheet(name=FULL.name, email=FULL.email)
    saved = await book.sheets.save(book.showroom, call, ANNA, saved.version, bare)
    less = await book.sheets.foreseen(book.showroom, call, saved.kept)
    assert "purchase" in {reason.rule for reason in verdict.reasons}
    assert "purchase" not in {reason.rule for reason in less.reasons}


async def test_who_agreed_before_is_known_by_their_number_and_nobody_else_is(
    book: Book,
) -> None:
    known = await book.asked(phone=PHONE)
    call = book.running()
    typed = Sheet(phone=PHONE)
    saved = await book.sheets.save(book.showroom, call, ANNA, 0, typed)
    assert saved.kept.consents == ()
    foreseen = await book.sheets.foreseen(book.showroom, call, saved.kept)
    assert foreseen.details.consents == known.details.consents
    other = await book.sheets.save(book.showroom, call, ANNA, 1, Sheet(phone="06 98 76 54 32"))
    foreseen = await book.sheets.foreseen(book.showroom, call, other.kept)
    assert foreseen.details.consents == ()


async def test_half_an_address_is_kept_and_never_becomes_a_contact(book: Book) -> None:
    call = book.running()
    half = Sheet(email="jeanne@exa", name="Jeanne")
    assert (await book.sheets.save(book.showroom, call, ANNA, 0, half)).version == 1
    with pytest.raises(BadRequest) as refused:
        await book.sheets.commit(book.showroom, call, ANNA, 1, half)
    assert refused.value.field == "email"
    assert (await book.sheets.read(book.showroom, call, ANNA)).sheet == half
    await book.closed(Outcome.INTERESTED, call)
    assert await book.all() == []


async def test_a_refused_commit_has_saved_the_sheet_all_the_same(book: Book) -> None:
    call = book.running()
    with pytest.raises(BadRequest) as refused:
        await book.sheets.commit(book.showroom, call, ANNA, 0, Sheet(notes="no contact yet"))
    assert refused.value.field == "contact"
    kept = await book.sheets.read(book.showroom, call, ANNA)
    assert (kept.version, kept.sheet.notes) == (1, "no contact yet")


async def test_of_two_tabs_that_save_at_once_one_is_told_what_the_other_wrote(book: Book) -> None:
    call = book.running()
    results = await asyncio.gather(
        *(
            book.sheets.save(book.showroom, call, ANNA, 0, Sheet(name=f"Tab {n}"))
            for n in range(10)
        ),
        return_exceptions=True,
    )
    stale = [one for one in results if isinstance(one, StaleSheet)]
    kept = await book.sheets.read(book.showroom, call, ANNA)
    assert len(stale) == 9
    assert {one.sheet.name for one in stale} == {kept.sheet.name}
    assert kept.version == 1


async def test_only_who_has_the_call_reads_and_writes_its_sheet(book: Book) -> None:
    call = book.running("anna")
    for who, refusal in ((BRUNO, Forbidden), (StaffId("nobody"), Forbidden)):
        with pytest.raises(refusal):
            await book.sheets.read(book.showroom, call, who)
        with pytest.raises(refusal):
            await book.sheets.commit(book.showroom, call, who, 0, FULL)
    with pytest.raises(NotFound):
        await book.sheets.save(book.showroom, CallId("unknown"), ANNA, 0, FULL)
    assert await book.all() == []


async def test_after_a_transfer_the_new_advisor_goes_on_with_the_same_sheet(book: Book) -> None:
    call = book.running("anna")
    await book.sheets.save(book.showroom, call, ANNA, 0, Sheet(name="Jeanne"))
    book.answered_calls[call] = book.answered_calls[book.running("bruno")]
    opened = await book.sheets.read(book.showroom, call, BRUNO)
    assert (opened.version, opened.sheet.name) == (1, "Jeanne")
    with pytest.raises(Forbidden):
        await book.sheets.save(book.showroom, call, ANNA, 1, Sheet(name="Zoé"))


async def test_a_new_sheet_begins_with_what_the_caller_chose(book: Book) -> None:
    call = book.running(language="en", vehicle="brise", configuration="K-1")
    opened = await book.sheets.read(book.showroom, call, ANNA)
    assert (opened.version, opened.sheet.language) == (0, "en")
    assert opened.sheet.vehicles == (TypedVehicle(slug="brise", configuration="K-1"),)


async def test_a_caller_who_left_a_number_while_waiting_is_known_on_the_sheet(book: Book) -> None:
    call = book.running()
    lead = await book.asked(email=None, phone=PHONE, wish=Wish.OFFER, message="In blue?")
    await book.follow_ups.add_call_back(
        book.showroom.id, "Jeanne M", PHONE, "fr", None, "call-back-1", call
    )
    opened = await book.sheets.read(book.showroom, call, ANNA)
    assert (opened.sheet.phone, opened.sheet.notes) == (PHONE, "In blue?")
    assert opened.sheet.wishes == (Wish.OFFER,)
    await book.closed(Outcome.OFFER_WANTED, call)
    assert (await book.one()).id == lead.id


async def test_a_sheet_that_is_saved_again_corrects_what_it_said_and_nothing_else(
    book: Book,
) -> None:
    call = book.running()
    first = FULL.model_copy(update={"email": "jean@example.com"})
    made = await book.sheets.commit(book.showroom, call, ANNA, 0, first)
    await book.asked(wish=Wish.BROCHURE, email=None, phone=PHONE, message="By train")
    changes = {"email": EMAIL, "wishes": (Wish.BUY,), "notes": "Three children"}
    again = await book.sheets.commit(book.showroom, call, ANNA, 1, FULL.model_copy(update=changes))
    assert again.lead.id == made.lead.id
    assert again.lead.details.wishes == (Wish.BROCHURE, Wish.BUY)
    assert again.lead.details.notes.splitlines() == ["Three children", "By train"]
    assert await book.keys() == {f"email:{EMAIL}", f"phone:{PHONE}"}, "the mistyped one is free"


async def test_who_takes_their_consent_back_in_the_call_is_not_handed_over(book: Book) -> None:
    call = book.running()
    await book.sheets.commit(book.showroom, call, ANNA, 0, FULL)
    silent = FULL.model_copy(update={"consents": ()})
    await book.sheets.save(book.showroom, call, ANNA, 1, silent)
    await book.closed(Outcome.TEST_DRIVE, call)
    lead = await book.one()
    assert lead.details.consents == ()
    assert (lead.score >= 50, lead.qualified_at) == (True, None)
    again = await book.sheets.commit(book.showroom, call, ANNA, 2, FULL)
    assert again.lead.qualified_at is not None


async def test_who_takes_their_consent_back_later_is_told_of_without_who_they_are(
    book: Book,
) -> None:
    call = book.running()
    await book.sheets.commit(book.showroom, call, ANNA, 0, FULL)
    await book.closed(Outcome.TEST_DRIVE, call)
    _, _, handed_over, _ = book.published[-2]
    assert handed_over["contact"]["email"] == EMAIL
    silent = FULL.model_copy(update={"consents": ()})
    await book.sheets.commit(book.showroom, call, ANNA, 1, silent)
    topic, subject, told, _ = book.published[-1]
    lead = await book.one()
    assert (topic, subject, told["version"]) == (Topic.LEAD_UPDATED, lead.id, lead.version)
    unknown = {"name": "", "email": None, "phone": None, "postcode": None, "language": "fr"}
    assert (told["contact"], told["consents"]) == (unknown, [])
    assert (told["notes"], told["trade_in"]) == ("", None)
    assert told["vehicles"] == handed_over["vehicles"]
    assert (lead.email, lead.details.notes) == (EMAIL, FULL.notes), "the house knows them still"


async def test_a_booked_guest_s_consent_stays_as_it_was_given_while_it_stands_on_the_sheet(
    book: Book,
) -> None:
    call = book.running()
    await book.asked(email=None, phone=PHONE)
    book.clock.advance(seconds=60)
    await book.follow_ups.add_call_back(
        book.showroom.id, "Jeanne", PHONE, "fr", None, "call-back-1", call
    )
    asked_at = book.clock()
    book.clock.advance(seconds=60)
    opened = await book.sheets.read(book.showroom, call, ANNA)
    changed = opened.sheet.model_copy(update={"notes": "In blue"})
    made = await book.sheets.commit(book.showroom, call, ANNA, 0, changed)
    assert made.lead.details.consents == (Consent("contact", "call-back-1", asked_at),)


async def test_a_sheet_that_is_committed_after_the_outcome_is_a_lead_with_that_outcome(
    book: Book,
) -> None:
    call = book.running()
    await book.closed(Outcome.TEST_DRIVE, call)
    assert await book.all() == []
    made = await book.sheets.commit(book.showroom, call, ANNA, 0, FULL)
    assert made.lead.state.value == "contacted"
    assert Wish.TEST_DRIVE in made.lead.details.wishes
    assert made.lead.qualified_at is not None
    assert [one.id for one in made.calls] == [call]
    again = await book.sheets.commit(book.showroom, call, ANNA, 1, FULL)
    assert again.lead == made.lead


async def test_what_is_saved_after_the_outcome_reaches_the_lead(book: Book) -> None:
    call = book.running()
    await book.sheets.save(book.showroom, call, ANNA, 0, Sheet(email=EMAIL))
    await book.closed(Outcome.INTERESTED, call)
    late = Sheet(email=EMAIL, postcode="13001", notes="In blue")
    saved = await book.sheets.save(book.showroom, call, ANNA, 1, late)
    lead = await book.one()
    assert (lead.postcode, lead.details.notes) == ("13001", "In blue")
    await book.sheets.save(book.showroom, call, ANNA, saved.version, Sheet(email=EMAIL))
    lead = await book.one()
    assert (lead.postcode, lead.details.notes) == (None, "")


async def test_a_contact_that_is_saved_after_the_outcome_makes_the_lead(book: Book) -> None:
    call = book.running()
    await book.sheets.save(book.showroom, call, ANNA, 0, Sheet(email="jeanne@exa"))
    await book.closed(Outcome.TEST_DRIVE, call)
    assert await book.all() == []
    await book.sheets.save(book.showroom, call, ANNA, 1, FULL)
    lead = await book.one()
    assert lead.state.value == "contacted"
    assert lead.qualified_at is not None
    opened = await book.sheets.read(book.showroom, call, ANNA)
    assert (opened.version, opened.lead) == (2, lead)


async def test_a_sheet_of_a_lead_that_was_lost_meanwhile_changes_that_lead_alone(
    book: Book,
) -> None:
    call = book.running()
    made = await book.sheets.commit(book.showroom, call, ANNA, 0, FULL)
    await book.leads.move(book.showroom, made.lead.id, Move.LOSE, ANNA, "another make")
    newer = await book.asked(wish=Wish.OFFER)
    changed = FULL.model_copy(update={"notes": "Four children"})
    again = await book.sheets.commit(book.showroom, call, ANNA, 1, changed)
    assert (again.lead.id, again.lead.details.notes) == (made.lead.id, "Four children")
    assert await book.refreshed(newer) == newer


async def test_a_dealer_who_takes_no_leads_is_named_and_left_out(book: Book) -> None:
    await book.dealer("D1", closed_at=1)
    sheet = FULL.model_copy(update={"dealer": "D1"})
    made = await book.sheets.commit(book.showroom, book.running(), ANNA, 0, sheet)
    assert list(made.problems) == ["dealer"]
    assert made.lead.dealer is None


CLEARED = Sheet(
    phone=PHONE, language="fr", consents=AGREED, vehicles=FULL.vehicles, wishes=FULL.wishes
)


async def test_what_is_cleared_in_a_sheet_after_it_became_a_lead_is_cleared_in_the_lead(
    book: Book,
) -> None:
    book.nearest = {"13001": "D1"}
    await book.dealer("D1")
    await book.dealer("D2")
    call = book.running()
    chosen = FULL.model_copy(update={"dealer": "D2"})
    made = await book.sheets.commit(book.showroom, call, ANNA, 0, chosen)
    assert (made.lead.dealer, made.lead.dealer_chosen) == ("D2", True)
    again = await book.sheets.commit(book.showroom, call, ANNA, 1, FULL)
    assert (again.lead.dealer, again.lead.dealer_chosen) == ("D1", False), "the nearest"
    bare = (await book.sheets.commit(book.showroom, call, ANNA, 2, CLEARED)).lead
    assert sheet_of(bare) == CLEARED
    assert bare.details.trade_in is None
    assert await book.keys() == {f"phone:{PHONE}"}


async def test_what_others_have_changed_since_is_neither_cleared_nor_brought_back(
    book: Book,
) -> None:
    call = book.running()
    made = await book.sheets.commit(book.showroom, call, ANNA, 0, FULL)
    changes = Sheet(name="Jeanne Petit", postcode="75011", financing="cash")
    await book.leads.change(book.showroom, made.lead.id, made.lead.version, changes, BRUNO)
    without = FULL.model_copy(update={"postcode": "", "financing": "", "budget": "31000"})
    lead = (await book.sheets.commit(book.showroom, call, ANNA, 1, without)).lead
    assert (lead.name, lead.postcode) == ("Jeanne Petit", "75011")
    assert (lead.details.financing, lead.details.budget) == ("cash", 3_100_000)


async def test_the_last_way_to_reach_somebody_is_not_cleared_nor_is_what_can_t_be_understood(
    book: Book,
) -> None:
    call = book.running()
    await book.sheets.commit(book.showroom, call, ANNA, 0, FULL)
    half = FULL.model_copy(update={"email": "jeanne@exa", "budget": "much"})
    half = half.model_copy(update={"trade_in": TypedTradeIn(make="Orvanne", year="20")})
    lead = (await book.sheets.commit(book.showroom, call, ANNA, 1, half)).lead
    assert (lead.email, lead.details.budget) == (EMAIL, 3_000_050)
    assert lead.details.trade_in == TradeIn("Orvanne", year=2019)
    nothing = FULL.model_copy(update={"email": "", "phone": "", "name": ""})
    await book.sheets.save(book.showroom, call, ANNA, 2, nothing)
    await book.closed(Outcome.INTERESTED, call)
    lead = await book.one()
    assert (lead.name, lead.email, lead.phone) == ("", EMAIL, PHONE)
    for n, name in enumerate(("Jeanne", "Jeanne Petit")):
        named = nothing.model_copy(update={"name": name})
        await book.sheets.save(book.showroom, call, ANNA, 3 + n, named)
        assert (await book.one()).name == name
    assert await book.keys() == {f"email:{EMAIL}", f"phone:{PHONE}"}


async def test_what_others_add_to_a_lead_after_its_sheet_was_opened_stays(book: Book) -> None:
    call = await a_known_caller(book)
    opened = await book.sheets.read(book.showroom, call, ANNA)
    added = {"wish": Wish.OFFER, "vehicle": "brise", "message": "By train"}
    await book.asked(email=None, phone=PHONE, **added)
    changed = opened.sheet.model_copy(update={"financing": "36 months"})
    made = await book.sheets.commit(book.showroom, call, ANNA, opened.version, changed)
    details = made.lead.details
    assert details.wishes == (Wish.BROCHURE, Wish.OFFER)
    assert [car.slug for car in details.vehicles] == ["crete", "brise"]
    assert (details.notes, details.financing) == ("By train", "36 months")


async def test_a_sheet_that_was_only_opened_says_nothing_when_the_call_is_closed(
    book: Book,
) -> None:
    call = await a_known_caller(book)
    assert (await book.sheets.read(book.showroom, call, ANNA)).version == 0
    lead = await book.one()
    await book.leads.change(book.showroom, lead.id, lead.version, Sheet(wishes=()), ANNA)
    await book.closed(Outcome.INTERESTED, call)
    assert (await book.one()).details.wishes == ()
    assert (await book.sheets.read(book.showroom, call, ANNA)).version == 0


async def test_notes_too_long_for_a_sheet_stay_in_the_lead_once_and_new_ones_stand_below(
    book: Book,
) -> None:
    call = await a_known_caller(book)
    lead = await book.one()
    pages = [letter * 3_000 for letter in "ab"]
    for page in pages:
        await book.leads.add_note(book.showroom, lead.id, page, BRUNO)
    opened = await book.sheets.read(book.showroom, call, ANNA)
    assert opened.sheet.notes == ""
    for n, note in enumerate(("In blue", "In green")):
        changed = opened.sheet.model_copy(update={"notes": note})
        made = await book.sheets.commit(book.showroom, call, ANNA, n, changed)
        assert made.lead.details.notes.splitlines() == [*pages, note]


async def test_of_many_who_open_a_sheet_at_once_all_see_the_same(book: Book) -> None:
    call = await a_known_caller(book)
    opened = await asyncio.gather(*(book.sheets.read(book.showroom, call, ANNA) for _ in range(10)))
    assert {one.version for one in opened} == {0}
    assert {one.sheet.phone for one in opened} == {PHONE}


async def a_known_caller(book: Book) -> CallId:
    """Begin a call of somebody who asked for a brochure, and left their number while waiting."""
    call = book.running()
    await book.asked(email=None, phone=PHONE, vehicle="crete")
    await book.follow_ups.add_call_back(
        book.showroom.id, "Jeanne Moreau", PHONE, "fr", None, "call-back-1", call
    )
    return call
