"""The studio's lamps, and how paint, glass and metal answer them.

The lamps stand still while the car turns, so their reflections sweep over the body. A reflection
is looked up by its direction only, as in an environment map; what is soft in it is soft on the
car. World frame: the camera looks along +x, y to its left, z up. Colours are BGR, 0 to 255.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from showroom.robot.mesh import Floats, Ints, Material

Chosen = NDArray[np.intp]


@dataclass(frozen=True)
class _Finish:
    """`albedo` answers light from everywhere, `mirror` (0 to 1) reflects the lamps head-on."""

    albedo: tuple[float, float, float]
    mirror: float
    glow: tuple[float, float, float] = (0.0, 0.0, 0.0)


_FINISHES = {
    Material.GLASS: _Finish((14, 12, 10), 0.30),
    Material.TYRE: _Finish((17, 16, 16), 0.012),
    Material.RIM: _Finish((176, 172, 168), 0.36),
    Material.LAMP_FRONT: _Finish((120, 118, 115), 0.10, (215, 205, 195)),
    Material.LAMP_REAR: _Finish((10, 8, 70), 0.10, (4, 3, 26)),
    Material.LAMP_REAR_LIT: _Finish((30, 24, 120), 0.05, (40, 30, 190)),
    Material.RAIL: _Finish((52, 50, 49), 0.16),
    Material.SEAT: _Finish((58, 84, 118), 0.02),
    Material.TRIM: _Finish((20, 19, 18), 0.03),
    Material.PLATE: _Finish((165, 168, 168), 0.03),
    Material.CHROME: _Finish((105, 102, 100), 0.40),
}
_PAINT_MIRROR = 0.24


def bgr(colour: str) -> tuple[float, float, float]:
    """Return the BGR parts of "#rrggbb". Raises `ValueError` for anything else."""
    if not re.fullmatch("#[0-9a-fA-F]{6}", colour):
        raise ValueError("a colour is written #rrggbb")
    digits = colour[1:]
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return float(blue), float(green), float(red)


def _ramp(value: Floats, low: float, high: float) -> Floats:
    """0 below `low`, 1 above `high` (or the other way round), smooth between."""
    t = np.clip((value - low) * (1.0 / (high - low)), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), dtype=np.float32)


def studio_light(directions: Floats) -> Floats:
    """How bright the studio is in each direction, shape (n, 3) to (n,); 1 is a lit softbox."""
    x, y, z = directions[:, 0], directions[:, 1], directions[:, 2]
    room = 0.05 + 0.07 * _ramp(z, 0.0, 0.9)
    # The floor is lit around the turntable and falls off into the dark.
    room += 0.13 * _ramp(-z, 0.02, 0.45)
    # One long softbox overhead: it draws the line along roof, bonnet and shoulder.
    overhead = _ramp(z, 0.54, 0.80) * _ramp(np.abs(x - 0.02), 0.58, 0.24)
    # A tall strip either side of the camera, and two low ones behind the car for the rim light.
    side = _ramp(z, 0.06, 0.16) * _ramp(z, 0.62, 0.46)
    front = side * _ramp(np.abs(np.abs(y + 0.08) - 0.70), 0.26, 0.12) * _ramp(-x, 0.0, 0.2)
    rim = _ramp(z, 0.0, 0.1) * _ramp(z, 0.55, 0.35) * _ramp(x, 0.62, 0.8)
    rim *= _ramp(np.abs(y), 0.16, 0.34)
    return np.asarray(room + 1.5 * overhead + 0.75 * front + 1.0 * rim, dtype=np.float32)


class Finish:
    """What places of given `materials` (n,) look like, if the paint is `paint`."""

    def __init__(self, materials: Ints, paint: str) -> None:
        colour = np.array(bgr(paint), dtype=np.float32)
        table = np.zeros((len(Material), 7), dtype=np.float32)
        table[Material.PAINT] = (*(colour * 0.92 + 4), _PAINT_MIRROR, 0, 0, 0)
        for material, finish in _FINISHES.items():
            table[material] = (*finish.albedo, finish.mirror, *finish.glow)
        faces = table[materials]
        self._albedo, self._mirror, self._glow = faces[:, :3], faces[:, 3], faces[:, 4:]

    def shade(self, chosen: Chosen, normals: Floats, towards: Floats, height: Floats) -> Floats:
        """Colours (n, 3) of the `chosen` places.

        normals: (n, 3) in the world. towards: (n, 3) unit vectors to the camera. height: (n,)
        metres above the floor, for the shade a car casts on its own lower half.
        """
        facing = np.clip(np.einsum("ij,ij->i", normals, towards), 0.0, 1.0)
        mirrored = 2.0 * facing[:, None] * normals - towards
        seen = studio_light(np.asarray(mirrored, dtype=np.float32))
        # Schlick's approximation: at a grazing angle everything is a mirror.
        graze = (1.0 - facing) ** 2
        mirror = self._mirror[chosen]
        mirror = mirror + (0.8 - mirror) * graze * graze * np.minimum(mirror * 6.0, 1.0)
        up = normals[:, 2] * 0.5 + 0.5
        key = np.clip(normals @ np.array([-0.55, 0.45, 0.70], dtype=np.float32), 0.0, 1.0)
        shade = 0.16 + 0.84 * _ramp(height, 0.08, 0.72)
        diffuse = (0.08 + 0.30 * up * up + 0.42 * key) * shade
        # Metal flakes: part of the reflection takes the colour of the paint.
        diffuse = diffuse + 0.55 * seen * shade
        colour = self._albedo[chosen] * diffuse[:, None] + self._glow[chosen]
        colour += (255.0 * mirror * seen * (0.4 + 0.6 * shade))[:, None]
        # A soft shoulder instead of a hard limit, so that highlights keep their edge.
        return np.asarray(255.0 * (1.0 - np.exp(colour * (-1.9 / 255.0))), dtype=np.float32)
