"""Redis in foreign hands: what others write there is data, never code, and stops nobody (25)."""

import asyncio
import io
import os
import pickle
from pathlib import Path

import aiohttp
from redis.asyncio import Redis

from signaling.pairing import prefix
from tests.houses import House, live_call
from tests.samples import PASSWORD
from tests.threats.conftest import Report


class Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self._file),)


async def test_a_pickle_in_the_feed_is_not_run_and_the_teller_goes_on(
    house: House, redis: Redis, tmp_path: Path, written: io.StringIO, figure: Report
) -> None:
    crater = tmp_path / "crater"
    bomb = pickle.dumps(Bomb(crater))
    feed = f"{prefix(house.paris)}:feed"
    foreign: list[dict[str | bytes, str | bytes]] = [
        {b"k": bomb},
        {bomb: bomb},
        {b"data": bomb},
        {"k": "call"},
        {"k": "call", "c": bomb, "a": bomb},
        {"k": "wire"},
        {"k": "wire", "c": "x", "a": "x", "to": "both", "e": "x", "d": "not JSON"},
        {"k": "said", "c": "x", "a": "x", "n": "NaN", "d": "{}"},
        {"k": "said", "c": "x", "a": "x", "n": "0", "d": bomb},
        {"k": "replaced"},
        {"k": "", "": ""},
        {"k": "__proto__"},
    ]
    async with live_call(house) as (customer, alice, call):
        foreign.append({"k": "wire", "c": call, "a": "", "to": "both", "e": "pointed", "d": bomb})
        foreign.append({"k": "said", "c": call, "a": "", "n": "1", "d": "[]"})
        for n, entry in enumerate(foreign):
            await redis.xadd(feed, entry)  # type: ignore[arg-type]
            assert (await customer.send("chat", id=f"k{n}", text=f"line {n}"))["ok"]
            line = f"line {n}"
            await alice.until("logged", lambda m, line=line: m["entry"]["text"] == line)  # type: ignore[misc]
    assert not crater.exists()
    assert "the feed holds what we did not write" in written.getvalue()
    assert "a loop broke" not in written.getvalue()
    figure(f"{len(foreign)} foreign entries in the feed: 0 run, 0 lines of chat lost")


async def test_a_pickle_on_any_channel_or_key_is_not_run(
    house: House, redis: Redis, tmp_path: Path
) -> None:
    crater = tmp_path / "crater"
    bomb = pickle.dumps(Bomb(crater))
    start = prefix(house.paris)
    async with live_call(house) as (customer, _, call):
        for channel in ("socketio", "vs", start, f"{start}:feed", "__keyspace@0__:x"):
            await redis.publish(channel, bomb)
        for key in (f"{start}:call:bomb", f"{start}:adv:bomb"):
            await redis.hset(key, mapping={"state": bomb, "name": bomb})
        await redis.hset(f"{start}:cycle", "mean", bomb)
        await redis.rpush(f"{start}:log:bomb", bomb)
        assert (await customer.send("chat", id="k", text="still here"))["ok"]
        await customer.come_back()
        assert (await customer.until_call("live"))["call"] == call
    assert not crater.exists()


async def test_records_that_make_no_sense_hide_no_others(
    house: House, redis: Redis, written: io.StringIO
) -> None:
    start = prefix(house.paris)
    await redis.hset(f"{start}:call:bogus", mapping={"state": "nonsense", "version": "x"})
    await redis.hset(f"{start}:call:half", mapping={"state": "waiting"})
    await redis.hset(f"{start}:adv:bogus", mapping={"state": "asleep"})
    await redis.sadd(f"{start}:calls", "bogus", "half", "gone", "\x00")
    await redis.sadd(f"{start}:unsaved", "bogus", "half", "gone", "\x00")
    await redis.sadd(f"{start}:advisors", "bogus", "gone")
    await redis.zadd(f"{start}:due", {"bogus": 0, "nonsense:x": 0, "ring:gone": 0, "wrap_up:x": 0})
    async with house.boss() as boss:
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        await boss.connect()
        async with live_call(house) as (customer, alice, call):
            floor = await boss.until("floor_state", lambda f: bool(f["calls"]))
            assert [c["call"] for c in floor["calls"]] == [call]
            await customer.send("hang_up")
            await alice.until_call("wrap_up")
            assert (await alice.send("save_outcome", call=call, outcome="no_fit"))["ok"]
            saved = await _saved(boss.http, house, call)
            assert saved["outcome"] == "no_fit"
    complaints = written.getvalue().count("a call can't be saved")
    assert complaints == 2, "one for each record that makes no sense"
    assert "a loop broke" not in written.getvalue()


async def _saved(http: aiohttp.ClientSession, house: House, call: str) -> dict[str, object]:
    """Ask the manager's page for a call until SQL has it closed."""
    async with asyncio.timeout(10):
        while True:
            async with http.get(f"{house.url}/manager/calls/{call}/timeline") as response:
                found = (await response.json()).get("call", {}) if response.status == 200 else {}
            if found.get("state") == "closed":
                return dict(found)
            await asyncio.sleep(0.02)
