"""One film at a time, in a process of its own that all others go before.

Its task comes as JSON on the input. It answers in lines of JSON: how far it is, and
in the last one what it made.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import av
import cv2
from pydantic import BaseModel, ConfigDict

from media.anonymise.film import Made, NoPicture, anonymise

NICE = 15


class Task(BaseModel):
    """Which film, and where its copy goes: paths."""

    model_config = ConfigDict(frozen=True)

    source: Path
    out: Path


class Said(BaseModel):
    """How far it is, 0 to 1; and at the end what was made, or that the disk is full."""

    model_config = ConfigDict(frozen=True)

    share: float
    made: Made | None = None
    full: bool = False


def step_back() -> None:
    """Let others go first: the lowest priority but a few, and one core."""
    os.nice(NICE)
    cv2.setNumThreads(1)


def say(said: Said) -> None:
    """Write a line for whoever started this process."""
    sys.stdout.write(said.model_dump_json() + "\n")
    sys.stdout.flush()


def main() -> None:
    """Do one task. Ends with status 1 where there is nothing that can be anonymised."""
    step_back()
    task = Task.model_validate_json(sys.stdin.read())
    try:
        with task.source.open("rb") as source, task.out.open("w+b") as out:
            made = anonymise(source, out, lambda share: say(Said(share=share)))
    except (av.FFmpegError, NoPicture):
        task.out.unlink(missing_ok=True)
        sys.exit(1)
    say(Said(share=1.0, made=made))


if __name__ == "__main__":
    main()
