"""An endpoint: where news go, what it can hear, and how it is told of, without its secrets."""

import base64
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from booking.contact import parse_email
from booking.handoff.guard import Forbidden, Guard
from booking.handoff.topics import Topic
from showroom.errors import BadRequest
from showroom.ids import EndpointId, ShowroomId, new_id

SECRET_PREFIX = "whsec_"  # noqa: S105 - how the specification begins every secret
SECRET_BYTES = 32


class EndpointKind(StrEnum):
    """How news reach an endpoint."""

    WEBHOOK = "webhook"
    ADF_MAIL = "adf_mail"  # to a dealer's CRM, as most of them take leads
    ADF_HTTP = "adf_http"
    FOLDER = "folder"  # one JSON file for each event, in the data folder
    CSV = "csv"  # one table a month, in the data folder


LEADS = (Topic.LEAD_QUALIFIED, Topic.LEAD_UPDATED)
# What each kind can carry. A dealer's CRM and a table of leads know nothing but leads.
CARRIES: Mapping[EndpointKind, tuple[Topic, ...]] = {
    EndpointKind.WEBHOOK: tuple(Topic),
    EndpointKind.ADF_MAIL: LEADS,
    EndpointKind.ADF_HTTP: LEADS,
    EndpointKind.FOLDER: tuple(Topic),
    EndpointKind.CSV: LEADS,
}


class EndpointState(StrEnum):
    """How an endpoint does."""

    NEW = "new"  # nothing was delivered yet
    WORKS = "works"
    FAILING = "failing"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint. Moments in UTC milliseconds; `secrets` the newest first, none without webhooks.

    `address` is a URL or an e-mail address; empty for files, and for ADF by mail where each lead
    goes to its own dealer. With a `dealer` (a code) it hears only of what is for this one.
    """

    id: EndpointId
    showroom_id: ShowroomId
    kind: EndpointKind
    name: str
    address: str
    topics: tuple[Topic, ...]
    dealer: str | None
    secrets: tuple[str, ...] = field(repr=False)
    created_at: int
    delivered_at: int | None
    failing_since: int | None
    disabled_at: int | None
    disabled_reason: str

    @property
    def state(self) -> EndpointState:
        """How it does."""
        if self.disabled_at is not None:
            return EndpointState.DISABLED
        if self.failing_since is not None:
            return EndpointState.FAILING
        return EndpointState.NEW if self.delivered_at is None else EndpointState.WORKS


def new_secret() -> str:
    """Return a secret as Standard Webhooks writes it: `whsec_` and 256 random bits in base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def new_endpoint(
    showroom_id: ShowroomId,
    kind: EndpointKind,
    name: str,
    address: str,
    topics: Collection[Topic],
    dealer: str | None,
    now_ms: int,
) -> Endpoint:
    """Return an endpoint that nothing was sent to yet, with a secret of its own if it signs."""
    return Endpoint(
        id=EndpointId(new_id()),
        showroom_id=showroom_id,
        kind=kind,
        name=name,
        address=address,
        topics=tuple(topic for topic in CARRIES[kind] if topic in topics),
        dealer=dealer,
        secrets=(new_secret(),) if kind is EndpointKind.WEBHOOK else (),
        created_at=now_ms,
        delivered_at=None,
        failing_since=None,
        disabled_at=None,
        disabled_reason="",
    )


def endpoint_document(endpoint: Endpoint) -> dict[str, Any]:
    """Return an endpoint as a table of a settings file, without its secrets."""
    table = {
        "kind": endpoint.kind.value,
        "name": endpoint.name,
        "address": endpoint.address,
        "topics": [topic.value for topic in Topic if topic in endpoint.topics],
        "dealer": endpoint.dealer,
    }
    return {name: given for name, given in table.items() if given is not None}


def told(
    before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return two tables as they may be printed and logged: addresses without their queries.

    Where receivers can't check signatures, that is where a key of theirs stands.
    """
    old, new = _masked(before or {}), _masked(after)
    if before and before.get("address") != after.get("address") and old == new:
        new["address"] += " (another query)"
    return old, new


def _masked(table: Mapping[str, Any]) -> dict[str, Any]:
    plain, query, _ = str(table.get("address", "")).partition("?")
    return {**table, "address": f"{plain}?…"} if query else dict(table)


def noted(endpoint: Endpoint | None) -> dict[str, Any] | None:
    """Return what the log tells of an endpoint: its table, and of its secrets how many hold."""
    if endpoint is None:
        return None
    signing = {"signing_keys": len(endpoint.secrets)} if endpoint.secrets else {}
    return {
        **endpoint_document(endpoint),
        **signing,
        "disabled": endpoint.disabled_at is not None,
        "disabled_reason": endpoint.disabled_reason or None,
    }


def checked_address(guard: Guard, kind: EndpointKind, address: str) -> str:
    """Return an address that can be sent to, or an empty text where the kind has none.

    Raises `BadRequest`.
    """
    match kind:
        case EndpointKind.ADF_MAIL:
            if not address:
                return ""  # each lead goes to its own dealer
            try:
                return parse_email(address)
            except BadRequest as error:
                raise BadRequest(error.message, "address") from None
        case EndpointKind.WEBHOOK | EndpointKind.ADF_HTTP:
            try:
                guard.check(address)
            except Forbidden as error:
                raise BadRequest(f"We can't send there: {error}.", "address") from None
            return address
        case _:
            return ""  # files have their place in the data folder
