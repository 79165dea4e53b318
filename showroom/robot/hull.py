"""The painted shell of a car as a function: where the surface is, given two coordinates.

A cross-section at the distance `d` behind the nose is made of two curves: the *flank* from the
lower edge up to the belt, and the *crown* from the belt over the roof (or bonnet) to the middle,
a super-ellipse. Lengths in metres; every method takes and gives arrays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from showroom.robot.silhouettes import Line, Silhouette

Array = NDArray[np.float64]

# Height share of the flank against share of the half-width: the tuck at the sill, the widest
# place, and the sharp step above it that catches the light along the doors.
_FLANK = ((0, 0.915), (0.07, 0.955), (0.28, 0.972), (0.5, 0.99), (0.70, 1.0), (0.76, 0.992),
          (0.83, 0.968), (1.0, 0.94))  # fmt: skip
_STEP = 0.01
_ROUNDING = 0.045


class Hull:
    """The shell of one silhouette. `bent` turns (d, y, z) into the car's frame."""

    def __init__(self, shape: Silhouette) -> None:
        self.shape = shape
        self._d = np.arange(0, shape.length + _STEP / 2, _STEP)
        self._lines = {
            name: self._rounded(line)
            for name, line in (
                ("top", shape.top),
                ("belt", shape.belt),
                ("floor", shape.floor),
                ("plan", shape.plan),
            )
        }

    def _rounded(self, line: Line) -> Array:
        """Return the line sampled every centimetre, its corners rounded by a Gaussian."""
        values = np.interp(self._d, *np.array(line, np.float64).T)
        reach = int(3 * _ROUNDING / _STEP)
        kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * _STEP / _ROUNDING) ** 2)
        # An odd extension keeps both ends where the line puts them.
        padded = np.pad(values, reach, mode="reflect", reflect_type="odd")
        return np.convolve(padded, kernel / kernel.sum(), mode="valid")

    def line(self, name: str, d: ArrayLike) -> Array:
        """Height of "top", "belt" or "floor" at `d`, or the share of the width ("plan")."""
        return np.asarray(
            np.interp(np.asarray(d, np.float64), self._d, self._lines[name]), dtype=np.float64
        )

    def belt(self, d: ArrayLike) -> Array:
        """Height of the shoulder: never above the middle of the car."""
        return np.minimum(self.line("belt", d), self.line("top", d) - 0.015)

    def half_width(self, d: ArrayLike) -> Array:
        """Return the widest half of the section at `d`."""
        return self.shape.width / 2 * self.line("plan", d)

    def shoulder(self, d: ArrayLike) -> Array:
        """Return the half-width at the belt."""
        return self.half_width(d) * _FLANK[-1][1]

    def flank(self, d: ArrayLike, share: ArrayLike) -> tuple[Array, Array]:
        """(y, z) at a share of the way from the lower edge (0) to the belt (1)."""
        share = np.asarray(share, dtype=np.float64)
        floor = self.line("floor", d)
        y = self.half_width(d) * np.interp(share, *np.array(_FLANK).T)
        return y, floor + (self.belt(d) - floor) * share

    def crown(self, d: ArrayLike, angle: ArrayLike) -> tuple[Array, Array]:
        """(y, z) at an angle (radians) from the belt (0) to the middle of the roof (pi/2)."""
        angle, n = np.asarray(angle, dtype=np.float64), self.shape.squareness
        radius = (np.abs(np.cos(angle)) ** n + np.abs(np.sin(angle)) ** n) ** (1 / n)
        across, up = np.cos(angle) / radius, np.sin(angle) / radius
        return self._crown(d, across, up)

    def _crown(self, d: ArrayLike, across: Array, up: Array) -> tuple[Array, Array]:
        belt = self.belt(d)
        rise = self.line("top", d) - belt
        # The roof is not flat from side to side: it falls by up to four centimetres.
        height = (rise - np.minimum(0.04, 0.35 * rise) * across**2) * up
        return (self.shoulder(d) - self.shape.lean * height) * across, belt + height

    def y_at(self, d: ArrayLike, z: ArrayLike) -> Array:
        """Return the half-width of the shell at the height `z`; 0 above the car."""
        d, z = np.broadcast_arrays(np.asarray(d, np.float64), np.asarray(z, np.float64))
        floor, belt, top = self.line("floor", d), self.belt(d), self.line("top", d)
        share = np.clip((z - floor) / (belt - floor), 0, 1)
        flank, _ = self.flank(d, share)
        n = self.shape.squareness
        up = np.clip((z - belt) / (top - belt), 0, 1)
        across = (1 - up**n) ** (1 / n)
        crown = (self.shoulder(d) - self.shape.lean * np.maximum(z - belt, 0)) * across
        return np.where(z <= belt, flank, crown)

    def z_at(self, d: ArrayLike, y: ArrayLike) -> Array:
        """Return the height of the shell's upper side at the half-width `y`."""
        d, y = np.broadcast_arrays(np.asarray(d, np.float64), np.abs(np.asarray(y, np.float64)))
        n, z = self.shape.squareness, self.line("top", d)
        for _ in range(6):
            lean = self.shape.lean * (z - self.belt(d))
            across = np.clip(y / (self.shoulder(d) - lean), 0, 0.999)
            _, z = self._crown(d, across, (1 - across**n) ** (1 / n))
        return z

    def d_at(self, y: ArrayLike, z: ArrayLike, *, rear: bool = False) -> Array:
        """How far behind the nose (or, at the rear, from the tip of it) the shell passes (y, z)."""
        y, z = np.broadcast_arrays(np.abs(np.asarray(y, np.float64)), np.asarray(z, np.float64))
        outside = np.full(y.shape, self.shape.length if rear else 0.0)
        inside = np.full(y.shape, self.shape.length - 1.0 if rear else 1.0)
        for _ in range(24):
            middle = (outside + inside) / 2
            within = (self.y_at(middle, z) >= y) & (z >= self.line("floor", middle))
            inside = np.where(within, middle, inside)
            outside = np.where(within, outside, middle)
        return inside

    def bent(self, d: ArrayLike, y: ArrayLike, z: ArrayLike, lift: float = 0.0) -> Array:
        """(…, 3) places in the car's frame. Nose and tail are bowed, as all bumpers are.

        `lift` moves the places outwards sideways, to lie on the shell instead of in it.
        """
        d, y, z = np.broadcast_arrays(*(np.asarray(value, np.float64) for value in (d, y, z)))
        half, width = self.shape.length / 2, self.shape.width / 2
        x = half - d
        x = x - x / half * self.shape.bow * (y / width) ** 2
        return np.stack([x, y + np.sign(y) * lift, z], axis=-1)

    def unbent(self, x: float) -> float:
        """Return the `d` of a place on the flank that lies at `x` in the car's frame."""
        return self.shape.length / 2 - x / (1 - self.shape.bow / (self.shape.length / 2))
