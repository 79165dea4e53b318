"""Rectangles in a picture, in its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""(h, w, 3), BGR."""
Grey = NDArray[np.uint8]
"""(h, w)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: its left upper corner, its width and its height."""

    x: float
    y: float
    width: float
    height: float

    def moved(self, x: float, y: float) -> Place:
        return Place(self.x + x, self.y + y, self.width, self.height)

    def scaled(self, across: float, along: float | None = None) -> Place:
        """Return the same place in a picture that is so many times as large, or wide and high."""
        along = across if along is None else along
        return Place(across * self.x, along * self.y, across * self.width, along * self.height)

    def grown(self, across: float, along: float) -> Place:
        """Return it with a margin on each side, as a share of its width and of its height."""
        left, top = self.width * across, self.height * along
        return Place(self.x - left, self.y - top, self.width + 2 * left, self.height + 2 * top)

    def shared(self, other: Place) -> float:
        """Return the common area as a share of the smaller one: 1 where one lies in the other."""
        return max(self.share_in(other), other.share_in(self))

    def share_in(self, other: Place) -> float:
        """Return the share of this place that lies in the other one."""
        x = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        y = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        own = self.width * self.height
        return x * y / own if x > 0 and y > 0 and own > 0 else 0.0


class Detector(Protocol):
    """Finds places in a picture; each has its own idea of the size that it looks at best."""

    def find(self, picture: Picture, /) -> list[Place]: ...
