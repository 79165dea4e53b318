"""Many ask at once: each gets its own answer, whatever happens to the others."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Away
from redis.exceptions import ResponseError

from signaling.batches import Batches


class Counted(Redis):
    """A client that counts the batches it sends."""

    batches = 0

    def pipeline(self, *arguments: Any, **options: Any) -> Any:
        self.batches += 1
        return super().pipeline(*arguments, **options)


@pytest.fixture
def counted(redis: Redis) -> Counted:
    client = Counted()
    client.connection_pool = redis.connection_pool
    return client


async def test_everybody_gets_their_own_answer_in_the_order_of_asking(counted: Counted) -> None:
    batches = Batches(counted)
    answers = await asyncio.gather(*(batches.run("RPUSH", "list", str(n)) for n in range(500)))
    assert answers == list(range(1, 501))
    assert await counted.lrange("list", 0, -1) == [str(n) for n in range(500)]
    assert counted.batches < 10


async def test_a_command_that_fails_fails_alone(counted: Counted) -> None:
    batches = Batches(counted)
    await batches.run("SET", "text", "x")
    commands = (("ECHO", "one"), ("LPUSH", "text", "x"), ("ECHO", "two"))
    running = (batches.run(*command) for command in commands)
    answers = await asyncio.gather(*running, return_exceptions=True)
    assert answers[::2] == ["one", "two"]
    assert isinstance(answers[1], ResponseError)


async def test_a_caller_who_goes_takes_nobody_along_and_the_command_runs(counted: Counted) -> None:
    batches = Batches(counted)
    gone = asyncio.create_task(batches.run("SET", "kept", "yes"))
    stays = asyncio.create_task(batches.run("ECHO", "here"))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == "here"
    assert await counted.get("kept") == "yes"


async def test_a_server_that_is_away_fails_the_batch_and_not_the_next_one() -> None:
    away = Redis(unix_socket_path="/nowhere/valkey.sock", retry=Retry(NoBackoff(), 0))
    batches = Batches(away)
    failed = await asyncio.gather(batches.run("PING"), batches.run("PING"), return_exceptions=True)
    assert [type(error) for error in failed] == [Away, Away]
    with pytest.raises(Away):
        await batches.run("PING")
    await away.aclose()
