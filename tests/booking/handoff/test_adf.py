"""ADF: well-formed and valid whatever a customer wrote, and with every fact in its place."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pydantic import BaseModel

from booking.delivery import Delivered, Dropped, Failed, Result
from booking.handoff.adf import Known, Vendor, phone_type, prospect
from booking.handoff.crm import NO_MAILBOX
from booking.handoff.deliveries import Line
from booking.handoff.endpoint import EndpointKind
from booking.handoff.lead_data import LeadData
from booking.handoff.topics import Topic
from booking.leads.public import LeadOut
from booking.mail import SmtpMailer
from showroom.ids import LeadId, ShowroomId
from showroom.lead_tables import dealers, leads
from showroom.vehicles import Vehicles
from tests.booking.delivering import until
from tests.booking.handoff.receiver import receiving
from tests.booking.handoff.sending import LEAD, Handing, saved_dealer
from tests.booking.mail_server import MailServer, mail_server
from tests.leads import saved_lead
from tests.samples import a_vehicle

DTD = etree.DTD(str(Path(__file__).parent / "adf.dtd"))
# What turns strangers' text into markup where nobody minds it.
HOSTILE = (
    "</comments><vendor>",
    "]]>",
    "<!ENTITY x SYSTEM 'file:///etc/passwd'>",
    "&lol;",
    "\x00\x0b",
)
KNOWN = Known(
    make="Orvanne",
    cars={"crete": a_vehicle(ShowroomId("paris"))},
    vendor=Vendor("Garage de l’Étoile", "D-12", "etoile@example.com"),
    provider="Orvanne Paris",
    country="FR",
)


def read(document: bytes | str) -> Any:
    """Return the document's only prospect, as a strict parser of others reads it."""
    raw = document.encode() if isinstance(document, str) else document
    root = etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))
    assert DTD.validate(root), DTD.error_log.filter_from_errors()
    return root.find("prospect")


def lead_of(**changes: Any) -> LeadData:
    return LeadData.model_validate({**LEAD, **changes})


def text(node: Any, path: str) -> str | None:
    found = node.findtext(path)
    return None if found is None else str(found)


def test_a_whole_lead_has_every_fact_in_its_place() -> None:
    document = prospect(lead_of(), KNOWN)
    assert document.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<?ADF VERSION="1.0"?>\n')
    found = read(document)
    assert found.get("status") == "new"
    assert text(found, "id") == "lead-1"
    requested = datetime.fromisoformat(text(found, "requestdate") or "")
    assert requested == datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)
    wanted, old = found.findall("vehicle")
    assert (wanted.get("interest"), wanted.get("status")) == ("test-drive", "new")
    assert [text(wanted, tag) for tag in ("id", "year", "make", "model", "trim", "price")] == [
        "C-77", "2025", "Orvanne", "Crête", "Hybride 200", "41900.00",
    ]  # fmt: skip
    assert wanted.find("price").get("currency") == "EUR"
    assert [text(wanted, f"finance/{tag}") for tag in ("method", "amount")] == [
        "finance",
        "35000.50",
    ]
    assert (old.get("interest"), old.get("status")) == ("trade-in", "used")
    assert [text(old, tag) for tag in ("year", "make", "model", "odometer", "condition")] == [
        "2014", "Fiat", "Panda", "91000", "fair",
    ]  # fmt: skip
    assert old.find("odometer").get("units") == "km"
    customer = found.find("customer")
    names = {name.get("part"): name.text for name in customer.findall("contact/name")}
    assert names == {"first": "Zoé", "last": "Dupont"}
    assert text(customer, "contact/email") == "zoe@example.com"
    assert text(customer, "contact/phone") == "+33612345678"
    assert customer.find("contact/phone").get("type") == "cellphone"
    assert text(customer, "contact/address/postalcode") == "75011"
    assert text(customer, "contact/address/country") == "FR"
    assert text(customer, "timeframe/description") == "within a month"
    assert "Wants a tow bar." in (text(customer, "comments") or "")
    assert text(found, "vendor/vendorname") == "Garage de l’Étoile"
    assert text(found, "provider/name") == "Orvanne Paris"


@pytest.mark.parametrize(
    ("wishes", "interest"),
    [
        (["buy"], "buy"),
        (["offer"], "buy"),
        (["brochure"], "buy"),
        (["lease", "buy"], "lease"),
        (["buy", "test-drive", "lease"], "test-drive"),
        ([], "buy"),
    ],
)
def test_a_wish_becomes_an_interest(wishes: list[str], interest: str) -> None:
    assert read(prospect(lead_of(wishes=wishes), KNOWN)).find("vehicle").get("interest") == interest


def test_the_least_that_a_lead_can_hold_is_valid() -> None:
    least = LeadData.model_validate({"id": "lead-1", "created_at": "2025-10-09T08:53:20Z"})
    found = read(prospect(least, KNOWN))
    assert [text(found, f"vehicle/{tag}") for tag in ("make", "model")] == ["Orvanne", "undecided"]


def test_a_later_version_is_sent_again() -> None:
    assert read(prospect(lead_of(), KNOWN, again=True)).get("status") == "resend"


def test_one_word_is_a_full_name() -> None:
    contact = {**LEAD["contact"], "name": "Cher"}
    (name,) = read(prospect(lead_of(contact=contact), KNOWN)).findall("customer/contact/name")
    assert (name.get("part"), name.text) == ("full", "Cher")


@pytest.mark.parametrize("evil", HOSTILE)
def test_no_text_of_a_customer_becomes_markup(evil: str) -> None:
    contact = {**LEAD["contact"], "name": evil}
    lead = lead_of(notes=evil, contact=contact, financing=evil, id=evil, horizon=evil)
    found = read(prospect(lead, KNOWN))
    assert evil.strip("\x00\x0b") in (text(found, "customer/comments") or "")
    assert len(found.findall("vendor")) == 1


@given(st.text(st.characters(), max_size=80))
def test_any_text_at_all_makes_a_valid_document(words: str) -> None:
    contact = {**LEAD["contact"], "name": words, "email": words, "phone": words}
    lead = lead_of(notes=words, contact=contact, vehicles=[{"slug": words, "version": words}])
    document = prospect(lead, KNOWN)
    document.decode("ascii")
    read(document)


def test_ten_thousand_characters_of_name_are_kept() -> None:
    contact = {**LEAD["contact"], "name": "x" * 10_000}
    assert text(read(prospect(lead_of(contact=contact), KNOWN)), "customer/contact/name") == (
        "x" * 10_000
    )


@pytest.mark.parametrize(
    ("phone", "kind"), [("+33612345678", "cellphone"), ("+33140000000", "voice"), ("?", "voice")]
)
def test_a_number_is_a_cellphone_where_its_plan_says_so(phone: str, kind: str) -> None:
    assert phone_type(phone) == kind


@pytest.mark.parametrize("notes", ["Wants a tow bar.", "é" * 3_000, "x" * 3_000 + "\r\n.\r\n"])
async def test_a_mail_holds_the_document_and_nothing_else(handing: Handing, notes: str) -> None:
    await saved_dealer(handing.database, handing.showroom)
    await Vehicles(handing.database).save(a_vehicle(handing.showroom))
    async with mail_server() as server:
        handing.mailer = SmtpMailer(server.url)
        endpoint = await handing.endpoint("crm@etoile.example", EndpointKind.ADF_MAIL)
        await handing.publish(data={**LEAD, "notes": notes})
        assert [type(one) for one in await handing.send_due(endpoint.id)] == [Delivered]
        (message,) = server.got
    assert not message.is_multipart()
    assert message.get_content_type() == "text/plain"
    assert message["To"].addresses[0].addr_spec == "crm@etoile.example"
    (line,) = await handing.lines()
    assert str(message["Message-ID"]).startswith(f"<{line.id}@")
    found = read(message.get_content())
    assert text(found, "vendor/id") == "D-12"
    assert text(found, "vendor/contact/email") == "etoile@example.com"
    assert text(found, "vehicle/model") == "Crête"


@pytest.mark.parametrize(
    "notes", ["Wants a tow bar = " * 10, "Ça coûte 41 900 € tout compris. " * 90, "a\n.\nb" * 40]
)
async def test_a_mail_stands_in_its_bytes_as_it_is(handing: Handing, notes: str) -> None:
    """Dealers' systems cut the document out of a mail and undo no encoding."""
    async with mail_server() as server:
        handing.mailer = SmtpMailer(server.url)
        endpoint = await handing.endpoint("crm@etoile.example", EndpointKind.ADF_MAIL)
        await handing.publish(data={**LEAD, "notes": notes})
        await handing.send_due(endpoint.id)
        (message,) = server.got
    assert message["Content-Transfer-Encoding"] == "7bit"
    raw = message.get_payload()
    assert isinstance(raw, str)
    assert max(map(len, raw.splitlines())) <= 998  # RFC 5322, 2.1.1
    comments = text(read(raw), "customer/comments") or ""
    assert comments.split()[-3:] == notes.split()[-3:]
    assert notes.split() == comments.partition("Notes: ")[2].split()


def test_every_fact_that_is_read_of_a_lead_is_one_that_is_told() -> None:
    """Who tells and who reads are apart: a field that one of them renames is lost in silence."""
    assert_told(LeadData, LeadOut)


def assert_told(reads: type[BaseModel], tells: type[BaseModel]) -> None:
    for name, field in reads.model_fields.items():
        assert name in tells.model_fields, f"{tells.__name__} has no {name}"
        inner, outer = (model_in(one.annotation) for one in (field, tells.model_fields[name]))
        if inner and outer:
            assert_told(inner, outer)


def model_in(annotation: object) -> type[BaseModel] | None:
    """Return the model in `Model`, `Model | None`, `list[Model]` or `tuple[Model, ...]`."""
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


async def test_a_crm_gets_the_same_over_http(handing: Handing) -> None:
    async with receiving() as crm:
        endpoint = await handing.endpoint(f"{crm.url}/ok", EndpointKind.ADF_HTTP)
        await handing.publish(topic=Topic.LEAD_UPDATED)
        await handing.send_due(endpoint.id)
        await until(lambda: len(crm.requests) == 1)
    heard: Mapping[str, Any] = crm.requests[0]
    assert heard["headers"]["content-type"] == "application/x-adf+xml"
    found = read(heard["body"])
    assert found.get("status") == "resend"
    assert text(found, "vendor/vendorname") == "Orvanne Paris"


async def test_without_an_address_each_lead_goes_to_its_own_dealer(handing: Handing) -> None:
    await saved_dealer(handing.database, handing.showroom)
    await saved_dealer(handing.database, handing.showroom, code="D-13", email=None)
    async with mail_server() as server:
        handing.mailer = SmtpMailer(server.url)
        endpoint = await handing.endpoint("", EndpointKind.ADF_MAIL)
        for number, dealer in enumerate(({"code": "D-12"}, {"code": "D-13"}, None)):
            await handing.publish(f"lead-{number}", data={**LEAD, "dealer": dealer})
        results = await handing.send_due(endpoint.id)
    assert server.receivers == ["etoile@example.com"]
    assert [type(one) for one in results] == [Delivered, Failed, Failed]
    assert "send this again" in results[1].answer


async def refused_mail(handing: Handing, server: MailServer, lead: str, **data: Any) -> Line:
    """Fail to mail a lead whose dealer can't be reached, and return its line."""
    handing.mailer = SmtpMailer(server.url)
    endpoint = await handing.endpoint("", EndpointKind.ADF_MAIL)
    await handing.publish(lead, data={**LEAD, "id": lead, **data})
    (result,) = await handing.send_due(endpoint.id)
    assert result == Failed(NO_MAILBOX)
    (line,) = await handing.lines()
    return line


async def sent_again(handing: Handing, line: Line) -> Result:
    await handing.deliveries.replay(handing.showroom, line.id)
    (result,) = await handing.send_due(line.endpoint_id)
    return result


async def test_a_lead_that_is_given_a_dealer_is_sent_again(handing: Handing) -> None:
    await saved_dealer(handing.database, handing.showroom)
    lead = await saved_lead(handing.database, handing.showroom)
    async with mail_server() as server:
        line = await refused_mail(handing, server, lead, dealer=None)
        async with handing.database.write() as connection:
            await connection.execute(
                sa.update(leads).where(leads.c.id == lead).values(dealer="D-12")
            )
        assert isinstance(await sent_again(handing, line), Delivered)
        (message,) = server.got
    assert server.receivers == ["etoile@example.com"]
    assert text(read(message.get_content()), "vendor/id") == "D-12"


async def test_a_lead_that_joined_one_with_a_dealer_is_sent_again(handing: Handing) -> None:
    await saved_dealer(handing.database, handing.showroom)
    gone = LeadId("gone")
    async with mail_server() as server:
        line = await refused_mail(handing, server, gone, dealer=None)
        await saved_lead(handing.database, handing.showroom, became=[gone], dealer="D-12")
        assert isinstance(await sent_again(handing, line), Delivered)
    assert server.receivers == ["etoile@example.com"]


async def test_a_lead_is_sent_again_when_its_dealer_is_given_a_mailbox(handing: Handing) -> None:
    await saved_dealer(handing.database, handing.showroom, email=None)
    lead = await saved_lead(handing.database, handing.showroom, dealer="D-12")
    async with mail_server() as server:
        line = await refused_mail(handing, server, lead)
        async with handing.database.write() as connection:
            await connection.execute(sa.update(dealers).values(email="etoile@example.com"))
        assert isinstance(await sent_again(handing, line), Delivered)
    assert server.receivers == ["etoile@example.com"]


async def test_a_lead_that_went_to_another_dealer_reaches_no_earlier_one(handing: Handing) -> None:
    await saved_dealer(handing.database, handing.showroom)
    await saved_dealer(handing.database, handing.showroom, code="D-13", email="13@example.com")
    lead = await saved_lead(handing.database, handing.showroom, dealer="D-13")
    async with mail_server() as server:
        handing.mailer = SmtpMailer(server.url)
        endpoint = await handing.endpoint("", EndpointKind.ADF_MAIL)
        await handing.publish(lead, data={**LEAD, "id": lead})
        await handing.send_due(endpoint.id)
    assert server.receivers == ["13@example.com"]


async def test_who_took_their_consent_back_goes_into_no_crm(handing: Handing) -> None:
    silent = {**LEAD, "consents": [{**LEAD["consents"][0], "purpose": "marketing"}]}
    async with receiving() as crm, mail_server() as server:
        handing.mailer = SmtpMailer(server.url)
        by_http = await handing.endpoint(f"{crm.url}/ok", EndpointKind.ADF_HTTP)
        by_mail = await handing.endpoint("crm@etoile.example", EndpointKind.ADF_MAIL)
        await handing.publish(topic=Topic.LEAD_UPDATED, data=silent)
        results = [*await handing.send_due(by_http.id), *await handing.send_due(by_mail.id)]
    assert [type(one) for one in results] == [Dropped, Dropped]
    assert (crm.requests, server.got) == ([], [])
