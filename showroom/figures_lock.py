"""The lock of a showroom's figures."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.ids import ShowroomId

# A number of our own for pg_advisory_xact_lock: "figu" in ASCII.
FIGURES_LOCK = int.from_bytes(b"figu")


async def lock(connection: AsyncConnection, showroom_id: ShowroomId) -> None:
    """Let nobody else count this showroom's calls until this transaction ends.

    Two who did would each miss the other's call. SQLite has one writer anyway.
    """
    if connection.dialect.name == "sqlite":
        return
    ours = sa.func.hashtext(showroom_id)
    await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(FIGURES_LOCK, ours)))
