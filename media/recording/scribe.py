"""Writes all files of a worker, in one thread of its own: the loop that forwards never waits.

What a full queue can't take is dropped and counted. A disk that is full, or broken, ends that file.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import ExitStack
from queue import SimpleQueue

import structlog

from media.recording.vault import Sealing
from media.recording.webm import Clusters, Frame
from showroom.errors import StorageFull
from showroom.files import Files, Place

log = structlog.get_logger()

# Frames of a file that may wait for a slow disk: half a minute of a call.
MOST_WAITING = 4096


class Sheet:
    """A file that grows. Its methods but `failed` are for the scribe's thread alone.

    `failed` is called on the loop, with whether the disk is full, when nothing more can be written.
    """

    def __init__(self, place: Place, key: bytes, failed: Callable[[bool], None]) -> None:
        self.place = place
        self.failed = failed
        self.over = False
        # One is counted on the loop, the other in the thread: neither is ever written by both.
        self.given = self.taken = 0
        self._key = key
        self._clusters = Clusters()
        self._open = ExitStack()
        self._sealing: Sealing | None = None

    def begin(self, files: Files, header: bytes) -> None:
        growing = self._open.enter_context(files.append(self.place))
        self._sealing = Sealing(growing, self._key, self.place.name)
        self._write(header)

    def add(self, frame: Frame) -> None:
        self._write(self._clusters.add(frame))

    def end(self) -> None:
        self._write(self._clusters.end())
        self.close()

    def close(self) -> None:
        self.over = True
        self._open.close()

    def _write(self, data: bytes) -> None:
        if data and self._sealing:
            self._sealing.write(data)
            self._sealing.flush()


class Scribe:
    """The thread. `close` waits until all that was handed over is written."""

    def __init__(self, files: Files) -> None:
        self.dropped = 0
        self._files = files
        self._queue: SimpleQueue[tuple[Sheet, bytes | Frame | None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self, sheet: Sheet, header: bytes) -> bool:
        """Begin a file. Say whether there was room in the queue."""
        if self._thread is None:
            self._loop = asyncio.get_running_loop()
            self._thread = threading.Thread(target=self._work, name="scribe", daemon=True)
            self._thread.start()
        return self._put(sheet, header)

    def add(self, sheet: Sheet, frame: Frame) -> bool:
        """Add a frame, if there is room in the queue; say so."""
        return self._put(sheet, frame)

    def end(self, sheet: Sheet) -> None:
        """Write what is left of a file, and close it. For this there is always room."""
        sheet.given += 1
        self._queue.put((sheet, None))

    def _put(self, sheet: Sheet, what: bytes | Frame) -> bool:
        if sheet.given - sheet.taken >= MOST_WAITING:
            self.dropped += 1
            return False
        sheet.given += 1
        self._queue.put((sheet, what))
        return True

    async def close(self) -> None:
        if (thread := self._thread) is not None:
            self._thread = None
            self._queue.put(None)
            await asyncio.to_thread(thread.join)

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            sheet, what = work
            sheet.taken += 1
            if not sheet.over:
                self._do(sheet, what)

    def _do(self, sheet: Sheet, what: bytes | Frame | None) -> None:
        try:
            if isinstance(what, Frame):
                sheet.add(what)
            elif what is None:
                sheet.end()
            else:
                sheet.begin(self._files, what)
        except (StorageFull, OSError) as error:
            log.warning("a recording can't be written", why=type(error).__name__)
            self._fail(sheet, full=isinstance(error, StorageFull))

    def _fail(self, sheet: Sheet, full: bool) -> None:
        sheet.over = True
        try:
            sheet.close()
        except (StorageFull, OSError):
            log.info("what was written of a recording stays as it is")
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(sheet.failed, full)
