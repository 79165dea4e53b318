"""Leads: read by stores and dealers, brought in from other systems, and followed up there."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from booking.leads.amending import STORE, Amendment
from booking.leads.intake import Report
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
from booking.leads.listing import Asked as LeadsAskedFor
from booking.leads.merging import Knowledge
from booking.leads.moves import due_when_new
from booking.leads.public import LeadOut, lead_out, withheld
from booking.leads.rows import News, Source
from booking.leads.sheet import LONGEST_POSTCODE, MOST_KM, MOST_MONEY, YEARS, clean_notes
from showroom.api_keys import Scope
from showroom.calls import CallRecord
from showroom.errors import BadRequest, IllegalMove, NotFound
from showroom.ids import LeadId
from showroom.showrooms import Showroom
from web.api.etags import etag_of
from web.api.operations import Answer, Call, Nothing, Operation
from web.api.paging import NO_CURSOR, Page, Paged, page
from web.api.people import Campaign, Contact, consents_of, guest_of
from web.api.problems import FieldProblem, Invalid
from web.api.reading import WHOLE, Asked, Flag
from web.api.values import Currency, Given, Id, Language, Moment, Prose, Told, Word
from web.keys import CLOCK, DEALERS, LEADS

# Each comes with its calls.
MOST_LEADS = 100


class LeadsAsked(Paged):
    """Which leads are asked for."""

    limit: Annotated[
        int, Field(ge=1, le=MOST_LEADS, description="How many leads at most."), WHOLE
    ] = 50
    updated_since: Annotated[
        Moment | None, Field(description="Those that changed then or later.")
    ] = None
    state: LeadState | None = None
    qualified: Annotated[Flag | None, Field(description="Only those that are, or are not.")] = None


class LeadPage(Page[LeadOut]):
    """Leads, the oldest change first."""


class CarWished(Given):
    """A car of the showroom's range, of your configurator, or both."""

    slug: Annotated[str, Field(max_length=64, examples=["crete"])] = ""
    version: Word = ""
    configuration: Annotated[Word, Field(description="Your configurator's id.")] = ""


class TradeInGiven(Given):
    """The car that they would give."""

    make: Word = ""
    model: Word = ""
    year: Annotated[int | None, Field(ge=YEARS.start, lt=YEARS.stop)] = None
    mileage: Annotated[int | None, Field(ge=0, le=MOST_KM, description="Kilometres.")] = None
    condition: Condition | None = None
    registration: Annotated[str, Field(max_length=20, description="As on the plate.")] = ""


class Money(Given):
    """An amount of money."""

    amount: Annotated[int, Field(ge=0, le=MOST_MONEY, description="In hundredths.")]
    currency: Currency


class StoreGiven(Given):
    """What your store calls the customer, their basket and their configuration."""

    customer: Word = ""
    basket: Word = ""
    configuration: Word = ""


class NewLead(Contact):
    """Somebody who wants something. What is left out is not known."""

    postcode: Annotated[str | None, Field(max_length=LONGEST_POSTCODE, examples=["75011"])] = None
    language: Language
    wishes: Annotated[list[Wish], Field(default_factory=list, max_length=10)]
    vehicles: Annotated[list[CarWished], Field(default_factory=list, max_length=20)]
    trade_in: TradeInGiven | None = None
    budget: Money | None = None
    financing: Word = ""
    horizon: Horizon | None = None
    dealer: Annotated[
        Word | None, Field(description="The code of the dealer whom the customer chose.")
    ] = None
    notes: Prose = ""
    campaign: Campaign | None = None
    store: StoreGiven = StoreGiven()


class LeadChange(Given):
    """What shall be otherwise. What is left out stays."""

    state: LeadState | None = None
    reason: Annotated[Word, Field(description="Why it is lost; needed then.")] = ""
    notes: Annotated[Prose | None, Field(description="In place of all that is there.")] = None
    due_at: Annotated[
        Moment | None, Field(description="When somebody should speak to them next.")
    ] = None


class LeadKept(Told):
    """Which lead it is. What else is known of it is for keys that may read leads."""

    id: Id
    state: LeadState
    version: int


async def listed(call: Call[LeadsAsked, Nothing]) -> Answer:
    """List the leads."""
    query, showroom, leads = call.query, call.showroom, call.app[LEADS]
    states = frozenset({query.state} if query.state else ())
    asked = LeadsAskedFor(states=states, qualified=query.qualified)
    try:
        found = await leads.changed_since(
            showroom.id, query.updated_since or 0, query.limit, query.cursor, asked
        )
    except BadRequest:
        raise Invalid([NO_CURSOR]) from None
    calls = await leads.calls(showroom.id, [lead.id for lead in found.leads])
    items = [_told(showroom, lead, calls[lead.id]) for lead in found.leads]
    return page(call.request, LeadPage, items, found.next)


async def show(call: Call[Asked, Nothing]) -> Answer:
    """Tell one lead."""
    known = await call.app[LEADS].get(call.showroom.id, LeadId(call.named("lead")))
    return Answer(_told(call.showroom, known.lead, known.calls))


async def add(call: Call[Asked, NewLead]) -> Answer:
    """Take a lead in."""
    given, showroom = call.body, call.showroom
    told = await _knowledge(call, given)
    source = Source("program", call.new_id)
    news = News("request", STORE, {"wishes": [wish.value for wish in given.wishes]})
    due_at = due_when_new(showroom, call.app[CLOCK]())
    lead = await call.app[LEADS].take(showroom, Report(source, told, news, due_at))
    if lead is None:
        raise NotFound  # nobody is without an address here: `guest_of` has seen to it
    there = {"Location": f"{call.request.path}/{lead.id}"}
    answer = await _kept(call, lead, status=201 if lead.version == 1 else 200)
    return Answer(answer.body, answer.status, {**answer.headers, **there})


async def change(call: Call[Asked, LeadChange]) -> Answer:
    """Change a lead."""
    showroom, which = call.showroom, LeadId(call.named("lead"))
    known = await call.app[LEADS].get(showroom.id, which)
    call.require_match(_told(showroom, known.lead, known.calls))
    given = call.body
    amendment = Amendment(given.state, given.reason, given.notes, given.due_at)
    seen = known.lead.version if call.conditional else None
    return await _kept(call, await call.app[LEADS].amend(showroom, which, amendment, seen))


def _told(showroom: Showroom, lead: Lead, calls: Sequence[CallRecord]) -> LeadOut:
    """Return a lead as the deliveries tell it."""
    return lead_out(showroom, withheld(lead), calls)


async def _kept(
    call: Call[Asked, NewLead] | Call[Asked, LeadChange], lead: Lead, status: int = 200
) -> Answer:
    """Return which lead it is, under the tag that reading it has."""
    calls = await call.app[LEADS].calls(call.showroom.id, [lead.id])
    whole = _told(call.showroom, lead, calls[lead.id])
    kept = LeadKept(id=lead.id, state=lead.state, version=lead.version)
    return Answer(kept, status, {"ETag": etag_of(whole)})


async def _knowledge(call: Call[Asked, NewLead], given: NewLead) -> Knowledge:
    """Return what is told of a person; raises `Invalid`."""
    guest = guest_of(given, call.showroom.market)
    now = call.app[CLOCK]()
    if given.dealer is not None:
        await _require_dealer(call, given.dealer)
    trade_in = TradeIn(**given.trade_in.model_dump()) if given.trade_in else None
    touch = Touch(**given.campaign.model_dump(), at=now) if given.campaign else None
    details = Details(
        consents=consents_of(given, now),
        vehicles=tuple(WishedVehicle(**car.model_dump()) for car in given.vehicles),
        wishes=tuple(given.wishes),
        trade_in=trade_in,
        budget=given.budget.amount if given.budget else None,
        currency=given.budget.currency if given.budget else "",
        financing=given.financing,
        horizon=given.horizon,
        notes=clean_notes(given.notes),
        first_touch=touch,
        last_touch=touch,
        store=StoreIds(**given.store.model_dump()),
    )
    return Knowledge(
        guest.name,
        guest.email,
        guest.phone,
        given.postcode,
        given.language,
        details,
        given.dealer,
    )


async def _require_dealer(call: Call[Asked, NewLead], code: str) -> None:
    try:
        await call.app[DEALERS].get_open(call.showroom.id, code)
    except NotFound as error:
        raise Invalid([FieldProblem(detail=error.message, pointer="/dealer")]) from None


OPERATIONS = (
    Operation(
        id="list_leads",
        method="GET",
        path="/leads",
        group="Leads",
        scope=Scope.LEADS_READ,
        summary="Leads, by when they changed",
        description="To keep up, ask again with `updated_since` a minute before `updated_at` of the"
        " newest one that you have: a change that took longer may be dated before it.",
        handle=listed,
        query=LeadsAsked,
        body=Nothing,
        answers={200: LeadPage},
    ),
    Operation(
        id="get_lead",
        method="GET",
        path="/leads/{lead}",
        group="Leads",
        scope=Scope.LEADS_READ,
        summary="One lead",
        handle=show,
        query=Asked,
        body=Nothing,
        answers={200: LeadOut},
    ),
    Operation(
        id="add_lead",
        method="POST",
        path="/leads",
        group="Leads",
        scope=Scope.LEADS_WRITE,
        summary="Bring in a lead from another system",
        description="201 for a new one. Who has an open lead already, by address or number, keeps"
        " it: what is told is added, and 200 says which it is.",
        handle=add,
        query=Asked,
        body=NewLead,
        answers={201: LeadKept, 200: LeadKept},
    ),
    Operation(
        id="change_lead",
        method="PATCH",
        path="/leads/{lead}",
        group="Leads",
        scope=Scope.LEADS_WRITE,
        summary="Follow a lead up",
        description="With `If-Match`, only on the version that you have seen.",
        handle=change,
        query=Asked,
        body=LeadChange,
        answers={200: LeadKept},
        refusals=(IllegalMove,),
        conditional=True,
    ),
)
