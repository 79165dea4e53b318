"""Smooth outlines from a few hand-placed knots.

A car's line is drawn by giving the points it must pass through and letting the
curve find the calmest way between them. That is what John Hobby's interpolation
does ("Smooth, easy to compute interpolating splines", 1986, as in METAFONT), and
why a shape here is a short string of knots and not a page of control points.

Notation, in millimetres, y upwards::

    "0,450 40,600 300,760! 900,880<20 1200,900 z"

``!`` makes a corner, ``<20`` passes through heading 20 degrees, ``z`` closes.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

Curve = tuple[complex, complex, complex, complex]
"""One cubic: start, two control points, end."""

Placing = Callable[[complex], complex]
"""From a drawing's own coordinates to the sheet's pixels."""


@dataclass(frozen=True)
class Knot:
    """A point to pass through; a corner or a given heading breaks the smoothing."""

    at: complex
    corner: bool = False
    heading: float | None = None


@dataclass(frozen=True)
class Shape:
    """A run of joined cubics, open or closed."""

    curves: tuple[Curve, ...]
    closed: bool = False

    def shifted(self, dx: float = 0.0, dy: float = 0.0) -> Shape:
        """Return the same line moved by (dx, dy) millimetres."""
        by = complex(dx, dy)
        return Shape(
            tuple((a + by, b + by, c + by, d + by) for a, b, c, d in self.curves), self.closed
        )

    def mirrored(self) -> Shape:
        """Return the same line on the other side of x = 0, for faces drawn by halves."""

        def flip(p: complex) -> complex:
            return complex(-p.real, p.imag)

        return Shape(
            tuple((flip(a), flip(b), flip(c), flip(d)) for a, b, c, d in self.curves), self.closed
        )

    def backwards(self) -> Shape:
        """Return the same line travelled from its end to its start."""
        return Shape(tuple((d, c, b, a) for a, b, c, d in reversed(self.curves)), self.closed)

    def then(self, *others: Shape) -> Shape:
        """Return this line, a straight joint where needed, then each of the others; closed."""
        out = list(self.curves)
        for other in others:
            if abs(other.curves[0][0] - out[-1][3]) > 1e-6:
                out.append(_straight(out[-1][3], other.curves[0][0]))
            out.extend(other.curves)
        return Shape(tuple(out), closed=True)

    def points(self, each: int = 8) -> list[complex]:
        """Return points along the line, ``each`` per cubic, both ends included."""
        found = [self.curves[0][0]]
        for curve in self.curves:
            found.extend(point_on(curve, i / each) for i in range(1, each + 1))
        return found

    def bounds(self) -> tuple[float, float, float, float]:
        """Return (left, bottom, right, top) of the line, from points along it."""
        points = self.points(24)
        xs, ys = [p.real for p in points], [p.imag for p in points]
        return min(xs), min(ys), max(xs), max(ys)


def point_on(curve: Curve, t: float) -> complex:
    """Return the point at parameter ``t`` in 0..1."""
    a, b, c, d = curve
    s = 1 - t
    return s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d


def bend(curve: Curve, place: Placing, splits: int = 2) -> list[Curve]:
    """``curve`` carried through a placing that is not straight, within a pixel or so.

    Each piece is the cubic through four placed points: it needs no derivative, and
    placings read from tables have none worth using.
    """
    p, q, r, s = (place(point_on(curve, t)) for t in (0, 1 / 3, 2 / 3, 1))
    guess: Curve = (
        p,
        (-5 * p + 18 * q - 9 * r + 2 * s) / 6,
        (2 * p - 9 * q + 18 * r - 5 * s) / 6,
        s,
    )
    misses = (abs(point_on(guess, t) - place(point_on(curve, t))) for t in (0.17, 0.5, 0.83))
    if splits == 0 or max(misses) < 1.1:
        if abs(q - p - (s - p) / 3) + abs(r - s + (s - p) / 3) < 0.5:
            return [_straight(p, s)]
        return [guess]
    first, second = _halves(curve)
    return bend(first, place, splits - 1) + bend(second, place, splits - 1)


def _halves(curve: Curve) -> tuple[Curve, Curve]:
    a, b, c, d = curve
    ab, bc, cd = (a + b) / 2, (b + c) / 2, (c + d) / 2
    abc, bcd = (ab + bc) / 2, (bc + cd) / 2
    middle = (abc + bcd) / 2
    return (a, ab, abc, middle), (middle, bcd, cd, d)


def _straight(a: complex, b: complex) -> Curve:
    return a, a + (b - a) / 3, b - (b - a) / 3, b


def circle(centre: complex, radius: float) -> Shape:
    """Return a circle in four cubics, so that it survives any placing."""
    k = 0.5522847 * radius
    out: list[Curve] = []
    for quarter in range(4):
        u = 1j**quarter
        start, end = centre + radius * u, centre + radius * u * 1j
        out.append((start, start + k * u * 1j, end + k * u, end))
    return Shape(tuple(out), closed=True)


def arc(centre: complex, radius: float, start: float, end: float) -> Shape:
    """Return a circular arc from ``start`` to ``end`` degrees, either way round."""
    pieces = max(1, math.ceil(abs(end - start) / 45))
    step = math.radians((end - start) / pieces)
    k = 4 / 3 * math.tan(step / 4)
    out: list[Curve] = []
    for i in range(pieces):
        u = cmath.exp(1j * (math.radians(start) + step * i))
        v = cmath.exp(1j * (math.radians(start) + step * (i + 1)))
        out.append(
            (
                centre + radius * u,
                centre + radius * (u + k * 1j * u),
                centre + radius * (v - k * 1j * v),
                centre + radius * v,
            )
        )
    return Shape(tuple(out))


@lru_cache(maxsize=4096)
def trace(text: str) -> Shape:
    """Return the smooth line through the knots of ``text`` (notation above)."""
    words = text.split()
    closed = words[-1] == "z"
    knots = [_knot(word) for word in (words[:-1] if closed else words)]
    if closed and knots[-1].at != knots[0].at:
        knots.append(Knot(knots[0].at, corner=True, heading=knots[0].heading))
    out: list[Curve] = []
    run = [knots[0]]
    for knot in knots[1:]:
        run.append(knot)
        if knot.corner or knot.heading is not None or knot is knots[-1]:
            out.extend(_hobby([k.at for k in run], run[0].heading, run[-1].heading))
            run = [knot]
    return Shape(tuple(out), closed)


def _knot(word: str) -> Knot:
    corner = word.endswith("!")
    place, _, heading = word.rstrip("!").partition("<")
    x, y = place.split(",")
    return Knot(
        complex(float(x), float(y)), corner, math.radians(float(heading)) if heading else None
    )


def _wrapped(angle: float) -> float:
    return math.remainder(angle, math.tau)


def _hobby(at: Sequence[complex], first: float | None, last: float | None) -> list[Curve]:
    """Return cubics through ``at``; ``first`` and ``last`` are headings in radians, if held."""
    n = len(at) - 1
    delta = [at[i + 1] - at[i] for i in range(n)]
    if n == 1 and first is None and last is None:
        return [_straight(at[0], at[1])]
    psi = [0.0] + [cmath.phase(delta[k] / delta[k - 1]) for k in range(1, n)] + [0.0]
    low, mid, high, right = [0.0] * (n + 1), [1.0] * (n + 1), [0.0] * (n + 1), [0.0] * (n + 1)
    if first is None:
        high[0], right[0] = 1.0, -psi[1]
    else:
        right[0] = _wrapped(first - cmath.phase(delta[0]))
    for k in range(1, n):
        before, after = abs(delta[k - 1]), abs(delta[k])
        low[k], mid[k], high[k] = 1 / before, 2 / before + 2 / after, 1 / after
        right[k] = -2 * psi[k] / before - psi[k + 1] / after
    if last is None:
        low[n] = 1.0
    else:
        right[n] = _wrapped(last - cmath.phase(delta[-1]))
    theta = _tridiagonal(low, mid, high, right)
    out: list[Curve] = []
    for k in range(n):
        t, p = theta[k], -psi[k + 1] - theta[k + 1]
        out.append(
            (
                at[k],
                at[k] + cmath.exp(1j * t) * delta[k] * _reach(t, p),
                at[k + 1] - cmath.exp(-1j * p) * delta[k] * _reach(p, t),
                at[k + 1],
            )
        )
    return out


def _reach(t: float, p: float) -> float:
    """Return Hobby's rho / 3: how far a control point goes along its tangent."""
    lift = math.sqrt(2) * (math.sin(t) - math.sin(p) / 16) * (math.sin(p) - math.sin(t) / 16)
    lift *= math.cos(t) - math.cos(p)
    root = math.sqrt(5)
    return (2 + lift) / (3 * (1 + (root - 1) / 2 * math.cos(t) + (3 - root) / 2 * math.cos(p)))


def _tridiagonal(
    low: list[float], mid: list[float], high: list[float], right: list[float]
) -> list[float]:
    n = len(mid)
    mid, right = mid[:], right[:]
    for i in range(1, n):
        w = low[i] / mid[i - 1]
        mid[i] -= w * high[i - 1]
        right[i] -= w * right[i - 1]
    out = [0.0] * n
    out[-1] = right[-1] / mid[-1]
    for i in range(n - 2, -1, -1):
        out[i] = (right[i] - high[i] * out[i + 1]) / mid[i]
    return out
