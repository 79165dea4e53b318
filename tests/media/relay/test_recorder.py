import asyncio
import secrets
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.inside import Workbench
from media.recording.finish import Job, finish
from media.recording.scribe import Scribe
from media.recording.vault import piece, pieces
from media.recording.webm import ADVISOR, CUSTOMER, PICTURE
from media.relay.booth import Booth
from media.relay.frames import Pictures, parameters_of, units_of, vp8_size
from media.relay.outlet import Entry
from media.relay.recorder import Recorder, Task
from media.relay.recorder import Studio as Desk
from media.relay.source import Source
from showroom.files import FileKind, FolderFiles, Place
from showroom.ids import RecordingId, ShowroomId
from tests.recordings import (
    ADVISOR_HZ,
    CUSTOMER_HZ,
    Seen,
    a_stream,
    beeps,
    began,
    flashes,
    look,
    play,
)

ROOM = ShowroomId("paris")
STEP = 0.08


class Studio:
    """Sources of two people, a recorder on them, and what it has written."""

    def __init__(self, root: Path, key: bytes = b"") -> None:
        self.files = FolderFiles(root)
        self.root = root
        self.key = key or secrets.token_bytes(32)
        bench = Workbench()
        self.customer = Source("audio", 48_000, bench)
        self.advisor = Source("audio", 48_000, bench)
        self.picture = Source("video", 90_000, bench)
        self.failures: list[bool] = []
        self.scribe = Scribe(self.files)
        task = Task(RecordingId("r" * 22), ROOM, self.key)
        self.recorder = Recorder(self.scribe, task, self.failures.append)

    def record(self, *, voices: bool = True) -> None:
        spoken = {CUSTOMER: self.customer, ADVISOR: self.advisor} if voices else {}
        self.recorder.follow({PICTURE: self.picture, **spoken})

    async def stop(self) -> None:
        self.recorder.stop()
        await self.scribe.close()

    @property
    def parts(self) -> list[str]:
        folder = self.root / ROOM / FileKind.RECORDING
        return sorted(path.name for path in folder.glob("*.part"))

    def part(self, name: str) -> bytes:
        return b"".join(pieces(self.files, place(name), self.key))

    def finished(self) -> tuple[str, bytes]:
        job = Job(
            root=str(self.root),
            showroom=ROOM,
            parts=tuple(self.parts),
            stem="whole",
            key=self.key.hex(),
        )
        done = finish(job)
        head = piece(self.files, place("whole.head"), self.key, 0)
        body = pieces(self.files, place("whole.body"), self.key)
        data = b"".join(head) + b"".join(body)
        assert len(data) == done.size
        return done.form, data


def place(name: str) -> Place:
    return Place(ROOM, FileKind.RECORDING, name)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def broadcast(studio: Studio, codec: str, seconds: float, *, late: float = 0.0) -> None:
    """Let both speak, and the advisor show, with the picture `late` against the voice."""
    now = began()
    customer = a_stream(studio.customer, "opus", offset=4_294_900_000)
    advisor = a_stream(studio.advisor, "opus", offset=77)
    picture = a_stream(studio.picture, codec, offset=123_456, delay=0.02 + late)
    for stream in (advisor, picture):
        stream.report(0.0, now, 3_900_000_000.0)
    play(
        [
            (customer, beeps(CUSTOMER_HZ, seconds)),
            (advisor, beeps(ADVISOR_HZ, seconds)),
            (picture, flashes(codec, seconds)),
        ],
        now,
    )


def in_step(seen: Seen, count: int) -> None:
    """Every flash has its beep in each sound, within 80 ms."""
    assert len(seen.flashes) >= count
    for beeping in seen.beeps:
        assert len(beeping) >= count
        for flash in seen.flashes[1:]:
            assert min(abs(flash - beep) for beep in beeping) < STEP


@pytest.mark.parametrize("codec", ["vp8", "h264"])
async def test_a_recording_has_the_picture_and_both_voices_in_step(
    studio: Studio, codec: str
) -> None:
    studio.record()
    broadcast(studio, codec, 7, late=0.15)
    await studio.stop()
    form, data = studio.finished()
    assert form == ("webm" if codec == "vp8" else "mp4")
    seen = look(data)
    assert len(seen.beeps) == 3
    assert len(seen.pictures) > 160
    assert 6.5 < seen.duration < 7.5
    in_step(seen, 3)
    both = look(data, hertz=(CUSTOMER_HZ, ADVISOR_HZ)).beeps
    assert len(both[0]) >= 3
    assert both[1] == both[2] == []


async def test_sound_alone_is_a_recording_too(studio: Studio) -> None:
    studio.record()
    now = began()
    play([(a_stream(studio.customer, "opus"), beeps(CUSTOMER_HZ, 5))], now)
    await studio.stop()
    seen = look(studio.finished()[1])
    assert seen.pictures == []
    assert [len(beeping) for beeping in seen.beeps] == [3, 3, 0]


async def test_a_picture_that_comes_later_is_recorded_from_then_on(studio: Studio) -> None:
    studio.record()
    now = began()
    play([(a_stream(studio.advisor, "opus"), beeps(ADVISOR_HZ, 4))], now)
    more = flashes("vp8", 4)
    play(
        [
            (a_stream(studio.advisor, "opus", rank=2), beeps(ADVISOR_HZ, 4)),
            (a_stream(studio.picture, "vp8"), more),
        ],
        now + 4,
    )
    await studio.stop()
    assert len(studio.parts) == 2
    seen = look(studio.finished()[1])
    assert 7.5 < seen.duration < 8.5
    assert seen.pictures[0] > 3.9
    in_step(replace(seen, beeps=seen.beeps[:1]), 2)


@pytest.mark.parametrize("codec", ["vp8", "h264"])
async def test_a_lost_packet_costs_the_pictures_until_the_next_keyframe_and_no_more(
    studio: Studio, codec: str
) -> None:
    studio.record(voices=False)
    asked: list[int] = []
    stream, now = a_stream(studio.picture, codec, asked=asked), began()
    for number, (moment, payloads) in enumerate(flashes(codec, 6, keyframes=50)):
        if number == 60:  # lost, in the second of three groups
            stream.sequence += len(payloads)
            continue
        stream.send(payloads, moment, now)
    await studio.stop()
    assert asked
    seen = look(studio.finished()[1])
    gap = [at for at in seen.pictures if 2.38 < at < 3.96]
    assert gap == []
    assert len([at for at in seen.pictures if at < 2.38]) >= 59
    assert len([at for at in seen.pictures if at > 3.96]) >= 49


async def test_packets_that_come_in_another_order_are_put_right(studio: Studio) -> None:
    studio.record(voices=False)
    stream, now = a_stream(studio.picture, "vp8"), began()
    late: tuple[float, int, list[bytes]] | None = None
    for number, (moment, payloads) in enumerate(flashes("vp8", 3)):
        if number % 10 == 5:
            late = moment, stream.sequence, payloads
            stream.sequence += len(payloads)
            continue
        stream.send(payloads, moment, now)
        if late is not None:
            kept, stream.sequence = stream.sequence, late[1]
            stream.send(late[2], late[0], now + 0.06)
            stream.sequence, late = kept, None
    await studio.stop()
    assert len(look(studio.finished()[1]).pictures) == 75


async def test_the_picture_may_change_its_size_and_its_publisher(studio: Studio) -> None:
    studio.record(voices=False)
    now = began()
    for rank, size in enumerate([(320, 180), (180, 320)]):
        stream = a_stream(studio.picture, "vp8", offset=rank * 7_777_777, rank=rank)
        play([(stream, flashes("vp8", 3, size=size))], now + 3 * rank)
    await studio.stop()
    assert len(studio.parts) == 1
    seen = look(studio.finished()[1])
    assert set(seen.sizes) == {(320, 180), (180, 320)}
    assert seen.pictures == sorted(seen.pictures)
    assert len(seen.pictures) == 150


async def test_h264_of_another_size_goes_on_in_another_part(studio: Studio) -> None:
    studio.record(voices=False)
    now = began()
    for rank, size in enumerate([(320, 180), (180, 320)]):
        stream = a_stream(studio.picture, "h264", rank=rank)
        play([(stream, flashes("h264", 3, size=size))], now + 3 * rank)
    await studio.stop()
    assert len(studio.parts) == 2
    for name, size in zip(studio.parts, [(320, 180), (180, 320)], strict=True):
        assert set(look(studio.part(name)).sizes) == {size}
    seen = look(studio.finished()[1])
    assert [seen.sizes.count(size) for size in ((320, 180), (180, 320))] == [75, 75]


@pytest.mark.parametrize("codecs", [("vp8", "h264"), ("h264", "vp8")])
async def test_a_picture_that_changes_its_codec_stays_in_one_file(
    studio: Studio, codecs: tuple[str, str]
) -> None:
    studio.record()
    now = began()
    for rank, codec in enumerate(codecs):
        voice = a_stream(studio.advisor, "opus", rank=rank)
        picture = a_stream(studio.picture, codec, rank=rank)
        both = [(voice, beeps(ADVISOR_HZ, 4)), (picture, flashes(codec, 4))]
        play(both, now + 4 * rank)
    await studio.stop()
    assert len(studio.parts) == 2
    form, data = studio.finished()
    assert form == "webm"
    seen = look(data)
    assert len(seen.pictures) > 190, "of 200"
    assert 7.5 < seen.duration < 8.5
    in_step(replace(seen, beeps=seen.beeps[:1]), 4)


async def test_what_grows_can_be_played_before_it_ends(studio: Studio) -> None:
    studio.record()
    broadcast(studio, "vp8", 5)
    for _ in range(100):
        data = b"".join(studio.part(name) for name in studio.parts)
        if data and len(look(data).pictures) > 75:
            break
        await asyncio.sleep(0.05)
    else:
        raise AssertionError("nothing to be seen")
    await studio.stop()


async def test_nothing_is_written_after_the_end(studio: Studio) -> None:
    studio.record()
    broadcast(studio, "vp8", 2)
    studio.recorder.stop()
    broadcast(studio, "vp8", 3)
    await studio.scribe.close()
    assert look(studio.finished()[1]).duration < 2.5


async def test_a_worker_that_hears_no_orders_writes_nothing(studio: Studio) -> None:
    studio.record()
    studio.recorder.deaf = True
    broadcast(studio, "vp8", 2)
    await studio.stop()
    assert studio.parts == []


async def test_a_full_disk_ends_the_recording_and_says_so_once(small_disk: Path) -> None:
    studio = Studio(small_disk / "files")
    studio.record()
    # How much it is depends on how fast the machine encodes.
    for _ in range(10):
        broadcast(studio, "vp8", 14)
        for _ in range(20):
            await asyncio.sleep(0.05)
            if studio.failures:
                break
        else:
            continue
        break
    broadcast(studio, "vp8", 1)
    await studio.stop()
    assert studio.failures == [True]
    assert look(studio.part(studio.parts[0])).pictures


@given(
    st.lists(st.tuples(st.binary(min_size=1, max_size=40), st.booleans()), max_size=12),
    st.sampled_from(["vp8", "h264"]),
)
def test_whatever_the_packets_say_frames_are_made_of_them_or_none(
    packets: list[tuple[bytes, bool]], codec: str
) -> None:
    pictures = Pictures()
    for number, (payload, marker) in enumerate(packets):
        entry = Entry(number, 3000 * number, 0x80 if marker else 0, payload, 0.0)
        whole = pictures.add(entry, codec)
        if whole is None:
            continue
        assert list(units_of(whole.data)) or codec == "vp8"
        assert codec == "vp8" or parameters_of(whole.data) is None or whole.key
        assert min(vp8_size(whole.data)) >= 0


async def test_junk_is_no_recording_and_no_error(studio: Studio) -> None:
    studio.record()
    now = began()
    for source, codec in ((studio.picture, "vp8"), (studio.picture, "h264")):
        stream = a_stream(source, codec, rank=5 if codec == "h264" else 1)
        for number in range(2000):
            stream.send([secrets.token_bytes(1 + number % 40)], number / 25, now)
    await studio.stop()
    assert studio.failures == []


async def test_a_killed_worker_loses_five_seconds_at_most(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.media.relay.dying", str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    spoken = 0.0
    while spoken < 8:
        spoken = float(await process.stdout.readline())
    process.kill()
    await process.wait()
    studio = Studio(tmp_path, key=bytes(32))
    seen = look(studio.finished()[1])
    assert spoken - 5 < seen.duration <= spoken + 0.5
    assert [len(beeping) >= 2 for beeping in seen.beeps] == [True, True, False]


async def test_what_fails_late_takes_no_later_recording_with_it(tmp_path: Path) -> None:
    booth = Booth(Desk(FolderFiles(tmp_path), "s" * 32))
    source = Source("audio", 48_000, Workbench())
    failed: list[str] = []

    def fails(task: Task, _full: bool) -> None:
        failed.append(task.id)

    tasks = [Task(RecordingId(letter * 22), ROOM, secrets.token_bytes(32)) for letter in "ab"]
    booth.record(tasks[0], fails)
    booth.follow({CUSTOMER: source})
    earlier = booth._recorder
    assert earlier
    booth.record(tasks[1], fails)
    booth.follow({CUSTOMER: source})
    earlier._failed(False)
    assert failed == [tasks[0].id]
    booth.record(None, fails)
    assert source.taps == [], "nobody takes anything after the end"
