"""The script as a library that the server keeps: it comes back by itself, and versions live on."""

from typing import Any

from redis.asyncio import Redis

from showroom.ids import StaffId
from showroom.settings import Settings
from signaling.pairing import Times, library
from tests.signaling.floor import TIMES, Floor


async def test_a_server_that_lost_the_library_gets_it_again(floor: Floor, redis: Redis) -> None:
    await floor.run("sign_on", advisor="alice", name="Alice", languages="en", stand_in=False)
    server: Any = redis
    await server.function_flush()
    await floor.run("go_available", advisor="alice")
    known = await floor.live.advisor(floor.showroom.id, StaffId("alice"))
    assert known is not None
    assert known.state == "available"


def test_each_wait_is_that_of_its_setting_and_the_tests_have_the_usual_ones() -> None:
    changed = Settings.load(
        queue_grace_seconds=1,
        call_grace_seconds=2,
        advisor_grace_seconds=3,
        connect_seconds=4,
        wrap_up_seconds=5,
    )
    assert Times.of(changed) == Times(1_000, 2_000, 3_000, 4_000, 5_000)
    assert Times.of(Settings.load()) == TIMES


async def test_nodes_of_two_versions_each_run_their_own(floor: Floor, redis: Redis) -> None:
    server: Any = redis
    await server.function_load(
        "#!lua name=showroom_of_another_day\n"
        "redis.register_function('showroom_of_another_day', function() return {'ok', 'old'} end)"
    )
    await floor.run("sign_on", advisor="alice", name="Alice", languages="en", stand_in=False)
    assert await server.fcall("showroom_of_another_day", 0) == ["ok", "old"]
    assert library()[0] in [row[1] for row in await server.function_list()]
    await server.function_delete("showroom_of_another_day")
