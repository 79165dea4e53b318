"""Chores: what a node does again and again for as long as it runs."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from showroom.errors import TryAgain
from showroom.ids import ShowroomId

log = structlog.get_logger()

# What is run for ever, each until it is cancelled.
Loop = Callable[[], Awaitable[None]]


def every(seconds: float, chore: Loop) -> Loop:
    """Return a loop that does `chore` with a pause of `seconds` between.

    A chore that fails is logged and done again: while a part of ours is away as a word, else with
    its traceback.
    """

    async def loop() -> None:
        while True:
            try:
                await chore()
            except (TryAgain, RedisError, SQLAlchemyError, OSError) as error:
                log.warning("a chore has to wait", chore=chore.__name__, why=type(error).__name__)
                await asyncio.sleep(1)
            except Exception:
                log.exception("a chore failed", chore=chore.__name__)
                await asyncio.sleep(1)
            await asyncio.sleep(seconds)

    return loop


@contextmanager
def apart(work: str, showroom: ShowroomId) -> Iterator[None]:
    """Log what fails in one showroom, so that the others' turn comes. What is away is away for all,
    and raised."""
    try:
        yield
    except (TryAgain, RedisError, OSError):
        raise
    except Exception:
        log.exception("a showroom's chore failed", chore=work, showroom=showroom)
