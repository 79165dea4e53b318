"""Which car a picture shows, by the name of its file; and where a picture stands among a car's."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
