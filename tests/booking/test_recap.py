"""The letter after a call: to whom, once, with a link that knows from where it comes."""

from dataclasses import replace
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.outbox import Outbox
from booking.postman import Postman
from booking.recap import KIND, Recaps, RecapSink
from booking.store.linking import Links
from booking.store.secrets import StoreSecrets
from booking.writing import Writer
from showroom.calls import CallRecord, CallRecords
from showroom.database import Database
from showroom.ids import CallId, ShowroomId, new_id
from showroom.lead_tables import leads
from showroom.showrooms import Showroom, Showrooms, Store
from showroom.vehicles import Vehicles
from showroom.ways import count_ways, count_ways_of
from showroom.words import CallState, Outcome
from tests.leads import saved_lead
from tests.samples import a_showroom, a_vehicle
from tests.virtual_clock import START_MS, VirtualClock

ADDRESS, SENDER = "https://live.example.com", "visits@orvanne.example"


class Desk:
    """A showroom whose calls are kept and whose letters are sent."""

    def __init__(self, database: Database, clock: VirtualClock, showroom: Showroom) -> None:
        self.database, self.clock, self.showroom = database, clock, showroom
        self.outbox = Outbox(database, clock, chance=lambda: 0)
        self.calls = CallRecords(database, self._kept)
        self.secrets = StoreSecrets(database, clock)
        self.links = Links(database, self.secrets, clock)
        self.mails: list[EmailMessage] = []
        self.photographed: set[CallId] = set()

    async def _kept(
        self, connection: AsyncConnection, before: CallRecord | None, call: CallRecord
    ) -> None:
        await Recaps(self.outbox, self.clock).call_kept(connection, before, call)
        await count_ways_of(connection, call.showroom_id, "call", [call.id])

    async def send(self, message: EmailMessage) -> str:
        self.mails.append(message)
        return "taken"

    async def ends(self, outcome: Outcome | None = Outcome.INTERESTED, **lead: Any) -> CallRecord:
        """Keep a call of somebody who left an address, with its outcome."""
        call = CallRecord(
            id=CallId(new_id()),
            showroom_id=self.showroom.id,
            version=2,
            state=CallState.CLOSED,
            language="en",
            vehicle="crete",
            created_at=START_MS,
            answered_at=START_MS,
            outcome=outcome,
        )
        self.lead = await saved_lead(self.database, self.showroom.id, call=call.id, **lead)
        await self.calls.save(call, [])
        return call

    async def photos_of(self, _showroom: ShowroomId, call: CallId) -> str:
        return f"{ADDRESS}/p/{call}" if call in self.photographed else ""

    async def send_due(self) -> None:
        postman = Postman(self, Writer(ADDRESS), SENDER, self.clock)
        rooms, cars = Showrooms(self.database), Vehicles(self.database)
        sink = RecapSink(postman, self.links, self.database, rooms, cars, self.photos_of, ADDRESS)
        for delivery in await self.outbox.claim(KIND, 100):
            await self.outbox.settle(delivery, await sink.deliver(delivery))


@pytest.fixture
async def desk(database: Database, clock: VirtualClock) -> Desk:
    url = "https://shop.example.com/{vehicle}?x={context}"
    showroom = replace(a_showroom(), store=Store(url=url))
    await Showrooms(database).save(showroom)
    await Vehicles(database).save(a_vehicle(showroom.id))
    return Desk(database, clock, showroom)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    return str(body.get_content())


async def test_the_letter_leads_on_to_the_store_and_knows_the_call_days_later(
    desk: Desk,
) -> None:
    await desk.secrets.rotate(desk.showroom.id)
    call = await desk.ends()
    await desk.send_due()
    (mail,) = desk.mails
    assert mail["Subject"] == "Your next step with Orvanne"
    text = text_of(mail)
    assert "Hello Jeanne Moreau" in text
    assert "Crête" in text
    link = next(line for line in text.splitlines() if line.startswith(f"{ADDRESS}/s/paris/store"))
    token = parse_qs(urlsplit(link).query)["from"][0]
    desk.clock.advance(days=29)
    opened = await desk.links.opened(desk.showroom, token)
    assert opened
    assert (opened.call, opened.vehicle) == (call.id, "crete")
    desk.clock.advance(days=2)
    assert await desk.links.opened(desk.showroom, token) is None
    assert await desk.links.opened(desk.showroom, "x") is None
    assert await desk.links.opened(replace(desk.showroom, slug="lyon"), token) is None


async def test_a_call_is_followed_by_one_letter_however_often_it_is_kept(desk: Desk) -> None:
    call = await desk.ends()
    for version in (3, 4):
        await desk.calls.save(replace(call, version=version, rating=5), [])
    await desk.send_due()
    assert len(desk.mails) == 1


@pytest.mark.parametrize("outcome", [Outcome.NO_FIT, Outcome.INVALID, None])
async def test_without_a_next_step_there_is_no_letter(desk: Desk, outcome: Outcome | None) -> None:
    await desk.ends(outcome)
    await desk.send_due()
    assert desk.mails == []


@pytest.mark.parametrize("lead", [{"email": None, "phone": "+33612345678"}, {"details": {}}])
async def test_nobody_is_written_to_without_an_address_and_consent(
    desk: Desk, lead: dict[str, Any]
) -> None:
    await desk.ends(**lead)
    await desk.send_due()
    assert desk.mails == []


async def test_who_is_gone_until_it_is_sent_gets_none(desk: Desk) -> None:
    await desk.ends()
    async with desk.database.write() as connection:
        await connection.execute(sa.delete(leads).where(leads.c.id == desk.lead))
        await count_ways(connection, desk.showroom.id, [desk.lead])
    await desk.send_due()
    assert desk.mails == []


async def test_without_a_store_it_leads_back_to_the_showroom_in_the_customers_language(
    desk: Desk,
) -> None:
    desk.showroom = replace(desk.showroom, store=Store())
    await Showrooms(desk.database).save(desk.showroom)
    await desk.ends(language="fr")
    await desk.send_due()
    text = text_of(desk.mails[0])
    assert "Merci de votre visite" in text
    assert f"{ADDRESS}/s/paris\n" in text
    assert "boutique" not in text


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_letter_leads_to_the_photos_of_the_call_where_there_are_some(
    desk: Desk, language: str
) -> None:
    await desk.ends(language=language)
    call = await desk.ends(language=language, email="paul@example.com")
    desk.photographed.add(call.id)
    await desk.send_due()
    without, with_photos = desk.mails
    assert "/p/" not in text_of(without)
    assert f"  {ADDRESS}/p/{call.id}" in text_of(with_photos).splitlines()
    html = with_photos.get_body(("html",))
    assert html
    words = {"en": "See the photos", "fr": "Voir les photos"}
    assert words[language] in html.get_content()
