"""The letter after a call: thanks, and the next step, with the way on to the store.

It goes to whoever left an address and agreed to be contacted, once a call, and like every letter it
is written when it is sent, from what the lead is by then.
"""

from collections.abc import Awaitable, Callable
from email.headerregistry import Address

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.delivery import Delivery, Dropped, Result
from booking.leads.lead import Lead, LeadState
from booking.leads.rows import Source, of_source, with_id
from booking.leads.scoring import CONTACT
from booking.outbox import Outbox
from booking.postman import Postman
from booking.store.linking import Links
from booking.writing import FALLBACK, HERE, Choice, Letter, spoken_name
from showroom.calls import CallRecord
from showroom.clock import DAY_MS, Clock
from showroom.database import Database
from showroom.errors import NotFound
from showroom.ids import CallId, LeadId, ShowroomId
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import calls
from showroom.texts import Words
from showroom.vehicles import Vehicles
from showroom.words import CallState, Outcome

KIND, TOPIC = "recap_mail", "recap"
# After these there is a next step.
HOPEFUL = frozenset({Outcome.INTERESTED, Outcome.TEST_DRIVE, Outcome.OFFER_WANTED, Outcome.BOUGHT})


class Recaps:
    """Puts the letter into the outbox, in the transaction that keeps a call."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    async def call_kept(
        self, connection: AsyncConnection, before: CallRecord | None, call: CallRecord
    ) -> None:
        """Write to who was called, as soon as the outcome closes it. This is a `Kept`."""
        closed_before = before is not None and before.state is CallState.CLOSED
        if call.state is not CallState.CLOSED or closed_before or call.outcome not in HOPEFUL:
            return
        lead = await of_source(connection, call.showroom_id, Source("call", call.id))
        if lead is None or not _may_write(lead):
            return
        now = self._clock()
        await self._outbox.add(
            connection, call.showroom_id, KIND, TOPIC, call.id, {"lead": lead.id}, now, now + DAY_MS
        )


# Gives the address of the page with a call's photos, or nothing when none were taken.
PhotosOf = Callable[[ShowroomId, CallId], Awaitable[str]]


class RecapSink:
    """Sends what the outbox holds of kind `KIND`. `address` is where this server's pages are."""

    def __init__(
        self,
        postman: Postman,
        links: Links,
        database: Database,
        showrooms: Showrooms,
        vehicles: Vehicles,
        photos: PhotosOf,
        address: str,
        words: Words | None = None,
    ) -> None:
        self._postman = postman
        self._links = links
        self._database = database
        self._showrooms = showrooms
        self._vehicles = vehicles
        self._photos = photos
        self._address = address
        self._words = words or Words(HERE / "languages")

    async def deliver(self, delivery: Delivery) -> Result:
        """Write and send one letter, or drop it when nobody may or need be written to."""
        call, lead_id = CallId(delivery.subject_id), LeadId(delivery.payload["lead"])
        try:
            showroom = await self._showrooms.by_id(delivery.showroom_id)
            async with self._database.read() as connection:
                lead = await with_id(connection, showroom.id, lead_id)
                seen = await _vehicle_of(connection, showroom, call)
        except NotFound:
            return Dropped("there is no such lead any more")
        if not _may_write(lead) or lead.email is None or lead.state is LeadState.LOST:
            return Dropped("the lead has changed")
        letter = await self._letter(showroom, lead, call, seen)
        to = Address(spoken_name(lead.name), addr_spec=lead.email)
        message = self._postman.compose(delivery, showroom, letter, to)
        return await self._postman.send(message, letter)

    async def _letter(self, showroom: Showroom, lead: Lead, call: CallId, seen: str) -> Letter:
        known = lead.language in self._words.languages
        language = lead.language if known else FALLBACK
        t = self._words.translator(language)
        name = spoken_name(lead.name)
        cars = {car.slug: car.name for car in await self._vehicles.of(showroom.id)}
        photos = await self._photos(showroom.id, call)
        store = bool(showroom.store.url)
        link = f"{self._address}/s/{showroom.slug}"
        if store:
            link += f"/store?{await self._links.from_letter(showroom, seen, call)}"
        return Letter(
            language=language,
            subject=t("recap.subject", brand=showroom.brand.name),
            greeting=t("letter.greeting", name=name) if name else t("letter.greeting.nameless"),
            heading=t("recap.heading"),
            paragraphs=(t("recap.text"), *([t("recap.store")] if store else [])),
            facts=((t("letter.vehicle"), cars[seen]),) if seen in cars else (),
            colon=t("letter.colon"),
            choices_label=t("recap.photos") if photos else "",
            choices=(Choice(t("recap.photos.see"), photos),) if photos else (),
            action=t("recap.action.store" if store else "recap.action"),
            link=link,
            footer=t("recap.footer"),
            signature=t("recap.signature"),
        )


def _may_write(lead: Lead) -> bool:
    agreed = any(consent.purpose == CONTACT for consent in lead.details.consents)
    return lead.email is not None and agreed


async def _vehicle_of(connection: AsyncConnection, showroom: Showroom, call: CallId) -> str:
    query = sa.select(calls.c.vehicle).where(calls.c.id == call, calls.c.showroom_id == showroom.id)
    return await connection.scalar(query) or ""
