"""One anonymised copy, in a process of its own: from a sealed recording to a sealed copy.

Its task comes as JSON on the input, with the key; neither film lies open anywhere. It answers as
`media.anonymise.progress` has it.
"""

import sys
from pathlib import Path
from typing import Any, cast

import av
import cv2
from pydantic import BaseModel, ConfigDict

from media.anonymise.film import Made, NoPicture, anonymise
from media.anonymise.progress import Said, say
from media.recording.sealed import Anywhere, Headless, Pair
from media.recording.vault import Sealing
from showroom.errors import StorageFull
from showroom.files import FolderFiles
from showroom.ids import ShowroomId
from showroom.process import step_back


class Job(BaseModel):
    """What to copy: `source` and `out` are stems, `key` is in hex."""

    model_config = ConfigDict(frozen=True)

    root: Path
    showroom: str
    source: str
    out: str
    key: str


def copy(job: Job) -> Made:
    """Make a copy. Raises `StorageFull`, `NoPicture`, and `av.FFmpegError` for what is no film."""
    files, key, room = FolderFiles(job.root), bytes.fromhex(job.key), ShowroomId(job.showroom)
    out = Pair.of(room, job.out)
    with files.append(out.body) as body:
        film = Headless(Sealing(body, key, out.body.name))
        source = Anywhere(files, Pair.of(room, job.source), key)
        made = anonymise(cast(Any, source), cast(Any, film), lambda share: say(Said(share=share)))
        film.sealing.flush()
    with files.append(out.head) as head:
        film.write_head(Sealing(head, key, out.head.name))
    return made


def main() -> None:
    """Do one job. Ends with status 1 where there is nothing that can be anonymised."""
    step_back()
    cv2.setNumThreads(1)  # one core: the others are the calls'
    job = Job.model_validate_json(sys.stdin.read())
    try:
        say(Said(share=1.0, made=copy(job)))
    except StorageFull:
        say(Said(share=0.0, full=True))
    except (av.FFmpegError, NoPicture):
        sys.exit(1)


if __name__ == "__main__":
    main()
