"""What a dealer's CRM and a table need of the news about a lead, parsed from a delivery's payload.

The shape is that of `booking.leads.public`. Fields that came later are ignored, and those that are
missing are empty: a row of the outbox may be older than the code that delivers it.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    # What a customer wrote must not reach the log by way of an error.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Contact(_Part):
    """Who it is; `phone` in E.164."""

    name: str = ""
    email: str | None = None
    phone: str | None = None
    postcode: str | None = None
    language: str = ""


class Car(_Part):
    """A car that they want: of the range (`slug`), of the store's configurator, or both."""

    slug: str = ""
    version: str = ""
    configuration: str = ""


class OldCar(_Part):
    """A car that they would give; `mileage` in kilometres."""

    make: str = ""
    model: str = ""
    year: int | None = None
    mileage: int | None = None
    condition: str | None = None
    registration: str = ""


class Money(_Part):
    """An amount in hundredths of a currency (ISO 4217)."""

    amount: int
    currency: str

    def __str__(self) -> str:
        return f"{self.amount // 100}.{self.amount % 100:02}"


class DealerCode(_Part):
    """Who takes it on."""

    code: str = ""


class Consent(_Part):
    """What they agreed to."""

    purpose: str = ""
    version: str = ""


class Touch(_Part):
    """Where a visit to our pages came from."""

    source: str = ""
    medium: str = ""
    name: str = ""


class Campaign(_Part):
    """The first and the last such visit."""

    first: Touch | None = None
    last: Touch | None = None


class Reason(_Part):
    """A rule of the score that held."""

    rule: str = ""
    points: int = 0


class LeadData(_Part):
    """A lead as others are told of it."""

    id: str
    version: int = 0
    state: str = ""
    contact: Contact = Contact()
    consents: tuple[Consent, ...] = ()
    vehicles: tuple[Car, ...] = ()
    wishes: tuple[str, ...] = ()
    trade_in: OldCar | None = None
    budget: Money | None = None
    financing: str = ""
    horizon: str | None = None
    dealer: DealerCode | None = None
    notes: str = ""
    campaign: Campaign = Campaign()
    score: int = 0
    reasons: tuple[Reason, ...] = ()
    created_at: datetime
