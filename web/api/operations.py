"""What the interface consists of: operations, each with all that serves and documents it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from aiohttp.web import Application, Request
from pydantic import BaseModel

from showroom.api_keys import ApiKey, Scope
from showroom.errors import ChangedMeanwhile, ShowroomError
from showroom.ids import new_id
from showroom.showrooms import Showroom
from web.api.etags import etag_of, matches
from web.api.reading import Asked
from web.api.values import Given
from web.limits import Allowance

Q = TypeVar("Q", bound=Asked)
B = TypeVar("B", bound=Given)

START = "/api/v1"
# What a request may be long, in bytes; a bulk operation has its own limit.
MOST_BYTES = 64_000
BULK_BYTES = 2_000_000
BULK_ITEMS = 5_000
# For each key, on each node.
PACE = Allowance("api", rate=20, burst=200)
# A batch is work for a second; three at once are the directory, the range and a correction.
BULK_PACE = Allowance("api_bulk", rate=0.2, burst=3)


class Nothing(Given):
    """No body."""


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, B]):
    """One request that may be carried out: who asks, where, and what, checked and parsed.

    `new_id` is the id of what it makes: the same whenever the same request is sent again.
    """

    request: Request
    key: ApiKey
    showroom: Showroom
    query: Q
    body: B
    new_id: str = field(default_factory=new_id)

    @property
    def app(self) -> Application:
        """Where the parts are."""
        return self.request.app

    @property
    def conditional(self) -> bool:
        """Whether the caller names the version that they mean to change."""
        return "If-Match" in self.request.headers

    def named(self, what: str) -> str:
        """Return the id in the address."""
        return self.request.match_info[what]

    def require_match(self, present: BaseModel) -> None:
        """Raise `ChangedMeanwhile` unless `If-Match`, where there is one, names what is there."""
        if self.conditional and not matches(self.request, "If-Match", etag_of(present)):
            raise ChangedMeanwhile


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers."""

    body: BaseModel
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[Q, B]):
    """One method of one address. `path` begins below the showroom's address.

    `answers` are those of success, by status; `refusals` those that are this operation's own.
    `conditional`: it takes `If-Match`.
    """

    id: str
    method: str
    path: str
    group: str
    scope: Scope
    summary: str
    handle: Callable[[Call[Q, B]], Awaitable[Answer]]
    query: type[Q]
    body: type[B]
    answers: Mapping[int, type[BaseModel]]
    description: str = ""
    refusals: tuple[type[ShowroomError], ...] = ()
    conditional: bool = False
    bulk: bool = False

    @property
    def address(self) -> str:
        """The whole path, as the table of routes has it."""
        return f"{START}/showrooms/{{showroom}}{self.path}"

    @property
    def has_body(self) -> bool:
        """Whether it wants to be told something."""
        return self.body is not Nothing

    @property
    def once(self) -> bool:
        """Whether a repetition must do nothing: then it needs an `Idempotency-Key`."""
        return self.method == "POST"

    @property
    def most_bytes(self) -> int:
        """How long a request may be."""
        return BULK_BYTES if self.bulk else MOST_BYTES

    @property
    def pace(self) -> Allowance:
        """How often a key may do it."""
        return BULK_PACE if self.bulk else PACE


AnyOperation = Operation[Any, Any]
