"""A dealer as others write one: each field checked, and each refusal saying what would be right."""

import math
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from phonenumbers import SUPPORTED_REGIONS
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from booking.contact import one_line, parse_email, parse_phone
from booking.dealers.directory import Dealer, DealerKind
from showroom.errors import BadRequest
from showroom.showrooms import Showroom

LONGEST_CODE, LONGEST_LINE, LONGEST_CITY, LONGEST_POSTCODE = 64, 200, 100, 16
KINDS = " or ".join(kind.value for kind in DealerKind)


def _line(most: int) -> AfterValidator:
    def check(text: str) -> str:
        line = one_line(text)
        if not line:
            raise ValueError("write something here, it may not be empty.")
        if len(line) > most:
            raise ValueError(f"write at most {most} characters; these are {len(line)}.")
        return line

    return AfterValidator(check)


def _degrees(most: int) -> BeforeValidator:
    def check(given: object) -> float:
        try:
            degrees = float(given)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            degrees = math.nan
        if isinstance(given, bool) or not -most <= degrees <= most:
            raise ValueError(f"write degrees from -{most} to {most}, like 48.8566.")
        return degrees

    return BeforeValidator(check)


def _country(text: str) -> str:
    country = text.strip().upper()
    if country not in SUPPORTED_REGIONS:
        raise ValueError("write the country's two letters (ISO 3166-1), like FR.")
    return country


def _zone(text: str) -> str:
    zone = text.strip()
    if zone not in _zones():
        raise ValueError("write an IANA time zone, like Europe/Paris.")
    return zone


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _kind(given: object) -> object:
    kind = given.strip().lower() if isinstance(given, str) else given
    if kind not in tuple(DealerKind):
        raise ValueError(f"write {KINDS}.")
    return kind


class DealerEntry(BaseModel):
    """A dealer as a file or a program sends it. Texts are one line; what is optional may be absent.

    `code` is the brand's own number, `country` ISO 3166-1 alpha-2 and `zone` an IANA name (both as
    the showroom's without), `latitude` and `longitude` WGS 84 in degrees.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    code: Annotated[str, _line(LONGEST_CODE)]
    kind: Annotated[DealerKind, BeforeValidator(_kind)] = DealerKind.DEALER
    name: Annotated[str, _line(LONGEST_LINE)]
    street: Annotated[str, _line(LONGEST_LINE)]
    postcode: Annotated[str, _line(LONGEST_POSTCODE)]
    city: Annotated[str, _line(LONGEST_CITY)]
    country: Annotated[str, AfterValidator(_country)] | None = None
    latitude: Annotated[float, _degrees(90)]
    longitude: Annotated[float, _degrees(180)]
    zone: Annotated[str, AfterValidator(_zone)] | None = None
    phone: str | None = Field(None, description="E.164, or as people of the country write it")
    email: str | None = None

    @field_validator("email")
    @classmethod
    def _email(cls, text: str | None) -> str | None:
        return _checked(parse_email, text) if text and text.strip() else None

    @field_validator("phone")
    @classmethod
    def _phone(cls, text: str | None, info: ValidationInfo) -> str | None:
        region = info.data.get("country") or (info.context or {}).get("market", "")
        return _checked(parse_phone, text, region) if text and text.strip() else None

    @model_validator(mode="after")
    def _on_land(self) -> "DealerEntry":
        if self.latitude == self.longitude == 0:
            # What a program writes that knows neither.
            raise ValueError("latitude and longitude are both 0: write where the dealer is.")
        return self

    @classmethod
    def of(cls, given: Any, showroom: Showroom) -> "DealerEntry":
        """Return what was given, checked; `showroom` says in which country numbers are read.

        Raises `pydantic.ValidationError`; `reasons` puts it in words.
        """
        return cls.model_validate(given, context={"market": showroom.market})

    def dealer(self, showroom: Showroom) -> Dealer:
        """Return this as a dealer of `showroom`, which says what is left open."""
        known = self.model_dump()
        known["country"] = self.country or showroom.market
        known["zone"] = self.zone or showroom.zone
        return Dealer(showroom_id=showroom.id, **known)


def reasons(error: ValidationError) -> list[str]:
    """Return what is wrong with an entry, field by field: 'zone: write an IANA time zone, …'."""
    return [_reason(one) for one in error.errors(include_url=False)]


def _reason(error: Any) -> str:
    field = str(error["loc"][0]) if error["loc"] else ""
    match error["type"]:
        case "value_error":
            said = str(error["ctx"]["error"])
        case "missing":
            said = "write something here, it may not be empty."
        case "extra_forbidden":
            said = "there is no such field."
        case _:
            said = "write text here."
    return f"{field}: {said}" if field else said


def _checked(check: Any, *given: str) -> str:
    try:
        return str(check(*given))
    except BadRequest as error:
        raise ValueError(error.message) from None
