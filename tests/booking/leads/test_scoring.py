"""The points: a written table, which the documentation has, too, and managers can change."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from booking.leads.lead import Details, Horizon, LeadState, StoreIds, TradeIn, Wish, WishedVehicle
from booking.leads.scoring import OBSTACLES, RULES, Facts, judge
from booking.ledger import Consent
from showroom.calls import CallRecord
from showroom.ids import CallId, ShowroomId
from showroom.showrooms import Scoring
from showroom.words import CallState, Outcome
from tests.booking.leads.test_merging import a_lead

DOCUMENT = Path(__file__).parents[3] / "docs" / "leads.md"
ROW = re.compile(r"^\| `(\w+)` \| (-?\d+) \|", re.MULTILINE)
OBSTACLE = re.compile(r"^\| `(\w+)` \| [^|]+ \|$", re.MULTILINE)
CONSENTS = (Consent("contact", "a-1", 5),)
NOBODY = replace(a_lead(Details(consents=CONSENTS)), email=None, phone=None)


def a_call(
    outcome: Outcome | None = None, minutes: int = 1, rating: int | None = None
) -> CallRecord:
    return CallRecord(
        id=CallId("call"),
        showroom_id=ShowroomId("paris"),
        version=1,
        state=CallState.CLOSED,
        language="fr",
        vehicle=None,
        created_at=0,
        live_at=0,
        ended_at=minutes * 60_000,
        outcome=outcome,
        rating=rating,
    )


def test_the_document_has_the_table_of_the_code() -> None:
    text = DOCUMENT.read_text()
    assert ROW.findall(text) == [(rule.name, str(rule.points)) for rule in RULES]
    section = text[text.index("is not qualified for one of these reasons") :]
    assert OBSTACLE.findall(section[: section.index("A lead that qualifies")]) == list(OBSTACLES)


def with_details(**details: object) -> Details:
    return replace(NOBODY.details, **details)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "details"),
    [
        ("vehicle", with_details(vehicles=(WishedVehicle("crete"),))),
        ("configuration", with_details(vehicles=(WishedVehicle("", "", "K-1"),))),
        ("configuration", with_details(store=StoreIds(basket="B-1"))),
        ("purchase", with_details(wishes=(Wish.LEASE,))),
        ("test_drive", with_details(wishes=(Wish.TEST_DRIVE,))),
        ("offer", with_details(wishes=(Wish.OFFER,))),
        ("brochure", with_details(wishes=(Wish.BROCHURE,))),
        ("trade_in", with_details(trade_in=TradeIn("Orvanne"))),
        ("trade_in", with_details(wishes=(Wish.TRADE_IN,))),
        ("budget", with_details(budget=1)),
        ("budget", with_details(financing="lease")),
        ("soon", with_details(horizon=Horizon.MONTH)),
        ("this_quarter", with_details(horizon=Horizon.QUARTER)),
    ],
)
def test_each_thing_that_a_lead_says_has_its_points(rule: str, details: Details) -> None:
    verdict = judge(Scoring(), replace(NOBODY, details=details), Facts())
    assert [reason.rule for reason in verdict.reasons] == [rule]
    assert verdict.score == next(one.points for one in RULES if one.name == rule)


@pytest.mark.parametrize(
    ("facts", "rules"),
    [
        (Facts(visit=True), ["visit"]),
        (Facts([a_call(Outcome.INTERESTED)]), ["interested"]),
        (Facts([a_call(Outcome.BOUGHT)]), ["bought"]),
        (Facts([a_call(Outcome.NO_FIT)]), ["no_fit"]),
        (Facts([a_call(Outcome.NO_FIT), a_call(Outcome.OFFER_WANTED)]), ["interested"]),
        (Facts([a_call(Outcome.NO_FIT, minutes=3)]), ["talked", "no_fit"]),
        (Facts([a_call(Outcome.NO_FIT, rating=4)]), ["pleased", "no_fit"]),
        (
            Facts([a_call(Outcome.NO_FIT, rating=5), a_call(Outcome.NO_FIT, rating=3)]),
            ["no_fit"],
        ),
        (Facts([a_call(Outcome.INVALID)]), ["invalid"]),
        (Facts([a_call(Outcome.INVALID), a_call(Outcome.INTERESTED)]), ["interested"]),
        (Facts([a_call()]), ["no_outcome"]),
        (Facts(in_call=True), ["in_call"]),
    ],
)
def test_what_calls_and_visits_say_counts_by_the_newest(facts: Facts, rules: list[str]) -> None:
    verdict = judge(Scoring(), NOBODY, facts)
    assert [reason.rule for reason in verdict.reasons] == rules
    assert verdict.score == sum(reason.points for reason in verdict.reasons)


def test_a_lead_is_qualified_from_the_points_that_the_showroom_wants() -> None:
    lead = replace(NOBODY, details=with_details(wishes=(Wish.OFFER, Wish.BUY)))
    assert judge(Scoring(qualified_from=35), lead, Facts()).qualified
    assert not judge(Scoring(qualified_from=36), lead, Facts()).qualified
    assert judge(Scoring({"offer": 21}, qualified_from=36), lead, Facts()).qualified


def test_a_rule_without_points_is_no_reason() -> None:
    lead = replace(NOBODY, details=with_details(wishes=(Wish.OFFER,)))
    assert judge(Scoring({"offer": 0}), lead, Facts()).reasons == ()


@pytest.mark.parametrize(
    ("obstacle", "changes", "facts"),
    [
        ("no_consent", {"details": Details(wishes=(Wish.OFFER,))}, Facts()),
        ("invalid", {}, Facts([a_call(Outcome.INVALID)])),
        ("lost", {"state": LeadState.LOST}, Facts()),
        ("in_call", {}, Facts(in_call=True)),
        ("no_outcome", {}, Facts([a_call()])),
    ],
)
def test_an_obstacle_outweighs_any_points(
    obstacle: str, changes: dict[str, object], facts: Facts
) -> None:
    lead = replace(a_lead(with_details(wishes=tuple(Wish))), **changes)  # type: ignore[arg-type]
    verdict = judge(Scoring(qualified_from=1), lead, facts)
    assert verdict.score > 1
    assert (obstacle, 0) in [(reason.rule, reason.points) for reason in verdict.reasons]
    assert not verdict.qualified


def test_who_was_spoken_to_since_needs_no_outcome() -> None:
    lead = replace(NOBODY, state=LeadState.CONTACTED)
    assert judge(Scoring(), lead, Facts([a_call()])).reasons == ()
