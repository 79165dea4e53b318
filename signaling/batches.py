"""Sends what many ask of Redis at the same time in one go.

A call costs the Redis client a connection from its pool, two timers and two turns of the event
loop, many times what the answer costs the server. Whoever asks while a batch is under way goes with
the next one: alone nobody waits longer, and the more there is to do, the less each costs.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis


class Batches:
    """Runs commands in the order in which they were asked for."""

    def __init__(self, redis: Redis) -> None:
        # redis-py types bytes and text, waiting and not, all at once; ours is the text kind.
        self._redis: Any = redis
        self._asked: list[tuple[Sequence[str | int], asyncio.Future[Any]]] = []
        self._sender: asyncio.Task[None] | None = None

    async def run(self, *command: str | int) -> Any:
        """Run one command and return its answer. Raises what redis-py raises for it.

        A caller who is cancelled gets no answer, but the command runs.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked.append((command, answer))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())
        return await answer

    async def _send(self) -> None:
        while self._asked:
            batch, self._asked = self._asked, []
            pipe = self._redis.pipeline(transaction=False)
            for command, _ in batch:
                pipe.execute_command(*command)
            answers: Sequence[Any]
            try:
                answers = await pipe.execute(raise_on_error=False)
            except Exception as error:  # noqa: BLE001 - it is raised at each caller
                answers = [error] * len(batch)
            for (_, future), answer in zip(batch, answers, strict=True):
                if future.done():
                    continue  # its caller has gone
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
