"""Sign-in throttling: guessing is slow from anywhere, and the owner still gets in (threat 23)."""

import asyncio
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from redis.asyncio import Redis

from showroom.errors import TooMany, TryAgain
from showroom.throttle import ACCOUNT, ADDRESS, SignInThrottle
from showroom.valkey import EmbeddedServer, connect
from tests.virtual_clock import VirtualClock

OWNER = "alice@orvanne.example"
HOME = "198.51.100.7"
SECRET = "a secret of at least thirty-two characters"


@pytest.fixture
def throttle(redis: Redis, clock: VirtualClock) -> SignInThrottle:
    return SignInThrottle(redis, clock, SECRET)


def addresses() -> Iterator[str]:
    return (f"203.0.{n // 250}.{n % 250}" for n in count())


async def let_through(
    throttle: SignInThrottle, email: str, address: str, device: str | None
) -> bool:
    try:
        await throttle.check(email, address, device)
    except TooMany:
        return False
    await throttle.failed(email, address, device)
    return True


async def test_a_few_mistakes_cost_nothing_and_then_each_costs_twice_as_much(
    throttle: SignInThrottle, clock: VirtualClock
) -> None:
    for _ in range(4):
        await throttle.check(OWNER, HOME, None)
    pauses = []
    for _ in range(6):
        with pytest.raises(TooMany) as refused:
            await throttle.check(OWNER, HOME, None)
        pauses.append(refused.value.retry_after)
        clock.advance(seconds=refused.value.retry_after)
        await throttle.check(OWNER, HOME, None)
    assert pauses == [1, 2, 4, 8, 16, 32]


async def test_a_pause_is_never_longer_than_a_quarter_of_an_hour(
    throttle: SignInThrottle, clock: VirtualClock
) -> None:
    longest = 0
    for _ in range(16):
        try:
            await throttle.check(OWNER, HOME, None)
        except TooMany as refused:
            longest = max(longest, refused.retry_after)
            clock.advance(seconds=refused.retry_after)
            await throttle.check(OWNER, HOME, None)
    assert longest == 15 * 60


async def test_a_refused_attempt_does_not_make_the_pause_longer(
    throttle: SignInThrottle, clock: VirtualClock
) -> None:
    while await let_through(throttle, OWNER, HOME, None):
        pass
    for _ in range(100):
        assert not await let_through(throttle, OWNER, HOME, None)
    clock.advance(seconds=1)
    assert await let_through(throttle, OWNER, HOME, None)


async def test_a_right_password_takes_the_mistakes_back(throttle: SignInThrottle) -> None:
    for _ in range(30):
        await throttle.check(OWNER, HOME, None)
        await throttle.succeeded(OWNER, HOME, None)


async def test_one_address_can_not_try_many_accounts(throttle: SignInThrottle) -> None:
    tries = [await let_through(throttle, f"a{n}@b.example", HOME, None) for n in range(200)]
    assert sum(tries) == ADDRESS.most


async def test_the_addresses_of_one_ipv6_customer_count_as_one(throttle: SignInThrottle) -> None:
    tries = [
        await let_through(throttle, f"a{n}@b.example", f"2001:db8:1:2::{n:x}", None)
        for n in range(200)
    ]
    assert sum(tries) == ADDRESS.most
    assert await let_through(throttle, "a@b.example", "2001:db8:1:3::1", None)


async def test_ten_thousand_guesses_from_ten_thousand_addresses_are_throttled_and_the_owner_is_not(
    throttle: SignInThrottle,
) -> None:
    await throttle.check(OWNER, HOME, None)
    device = await throttle.succeeded(OWNER, HOME, None)
    source = addresses()
    passed = 0
    for _ in range(100):
        batch = [let_through(throttle, OWNER, next(source), None) for _ in range(100)]
        passed += sum(await asyncio.gather(*batch))
    assert passed == ACCOUNT.most
    await throttle.check(OWNER, HOME, device)
    await throttle.check(OWNER, "192.0.2.99", device)


async def test_a_hundred_guesses_at_once_are_a_hundred_attempts(throttle: SignInThrottle) -> None:
    tries = await asyncio.gather(*(let_through(throttle, OWNER, HOME, None) for _ in range(100)))
    assert sum(tries) == 4


async def test_the_account_is_open_to_new_browsers_again_after_an_hour(
    throttle: SignInThrottle, clock: VirtualClock
) -> None:
    source = addresses()
    while await let_through(throttle, OWNER, next(source), None):
        pass
    clock.advance(hours=1)
    assert await let_through(throttle, OWNER, next(source), None)


async def test_a_device_cookie_is_no_free_pass(throttle: SignInThrottle) -> None:
    await throttle.check(OWNER, HOME, None)
    stolen = await throttle.succeeded(OWNER, HOME, None)
    source = addresses()
    tries = [await let_through(throttle, OWNER, next(source), stolen) for _ in range(100)]
    assert sum(tries) == 6


async def test_only_our_own_cookie_for_this_account_and_this_half_year_opens_the_lane(
    throttle: SignInThrottle, redis: Redis, clock: VirtualClock
) -> None:
    device = await throttle.succeeded(OWNER, HOME, None)
    number, issued, seal = device.split(".")
    other_secret = SignInThrottle(redis, clock, SECRET.upper())
    worthless = [
        await throttle.succeeded("bruno@orvanne.example", HOME, None),
        await other_secret.succeeded(OWNER, HOME, None),
        f"{number}x.{issued}.{seal}",
        f"{number}.{int(issued) + 1}.{seal}",
        "..",
        "é.1.é",
        "\ud800.1.\ud800",
        "",
    ]
    source = addresses()
    while await let_through(throttle, OWNER, next(source), None):
        pass
    for cookie in worthless:
        assert not await let_through(throttle, OWNER, next(source), cookie)
    assert await let_through(throttle, OWNER, next(source), device)
    clock.advance(days=181)
    while await let_through(throttle, OWNER, next(source), None):
        pass
    assert not await let_through(throttle, OWNER, next(source), device)


async def test_an_odd_address_of_mail_or_of_a_peer_is_counted_like_any_other(
    throttle: SignInThrottle,
) -> None:
    tries = [await let_through(throttle, "\ud800\0", "unix:", "\ud800") for _ in range(10)]
    assert sum(tries) == 4


async def test_redis_learns_no_address_of_mail_or_of_a_network(
    throttle: SignInThrottle, redis: Redis
) -> None:
    await let_through(throttle, OWNER, HOME, None)
    keys = [key async for key in redis.scan_iter()]
    assert len(keys) == 3
    assert not any(OWNER in key or HOME in key for key in keys)
    assert all([await redis.pttl(key) > 0 for key in keys])


async def test_without_redis_nobody_signs_in(tmp_path: Path, clock: VirtualClock) -> None:
    async with EmbeddedServer(tmp_path) as server:
        redis = await connect(server.url)
    throttle = SignInThrottle(redis, clock, SECRET)
    with pytest.raises(TryAgain):
        await throttle.check(OWNER, HOME, None)
    with pytest.raises(TryAgain):
        await throttle.succeeded(OWNER, HOME, None)
    await redis.aclose()
