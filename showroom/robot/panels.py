"""What lies on the shell: windows, lamps, grille, plates, shut lines, handles and mirrors."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from showroom.robot.hull import Array, Hull
from showroom.robot.mesh import Layer, Material, Sculptor

_LINE = 0.011
_WRAP = 0.30  # metres that a lamp reaches around the corner


def add_panels(sculptor: Sculptor, hull: Hull, *, coarse: bool) -> None:
    """Add everything that is neither shell nor wheel. Coarse: only what a reflection shows."""
    if hull.shape.open_top:
        _add_cockpit(sculptor, hull)
    else:
        _add_screens(sculptor, hull, coarse)
        _add_side_windows(sculptor, hull, coarse)
    _add_front(sculptor, hull, coarse)
    _add_rear(sculptor, hull)
    if hull.shape.cladding:
        _add_sill(sculptor, hull)
    if coarse:
        return
    _add_shut_lines(sculptor, hull)
    _add_mirrors(sculptor, hull)
    if hull.shape.rails:
        _add_rails(sculptor, hull)


def _add_screens(sculptor: Sculptor, hull: Hull, coarse: bool) -> None:
    """Windscreen and rear window."""
    for ends in (hull.shape.screen, hull.shape.backlight):
        if ends is None:
            continue
        for material, layer, grow in (
            (Material.TRIM, Layer.RECESS, 0.0),
            (Material.GLASS, Layer.PANEL, 0.03),
        ):
            step = np.sign(ends[1] - ends[0]) * min(grow, abs(ends[1] - ends[0]) / 6)
            d = np.linspace(ends[0] + step, ends[1] - step, 3 if coarse else 7)[:, None]
            rise = hull.line("top", d) - hull.belt(d)
            reach = (hull.shoulder(d) - hull.shape.lean * rise) * 0.85 - grow
            y = reach * np.linspace(-1, 1, 4 if coarse else 8)
            sculptor.patch(hull.bent(d, y, hull.z_at(d, y) + 0.004), material, layer)


def _window_edges(hull: Hull, d: Array, inset: float) -> tuple[Array, Array]:
    """Heights of the lower and upper edge of the side glass at `d`."""
    belt = hull.belt(d)
    low = belt + 0.025 + inset
    high = belt + 0.84 * (hull.line("top", d) - belt) - inset
    return low, np.maximum(high, low)


def _add_side_windows(sculptor: Sculptor, hull: Hull, coarse: bool) -> None:
    """One dark band from pillar to pillar, and the panes in it."""
    front, rear = hull.shape.windows
    slant = hull.shape.rear_glass_slant

    def pane(start: float, end: float, inset: float, slanted: bool) -> Array:
        share = np.linspace(0, 1, 5 if coarse else 8)[:, None]
        up = np.linspace(0, 1, 3 if coarse else 5)
        # The rear edge leans forward with the tail; the pane is sheared towards it.
        d = start + (end - start) * share
        d = d - (slant * up * share**3 if slanted else 0.0 * up)
        low, high = _window_edges(hull, d, inset)
        z = low + (high - low) * up
        return hull.bent(d, hull.y_at(d, z), z, lift=0.004)

    sculptor.both(pane(front, rear, 0.0, True), Material.TRIM, Layer.RECESS, sided=True)
    edges = (front + 0.05, *hull.shape.pillars, rear - 0.04)
    for number, (start, end) in enumerate(pairwise(edges)):
        last = number == len(edges) - 2
        first = 0.0 if number == 0 else 0.035
        sculptor.both(
            pane(start + first, end - (0 if last else 0.035), 0.022, last),
            Material.GLASS,
            Layer.PANEL,
            sided=True,
        )


def _on_end(hull: Hull, y: Array, z: Array, rear: bool) -> Array:
    """Places on the nose or the tail, lifted off it by a few millimetres.

    What would reach further than a lamp does wraps around the corner and stops on the flank.
    """
    length, far = hull.shape.length, _WRAP
    d = hull.d_at(y, z, rear=rear)
    d = np.clip(d, length - far, length) if rear else np.clip(d, 0, far)
    within = np.minimum(np.abs(y), hull.y_at(d, z)) * np.sign(y)
    return hull.bent(d + (0.006 if rear else -0.006), within, z, lift=0.003)


def _end_patch(
    hull: Hull, y: tuple[float, float], z: tuple[float, float], rear: bool, rise: float = 0.0
) -> Array:
    """Return a rectangle in (y, z), laid on the nose or the tail; `rise` lifts its outer end."""
    across = np.linspace(0, 1, 2 + round(abs(y[1] - y[0]) / 0.16))
    up = np.linspace(0, 1, 2 + int(abs(z[1] - z[0]) / 0.16))[:, None]
    heights = z[0] + (z[1] - z[0]) * up + rise * across
    return _on_end(hull, y[0] + (y[1] - y[0]) * across, heights, rear)


def _add_front(sculptor: Sculptor, hull: Hull, coarse: bool) -> None:
    half = float(hull.half_width(0.25))
    high = float(hull.belt(0.22)) - 0.03
    tall = 0.12 if hull.shape.width < 1.85 else 0.14
    floor = float(hull.line("floor", 0.0))
    lamp = (high - tall, high - 0.02)
    grille = _end_patch(hull, (-0.5 * half, 0.5 * half), (high - tall - 0.05, high - 0.06), False)
    sculptor.patch(grille, Material.TRIM, Layer.PANEL)
    bar = _end_patch(hull, (-0.5 * half, 0.5 * half), (high - 0.065, high - 0.045), False)
    sculptor.patch(bar, Material.CHROME, Layer.DETAIL)
    intake = _end_patch(hull, (-0.7 * half, 0.7 * half), (floor + 0.03, floor + 0.13), False)
    sculptor.patch(intake, Material.TRIM, Layer.PANEL)
    plate = _end_patch(hull, (-0.25, 0.25), (floor + 0.13, floor + 0.23), False)
    sculptor.patch(plate, Material.PLATE, Layer.DETAIL)
    sculptor.both(
        _end_patch(hull, (0.53 * half, 0.95 * half), lamp, False, 0.03),
        Material.TRIM,
        Layer.PANEL,
    )
    for start, end in () if coarse else ((0.57, 0.70), (0.73, 0.86)):
        sculptor.both(
            _end_patch(hull, (start * half, end * half), (lamp[0] + 0.035, lamp[1] - 0.005),
                       False, 0.012),
            Material.LAMP_FRONT,
            Layer.DETAIL,
        )  # fmt: skip
    sculptor.both(
        _end_patch(hull, (0.54 * half, 0.95 * half), (lamp[0] + 0.003, lamp[0] + 0.02), False,
                   0.03),
        Material.LAMP_FRONT,
        Layer.DETAIL,
    )  # fmt: skip


def _add_rear(sculptor: Sculptor, hull: Hull) -> None:
    length = hull.shape.length
    half = float(hull.half_width(length - 0.2))
    high = float(hull.belt(length - 0.14)) - 0.02
    floor = float(hull.line("floor", length))
    upright = hull.shape.backlight is not None and hull.shape.backlight[0] > length - 0.25
    inner, tall = (0.72, 0.22) if upright else (0.55, 0.11)
    lamp = _end_patch(hull, (inner * half, 1.0 * half), (high - tall, high - 0.01), True, 0.015)
    sculptor.both(lamp, Material.LAMP_REAR, Layer.PANEL)
    for low in (0.035,) if not upright else (0.05, 0.13):
        strip = (high - tall + low, high - tall + low + 0.018)
        bright = _end_patch(hull, ((inner + 0.04) * half, 0.94 * half), strip, True, 0.015)
        sculptor.both(bright, Material.LAMP_REAR_LIT, Layer.DETAIL)
    if not upright:
        strip = (high - tall + 0.035, high - tall + 0.053)
        across = _end_patch(hull, (-0.56 * half, 0.56 * half), strip, True)
        sculptor.patch(across, Material.LAMP_REAR_LIT, Layer.PANEL)
    bumper = _end_patch(hull, (-0.85 * half, 0.85 * half), (floor + 0.01, floor + 0.13), True)
    sculptor.patch(bumper, Material.TRIM, Layer.PANEL)
    middle = (floor + 0.13 + high - tall) / 2
    plate = _end_patch(hull, (-0.26, 0.26), (middle - 0.03, middle + 0.08), True)
    sculptor.patch(plate, Material.PLATE, Layer.DETAIL)


def _add_sill(sculptor: Sculptor, hull: Hull) -> None:
    """Unpainted plastic along the lower edge."""
    first, last = hull.shape.axles
    d = np.linspace(first + 0.2, last - 0.2, 14)[:, None]
    z = hull.line("floor", d) + np.array([0.0, 0.07, 0.13])
    sculptor.both(hull.bent(d, hull.y_at(d, z), z, lift=0.006), Material.TRIM, Layer.RECESS)


def _add_shut_lines(sculptor: Sculptor, hull: Hull) -> None:
    """Add the gaps around the doors, and a handle on each."""
    z_share = np.linspace(0.10, 1.0, 7)[:, None]
    for door in hull.shape.doors:
        # Behind the rear door the line would run into the wheel; it stops above it.
        near_wheel = abs(door - hull.shape.axles[1]) < hull.shape.wheel * 1.25
        share = 0.45 + 0.55 * z_share if near_wheel else z_share
        d = door + np.array([-_LINE / 2, _LINE / 2]) + 0.0 * share
        y, z = hull.flank(d, share)
        sculptor.both(hull.bent(d, y, z, lift=0.003), Material.TYRE, Layer.DETAIL, sided=True)
    for end in hull.shape.doors[1:]:
        handle = np.linspace(end - 0.24, end - 0.07, 3)[:, None]
        y, z = hull.flank(handle, np.array([0.80, 0.835]))
        sculptor.both(
            hull.bent(handle, y, z, lift=0.025), Material.CHROME, Layer.DETAIL, sided=True
        )
    d = np.linspace(hull.shape.doors[0], hull.shape.doors[-1], 10)[:, None]
    y, z = hull.flank(d, np.array([0.10, 0.118]))
    sculptor.both(hull.bent(d, y, z, lift=0.003), Material.TYRE, Layer.DETAIL, sided=True)


def _add_mirrors(sculptor: Sculptor, hull: Hull) -> None:
    """Door mirrors: behind the shell on the far side, before it on the near one."""
    d = hull.shape.windows[0] + 0.16
    shoulder = float(hull.shoulder(d))
    middle = (hull.shape.length / 2 - d, shoulder + 0.11, float(hull.belt(d)) + 0.075)
    around, up = np.meshgrid(
        np.linspace(0, 2 * np.pi, 11), np.linspace(-np.pi / 2, np.pi / 2, 6), indexing="ij"
    )
    round_, high = np.cos(up), np.sin(up)
    pod = np.stack(
        [
            0.075 * np.cos(around) * round_,
            0.125 * np.sin(around) * round_,
            0.075 * np.sign(high) * np.abs(high) ** 0.8,
        ],
        axis=-1,
    )
    for side in (1, -1):
        centre = (middle[0], middle[1] * side, middle[2])
        for layer, when in ((Layer.BEHIND, -side), (Layer.ATTACHED, side)):
            sculptor.patch(pod + centre, Material.PAINT, layer, around=centre, side=when)


def _add_rails(sculptor: Sculptor, hull: Hull) -> None:
    """Roof rails."""
    d = np.linspace(hull.shape.screen[1] + 0.15, hull.shape.windows[1] - 0.2, 12)[:, None]
    rise = hull.line("top", d) - hull.belt(d)
    y = (hull.shoulder(d) - hull.shape.lean * rise) * np.array([0.86, 0.85, 0.82])
    z = hull.z_at(d, y[:, :1]) + np.array([0.004, 0.032, 0.032])
    rail = hull.bent(d, y, z)
    for side in (1, -1):
        sculptor.patch(rail * (1, side, 1), Material.RAIL, Layer.ATTACHED, around=(0, 0, 1.2))


def _add_cockpit(sculptor: Sculptor, hull: Hull) -> None:
    """Add an open car: the opening, two seats with head restraints, and the windscreen's frame."""
    d = np.linspace(1.72, 2.98, 9)[:, None]
    y = 0.66 * np.linspace(-1, 1, 9)
    sculptor.patch(hull.bent(d, y, hull.z_at(d, y) + 0.004), Material.TYRE, Layer.RECESS)
    for side in (1, -1):
        _add_seat(sculptor, hull, 0.33 * side)
    foot, head = hull.shape.screen
    low, high = float(hull.line("top", foot)) - 0.01, 1.20
    t = np.linspace(0, 1, 5)[:, None]
    along = foot + (head - foot) * t
    rise, reach = low + (high - low) * t, 0.70 - 0.13 * t
    for side in (1, -1):
        wide = hull.bent(along, (reach - np.array([0.0, 0.035])) * side, rise)
        deep = hull.bent(along + np.array([-0.02, 0.025]), reach * side, rise)
        _add_both_faces(sculptor, wide, (5.0, 0.0, 0.9))
        _add_both_faces(sculptor, deep, (0.0, 5.0, 0.9))
    span = 0.57 * np.linspace(-1, 1, 9)[:, None] + np.zeros(2)
    header = hull.bent(head, span, high + np.array([-0.025, 0.02]))
    _add_both_faces(sculptor, header, (5.0, 0.0, 0.9))


def _add_both_faces(sculptor: Sculptor, sheet: Array, beyond: tuple[float, float, float]) -> None:
    """Add a thin sheet that is seen from either side; `beyond` lies on one of them."""
    for facing in (beyond, (-beyond[0], -beyond[1], beyond[2])):
        sculptor.patch(sheet, Material.TRIM, Layer.ATTACHED, around=facing)


def _add_seat(sculptor: Sculptor, hull: Hull, y: float) -> None:
    around, up = np.meshgrid(
        np.linspace(0, 2 * np.pi, 11), np.linspace(0, np.pi / 2, 5), indexing="ij"
    )
    for size, height, d in (((0.10, 0.24, 0.24), 0.86, 2.72), ((0.07, 0.12, 0.22), 0.95, 2.76)):
        middle = (hull.shape.length / 2 - d, y, height)
        round_ = np.cos(up) ** 0.5
        seat = np.stack(
            [
                size[0] * np.cos(around) * round_,
                size[1] * np.sin(around) * round_,
                size[2] * np.sin(up),
            ],
            axis=-1,
        )
        sculptor.patch(seat + middle, Material.SEAT, Layer.DETAIL, around=middle)
