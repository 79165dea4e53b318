"""Anonymised copies are made in few processes that others go before, and that can be stopped."""

import asyncio
import os
from pathlib import Path

import numpy as np
import pytest

from media.anonymise.pool import NotMade, Pool
from media.anonymise.work import NICE, Task
from tests.media.anonymise.films import film, pictures_of
from tests.media.pictures.streets import background


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """Return a film of three seconds, and where its copy is to go."""
    source = tmp_path / "film.webm"
    source.write_bytes(film([background(np.random.default_rng(2))] * 15, 5))
    return Task(source=source, out=tmp_path / "copy.webm")


def children() -> set[int]:
    """Return the processes that this one has started and that still run."""
    me = os.getpid()
    listed = Path(f"/proc/{me}/task/{me}/children").read_text()
    return {int(one) for one in listed.split()}


async def test_a_copy_is_made_in_a_process_that_others_go_before(task: Task) -> None:
    before = children()
    told: list[float] = []
    seen: set[tuple[int, int]] = set()

    def hear(share: float) -> None:
        told.append(share)
        seen.update((one, os.getpriority(os.PRIO_PROCESS, one)) for one in children() - before)

    made = await Pool().run(task, hear)
    assert made.pictures == len(pictures_of(task.out.read_bytes())) == 15
    assert told == sorted(told)
    assert len(told) > 5
    assert told[-1] == 1.0
    assert {nice for _, nice in seen} == {NICE}
    assert len(seen) == 1
    assert children() == before


async def test_who_comes_when_all_are_busy_waits(task: Task) -> None:
    pool, before, most = Pool(workers=1), children(), 0

    def hear(_: float) -> None:
        nonlocal most
        most = max(most, len(children() - before))

    others = (task.model_copy(update={"out": task.out.with_name(f"{n}.webm")}) for n in range(2))
    await asyncio.gather(*(pool.run(one, hear) for one in others))
    assert most == 1


async def test_whoever_stops_waiting_stops_the_process(task: Task) -> None:
    before, begun = children(), asyncio.Event()
    pool = Pool()
    work = asyncio.create_task(pool.run(task, lambda _: begun.set()))
    async with asyncio.timeout(60):
        await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert children() == before
    assert (await pool.run(task)).pictures == 15


@pytest.mark.parametrize("content", [b"", bytes(3000), b"\x1aE\xdf\xa3" + bytes(200)])
async def test_of_what_is_no_film_no_copy_is_left(task: Task, content: bytes) -> None:
    task.source.write_bytes(content)
    with pytest.raises(NotMade):
        await Pool().run(task)
    assert not task.out.exists()
