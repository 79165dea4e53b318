"""A throwaway PostgreSQL, for measurements and tests: a real server that leaves nothing behind."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

START_SECONDS = 20
HASTY = ("-c", "fsync=off", "-c", "full_page_writes=off")


@contextmanager
def postgresql(*, durable: bool = True) -> Iterator[str]:
    """Run a server for as long as the block runs; yields the folder of its socket.

    Unless it is `durable` it doesn't wait for the disk.
    """
    folder = Path(tempfile.mkdtemp(prefix="showroom-pg-"))
    programs = _programs()
    # PostgreSQL refuses to run as root.
    account = "postgres" if os.geteuid() == 0 else None
    if account:
        shutil.chown(folder, account, account)
    initdb: list[str | Path] = [programs / "initdb", "-D", folder / "data", "-U", "postgres"]
    initdb += ["--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8"]
    subprocess.run(
        initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, user=account, group=account
    )
    # `setpriv`, so that a run which is killed leaves no server behind.
    command: list[str | Path] = ["setpriv", "--pdeathsig", "INT", programs / "postgres"]
    command += ["-D", folder / "data", "-k", folder, "-h", "", *(() if durable else HASTY)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=folder, user=account, group=account
        )
        try:
            _wait(programs, folder, server)
            yield str(folder)
        finally:
            server.send_signal(signal.SIGINT)  # its 'fast' shutdown
            server.wait(30)
            shutil.rmtree(folder)


def address(folder: str, name: str = "postgres") -> str:
    """Return the address of one of its databases; at first there is `postgres`, and it is empty."""
    return f"postgresql+asyncpg://postgres@/{name}?host={folder}"


async def settled(folder: str) -> None:
    """Tidy up and look at all tables, as the server does by itself within minutes of much writing.

    It may do so just when something is measured, and takes half of a small machine for it.
    """
    engine = create_async_engine(address(folder), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(sa.text("VACUUM (ANALYZE)"))
    await engine.dispose()


def _programs() -> Path:
    """Return the folder with `initdb` and `postgres`: Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and on_path:
        found = [Path(on_path).resolve()]
    assert found, "PostgreSQL is missing: apt-get install postgresql"
    return found[-1].parent


def _wait(programs: Path, folder: Path, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    is_ready: list[str | Path] = [programs / "pg_isready", "-q", "-h", folder]
    while subprocess.run(is_ready, check=False).returncode:
        assert server.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.02)
