"""The follow-up of leads for staff, over HTTP: the list, one lead, and what is done about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from aiohttp.web import Request, StreamResponse, json_response
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from booking.leads.book import Leads
from booking.leads.lead import Lead, LeadEvent, LeadState
from booking.leads.listing import Asked, Due
from booking.leads.moves import OPEN, Move, possible
from booking.leads.public import lead_out
from booking.leads.sheet import Sheet
from showroom.calls import CallRecord
from showroom.clock import to_datetime, to_ms
from showroom.days import days_of, today
from showroom.errors import AlreadyTaken, BadRequest
from showroom.ids import LeadId, StaffId
from showroom.masking import mask_email, mask_phone
from showroom.showrooms import Showroom
from signaling.gateway import explain
from signaling.messages import Id
from web.customer import parse
from web.keys import CLOCK, LEADS, STAFF
from web.staff import MANAGES
from web.visitor import check_csrf, session_of, staff_showroom, workplace

MOST = 100
# Who it is: an advisor changes it of their own leads, and of those that are nobody's.
WHO = frozenset({"name", "email", "phone", "postcode"})
MOMENT = TypeAdapter(datetime)
Note = Annotated[str, StringConstraints(max_length=4000)]


class ListAsked(BaseModel):
    """Which part of the list is asked for."""

    model_config = ConfigDict(frozen=True)
    state: LeadState | Literal["open", "all"] = "open"
    owner: Id | None = None  # `me`, `none` and `ours` (both of these), too
    due: Due | None = None
    qualified: bool | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50
    cursor: Annotated[str, StringConstraints(max_length=100)] | None = None


class Given(BaseModel):
    """A change that somebody makes to a lead."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MoveGiven(Given):
    """A move; to lose a lead takes a reason."""

    move: Move
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


class DueGiven(Given):
    """When somebody should speak to the customer again."""

    due_at: AwareDatetime


class OwnerGiven(Given):
    """Who takes care of a lead; `me` is whoever asks."""

    owner: Id | None


class NoteGiven(Given):
    """What is worth remembering."""

    note: Note


class FieldsGiven(Given):
    """What replaces what is there, and the version of the lead in which that was seen."""

    version: Annotated[int, Field(ge=0, lt=2**31)]
    fields: Sheet


class Works:
    """Somebody at work on a showroom's leads, by the address that they ask: advisor or manager."""

    def __init__(self, request: Request, showroom: Showroom, staff_id: StaffId) -> None:
        self.request, self.showroom, self.staff_id = request, showroom, staff_id
        self.manages = _is_managers(request)

    def sees(self, lead: Lead) -> bool:
        """Say whether they need to know how to reach somebody: not of a colleague's lead."""
        return self.manages or lead.owner_id in (None, self.staff_id)

    @property
    def leads(self) -> Leads:
        return self.request.app[LEADS]

    @property
    def lead(self) -> LeadId:
        """The lead that the address names."""
        return LeadId(self.request.match_info["lead"])


async def listed(request: Request) -> StreamResponse:
    """A page of the list, those due first first, and the numbers beside it."""
    who = await _at_work(request)
    try:
        asked = ListAsked.model_validate(dict(request.query))
    except ValidationError as error:
        raise BadRequest(explain(error)) from error
    wanted = _asked(who, asked)
    page = await who.leads.listed(who.showroom.id, wanted, asked.limit, asked.cursor)
    counts = await who.leads.counts(who.showroom.id, wanted)
    names = await request.app[STAFF].names(who.showroom.id)
    now = request.app[CLOCK]()
    shown = [_seen(who, lead, _data(who.showroom, lead, (), names, now)) for lead in page.leads]
    for lead in shown:
        del lead["calls"]
    by_state = {state.value: n for state, n in counts.by_state.items()}
    answer = json_response(
        {
            "ok": True,
            "now": moment(to_datetime(now)),
            "leads": shown,
            "next": page.next,
            "found": await who.leads.number(who.showroom.id, wanted),
            "counts": {**by_state, "overdue": counts.overdue},
        }
    )
    answer.enable_compression()
    return answer


async def one(request: Request) -> StreamResponse:
    """A lead with its history, and the moves that are possible."""
    return await _answer(await _at_work(request))


async def move(request: Request) -> StreamResponse:
    """Say what came of a lead."""
    who = await _changing(request)
    given = await parse(request, MoveGiven)
    await who.leads.move(who.showroom, who.lead, given.move, who.staff_id, given.reason)
    return await _answer(who)


async def due(request: Request) -> StreamResponse:
    """Set when somebody should speak to the customer again."""
    who = await _changing(request)
    given = await parse(request, DueGiven)
    await who.leads.set_due(who.showroom, who.lead, to_ms(given.due_at), who.staff_id)
    return await _answer(who)


async def owner(request: Request) -> StreamResponse:
    """Take a lead on, give it back, or (managers) give it to somebody."""
    who = await _changing(request)
    given = await parse(request, OwnerGiven)
    wanted = _staff(who, given.owner)
    await who.leads.assign(who.showroom, who.lead, wanted, who.staff_id, manages=who.manages)
    return await _answer(who)


async def note(request: Request) -> StreamResponse:
    """Add to a lead's notes."""
    who = await _changing(request)
    given = await parse(request, NoteGiven)
    await who.leads.add_note(who.showroom, who.lead, given.note, who.staff_id)
    return await _answer(who)


async def change(request: Request) -> StreamResponse:
    """Replace fields of a lead; it may turn out to be one with another lead."""
    who = await _changing(request)
    given = await parse(request, FieldsGiven)
    known = await who.leads.get(who.showroom.id, who.lead)
    if given.fields.model_fields_set & WHO and not who.sees(known.lead):
        raise AlreadyTaken
    lead = await who.leads.change(who.showroom, who.lead, given.version, given.fields, who.staff_id)
    return await _answer(who, lead.id)


async def lead_data(
    request: Request, showroom: Showroom, lead: Lead, calls: Sequence[CallRecord]
) -> dict[str, Any]:
    """Return what staff see of a lead: what others get, and who takes care of it by when."""
    names = await request.app[STAFF].names(showroom.id)
    return _data(showroom, lead, calls, names, request.app[CLOCK]())


def moment(at: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, as pydantic writes it."""
    return str(MOMENT.dump_python(at, mode="json"))


def _is_managers(request: Request) -> bool:
    return request.path.startswith("/manager/")


async def _at_work(request: Request) -> Works:
    session = await session_of(request)
    if _is_managers(request):
        showroom, _ = await staff_showroom(request, session, MANAGES)
    else:
        showroom, _ = await workplace(request, session)
    return Works(request, showroom, session.staff_id)


async def _changing(request: Request) -> Works:
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    return await _at_work(request)


def _asked(who: Works, asked: ListAsked) -> Asked:
    """Return which leads are asked for."""
    match asked.state:
        case "open":
            states = OPEN
        case "all":
            states = frozenset[LeadState]()
        case state:
            states = frozenset({LeadState(state)})
    until_ms = None
    now = who.request.app[CLOCK]()
    if asked.due is Due.OVERDUE:
        until_ms = now
    elif asked.due is Due.TODAY:
        (day,) = days_of(who.showroom.zone, today(who.showroom.zone, now), 1)
        until_ms = day.until_ms
    return Asked(
        states=states,
        owner=None if asked.owner == "none" else _staff(who, asked.owner),
        unowned=asked.owner in ("none", "ours"),
        until_ms=until_ms,
        qualified=asked.qualified,
    )


def _staff(who: Works, named: str | None) -> StaffId | None:
    """Return who is named; `me` is whoever asks, and `ours` begins with them."""
    if named is None:
        return None
    return who.staff_id if named in ("me", "ours") else StaffId(named)


async def _answer(who: Works, lead_id: LeadId | None = None) -> StreamResponse:
    known = await who.leads.get(who.showroom.id, lead_id or who.lead)
    names = await who.request.app[STAFF].names(who.showroom.id)
    now = who.request.app[CLOCK]()
    return json_response(
        {
            "ok": True,
            "lead": _seen(
                who, known.lead, _data(who.showroom, known.lead, known.calls, names, now)
            ),
            "history": [_event(event, names) for event in known.history],
            "moves": possible(known.lead.state),
        }
    )


def _data(
    showroom: Showroom,
    lead: Lead,
    calls: Sequence[CallRecord],
    names: dict[StaffId, str],
    now: int,
) -> dict[str, Any]:
    due_at = lead.due_at
    return lead_out(showroom, lead, calls).model_dump(mode="json") | {
        "owner": lead.owner_id,
        "owner_name": names.get(lead.owner_id) if lead.owner_id else None,
        "due_at": None if due_at is None else moment(to_datetime(due_at)),
        "overdue": lead.state in OPEN and due_at is not None and due_at <= now,
    }


def _seen(who: Works, lead: Lead, data: dict[str, Any]) -> dict[str, Any]:
    """Return what this person sees of a lead: of a colleague's no address and no number."""
    sees = who.sees(lead)
    if not sees:
        contact = data["contact"]
        masked = {"email": mask_email(contact["email"]), "phone": mask_phone(contact["phone"])}
        data = data | {"contact": contact | masked}
    return data | {"masked": not sees}


def _event(event: LeadEvent, names: dict[StaffId, str]) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "at": moment(to_datetime(event.at)),
        "kind": event.kind,
        "by": event.by,
        "by_name": names.get(StaffId(event.by)),
        "data": event.data,
    }
