"""The copy in memory: never too old, one load for many callers, and no error is kept."""

import asyncio

import pytest

from showroom.errors import TryAgain
from showroom.fresh import Fresh


class Source:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.now = 0.0
        self.fails = False
        self.away = False
        self.held: dict[str, asyncio.Event] = {}

    async def load(self, key: str) -> str:
        self.asked += 1
        asked = self.asked
        await asyncio.sleep(0)
        if key in self.held:
            await self.held[key].wait()
        if self.away:
            raise TryAgain
        if self.fails:
            raise LookupError(key)
        return f"{key} {asked}"

    def time(self) -> float:
        return self.now


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def copy(source: Source) -> Fresh[str, str]:
    return Fresh(source.load, max_age=2.0, now=source.time)


async def test_a_second_question_within_two_seconds_is_answered_from_memory(
    source: Source, copy: Fresh[str, str]
) -> None:
    assert await copy.get("a") == "a 1"
    source.now = 2.0
    assert await copy.get("a") == "a 1"


async def test_a_copy_older_than_two_seconds_is_loaded_anew(
    source: Source, copy: Fresh[str, str]
) -> None:
    await copy.get("a")
    source.now = 2.1
    assert await copy.get("a") == "a 2"


async def test_many_callers_at_once_cause_one_load(copy: Fresh[str, str]) -> None:
    assert await asyncio.gather(*(copy.get("a") for _ in range(20))) == ["a 1"] * 20


async def test_what_is_forgotten_is_loaded_anew(copy: Fresh[str, str]) -> None:
    await copy.get("a")
    copy.forget()
    assert await copy.get("a") == "a 2"


async def test_an_error_is_not_kept(source: Source, copy: Fresh[str, str]) -> None:
    source.fails = True
    with pytest.raises(LookupError):
        await copy.get("a")
    source.fails = False
    assert await copy.get("a") == "a 2"


async def test_the_last_known_value_serves_on_while_the_source_is_away(
    source: Source, copy: Fresh[str, str]
) -> None:
    source.away = True
    with pytest.raises(TryAgain):
        await copy.get("a")
    source.away = False
    assert await copy.get("a") == "a 2"
    source.away, source.now = True, 100.0
    assert await copy.get("a") == "a 2"
    source.away, source.now = False, 200.0
    assert await copy.get("a") == "a 4"


async def test_a_source_that_hangs_holds_nobody_up_who_has_a_copy(
    source: Source, copy: Fresh[str, str]
) -> None:
    await copy.get("a")
    source.held["a"] = asyncio.Event()
    source.now = 100.0
    async with asyncio.timeout(2):
        assert await asyncio.gather(*(copy.get("a") for _ in range(20))) == ["a 1"] * 20
        # For the next seconds nobody waits at all, and then for the same load.
        for source.now in (100.0, 101.0, 102.0, 103.0):
            assert await copy.get("a") == "a 1"
    assert source.asked == 2
    source.held["a"].set()
    await asyncio.sleep(0.01)
    source.now = 101.0
    assert await copy.get("a") == "a 2"
    source.now = 102.1  # what came late is as old as the question
    assert await copy.get("a") == "a 3"


async def test_one_key_does_not_wait_for_the_load_of_another(
    source: Source, copy: Fresh[str, str]
) -> None:
    source.held["a"] = asyncio.Event()
    slow = asyncio.create_task(copy.get("a"))
    await asyncio.sleep(0.01)
    async with asyncio.timeout(2):
        assert await copy.get("b") == "b 2"
    source.held["a"].set()
    assert await slow == "a 1"


async def test_a_load_from_before_a_change_is_not_kept(
    source: Source, copy: Fresh[str, str]
) -> None:
    source.held["a"] = asyncio.Event()
    before = asyncio.create_task(copy.get("a"))
    await asyncio.sleep(0.01)
    copy.forget()
    after = asyncio.create_task(copy.get("a"))
    source.held["a"].set()
    assert (await before, await after, await copy.get("a")) == ("a 1", "a 2", "a 2")
