"""Anonymised copies are made in few processes that others go before, and that can be stopped."""

import asyncio
import os
from pathlib import Path

import numpy as np
import pytest

from media.anonymise.pool import NotMade, Pool
from media.recording.copying import Job
from media.recording.sealed import Pair
from media.recording.vault import PIECE, Sealing
from showroom.files import FolderFiles
from showroom.ids import ShowroomId
from showroom.process import NICE
from tests.media.anonymise.films import film, pictures_of
from tests.media.pictures.streets import background

COPYING = "media.recording.copying"
PARIS, KEY = ShowroomId("paris"), bytes(range(32))


def seal(files: FolderFiles, stem: str, data: bytes) -> None:
    pair = Pair.of(PARIS, stem)
    for place, content in ((pair.head, data[:PIECE]), (pair.body, data[PIECE:])):
        with files.append(place) as file:
            sealing = Sealing(file, KEY, place.name)
            sealing.write(content)
            sealing.flush()


def copy_of(task: Job, stem: str = "copy") -> bytes:
    files, pair = FolderFiles(task.root), Pair.of(PARIS, stem)
    return pair.read(files, KEY, 0, pair.size(files))


@pytest.fixture
def task(tmp_path: Path) -> Job:
    """Return a sealed film of three seconds, and what its copy is to be called."""
    data = film([background(np.random.default_rng(2))] * 15, 5)
    seal(FolderFiles(tmp_path), "film", data)
    return Job(root=tmp_path, showroom=PARIS, source="film", out="copy", key=KEY.hex())


def children() -> set[int]:
    """Return the processes that this one has started and that still run."""
    me = os.getpid()
    listed = Path(f"/proc/{me}/task/{me}/children").read_text()
    return {int(one) for one in listed.split()}


async def test_a_copy_is_made_in_a_process_that_others_go_before(task: Job) -> None:
    before = children()
    told: list[float] = []
    seen: set[tuple[int, int]] = set()

    def hear(share: float) -> None:
        told.append(share)
        seen.update((one, os.getpriority(os.PRIO_PROCESS, one)) for one in children() - before)

    made = await Pool().run(COPYING, task, hear)
    assert made.pictures == len(pictures_of(copy_of(task))) == 15
    assert told == sorted(told)
    assert len(told) > 5
    assert told[-1] == 1.0
    assert {nice for _, nice in seen} == {NICE}
    assert len(seen) == 1
    assert children() == before


async def test_who_comes_when_all_are_busy_waits(task: Job) -> None:
    pool, before, most = Pool(workers=1), children(), 0

    def hear(_: float) -> None:
        nonlocal most
        most = max(most, len(children() - before))

    others = (task.model_copy(update={"out": f"copy-{number}"}) for number in range(2))
    await asyncio.gather(*(pool.run(COPYING, one, hear) for one in others))
    assert most == 1


async def test_whoever_stops_waiting_stops_the_process(task: Job) -> None:
    before, begun = children(), asyncio.Event()
    pool = Pool()
    work = asyncio.create_task(pool.run(COPYING, task, lambda _: begun.set()))
    async with asyncio.timeout(60):
        await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert children() == before
    again = task.model_copy(update={"out": "again"})
    assert (await pool.run(COPYING, again)).pictures == 15


@pytest.mark.parametrize("content", [b"", bytes(3000), b"\x1aE\xdf\xa3" + bytes(200)])
async def test_of_what_is_no_film_no_copy_is_made(task: Job, content: bytes) -> None:
    seal(FolderFiles(task.root), "broken", content)
    with pytest.raises(NotMade):
        await Pool().run(COPYING, task.model_copy(update={"source": "broken"}))
