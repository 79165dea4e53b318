"""Which car a picture shows, by the name of its file; and where a picture stands among a car's."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from showroom.range_editing import Table
from web.assets import STATIC
from web.vehicles.files import Row

# From where a car is seen, as the customers' page offers it: the first one is shown first.
ANGLES = ("three_quarter", "side", "front", "rear")
# In which paint a car is shown that has none.
ANY_PAINT = "standard"
Picture = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shows:
    """What a picture shows: a car by its slug, from where, and in which paint, if the name says."""

    slug: str
    angle: str
    paint: str


def shows(file: str, slugs: Collection[str]) -> Shows | None:
    """Return what `crete-side-dune.jpg` or `crete.jpg` shows; None for none of these cars."""
    stem = file.rpartition(".")[0].casefold()
    for slug in sorted(slugs, key=len, reverse=True):
        rest = stem.removeprefix(slug.casefold())
        if rest == stem or (rest and rest[0] not in "-_ "):
            continue
        said = re.sub(r"^(three)[-_ ](quarter)", r"\1_\2", rest.strip("-_ "))
        angle = next((one for one in ANGLES if said.startswith(one)), "")
        paint = said.removeprefix(angle).strip("-_ ")
        return Shows(slug, angle or ANGLES[0], re.sub(r"[^a-z0-9_-]", "-", paint)[:64])
    return None


def placed(pictures: Sequence[Picture], angle: str, paint: str, path: str) -> list[Picture]:
    """Return a car's pictures with one more, in place of the one from there in this paint."""
    new = {"angle": angle, "paint": paint, "path": path}
    same = [(one["angle"], one["paint"]) == (angle, paint) for one in pictures]
    if not any(same):
        return [*pictures, new]
    at = same.index(True)
    return [*pictures[:at], new, *pictures[at + 1 :]]


def first_paint(table: Mapping[str, Any]) -> str:
    """Return the paint in which a car is shown when nobody says which."""
    paints = table.get("paints")
    return paints[0]["slug"] if isinstance(paints, list) and paints else ANY_PAINT


@dataclass(frozen=True, slots=True)
class Matched:
    """Rows with the pictures that were sent beside them, and the files that fit no car."""

    rows: tuple[Row, ...]
    unused: tuple[str, ...]


def matched(rows: Sequence[Row], sent: Mapping[str, str], standing: Sequence[Table]) -> Matched:
    """Put pictures, by the names of their files, where rows name them or their names say.

    `sent` has the path of each; `standing` are the cars that there are. One that is named nowhere
    goes to the car that its name begins with, which need not be in the file.
    """
    paths = {file.casefold(): path for file, path in sent.items()}
    used: set[str] = set()
    named = [_named(row, paths, used) for row in rows]
    cars = {str(one["slug"]): one for one in standing}
    by_slug = {str(row.table.get("slug", "")): at for at, row in reversed([*enumerate(named)])}
    unused = []
    for file, path in sent.items():
        if file.casefold() in used:
            continue
        shown = shows(file, [*by_slug, *cars])
        if shown is None:
            unused.append(file)
            continue
        if shown.slug not in by_slug:
            by_slug[shown.slug] = len(named)
            named.append(Row(0, {"slug": shown.slug}))
        at = by_slug[shown.slug]
        named[at] = _with(named[at], shown, path, cars.get(shown.slug, {}))
    return Matched(tuple(named), tuple(unused))


def _with(row: Row, shown: Shows, path: str, car: Table) -> Row:
    """Return a row with one more picture."""
    given = row.table.get("pictures", car.get("pictures", []))
    paint = shown.paint or first_paint(row.table if row.table.get("paints") else car)
    pictures = placed(given if isinstance(given, list) else [], shown.angle, paint, path)
    return replace(row, table={**row.table, "pictures": pictures})


def _named(row: Row, paths: Mapping[str, str], used: set[str]) -> Row:
    """Return a row with the paths of the files that it names, and which of them are missing."""
    given = row.table.get("pictures")
    if not isinstance(given, list):
        return row
    pictures, missing = [], []
    for one in given:
        name = str(one.get("path", "")) if isinstance(one, Mapping) else ""
        if name.casefold() in paths:
            used.add(name.casefold())
            one = {**one, "path": paths[name.casefold()]}
        elif name and "/" not in name and not (STATIC / name).is_file():
            missing.append(name)
        pictures.append(one)
    return replace(row, table={**row.table, "pictures": pictures}, missing=tuple(missing))
