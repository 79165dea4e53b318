"""A check's code: no look-alikes, one showroom's, a day long, and never more than there may be."""

import pytest
from redis.asyncio import Redis

from media.check import LENGTH, MOST, SIGNS, Checks, LineCheck
from showroom.clock import DAY_MS
from showroom.errors import NotFound
from showroom.ids import ShowroomId
from tests.virtual_clock import VirtualClock

PARIS, LYON = ShowroomId("paris-id"), ShowroomId("lyon-id")
FOUND = LineCheck.model_validate(
    {
        "browser": "works",
        "camera": "NotAllowedError",
        "microphone": "silent",
        "socket": "works",
        "udp": "fails",
        "tcp": "works",
        "tls": "off",
        "down": 812,
        "up": None,
    }
)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def checks(redis: Redis, clock: VirtualClock) -> Checks:
    return Checks(redis, clock)


def test_no_two_signs_look_alike_and_no_code_is_a_word() -> None:
    for alike in ("0OQD", "1ILJ", "2Z", "5S", "6G", "8B", "UV"):
        assert len(set(alike) & set(SIGNS)) <= 1, alike
    assert not set("AEIOU") & set(SIGNS)
    assert len(set(SIGNS)) == len(SIGNS)
    assert len(SIGNS) ** LENGTH > 50_000_000


async def test_a_check_is_found_by_its_code_however_that_is_written_down(
    checks: Checks, clock: VirtualClock
) -> None:
    code = await checks.keep(PARIS, FOUND)
    assert len(code) == LENGTH
    assert set(code) <= set(SIGNS)
    for spoken in (code, code.lower(), f"{code[:3]} {code[3:]}", f" {code[:2]}-{code[2:]}. "):
        kept = await checks.of(PARIS, spoken)
        assert (kept.check, kept.at) == (FOUND, clock())


async def test_another_showrooms_code_and_a_wrong_one_are_not_found(checks: Checks) -> None:
    code = await checks.keep(PARIS, FOUND)
    for room, asked in ((LYON, code), (PARIS, code[:-1]), (PARIS, ""), (PARIS, "é" * 5000)):
        with pytest.raises(NotFound):
            await checks.of(room, asked)


async def test_a_check_is_gone_after_a_day_and_leaves_nothing(
    checks: Checks, clock: VirtualClock, redis: Redis
) -> None:
    code = await checks.keep(PARIS, FOUND)
    clock.now_ms += DAY_MS - 1
    assert (await checks.of(PARIS, code)).check == FOUND
    clock.now_ms += 1
    with pytest.raises(NotFound):
        await checks.of(PARIS, code)
    await checks.keep(PARIS, FOUND)
    for key in await redis.keys("*checks*"):
        assert 0 < await redis.pttl(key) <= DAY_MS
    assert await redis.hlen(f"vs:{{{PARIS}}}:checks") == 1


async def test_of_too_many_the_oldest_give_way_in_that_showroom_alone(
    checks: Checks, clock: VirtualClock, redis: Redis
) -> None:
    elsewhere = await checks.keep(LYON, FOUND)
    codes = []
    for _ in range(MOST + 3):
        clock.now_ms += 1
        codes.append(await checks.keep(PARIS, FOUND))
    assert await redis.hlen(f"vs:{{{PARIS}}}:checks") == MOST
    assert await redis.zcard(f"vs:{{{PARIS}}}:checks:at") == MOST
    for code in codes[:3]:
        with pytest.raises(NotFound):
            await checks.of(PARIS, code)
    for room, code in ((PARIS, codes[3]), (LYON, elsewhere)):
        assert (await checks.of(room, code)).check == FOUND
