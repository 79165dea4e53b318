"""A looped file as tracks, in virtual time."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

from showroom.errors import StartupError
from showroom.robot.clip import ClipTracks
from showroom.robot.run import robot
from tests.robot.virtual import VirtualTiming, stamp


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


async def test_what_can_not_be_shown_stops_the_robot_before_it_signs_in(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no film")
    for path in (tmp_path / "nothing.mp4", tmp_path / "notes.mp4", tmp_path):
        with pytest.raises(StartupError, match=path.name):
            await robot("http://127.0.0.1:9", "paris", "robo@example.com", "", path, still=False)
