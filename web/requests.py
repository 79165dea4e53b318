"""The customer's forms: a brochure, a test drive, or an offer is asked for."""

from typing import Annotated, Literal

from aiohttp.web import Request, StreamResponse, json_response
from pydantic import Field, StringConstraints

from booking.leads.book import Request as Wanted
from booking.leads.lead import Wish
from booking.leads.sheet import Agreed, parse_postcode
from booking.ledger import Consent
from showroom.errors import BadRequest
from signaling.messages import Id
from web.booking import Language, known_vehicle
from web.consents import REQUEST
from web.customer import parse, showroom_of
from web.keys import CLOCK, LEADS
from web.limits import REQUESTS, limit
from web.origins import origin_of
from web.visit import Line, Person, guest_of
from web.visitor import check_csrf


class CustomerRequest(Person):
    """What a customer asks for, and of whom they would have it."""

    kind: Literal[Wish.BROCHURE, Wish.TEST_DRIVE, Wish.OFFER]
    language: Language
    consents: Annotated[tuple[Agreed, ...], Field(max_length=len(REQUEST))]
    postcode: Line | None = None
    vehicle: Id | None = None
    configuration: Annotated[str, StringConstraints(max_length=100)] | None = None
    dealer: Annotated[str, StringConstraints(max_length=64)] | None = None
    message: Annotated[str, StringConstraints(max_length=2000)] = ""


async def ask(request: Request) -> StreamResponse:
    """Make a lead of what somebody asks for. The same form sent twice asks once."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    limit(request, REQUESTS)
    showroom = await showroom_of(request)
    form = await parse(request, CustomerRequest)
    guest = guest_of(form, showroom.market)
    spoken = form.language in showroom.languages
    wanted = Wanted(
        wish=Wish(form.kind),
        name=guest.name,
        email=guest.email,
        phone=guest.phone,
        language=form.language if spoken else showroom.languages[0],
        consents=_consents(form, request.app[CLOCK]()),
        postcode=_postcode(form),
        vehicle=await known_vehicle(request, showroom, form.vehicle),
        configuration=(form.configuration or "").strip(),
        dealer=(form.dealer or "").strip() or None,
        message=form.message.strip(),
    )
    await request.app[LEADS].ask(showroom, wanted, origin_of(request, showroom))
    return json_response({"ok": True}, status=201)


def _consents(form: CustomerRequest, now: int) -> tuple[Consent, ...]:
    """Return what was agreed to. Raises `BadRequest` without a word about contact."""
    right = all(REQUEST[one.purpose] == one.version for one in form.consents)
    if not right or all(one.purpose != "contact" for one in form.consents):
        raise BadRequest(
            "Please agree that we may contact you: without it we may not keep what you ask for.",
            field="consent",
        )
    return tuple(Consent(one.purpose, one.version, now) for one in form.consents)


def _postcode(form: CustomerRequest) -> str | None:
    if not (form.postcode or "").strip():
        return None
    try:
        return parse_postcode(form.postcode or "")
    except BadRequest as error:
        raise BadRequest(error.message, field="postcode") from None
