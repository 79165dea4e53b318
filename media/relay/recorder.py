"""Records a call: the advisor's picture, and the voices of the two sides, as they are forwarded.

Nothing is decoded. Who else is in the call is not recorded, and nothing while it is on hold.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import av

from media.recording.scribe import Scribe, Sheet
from media.recording.vault import Keyring
from media.recording.webm import ADVISOR, PICTURE, Frame, Picture, header
from media.relay.frames import Order, Pictures, Whole, parameters_of, units_of, vp8_size
from media.relay.inflow import Inflow, SenderReport
from media.relay.outlet import Entry
from media.relay.rtp import clock
from media.relay.source import Source
from media.relay.timeline import Timeline
from showroom.files import FileKind, Files, Place
from showroom.ids import RecordingId, ShowroomId

# A file begins with the picture's first keyframe; after so many seconds it begins without one.
WAIT_FOR_PICTURE = 1.5
# Whoever watches a recording jumps to keyframes, so there is one this often (seconds).
KEYFRAMES = 20.0
# A picture that broke is asked for anew this often (seconds).
ASK_AGAIN = 1.0
# Frames that wait for a file to begin.
MOST_EARLY = 600


@dataclass(frozen=True, slots=True)
class Task:
    """What shall be recorded: under which id, and the key for it, opened."""

    id: RecordingId
    showroom: ShowroomId
    key: bytes


class Studio:
    """What a worker records with."""

    def __init__(self, files: Files, secret: str) -> None:
        self.keyring = Keyring(secret)
        self.scribe = Scribe(files)


class _Track:
    """One source, and what came of it."""

    def __init__(self, number: int, source: Source, tap: Callable[["_Track", Entry], None]) -> None:
        self.number = number
        self.source = source
        self.order = Order(source.kind)
        self.pictures = Pictures()
        self.line = Timeline(source.clock_rate)
        self.latest = -1
        self._tap = tap
        source.taps.append(self._take)

    def _take(self, entry: Entry) -> None:
        self._tap(self, entry)

    def close(self) -> None:
        self.source.taps.remove(self._take)


class Recorder:
    """Records until `stop`. `failed` is called once, with whether the disk is full."""

    def __init__(self, scribe: Scribe, task: Task, failed: Callable[[bool], None]) -> None:
        self.task = task
        # While it is, nothing is taken.
        self.deaf = False
        self.frames = self.lost = 0
        self._scribe = scribe
        self._failed = failed
        self._tracks: dict[int, _Track] = {}
        self._sheet: Sheet | None = None
        self._picture: Picture | None = None
        self._began = clock()
        self._zero = 0.0
        self._early: list[tuple[_Track, float, Whole]] = []
        self._asked = self._refreshed = clock()

    # ------------------------------------------------------------ what to record

    def follow(self, sources: Mapping[int, Source]) -> None:
        """Record these, by their tracks' numbers, from now on; and nothing else."""
        for number, track in list(self._tracks.items()):
            if sources.get(number) is not track.source:
                self._tracks.pop(number).close()
        for number, source in sources.items():
            if number not in self._tracks:
                self._tracks[number] = _Track(number, source, self._take)
                source.request_keyframe()

    def stop(self) -> None:
        """Record no more, and close the file."""
        self.follow({})
        self._end_sheet()

    # ------------------------------------------------------------ frames

    def _take(self, track: _Track, entry: Entry) -> None:
        if self.deaf:
            return
        picture = track.number == PICTURE
        codec = _codec(track.source)
        for found in track.order.add(entry):
            if picture:
                if whole := track.pictures.add(found, codec):
                    self._place(track, whole, codec)
                elif track.pictures.broken:
                    self._ask(track, entry.at, ASK_AGAIN)
            elif found is not None:
                self._place(track, Whole(found.timestamp, found.at, True, found.payload), codec)
            self.lost += found is None
        if picture and entry.at - self._refreshed > KEYFRAMES:
            self._refreshed = entry.at
            self._ask(track, entry.at, 0)

    def _ask(self, track: _Track, now: float, pause: float) -> None:
        if now - self._asked >= pause:
            self._asked = now
            track.source.request_keyframe()

    def _place(self, track: _Track, whole: Whole, codec: str) -> None:
        if track.number == PICTURE:
            self._tie(track)
            if whole.key:
                self._refreshed = whole.at
        moment = track.line.place(whole.timestamp, whole.at)
        if track.number == PICTURE and whole.key and (found := self._new_picture(whole, codec)):
            self._begin_sheet(found, min([moment, *(at for _, at, _ in self._early)]))
        if self._sheet is None:
            self._early.append((track, moment, whole))
            waited = whole.at - self._began > WAIT_FOR_PICTURE
            if waited or len(self._early) > MOST_EARLY or PICTURE not in self._tracks:
                self._begin_sheet(None, min(at for _, at, _ in self._early))
            return
        self._write(track, moment, whole)

    def _tie(self, track: _Track) -> None:
        """Tie the picture to the voice of the same publisher."""
        voice = self._tracks.get(ADVISOR)
        own, other = _report(track.source), _report(voice.source) if voice else None
        if voice and own and other:
            track.line.tie(own, other, voice.line.when(other.timestamp))

    def _write(self, track: _Track, moment: float, whole: Whole) -> None:
        if self._sheet is None or (track.number == PICTURE and self._picture is None):
            return
        at = max(0, track.latest + 1, round((moment - self._zero) * 1000))
        track.latest = at
        self.frames += 1
        if not self._scribe.add(self._sheet, Frame(track.number, at, whole.key, whole.data)):
            track.pictures.broken = True

    # ------------------------------------------------------------ files

    def _new_picture(self, whole: Whole, codec: str) -> Picture | None:
        """Return how this keyframe is coded, if a file must begin with it."""
        found = parameters_of(whole.data) if codec == "h264" else None
        private = found.avcc() if found else b""
        before = self._picture if self._sheet else None
        # VP8 changes its size within a stream; H.264 needs another header for that.
        if before and before.codec == codec and before.private == private:
            return None
        size = h264_size(whole.data) if found else vp8_size(whole.data)
        return Picture(codec, *size, private) if all(size) else None

    def _begin_sheet(self, picture: Picture | None, zero: float) -> None:
        self._end_sheet()
        started = round((time.time() - clock() + zero) * 1000)
        name = f"{self.task.id}-{started:013d}-{secrets.token_hex(3)}.part"
        place = Place(self.task.showroom, FileKind.RECORDING, name)
        sheet = self._sheet = Sheet(place, self.task.key, self._give_up)
        self._picture, self._zero = picture, zero
        for track in self._tracks.values():
            track.latest = -1
        self._scribe.begin(sheet, header(picture))
        early, self._early = self._early, []
        for track, moment, whole in early:
            if self._tracks.get(track.number) is track and track.number != PICTURE:
                self._write(track, moment, whole)

    def _end_sheet(self) -> None:
        if self._sheet is not None:
            self._scribe.end(self._sheet)
            self._sheet = None

    def _give_up(self, full: bool) -> None:
        self._sheet = None
        self.stop()
        self._failed(full)


def h264_size(frame: bytes) -> tuple[int, int]:
    """Let libavcodec read the size of a keyframe: once a file, a fraction of a millisecond."""
    context = av.CodecContext.create("h264", "r")
    context.parse(b"".join(b"\0\0\0\1" + unit for unit in units_of(frame)))
    context.parse(b"")
    return getattr(context, "width", 0), getattr(context, "height", 0)


def _codec(source: Source) -> str:
    return source.stream.codec if isinstance(source.stream, Inflow) else ""


def _report(source: Source) -> SenderReport | None:
    """Return the publisher's last report, with the source's own timestamp."""
    stream = source.stream
    if not isinstance(stream, Inflow) or stream.sender_report is None:
        return None
    said = stream.sender_report
    return said._replace(timestamp=source.timestamp_of(said.timestamp))
