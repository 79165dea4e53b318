"""What pages that edit a showroom's range of cars need, and what becomes of a change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from showroom.audit import FieldChange
from showroom.ids import ShowroomId

# A car's table of a settings file: a price is an amount, in `Decimal`.
Table = Mapping[str, Any]


class FaultKind(StrEnum):
    """Why a field of a car can't be kept."""

    WRONG = "wrong"
    NEEDED = "needed"
    UNKNOWN = "unknown"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Fault:
    """One field, and why it can't be kept."""

    field: str
    kind: FaultKind


class Fate(StrEnum):
    """What becomes of a car that is given."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of one car: the fields that differ, or what is wrong with it."""

    slug: str
    name: str
    fate: Fate
    changes: tuple[FieldChange, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """What becomes of many cars, in their order.

    `seen` names how those stood that are to be changed: who has looked at another revision of them
    is told so. `done` says whether it was made.
    """

    cars: tuple[Judged, ...]
    seen: str
    done: bool = False

    def count(self, fate: Fate) -> int:
        """Return how many have this fate."""
        return sum(one.fate is fate for one in self.cars)


class RangeEditor(Protocol):
    """Changes cars as a settings file does, by the same rules."""

    async def table(self, showroom_id: ShowroomId, slug: str) -> Table:
        """Return a car as its table; raises `NotFound`."""

    async def tables(self, showroom_id: ShowroomId) -> Sequence[Table]:
        """Return all cars as they are shown, also withdrawn ones."""

    async def judge(self, showroom_id: ShowroomId, given: Sequence[Table]) -> Revision:
        """Say what becomes of cars, each by its slug. What a table does not name stays."""

    async def apply(
        self, showroom_id: ShowroomId, given: Sequence[Table], who: str, seen: str = ""
    ) -> Revision:
        """Keep all that are right in one transaction, and note who did.

        With `seen` nothing is kept when one of them stands otherwise by now: `done` is false.
        """

    def limits(self) -> Mapping[str, tuple[int, int]]:
        """Return from what to what numbers go, and how many characters lines have, by field."""
