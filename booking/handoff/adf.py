"""A lead as ADF/XML 1.0 (Auto-lead Data Format), which dealers' CRMs have read since 2000.

The order of the elements is the specification's. What is written is ASCII, with references for all
else: so it goes through every mail server as it is, and the parsers that know one encoding read it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from booking.handoff.lead_data import LeadData, OldCar
from showroom.vehicles import Vehicle

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<?ADF VERSION="1.0"?>\n'
# XML 1.0, 2.2: everything else makes a document that no parser takes.
NOT_A_CHARACTER = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The first that holds; what else is wished stands in the comments.
INTERESTS = (("test-drive", "test-drive"), ("lease", "lease"))
HORIZONS = {
    "now": "now",
    "month": "within a month",
    "quarter": "within three months",
    "half-year": "within six months",
    "later": "later than in six months",
}
CONDITIONS = {"new": "excellent", "good": "good", "fair": "fair", "poor": "poor"}
UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Vendor:
    """Who the lead is for: a dealer, or the showroom itself. `email` or `phone` is always known."""

    name: str
    code: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What a lead does not say itself: `make` of the range, its cars by slug, and who speaks.

    `country` (ISO 3166-1) is the customer's, as far as anybody knows: the showroom's market.
    """

    make: str
    cars: Mapping[str, Vehicle]
    vendor: Vendor
    provider: str
    country: str


def prospect(lead: LeadData, known: Known, *, again: bool = False) -> bytes:
    """Return the document. `again`: the CRM has had this lead before, in an older version."""
    root = Element("adf")
    node = SubElement(root, "prospect", status="resend" if again else "new")
    _add(node, "id", lead.id, sequence="1", source=known.provider)
    _add(node, "requestdate", lead.created_at.isoformat(timespec="seconds"))
    _vehicles(node, lead, known)
    _customer(node, lead, known)
    _vendor(node, known.vendor)
    provider = SubElement(node, "provider")
    _add(provider, "name", known.provider, part="full", type="business")
    _add(provider, "service", "Live video showroom")
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=False)
    return HEAD + written + b"\n"


def _vehicles(prospect_node: Element, lead: LeadData, known: Known) -> None:
    year = str(lead.created_at.year)
    interest = next((word for wish, word in INTERESTS if wish in lead.wishes), "buy")
    for number, wanted in enumerate(lead.vehicles or (None,)):
        node = SubElement(prospect_node, "vehicle", interest=interest, status="new")
        slug = wanted.slug if wanted else ""
        car = known.cars.get(slug)
        if wanted and wanted.configuration:
            _add(node, "id", wanted.configuration, sequence="1", source="configuration")
        _add(node, "year", year)
        _add(node, "make", known.make)
        _add(node, "model", car.name if car else slug or UNDECIDED)
        if wanted and (trim := wanted.version or (car.version if car else "")):
            _add(node, "trim", trim)
        if car:
            price = f"{car.price // 100}.{car.price % 100:02}"
            _add(node, "price", price, type="msrp", currency=car.currency)
        if number == 0 and lead.budget:
            _finance(node, lead)
    if lead.trade_in:
        _trade_in(prospect_node, lead.trade_in, year)


def _finance(vehicle: Element, lead: LeadData) -> None:
    node = SubElement(vehicle, "finance")
    on_credit = "finance" if lead.financing else "cash"
    _add(node, "method", "lease" if "lease" in lead.wishes else on_credit)
    how = {"type": "total", "limit": "maximum"}
    if lead.budget:
        _add(node, "amount", str(lead.budget), **how, currency=lead.budget.currency)


def _trade_in(prospect_node: Element, car: OldCar, this_year: str) -> None:
    node = SubElement(prospect_node, "vehicle", interest="trade-in", status="used")
    _add(node, "year", str(car.year or this_year))
    _add(node, "make", car.make or UNDECIDED)
    _add(node, "model", car.model or UNDECIDED)
    if car.mileage is not None:
        _add(node, "odometer", str(car.mileage), status="unknown", units="km")
    if car.condition:
        _add(node, "condition", CONDITIONS.get(car.condition, "unknown"))
    if car.registration:
        _add(node, "comments", f"Registration: {car.registration}")


def _customer(prospect_node: Element, lead: LeadData, known: Known) -> None:
    node = SubElement(prospect_node, "customer")
    contact = SubElement(node, "contact")
    _names(contact, lead.contact.name)
    if lead.contact.email:
        _add(contact, "email", lead.contact.email)
    if lead.contact.phone:
        kind = phone_type(lead.contact.phone)
        _add(contact, "phone", lead.contact.phone, type=kind, time="nopreference")
    if lead.contact.postcode:
        address = SubElement(contact, "address", type="home")
        _add(address, "street", "", line="1")  # nobody asked; the format wants the line
        _add(address, "postalcode", lead.contact.postcode)
        _add(address, "country", known.country)
    _add(node, "id", lead.id, sequence="1", source=known.provider)
    if lead.horizon:
        timeframe = SubElement(node, "timeframe")
        _add(timeframe, "description", HORIZONS.get(lead.horizon, lead.horizon))
    if comments := "\n".join(_comments(lead)):
        _add(node, "comments", comments)


def _names(contact: Element, name: str) -> None:
    """Write a name in two parts where it has two words: the last part takes the rest whole."""
    first, _, last = " ".join(name.split()).partition(" ")
    if last:
        _add(contact, "name", first, part="first", type="individual")
        _add(contact, "name", last, part="last", type="individual")
    else:
        _add(contact, "name", first, part="full", type="individual")


def _comments(lead: LeadData) -> list[str]:
    touch = lead.campaign.last or lead.campaign.first
    campaign = " / ".join(filter(None, (touch.source, touch.medium, touch.name))) if touch else ""
    told = {
        "Wishes": ", ".join(lead.wishes),
        "Financing": lead.financing,
        "Language": lead.contact.language,
        "Campaign": campaign,
        "Notes": lead.notes,
    }
    return [f"{what}: {words}" for what, words in told.items() if words]


def _vendor(prospect_node: Element, vendor: Vendor) -> None:
    node = SubElement(prospect_node, "vendor")
    if vendor.code:
        _add(node, "id", vendor.code, sequence="1", source="dealer")
    _add(node, "vendorname", vendor.name)
    contact = SubElement(node, "contact")
    _add(contact, "name", vendor.name, part="full", type="business")
    if vendor.email:
        _add(contact, "email", vendor.email)
    if vendor.phone:
        _add(contact, "phone", vendor.phone, type="voice", time="nopreference")
    if vendor.street:
        address = SubElement(contact, "address", type="work")
        _add(address, "street", vendor.street, line="1")
        for name in ("city", "postalcode", "country"):
            _add(address, name, vendor.postcode if name == "postalcode" else getattr(vendor, name))


def phone_type(phone: str) -> str:
    """Return ADF's word for the kind of a number (E.164)."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(phone))
    except NumberParseException:
        return "voice"
    return "cellphone" if kind is PhoneNumberType.MOBILE else "voice"


def _add(parent: Element, name: str, text: str, **attributes: str) -> None:
    kept = {key: NOT_A_CHARACTER.sub("", value) for key, value in attributes.items()}
    SubElement(parent, name, kept).text = NOT_A_CHARACTER.sub("", text)
