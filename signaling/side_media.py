"""What each side of a call says that it sends, and wants to be sent."""

import json
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from showroom.words import Narrowed, Rung, Saver

WORDS: dict[str, type[StrEnum]] = {"rung": Rung, "narrowed": Narrowed, "saver": Saver}


@dataclass(frozen=True)
class SideMedia:
    """What one side says that it sends, and wants to be sent."""

    microphone: bool = False
    camera: bool = False
    paused: bool = False
    rung: Rung = Rung.FULL
    narrowed: Narrowed = Narrowed.NOTHING
    saver: Saver = Saver.OFF

    @classmethod
    def parse(cls, raw: str | None) -> "SideMedia":
        """Read what `dump` wrote; what a newer node says beyond what is known here is left out."""
        told: dict[str, Any] = json.loads(raw) if raw else {}
        known = {field.name for field in fields(cls)}
        for name, words in WORDS.items():
            if told.get(name) in list(words):
                told[name] = words(told[name])
            else:
                told.pop(name, None)
        return cls(**{name: value for name, value in told.items() if name in known})

    def dump(self) -> str:
        return json.dumps(asdict(self))
