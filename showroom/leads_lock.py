"""The lock of a showroom's leads."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.ids import ShowroomId

# A first number for pg_advisory_xact_lock that nobody else uses; the second is the showroom's.
LEADS_LOCK = int.from_bytes(b"lead")


async def lock(connection: AsyncConnection, showroom_id: ShowroomId) -> None:
    """Let nobody else write leads of this showroom until this transaction ends.

    SQLite has one writer anyway.
    """
    if connection.dialect.name == "sqlite":
        return
    ours = sa.func.hashtext(showroom_id)
    await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LEADS_LOCK, ours)))
