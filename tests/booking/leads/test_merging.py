"""What is told flows into a lead: nothing that was known is lost, and nothing stands twice."""

from dataclasses import replace

import pytest

from booking.leads.lead import (
    Condition,
    Details,
    Horizon,
    Lead,
    LeadState,
    StoreIds,
    Touch,
    TradeIn,
    Wish,
    WishedVehicle,
)
from booking.leads.merging import LONGEST_NOTES, Knowledge, joined, keys_of, merged, noted
from booking.ledger import Consent
from showroom.ids import LeadId, ShowroomId, StaffId

FULL = Details(
    consents=(Consent("contact", "a-1", 5),),
    vehicles=(WishedVehicle("crete", "Hybride 200", "K-1"),),
    wishes=(Wish.BUY,),
    trade_in=TradeIn("Orvanne", "Brise", 2019, 45_000, Condition.GOOD, "AB-123-CD"),
    budget=3_000_000,
    currency="EUR",
    financing="lease over 36 months",
    horizon=Horizon.MONTH,
    notes="Two children",
    first_touch=Touch("letter", at=1),
    last_touch=Touch("poster", at=2),
    store=StoreIds("C-1", "B-1", "K-1"),
)


def a_lead(details: Details = FULL, **changes: object) -> Lead:
    lead = Lead(
        id=LeadId("older"),
        showroom_id=ShowroomId("paris"),
        version=3,
        state=LeadState.NEW,
        name="Jeanne Moreau",
        email="jeanne@example.com",
        phone="+33612345678",
        postcode="13001",
        language="fr",
        details=details,
        dealer="D1",
        dealer_chosen=True,
        score=0,
        reasons=(),
        qualified_at=None,
        owner_id=None,
        due_at=100,
        created_at=1,
        updated_at=1,
    )
    return replace(lead, **changes)  # type: ignore[arg-type]


def test_what_is_empty_replaces_nothing() -> None:
    lead = a_lead()
    assert merged(lead, Knowledge()) == lead
    assert merged(lead, Knowledge(details=Details(trade_in=TradeIn()))) == lead


def test_what_is_new_replaces_what_was_known_and_fills_what_was_empty() -> None:
    told = Knowledge(
        name="Jeanne Petit",
        email="j@example.com",
        details=Details(
            trade_in=TradeIn(mileage=46_000), budget=1, horizon=Horizon.NOW, financing="cash"
        ),
    )
    lead = merged(a_lead(), told)
    assert (lead.name, lead.email, lead.phone) == ("Jeanne Petit", "j@example.com", "+33612345678")
    assert lead.details.trade_in == replace(FULL.trade_in or TradeIn(), mileage=46_000)
    assert (lead.details.budget, lead.details.currency) == (1, "EUR")
    assert (lead.details.horizon, lead.details.financing) == (Horizon.NOW, "cash")


@pytest.mark.parametrize("flipped", [False, True])
def test_of_two_consents_for_one_purpose_the_newest_stays(flipped: bool) -> None:
    old, new = Consent("contact", "a-1", 5), Consent("contact", "a-2", 9)
    other = Consent("marketing", "m-1", 7)
    known, told = ((new,), (old, other)) if flipped else ((old,), (new, other))
    lead = merged(a_lead(Details(consents=known)), Knowledge(details=Details(consents=told)))
    assert lead.details.consents == (new, other)


@pytest.mark.parametrize(
    ("known", "told", "both"),
    [
        ([("crete",)], [("brise",)], [("crete",), ("brise",)]),
        ([("crete",)], [("crete",)], [("crete",)]),
        ([("crete",)], [("crete", "Hybride", "K-1")], [("crete", "Hybride", "K-1")]),
        ([("crete", "Hybride", "K-1")], [("crete",)], [("crete", "Hybride", "K-1")]),
        ([("a", "", "K-1")], [("a", "", "K-2")], [("a", "", "K-1"), ("a", "", "K-2")]),
        ([("crete", "A")], [("crete", "B")], [("crete", "A"), ("crete", "B")]),
        ([("", "", "K-1")], [("crete", "A", "K-1")], [("crete", "A", "K-1")]),
        ([("", "", "K-1")], [("", "", "K-2")], [("", "", "K-1"), ("", "", "K-2")]),
        ([("crete",)], [("", "", "K-1")], [("crete",), ("", "", "K-1")]),
    ],
)  # fmt: skip
def test_cars_are_added_and_one_that_says_more_stands_for_one_that_says_less(
    known: list[tuple[str, ...]], told: list[tuple[str, ...]], both: list[tuple[str, ...]]
) -> None:
    def cars(given: list[tuple[str, ...]]) -> tuple[WishedVehicle, ...]:
        return tuple(WishedVehicle(*one) for one in given)

    lead = a_lead(Details(vehicles=cars(known)))
    lead = merged(lead, Knowledge(details=Details(vehicles=cars(told))))
    assert lead.details.vehicles == cars(both)
    again = merged(lead, Knowledge(details=Details(vehicles=cars(told))))
    assert again == lead


def test_the_first_touch_stays_and_the_last_moves_on_in_whatever_order_they_are_told() -> None:
    letter, poster, search = Touch("letter", at=1), Touch("poster", at=5), Touch("search", at=9)
    lead = a_lead(Details(first_touch=poster, last_touch=poster))
    for touch in (search, letter):
        told = Details(first_touch=touch, last_touch=touch)
        lead = merged(lead, Knowledge(details=told))
    assert (lead.details.first_touch, lead.details.last_touch) == (letter, search)


def test_notes_are_added_once_and_lines_are_not_mistaken_for_parts_of_others() -> None:
    assert noted("", "one") == "one"
    assert noted("one", "") == "one"
    assert noted("one", "one") == "one"
    assert noted("one more", "one") == "one more\none"
    assert noted("a\nb", "c", before="b") == "a\nc"
    assert noted("ab\nb\nbc", "x", before="b") == "ab\nx\nbc"
    assert noted("a", "c", before="gone") == "a\nc"
    assert noted("a\nb", "", before="b") == "a"
    assert len(noted("x" * LONGEST_NOTES, "end")) == LONGEST_NOTES
    assert noted("x" * LONGEST_NOTES, "end").endswith("end")


def test_what_a_source_takes_back_is_taken_back_and_what_others_said_is_not() -> None:
    earlier = Details(wishes=(Wish.OFFER,), vehicles=(WishedVehicle("brise"),), notes="In blue")
    lead = a_lead()
    lead = merged(lead, Knowledge(details=earlier))
    now = Details(wishes=(Wish.LEASE,), notes="In red")
    lead = merged(lead, Knowledge(details=now), Knowledge(details=earlier))
    assert lead.details.wishes == (Wish.BUY, Wish.LEASE)
    assert lead.details.vehicles == FULL.vehicles
    assert lead.details.notes == "Two children\nIn red"


def test_two_leads_that_become_one_know_what_both_knew() -> None:
    older = a_lead(Details(wishes=(Wish.BUY,)), email=None, dealer=None, dealer_chosen=False)
    newer = replace(
        a_lead(replace(FULL, merged=(LeadId("oldest"),))),
        id=LeadId("newer"),
        phone=None,
        owner_id=StaffId("anna"),
        due_at=50,
    )
    one = joined(older, newer)
    assert (one.id, one.email, one.phone) == ("older", "jeanne@example.com", "+33612345678")
    assert (one.dealer, one.dealer_chosen) == ("D1", True)
    assert (one.owner_id, one.due_at) == ("anna", 50)
    assert one.details.merged == ("newer", "oldest")
    assert one.details.trade_in == FULL.trade_in


def test_of_two_leads_that_become_one_the_newer_is_right_whichever_of_them_stays() -> None:
    older = a_lead(name="J. Moreau", dealer="D1", dealer_chosen=False, due_at=90)
    newer = replace(
        a_lead(name="Jeanne Petit", dealer="D2", dealer_chosen=False),
        id=LeadId("newer"),
        version=7,
        created_at=older.created_at + 1,
        qualified_at=older.created_at + 2,
    )
    one = joined(newer, older)
    assert (one.id, one.version, one.created_at) == ("newer", 7, newer.created_at)
    assert (one.name, one.dealer, one.qualified_at) == ("Jeanne Petit", "D2", newer.qualified_at)
    assert one.details.merged == (older.id,)


@pytest.mark.parametrize("contacted", [0, 1])
def test_of_two_leads_that_become_one_the_further_state_stays(contacted: int) -> None:
    states = [LeadState.NEW, LeadState.NEW]
    states[contacted] = LeadState.CONTACTED
    older, newer = (a_lead(state=state) for state in states)
    assert joined(older, newer).state is LeadState.CONTACTED


def test_a_person_is_found_by_an_address_in_any_letters_and_by_a_number() -> None:
    assert keys_of("Jeanne@Example.COM", None) == {"email:jeanne@example.com"}
    assert keys_of(None, "+33612345678") == {"phone:+33612345678"}
    assert keys_of(None, None) == set()
