"""Reading tables of a file, field by field, so that all that is wrong is said at once.

A field is read by a function from what stands in the file to what is kept; it raises `ValueError`
with what would be right. A value that is the same as the one that stands in the database already is
not judged anew: what was exported can always be applied.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, cast

from showroom.errors import BadRequest
from showroom.settings_file.writing import key, value

Document = Mapping[str, Any]
Read = Callable[[Any], Any]
# A field is read by a function, or is a table of its own.
Fields = Mapping[str, "Read | Fields"]
LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong: in which table, at which field, and what would be right."""

    table: str
    path: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        where = (self.table, ".".join(self.path)) if self.path else (self.table,)
        return f"{' · '.join(where)}: {self.text}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file somebody reads, and what they have found wrong there so far."""

    problems: list[Problem]
    table: str = "the file"
    path: tuple[str, ...] = field(default=())

    def of(self, table: str) -> "Place":
        """Return the place of a table, by how people call it: `vehicle crete of paris`."""
        return replace(self, table=table, path=())

    def at(self, name: str) -> "Place":
        """Return the place of one field."""
        return replace(self, path=(*self.path, key(name)))

    def wrong(self, text: str) -> None:
        """Say what is wrong here."""
        self.problems.append(Problem(self.table, self.path, text))

    def unknown(self, name: str, known: Iterable[str], what: str = "field") -> None:
        """Say that there is no such name, and which one is nearest."""
        self.at(name).wrong(f"there is no such {what}.{nearest(name, list(known))}")

    @property
    def spoiled(self) -> bool:
        """Whether something is wrong here, further in, or with the table around it."""
        return any(
            one.table == self.table and _begins(one.path, self.path) for one in self.problems
        )


def _begins(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Say whether one of two paths begins with the other."""
    both = min(len(one), len(other))
    return bool(one) and one[:both] == other[:both]


def nearest(name: str, known: Collection[str]) -> str:
    """Return ' Did you mean …?', or all the known words where none is near."""
    found = get_close_matches(name, known, 1, 0.5)
    if found:
        return f" Did you mean {found[0]}?"
    return f" These are known: {', '.join(known)}." if len(known) <= 20 else ""


def read_table(fields: Fields, given: Any, standing: Any, place: Place) -> dict[str, Any]:
    """Return those fields of a table that are right; what is wrong is told to `place`."""
    if not isinstance(given, dict):
        place.wrong("this is a table of its own: write its fields under a [heading].")
        return {}
    now: Document = standing if isinstance(standing, Mapping) else {}
    read: dict[str, Any] = {}
    for name, found in given.items():
        reader, here = fields.get(name), place.at(name)
        if reader is None:
            place.unknown(name, fields)
        elif isinstance(reader, Mapping):
            read[name] = read_table(reader, found, now.get(name), here)
        elif name in now and same(found, now[name]):
            read[name] = now[name]
        else:
            try:
                read[name] = reader(found)
            except (ValueError, BadRequest) as error:
                here.wrong(error.message if isinstance(error, BadRequest) else str(error))
    return read


def entries(given: Any, place: Place, example: str) -> list[dict[str, Any]]:
    """Return the tables of a list of them; anything else is told to `place`."""
    if isinstance(given, list) and all(isinstance(one, dict) for one in given):
        return given
    place.wrong(f"write each one under a heading of its own, {example}.")
    return []


def require(names: Iterable[str], document: Document, place: Place, why: str) -> None:
    """Tell `place` which of these fields (paths like `brand.name`) are not there."""
    for name in names:
        here, found = place, cast(Any, document)
        for part in name.split("."):
            here = here.at(part)
            found = found.get(part) if isinstance(found, Mapping) else None
        if found is None and not here.spoiled:
            here.wrong(f"write it, {why} needs it.")


def merged(standing: Document, given: Document) -> dict[str, Any]:
    """Return what stands with what is given laid over it; None takes a field away."""
    both = dict(standing)
    for name, new in given.items():
        old = both.get(name)
        if isinstance(new, Mapping):
            both[name] = merged(old if isinstance(old, Mapping) else {}, new)
        elif new is None:
            both.pop(name, None)
        else:
            both[name] = new
    return both


def same(one: Any, other: Any) -> bool:
    """Say whether two values are the same, and of the same kind: true is not 1."""
    return type(one) is type(other) and bool(one == other)


def shown(given: Any) -> str:
    """Return what somebody wrote, short enough to stand in a sentence."""
    try:
        text = value(given)
    except TypeError:
        text = str(given)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
