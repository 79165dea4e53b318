"""The side sheet: what an advisor types during a call, and what of it can be understood.

It is kept as typed, so that nothing is lost half-way; an address becomes a contact, and a number an
amount, only when it is one.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from booking.contact import LONGEST_NAME, one_line, parse_email, parse_phone
from booking.leads.lead import Condition, Details, Horizon, Lead, TradeIn, Wish, WishedVehicle
from booking.leads.merging import Knowledge
from booking.ledger import Consent
from showroom.errors import BadRequest

T = TypeVar("T")
Problems = dict[str, str]

LONGEST_POSTCODE = 16
LONGEST_SHEET_NOTES = 4_000
MOST_VEHICLES = 10
YEARS = range(1900, 2101)
MOST_KM = 9_999_999
MOST_MONEY = 10**11  # hundredths
# 30 000, 30.000, 30'000.50, 30000,5: groups of thousands by one sign, then one or two decimals.
AMOUNT = re.compile(r"(\d{1,3}(?:([ .,'])\d{3})(?:\2\d{3})*|\d+)(?:[.,](\d{1,2}))?")
BLANKS = re.compile(r"[\s\u00a0\u202f]+")

Line = Annotated[str, StringConstraints(max_length=400)]
Slug = Annotated[str, StringConstraints(max_length=64)]


class Typed(BaseModel):
    """A part of the sheet. All of it is optional: it is saved while it is being written."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Agreed(Typed):
    """What the customer said yes to, by the version of the text that they heard."""

    purpose: Literal["contact", "marketing"]
    version: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class TypedVehicle(Typed):
    """A car of the range, with the store's configuration of it."""

    slug: Slug = ""
    version: Annotated[str, StringConstraints(max_length=200)] = ""
    configuration: Annotated[str, StringConstraints(max_length=100)] = ""


class TypedTradeIn(Typed):
    """The car that they would give."""

    make: Line = ""
    model: Line = ""
    year: Line = ""
    mileage: Line = ""
    condition: Condition | Literal[""] = ""
    registration: Line = ""


class Sheet(Typed):
    """A call's side sheet, as typed."""

    name: Line = ""
    email: Line = ""
    phone: Line = ""
    postcode: Line = ""
    language: Annotated[str, StringConstraints(pattern=r"^([a-z]{2})?$")] = ""
    consents: Annotated[tuple[Agreed, ...], Field(max_length=10)] = ()
    vehicles: Annotated[tuple[TypedVehicle, ...], Field(max_length=MOST_VEHICLES)] = ()
    wishes: Annotated[tuple[Wish, ...], Field(max_length=len(Wish))] = ()
    trade_in: TypedTradeIn = TypedTradeIn()
    budget: Line = ""
    currency: Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")] = ""
    financing: Line = ""
    horizon: Horizon | Literal[""] = ""
    dealer: Slug = ""
    notes: Annotated[str, StringConstraints(max_length=LONGEST_SHEET_NOTES)] = ""


class KeptSheet(Typed):
    """A sheet as it is stored. `consents`: when each was given; `earlier`: what the lead has of it.

    `earlier` is what was known when the sheet was begun, or what the last lead was made of.
    """

    sheet: Sheet = Sheet()
    consents: tuple[Consent, ...] = ()
    earlier: Sheet = Sheet()


def understood(
    sheet: Sheet, consents: Iterable[Consent], region: str
) -> tuple[Knowledge, Problems]:
    """Return what a sheet says of a person, and what in it can't be understood, by field.

    `region` (ISO 3166-1) is where national phone numbers are of.
    """
    problems: Problems = {}

    def part(field: str, text: str, read: Callable[[str], T]) -> T | None:
        if not text.strip():
            return None
        try:
            return read(text)
        except BadRequest as error:
            problems[field] = error.message
            return None

    car = sheet.trade_in
    trade_in = TradeIn(
        make=one_line(car.make),
        model=one_line(car.model),
        year=part("trade_in.year", car.year, _year),
        mileage=part("trade_in.mileage", car.mileage, _mileage),
        condition=Condition(car.condition) if car.condition else None,
        registration=one_line(car.registration),
    )
    details = Details(
        consents=tuple(consents),
        vehicles=tuple(
            WishedVehicle(*map(one_line, (one.slug, one.version, one.configuration)))
            for one in sheet.vehicles
            if one.slug.strip() or one.configuration.strip()
        ),
        wishes=sheet.wishes,
        trade_in=None if trade_in == TradeIn() else trade_in,
        budget=part("budget", sheet.budget, parse_amount),
        currency=sheet.currency,
        financing=one_line(sheet.financing),
        horizon=Horizon(sheet.horizon) if sheet.horizon else None,
        notes=clean_notes(sheet.notes),
    )
    told = Knowledge(
        name=part("name", sheet.name, _name) or "",
        email=part("email", sheet.email, parse_email),
        phone=part("phone", sheet.phone, lambda text: parse_phone(text, region)),
        postcode=part("postcode", sheet.postcode, parse_postcode),
        language=sheet.language,
        details=details,
        dealer=sheet.dealer.strip() or None,
    )
    return told, problems


def readable(kept: KeptSheet, region: str) -> Sheet:
    """Return a sheet with what the lead has of it in place of what can't be understood.

    Half an address is none that somebody has cleared.
    """
    _, problems = understood(kept.sheet, (), region)
    sheet, earlier = kept.sheet.model_dump(), kept.earlier.model_dump()
    for problem in problems:
        part, _, field = problem.rpartition(".")
        there, before = (sheet[part], earlier[part]) if part else (sheet, earlier)
        there[field] = before[field]
    return Sheet.model_validate(sheet)


def told_by(kept: KeptSheet, region: str) -> Knowledge:
    """Return what a sheet tells; of what can't be understood, what it told before."""
    told, _ = understood(readable(kept, region), kept.consents, region)
    return told


def understood_before(kept: KeptSheet, region: str) -> Knowledge:
    """Return what a lead has of a sheet already: what it says no more is taken back."""
    consents = [Consent(one.purpose, one.version, 0) for one in kept.earlier.consents]
    told, _ = understood(kept.earlier, consents, region)
    return told


def sheet_of(lead: Lead) -> Sheet:
    """Return what is known of a person as a sheet to go on with."""
    details = lead.details
    car = details.trade_in
    trade_in = (
        {name: "" if said is None else str(said) for name, said in asdict(car).items()}
        if (car)
        else {}
    )
    return Sheet.model_validate(
        {
            "name": lead.name,
            "email": lead.email or "",
            "phone": lead.phone or "",
            "postcode": lead.postcode or "",
            "language": lead.language,
            "consents": [
                {"purpose": one.purpose, "version": one.version}
                for one in details.consents
                if one.purpose in {"contact", "marketing"}
            ],
            "vehicles": [asdict(one) for one in details.vehicles[:MOST_VEHICLES]],
            "wishes": details.wishes,
            "trade_in": trade_in,
            "budget": _amount(details.budget),
            "currency": details.currency,
            "financing": details.financing,
            "horizon": details.horizon or "",
            "dealer": lead.dealer if lead.dealer and lead.dealer_chosen else "",
            # A part of them would not be found again in the whole, and would stand there twice.
            "notes": details.notes if len(details.notes) <= LONGEST_SHEET_NOTES else "",
        }
    )


def parse_amount(text: str) -> int:
    """Return an amount of money in hundredths; raises `BadRequest`."""
    bare = BLANKS.sub(" ", text.replace("’", "'")).strip(" €$£")
    found = AMOUNT.fullmatch(bare)
    if found is None:
        raise BadRequest("This is not an amount. Write it like 30 000.")
    whole = int(re.sub(r"\D", "", found[1]))
    amount = whole * 100 + int((found[3] or "0").ljust(2, "0"))
    if amount > MOST_MONEY:
        raise BadRequest("This amount is too large. Write it like 30 000.")
    return amount


def parse_postcode(text: str) -> str:
    """Return a postcode as it is written, in capitals; raises `BadRequest`."""
    code = one_line(text).upper()
    if len(code) > LONGEST_POSTCODE:
        raise BadRequest(f"A postcode has at most {LONGEST_POSTCODE} characters.")
    return code


def clean_notes(text: str) -> str:
    """Return lines of text without what can't be seen."""
    lines = (one_line(line) for line in text.splitlines())
    return "\n".join(lines).strip("\n")


def _name(text: str) -> str:
    name = one_line(text)
    if len(name) > LONGEST_NAME:
        raise BadRequest(f"A name has at most {LONGEST_NAME} characters here.")
    return name


def _year(text: str) -> int:
    if not re.fullmatch(r"[0-9]{4}", text.strip()) or int(text) not in YEARS:
        raise BadRequest("A year has four digits, like 2019.")
    return int(text)


def _mileage(text: str) -> int:
    digits = re.sub(r"(?i)[\s\u00a0\u202f.,'’]|km", "", text)
    if not re.fullmatch(r"[0-9]{1,7}", digits) or int(digits) > MOST_KM:
        raise BadRequest("Write the kilometres as a number, like 45 000.")
    return int(digits)


def _amount(hundredths: int | None) -> str:
    if hundredths is None:
        return ""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02}" if rest else str(whole)
