"""The nearest dealer to a postcode. Nobody is asked: postcodes come from a small set of open data.

Where that has no file for a country, the addresses of the dealers themselves say where a postcode
is: of those that share it, or the longest beginning of it.
"""

import csv
import math
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

FOLDER = Path(__file__).parent / "postcodes"
EARTH_KM = 6371.0088  # its mean radius (IUGG)
# A beginning that many places share says nothing: two characters are the least, and all of them
# within so many kilometres of their middle.
SHORTEST = 2
WIDEST_KM = 150.0


class Point(NamedTuple):
    """A place: WGS 84, in degrees."""

    latitude: float
    longitude: float


class Placed(Protocol):
    """Somebody with an address and a place."""

    @property
    def postcode(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def point(self) -> Point: ...


Somebody = TypeVar("Somebody", bound=Placed)


class Postcodes:
    """Where postcodes are, by the files `<country>.csv` of a folder."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    def find(self, country: str, postcode: str, placed: Iterable[Placed] = ()) -> Point | None:
        """Return where a postcode is, or None when nobody knows.

        `country` is ISO 3166-1 alpha-2 in capitals. A postcode may be written with spaces, hyphens
        and in any case. `placed` are those who say it for a country without a file.
        """
        wanted = plain(postcode)
        known = _read(self._folder / f"{country.lower()}.csv") if country.isalpha() else ()
        there = [(plain(one.postcode), one.point) for one in placed if one.country == country]
        return _find(known, wanted) or _find(there, wanted)


def distance_km(one: Point, other: Point) -> float:
    """Return the great-circle distance by the haversine formula, good to half a percent."""
    south, north = math.radians(one.latitude), math.radians(other.latitude)
    half_east = math.radians(other.longitude - one.longitude) / 2
    chord = (
        math.sin((north - south) / 2) ** 2
        + math.cos(south) * math.cos(north) * math.sin(half_east) ** 2
    )
    # Rounding can carry two antipodes a hair beyond 1.
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, chord)))


def by_distance(placed: Iterable[Somebody], point: Point) -> list[tuple[Somebody, float]]:
    """Return everybody with their distance in kilometres, the nearest first."""
    measured = [(one, distance_km(point, one.point)) for one in placed]
    return sorted(measured, key=lambda pair: pair[1])


def plain(postcode: str) -> str:
    """Return a postcode as it is compared: letters and digits, in capitals."""
    return "".join(sign for sign in postcode.upper() if sign.isalnum())


def _find(known: Sequence[tuple[str, Point]], wanted: str) -> Point | None:
    """Return where those are who share the whole postcode, or the longest beginning of it."""
    if found := [point for code, point in known if code == wanted]:
        return _middle(found)
    for length in range(len(wanted), SHORTEST - 1, -1):
        if near := [point for code, point in known if code.startswith(wanted[:length])]:
            return _middle(near)
    return None


def _middle(points: Sequence[Point]) -> Point | None:
    """Return the mean of points that lie together, else None: it would be nowhere."""
    latitude = sum(point.latitude for point in points) / len(points)
    longitude = sum(point.longitude for point in points) / len(points)
    middle = Point(latitude, longitude)
    if any(distance_km(middle, point) > WIDEST_KM for point in points):
        return None
    return middle


@cache
def _read(file: Path) -> Sequence[tuple[str, Point]]:
    if not file.is_file():
        return ()
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            (row["postcode"], Point(float(row["latitude"]), float(row["longitude"])))
            for row in csv.DictReader(lines)
        ]
