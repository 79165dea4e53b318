"""What a showroom and its online store share: a secret that signs, two of them in a rotation."""

import base64
import secrets

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.audit import COMMAND_LINE, Subject, entry_of, note
from showroom.clock import Clock
from showroom.database import Database, insert
from showroom.errors import IllegalMove, NotFound
from showroom.ids import ShowroomId
from showroom.lead_tables import store_secrets

PREFIX = "whsec_"
# Standard Webhooks 1.0.0: 24 to 64 random bytes.
BYTES = 32


class StoreSecrets:
    """The stores' secrets, the newest first. Each question names the showroom.

    Only an operator at a terminal changes them; the log tells how many hold.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, showroom_id: ShowroomId) -> tuple[str, ...]:
        """Return the secrets that hold: none before the first `rotate`, at most two."""
        async with self._database.read() as connection:
            return await _read(connection, showroom_id)

    async def rotate(self, showroom_id: ShowroomId) -> str:
        """Make a new secret and return it; the one before goes on until `retire`.

        Raises `IllegalMove` while there are two: a third would end the one that the store still
        goes by.
        """
        new = PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()
        async with self._database.write() as connection:
            # First of all a row: what is there can be locked, however many make the first secret.
            row = {"showroom_id": showroom_id, "secrets": []}
            fresh = insert(connection, store_secrets).values(row)
            await connection.execute(fresh.on_conflict_do_nothing())
            known = await _read(connection, showroom_id, lock=True)
            if len(known) > 1:
                raise IllegalMove("There are two secrets already. Retire the old one first.")
            await self._write(connection, showroom_id, known, (new, *known))
        return new

    async def retire(self, showroom_id: ShowroomId) -> None:
        """Let only the newest secret hold; a second time changes nothing. Raises `NotFound`."""
        async with self._database.write() as connection:
            known = await _read(connection, showroom_id, lock=True)
            if not known:
                raise NotFound("There is no secret yet. Make one first.")
            await self._write(connection, showroom_id, known, known[:1])

    async def _write(
        self,
        connection: AsyncConnection,
        showroom_id: ShowroomId,
        known: tuple[str, ...],
        held: tuple[str, ...],
    ) -> None:
        await connection.execute(
            sa.update(store_secrets)
            .where(store_secrets.c.showroom_id == showroom_id)
            .values(secrets=list(held))
        )
        before, after = ({"store": {"signing_keys": len(some)}} for some in (known, held))
        what = (Subject.SHOWROOM, showroom_id, before, after)
        await note(connection, entry_of(showroom_id, self._clock(), COMMAND_LINE, *what))


async def _read(
    connection: AsyncConnection, showroom_id: ShowroomId, *, lock: bool = False
) -> tuple[str, ...]:
    query = sa.select(store_secrets.c.secrets).where(store_secrets.c.showroom_id == showroom_id)
    found = await connection.scalar(query.with_for_update() if lock else query)
    return tuple(found or ())
