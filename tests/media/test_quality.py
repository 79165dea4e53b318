"""Quality: the written rules are the code's rules, and samples are kept or counted."""

import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from booking.privacy.purging import Purging
from media.photos import Photos
from media.quality import (
    CONCEALED,
    FRAME_MS,
    FROZEN_SHARE,
    LOSS,
    NOT_GOOD_SHARE,
    POOR_SHARE,
    ROUND_TRIP_MS,
    KeptSample,
    QualityLog,
    classify,
    summarise,
    worst,
)
from media.recording.book import Recordings
from showroom.clock import DAY_MS
from showroom.database import Database
from showroom.files import FolderFiles
from showroom.ids import CallId, ShowroomId
from showroom.retention import Retention
from showroom.showrooms import Showrooms
from showroom.words import Quality, Side
from tests.nodes import SECRET
from tests.samples import saved_showroom
from tests.virtual_clock import START_MS, VirtualClock

RULES = Path(__file__).parents[2] / "docs" / "quality.md"
CALL = CallId("call-1")

FINE = KeptSample(
    side=Side.CUSTOMER,
    sampled_at=START_MS,
    seconds=5.0,
    bitrate_in=1_500_000,
    bitrate_out=40_000,
    loss=0.0,
    round_trip_ms=40.0,
    frames=150,
    width=1280,
    height=720,
    freezes=0,
    frozen_ms=0,
    concealed=0.0,
    limitation="none",
    relayed=False,
)
FAIR = replace(FINE, loss=0.05)
POOR = replace(FINE, loss=0.5)


@pytest.mark.parametrize(
    ("change", "quality"),
    [
        ({}, Quality.GOOD),
        ({"loss": 0.02}, Quality.GOOD),
        ({"loss": 0.021}, Quality.FAIR),
        ({"loss": 0.081}, Quality.POOR),
        ({"round_trip_ms": 250}, Quality.GOOD),
        ({"round_trip_ms": 251}, Quality.FAIR),
        ({"round_trip_ms": 501}, Quality.POOR),
        ({"round_trip_ms": None}, Quality.GOOD),
        ({"concealed": 0.04}, Quality.FAIR),
        ({"concealed": 0.11}, Quality.POOR),
        ({"frozen_ms": 100}, Quality.GOOD),
        ({"frozen_ms": 101}, Quality.FAIR),
        ({"frozen_ms": 501}, Quality.POOR),
        ({"frames": 75}, Quality.GOOD),
        ({"frames": 74}, Quality.FAIR),
        ({"frames": 35}, Quality.FAIR),
        ({"frames": 34}, Quality.POOR),
        ({"frames": 0}, Quality.POOR),
        ({"limitation": "bandwidth"}, Quality.FAIR),
        ({"limitation": "cpu"}, Quality.GOOD),
        ({"loss": 0.03, "round_trip_ms": 900}, Quality.POOR),
    ],
)
def test_a_sample_is_as_good_as_its_worst_measure(
    change: dict[str, float | str | None], quality: Quality
) -> None:
    assert classify(replace(FINE, **change)) is quality  # type: ignore[arg-type]


def test_no_picture_is_no_fault_of_the_link_where_none_is_sent() -> None:
    assert classify(replace(FINE, width=0, height=0, frames=0)) is Quality.GOOD
    assert classify(replace(FINE, bitrate_in=0, frames=0)) is Quality.GOOD


@given(
    st.builds(
        replace,
        st.just(FINE),
        seconds=st.floats(0.1, 60),
        loss=st.floats(0, 1),
        concealed=st.floats(0, 1),
        frames=st.integers(0, 4_000),
        frozen_ms=st.integers(0, 60_000),
        round_trip_ms=st.none() | st.floats(0, 60_000),
    ),
    st.floats(0, 1),
)
def test_more_loss_never_makes_a_link_better(sample: KeptSample, more: float) -> None:
    worse = replace(sample, loss=min(1.0, sample.loss + more))
    assert worst([classify(sample), classify(worse)]) is classify(worse)


@pytest.mark.parametrize(
    ("fine", "fair", "poor", "quality"),
    [
        (1, 0, 0, Quality.GOOD),
        (80, 20, 0, Quality.GOOD),
        (79, 21, 0, Quality.FAIR),
        (80, 10, 10, Quality.GOOD),
        (89, 0, 11, Quality.POOR),
        (0, 0, 1, Quality.POOR),
    ],
)
def test_a_call_is_as_good_as_most_of_its_time(
    fine: int, fair: int, poor: int, quality: Quality
) -> None:
    samples = [FINE] * fine + [FAIR] * fair + [POOR] * poor
    random.shuffle(samples)
    assert summarise(samples) is quality


def test_a_long_sample_weighs_more_than_a_short_one() -> None:
    assert summarise([FINE, replace(POOR, seconds=0.5)]) is Quality.GOOD
    assert summarise([FINE, replace(POOR, seconds=5)]) is Quality.POOR


def test_a_call_that_nobody_measured_has_no_quality() -> None:
    assert summarise([]) is None


def test_the_document_states_the_limits_of_the_code() -> None:
    document = RULES.read_text()
    rows = re.findall(
        r"^\| [a-z][^|]*\| ([\d.]+) [^|]*\| ([\d.]+) [^|]*\| above", document, re.MULTILINE
    )
    written = [(float(good), float(fair)) for good, fair in rows]
    assert written == [
        (LOSS.good * 100, LOSS.fair * 100),
        (ROUND_TRIP_MS.good, ROUND_TRIP_MS.fair),
        (CONCEALED.good * 100, CONCEALED.fair * 100),
        (FROZEN_SHARE.good * 100, FROZEN_SHARE.fair * 100),
        (round(FRAME_MS.good), round(FRAME_MS.fair)),
    ]
    assert f"more than {POOR_SHARE:.0%} of".replace("%", " %") in document
    assert f"more than {NOT_GOOD_SHARE:.0%} of".replace("%", " %") in document


@pytest.fixture
async def paris(database: Database) -> ShowroomId:
    return await saved_showroom(database)


async def test_samples_come_back_in_order_and_belong_to_one_showroom(
    database: Database, paris: ShowroomId
) -> None:
    lyon = await saved_showroom(database, "lyon")
    log = QualityLog(database)
    samples = [
        replace(FINE, side=side, sampled_at=START_MS + n * 5_000)
        for n in range(700)
        for side in (Side.ADVISOR, Side.CUSTOMER)
    ]
    for sample in samples:
        log.add(paris, CALL, sample.side, sample.sampled_at, sample)
    await log.flush()
    log.add(paris, CallId("another"), Side.ADVISOR, START_MS, POOR)
    kept = await log.of_call(paris, CALL)
    assert kept == tuple(samples)
    assert all(earlier.sampled_at <= later.sampled_at for earlier, later in pairwise(kept))
    assert await log.of_call(lyon, CALL) == ()


async def test_a_sample_that_arrives_twice_is_kept_once(
    database: Database, paris: ShowroomId
) -> None:
    log = QualityLog(database)
    for _ in range(2):
        log.add(paris, CALL, Side.CUSTOMER, START_MS, FINE)
        await log.flush()
    assert await log.of_call(paris, CALL) == (FINE,)


async def test_samples_go_when_their_time_is_over_and_those_of_others_stay(
    database: Database, paris: ShowroomId
) -> None:
    lyon, log = await saved_showroom(database, "lyon"), QualityLog(database)
    days = range(-4, 2)
    for n in days:
        log.add(paris, CALL, Side.CUSTOMER, START_MS + n * DAY_MS, FINE)
        log.add(lyon, CallId("lyons"), Side.CUSTOMER, START_MS + n * DAY_MS, FINE)
    await log.flush()
    assert await log.purge(paris, START_MS) == 4
    assert [one.sampled_at for one in await log.of_call(paris, CALL)] == [
        START_MS,
        START_MS + DAY_MS,
    ]
    assert len(await log.of_call(lyon, CallId("lyons"))) == len(days)
    assert await log.purge(paris, START_MS) == 0


async def test_retention_keeps_samples_for_as_long_as_the_showroom_says(
    database: Database, paris: ShowroomId, tmp_path: Path
) -> None:
    log, rooms = QualityLog(database), Showrooms(database)
    clock = VirtualClock()
    kept = (await rooms.by_id(paris)).policy.retention_days * DAY_MS
    for at in (START_MS - kept - 1, START_MS - kept):
        log.add(paris, CALL, Side.CUSTOMER, at, FINE)
    await log.flush()
    files = FolderFiles(tmp_path / "files")
    photos = Photos(database, files, clock)
    recordings = Recordings(database, files, SECRET, clock)
    await Retention(rooms, photos, recordings, log, Purging(database, clock), clock).purge()
    assert [one.sampled_at for one in await log.of_call(paris, CALL)] == [START_MS - kept]


@asynccontextmanager
async def without_its_table(database: Database) -> AsyncIterator[None]:
    """Let every write of a sample fail, on a real database."""

    async def rename(old: str, new: str) -> None:
        async with database.write() as connection:
            await connection.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))

    await rename("call_quality", "elsewhere")
    try:
        yield
    finally:
        await rename("elsewhere", "call_quality")


async def test_samples_wait_while_they_can_not_be_written_and_the_oldest_go_first(
    database: Database, paris: ShowroomId
) -> None:
    log = QualityLog(database, most_waiting=3)
    async with without_its_table(database):
        for n in range(5):
            log.add(paris, CALL, Side.CUSTOMER, START_MS + n, FINE)
            with pytest.raises(DBAPIError):
                await log.flush()
    assert [s.sampled_at - START_MS for s in await log.of_call(paris, CALL)] == [2, 3, 4]
    assert log.dropped == 2
