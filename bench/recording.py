"""What recording a call costs a media worker, beside passing its packets on."""

import asyncio
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import cv2
import numpy as np
from aiortc import codecs

from bench.figures import Line
from media.inside import Workbench
from media.recording.scribe import Scribe
from media.recording.webm import ADVISOR, CUSTOMER, PICTURE
from media.relay.inflow import Inflow
from media.relay.recorder import Recorder, Task
from media.relay.rtp import Packet, clock
from media.relay.source import Source
from showroom.files import FolderFiles
from showroom.ids import RecordingId, ShowroomId

HOW = """One process gets the packets of 20 calls in their own time, as a worker's sources do: a
picture of 1280×720 at about 1.7 Mbit/s in VP8, 30 frames a second, and two voices at 32 kbit/s,
50 packets a second each. Turn by turn, ten seconds each, all of them are recorded, and none. The
figure is the difference in the process' CPU time, its writing thread included, by call: joined,
sealed and written. *Elsewhere*: aiortc's recorder decodes and encodes."""
CALLS = 20
SECONDS = 10.0
TURNS = 3
FPS = 30
TICK = 0.01
TARGET = 0.5

# What is due at which moment of a second, by track: (seconds, the payloads of its packets).
Script = list[tuple[float, int, list[bytes]]]


async def measure() -> list[Line]:
    script = _script()
    rate = sum(len(p) for _, track, all_ in script for p in all_ if track == PICTURE) * 8 / SECONDS
    with tempfile.TemporaryDirectory() as name:
        scribe = Scribe(FolderFiles(Path(name)))
        calls = [_Call() for _ in range(CALLS)]
        costs = []
        for _ in range(TURNS):
            idle = await _play(calls, script)
            with _recorded(calls, scribe):
                costs.append(100 * (await _play(calls, script) - idle) / SECONDS / CALLS)
        await scribe.close()
    cost = statistics.median(costs)
    spread = f"{min(costs):.2f}–{max(costs):.2f}, {TURNS} turns"
    return [
        Line(
            f"CPU of a recording, 720p at {rate / 1e6:.1f} Mbit/s and two voices",
            f"≤ {TARGET} % of a core",
            f"{cost:.2f} % ({spread}), {scribe.dropped} frames dropped",
            cost <= TARGET and not scribe.dropped,
            "prototype: 0.2 %; aiortc's MediaRecorder: 80–87 %",
        )
    ]


class _Call:
    """The sources of one call, and the publishers' streams into them."""

    def __init__(self) -> None:
        bench = Workbench()
        self.sources = {
            PICTURE: Source("video", 90_000, bench),
            CUSTOMER: Source("audio", 48_000, bench),
            ADVISOR: Source("audio", 48_000, bench),
        }
        self._inflows = {
            track: Inflow(1, 96, "vp8" if track == PICTURE else "opus", 1, source, lambda _: None)
            for track, source in self.sources.items()
        }
        self._sequence = dict.fromkeys(self.sources, 0)

    def take(self, track: int, payloads: list[bytes], moment: float) -> None:
        inflow = self._inflows[track]
        stamp = round(moment * inflow.source.clock_rate) & 0xFFFFFFFF
        now = clock()
        for number, payload in enumerate(payloads):
            marker = 0x80 if number == len(payloads) - 1 else 0
            sequence = self._sequence[track]
            self._sequence[track] = (sequence + 1) & 0xFFFF
            inflow.take(Packet(96, marker, sequence, stamp, 1, None, payload), now)


@contextmanager
def _recorded(calls: list[_Call], scribe: Scribe) -> Iterator[None]:
    recorders = []
    for call in calls:
        task = Task(
            RecordingId(secrets.token_urlsafe(16)), ShowroomId("bench"), secrets.token_bytes(32)
        )
        recorders.append(Recorder(scribe, task, lambda _: None))
        recorders[-1].follow(call.sources)
    yield
    for recorder in recorders:
        recorder.stop()


async def _play(calls: list[_Call], script: Script) -> float:
    """Send a script to all calls in its own time; return the CPU time in seconds."""
    began, used, at = time.monotonic(), time.process_time(), 0
    while at < len(script):
        while at < len(script) and script[at][0] <= time.monotonic() - began:
            _, track, payloads = script[at]
            for call in calls:
                call.take(track, payloads, began + script[at][0])
            at += 1
        await asyncio.sleep(TICK)
    return time.process_time() - used


def _script() -> Script:
    """Return what a publisher of each track sends, in its order."""
    voice = [secrets.token_bytes(80) for _ in range(50)]
    found: Script = [(at, PICTURE, payloads) for at, payloads in _pictures()]
    for number in range(int(SECONDS * 50)):
        for track in (CUSTOMER, ADVISOR):
            found.append((number / 50, track, [b"\x78" + voice[number % 50]]))
    return sorted(found, key=lambda one: one[:2])


def _pictures() -> Iterator[tuple[float, list[bytes]]]:
    encoder = cast(Any, av.CodecContext.create("libvpx", "w"))
    encoder.width, encoder.height, encoder.pix_fmt = 1280, 720, "yuv420p"
    encoder.time_base, encoder.bit_rate, encoder.gop_size = Fraction(1, FPS), 1_700_000, 300
    encoder.options = {
        "deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0",
        "minrate": "1700000", "maxrate": "1700000", "bufsize": "1700000",
    }  # fmt: skip
    packer = codecs.vpx.Vp8Encoder()
    # A rough wall that goes by: as hard to encode as a street.
    rough = np.random.default_rng(1).integers(40, 215, (23, 200, 3), np.uint8)
    wall = cv2.resize(rough, (6400, 736), interpolation=cv2.INTER_CUBIC)
    for number in range(int(SECONDS * FPS)):
        left = number * 5 % (wall.shape[1] - 1280)
        part = wall[:720, left : left + 1280].astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(part, format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        for packet in encoder.encode(frame):
            packet.time_base = Fraction(1, FPS)
            yield number / FPS, packer.pack(packet)[0]
