"""What grew becomes one file: with a duration, an index to jump by, and a sound of both voices.

Browsers play the first sound only, so that is a new one, mixed of the two voices; the voices follow
as they were. The picture's packets are copied; only where they changed their codec within one
recording they are encoded anew, as players show a track of one codec. It runs in a process of its
own, which others go before, and gets its task on its input: keys never stand in a command line or
an environment.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import structlog
from av.container import InputContainer, OutputContainer
from pydantic import BaseModel, ConfigDict

from media.recording.sealed import FromBeginning, Headless
from media.recording.vault import Sealing, pieces
from showroom.files import FileKind, FolderFiles, Place
from showroom.ids import ShowroomId
from showroom.process import step_back

RATE = 48_000
# What a voice has said is mixed once the other has come as far, or is known to be silent: 2 s.
PATIENCE = 2 * RATE
BLOCK = 960
_MS = Fraction(1, 1000)


class Job(BaseModel):
    """What to finish. `parts`: names of files, first first; `stem`: of what is made; `key`: hex."""

    model_config = ConfigDict(frozen=True)

    root: str
    showroom: str
    parts: tuple[str, ...]
    stem: str
    key: str


class Done(BaseModel):
    """What was made. `size` in bytes; `form`: `webm` or `mp4`. Nothing was to be had: size 0."""

    model_config = ConfigDict(frozen=True)

    size: int
    duration_ms: int
    form: str


def finish(job: Job) -> Done:
    """Make `<stem>.head` and `<stem>.body`, sealed. Raises `StorageFull`."""
    files, key = FolderFiles(Path(job.root)), bytes.fromhex(job.key)

    def place(name: str) -> Place:
        return Place(ShowroomId(job.showroom), FileKind.RECORDING, name)

    with ExitStack() as stack:
        parts = []
        for name in job.parts:
            source = FromBeginning(pieces(files, place(name), key))
            if found := _opened(source):
                parts.append((_started(name), stack.enter_context(found)))
        if not parts:
            return Done(size=0, duration_ms=0, form="webm")
        body_place, head_place = place(f"{job.stem}.body"), place(f"{job.stem}.head")
        body = stack.enter_context(files.append(body_place))
        out = Headless(Sealing(body, key, body_place.name))
        tape = _Tape(out, [part for _, part in parts])
        for started, part in parts:
            tape.add(part, started - parts[0][0])
        tape.close()
        out.sealing.flush()
        head = stack.enter_context(files.append(head_place))
        out.write_head(Sealing(head, key, head_place.name))
        return Done(size=out.size, duration_ms=tape.end, form=tape.form)


def _started(name: str) -> int:
    """Return when a part began, in UTC milliseconds: it stands in its name."""
    return int(name.rpartition(".")[0].rsplit("-", 2)[1])


def _opened(source: FromBeginning) -> InputContainer | None:
    try:
        return cast(InputContainer, av.open(cast(Any, source), "r", format="matroska"))
    except av.FFmpegError:
        return None  # its worker died before the header was written


class _Tape:
    """The file that is made: parts are put one behind the other."""

    def __init__(self, out: Headless, parts: Sequence[InputContainer]) -> None:
        pictures = [part.streams.video[0] for part in parts if part.streams.video]
        codecs = {picture.codec_context.name for picture in pictures}
        self._codec = "vp8" if len(codecs) > 1 else "".join(codecs)
        template = next((one for one in pictures if one.codec_context.name == self._codec), None)
        self.form = "mp4" if self._codec == "h264" else "webm"
        self.end = 0
        self._file: OutputContainer = av.open(cast(Any, out), "w", format=self.form)
        self._picture = self._file.add_stream_from_template(template) if template else None
        self._mixed = self._file.add_stream("libopus", rate=RATE, layout="stereo")
        self._mixed.bit_rate = 48_000
        self._voices = [
            self._file.add_stream_from_template(voice) for voice in parts[0].streams.audio
        ]
        self._mixer = _Mixer(len(self._voices))
        self._latest: dict[int, int] = {}

    def add(self, part: InputContainer, begins: int) -> None:
        """Add a part that begins so many ms after the first one, or where the one before ended."""
        begins = max(begins, self.end)
        voices = list(part.streams.audio)
        painter = None if self._is_ours(part) else _Painter()
        try:
            for packet in part.demux():
                if packet.pts is None or not packet.size:
                    continue
                at = begins + int(packet.pts * (packet.time_base or _MS) / _MS)
                if packet.stream in voices:
                    index = voices.index(packet.stream)
                    self._mixer.add(index, at, packet)
                    self._copy(packet, self._voices[index], at)
                    self._mix()
                else:
                    for picture in painter.paint(packet) if painter else (packet,):
                        self._copy(picture, self._picture, at)
        except av.FFmpegError:
            return  # the rest of it was cut off

    def _is_ours(self, part: InputContainer) -> bool:
        return all(one.codec_context.name == self._codec for one in part.streams.video)

    def _copy(self, packet: Any, stream: Any, at: int) -> None:
        at = max(at, self._latest.get(stream.index, -1) + 1)
        self._latest[stream.index] = at
        self.end = max(self.end, at + 20)
        packet.stream, packet.time_base = stream, _MS
        packet.pts = packet.dts = at
        self._file.mux(packet)

    def _mix(self, rest: bool = False) -> None:
        for at, block in self._mixer.blocks(rest):
            frame = av.AudioFrame.from_ndarray(block, format="flt", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
            self._file.mux(self._mixed.encode(frame))

    def close(self) -> None:
        self._mix(rest=True)
        self._file.mux(self._mixed.encode(None))
        self._file.close()


class _Painter:
    """Makes pictures of another codec VP8. One that a loss has broken comes as it is."""

    def __init__(self) -> None:
        self._encoder: Any = None

    def paint(self, packet: Any) -> Iterator[Any]:
        for frame in packet.decode():
            if (self._encoder is None) or _size(self._encoder) != _size(frame):
                self._encoder = av.CodecContext.create("libvpx", "w")
                self._encoder.width, self._encoder.height = _size(frame)
                self._encoder.pix_fmt, self._encoder.time_base = "yuv420p", _MS
                self._encoder.bit_rate, self._encoder.gop_size = 2_000_000, 100
                self._encoder.options = {
                    "deadline": "realtime", "cpu-used": "6", "lag-in-frames": "0",
                }  # fmt: skip
            frame.pts, frame.time_base = round(frame.time * 1000), _MS
            frame.pict_type = 0
            yield from self._encoder.encode(frame)


def _size(picture: Any) -> tuple[int, int]:
    return picture.width, picture.height


class _Mixer:
    """Adds voices up by their times. Where nobody speaks is silence."""

    def __init__(self, voices: int) -> None:
        self._decoders = [av.CodecContext.create("libopus", "r") for _ in range(voices)]
        self._come = [0] * voices
        self._sound = np.zeros((0, 2), np.float32)
        self._start = 0
        # Where a voice goes on: what was cut into packets is put together without seams.
        self._next = [-RATE] * voices

    def add(self, voice: int, at_ms: int, packet: Any) -> None:
        try:
            frames = cast(Any, self._decoders[voice]).decode(av.Packet(bytes(packet)))
        except av.FFmpegError:
            return
        for frame in frames:
            samples = _stereo(frame)
            at = at_ms * RATE // 1000
            if abs(at - self._next[voice]) < RATE // 25:
                at = self._next[voice]
            self._next[voice] = at + len(samples)
            self._come[voice] = max(self._come[voice], self._next[voice])
            self._put(at, samples)

    def _put(self, at: int, samples: "np.ndarray[Any, Any]") -> None:
        first = max(at, self._start)
        samples = samples[first - at :]
        needed = first - self._start + len(samples)
        if needed > len(self._sound):
            more = np.zeros((needed - len(self._sound) + RATE, 2), np.float32)
            self._sound = np.concatenate((self._sound, more))
        self._sound[first - self._start : needed] += samples

    def blocks(self, rest: bool) -> Iterator[tuple[int, "np.ndarray[Any, Any]"]]:
        """Yield what is complete: where it begins, in samples, and 20 ms of it."""
        newest = max(self._come, default=0)
        ready = newest if rest else max(min(self._come, default=0), newest - PATIENCE)
        while self._start + BLOCK <= ready + (BLOCK - 1 if rest else 0):
            block, self._sound = self._sound[:BLOCK], self._sound[BLOCK:]
            if len(block) < BLOCK:
                block = np.pad(block, ((0, BLOCK - len(block)), (0, 0)))
            yield self._start, np.clip(block, -1, 1).reshape(1, -1)
            self._start += BLOCK


def _stereo(frame: Any) -> "np.ndarray[Any, Any]":
    """Return a decoded frame as floats, two to a sample."""
    sound = frame.to_ndarray()
    if sound.dtype == np.int16:
        sound = sound.astype(np.float32) / 32768
    channels = len(frame.layout.channels)
    sound = sound.T if frame.format.is_planar else sound.reshape(-1, channels)
    return np.repeat(sound, 2, axis=1) if sound.shape[1] == 1 else sound


def main() -> None:
    """Do one job that comes as JSON on the input; the answer goes to the output."""
    step_back()
    # What is printed is the answer.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    job = Job.model_validate_json(sys.stdin.read())
    sys.stdout.write(finish(job).model_dump_json())


if __name__ == "__main__":
    main()
