"""What endpoints are told of leads, and what stays of what they were told before."""

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.handoff.endpoint import EndpointKind
from booking.handoff.endpoints import Endpoints
from booking.handoff.guard import Guard
from booking.handoff.payloads import announce_visit
from booking.handoff.publishing import Publishing
from booking.handoff.topics import Topic
from booking.leads.intake import Report
from booking.leads.lead import Wish
from booking.leads.merging import Knowledge
from booking.leads.rows import News, Source
from booking.leads.sheet import Agreed, Sheet
from booking.ledger import Appointment, Guest
from booking.outbox import Outbox
from showroom.database import Database
from showroom.ids import EndpointId, ShowroomId, StaffId
from showroom.tables import appointments, outbox
from showroom.words import AppointmentEvent, Outcome
from tests.booking.diary import bookable, hire
from tests.booking.leads.ledger import CONSENT, EMAIL, PHONE, Book
from tests.virtual_clock import VirtualClock

ANNA = StaffId("anna")
URL = "https://store.example.com/hooks"


class ToldBook(Book):
    """Leads of which real endpoints hear."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.publishing = Publishing(Outbox(self.database, self.clock), self.clock)
        self.endpoints = Endpoints(self.database, Guard([]), self.clock)

    async def publish(
        self,
        connection: AsyncConnection,
        showroom_id: ShowroomId,
        topic: Topic,
        subject_id: str,
        data: Mapping[str, Any],
        dealer: str | None,
        **more: Any,
    ) -> None:
        where = connection, showroom_id, topic, subject_id, data, dealer
        await self.publishing.publish(*where, **more)

    async def endpoint(
        self,
        kind: EndpointKind = EndpointKind.WEBHOOK,
        address: str = URL,
        topics: tuple[Topic, ...] = tuple(Topic),
        dealer: str | None = None,
    ) -> EndpointId:
        where = self.showroom.id, kind, "A store", address, topics
        return (await self.endpoints.add(*where, dealer)).id

    async def told(self, endpoint: EndpointId) -> list[Mapping[str, Any]]:
        """Return what an endpoint was told, the first thing first."""
        query = sa.select(outbox.c.payload).where(outbox.c.endpoint_id == endpoint)
        async with self.database.read() as connection:
            return list(await connection.scalars(query.order_by(outbox.c.number)))

    async def heard(self, endpoint: EndpointId) -> list[str]:
        return [one["type"] for one in await self.told(endpoint)]


@pytest.fixture
async def book(database: Database, clock: VirtualClock) -> ToldBook:
    """A showroom's leads, on each database."""
    book = ToldBook(database, bookable(), clock)
    await book.showrooms.save(book.showroom)
    await hire(database, book.showroom, "anna", "bruno")
    return book


async def take_back(book: Book, email: str) -> None:
    """Let somebody take their consent back in a call."""
    call = book.running()
    agreed = Sheet(email=email, consents=(Agreed(purpose="contact", version="request-1"),))
    await book.sheets.commit(book.showroom, call, ANNA, 0, agreed)
    silent = agreed.model_copy(update={"consents": ()})
    await book.sheets.commit(book.showroom, call, ANNA, 1, silent)


async def test_nothing_that_was_told_of_two_leads_that_became_one_names_who_took_their_consent_back(
    book: ToldBook,
) -> None:
    store = await book.endpoint()
    for ask in ({"phone": None}, {"email": None, "phone": PHONE}):
        await book.asked(wish=Wish.OFFER, vehicle="crete", configuration="K-1", **ask)
        await book.asked(wish=Wish.TEST_DRIVE, message="My secret", **ask)
        book.clock.advance(seconds=1)
    assert (await book.heard(store)).count("lead.qualified") == 2
    report = Report(Source("program", "P-1"), Knowledge(email=EMAIL, phone=PHONE), News("request"))
    await book.leads.take(book.showroom, report)
    assert (await book.one()).details.merged
    await take_back(book, EMAIL)
    for news in await book.told(store):
        contact = {"name": "", "email": None, "phone": None, "postcode": None, "language": "fr"}
        assert (news["data"]["contact"], news["data"]["notes"]) == (contact, "")


@pytest.mark.parametrize("qualified", [True, False])
async def test_a_visit_that_was_told_does_not_name_who_took_their_consent_back(
    book: ToldBook, qualified: bool
) -> None:
    store, diary = await book.endpoint(), book.diary()
    guest = Guest("Jeanne Moreau", EMAIL, None)
    visits = [await diary.confirm(await diary.hold(), guest=guest, consents=(CONSENT,))]
    other = Guest("Zoé Dupont", "zoe@example.com", None)
    visits.append(await diary.confirm(await diary.hold(), guest=other, consents=(CONSENT,)))
    async with book.database.write() as connection:
        for visit in visits:
            where = book.publish, connection, book.showroom, visit
            await announce_visit(*where, AppointmentEvent.BOOKED)
    before = [news["data"] for news in await book.told(store)]
    if qualified:
        await book.asked(wish=Wish.OFFER, vehicle="crete", configuration="K-1")
    assert ("lead.qualified" in await book.heard(store)) is qualified
    await take_back(book, EMAIL)
    theirs, others, *_ = [news["data"] for news in await book.told(store)]
    unnamed = {"customer": {"name": "", "email": None, "phone": None}, "wish": ""}
    assert theirs == before[0] | unnamed
    assert others == before[1]


async def a_booked_visit(book: ToldBook) -> Appointment:
    """Book a visit with consent, and tell of it."""
    diary, guest = book.diary(), Guest("Jeanne Moreau", EMAIL, None)
    visit = await diary.confirm(await diary.hold(), guest=guest, consents=(CONSENT,))
    await happens(book, visit, AppointmentEvent.BOOKED)
    return visit


async def happens(book: ToldBook, visit: Appointment, event: AppointmentEvent) -> None:
    async with book.database.write() as connection:
        await announce_visit(book.publish, connection, book.showroom, visit, event)
        await book.leads.visit_announced(connection, book.showroom, visit, event)


@pytest.mark.parametrize(
    "event",
    [AppointmentEvent.RESCHEDULED, AppointmentEvent.CANCELLED, AppointmentEvent.NO_SHOW],
)
async def test_what_becomes_of_a_visit_later_does_not_name_them_either(
    book: ToldBook, event: AppointmentEvent
) -> None:
    store = await book.endpoint()
    visit = await a_booked_visit(book)
    await take_back(book, EMAIL)
    await happens(book, visit, event)
    told = [one["data"] for one in await book.told(store) if one["type"].startswith("appoint")]
    assert len(told) == 2
    assert [(one["customer"]["name"], one["wish"]) for one in told] == [("", ""), ("", "")]


async def test_a_consent_that_was_taken_back_does_not_return_with_the_visit_s_own_call(
    book: ToldBook,
) -> None:
    visit = await a_booked_visit(book)
    await take_back(book, EMAIL)
    call = book.running()
    change = sa.update(appointments).where(appointments.c.id == visit.id).values(call_id=call)
    async with book.database.write() as connection:
        await connection.execute(change)
    await book.closed(Outcome.INTERESTED, call)
    assert (await book.one()).details.consents == ()


async def test_another_dealer_of_a_qualified_lead_gets_it_as_a_new_one(book: ToldBook) -> None:
    await book.dealer("D1")
    await book.dealer("D2", name="Lyon")
    both = Topic.LEAD_QUALIFIED, Topic.LEAD_UPDATED
    store = await book.endpoint()
    first, second = [await book.endpoint(dealer=code) for code in ("D1", "D2")]
    crm = await book.endpoint(EndpointKind.ADF_MAIL, "", both[:1], "D2")
    later = await book.endpoint(topics=both[1:], dealer="D2")
    mail = await book.endpoint(EndpointKind.ADF_MAIL, "", both[:1])
    own = await book.endpoint(EndpointKind.ADF_MAIL, "crm@example.com", both[:1])
    wished = {"wish": Wish.OFFER, "vehicle": "crete", "configuration": "K-1", "phone": PHONE}
    lead = await book.asked(**wished, dealer="D1")
    for fields in (Sheet(dealer="D2"), Sheet(name="Jeanne Petit")):
        lead = await book.leads.change(book.showroom, lead.id, lead.version, fields, ANNA)
    qualified, updated = both
    assert await book.heard(store) == [qualified, updated, updated]
    assert await book.heard(first) == [qualified]
    assert await book.heard(second) == [qualified, updated]
    assert await book.heard(crm) == [qualified]
    assert await book.heard(later) == [updated, updated]
    assert await book.heard(mail) == [qualified, qualified], "one for each dealer"
    assert await book.heard(own) == [qualified]
    told = [news["data"]["dealer"]["code"] for news in await book.told(mail)]
    assert told == ["D1", "D2"]


async def test_another_dealer_does_not_get_as_new_who_took_their_consent_back(
    book: ToldBook,
) -> None:
    await book.dealer("D1")
    await book.dealer("D2", name="Lyon")
    second = await book.endpoint(dealer="D2")
    lead = await book.asked(wish=Wish.OFFER, vehicle="crete", configuration="K-1", dealer="D1")
    await book.asked(wish=Wish.TEST_DRIVE)
    await take_back(book, EMAIL)
    lead = await book.refreshed(lead)
    assert lead.qualified_at is not None
    await book.leads.change(book.showroom, lead.id, lead.version, Sheet(dealer="D2"), ANNA)
    assert await book.heard(second) == ["lead.updated"]
