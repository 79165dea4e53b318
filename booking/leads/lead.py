"""A lead: one person and what they want, with their consent, as far as anybody knows it by now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from booking.ledger import Consent
from showroom.ids import LeadId, ShowroomId, StaffId


class LeadState(StrEnum):
    """Where a lead stands. `booking.leads.moves` says which moves lead from one to the next."""

    NEW = "new"  # nobody has spoken to them yet
    CONTACTED = "contacted"
    WON = "won"
    LOST = "lost"


class Wish(StrEnum):
    """What somebody wants of us."""

    BUY = "buy"
    LEASE = "lease"
    TEST_DRIVE = "test-drive"
    OFFER = "offer"
    BROCHURE = "brochure"
    TRADE_IN = "trade-in"


class Horizon(StrEnum):
    """When they mean to decide."""

    NOW = "now"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    LATER = "later"


class Condition(StrEnum):
    """The state of a car that is traded in, in its owner's words."""

    NEW = "new"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class WishedVehicle:
    """A car of the range (`slug`), or of the store's configurator, or both."""

    slug: str
    version: str = ""
    configuration: str = ""


@dataclass(frozen=True, slots=True)
class TradeIn:
    """The car that they would give. `mileage` in kilometres, `registration` as on the plate."""

    make: str = ""
    model: str = ""
    year: int | None = None
    mileage: int | None = None
    condition: Condition | None = None
    registration: str = ""


@dataclass(frozen=True, slots=True)
class Touch:
    """One visit to our pages: where it came from, and when (UTC milliseconds)."""

    source: str = ""
    medium: str = ""
    name: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class StoreIds:
    """What the online store calls the customer, their basket and their configuration."""

    customer: str = ""
    basket: str = ""
    configuration: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """What a lead holds besides who it is. `budget` in hundredths of `currency` (ISO 4217).

    `merged`: other leads that turned out to be the same person, and are this one now.
    """

    consents: tuple[Consent, ...] = ()
    vehicles: tuple[WishedVehicle, ...] = ()
    wishes: tuple[Wish, ...] = ()
    trade_in: TradeIn | None = None
    budget: int | None = None
    currency: str = ""
    financing: str = ""
    horizon: Horizon | None = None
    notes: str = ""
    first_touch: Touch | None = None
    last_touch: Touch | None = None
    store: StoreIds = StoreIds()
    merged: tuple[LeadId, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that held, and its points; 0 for what keeps a lead from being qualified."""

    rule: str
    points: int


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead. Times are UTC milliseconds, `phone` is E.164, `dealer` a dealer's code.

    `version` grows with each change. `dealer_chosen`: by the customer, not by distance. `due_at`
    is when somebody should speak to them again, `owner_id` who.
    """

    id: LeadId
    showroom_id: ShowroomId
    version: int
    state: LeadState
    name: str
    email: str | None
    phone: str | None
    postcode: str | None
    language: str
    details: Details
    dealer: str | None
    dealer_chosen: bool
    score: int
    reasons: tuple[Reason, ...]
    qualified_at: int | None
    owner_id: StaffId | None
    due_at: int | None
    created_at: int
    updated_at: int
    closed_at: int | None = None


@dataclass(frozen=True, slots=True)
class LeadEvent:
    """The `seq`-th thing that happened to a lead. `by`: staff, `customer`, `store` or empty."""

    seq: int
    at: int
    kind: str
    by: str
    data: Mapping[str, object] = field(default_factory=dict)
