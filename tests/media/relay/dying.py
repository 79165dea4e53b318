"""A process that records somebody who speaks, and nothing else, until it is killed."""

import asyncio
import sys
from pathlib import Path

from media.inside import Workbench
from media.recording.scribe import Scribe
from media.recording.webm import CUSTOMER
from media.relay.recorder import Recorder, Task
from media.relay.source import Source
from showroom.files import FolderFiles
from showroom.ids import RecordingId, ShowroomId
from tests.recordings import CUSTOMER_HZ, a_stream, beeps, began


async def speak(root: Path) -> None:
    voice = Source("audio", 48_000, Workbench())
    task = Task(RecordingId("r" * 22), ShowroomId("paris"), bytes(32))
    recorder = Recorder(Scribe(FolderFiles(root)), task, lambda _: None)
    recorder.follow({CUSTOMER: voice})
    stream, now = a_stream(voice, "opus"), began()
    for moment, payloads in beeps(CUSTOMER_HZ, 60):
        await asyncio.sleep(max(0.0, now + moment - began()))
        stream.send(payloads, moment, now)
        sys.stdout.write(f"{moment}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(speak(Path(sys.argv[1])))
