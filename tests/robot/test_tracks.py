"""The tracks, in virtual time: nothing here waits for a real clock."""

import asyncio
import threading
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError
from numpy.typing import NDArray

from showroom.robot.tracks import PictureTrack, VoiceTrack
from showroom.robot.voice import Voice
from tests.robot.virtual import VirtualTiming, stamp


class Slideshow:
    """A source that takes `cost` seconds of virtual time for a picture."""

    def __init__(self, timing: VirtualTiming, cost: float = 0.0) -> None:
        self.timing, self.cost = timing, cost
        self.drawn: list[float] = []
        self.threads: set[int] = set()

    def draw(self, seconds: float, _clock: datetime) -> NDArray[np.uint8]:
        self.threads.add(threading.get_ident())
        self.drawn.append(seconds)
        self.timing.time += self.cost
        return np.full((48, 64, 3), len(self.drawn) % 256, dtype=np.uint8)


async def test_pictures_carry_rising_time_stamps_of_the_video_clock() -> None:
    timing = VirtualTiming()
    track = PictureTrack(Slideshow(timing), fps=20, timing=timing)
    frames = [await track.recv() for _ in range(5)]
    track.stop()
    assert [frame.pts for frame in frames] == [0, 4500, 9000, 13500, 18000]
    assert all(frame.time_base == Fraction(1, 90000) for frame in frames)
    assert all((frame.width, frame.height) == (64, 48) for frame in frames)
    assert all(frame.format.name == "yuv420p" for frame in frames)


async def test_a_picture_is_handed_out_when_it_is_due() -> None:
    timing = VirtualTiming()
    source = Slideshow(timing)
    track = PictureTrack(source, fps=20, timing=timing)
    for _ in range(4):
        await track.recv()
    track.stop()
    assert timing.time == pytest.approx(100.15)
    assert source.drawn[:4] == pytest.approx([0, 0.05, 0.10, 0.15])


async def test_a_slow_source_drops_frames_instead_of_queueing_them() -> None:
    timing = VirtualTiming()
    source = Slideshow(timing, cost=0.12)
    track = PictureTrack(source, fps=20, timing=timing)
    stamps = [stamp(await track.recv()) for _ in range(5)]
    track.stop()
    # Five were handed out, and one more may have been begun.
    assert len(source.drawn) <= 6
    steps = [late - early for early, late in pairwise(stamps)]
    assert all(0.10 <= step <= 0.15 for step in steps)
    # What is shown last is at most two pictures' work and one beat behind.
    assert timing.time - 100 - source.drawn[-1] <= 2 * 0.12 + 0.05


async def test_pictures_are_never_drawn_on_the_event_loop() -> None:
    timing = VirtualTiming()
    source = Slideshow(timing)
    track = PictureTrack(source, timing=timing)
    for _ in range(3):
        await track.recv()
    track.stop()
    assert threading.get_ident() not in source.threads
    assert len(source.threads) == 1


async def test_a_source_sees_the_time_of_day() -> None:
    timing = VirtualTiming()
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    seen: list[datetime] = []

    class Watch:
        def draw(self, _seconds: float, clock: datetime) -> NDArray[np.uint8]:
            seen.append(clock)
            return np.zeros((16, 16, 3), dtype=np.uint8)

    track = PictureTrack(Watch(), timing=timing, clock=lambda: noon)
    await track.recv()
    track.stop()
    assert set(seen) == {noon}


async def test_a_stopped_picture_track_gives_no_more_frames() -> None:
    timing = VirtualTiming()
    source = Slideshow(timing)
    track = PictureTrack(source, timing=timing)
    await track.recv()
    track.stop()
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()
    assert len(source.drawn) <= 2


async def test_the_next_picture_is_drawn_while_the_last_one_is_encoded() -> None:
    second = threading.Event()

    class Counting:
        def __init__(self) -> None:
            self.drawn = 0

        def draw(self, _seconds: float, _clock: datetime) -> NDArray[np.uint8]:
            self.drawn += 1
            if self.drawn == 2:
                second.set()
            return np.zeros((16, 16, 3), dtype=np.uint8)

    source = Counting()
    track = PictureTrack(source, timing=VirtualTiming())
    await track.recv()
    # Nobody has asked for the second picture yet.
    assert await asyncio.to_thread(second.wait, 10)
    track.stop()
    assert source.drawn == 2


async def test_stopping_while_a_picture_is_drawn_throws_it_away() -> None:
    drawing, finish = threading.Event(), threading.Event()

    class Painting:
        def draw(self, _seconds: float, _clock: datetime) -> NDArray[np.uint8]:
            drawing.set()
            finish.wait(10)
            return np.zeros((16, 16, 3), dtype=np.uint8)

    track = PictureTrack(Painting())
    waiting = asyncio.ensure_future(track.recv())
    await asyncio.to_thread(drawing.wait, 10)
    track.stop()
    finish.set()
    with pytest.raises(MediaStreamError):
        await waiting


async def test_a_source_that_fails_fails_the_track() -> None:
    class Broken:
        def draw(self, _seconds: float, _clock: datetime) -> NDArray[np.uint8]:
            raise RuntimeError("no paint")

    track = PictureTrack(Broken(), timing=VirtualTiming())
    with pytest.raises(RuntimeError, match="no paint"):
        await track.recv()
    track.stop()


async def test_the_voice_track_plays_the_voice_in_frames_of_twenty_milliseconds() -> None:
    timing = VirtualTiming()
    track = VoiceTrack(Voice(2), timing=timing)
    frames = [await track.recv() for _ in range(40)]
    track.stop()
    assert [frame.pts for frame in frames] == [960 * n for n in range(40)]
    assert all(frame.samples == 960 and frame.sample_rate == 48_000 for frame in frames)
    assert timing.time == pytest.approx(100 + 39 * 0.02)
    played = np.concatenate([frame.to_ndarray().ravel() for frame in frames])
    assert np.array_equal(played, Voice(2).samples(40 * 960))


async def test_the_voice_track_skips_what_a_long_stall_missed() -> None:
    timing = VirtualTiming()
    track = VoiceTrack(Voice(2), timing=timing)
    first = await track.recv()
    timing.time += 3.0
    stamps = [stamp(await track.recv()) for _ in range(15)]
    track.stop()
    assert first.pts == 0
    assert stamps[0] == pytest.approx(2.8)
    assert stamps == sorted(set(stamps))
    assert timing.time == pytest.approx(103 + 4 * 0.02)


async def test_a_stopped_voice_track_gives_no_more_frames() -> None:
    track = VoiceTrack(Voice(), timing=VirtualTiming())
    await track.recv()
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()
