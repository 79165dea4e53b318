"""A server that can't work says so in a sentence, and ends; it never half-starts.

Every setting's own sentence is tested in tests/showroom/test_settings.py.
"""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from tests.nodes import SECRET, free_port

SENTENCE = re.compile(r"showroom: (SHOWROOM_[A-Z_]+) .+[.?]\n")

# What is wrong, and the variable that the sentence must name.
WRONG: tuple[tuple[dict[str, str], str], ...] = (
    ({"SHOWROOM_REDIS_URL": "redis://127.0.0.1:{free}/0"}, "SHOWROOM_REDIS_URL"),
    ({"SHOWROOM_DATABASE_URL": "postgresql://me:hunter2@127.0.0.1:{free}/x"},
     "SHOWROOM_DATABASE_URL"),
    ({"SHOWROOM_DATABASE_URL": "sqlite:////proc/nowhere/a.db"}, "SHOWROOM_DATABASE_URL"),
    ({"SHOWROOM_DATA_DIR": "/proc/nowhere"}, "SHOWROOM_DATA_DIR"),
    ({"SHOWROOM_DATA_DIR": __file__}, "SHOWROOM_DATA_DIR"),
    ({"SHOWROOM_SECRET_KEY": ""}, "SHOWROOM_SECRET_KEY"),
    ({"SHOWROOM_PORT": "{taken}"}, "SHOWROOM_PORT"),
    ({"SHOWROOM_PROT": "1"}, "SHOWROOM_PROT"),
    ({"SHOWROOM_TLS_CERTIFICATE": __file__, "SHOWROOM_TLS_KEY": __file__},
     "SHOWROOM_TLS_CERTIFICATE"),
)  # fmt: skip


async def serve(folder: Path, given: dict[str, str]) -> tuple[int, str]:
    """Run `showroom serve`; return its exit status and what it wrote to standard error."""
    folder.mkdir()
    clean = {name: text for name, text in os.environ.items() if not name.startswith("SHOWROOM_")}
    usual = {
        "SHOWROOM_DATA_DIR": str(folder),
        "SHOWROOM_SECRET_KEY": SECRET,
        "SHOWROOM_PORT": str(free_port()),
        "SHOWROOM_LOG_LEVEL": "error",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "showroom",
        "serve",
        env={**clean, **usual, **given},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(40):
            _, complaint = await process.communicate()
    except TimeoutError:
        pytest.fail(f"it started with {given}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, complaint.decode()


async def test_what_is_missing_or_wrong_at_the_start_is_named_in_a_sentence(
    tmp_path: Path,
) -> None:
    two = asyncio.Semaphore(2)
    taken = await asyncio.start_server(lambda _, __: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]

    async def attempt(n: int, given: dict[str, str], named: str) -> None:
        places = {"free": free_port(), "taken": port}
        filled = {name: text.format(**places) for name, text in given.items()}
        async with two:
            status, complaint = await serve(tmp_path / str(n), filled)
        assert status == 2, (given, complaint)
        last = complaint.splitlines(keepends=True)[-1]
        assert SENTENCE.fullmatch(last), complaint
        assert last.startswith(f"showroom: {named} "), complaint
        assert "Traceback" not in complaint
        assert "hunter2" not in complaint

    async with taken, asyncio.TaskGroup() as group:
        for n, wrong in enumerate(WRONG):
            group.create_task(attempt(n, *wrong))
