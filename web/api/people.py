"""People as programs name them: a name, how to reach them, what they agreed to, where from."""

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from booking.appointments import Consent, Guest
from booking.contact import parse_email, parse_name, parse_phone
from showroom.errors import BadRequest
from web.api.problems import FieldProblem, Invalid
from web.api.values import Given, Line, Moment, Told, Word


class ConsentGiven(Given):
    """What somebody agreed to."""

    purpose: Annotated[Word, Field(min_length=1, examples=["contact"])]
    version: Annotated[
        Word,
        Field(min_length=1, description="Of the text that they read.", examples=["shop-2031-04"]),
    ]
    at: Annotated[Moment | None, Field(description="When; left out, now.")] = None


class ConsentTold(Told):
    """What somebody agreed to."""

    purpose: str
    version: str
    at: Moment


class Campaign(Given):
    """Where somebody came from."""

    source: Annotated[Word, Field(examples=["newsletter"])] = ""
    medium: Annotated[Word, Field(examples=["e-mail"])] = ""
    name: Annotated[Word, Field(examples=["spring"])] = ""

    def texts(self) -> dict[str, str]:
        """Return what is there."""
        return {name: text for name, text in self.model_dump().items() if text}


class Contact(Given):
    """A person. `email` or `phone` must be there."""

    name: Annotated[Line, Field(min_length=1, examples=["Jeanne Moreau"])]
    email: Annotated[Line | None, Field(examples=["jeanne@example.com"])] = None
    phone: Annotated[
        Line | None,
        Field(
            description="E.164, or as people of the showroom's market write it.",
            examples=["+33639980010"],
        ),
    ] = None
    consents: Annotated[
        list[ConsentGiven],
        Field(min_length=1, max_length=10, description="One must be for `contact`."),
    ]


def guest_of(contact: Contact, region: str) -> Guest:
    """Return somebody as they are kept; raises `Invalid` with everything that is wrong.

    `region` is ISO 3166-1: how phone numbers without a country's code are read.
    """
    wrong: list[FieldProblem] = []

    def checked(field: str, check: Callable[..., str], *given: str) -> str:
        try:
            return check(*given)
        except BadRequest as error:
            wrong.append(FieldProblem(detail=error.message, pointer=f"/{field}"))
            return ""

    name = checked("name", parse_name, contact.name)
    email = checked("email", parse_email, contact.email) if contact.email else None
    phone = checked("phone", parse_phone, contact.phone, region) if contact.phone else None
    if not contact.email and not contact.phone:
        detail = "Give an e-mail address or a phone number: how else could anybody reach them?"
        wrong.append(FieldProblem(detail=detail, pointer="/email"))
    if all(consent.purpose != "contact" for consent in contact.consents):
        detail = "One consent must be for `contact`: without it nobody may write to them or call."
        wrong.append(FieldProblem(detail=detail, pointer="/consents"))
    if wrong:
        raise Invalid(wrong)
    return Guest(name, email, phone)


def consents_of(contact: Contact, now: int) -> tuple[Consent, ...]:
    """Return what somebody agreed to; nobody agrees in the future."""
    return tuple(
        Consent(one.purpose, one.version, min(one.at if one.at is not None else now, now))
        for one in contact.consents
    )
