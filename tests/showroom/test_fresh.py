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

    async def load(self, key: str) -> str:
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise TryAgain
        if self.fails:
            raise LookupError(key)
        return f"{key} {self.asked}"

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
