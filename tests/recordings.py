"""Media for tests of recordings: packets as a browser sends them, and what a file holds of them."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import av
import numpy as np
from aiortc import codecs

from media.recording.book import Agreed, Recording, Recordings
from media.recording.vault import PIECE, Sealing
from media.relay.inflow import Inflow, SenderReport
from media.relay.rtp import Packet, clock
from media.relay.source import Source
from showroom.clock import Clock
from showroom.files import FileKind, Place
from showroom.ids import CallId, RecordingId, ShowroomId, StaffId, new_id
from showroom.words import RecordingEnd

RATE = 48_000
FPS = 25
# A flash and a beep at the same moment, so often (seconds), and for so long.
EVERY, LASTS = 2.0, 0.2
CUSTOMER_HZ, ADVISOR_HZ = 440.0, 1200.0


@dataclass
class Stream:
    """A publisher's stream: its packets go straight into an inflow.

    `offset`: of its timestamps; `delay`: seconds from the moment to the arrival.
    """

    inflow: Inflow
    offset: int
    delay: float
    sequence: int = 65_000

    def send(self, payloads: list[bytes], moment: float, now: float) -> None:
        rate = self.inflow.source.clock_rate
        timestamp = (self.offset + round(moment * rate)) & 0xFFFFFFFF
        for number, payload in enumerate(payloads):
            marker = 0x80 if number == len(payloads) - 1 else 0
            packet = Packet(
                self.inflow.payload_type, marker, self.sequence, timestamp, 1, None, payload
            )
            self.sequence = (self.sequence + 1) & 0xFFFF
            self.inflow.take(packet, now + moment + self.delay)

    def report(self, moment: float, now: float, ntp: float) -> None:
        """Say what the publisher's clocks show at a moment."""
        rate = self.inflow.source.clock_rate
        timestamp = (self.offset + round(moment * rate)) & 0xFFFFFFFF
        stamp = int((ntp + moment) * (1 << 32))
        self.inflow.sender_report = SenderReport(stamp, timestamp, now + moment + self.delay)


def a_stream(
    source: Source,
    codec: str,
    *,
    offset: int = 0,
    delay: float = 0.02,
    rank: int = 1,
    asked: list[int] | None = None,
) -> Stream:
    """Return a stream into a source. `asked` gets an entry for each keyframe asked for."""
    inflow = Inflow(1, 96, codec, rank, source, (asked if asked is not None else []).append)
    return Stream(inflow, offset, delay)


def beeps(hertz: float, seconds: float) -> Iterator[tuple[float, list[bytes]]]:
    """Yield when each packet of a voice is, and its payload: it beeps when the picture flashes."""
    encoder = cast(Any, av.CodecContext.create("libopus", "w"))
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "s16"
    encoder.bit_rate, encoder.options = 32_000, {"application": "lowdelay"}
    size = RATE // 50
    for number in range(int(seconds * 50)):
        times = (np.arange(size) + number * size) / RATE
        loud = (times % EVERY) < LASTS
        wave = (np.sin(2 * np.pi * hertz * times) * 12_000 * loud).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, number * size, Fraction(1, RATE)
        yield from ((number / 50, [bytes(packet)]) for packet in encoder.encode(frame))


def flashes(
    codec: str, seconds: float, *, size: tuple[int, int] = (320, 180), keyframes: int = 50
) -> Iterator[tuple[float, list[bytes]]]:
    """Yield when each picture is, and its packets' payloads: it flashes with the beeps."""
    encoder = cast(Any, av.CodecContext.create("libvpx" if codec == "vp8" else "libx264", "w"))
    encoder.width, encoder.height, encoder.pix_fmt = *size, "yuv420p"
    encoder.time_base, encoder.bit_rate, encoder.gop_size = Fraction(1, FPS), 400_000, keyframes
    encoder.options = (
        {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
        if codec == "vp8"
        else {"profile": "baseline", "tune": "zerolatency", "preset": "ultrafast"}
    )
    packer = codecs.vpx.Vp8Encoder() if codec == "vp8" else codecs.h264.H264Encoder()
    for number in range(int(seconds * FPS)):
        moment = number / FPS
        pixels = np.full((size[1], size[0], 3), 16, np.uint8)
        pixels[: size[1] // 4, :, number % 3] = 90
        if moment % EVERY < LASTS - 0.001:
            pixels[:] = 235
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        for packet in encoder.encode(frame):
            packet.time_base = Fraction(1, FPS)
            yield moment, packer.pack(packet)[0]


def play(streams: list[tuple[Stream, Iterator[tuple[float, list[bytes]]]]], now: float) -> None:
    """Send several streams' packets in the order of their arrival. `now`: the beginning."""
    coming = [
        (moment + stream.delay, order, moment, stream, payloads)
        for order, (stream, packets) in enumerate(streams)
        for moment, payloads in packets
    ]
    for _, _, moment, stream, payloads in sorted(coming, key=lambda one: one[:3]):
        stream.send(payloads, moment, now)


def began() -> float:
    """Return the beginning of a broadcast, in seconds of our clock."""
    return clock()


@dataclass(frozen=True)
class Seen:
    """What a file holds. Moments in seconds."""

    pictures: list[float]
    sizes: list[tuple[int, int]]
    flashes: list[float]
    beeps: list[list[float]]
    duration: float


def look(data: bytes, *, hertz: tuple[float, ...] = ()) -> Seen:
    """Decode a file, and find the flashes and each sound's beeps (of a pitch, if one is named)."""
    file: Any = av.open(io.BytesIO(data), "r")
    pictures, sizes, bright = [], [], []
    voices: list[list[tuple[float, np.ndarray[Any, Any]]]] = [[] for _ in file.streams.audio]
    for packet in file.demux():
        for frame in packet.decode():
            if isinstance(frame, av.VideoFrame):
                pictures.append(frame.time)
                sizes.append((frame.width, frame.height))
                bright.append(float(frame.to_ndarray(format="gray").mean()) > 150)
            else:
                index = list(file.streams.audio).index(packet.stream)
                voices[index].append((frame.time, frame.to_ndarray()))
    before = [False, *bright][: len(bright)]
    flashes = [at for at, now, was in zip(pictures, bright, before, strict=True) if now and not was]
    found = [_onsets(voice, hertz) for voice in voices]
    duration = (file.duration or 0) / 1e6
    return Seen(pictures, sizes, flashes, found, duration)


def _onsets(
    voice: list[tuple[float, "np.ndarray[Any, Any]"]], hertz: tuple[float, ...]
) -> list[float]:
    """Return when it becomes loud after at least half a second of silence."""
    loud: list[float] = []
    for at, sound in voice:
        wave = sound.reshape(-1, 2)[:, 0] if sound.shape[0] == 1 else sound[0]
        wave = wave / (32768 if sound.dtype == np.int16 else 1)
        for start in range(0, len(wave) - 239, 240):
            piece = wave[start : start + 240]
            if np.sqrt(np.mean(piece**2)) > 0.05 and (not hertz or _has(piece, hertz)):
                loud.append(at + start / RATE)
    before = [-9.0, *loud][: len(loud)]
    return [at for at, was in zip(loud, before, strict=True) if at - was > 0.5]


def _has(piece: "np.ndarray[Any, Any]", hertz: tuple[float, ...]) -> bool:
    times = np.arange(len(piece)) / RATE
    powers = [abs(np.mean(piece * np.exp(-2j * np.pi * one * times))) for one in hertz]
    return bool(min(powers) > 0.03)


async def a_kept_recording(
    book: Recordings, room: ShowroomId, call: CallId, data: bytes, clock: Clock
) -> Recording:
    """Keep a finished recording of these bytes."""
    name = RecordingId(new_id())
    agreed = Agreed(call, StaffId("alice"), clock(), clock(), clock())
    assert await book.begin(room, name, agreed)
    found = next(one for one in await book.of_call(room, call) if one.id == name)
    await book.end(room, name, clock(), RecordingEnd.STOPPED)
    stem, key = f"{name}-made", book.key_of(found)
    for end, content in (("head", data[:PIECE]), ("body", data[PIECE:])):
        place = Place(room, FileKind.RECORDING, f"{stem}.{end}")
        with book.files.append(place) as file:
            sealing = Sealing(file, key, place.name)
            sealing.write(content)
            sealing.flush()
    await book.finished(found, stem, "webm", len(data), 4000, 1)
    return await book.get(room, name)
