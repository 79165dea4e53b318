"""What two people draw on a photo: strokes, each a line of points in one side's colour."""

from dataclasses import dataclass

from showroom.words import Side

# The grain of a drawing: a point counts in this many parts of the picture's width and height.
PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Stroke:
    """One line. `points`: across, down, across …, in ten-thousandths of the picture's sides."""

    by: Side
    points: tuple[int, ...]
