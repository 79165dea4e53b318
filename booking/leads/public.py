"""A lead, and a call, as stores and dealers get them: in deliveries, and from the interface.

These models are the interface's schema, too. What is only ours (who takes care of a lead, and when)
is not in them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from booking.leads.lead import Condition, Horizon, Lead, LeadState, Touch, Wish
from booking.leads.scoring import CONTACT
from showroom.calls import CallRecord
from showroom.clock import to_datetime
from showroom.showrooms import Showroom
from showroom.words import EndReason, Outcome


class Out(BaseModel):
    """What goes out. Moments are RFC 3339 in UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ContactOut(Out):
    """How to reach somebody; `phone` is E.164, `language` ISO 639-1."""

    name: str
    email: str | None
    phone: str | None
    postcode: str | None
    language: str


class ConsentOut(Out):
    """What they agreed to: the purpose, the version of the text that they read, and when."""

    purpose: str
    version: str
    at: datetime


class VehicleOut(Out):
    """A car of the showroom's range (`slug`), of the store's configurator, or both."""

    slug: str
    version: str
    configuration: str


class TradeInOut(Out):
    """The car that they would give; `mileage` in kilometres."""

    make: str
    model: str
    year: int | None
    mileage: int | None
    condition: Condition | None
    registration: str


class MoneyOut(Out):
    """An amount in hundredths of the currency (ISO 4217)."""

    amount: int
    currency: str


class DealerOut(Out):
    """The dealer who takes the lead on; `chosen` by the customer, not by distance."""

    code: str
    chosen: bool


class TouchOut(Out):
    """A visit to our pages: where it came from, and when."""

    source: str
    medium: str
    name: str
    at: datetime


class CampaignOut(Out):
    """The first and the last visit that named a source."""

    first: TouchOut | None
    last: TouchOut | None


class StoreOut(Out):
    """What the store itself calls the customer, their basket and their configuration."""

    customer: str
    basket: str
    configuration: str


class ReasonOut(Out):
    """A rule of the score that held, and its points."""

    rule: str
    points: int


class LeadCallOut(Out):
    """A call with this person; `rating` in stars, 1 to 5."""

    id: str
    started_at: datetime
    duration_s: int
    rating: int | None
    outcome: Outcome | None


class LeadOut(Out):
    """A lead. `version` grows with each change; `merged` are other leads that became this one."""

    id: str
    showroom: str
    version: int
    state: LeadState
    contact: ContactOut
    consents: list[ConsentOut]
    vehicles: list[VehicleOut]
    wishes: list[Wish]
    trade_in: TradeInOut | None
    budget: MoneyOut | None
    financing: str
    horizon: Horizon | None
    dealer: DealerOut | None
    notes: str
    campaign: CampaignOut
    store: StoreOut
    score: int
    reasons: list[ReasonOut]
    qualified_at: datetime | None
    calls: list[LeadCallOut]
    merged: list[str]
    created_at: datetime
    updated_at: datetime


class CallOut(Out):
    """A call that is over. `duration_s`: from the first picture to the end, 0 without one."""

    id: str
    showroom: str
    language: str
    vehicle: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    duration_s: int
    end_reason: EndReason | None
    outcome: Outcome | None
    rating: int | None
    lead: str | None


def lead_out(showroom: Showroom, lead: Lead, calls: Sequence[CallRecord]) -> LeadOut:
    """Return a lead as others see it; `calls` are its closed ones, first to last."""
    details = lead.details
    return LeadOut(
        id=lead.id,
        showroom=showroom.slug,
        version=lead.version,
        state=lead.state,
        contact=ContactOut(
            name=lead.name,
            email=lead.email,
            phone=lead.phone,
            postcode=lead.postcode,
            language=lead.language,
        ),
        consents=[
            ConsentOut(purpose=one.purpose, version=one.version, at=to_datetime(one.at))
            for one in details.consents
        ],
        vehicles=[
            VehicleOut(slug=car.slug, version=car.version, configuration=car.configuration)
            for car in details.vehicles
        ],
        wishes=list(details.wishes),
        trade_in=_trade_in(lead),
        budget=_budget(lead),
        financing=details.financing,
        horizon=details.horizon,
        dealer=DealerOut(code=lead.dealer, chosen=lead.dealer_chosen) if lead.dealer else None,
        notes=details.notes,
        campaign=CampaignOut(first=_touch(details.first_touch), last=_touch(details.last_touch)),
        store=StoreOut(
            customer=details.store.customer,
            basket=details.store.basket,
            configuration=details.store.configuration,
        ),
        score=lead.score,
        reasons=[ReasonOut(rule=one.rule, points=one.points) for one in lead.reasons],
        qualified_at=_moment(lead.qualified_at),
        calls=[_lead_call(call) for call in calls],
        merged=list(details.merged),
        created_at=to_datetime(lead.created_at),
        updated_at=to_datetime(lead.updated_at),
    )


def agreed(lead: Lead) -> bool:
    """Say whether the person agrees that we contact them."""
    return any(consent.purpose == CONTACT for consent in lead.details.consents)


def withheld(lead: Lead) -> Lead:
    """Return a lead as those may know it who got it before its person took their consent back."""
    if lead.qualified_at is None or agreed(lead):
        return lead
    details = replace(lead.details, notes="", trade_in=None)
    return replace(lead, name="", email=None, phone=None, postcode=None, details=details)


def call_out(showroom: Showroom, call: CallRecord, lead: Lead | None) -> CallOut:
    """Return a call that is over as others see it: nothing of what was said."""
    return CallOut(
        id=call.id,
        showroom=showroom.slug,
        language=call.language,
        vehicle=call.vehicle,
        started_at=to_datetime(call.created_at),
        answered_at=_moment(call.answered_at),
        ended_at=_moment(call.ended_at),
        duration_s=(call.talked_ms or 0) // 1000,
        end_reason=call.end_reason,
        outcome=call.outcome,
        rating=call.rating,
        lead=lead.id if lead else None,
    )


def _trade_in(lead: Lead) -> TradeInOut | None:
    car = lead.details.trade_in
    if car is None:
        return None
    return TradeInOut(
        make=car.make,
        model=car.model,
        year=car.year,
        mileage=car.mileage,
        condition=car.condition,
        registration=car.registration,
    )


def _budget(lead: Lead) -> MoneyOut | None:
    if lead.details.budget is None:
        return None
    return MoneyOut(amount=lead.details.budget, currency=lead.details.currency)


def _touch(touch: Touch | None) -> TouchOut | None:
    if touch is None:
        return None
    return TouchOut(
        source=touch.source, medium=touch.medium, name=touch.name, at=to_datetime(touch.at)
    )


def _lead_call(call: CallRecord) -> LeadCallOut:
    return LeadCallOut(
        id=call.id,
        started_at=to_datetime(call.live_at or call.created_at),
        duration_s=(call.talked_ms or 0) // 1000,
        rating=call.rating,
        outcome=call.outcome,
    )


def _moment(at: int | None) -> datetime | None:
    return None if at is None else to_datetime(at)
