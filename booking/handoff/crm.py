"""The two ways into a dealer's CRM: a mail that holds nothing but ADF, or a POST of the same."""

import asyncio
import textwrap
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import chain

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.contact import one_line
from booking.delivery import Delivered, Delivery, Dropped, Failed, Later, Result
from booking.handoff.adf import Known, Vendor, prospect
from booking.handoff.endpoint import Endpoint
from booking.handoff.lead_data import LeadData
from booking.handoff.posting import Poster, judged
from booking.handoff.sink import Sent
from booking.handoff.topics import Topic
from booking.leads.rows import with_id
from booking.leads.scoring import CONTACT
from booking.mail import POLICY, Mailer, Refused, Unsent
from showroom.clock import Clock, to_datetime
from showroom.database import Database
from showroom.errors import NotFound
from showroom.ids import LeadId, ShowroomId
from showroom.lead_tables import dealers
from showroom.showrooms import Showroom, Showrooms
from showroom.vehicles import Vehicle

MAIL_SECONDS = 15.0
LONGEST_LINE = 998  # RFC 5322, 2.1.1
MEDIA_TYPE = "application/x-adf+xml"
NO_MAILBOX = (
    "the lead has no dealer, or its dealer no e-mail address; give it one, and send this again"
)
NO_CONSENT = "the customer does not agree any more that anybody contacts them"

Cars = Callable[[ShowroomId], Awaitable[Sequence[Vehicle]]]


class Prospects:
    """Leads as ADF, with what the showroom and the dealers' directory know besides."""

    def __init__(self, database: Database, showrooms: Showrooms, cars: Cars, sender: str) -> None:
        """`cars` returns a showroom's range, `sender` is our address: the last to write back to."""
        self._database = database
        self._showrooms = showrooms
        self._cars = cars
        self._sender = sender

    async def of(self, delivery: Delivery) -> tuple[Showroom, Vendor, str] | None:
        """Return the showroom of a delivery, who it is for, and the document. Raises `NotFound`.

        None for somebody who took their consent back: ADF can't say so, and nobody may call them.
        """
        lead = LeadData.model_validate(delivery.payload["data"])
        if all(consent.purpose != CONTACT for consent in lead.consents):
            return None
        showroom = await self._showrooms.by_id(delivery.showroom_id)
        vendor = await self._vendor(showroom, lead)
        reachable = vendor.email or vendor.phone
        known = Known(
            make=showroom.brand.name,
            cars={car.slug: car for car in await self._cars(showroom.id)},
            vendor=vendor if reachable else replace(vendor, email=self._sender),
            provider=showroom.name,
            country=showroom.market,
        )
        again = delivery.topic == Topic.LEAD_UPDATED
        return showroom, vendor, prospect(lead, known, again=again).decode()

    async def _vendor(self, showroom: Showroom, lead: LeadData) -> Vendor:
        c = dealers.c
        columns = (c.code, c.name, c.email, c.phone, c.street, c.postcode, c.city, c.country)
        async with self._database.read() as connection:
            code = await _dealer_of(connection, showroom.id, lead)
            query = sa.select(*columns).where(c.showroom_id == showroom.id, c.code == code)
            row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            return Vendor(showroom.name, code)
        return Vendor(**{name: value or "" for name, value in row.items()})


async def _dealer_of(connection: AsyncConnection, showroom_id: ShowroomId, lead: LeadData) -> str:
    """Return the code of a lead's dealer by now, or an empty one.

    It may have got one, or another one, since it was told of; who had it before is told no more.
    """
    try:
        return (await with_id(connection, showroom_id, LeadId(lead.id))).dealer or ""
    except NotFound:
        return lead.dealer.code if lead.dealer else ""


class AdfMail:
    """A plain text mail whose body is the document, as CRMs read it: no other part, no HTML."""

    def __init__(self, prospects: Prospects, mailer: Mailer, sender: str, clock: Clock) -> None:
        self._prospects = prospects
        self._mailer = mailer
        self._sender = sender
        self._domain = sender.rpartition("@")[2]
        self._clock = clock

    async def send(self, endpoint: Endpoint, delivery: Delivery) -> Sent:
        known = await self._prospects.of(delivery)
        if known is None:
            return Sent(Dropped(NO_CONSENT), {})
        showroom, vendor, document = known
        body = in_lines(document)
        receiver = endpoint.address or vendor.email
        asked = {"to": receiver, "headers": {"message-id": f"<{delivery.id}@{self._domain}>"}}
        if not receiver:
            return Sent(Failed(NO_MAILBOX), asked | {"body": body})
        message = EmailMessage(policy=POLICY)
        message["From"] = Address(one_line(showroom.name), addr_spec=self._sender)
        message["To"] = Address(one_line(vendor.name), addr_spec=receiver)
        message["Subject"] = f"ADF Lead {delivery.subject_id}"
        message["Date"] = format_datetime(to_datetime(self._clock()))
        # The same at every try: who gets it twice is shown it once.
        message["Message-ID"] = f"<{delivery.id}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers by machines
        fits = max(map(len, body.split("\n"))) <= LONGEST_LINE
        message.set_content(body, cte="7bit" if fits else "quoted-printable")
        return Sent(await self._mail(message), asked | {"body": body})

    async def _mail(self, message: EmailMessage) -> Result:
        try:
            async with asyncio.timeout(MAIL_SECONDS):
                return Delivered(await self._mailer.send(message))
        except TimeoutError:
            return Later(answer=f"the mail server did not answer within {MAIL_SECONDS:g} s")
        except Unsent as error:
            return Later(answer=str(error))
        except Refused as error:
            return Failed(str(error))


def in_lines(document: str) -> str:
    """Return a document in lines that a mail holds as they are, broken at spaces.

    Dealers' systems cut it out of the mail and undo no encoding; to XML a line's end is a space.
    Only one word that is longer than a line makes the mail need an encoding.
    """
    lines = (_broken(one) if len(one) > LONGEST_LINE else [one] for one in document.split("\n"))
    return "\n".join(chain.from_iterable(lines))


def _broken(line: str) -> list[str]:
    return textwrap.wrap(line, LONGEST_LINE, break_long_words=False, break_on_hyphens=False)


class AdfHttp:
    """A POST of the document."""

    def __init__(self, prospects: Prospects, poster: Poster) -> None:
        self._prospects = prospects
        self._poster = poster

    async def send(self, endpoint: Endpoint, delivery: Delivery) -> Sent:
        known = await self._prospects.of(delivery)
        if known is None:
            return Sent(Dropped(NO_CONSENT), {})
        _, _, body = known
        headers = {"content-type": MEDIA_TYPE, "webhook-id": delivery.id}
        answer = await self._poster.post(endpoint.address, headers, body.encode())
        asked = {"url": endpoint.address, "headers": headers, "body": body}
        return Sent(judged(answer), asked, answer.status)
