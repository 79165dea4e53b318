"""Makes the anonymised copies that are asked for, one at a time on each node."""

import asyncio
from pathlib import Path

import structlog

from media.anonymise.film import Made
from media.anonymise.pool import NotMade, Pool
from media.recording.copies import Copies, CopyState, Task
from media.recording.copying import Job
from showroom.errors import NotFound, StorageFull

log = structlog.get_logger()

# How often the row hears how far a copy is, and it, that it is still wanted (seconds).
TELL_SECONDS = 1.0


class Copier:
    """Every node has one; what a node that died had begun is made anew by another one."""

    def __init__(self, copies: Copies, root: Path, pool: Pool) -> None:
        self._copies = copies
        self._root = root
        self._pool = pool

    async def work(self) -> None:
        """Make what is asked for by now."""
        while (task := await self._copies.claim()) is not None:
            await self._make(task)

    async def _make(self, task: Task) -> None:
        kept = False
        try:
            made = await self._run(task)
            if made is not None:
                # From here on the row alone knows whether the files are wanted: what becomes of it
                # may be lost on its way back. One left unfinished goes with the next claim.
                kept = True
                await self._copies.made(task, made.duration_ms)
                log.info("an anonymised copy was made", pictures=made.pictures, hidden=made.hidden)
        except StorageFull:
            await self._copies.failed(task, CopyState.FULL)
        except (NotMade, NotFound):
            kept = False  # half of it went already, with whoever cancelled it
            await self._copies.failed(task, CopyState.FAILED)
        except asyncio.CancelledError:
            await self._copies.give_back(task)
            raise
        finally:
            if not kept:
                await self._copies.book.discard(task.recording, task.stem)

    async def _run(self, task: Task) -> Made | None:
        """Make one and tell of it; return None once nobody wants it any more."""
        share = 0.0

        def told(now: float) -> None:
            nonlocal share
            share = now

        job = Job(
            root=self._root.resolve(),
            showroom=task.recording.showroom_id,
            source=task.recording.stem,
            out=task.stem,
            key=self._copies.book.key_of(task.recording).hex(),
        )
        making = asyncio.create_task(self._pool.run("media.recording.copying", job, told))
        try:
            while not (await asyncio.wait({making}, timeout=TELL_SECONDS))[0]:
                if not await self._copies.tell(task, int(100 * share)):
                    return None
            return making.result()
        finally:
            making.cancel()
            await asyncio.wait({making})
