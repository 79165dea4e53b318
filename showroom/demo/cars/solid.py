"""A body in three dimensions, from the two outlines already drawn.

The front gives the half width at every height, the side gives where the body begins
and ends at every height, and every level slice is taken to be a rounded rectangle:
that is a whole car. A flat drawing of the flank or of the front can then be laid on
the body and seen from anywhere.

Axes, in millimetres: x backwards from the nose, y up, z towards the viewer's side.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise

from showroom.demo.cars.canvas import SCALE, WIDTH
from showroom.demo.cars.curves import Placing, trace
from showroom.demo.cars.shapes import Car

Point3 = tuple[float, float, float]
Height = Callable[[float], float]
"""Something measured at a height."""

TURN = math.radians(40)
EYE = 1330.0
"""Height of the eye: a standing adult's, stooping a little."""

DISTANCE = 9200.0
HORIZON = 156.0
CORNER = 3.0
"""How square the corner of a slice is: 2 is an ellipse, more is squarer."""


class Solid:
    """One car's body, and the placings that lay its drawings on it."""

    def __init__(self, car: Car) -> None:
        self.car = car
        top = trace(car.side.top).points(16)
        peak = max(range(len(top)), key=lambda i: top[i].imag)
        if car.open_top:
            peak = next(
                i for i, p in enumerate(top) if p.real >= trace(car.side.screen).curves[0][0].real
            )
        nose = _by_height(top[: peak + 1], min)
        # The chin tucks under; followed to the letter, it would fold the bumper in two.
        self.nose: Height = lambda y: min(nose(y), 55.0) if y < 420 else nose(y)
        tail = _by_height(top[peak:], max)
        self.tail: Height = lambda y: max(tail(y), car.length - 70.0) if y < 420 else tail(y)
        half = _by_height(trace(car.front.body).points(16), max)
        self.half_width: Height = lambda y: half(max(y, car.side.sill + 24))
        screen = trace(car.front.glass)
        self._cowl_drawn = screen.curves[-1][3].imag
        self._roof_drawn = screen.curves[0][0].imag
        self._edge_drawn = trace(car.front.shut[0]).curves[-1][3].imag
        self._cowl = trace(car.side.screen).curves[0][0].imag

    def bend(self, y: float) -> float:
        """Return how far back the corner of a slice begins: less round the cabin."""
        low, high = self._edge_drawn, self._cowl + 60
        share = min(1.0, max(0.0, (y - low) / (high - low)))
        return 185.0 - 75.0 * share

    def seam(self, y: float) -> float:
        """Return where, at height ``y``, the front ends and the flank begins."""
        return self.nose(y) + self.bend(y)

    def on_flank(self, p: complex) -> Point3:
        """Return a point of the side drawing, on the body. The tail tucks in as the nose does."""
        y = p.imag
        x = max(p.real, self.seam(y))
        z = self.half_width(min(y, self.car.height - 32))
        if self.car.open_top:
            # Nothing narrows above the doors of an open car: haunches stay wide.
            z = max(z, self.car.width * 0.405)
        left = self.tail(y) - x
        tuck = 300.0
        if left < tuck:
            z *= 1 - 0.22 * (1 - max(0.0, left) / tuck) ** 2
        return x, y, z

    def on_front(self, p: complex) -> Point3:
        """Return a point of the front drawing (x across, y up), on the body."""
        across, y = p.real, p.imag
        edge = max(1.0, self.half_width(y))
        share = min(1.0, abs(across) / edge)
        y += (1 - share * share) * self._lift(y)
        return self.nose(y) + self.bend(y) * share**CORNER, y, across

    def _lift(self, y: float) -> float:
        """Return how far to raise a point: square on, the bonnet hides the foot of the screen."""
        rise = self._cowl - self._cowl_drawn
        if self.car.open_top or y <= self._edge_drawn or y >= self._roof_drawn:
            return 0.0
        if y < self._cowl_drawn:
            return rise * (y - self._edge_drawn) / (self._cowl_drawn - self._edge_drawn)
        return rise * (self._roof_drawn - y) / (self._roof_drawn - self._cowl_drawn)

    def see(self, p: Point3) -> complex:
        """Return where the eye sees a point, in pixels."""
        x, y, z = p
        x -= self.car.length / 2
        across = x * math.cos(TURN) + z * math.sin(TURN)
        depth = x * math.sin(TURN) - z * math.cos(TURN)
        scale = SCALE * 0.93 * DISTANCE / (DISTANCE + depth)
        return complex(WIDTH / 2 + 26 + across * scale, HORIZON + (EYE - y) * scale)

    def flank(self) -> Placing:
        """Return the placing that lays the side drawing on the body."""
        return lambda p: self.see(self.on_flank(p))

    def front(self) -> Placing:
        """Return the placing that lays the front drawing on the body."""
        return lambda p: self.see(self.on_front(p))

    def upright(self, z: float) -> Placing:
        """Return a plane along the car, ``z`` from the middle: wheels, seats."""
        return lambda p: self.see((p.real, p.imag, z))

    def across(self, x: float) -> Placing:
        """Return a plane across the car at ``x``: mirrors, a windscreen."""
        return lambda p: self.see((x, p.imag, p.real))

    def level(self, y: float) -> Placing:
        """Return a level plane at height ``y``: x along the car, 'y' across it."""
        return lambda p: self.see((p.real, y, p.imag))

    def windscreen(self) -> Placing:
        """Return the raked, curved plane an open car's screen lies in."""
        foot, *_ = trace(self.car.side.screen).curves
        head = max((c[0] for c in trace(self.car.side.screen).curves), key=lambda p: p.imag)
        rake = (head.real - foot[0].real) / (head.imag - foot[0].imag)
        wide = trace(self.car.front.glass).bounds()[2]

        def place(p: complex) -> complex:
            y = max(p.imag, foot[0].imag - 12)
            x = foot[0].real + rake * (y - foot[0].imag) + 190 * (p.real / wide) ** 2
            return self.see((x, y, p.real))

        return place

    def ground(self) -> Placing:
        """Return the road: x along the car, 'y' across it."""
        return lambda p: self.see((p.real, 0.0, p.imag))


def _by_height(points: Sequence[complex], choose: Callable[[float, float], float]) -> Height:
    """Return x as a function of height along a line; the outermost where it doubles back."""
    step = 6.0
    low = min(p.imag for p in points)
    rows: dict[int, float] = {}
    for a, b in pairwise(points):
        lower, upper = sorted((a.imag - low, b.imag - low))
        for row in range(math.ceil(lower / step), math.floor(upper / step) + 1):
            share = (row * step - (a.imag - low)) / (b.imag - a.imag) if b.imag != a.imag else 0.0
            x = a.real + (b.real - a.real) * share
            rows[row] = choose(rows[row], x) if row in rows else x
    keys = sorted(rows)
    heights, values = [low + k * step for k in keys], [rows[k] for k in keys]
    summit = max(points, key=lambda p: p.imag)
    if summit.imag > heights[-1]:
        heights.append(summit.imag)
        values.append(summit.real)

    def at(y: float) -> float:
        i = bisect_left(heights, y)
        if i == 0:
            return values[0]
        if i == len(heights):
            return values[-1]
        share = (y - heights[i - 1]) / (heights[i] - heights[i - 1])
        return values[i - 1] + (values[i] - values[i - 1]) * share

    return at
