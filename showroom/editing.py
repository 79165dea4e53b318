"""What a page that edits a showroom's settings needs, and what becomes of a change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from showroom.ids import ShowroomId

# A showroom's table of a settings file, as JSON holds it.
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Edited:
    """How the settings stand after a change, and why it was not made where it was not.

    `problems`: what is wrong, in English, by path. `meanwhile`: the paths of what was to be changed
    and is not any more as whoever changes it has seen it.
    """

    table: Table
    problems: Mapping[str, str] = field(default_factory=dict)
    meanwhile: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether it was made."""
        return not (self.problems or self.meanwhile)


class Editor(Protocol):
    """Changes settings as a file does, by the same rules."""

    async def table(self, showroom_id: ShowroomId) -> Table:
        """Return the settings of a showroom; raises `NotFound`."""

    async def change(self, showroom_id: ShowroomId, given: Table, seen: Table, who: str) -> Edited:
        """Change what is given, all of it or nothing, and note who did; raises `NotFound`.

        `seen` is how it stood when they looked at it.
        """

    def numbers(self) -> Mapping[str, tuple[int, int]]:
        """Return from what to what each whole number of the settings goes, by its path."""
