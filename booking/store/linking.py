"""On to the store: a link by the showroom's URL template, with who comes as a signed context.

A template is RFC 6570, level 1: `{name}` stands for a value, encoded so that it can be nothing but
a part of the address.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from booking.leads.rows import Source, of_source
from booking.store.context import Context, read, sign
from booking.store.secrets import StoreSecrets
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import BadRequest, NotFound
from showroom.ids import CallId, ShowroomId
from showroom.showrooms import Showroom
from showroom.vehicles import Vehicle

VARIABLES = ("vehicle", "configuration", "price", "currency", "language", "context")
EXPRESSION = re.compile(r"\{([^{}]*)\}")
LONGEST_TEMPLATE = 2000
LONGEST_CONFIGURATION = 128
# A link is made when it is tapped, so what it carries is good for an hour only.
CONTEXT_S = 3600
# What a letter says of where it comes from is for us only, and good for a month.
LETTER, LETTER_S = b"showroom letter v1", 30 * 24 * 3600
# What an address can hold as it is (RFC 3986): no brace that belongs to no other.
ADDRESS = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")


def checked_template(text: str) -> str:
    """Return a template that can be kept; empty is none. Raises `BadRequest` with what is right."""
    template = text.strip()
    if not template:
        return ""
    names = EXPRESSION.findall(template)
    if unknown := [name for name in names if name not in VARIABLES]:
        raise BadRequest(
            f"There is no {{{unknown[0][:40]}}}. These are known: "
            f"{', '.join(f'{{{name}}}' for name in VARIABLES)}.",
            "url",
        )
    plain = EXPRESSION.sub("x", template)
    # What comes in between must not decide where the customer goes.
    host = template.removeprefix("https://").split("/")[0].split("?")[0].split("#")[0]
    if (
        len(template) > LONGEST_TEMPLATE
        or not ADDRESS.fullmatch(plain)
        or "{" in host
        or _host(plain) is None
    ):
        raise BadRequest(
            "Write an address that begins with https:// and a host, like"
            " https://shop.example.com/cars/{vehicle}?context={context}",
            "url",
        )
    return template


def expand(template: str, values: Mapping[str, str]) -> str:
    """Return the address: each value with all but its unreserved characters encoded (3.2.2)."""
    return EXPRESSION.sub(lambda found: quote(values.get(found[1], ""), safe=""), template)


class Links:
    """Makes the links of all showrooms."""

    def __init__(self, database: Database, secrets: StoreSecrets, clock: Clock) -> None:
        self._database = database
        self._secrets = secrets
        self._clock = clock

    async def link(
        self,
        showroom: Showroom,
        vehicle: Vehicle | None,
        configuration: str,
        language: str,
        call: CallId | None,
        campaign: Mapping[str, str],
    ) -> str:
        """Return the way on to the store; raises `NotFound` where there is none.

        The context says which call and lead it is, if there is one. Without a secret that the
        store shares there is no context.
        """
        if not showroom.store.url:
            raise NotFound("This showroom has no online store. Ask an advisor how to go on.")
        now_s = self._clock() // 1000
        context = Context(
            showroom=showroom.slug,
            iat=now_s,
            exp=now_s + CONTEXT_S,
            call=call or "",
            lead=await self._lead(showroom.id, call) if call else "",
            vehicle=vehicle.slug if vehicle else "",
            configuration=configuration[:LONGEST_CONFIGURATION],
            price=vehicle.price if vehicle else None,
            currency=vehicle.currency if vehicle else "",
            campaign=dict(campaign),
        )
        secrets = await self._secrets.of(showroom.id)
        values = {
            "vehicle": context.vehicle,
            "configuration": context.configuration,
            "price": _decimal(vehicle.price) if vehicle else "",
            "currency": context.currency,
            "language": language,
            "context": sign(context, secrets[0]) if secrets else "",
        }
        return expand(showroom.store.url, values)

    async def from_letter(self, showroom: Showroom, vehicle: str, call: CallId) -> str:
        """Return the query of `/s/{showroom}/store` for a letter that follows a call.

        A letter is opened days later, and elsewhere: it says itself from which call it comes.
        """
        secrets = await self._secrets.of(showroom.id)
        if not secrets:
            return urlencode({"vehicle": vehicle} if vehicle else {})
        now_s = self._clock() // 1000
        known = Context(showroom.slug, iat=now_s, exp=now_s + LETTER_S, call=call, vehicle=vehicle)
        return urlencode({"from": sign(known, secrets[0], LETTER)})

    async def opened(self, showroom: Showroom, token: str) -> Context | None:
        """Return what the query of a letter says, or None when it says nothing any more."""
        try:
            known = read(token, await self._secrets.of(showroom.id), LETTER)
        except BadRequest:
            return None
        good = known.showroom == showroom.slug and known.exp * 1000 > self._clock()
        return known if good else None

    async def _lead(self, showroom_id: ShowroomId, call: CallId) -> str:
        async with self._database.read() as connection:
            lead = await of_source(connection, showroom_id, Source("call", call))
        return lead.id if lead else ""


def _host(address: str) -> str | None:
    """Return the host of an https address, or None when it is none."""
    try:
        parts = urlsplit(address)
        fine = parts.scheme == "https" and parts.hostname and parts.port != 0
    except ValueError:
        return None
    if not fine or parts.username is not None or parts.password is not None:
        return None
    return parts.hostname


def _decimal(hundredths: int) -> str:
    """Return an amount as stores write it: 41900.00."""
    return f"{hundredths // 100}.{hundredths % 100:02d}"
