"""Nodes for tests: in this process, or as a process of its own that can be killed."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.web import Application

from showroom.app import Door, listening, make_app
from showroom.children import leashed
from showroom.passwords import Passwords
from showroom.settings import Settings
from showroom.shared import Shared, open_shared
from tests.samples import CHEAP

SECRET = "a secret of thirty-two characters"
START_SECONDS = 30


def _ports() -> Iterator[int]:
    # Below those that the system gives to connections: between the choice and its use nobody gets
    # one of them by chance. Above those that browsers refuse. Each process begins somewhere else.
    first, number = 11_000, 21_000
    begin = random.randrange(number)
    for n in count(begin):
        yield first + n % number


_PORTS = _ports()


def free_port() -> int:
    """Return a TCP port that nobody uses right now."""
    for port in _PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("there is no end of ports")


def node_settings(data_dir: Path, **changes: Any) -> Settings:
    """Return settings for a node of a test."""
    known = {"data_dir": data_dir, "secret_key": SECRET, "port": free_port()}
    return Settings.load(**{**known, **changes})


@dataclass(frozen=True)
class Node:
    """A node in this process."""

    url: str
    shared: Shared
    app: Application


@asynccontextmanager
async def running_node(settings: Settings) -> AsyncIterator[Node]:
    """Run a node in this process for as long as the block runs."""
    async with open_shared(settings) as opened:
        # Signing in would be the greatest part of most tests.
        shared = replace(opened, passwords=Passwords(CHEAP))
        app = make_app(shared)
        async with listening(app, [Door(settings.host, settings.port)]) as ports:
            yield Node(f"http://{settings.host}:{ports[0]}", shared, app)


@dataclass(frozen=True)
class NodeProcess:
    """A node in a process of its own."""

    url: str
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@contextmanager
def node_process(settings: Settings, log: Path) -> Iterator[NodeProcess]:
    """Run `showroom serve` with these settings; it may still be starting when this yields."""
    given = {
        f"SHOWROOM_{name.upper()}": _text(getattr(settings, name))
        for name in type(settings).model_fields
        if getattr(settings, name) not in (None, ())
    }
    with log.open("ab") as out:
        process = subprocess.Popen(
            leashed([sys.executable, "-m", "showroom", "serve"]),
            env={**os.environ, **given},
            stdout=out,
            stderr=out,
        )
        try:
            yield NodeProcess(f"http://127.0.0.1:{settings.port}", process)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def media_process(
    redis_url: str, log: Path, count: int = 1, *, secret: str = SECRET, data_dir: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `showroom media`; it may still be starting when this yields."""
    given = {
        "SHOWROOM_REDIS_URL": redis_url,
        "SHOWROOM_SECRET_KEY": secret,
        "SHOWROOM_DATA_DIR": str(data_dir or log.parent),
    }
    with log.open("ab") as out:
        process = subprocess.Popen(
            leashed([sys.executable, "-m", "showroom", "media", "--workers", str(count)]),
            env={**os.environ, **given},
            stdout=out,
            stderr=out,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()


async def until_healthy(url: str) -> None:
    """Wait until a node answers."""
    async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(f"{url}/health") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


def _text(value: Any) -> str:
    if hasattr(value, "get_secret_value"):
        return str(value.get_secret_value())
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return str(value)
