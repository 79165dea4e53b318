"""A few processes that make anonymised copies; who comes when all are busy waits."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import cast

import structlog
from pydantic import BaseModel, ValidationError

from media.anonymise.film import Made
from media.anonymise.progress import Said
from showroom.children import leashed
from showroom.errors import StorageFull

log = structlog.get_logger()

# A copy takes a core for longer than its film lasts: one at a time leaves the others to the calls.
WORKERS = 1


class NotMade(Exception):
    """No copy came of it: there is no film, or its process ended. What was begun is of no use."""


class Pool:
    """Runs tasks in processes of their own, at most so many at once."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._places = asyncio.Semaphore(workers)

    async def run(
        self, module: str, task: BaseModel, told: Callable[[float], None] = lambda _: None
    ) -> Made:
        """Do a task. `told` hears the share that is done. Raises `NotMade`, and
        `StorageFull`.

        `module` is what the process runs: it reads the task on its input and answers as
        `media.anonymise.progress` has it. Whoever stops waiting stops the process.
        """
        async with self._places:
            process = await asyncio.create_subprocess_exec(
                *leashed([sys.executable, "-m", module]),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            try:
                return await _follow(process, task, told)
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()


async def _follow(
    process: asyncio.subprocess.Process, task: BaseModel, told: Callable[[float], None]
) -> Made:
    asked = cast(asyncio.StreamWriter, process.stdin)
    answers = cast(asyncio.StreamReader, process.stdout)
    try:
        asked.write(task.model_dump_json().encode())
        asked.close()
        async for line in answers:
            said = Said.model_validate_json(line)
            if said.full:
                raise StorageFull
            told(said.share)
            if said.made:
                return said.made
    except (ValidationError, OSError):
        pass  # it says nonsense, or nothing any more
    log.warning("an anonymised copy could not be made", status=await process.wait())
    raise NotMade
