"""Wheels: tyre, rim and ten spokes, with the dark arch behind them."""

from __future__ import annotations

import numpy as np

from showroom.robot.hull import Array, Hull
from showroom.robot.mesh import Layer, Material, Sculptor

_TYRE_WIDTH = 0.21
_RIM_SHARE = 0.70
_SPOKES = 5


def add_wheels(sculptor: Sculptor, hull: Hull, *, coarse: bool) -> None:
    """Add four wheels and their arches."""
    segments = 12 if coarse else 20
    for axle in hull.shape.axles:
        x = hull.shape.length / 2 - axle
        d = hull.unbent(x)
        _add_arch(sculptor, hull, d, segments)
        y = float(hull.y_at(d, hull.shape.wheel * 1.3)) - 0.012
        _add_wheel(sculptor, x, y, hull.shape.wheel, segments, coarse)


def _add_arch(sculptor: Sculptor, hull: Hull, d: float, segments: int) -> None:
    """Add a dark opening in the flank, with a lip that catches the light."""
    radius = hull.shape.wheel
    angle = np.linspace(-0.06, 1.06, segments) * np.pi
    lip = 0.085 if hull.shape.cladding else 0.035
    edge = Material.TRIM if hull.shape.cladding else Material.PAINT

    def band(inner: float, outer: float, lift: float, steps: int) -> Array:
        r = np.linspace(inner, outer, steps)[:, None]
        along = d - r * np.cos(angle)
        z = radius + r * np.sin(angle)
        z = np.maximum(z, hull.line("floor", along) + 0.001)
        rise = np.linspace(lift, 0.004, steps)[:, None]
        y = hull.y_at(along, np.minimum(z, hull.belt(along) - 0.01)) + rise
        return hull.bent(along, y, z)

    sculptor.both(band(0.0, radius * 1.13, 0.0, 2), Material.TYRE, Layer.RECESS)
    sculptor.both(band(radius * 1.12, radius * 1.12 + lip, 0.012, 3), edge, Layer.PANEL)


def _ring(x: float, z: float, radii: Array, y: Array, segments: int) -> Array:
    """(segments + 1, rings, 3): rings about an axle through (x, z) along y."""
    angle = np.linspace(0, 2 * np.pi, segments + 1)[:, None]
    return np.stack(
        [
            x + radii * np.cos(angle),
            np.broadcast_to(y, (segments + 1, len(radii))),
            z + radii * np.sin(angle),
        ],
        axis=-1,
    )


def _add_wheel(
    sculptor: Sculptor, x: float, y: float, radius: float, segments: int, coarse: bool
) -> None:
    band = _ring(x, radius, np.full(2, radius), np.array([y - _TYRE_WIDTH, y - 0.02]), segments)
    inside = (x, y - _TYRE_WIDTH / 2, radius)
    sculptor.both(band, Material.TYRE, Layer.BEHIND, around=inside)

    inner = _ring(x, radius, np.array([radius, 0.0]), np.full(2, y - _TYRE_WIDTH), segments)
    sculptor.both(inner, Material.TYRE, Layer.BEHIND, around=(x, y, radius))

    rim = radius * _RIM_SHARE
    wall = _ring(
        x,
        radius,
        np.array([radius * 0.995, radius * 0.90, rim]),
        np.array([y - 0.025, y + 0.002, y - 0.012]),
        segments,
    )
    sculptor.both(
        wall[:, ::2] if coarse else wall, Material.TYRE, Layer.WHEEL, around=inside, sided=True
    )
    well = _ring(x, radius, np.array([rim, 0.0]), np.array([y - 0.05, y - 0.06]), segments // 2)
    sculptor.both(well, Material.TYRE, Layer.WHEEL, around=inside, sided=True)
    lip = _ring(
        x, radius, np.array([rim * 1.02, rim * 0.95, rim * 0.9]),
        np.array([y - 0.010, y - 0.002, y - 0.02]), segments,
    )  # fmt: skip
    sculptor.both(
        lip[:, :2] if coarse else lip, Material.RIM, Layer.SPOKE, around=inside, sided=True
    )
    if coarse:
        return
    hub = _ring(x, radius, np.array([rim * 0.2, 0.0]), np.array([y - 0.004, y]), 10)
    for spoke in range(_SPOKES):
        for twist in (-0.16, 0.16):
            sculptor.both(
                _spoke(x, y, radius, rim, 2 * np.pi * (spoke + 0.25) / _SPOKES, twist),
                Material.RIM,
                Layer.SPOKE,
                around=inside,
                sided=True,
            )
    sculptor.both(hub, Material.RIM, Layer.SPOKE, around=inside, sided=True)


def _spoke(x: float, y: float, z: float, rim: float, angle: float, twist: float) -> Array:
    """(3, 3, 3): one arm of a forked spoke, ridged along its middle."""
    r = np.array([0.12, 0.55, 0.95])[:, None] * rim
    spread = np.array([-1.0, 0.0, 1.0]) * np.array([0.20, 0.075, 0.055])[:, None]
    towards = angle + twist * np.array([0.3, 1.0, 1.35])[:, None] + spread
    depth = y - 0.012 - np.abs(np.array([-1.0, 0.0, 1.0])) * 0.016 - 0.006 * r / rim
    return np.stack([x + r * np.cos(towards), np.broadcast_to(depth, (3, 3)),
                     z + r * np.sin(towards)], axis=-1)  # fmt: skip
