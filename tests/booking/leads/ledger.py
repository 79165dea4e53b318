"""For the tests of leads: a showroom's leads, what was published, and calls that end."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.appointments import Appointments
from booking.follow_ups import FollowUps
from booking.handoff.topics import Topic
from booking.leads.book import Leads, Request
from booking.leads.lead import Lead, Wish
from booking.leads.sheets import AnsweredCall, Sheets
from booking.ledger import Consent
from showroom.calls import CallRecord, CallRecords
from showroom.database import Database
from showroom.ids import CallId, ShowroomId, StaffId, new_id
from showroom.lead_tables import dealers, lead_keys, lead_sources, leads
from showroom.showrooms import Showroom, Showrooms
from showroom.words import CallState, EndReason, Outcome
from tests.booking.diary import Diary, bookable, hire
from tests.virtual_clock import START_MS, VirtualClock

EMAIL, PHONE = "jeanne@example.com", "+33612345678"
CONSENT = Consent("contact", "request-1", START_MS)
MINUTE_MS = 60_000


@dataclass
class Book:
    """One showroom's leads, and all that was published."""

    database: Database
    showroom: Showroom
    clock: VirtualClock
    published: list[tuple[Topic, str, Mapping[str, Any], str | None]] = field(default_factory=list)
    nearest: dict[str, str] = field(default_factory=dict)
    answered_calls: dict[CallId, AnsweredCall] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.showrooms = Showrooms(self.database)
        self.leads = Leads(self.database, self.showrooms, self.publish, self.near, self.clock)
        self.calls = CallRecords(self.database, self.leads.call_kept)
        self.follow_ups = FollowUps(
            self.database, self.clock, self.leads.call_back_asked, self.leads.call_back_finished
        )
        self.sheets = Sheets(self.database, self.leads, self, self.clock)

    async def publish(
        self,
        connection: AsyncConnection,
        showroom_id: ShowroomId,
        topic: Topic,
        subject_id: str,
        data: Mapping[str, Any],
        dealer: str | None,
        **_more: object,
    ) -> None:
        """Note what is published; it must be in the transaction, and for the right showroom."""
        assert connection.in_transaction()
        assert showroom_id == self.showroom.id
        self.published.append((topic, subject_id, data, dealer))

    async def near(
        self, _connection: AsyncConnection, _showroom: Showroom, postcode: str
    ) -> str | None:
        return self.nearest.get(postcode)

    async def answered(self, showroom_id: ShowroomId, call_id: CallId) -> AnsweredCall | None:
        return self.answered_calls.get(call_id) if showroom_id == self.showroom.id else None

    def topics(self, subject_id: str | None = None) -> list[Topic]:
        return [topic for topic, of, _, _ in self.published if subject_id in (None, of)]

    def ask(self, **changes: Any) -> Request:
        form: dict[str, Any] = {
            "wish": Wish.BROCHURE,
            "name": "Jeanne Moreau",
            "email": EMAIL,
            "phone": None,
            "language": "fr",
            "consents": (CONSENT,),
        }
        return Request(**(form | changes))

    async def asked(self, **changes: Any) -> Lead:
        origin = changes.pop("origin", {})
        return await self.leads.ask(self.showroom, self.ask(**changes), origin)

    async def one(self) -> Lead:
        """Return the only lead."""
        (lead,) = await self.all()
        return lead

    async def all(self) -> list[Lead]:
        query = sa.select(leads.c.id).order_by("created_at", "id")
        async with self.database.read() as connection:
            ids = (await connection.scalars(query)).all()
        return [(await self.leads.get(self.showroom.id, found)).lead for found in ids]

    async def history(self, lead: Lead) -> list[str]:
        return [event.kind for event in (await self.leads.get(lead.showroom_id, lead.id)).history]

    async def keys(self) -> set[str]:
        async with self.database.read() as connection:
            return set(await connection.scalars(sa.select(lead_keys.c.key)))

    async def sources(self, lead: Lead) -> set[str]:
        query = sa.select(lead_sources.c.kind).where(lead_sources.c.lead_id == lead.id)
        async with self.database.read() as connection:
            return set(await connection.scalars(query))

    async def refreshed(self, lead: Lead) -> Lead:
        return (await self.leads.get(lead.showroom_id, lead.id)).lead

    def running(self, advisor: str = "anna", **changes: Any) -> CallId:
        """Begin a call that an advisor has accepted."""
        call = CallId(new_id())
        known: dict[str, Any] = {"language": "fr", "vehicle": None}
        self.answered_calls[call] = AnsweredCall(StaffId(advisor), **(known | changes))
        return call

    async def closed(
        self, outcome: Outcome | None, call: CallId | None = None, **changes: Any
    ) -> CallRecord:
        """Close a call of five minutes with an outcome, or without."""
        now = self.clock()
        usual: dict[str, Any] = {
            "id": call or CallId(new_id()),
            "showroom_id": self.showroom.id,
            "version": 5,
            "state": CallState.CLOSED,
            "language": "fr",
            "vehicle": None,
            "created_at": now,
            "answered_at": now,
            "live_at": now,
            "ended_at": now + 5 * MINUTE_MS,
            "closed_at": now + 6 * MINUTE_MS,
            "end_reason": EndReason.ADVISOR_ENDED,
            "advisor_id": StaffId("anna"),
            "outcome": outcome,
        }
        record = CallRecord(**(usual | changes))
        await self.calls.save(record, [])
        return record

    async def rated(self, record: CallRecord, stars: int) -> CallRecord:
        later = replace(record, version=record.version + 1, rating=stars)
        await self.calls.save(later, [])
        return later

    async def dealer(self, code: str = "D1", **changes: Any) -> None:
        row: dict[str, Any] = {
            "showroom_id": self.showroom.id,
            "code": code,
            "kind": "dealer",
            "name": "Garage du Port",
            "street": "1 quai du Port",
            "postcode": "13002",
            "city": "Marseille",
            "country": "FR",
            "latitude": 43.3,
            "longitude": 5.37,
            "zone": "Europe/Paris",
        }
        async with self.database.write() as connection:
            await connection.execute(sa.insert(dealers).values(row | changes))

    async def close_dealer(self, code: str) -> None:
        """Let a dealer take no more leads."""
        change = sa.update(dealers).where(dealers.c.code == code).values(closed_at=self.clock())
        async with self.database.write() as connection:
            await connection.execute(change)

    def diary(self) -> Diary:
        """Return the showroom's appointments, which announce themselves to these leads."""
        diary = Diary(self.database, self.showroom, self.clock)
        diary.book = Appointments(
            self.database, self.showrooms, diary.roster, self.leads.visit_announced, self.clock
        )
        return diary


async def open_book(database: Database, clock: VirtualClock, **changes: Any) -> Book:
    """Return the leads of a new showroom in which Anna and Bruno advise."""
    book = Book(database, bookable(**changes), clock)
    await book.showrooms.save(book.showroom)
    await hire(database, book.showroom, "anna", "bruno")
    return book
