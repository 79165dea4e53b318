"""Endpoints: where a showroom's news go, and the secrets that sign them.

A secret is shown once, when it is made. During a rotation there are two, and every webhook is
signed with both, so that a receiver changes over when it likes (Standard Webhooks 1.0.0).
"""

from collections.abc import Collection, Sequence
from dataclasses import fields, replace

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.delivery import Ending
from booking.handoff.endpoint import (
    CARRIES,
    Endpoint,
    EndpointKind,
    checked_address,
    new_endpoint,
    new_secret,
    noted,
    told,
)
from booking.handoff.guard import Guard
from booking.handoff.topics import Topic
from showroom.audit import COMMAND_LINE, Subject, entry_of, note
from showroom.clock import Clock
from showroom.database import Database, insert
from showroom.errors import BadRequest, IllegalMove, NotFound
from showroom.ids import EndpointId, ShowroomId
from showroom.lead_tables import dealers, endpoints
from showroom.tables import outbox

LONGEST_REASON = 200

STORED = TypeAdapter(Endpoint)
COLUMNS = [endpoints.c[one.name] for one in fields(Endpoint)]


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
        old, new = told(noted(before), noted(after) or {})
        what = (Subject.ENDPOINT, one.id, old if before else None, new if after else None)
        await note(connection, entry_of(one.showroom_id, self._clock(), who, *what))


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
