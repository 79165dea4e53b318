"""What is asked for at the same time is asked for once, and nothing is kept."""

import asyncio

from showroom.under_way import UnderWay


class Source:
    """Answers with how often it was asked, when it is let."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.let = asyncio.Event()
        self.fault: Exception | None = None

    async def __call__(self, key: str) -> str:
        self.asked.append(key)
        await self.let.wait()
        if self.fault:
            raise self.fault
        return f"{key} {len(self.asked)}"


async def test_those_who_ask_the_same_at_the_same_time_share_an_answer() -> None:
    source = Source()
    under_way = UnderWay(source)
    asking = [asyncio.create_task(under_way.get(key)) for key in "aaab"]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    source.let.set()
    assert await asyncio.gather(*asking) == ["a 2"] * 3 + ["b 2"]
    assert source.asked == ["a", "b"]


async def test_whoever_comes_after_the_answer_asks_anew() -> None:
    source = Source()
    source.let.set()
    under_way = UnderWay(source)
    assert [await under_way.get("a") for _ in range(2)] == ["a 1", "a 2"]


async def test_whoever_stops_waiting_takes_the_answer_from_nobody() -> None:
    source = Source()
    under_way = UnderWay(source)
    first, second = [asyncio.create_task(under_way.get("a")) for _ in range(2)]
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    source.let.set()
    assert await second == "a 1"


async def test_a_fault_is_told_to_all_who_wait_and_not_kept() -> None:
    source = Source()
    source.let.set()
    source.fault = OSError("away")
    under_way = UnderWay(source)
    told = await asyncio.gather(*(under_way.get("a") for _ in range(2)), return_exceptions=True)
    assert told == [source.fault] * 2
    source.fault = None
    with_answer = await under_way.get("a")
    assert with_answer == "a 2"
    assert source.asked == ["a", "a"]
