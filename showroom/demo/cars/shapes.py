"""What it takes to describe a car well enough to draw it.

Lengths are millimetres. In ``Side``, x runs from the front bumper backwards and y
up from the road. In ``Face``, x runs from the middle of the car outwards, and only
one half is given: cars are symmetrical, and drawings that are not look broken.
Lines are written in the notation of ``curves``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RimStyle = Literal["petals", "twin", "blade", "cross", "multi", "disc", "star"]


@dataclass(frozen=True)
class Wheel:
    """A wheel: tyre and rim radii, and the family its spokes belong to."""

    tyre: float
    rim: float
    style: RimStyle
    spokes: int
    arch_gap: float = 36
    dark: bool = False

    @property
    def arch(self) -> float:
        """Return radius of the hole in the body."""
        return self.tyre + self.arch_gap


@dataclass(frozen=True)
class Side:
    """The flank. ``top`` goes from under the nose, over the roof, to under the tail."""

    top: str
    sill: float
    shoulder: str
    lower: str
    doors: tuple[str, ...]
    handles: tuple[complex, ...]
    head: str
    head_light: tuple[str, ...]
    tail: str
    tail_light: tuple[str, ...]
    mirror: complex
    glass: str = ""
    panes: tuple[str, ...] = ()
    screen: str = ""
    backlight: str = ""
    bonnet: str = ""
    bumpers: tuple[str, ...] = ()
    roof: str = ""
    rails: tuple[str, ...] = ()
    vents: tuple[str, ...] = ()
    flap: complex = 0j
    cladding: float = 0
    headrests: tuple[complex, ...] = ()


@dataclass(frozen=True)
class Face:
    """Half of the front or of the rear, from the middle (x = 0) outwards.

    ``body`` runs from the middle of the roof (or of the bonnet, if open) down to the
    middle of the lower edge. ``glass`` is the wind- or rear screen. ``dark`` parts are
    intakes and diffusers, ``lamps`` the housings, ``lights`` what glows in them.
    """

    body: str
    glass: str
    lamps: tuple[str, ...]
    lights: tuple[str, ...]
    dark: tuple[str, ...] = ()
    grille: tuple[str, ...] = ()
    creases: tuple[str, ...] = ()
    bars: tuple[str, ...] = ()
    shut: tuple[str, ...] = ()
    side_glass: str = ""
    mirror: str = ""
    plate: float = 420
    badge: float = 700
    wordmark: float = 0
    track: float = 780
    tyre_width: float = 205


@dataclass(frozen=True)
class Car:
    """One model of the range."""

    slug: str
    name: str
    length: float
    height: float
    width: float
    front_axle: float
    rear_axle: float
    wheel: Wheel
    side: Side
    front: Face
    rear: Face
    paints: tuple[str, ...]
    open_top: bool = False
