"""The tracks, in virtual time: nothing here waits for a real clock."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame
from numpy.typing import NDArray

from showroom.robot.tracks import ClipTracks, PictureTrack, VoiceTrack
from showroom.robot.voice import Voice


class VirtualTiming:
    """Time that passes only when somebody sleeps, or says so."""

    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)


class Slideshow:
    """A source that takes `cost` seconds of virtual time for a picture."""

    def __init__(self, timing: VirtualTiming, cost: float = 0.0) -> None:
        self.timing, self.cost = timing, cost
        self.drawn: list[float] = []
        self.threads: set[int] = set()

    def draw(self, seconds: float, clock: datetime) -> NDArray[np.uint8]:
        self.threads.add(threading.get_ident())
        self.drawn.append(seconds)
        self.timing.time += self.cost
        return np.full((48, 64, 3), len(self.drawn) % 256, dtype=np.uint8)


def stamp(frame: AudioFrame | VideoFrame) -> float:
    """The instant a frame belongs to, in seconds."""
    assert frame.pts is not None
    assert frame.time_base is not None
    return float(frame.pts * Fraction(frame.time_base.numerator, frame.time_base.denominator))


async def test_pictures_carry_rising_time_stamps_of_the_video_clock() -> None:
    timing = VirtualTiming()
    track = PictureTrack(Slideshow(timing), fps=20, timing=timing)
    frames = [await track.recv() for _ in range(5)]
    track.stop()
    assert [frame.pts for frame in frames] == [0, 4500, 9000, 13500, 18000]
    assert all(frame.time_base == Fraction(1, 90000) for frame in frames)
    assert all((frame.width, frame.height) == (64, 48) for frame in frames)
    assert all(frame.format.name == "yuv420p" for frame in frames)


async def test_a_picture_is_drawn_when_it_is_due() -> None:
    timing = VirtualTiming()
    source = Slideshow(timing)
    track = PictureTrack(source, fps=20, timing=timing)
    for _ in range(4):
        await track.recv()
    track.stop()
    assert timing.time == pytest.approx(100.15)
    assert source.drawn == pytest.approx([0, 0.05, 0.10, 0.15])


async def test_a_slow_source_drops_frames_instead_of_queueing_them() -> None:
    timing = VirtualTiming()
    source = Slideshow(timing, cost=0.12)
    track = PictureTrack(source, fps=20, timing=timing)
    stamps = [stamp(await track.recv()) for _ in range(5)]
    track.stop()
    assert len(source.drawn) == 5
    steps = [late - early for early, late in pairwise(stamps)]
    assert all(0.10 <= step <= 0.15 for step in steps)
    # What is shown last is at most one picture's work and one beat behind.
    assert timing.time - 100 - source.drawn[-1] <= 0.12 + 0.05


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
        def draw(self, seconds: float, clock: datetime) -> NDArray[np.uint8]:
            seen.append(clock)
            return np.zeros((16, 16, 3), dtype=np.uint8)

    track = PictureTrack(Watch(), timing=timing, clock=lambda: noon)
    await track.recv()
    track.stop()
    assert seen == [noon]


async def test_a_stopped_picture_track_gives_no_more_frames() -> None:
    timing = VirtualTiming()
    source = Slideshow(timing)
    track = PictureTrack(source, timing=timing)
    await track.recv()
    track.stop()
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()
    assert len(source.drawn) == 1


async def test_stopping_while_a_picture_is_drawn_throws_it_away() -> None:
    drawing, finish = threading.Event(), threading.Event()

    class Painting:
        def draw(self, seconds: float, clock: datetime) -> NDArray[np.uint8]:
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
        def draw(self, seconds: float, clock: datetime) -> NDArray[np.uint8]:
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


def write_clip(path: Path, *, sound: bool, size: tuple[int, int] = (64, 48)) -> Path:
    """A clip of half a second: ten grey frames, each brighter, and a tone."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=20)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = container.add_stream("aac", rate=48_000, layout="mono") if sound else None
        for number in range(10):
            picture = np.full((size[1], size[0], 3), 20 + 20 * number, dtype=np.uint8)
            container.mux(video.encode(VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(video.encode())
        if audio is not None:
            tone = np.sin(np.arange(24_000) * 2 * np.pi * 440 / 48_000) * 8000
            for start in range(0, 24_000, 1024):
                piece = tone[start : start + 1024].astype(np.int16)[None]
                frame = AudioFrame.from_ndarray(piece, format="s16", layout="mono")
                frame.sample_rate, frame.pts = 48_000, start
                container.mux(audio.encode(frame))
            container.mux(audio.encode())
    return path


@pytest.fixture
def clip(tmp_path: Path) -> Iterator[ClipTracks]:
    tracks = ClipTracks(write_clip(tmp_path / "clip.mp4", sound=True), timing=VirtualTiming())
    yield tracks
    tracks.stop()


async def test_a_clip_starts_again_when_it_ends(clip: ClipTracks) -> None:
    frames = [await clip.video.recv() for _ in range(25)]
    light = [float(frame.to_ndarray(format="gray").mean()) for frame in frames]
    assert light[:10] == sorted(light[:10])
    assert light[10:20] == pytest.approx(light[:10], abs=1)
    assert light[20:] == pytest.approx(light[:5], abs=1)


async def test_the_time_stamps_of_a_clip_rise_over_its_end(clip: ClipTracks) -> None:
    stamps = [stamp(await clip.video.recv()) for _ in range(25)]
    steps = [late - early for early, late in pairwise(stamps)]
    assert min(steps) > 0
    assert max(steps) < 0.15


async def test_a_clip_is_heard_in_every_round(clip: ClipTracks) -> None:
    frames = [await clip.audio.recv() for _ in range(75)]
    assert [frame.pts for frame in frames] == [960 * n for n in range(75)]
    loud = [float(np.abs(frame.to_ndarray()).max()) for frame in frames]
    assert min(max(loud[start : start + 25]) for start in (0, 25, 50)) > 4000


async def test_a_late_clip_catches_up_by_leaving_frames_out(tmp_path: Path) -> None:
    timing = VirtualTiming()
    tracks = ClipTracks(write_clip(tmp_path / "clip.mp4", sound=False), timing=timing)
    await tracks.video.recv()
    timing.time += 5.0
    frame = await tracks.video.recv()
    tracks.stop()
    assert stamp(frame) == pytest.approx(5.0, abs=0.15)


async def test_a_clip_without_sound_is_silent(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "mute.mp4", sound=False)
    tracks = ClipTracks(path, timing=VirtualTiming())
    frames = [await tracks.audio.recv() for _ in range(60)]
    tracks.stop()
    assert [frame.pts for frame in frames] == [960 * n for n in range(60)]
    assert not any(frame.to_ndarray().any() for frame in frames)


async def test_a_large_clip_is_shrunk(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "large.mp4", sound=False, size=(1920, 1088))
    tracks = ClipTracks(path, timing=VirtualTiming())
    frame = await tracks.video.recv()
    tracks.stop()
    assert frame.width <= 1280
    assert frame.height <= 720
    assert frame.width / frame.height == pytest.approx(1920 / 1088, rel=0.01)


async def test_a_stopped_clip_gives_no_more_frames(clip: ClipTracks) -> None:
    clip.stop()
    for track in (clip.video, clip.audio):
        with pytest.raises(MediaStreamError):
            await track.recv()


def test_a_missing_clip_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ClipTracks(tmp_path / "nothing.mp4")


def test_a_clip_without_pictures_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        audio = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        frame = AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), format="s16", layout="mono")
        frame.sample_rate = 48_000
        container.mux(audio.encode(frame))
        container.mux(audio.encode())
    with pytest.raises(ValueError, match="no video"):
        ClipTracks(path)
