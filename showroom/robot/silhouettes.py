"""The proportions of each body style, as measured from the nose backwards.

All lengths are metres. A *line* is a tuple of `(d, z)` points: `d` is the distance behind the
tip of the nose, `z` the height above the floor. `plan` holds `(d, share)` points: the share of
the full half-width that the body has at `d`. Lines are rounded off when they are lofted, so a
corner here becomes a radius of a few centimetres there.
"""

from __future__ import annotations

from dataclasses import dataclass

Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Silhouette:
    """One body style: everything the loft needs to know about it.

    `top` runs along the middle of the car: bonnet, windscreen, roof, tail. `belt` is the shoulder
    under the side windows, `floor` the lower edge of the bodywork. `axles` and `wheel` (radius)
    place the wheels. `lean` is how far the sides lean in per metre of height above the belt, and
    `squareness` the exponent of the roof's super-ellipse. `screen` and `backlight` are the
    `(lower, upper)` ends of the front and rear windows; `windows` the `(front, rear)` limits of
    the side glass and `pillars` the places where it is divided. `doors` are the shut lines.
    """

    length: float
    width: float
    top: Line
    belt: Line
    floor: Line
    plan: Line
    axles: tuple[float, float]
    wheel: float
    screen: tuple[float, float]
    backlight: tuple[float, float] | None
    windows: tuple[float, float]
    pillars: tuple[float, ...]
    doors: tuple[float, ...]
    lean: float = 0.30
    squareness: float = 4.5
    bow: float = 0.16
    rear_glass_slant: float = 0.20
    cladding: bool = False
    rails: bool = False
    open_top: bool = False


def _floor(length: float, sill: float, nose: float, tail: float) -> Line:
    """Return a lower edge that rises at both ends, as bumpers do."""
    return ((0, nose), (0.35, sill), (length - 0.5, sill), (length, tail))


def _plan(length: float, nose: float = 0.84, tail: float = 0.86) -> Line:
    """Return a plan that is widest at the doors and tapers to both ends."""
    return (
        (0, nose),
        (0.12, nose + 0.07),
        (0.45, 0.965),
        (1.1, 1),
        (length - 1.1, 1),
        (length - 0.4, 0.965),
        (length - 0.1, tail + 0.07),
        (length, tail),
    )


# One block of numbers per car reads better than one number per line.
# fmt: off
SILHOUETTES: dict[str, Silhouette] = {
    "city": Silhouette(
        length=3.58, width=1.64,
        top=((0, .66), (.06, .78), (.30, .92), (.78, 1.03), (1.52, 1.46), (2.0, 1.535),
             (2.6, 1.535), (3.22, 1.46), (3.44, 1.08), (3.54, .96), (3.58, .66)),
        belt=((0, .58), (.12, .76), (.80, .93), (2.7, .99), (3.4, 1.02), (3.52, .90),
              (3.58, .58)),
        floor=_floor(3.58, .22, .27, .30), plan=_plan(3.58, .80, .84),
        axles=(.66, 3.00), wheel=.300, screen=(.80, 1.50), backlight=(3.45, 3.20),
        windows=(.98, 3.10), pillars=(2.20,), doors=(1.02, 2.24), lean=.24, squareness=4.2,
        bow=.20, rear_glass_slant=.16,
    ),
    "hatch": Silhouette(
        length=4.26, width=1.80,
        top=((0, .62), (.05, .73), (.30, .84), (1.18, 1.00), (2.0, 1.40), (2.5, 1.465),
             (3.1, 1.455), (3.74, 1.385), (4.07, 1.06), (4.22, .94), (4.26, .66)),
        belt=((0, .55), (.10, .68), (.5, .80), (1.2, .92), (3.0, .97), (3.95, 1.02),
              (4.18, .90), (4.26, .58)),
        floor=_floor(4.26, .21, .25, .30), plan=_plan(4.26),
        axles=(.86, 3.50), wheel=.330, screen=(1.20, 1.97), backlight=(4.08, 3.74),
        windows=(1.38, 3.72), pillars=(2.32, 3.22), doors=(1.34, 2.36, 3.26),
    ),
    "saloon": Silhouette(
        length=4.74, width=1.84,
        top=((0, .60), (.05, .70), (.30, .80), (1.42, .97), (2.22, 1.36), (2.7, 1.435),
             (3.15, 1.415), (3.55, 1.32), (4.12, 1.075), (4.60, 1.045), (4.70, .98), (4.74, .66)),
        belt=((0, .54), (.10, .66), (.6, .79), (1.4, .89), (3.3, .96), (4.3, 1.00),
              (4.66, .93), (4.74, .58)),
        floor=_floor(4.74, .20, .23, .30), plan=_plan(4.74),
        axles=(.84, 3.68), wheel=.345, screen=(1.44, 2.19), backlight=(4.06, 3.52),
        windows=(1.62, 3.90), pillars=(2.56, 3.42), doors=(1.60, 2.60, 3.46), lean=.34,
    ),
    "suv": Silhouette(
        length=4.60, width=1.90,
        top=((0, .78), (.05, .92), (.22, 1.02), (1.18, 1.15), (1.86, 1.58), (2.3, 1.69),
             (3.4, 1.685), (4.08, 1.60), (4.40, 1.20), (4.55, 1.10), (4.60, .78)),
        belt=((0, .70), (.08, .86), (.4, .98), (1.2, 1.07), (3.2, 1.12), (4.3, 1.17),
              (4.52, 1.04), (4.60, .70)),
        floor=_floor(4.60, .29, .34, .40), plan=_plan(4.60, .87, .88),
        axles=(.90, 3.62), wheel=.385, screen=(1.22, 1.84), backlight=(4.41, 4.10),
        windows=(1.36, 4.10), pillars=(2.30, 3.26), doors=(1.34, 2.34, 3.30), lean=.26,
        squareness=5, bow=.13, cladding=True, rails=True,
    ),
    "estate": Silhouette(
        length=4.72, width=1.83,
        top=((0, .60), (.05, .70), (.30, .81), (1.34, .98), (2.14, 1.38), (2.6, 1.455),
             (3.6, 1.455), (4.28, 1.395), (4.56, 1.05), (4.68, .96), (4.72, .66)),
        belt=((0, .54), (.10, .66), (.6, .79), (1.35, .90), (3.3, .96), (4.45, 1.00),
              (4.64, .90), (4.72, .58)),
        floor=_floor(4.72, .20, .24, .30), plan=_plan(4.72, .84, .89),
        axles=(.86, 3.62), wheel=.340, screen=(1.36, 2.11), backlight=(4.57, 4.28),
        windows=(1.54, 4.32), pillars=(2.50, 3.36), doors=(1.52, 2.54, 3.40), rails=True,
        rear_glass_slant=.24,
    ),
    "van": Silhouette(
        length=4.95, width=1.93,
        top=((0, .80), (.05, .95), (.18, 1.05), (.80, 1.24), (1.62, 1.86), (2.0, 1.965),
             (2.6, 1.985), (4.5, 1.965), (4.80, 1.90), (4.90, 1.24), (4.95, .74)),
        belt=((0, .66), (.08, .86), (.4, 1.00), (.85, 1.10), (4.6, 1.12), (4.88, 1.08),
              (4.95, .66)),
        floor=_floor(4.95, .24, .28, .32), plan=_plan(4.95, .84, .95),
        axles=(.92, 4.00), wheel=.345, screen=(.84, 1.58), backlight=(4.90, 4.80),
        windows=(1.02, 4.74), pillars=(1.98, 3.30), doors=(1.10, 2.02, 3.34), lean=.15,
        squareness=6.5, bow=.12, rear_glass_slant=.04,
    ),
    "roadster": Silhouette(
        length=4.10, width=1.78,
        top=((0, .50), (.05, .59), (.30, .69), (1.0, .80), (1.50, .865), (1.75, .885),
             (2.9, .90), (3.25, .965), (3.7, .925), (4.0, .87), (4.06, .82), (4.10, .60)),
        belt=((0, .45), (.10, .56), (.75, .77), (1.2, .79), (2.1, .80), (3.15, .875),
              (3.9, .84), (4.04, .76), (4.10, .52)),
        floor=_floor(4.10, .17, .20, .27), plan=_plan(4.10, .80, .84),
        axles=(.88, 3.30), wheel=.340, screen=(1.42, 1.92), backlight=None,
        windows=(1.6, 2.2), pillars=(), doors=(1.66, 2.72), squareness=2.6, bow=.20,
        open_top=True,
    ),
}
# fmt: on
