"""A node's way to the media workers: who is there, which one to take, and orders for them."""

import asyncio
import time
from collections import Counter
from typing import Any

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from media.relay.orders import (
    BLOCK_SECONDS,
    FACTS,
    LIST_SECONDS,
    REPLY,
    TROUBLE,
    TROUBLES,
    WORKERS,
    Arrange,
    Close,
    Connect,
    Envelope,
    Facts,
    Reply,
    Trouble,
    answers_key,
    facts_key,
    orders_key,
)
from showroom.errors import BadRequest, TryAgain
from showroom.ids import new_id

log = structlog.get_logger()

# A worker answers within milliseconds; whoever waits longer than this asks again later (seconds).
PATIENCE = 3.0
# What a room costs, as a share of a core, until the worker's own figures show it (seconds).
ROOM_LOAD = 0.02
RECENTLY = 3.0


class Switch:
    """Finds workers and gives them orders. `run` must run for answers to come."""

    def __init__(self, redis: Redis) -> None:
        # redis-py types bytes and text, waiting and not, all at once; ours is the text kind.
        self._redis: Any = redis
        self._node = new_id()
        self._waiting: dict[str, asyncio.Future[Reply]] = {}
        # The workers that were picked lately, and when.
        self._given: list[tuple[float, str]] = []

    async def run(self) -> None:
        """Read answers until cancelled."""
        while True:
            try:
                row = await self._redis.blpop([answers_key(self._node)], timeout=BLOCK_SECONDS)
            except (RedisError, OSError):
                await asyncio.sleep(BLOCK_SECONDS)
                continue
            if row is not None:
                self._hand_out(row[1])

    def _hand_out(self, raw: str) -> None:
        try:
            reply = REPLY.validate_json(raw)
        except ValidationError:
            log.warning("an answer makes no sense")
            return
        waiting = self._waiting.get(reply.id)
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)

    async def workers(self) -> dict[str, Facts]:
        """Return the workers that live, by id. Whoever is gone is forgotten."""
        ids = sorted(await self._redis.smembers(WORKERS))
        if not ids:
            return {}
        rows = await self._redis.mget([facts_key(worker) for worker in ids])
        gone = [worker for worker, row in zip(ids, rows, strict=True) if row is None]
        if gone:
            await self._redis.srem(WORKERS, *gone)
        facts = [one for row in rows if row is not None and (one := _facts_of(row))]
        return {one.id: one for one in facts}

    async def pick(self) -> str | None:
        """Return the worker that has least to do, or None when there is none.

        What was given away just now is not in a worker's own figures yet: without counting it, all
        rooms of a worker that died would go to one.
        """
        able = [one for one in (await self.workers()).values() if not one.draining]
        if not able:
            return None
        since = time.monotonic() - RECENTLY
        self._given = [(at, worker) for at, worker in self._given if at > since]
        given = Counter(worker for _, worker in self._given)
        best = min(able, key=lambda one: (one.load + given[one.id] * ROOM_LOAD, one.legs)).id
        self._given.append((time.monotonic(), best))
        return best

    async def troubles(self) -> list[Trouble]:
        """Return the recordings that workers could not write, until they are forgotten."""
        rows = await self._redis.hgetall(TROUBLES)
        found = []
        for name, row in rows.items():
            try:
                found.append(TROUBLE.validate_json(row))
            except ValidationError:  # of another version
                log.warning("a recording's trouble makes no sense", recording=name)
        return found

    async def forget_trouble(self, recording: str) -> None:
        """Somebody has dealt with it."""
        await self._redis.hdel(TROUBLES, recording)

    async def ask(self, worker: str, order: Connect | Arrange | Close) -> str:
        """Give an order and wait for its answer: the answer to an offer, or nothing.

        Raises `BadRequest` for an order that makes no sense, `TryAgain` when nobody answers, or the
        worker can't do it now.
        """
        envelope = Envelope(id=new_id(), node=self._node, order=order)
        waiting = self._waiting[envelope.id] = asyncio.get_running_loop().create_future()
        key = orders_key(worker)
        try:
            pipe = self._redis.pipeline(transaction=False)
            pipe.rpush(key, envelope.model_dump_json())
            pipe.expire(key, LIST_SECONDS)
            await pipe.execute()
            async with asyncio.timeout(PATIENCE):
                reply: Reply = await waiting
        except (TimeoutError, RedisError, OSError) as error:
            raise TryAgain from error
        finally:
            del self._waiting[envelope.id]
        if reply.failed:
            raise TryAgain
        if reply.refused:
            raise BadRequest(f"The relay can't take this: {reply.refused}.")
        return reply.sdp


def _facts_of(row: str) -> Facts | None:
    """Read what a worker says of itself; of another version it may make no sense here."""
    try:
        return FACTS.validate_json(row)
    except ValidationError:
        log.warning("a worker's facts make no sense")
        return None
