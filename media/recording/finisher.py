"""Makes one file of each recording that has ended, one at a time, in a process of its own."""

import asyncio
import sys
from pathlib import Path

import structlog
from pydantic import ValidationError

from media.recording.book import MOST_TRIES, Recording, Recordings
from media.recording.finish import Done, Job
from showroom.children import leashed
from showroom.errors import NotFound
from showroom.ids import new_id

log = structlog.get_logger()

# An hour of a call takes less than a minute; whatever takes so long hangs (seconds).
PATIENCE = 20 * 60
# How much of what its process tells is kept: the end of it, which says why (characters).
MOST_TOLD = 1000


class Finisher:
    """Every node has one; what a node that died has left is finished by another one."""

    def __init__(self, book: Recordings, root: Path) -> None:
        self._book = book
        self._root = root

    async def work(self) -> None:
        """Finish what there is to finish by now."""
        while (recording := await self._book.claim()) is not None:
            await self._finish(recording)

    async def _finish(self, recording: Recording) -> None:
        parts = await self._book.parts_of(recording)
        stem = f"{recording.id}-{new_id()}"
        try:
            key = self._book.key_of(recording)
        except NotFound:
            return
        done = Done(size=0, duration_ms=0, form="webm")
        if parts:
            job = Job(
                root=str(self._root.resolve()),
                showroom=recording.showroom_id,
                parts=tuple(parts),
                stem=stem,
                key=key.hex(),
            )
            found = await _run(job)
            if found is None:
                await self._book.discard(recording, stem)
                if recording.tries >= MOST_TRIES:
                    await self._book.failed(recording)
                return  # its parts stay; else it is tried again when the claim has ended
            done = found
        if await self._book.parts_of(recording) != parts:
            # A disk that is slow: what has grown since would go with the parts.
            await self._book.discard(recording, stem)
            await self._book.put_off(recording)
            return
        await self._book.finished(
            recording, stem, done.form, done.size, done.duration_ms, len(parts)
        )
        log.info("a recording was finished", parts=len(parts), size=done.size)


async def _run(job: Job) -> Done | None:
    """Do a job in a process. Return None when it failed."""
    process = await asyncio.create_subprocess_exec(
        *leashed([sys.executable, "-m", "media.recording.finish"]),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            said, told = await process.communicate(job.model_dump_json().encode())
    except TimeoutError:
        log.warning("a recording could not be finished in time")
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    why = told.decode(errors="replace")[-MOST_TOLD:].strip()
    try:
        done = Done.model_validate_json(said)
    except ValidationError:
        log.warning("a recording could not be finished", status=process.returncode, why=why)
        return None
    if why:
        log.info("something was told while a recording was finished", why=why)
    return done
