"""Stills for managers: on every node, for seconds, and in no file."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from media.thumbnails import CHANNEL, LIFE_SECONDS, MOST, Thumbnails
from showroom.ids import CallId, ShowroomId
from showroom.process import end

PARIS, LYON = ShowroomId("paris"), ShowroomId("lyon")
CALL, OTHER = CallId("call"), CallId("other")


class Watch:
    """A clock that is set by hand, in seconds."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def hearing(redis: Redis, watch: Watch) -> AsyncIterator[Thumbnails]:
    """Yield a node's thumbnails once they hear."""
    thumbnails = Thumbnails(redis, watch)
    listening = await redis.pubsub_numsub(CHANNEL)
    task = asyncio.create_task(thumbnails.run())
    async with asyncio.timeout(10):
        while await redis.pubsub_numsub(CHANNEL) == listening:
            await asyncio.sleep(0.01)
    try:
        yield thumbnails
    finally:
        await end([task])


async def until_shown(thumbnails: Thumbnails, call: CallId = CALL) -> str:
    async with asyncio.timeout(10):
        while not (found := thumbnails.of(PARIS, [call])):
            await asyncio.sleep(0.01)
    return found[call]


async def test_a_still_is_seen_on_another_node_and_by_its_own_showroom_alone(redis: Redis) -> None:
    async with hearing(redis, Watch()) as here, hearing(redis, Watch()) as there:
        await here.show(PARIS, CALL, b"a picture")
        assert base64.b64decode(await until_shown(there)) == b"a picture"
        assert there.of(LYON, [CALL]) == {}
        assert there.of(PARIS, [OTHER]) == {}


async def test_a_still_is_gone_after_some_seconds(redis: Redis) -> None:
    watch = Watch()
    async with hearing(redis, watch) as thumbnails:
        await thumbnails.show(PARIS, CALL, b"a picture")
        await until_shown(thumbnails)
        watch.now += LIFE_SECONDS + 0.1
        assert thumbnails.of(PARIS, [CALL]) == {}
    assert LIFE_SECONDS <= 10


async def test_nothing_of_a_still_is_written_into_redis(redis: Redis) -> None:
    async with hearing(redis, Watch()) as thumbnails:
        await thumbnails.show(PARIS, CALL, b"a picture")
        await until_shown(thumbnails)
        assert await redis.keys("*") == []


async def test_what_strangers_say_on_the_channel_is_dropped(redis: Redis) -> None:
    async with hearing(redis, Watch()) as thumbnails:
        for text in ("", "[]", "{}", "null", "[1, 2, 3]", '["paris", "call", "<svg/>"]', "\ufffd"):
            await redis.publish(CHANNEL, text)
        await redis.publish(CHANNEL, json.dumps([PARIS, CALL, "A" * 100_000]))
        await thumbnails.show(PARIS, OTHER, b"a picture")
        await until_shown(thumbnails, OTHER)
        assert thumbnails.of(PARIS, [CALL]) == {}


async def test_no_crowd_of_calls_fills_the_memory(redis: Redis) -> None:
    thumbnails = Thumbnails(redis, Watch())
    for number in range(MOST + 10):
        thumbnails._hear(json.dumps([PARIS, f"call-{number}", "AAAA"]))
    assert thumbnails.of(PARIS, [CallId("call-9")]) == {}
    assert thumbnails.of(PARIS, [CallId("call-10"), CallId(f"call-{MOST + 9}")]).keys() == {
        "call-10",
        f"call-{MOST + 9}",
    }
