"""How far a copy is, as its process says it: lines of JSON, and in the last one what was made."""

from __future__ import annotations

import sys

from pydantic import BaseModel, ConfigDict

from media.anonymise.film import Made


class Said(BaseModel):
    """How far it is, 0 to 1; and at the end what was made, or that the disk is full."""

    model_config = ConfigDict(frozen=True)

    share: float
    made: Made | None = None
    full: bool = False


def say(said: Said) -> None:
    """Write a line for whoever started this process."""
    sys.stdout.write(said.model_dump_json() + "\n")
    sys.stdout.flush()
