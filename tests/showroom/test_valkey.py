"""The embedded Redis: up in a moment, one for each folder, nothing lost, no orphan left."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from redis.asyncio import Redis

from showroom.errors import StartupError
from showroom.valkey import AWAY, EmbeddedServer, connect

# A process that starts a server, says who it is, and waits to be killed.
PARENT = """
import asyncio, pathlib, sys
from showroom.valkey import EmbeddedServer
async def main():
    async with EmbeddedServer(pathlib.Path(sys.argv[1])) as server:
        print(server.url, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


def start_parent(folder: Path) -> tuple[subprocess.Popen[str], str]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    return parent, parent.stdout.readline().strip()


def children_of(parent: int) -> list[int]:
    tasks = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(child) for child in tasks.read_text().split()]


async def gone(process: int) -> None:
    """Wait until a process has ended, at most 10 s."""
    async with asyncio.timeout(10):
        while Path(f"/proc/{process}").exists() and not is_zombie(process):
            await asyncio.sleep(0.01)


def is_zombie(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


async def test_it_answers_in_text_on_a_socket_that_only_its_owner_opens(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server:
        redis = await connect(server.url)
        await redis.set("car", "Crête")
        assert await redis.get("car") == "Crête"
        mode = (tmp_path / "valkey" / "valkey.sock").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600
        assert (await redis.config_get("port"))["port"] == "0"
        await redis.aclose()


async def test_what_was_written_is_there_after_a_stop_and_a_start(tmp_path: Path) -> None:
    for expected in (None, "1", "2"):
        async with EmbeddedServer(tmp_path) as server:
            redis = await connect(server.url)
            assert await redis.get("starts") == expected
            await redis.incr("starts")
            await redis.aclose()


async def test_a_parent_that_is_killed_leaves_no_orphan_and_loses_nothing(tmp_path: Path) -> None:
    parent, url = start_parent(tmp_path)
    (child,) = children_of(parent.pid)
    redis = await connect(url)
    await redis.set("written", "just before")
    await redis.aclose()
    parent.kill()
    parent.communicate()
    # At once: the next start waits for the predecessor's server.
    async with EmbeddedServer(tmp_path) as server:
        redis = await connect(server.url)
        assert await redis.get("written") == "just before"
        await redis.aclose()
    await gone(child)


async def test_a_server_that_is_killed_itself_is_noticed_and_leaves_nothing(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server:
        redis = await connect(server.url)
        own = int((await redis.info("server"))["process_id"])
        os.kill(own, signal.SIGKILL)
        await gone(own)
        with pytest.raises(AWAY):
            await redis.ping()
        await redis.aclose()


async def test_a_second_start_on_the_same_folder_is_refused_in_a_sentence(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server:
        with pytest.raises(StartupError, match=r"^SHOWROOM_DATA_DIR is used by another .*\.$"):
            async with EmbeddedServer(tmp_path):
                pass
        redis = await connect(server.url)
        assert await redis.ping()
        await redis.aclose()


async def test_two_servers_in_two_folders_do_not_meet(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path / "a") as a, EmbeddedServer(tmp_path / "b") as b:
        one, other = await connect(a.url), await connect(b.url)
        await one.set("x", "1")
        assert await other.get("x") is None
        await one.aclose()
        await other.aclose()


async def test_a_folder_too_long_for_a_socket_s_path_works_as_well(tmp_path: Path) -> None:
    folder = tmp_path / ("long " * 20) / ("and longer " * 10)
    async with EmbeddedServer(folder) as server:
        assert len(server.url) < len(str(folder))
        redis = await connect(server.url)
        assert await redis.ping()
        await redis.aclose()
        socket = Path(server.url.removeprefix("unix://"))
        assert socket.exists()
    assert not socket.parent.exists()


async def test_it_wants_to_be_started_from_the_main_thread(tmp_path: Path) -> None:
    async def start() -> None:
        async with EmbeddedServer(tmp_path):
            pass

    with pytest.raises(RuntimeError, match="main thread"):
        await asyncio.to_thread(asyncio.run, start())
    assert threading.current_thread() is threading.main_thread()


@pytest.mark.parametrize(
    "url",
    ["redis://:hidden@127.0.0.1:1/0", "unix:///nowhere/valkey.sock", "redis://127.0.0.1:port/0"],
)
async def test_a_redis_that_does_not_answer_stops_the_start_in_a_sentence(url: str) -> None:
    with pytest.raises(StartupError, match=r"^SHOWROOM_REDIS_URL .*\.$") as refused:
        await connect(url)
    assert "hidden" not in str(refused.value)


async def test_a_hundred_callers_share_sixty_four_connections(redis: Redis) -> None:
    await asyncio.gather(*(redis.incr("calls") for _ in range(500)))
    assert await redis.get("calls") == "500"
    assert int((await redis.info("clients"))["connected_clients"]) <= 64


async def test_a_server_that_runs_no_functions_is_refused_in_a_sentence(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server:
        redis = await connect(server.url)
        await redis.acl_setuser(
            "old", enabled=True, nopass=True, keys=["*"], commands=["+@all", "-function"]
        )
        await redis.aclose()
        with pytest.raises(StartupError, match=r"SHOWROOM_REDIS_URL .* without functions"):
            await connect(server.url.replace("unix://", "unix://old:any@"))
