"""Endpoints: where a showroom's news go, and the secrets that sign them.

A secret is shown once, when it is made. During a rotation there are two, and every webhook is
signed with both, so that a receiver changes over when it likes (Standard Webhooks 1.0.0).
"""

import base64
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.contact import parse_email
from booking.delivery import Ending
from booking.handoff.guard import Forbidden, Guard
from booking.handoff.topics import Topic
from showroom.audit import COMMAND_LINE, Subject, entry_of, note
from showroom.clock import Clock
from showroom.database import Database, insert
from showroom.errors import BadRequest, IllegalMove, NotFound
from showroom.ids import EndpointId, ShowroomId, new_id
from showroom.lead_tables import dealers, endpoints
from showroom.tables import outbox

SECRET_PREFIX = "whsec_"  # noqa: S105 - how the specification begins every secret
SECRET_BYTES = 32
LONGEST_REASON = 200


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


STORED = TypeAdapter(Endpoint)
COLUMNS = [endpoints.c[one.name] for one in fields(Endpoint)]


def new_secret() -> str:
    """Return a secret as Standard Webhooks writes it: `whsec_` and 256 random bits in base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


class Endpoints:
    """The endpoints of all showrooms.

    Each change is noted, with `who` made it (`showroom.audit`).
    """

    def __init__(self, database: Database, guard: Guard, clock: Clock) -> None:
        self._database = database
        self._guard = guard
        self._clock = clock

    async def add(
        self,
        showroom_id: ShowroomId,
        kind: EndpointKind,
        name: str,
        address: str,
        topics: Collection[Topic],
        dealer: str | None = None,
        *,
        who: str = COMMAND_LINE,
    ) -> Endpoint:
        """Add an endpoint, which hears of what happens from now on.

        Raises `BadRequest` for an address that can't be sent to, a kind that carries none of the
        topics, and a dealer who is in no directory. A name's address is looked up when it is sent.
        """
        if not set(topics) & set(CARRIES[kind]):
            raise BadRequest("Choose what this endpoint hears of.", "topics")
        address = checked_address(self._guard, kind, address)
        endpoint = new_endpoint(showroom_id, kind, name, address, topics, dealer, self._clock())
        async with self._database.write() as connection:
            if dealer is not None:
                await _require_dealer(connection, showroom_id, dealer)
            await keep(connection, endpoint)
            await self._note(connection, who, None, endpoint)
        return endpoint

    async def of(self, showroom_id: ShowroomId) -> Sequence[Endpoint]:
        """Return a showroom's endpoints, by name."""
        async with self._database.read() as connection:
            return await endpoints_of(connection, showroom_id)

    async def get(self, showroom_id: ShowroomId, endpoint_id: EndpointId) -> Endpoint:
        """Return one endpoint of a showroom; raises `NotFound`."""
        async with self._database.read() as connection:
            return await _one(connection, showroom_id, endpoint_id)

    async def move(
        self,
        showroom_id: ShowroomId,
        endpoint_id: EndpointId,
        address: str,
        *,
        who: str = COMMAND_LINE,
    ) -> None:
        """Send to another address from now on, also what waits; its secrets and log stay.

        Raises `NotFound`, and `BadRequest` for an address that can't be sent to.
        """
        async with self._database.write() as connection:
            endpoint = await _one(connection, showroom_id, endpoint_id, lock=True)
            moved = replace(endpoint, address=checked_address(self._guard, endpoint.kind, address))
            await self._change(connection, who, endpoint, moved)

    async def rotate(
        self, showroom_id: ShowroomId, endpoint_id: EndpointId, *, who: str = COMMAND_LINE
    ) -> str:
        """Return a new secret. The one before it signs on until `end_rotation`.

        Raises `NotFound`, and `IllegalMove` for an endpoint that signs nothing, and while there are
        two: a third would end the one that its receiver still goes by.
        """
        async with self._database.write() as connection:
            endpoint = await _one(connection, showroom_id, endpoint_id, lock=True)
            if not endpoint.secrets:
                raise IllegalMove("Only webhooks have a secret.")
            if len(endpoint.secrets) > 1:
                raise IllegalMove("There are two secrets already. Drop the old one first.")
            secret = new_secret()
            rotated = replace(endpoint, secrets=(secret, endpoint.secrets[0]))
            await self._change(connection, who, endpoint, rotated)
        return secret

    async def end_rotation(
        self, showroom_id: ShowroomId, endpoint_id: EndpointId, *, who: str = COMMAND_LINE
    ) -> None:
        """Sign with the newest secret only. Raises `NotFound`."""
        async with self._database.write() as connection:
            endpoint = await _one(connection, showroom_id, endpoint_id, lock=True)
            newest = replace(endpoint, secrets=endpoint.secrets[:1])
            await self._change(connection, who, endpoint, newest)

    async def disable(
        self,
        showroom_id: ShowroomId,
        endpoint_id: EndpointId,
        reason: str = "",
        *,
        who: str = COMMAND_LINE,
    ) -> None:
        """Deliver nothing more to it. What happens meanwhile waits; raises `NotFound`."""
        async with self._database.write() as connection:
            endpoint = await _one(connection, showroom_id, endpoint_id, lock=True)
            if endpoint.disabled_at is None:
                disabled = replace(
                    endpoint, disabled_at=self._clock(), disabled_reason=reason[:LONGEST_REASON]
                )
                await self._change(connection, who, endpoint, disabled)

    async def enable(
        self, showroom_id: ShowroomId, endpoint_id: EndpointId, *, who: str = COMMAND_LINE
    ) -> None:
        """Deliver again, first of all what has waited. Raises `NotFound`."""
        async with self._database.write() as connection:
            endpoint = await _one(connection, showroom_id, endpoint_id, lock=True)
            enabled = replace(endpoint, disabled_at=None, failing_since=None, disabled_reason="")
            await self._change(connection, who, endpoint, enabled)

    async def remove(
        self, showroom_id: ShowroomId, endpoint_id: EndpointId, *, who: str = COMMAND_LINE
    ) -> None:
        """Forget it, and what waits for it. Raises `NotFound`."""
        async with self._database.write() as connection:
            endpoint = await _one(connection, showroom_id, endpoint_id, lock=True)
            await connection.execute(
                sa.update(outbox)
                .where(outbox.c.endpoint_id == endpoint.id, outbox.c.finished_at.is_(None))
                .values(
                    finished_at=self._clock(),
                    result=Ending.DROPPED.value,
                    answer="the endpoint was removed",
                )
            )
            await connection.execute(
                sa.delete(endpoints).where(
                    endpoints.c.id == endpoint.id, endpoints.c.showroom_id == showroom_id
                )
            )
            await self._note(connection, who, endpoint, None)

    async def _change(
        self, connection: AsyncConnection, who: str, before: Endpoint, after: Endpoint
    ) -> None:
        await keep(connection, after)
        await self._note(connection, who, before, after)

    async def _note(
        self,
        connection: AsyncConnection,
        who: str,
        before: Endpoint | None,
        after: Endpoint | None,
    ) -> None:
        one = before or after
        if one is None:
            return
        old, new = told(_noted(before), _noted(after) or {})
        what = (Subject.ENDPOINT, one.id, old if before else None, new if after else None)
        await note(connection, entry_of(one.showroom_id, self._clock(), who, *what))


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


def _noted(endpoint: Endpoint | None) -> dict[str, Any] | None:
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


async def endpoints_of(
    connection: AsyncConnection, showroom_id: ShowroomId, *, lock: bool = False
) -> list[Endpoint]:
    """Return a showroom's endpoints by name; `lock` keeps other writers off them."""
    query = sa.select(*COLUMNS).where(endpoints.c.showroom_id == showroom_id)
    query = query.order_by("name", "id")
    found = await connection.execute(query.with_for_update() if lock else query)
    return [STORED.validate_python(dict(row)) for row in found.mappings()]


async def keep(connection: AsyncConnection, endpoint: Endpoint) -> None:
    """Add an endpoint, or replace the one with its id, in the caller's transaction."""
    row = STORED.dump_python(endpoint, mode="json")
    await connection.execute(
        insert(connection, endpoints)
        .values(row)
        .on_conflict_do_update(index_elements=["id"], set_=row)
    )


async def _require_dealer(connection: AsyncConnection, showroom_id: ShowroomId, code: str) -> None:
    query = sa.select(dealers.c.code).where(
        dealers.c.showroom_id == showroom_id, dealers.c.code == code
    )
    if await connection.scalar(query) is None:
        raise BadRequest("There is no dealer with this number. Import the dealers first.", "dealer")


async def _one(
    connection: AsyncConnection,
    showroom_id: ShowroomId,
    endpoint_id: EndpointId,
    *,
    lock: bool = False,
) -> Endpoint:
    query = sa.select(*COLUMNS).where(
        endpoints.c.id == endpoint_id, endpoints.c.showroom_id == showroom_id
    )
    found = await connection.execute(query.with_for_update() if lock else query)
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound
    return STORED.validate_python(dict(row))
