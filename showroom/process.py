"""This process: its signals, its tasks, its garbage, its limit of open files."""

import asyncio
import gc
import os
import resource
import signal
from collections.abc import Collection

# What a process takes upon itself that has no hurry: 19 is the most.
NICE = 15
# So long may somebody who is cancelled take to give back what they hold.
TIDYING_SECONDS = 0.5


def stop_signal() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set from now on.

    Ask for it before anything is opened: a signal that comes during the start then still ends it
    in order.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    return stopped


async def end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel tasks until they are over.

    Once is not enough: before Python 3.12 `asyncio.wait_for`, which the Redis client uses, loses a
    cancellation that comes in the moment in which it is done (python/cpython issue 86296). But who
    is cancelled tidies up, and a second one must not come in between.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=TIDYING_SECONDS)


def step_back() -> None:
    """Let other processes go first: for work that nobody waits for."""
    os.nice(NICE)


def ready_for_thousands() -> None:
    """Prepare this process for thousands of sockets. Call it when all is built."""
    allow_many_sockets()
    tune_collector()


def allow_many_sockets() -> None:
    """Lift the process's limit of open files to the most that the system allows it.

    Shells and containers often start with 1,024: with the 1,025th visitor nobody gets in any more.
    """
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def tune_collector() -> None:
    """Keep full garbage collections from stopping the loop.

    With 10,000 sockets one full collection stops everything for over a second. What exists after
    the start stays anyway, so it is not looked at again; full collections become rare. Sockets
    leave no reference cycles behind (see `signaling.driver`), so rare is enough.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
