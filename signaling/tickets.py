"""What proves that a browser is a call's customer: a ticket in a cookie that scripts can't read."""

import re
from dataclasses import dataclass

from showroom.ids import CallId, PersonId, ShowroomId

CALL_COOKIE = "vs_call"
COMPANION_COOKIE = "vs_companion"
PART = re.compile(r"[\w-]{1,64}", re.ASCII)
TICKET = re.compile(r"([\w-]{1,64})\.([\w-]{1,64})\.([\w-]{1,64})", re.ASCII)
# People compare: a browser can be in the showrooms of several dealers. Older tickets are dropped.
MOST = 5
BETWEEN = "~"


@dataclass(frozen=True)
class CallTicket:
    """One call's ticket. The secret has 128 random bits; we keep only its digest."""

    showroom: ShowroomId
    call: CallId
    secret: str

    def __str__(self) -> str:
        return f"{self.showroom}.{self.call}.{self.secret}"

    @classmethod
    def parse(cls, text: str) -> "CallTicket | None":
        found = TICKET.fullmatch(text)
        return cls(ShowroomId(found[1]), CallId(found[2]), found[3]) if found else None


@dataclass(frozen=True)
class PersonTicket:
    """What proves that a browser is somebody whom a customer's link has brought to a call."""

    showroom: ShowroomId
    call: CallId
    person: PersonId
    secret: str

    def __str__(self) -> str:
        return f"{self.showroom}.{self.call}.{self.person}.{self.secret}"

    @classmethod
    def parse(cls, text: str) -> "PersonTicket | None":
        parts = text.split(".")
        if len(parts) != 4 or not all(PART.fullmatch(part) for part in parts):
            return None
        showroom, call, person, secret = parts
        return cls(ShowroomId(showroom), CallId(call), PersonId(person), secret)


@dataclass(frozen=True)
class Tickets:
    """A browser's tickets, one a showroom, the newest last. `str()` of it is the cookie's value."""

    all: tuple[CallTicket, ...] = ()

    def __str__(self) -> str:
        return BETWEEN.join(str(ticket) for ticket in self.all)

    @classmethod
    def parse(cls, value: str) -> "Tickets":
        """Read a cookie; what is no ticket is left out."""
        found = [CallTicket.parse(text) for text in value.split(BETWEEN)[-MOST:]]
        return cls(tuple(ticket for ticket in found if ticket))

    def of(self, showroom: ShowroomId) -> CallTicket | None:
        """Return the ticket of a showroom. It proves nothing before the desk has looked."""
        return next((one for one in reversed(self.all) if one.showroom == showroom), None)

    def with_one_more(self, ticket: CallTicket) -> "Tickets":
        others = tuple(one for one in self.all if one.showroom != ticket.showroom)
        return Tickets((*others, ticket)[-MOST:])
