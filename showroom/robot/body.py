"""Car bodies: `car("hatch")` is a mesh of a few thousand faces, ready for the painter."""

from __future__ import annotations

from functools import cache

import numpy as np

from showroom.robot.hull import Array, Hull
from showroom.robot.mesh import Layer, Material, Mesh, Sculptor
from showroom.robot.panels import add_panels
from showroom.robot.silhouettes import SILHOUETTES
from showroom.robot.wheels import add_wheels

STYLES = tuple(SILHOUETTES)

_FLANK_ROWS = (0.0, 0.08, 0.24, 0.42, 0.58, 0.70, 0.77, 0.84, 0.92)
_CROWN_ROWS = (0.0, 14.0, 28.0, 37.0, 44.0, 51.0, 60.0, 74.0, 90.0)
_FLANK_ROWS_COARSE = (0.0, 0.2, 0.48, 0.77)
_CROWN_ROWS_COARSE = (0.0, 24.0, 42.0, 62.0, 90.0)
_SHELL = 1


@cache
def car(style: str, *, coarse: bool = False) -> Mesh:
    """Return the car of one of `STYLES`. A coarse one is good enough for a reflection.

    Raises `KeyError` for a style that does not exist.
    """
    hull = Hull(SILHOUETTES[style])
    sculptor = Sculptor()
    _add_shell(sculptor, hull, coarse)
    add_panels(sculptor, hull, coarse=coarse)
    add_wheels(sculptor, hull, coarse=coarse)
    return sculptor.mesh()


def _add_shell(sculptor: Sculptor, hull: Hull, coarse: bool) -> None:
    length = hull.shape.length
    # Both ends are rounder than the middle: stations crowd there.
    even = np.linspace(0, 1, 16 if coarse else 36)
    d = length * (0.72 * even + 0.28 * (1 - np.cos(np.pi * even)) / 2)
    half = _half_section(hull, d, coarse)
    ring = np.concatenate([half, half[:, -2::-1] * (1, -1, 1)], axis=1)
    bent = hull.bent(np.broadcast_to(d[:, None], ring.shape[:2]), ring[..., 1], ring[..., 2])
    sculptor.patch(bent, Material.PAINT, Layer.SHELL, group=_SHELL)
    for end in (0, -1):
        across = np.linspace(-1, 1, 5 if coarse else 9)
        rows = half[end]
        y = rows[:, 1, None] * across
        z = np.broadcast_to(rows[:, 2, None], y.shape)
        cap = hull.bent(np.full(y.shape, d[end]), y, z)
        sculptor.patch(cap, Material.PAINT, Layer.SHELL, group=_SHELL)
    pan = np.stack([bent[:, 0], bent[:, -1]], axis=1)
    sculptor.patch(pan, Material.TRIM, Layer.SHELL)


def _half_section(hull: Hull, d: Array, coarse: bool) -> Array:
    """(stations, rows, 3): the left half of every section, from the sill to the middle."""
    flank = np.array(_FLANK_ROWS_COARSE if coarse else _FLANK_ROWS)
    crown = np.radians(_CROWN_ROWS_COARSE if coarse else _CROWN_ROWS)
    lower = np.stack(hull.flank(d[:, None], flank), axis=-1)
    upper = np.stack(hull.crown(d[:, None], crown), axis=-1)
    section = np.concatenate([lower, upper], axis=1)
    return np.concatenate([np.zeros((*section.shape[:2], 1)), section], axis=2)
