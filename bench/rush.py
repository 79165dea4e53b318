"""A run on one slot: many ask for it at once, from several processes, and one may have it.

`crowds` starts the processes, and lets them all loose at the same time for each round. Each is
`python -m bench.rush {…}`: it reads a start from a line of standard input, asks for it as often as
it has customers, and answers with one line of JSON.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from booking.appointments import Appointments
from booking.roster import Roster
from showroom.children import leashed
from showroom.clock import system_clock
from showroom.database import Database
from showroom.errors import SlotTaken
from showroom.showrooms import Showroom, Showrooms

PROCESSES, CUSTOMERS = 2, 200


@dataclass
class Round:
    """What became of one slot: how many have it, how many were refused how, and their offers."""

    starts_at: int
    taken: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    offers: list[list[int]] = field(default_factory=list)


Rush = Callable[[int], Awaitable[Round]]


@dataclass(frozen=True)
class Customers:
    """What one process has to do."""

    database_url: str
    slug: str
    number: int


async def announce(*_: object) -> None:
    """Tell nobody: what is measured is the booking."""


@asynccontextmanager
async def crowds(database_url: str, slug: str) -> AsyncIterator[Rush]:
    """Yield what lets 200 customers, from two processes, ask for one start at the same time."""
    task = Customers(database_url, slug, CUSTOMERS // PROCESSES)
    async with AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(_process(task)) for _ in range(PROCESSES)]
        await asyncio.gather(*(_answer(process) for process in crowd))

        async def rush(starts_at: int) -> Round:
            for process in crowd:
                assert process.stdin
                process.stdin.write(f"{starts_at}\n".encode())
            came = Round(starts_at)
            for fact in await asyncio.gather(*(_answer(process) for process in crowd)):
                came.taken += fact["taken"]
                came.offers += fact["offers"]
                for why, number in fact["refused"].items():
                    came.refused[why] = came.refused.get(why, 0) + number
            return came

        yield rush


@asynccontextmanager
async def _process(task: Customers) -> AsyncIterator[Process]:
    command = leashed([sys.executable, "-m", "bench.rush", json.dumps(asdict(task))])
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answer(process: Process) -> dict[str, Any]:
    assert process.stdout
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("A crowd ended too early; what it said stands above.")
    answer: dict[str, Any] = json.loads(line)
    return answer


async def _ask(book: Appointments, showroom: Showroom, number: int, starts_at: int) -> Round:
    answers = await asyncio.gather(
        *(book.hold(showroom, starts_at, "en", "Europe/Paris", None) for _ in range(number)),
        return_exceptions=True,
    )
    came = Round(starts_at)
    for answer in answers:
        if isinstance(answer, BaseException):
            why = type(answer).__name__
            came.refused[why] = came.refused.get(why, 0) + 1
            if isinstance(answer, SlotTaken):
                came.offers.append(list(answer.free))
        else:
            came.taken += 1
    return came


async def work(task: Customers) -> None:
    """Ask for one start after the other, until standard input ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    async with Database.open(task.database_url) as database:
        showrooms = Showrooms(database)
        book = Appointments(database, showrooms, Roster(database), announce, system_clock)
        showroom = await showrooms.by_slug(task.slug)
        await book.slots(showroom, "en")
        print("{}", flush=True)
        while line := await reader.readline():
            came = await _ask(book, showroom, task.number, int(line))
            print(json.dumps(asdict(came)), flush=True)


if __name__ == "__main__":
    asyncio.run(work(Customers(**json.loads(sys.argv[1]))))
