"""How figures are written by one at a time, and read as of one moment."""

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


async def as_of_now(connection: AsyncConnection) -> None:
    """Have all that this transaction reads be of one moment; it has asked nothing yet.

    A day must not go from one table to the other between two questions. SQLite has it so anyway.
    """
    if connection.dialect.name == "postgresql":
        level = sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        await connection.execute(level)
