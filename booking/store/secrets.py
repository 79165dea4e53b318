"""What a showroom and its online store share: a secret that signs, two of them during a rotation.

They stand in the table of endpoints, as a row that nothing is ever delivered to.
"""

import base64
import secrets

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.clock import Clock
from showroom.database import Database, insert
from showroom.errors import NotFound
from showroom.ids import EndpointId, ShowroomId
from showroom.lead_tables import endpoints

KIND = "store"
PREFIX = "whsec_"
# Standard Webhooks 1.0.0: 24 to 64 random bytes.
BYTES = 32


class StoreSecrets:
    """The stores' secrets, the newest first. Each question names the showroom."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, showroom_id: ShowroomId) -> tuple[str, ...]:
        """Return the secrets that hold: none before the first `rotate`, at most two."""
        async with self._database.read() as connection:
            return await _read(connection, showroom_id)

    async def rotate(self, showroom_id: ShowroomId) -> str:
        """Make a new secret and return it; the one before goes on until `retire`."""
        new = PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()
        async with self._database.write() as connection:
            await connection.execute(
                insert(connection, endpoints)
                .values(_row(showroom_id, self._clock()))
                .on_conflict_do_nothing()
            )
            known = await _read(connection, showroom_id, lock=True)
            await _write(connection, showroom_id, (new, *known[:1]))
        return new

    async def retire(self, showroom_id: ShowroomId) -> None:
        """Let only the newest secret hold; a second time changes nothing. Raises `NotFound`."""
        async with self._database.write() as connection:
            known = await _read(connection, showroom_id, lock=True)
            if not known:
                raise NotFound("There is no secret yet. Make one first.")
            await _write(connection, showroom_id, known[:1])


async def _read(
    connection: AsyncConnection, showroom_id: ShowroomId, *, lock: bool = False
) -> tuple[str, ...]:
    query = sa.select(endpoints.c.secrets).where(*_is(showroom_id))
    found = await connection.scalar(query.with_for_update() if lock else query)
    return tuple(found or ())


async def _write(
    connection: AsyncConnection, showroom_id: ShowroomId, held: tuple[str, ...]
) -> None:
    change = sa.update(endpoints).where(*_is(showroom_id)).values(secrets=list(held))
    await connection.execute(change)


def _id(showroom_id: ShowroomId) -> EndpointId:
    # One a showroom, however many make the first one at the same time.
    return EndpointId(f"{KIND}-{showroom_id}")


def _is(showroom_id: ShowroomId) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        endpoints.c.id == _id(showroom_id),
        endpoints.c.showroom_id == showroom_id,
        endpoints.c.kind == KIND,
    )


def _row(showroom_id: ShowroomId, now: int) -> dict[str, object]:
    return {
        "id": _id(showroom_id),
        "showroom_id": showroom_id,
        "kind": KIND,
        "name": KIND,
        "address": "",
        "topics": [],
        "secrets": [],
        "created_at": now,
        "disabled_reason": "",
    }
