"""The kinds of values that requests and answers of `/api/v1` are made of."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from showroom.clock import to_datetime

EPOCH = datetime.fromtimestamp(0, UTC)
# To the end of the century: calendars can reckon with it.
LATEST_MS = 4_102_444_800_000
# RFC 3339, 5.6. Fractions finer than a millisecond are cut off.
RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


class Given(BaseModel):
    """What a program sends. Fields that we don't know are refused: they may be misspelled."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )


class Told(BaseModel):
    """What a program gets."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _to_ms(value: Any, info: ValidationInfo) -> int:
    if isinstance(value, int) and info.mode == "python":
        return value  # ours
    if not isinstance(value, str) or not RFC_3339.fullmatch(value):
        raise ValueError("write a time as RFC 3339 does, with its zone: 2031-05-02T14:30:00+02:00")
    moment = (datetime.fromisoformat(value.upper()) - EPOCH) // timedelta(milliseconds=1)
    if not 0 <= moment <= LATEST_MS:
        raise ValueError("this time is not between 1970 and 2100")
    return moment


def rfc_3339(at_ms: int) -> str:
    """Return a moment in UTC, with milliseconds where there are any."""
    fine = "milliseconds" if at_ms % 1000 else "seconds"
    return to_datetime(at_ms).isoformat(timespec=fine).replace("+00:00", "Z")


# UTC milliseconds for us, RFC 3339 with a zone for others.
Moment = Annotated[
    int,
    BeforeValidator(_to_ms),
    PlainSerializer(rfc_3339, return_type=str),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2031-05-02T14:30:00+02:00"]}
    ),
]

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
# One line of what people write.
Line = Annotated[str, StringConstraints(max_length=400)]
Prose = Annotated[str, StringConstraints(max_length=4000)]
Word = Annotated[str, StringConstraints(max_length=100)]
# By language, like {"en": "…", "fr": "…"}.
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Currency = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{3}$"),
    Field(description="ISO 4217.", examples=["EUR"]),
]


def _primary(tag: str) -> str:
    return tag.partition("-")[0]


# What showrooms and advisors speak goes by the language alone; a region is taken, and left out.
Language = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2}(-[A-Za-z0-9]{2,8}){0,3}$"),
    AfterValidator(_primary),
    Field(description="BCP 47; what counts is the language.", examples=["en"]),
]


@cache
def _zones() -> frozenset[str]:
    """Return every zone's name; finding them walks through hundreds of files."""
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("write a zone as IANA does: Europe/Paris")
    return name


Zone = Annotated[
    str,
    StringConstraints(max_length=64),
    AfterValidator(_known_zone),
    Field(description="An IANA time zone.", examples=["Europe/Paris"]),
]
