"""How promising a lead is: a written table of points, and what must not be handed over anyway.

`docs/leads.md` has the same table; a test compares them. Managers change the points, not the rules.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from booking.leads.lead import Horizon, Lead, LeadState, Reason, Wish
from showroom.calls import CallRecord
from showroom.showrooms import Scoring
from showroom.words import Outcome

CONTACT = "contact"  # the purpose without whose consent nothing leaves the house
LONG_TALK_MS = 3 * 60_000
PLEASED = 4  # stars


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a lead besides itself. `calls`: those that are closed, first to last.

    `visits`: one that was booked and not missed. `in_call`: a call runs, whose outcome is awaited.
    """

    calls: Sequence[CallRecord] = ()
    visit: bool = False
    in_call: bool = False

    @property
    def outcome(self) -> Outcome | None:
        """How the last call went that has an outcome."""
        return next((call.outcome for call in reversed(self.calls) if call.outcome), None)

    @property
    def rating(self) -> int | None:
        """What the customer last said of a call, in stars."""
        return next((call.rating for call in reversed(self.calls) if call.rating), None)


Holds = Callable[[Lead, Facts], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason to think more, or less, of a lead."""

    name: str
    points: int
    holds: Holds


def _wishes(*wishes: Wish) -> Holds:
    return lambda lead, _: any(wish in lead.details.wishes for wish in wishes)


def _decides(*horizons: Horizon) -> Holds:
    return lambda lead, _: lead.details.horizon in horizons


def _outcome(*outcomes: Outcome) -> Holds:
    return lambda _, facts: facts.outcome in outcomes


def _configured(lead: Lead, _: Facts) -> bool:
    store = lead.details.store
    cars = any(car.configuration for car in lead.details.vehicles)
    return cars or bool(store.configuration or store.basket)


def _trades_in(lead: Lead, _: Facts) -> bool:
    return lead.details.trade_in is not None or Wish.TRADE_IN in lead.details.wishes


def _knows_the_money(lead: Lead, _: Facts) -> bool:
    return lead.details.budget is not None or bool(lead.details.financing)


def _talked(_: Lead, facts: Facts) -> bool:
    return any((call.talked_ms or 0) >= LONG_TALK_MS for call in facts.calls)


RULES = (
    Rule("email", 5, lambda lead, _: lead.email is not None),
    Rule("phone", 10, lambda lead, _: lead.phone is not None),
    Rule("vehicle", 10, lambda lead, _: any(car.slug for car in lead.details.vehicles)),
    Rule("configuration", 10, _configured),
    Rule("purchase", 15, _wishes(Wish.BUY, Wish.LEASE)),
    Rule("test_drive", 20, _wishes(Wish.TEST_DRIVE)),
    Rule("offer", 20, _wishes(Wish.OFFER)),
    Rule("brochure", 5, _wishes(Wish.BROCHURE)),
    Rule("trade_in", 10, _trades_in),
    Rule("budget", 5, _knows_the_money),
    Rule("soon", 15, _decides(Horizon.NOW, Horizon.MONTH)),
    Rule("this_quarter", 5, _decides(Horizon.QUARTER)),
    Rule("visit", 15, lambda _, facts: facts.visit),
    Rule("talked", 10, _talked),
    Rule("interested", 15, _outcome(Outcome.INTERESTED, Outcome.TEST_DRIVE, Outcome.OFFER_WANTED)),
    Rule("bought", 100, _outcome(Outcome.BOUGHT)),
    Rule("pleased", 5, lambda _, facts: (facts.rating or 0) >= PLEASED),
    Rule("no_fit", -40, _outcome(Outcome.NO_FIT)),
)


def _no_consent(lead: Lead, _: Facts) -> bool:
    return all(consent.purpose != CONTACT for consent in lead.details.consents)


def _no_outcome(lead: Lead, facts: Facts) -> bool:
    """An advisor forgot to say how it went: one looks before others hear of the lead."""
    return lead.state is LeadState.NEW and bool(facts.calls) and facts.calls[-1].outcome is None


# Whatever the points: none of these is handed over.
OBSTACLES: Mapping[str, Holds] = {
    "no_consent": _no_consent,
    "invalid": _outcome(Outcome.INVALID),
    "lost": lambda lead, _: lead.state is LeadState.LOST,
    "in_call": lambda _, facts: facts.in_call,
    "no_outcome": _no_outcome,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A score, why it is so, and whether the lead may go on its way."""

    score: int
    reasons: tuple[Reason, ...]
    qualified: bool


def points_of(scoring: Scoring) -> dict[str, int]:
    """Return the points of each rule in a showroom."""
    return {rule.name: scoring.points.get(rule.name, rule.points) for rule in RULES}


def judge(scoring: Scoring, lead: Lead, facts: Facts) -> Verdict:
    """Add up the points of the rules that hold; a rule of 0 points is switched off."""
    points = points_of(scoring)
    reasons = [
        Reason(rule.name, points[rule.name])
        for rule in RULES
        if points[rule.name] and rule.holds(lead, facts)
    ]
    obstacles = [Reason(name, 0) for name, holds in OBSTACLES.items() if holds(lead, facts)]
    score = sum(reason.points for reason in reasons)
    return Verdict(score, (*reasons, *obstacles), score >= scoring.qualified_from and not obstacles)
