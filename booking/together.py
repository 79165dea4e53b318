"""Many small writes in one transaction: a commit costs more than a row."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.database import Database
from showroom.errors import TryAgain

Item = TypeVar("Item")


class Together(Generic[Item]):
    """Writes what is kept while another transaction of its kind runs with the next one."""

    def __init__(
        self,
        database: Database,
        write: Callable[[AsyncConnection, Sequence[Item]], Awaitable[None]],
    ) -> None:
        self._database = database
        self._write = write
        self._turn = asyncio.Lock()
        self._waiting: list[tuple[Item, asyncio.Future[TryAgain | None]]] = []

    async def keep(self, item: Item) -> None:
        """Return when `item` is committed. Raises `TryAgain`."""
        kept: asyncio.Future[TryAgain | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, kept))
        async with self._turn:
            # Whoever had the turn before has perhaps written this one with theirs.
            if not kept.done():
                batch, self._waiting = self._waiting, []
                await self._commit(batch)
        if error := await kept:
            raise error

    async def _commit(self, batch: list[tuple[Item, "asyncio.Future[TryAgain | None]"]]) -> None:
        error: TryAgain | None = TryAgain()
        try:
            async with self._database.write() as connection:
                await self._write(connection, [item for item, _ in batch])
            error = None
        except TryAgain:
            return
        finally:
            for _, kept in batch:
                # Who was cancelled meanwhile waits for nothing any more.
                if not kept.done():
                    kept.set_result(error)
