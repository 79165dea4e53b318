"""The leads of all showrooms: what customers ask for, and what staff see of it and do about it.

Every question names the showroom that asks: what is another one's is not found (threat 9).
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from booking.leads import facts, listing, rows
from booking.leads.amending import Amending
from booking.leads.intake import Report
from booking.leads.lead import Details, Lead, LeadEvent, Wish, WishedVehicle
from booking.leads.listing import ANY, Asked, Counts, Page
from booking.leads.merging import Knowledge
from booking.leads.moves import OPEN, due_when_new
from booking.leads.origin import Origin, ids_of, touches_of
from booking.leads.rows import News, Source
from booking.leads.sheet import clean_notes
from booking.ledger import Consent
from showroom.calls import CallRecord
from showroom.days import today
from showroom.errors import BadRequest
from showroom.ids import LeadId, ShowroomId, StaffId
from showroom.leads_lock import lock
from showroom.showrooms import Showroom


@dataclass(frozen=True, slots=True)
class Request:
    """What a customer asks for on a form, as checked at the edge; `wish` says which form it is."""

    wish: Wish
    name: str
    email: str | None
    phone: str | None
    language: str
    consents: tuple[Consent, ...]
    postcode: str | None = None
    vehicle: str | None = None
    configuration: str = ""
    dealer: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A lead with its closed calls and its history, first to last."""

    lead: Lead
    calls: Sequence[CallRecord]
    history: Sequence[LeadEvent]


class Leads(Amending):
    """The leads, as customers, staff and programs ask for them."""

    async def ask(self, showroom: Showroom, request: Request, origin: Origin) -> Lead:
        """Take in a form. The same one sent again on the same day is the same request.

        Only when the lead that it made is closed meanwhile it is a new one: somebody asks again.
        Raises `BadRequest` without an address or a number.
        """
        now = self._clock()
        day = today(showroom.zone, now).isoformat()
        source = Source("form", _digest(showroom.id, day, request))
        async with self._database.write() as connection:
            await lock(connection, showroom.id)
            while known := await rows.of_source(connection, showroom.id, source):
                if known.state in OPEN:
                    return known
                source = Source("form", _digest(source.id, known.id))
            news = News("request", "customer", {"wish": request.wish})
            told = _told(request, origin, now)
            due_at = due_when_new(showroom, now)
            report = Report(source, told, news, due_at, by_stranger=True)
            lead = await self.take_in(connection, showroom, report)
        if lead is None:
            raise BadRequest("Give us an e-mail address or a phone number.", field="contact")
        return lead

    async def take(self, showroom: Showroom, report: Report) -> Lead | None:
        """Take in what a program reports, in a transaction of its own."""
        async with self._database.write() as connection:
            return await self.take_in(connection, showroom, report)

    async def get(self, showroom_id: ShowroomId, lead_id: LeadId) -> Known:
        """Return a lead of this showroom; raises `NotFound`."""
        async with self._database.read() as connection:
            lead = await rows.with_id(connection, showroom_id, lead_id)
            calls = await facts.calls_of(connection, lead)
            return Known(lead, calls, await rows.history(connection, lead.id))

    async def of_source(self, showroom_id: ShowroomId, source: Source) -> Lead | None:
        """Return the lead of this showroom that a call, a visit or a form became; None for none."""
        async with self._database.read() as connection:
            return await rows.of_source(connection, showroom_id, source)

    async def listed(
        self,
        showroom_id: ShowroomId,
        asked: Asked,
        limit: int,
        cursor: str | None = None,
    ) -> Page:
        """Return up to `limit` leads, those due first first; `cursor` is a page's `next`."""
        async with self._database.read() as connection:
            return await listing.page(connection, showroom_id, asked, limit, cursor)

    async def number(self, showroom_id: ShowroomId, asked: Asked) -> int:
        """Return how many leads `listed` has on all its pages."""
        async with self._database.read() as connection:
            return await listing.number(connection, showroom_id, asked)

    async def counts(self, showroom_id: ShowroomId, asked: Asked) -> Counts:
        """Return how many leads the owner has that is asked for, in each state and overdue."""
        async with self._database.read() as connection:
            return await listing.counts(connection, showroom_id, asked, self._clock())

    async def carers(self, showroom_id: ShowroomId) -> set[StaffId]:
        """Return who can take care of this showroom's leads."""
        async with self._database.read() as connection:
            return await rows.carers(connection, showroom_id)

    async def changed_since(
        self,
        showroom_id: ShowroomId,
        since_ms: int,
        limit: int,
        cursor: str | None = None,
        asked: Asked = ANY,
    ) -> Page:
        """Return up to `limit` of the leads that are asked for and changed since then, the oldest
        change first.
        """
        async with self._database.read() as connection:
            return await listing.changed(connection, showroom_id, since_ms, limit, cursor, asked)

    async def calls(
        self, showroom_id: ShowroomId, ids: Collection[LeadId]
    ) -> Mapping[LeadId, Sequence[CallRecord]]:
        """Return the closed calls of leads of this showroom, first to last."""
        async with self._database.read() as connection:
            return await facts.calls_of_each(connection, showroom_id, ids)


def _told(request: Request, origin: Origin, now: int) -> Knowledge:
    first, last = touches_of(origin, now)
    car = WishedVehicle(request.vehicle or "", configuration=request.configuration)
    details = Details(
        consents=request.consents,
        vehicles=(car,) if car != WishedVehicle("") else (),
        wishes=(request.wish,),
        notes=clean_notes(request.message),
        first_touch=first,
        last_touch=last,
        store=ids_of(origin),
    )
    return Knowledge(
        name=request.name,
        email=request.email,
        phone=request.phone,
        postcode=request.postcode,
        language=request.language,
        details=details,
        dealer=request.dealer,
    )


def _digest(*parts: object) -> str:
    """Return an id for what is the same whenever it is said."""

    def said(part: object) -> object:
        if not isinstance(part, Request):
            return part
        email = part.email.lower() if part.email else None
        purposes = sorted(consent.purpose for consent in part.consents)
        return [
            *(part.wish, part.name, email, part.phone, part.language, purposes, part.postcode),
            *(part.vehicle, part.configuration, part.dealer, part.message),
        ]

    text = json.dumps([said(part) for part in parts])
    return hashlib.sha256(text.encode()).hexdigest()
