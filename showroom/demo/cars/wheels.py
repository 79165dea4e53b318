"""Wheels: tyre, brake, and a rim of the model's own design.

A wheel is drawn once per picture, about its own centre, and stamped where needed.
"""

from __future__ import annotations

import cmath
import math

from showroom.demo.cars.canvas import SCALE, Sheet, attributes, number
from showroom.demo.cars.shapes import Wheel


def wheel(sheet: Sheet, design: Wheel) -> str:
    """Define the wheel and return the reference to stamp it with."""
    dark_rim = design.dark
    tyre, rim = design.tyre * SCALE, design.rim * SCALE
    rubber = sheet.radial(
        "tyre",
        [
            (0, "#0b0c0e", 1),
            (rim / tyre, "#0d0e10", 1),
            (rim / tyre + 0.02, "#303338", 1),
            (rim / tyre + 0.10, "#1d1f22", 1),
            (0.93, "#25282b", 1),
            (0.955, "#0f1012", 1),
            (1, "#1c1e21", 1),
        ],
    )
    well = sheet.radial("well", [(0, "#2b2e33", 1), (0.75, "#17191c", 1), (1, "#08090a", 1)])
    disc = sheet.radial(
        "disc", [(0, "#53585d", 1), (0.5, "#6a7076", 1), (0.86, "#a3a9ae", 1), (1, "#70767c", 1)]
    )
    top, foot = ("#747b83", "#33373c") if dark_rim else ("#f3f5f6", "#8e959c")
    alloy = sheet.linear(
        "alloy",
        [(0, top, 1), (0.5, _between(dark_rim), 1), (1, foot, 1)],
        complex(-rim * 0.3, -rim),
        complex(rim * 0.3, rim),
        placed=False,
    )
    parts = [
        _circle(tyre, fill=rubber),
        _circle(tyre * 0.865, fill="none", stroke="#3c4045", stroke_width=0.6, stroke_opacity=0.7),
        _circle(rim, fill=alloy),
        _circle(rim * 0.955, fill=well),
    ]
    if design.style != "disc":
        parts += [
            _circle(rim * 0.66, fill=disc),
            _circle(rim * 0.66, fill="none", stroke="#3d4247", stroke_width=0.7),
            _caliper(rim),
        ]
    parts.append(_spokes(sheet, design, rim, alloy, dark_rim))
    # Light falls on the wheel as a whole; spokes that turned their shading with them would spin.
    light = sheet.linear(
        "wheel-light",
        [(0, "#fff", 0.28), (0.45, "#fff", 0), (0.6, "#000", 0), (1, "#000", 0.42)],
        complex(-rim * 0.35, -rim),
        complex(rim * 0.35, rim),
        placed=False,
    )
    parts.append(_circle(rim * 0.95, fill=light))
    parts += [
        _circle(rim * 0.978, fill="none", stroke=alloy, stroke_width=rim * 0.05),
        _circle(rim, fill="none", stroke="#0a0b0c", stroke_width=0.8),
        _circle(rim * 0.135, fill="#14161a", stroke=alloy, stroke_width=1),
        _circle(rim * 0.06, fill="none", stroke="#cfd4d8", stroke_width=0.8),
    ]
    return sheet.group("wheel", "".join(parts))


def stamp(reference: str, at: complex) -> str:
    """Return the wheel of ``reference`` standing at a point in pixels."""
    return f'<use href="{reference}" x="{number(at.real)}" y="{number(at.imag)}"/>'


def _between(dark_rim: bool) -> str:
    return "#4f555c" if dark_rim else "#c3c8cd"


def _circle(radius: float, **given: str | float) -> str:
    return f'<circle r="{radius:.1f}"{attributes(given)}/>'


def _polar(radius: float, degrees: float) -> complex:
    """Return a point at ``degrees`` clockwise from straight up, in pixels."""
    return radius * cmath.exp(1j * math.radians(degrees - 90))


def _d(*points: complex) -> str:
    return "M" + "L".join(f"{p.real:.1f},{p.imag:.1f}" for p in points) + "Z"


def _caliper(rim: float) -> str:
    a, b = _polar(rim * 0.62, 60), _polar(rim * 0.62, 118)
    return (
        f'<path d="M{a.real:.1f},{a.imag:.1f}A{rim * 0.62:.1f} {rim * 0.62:.1f} 0 0 1'
        f' {b.real:.1f},{b.imag:.1f}"'
        f' fill="none" stroke="#3a3330" stroke-width="{rim * 0.17:.1f}"/>'
    )


def _spokes(sheet: Sheet, design: Wheel, rim: float, alloy: str, dark_rim: bool) -> str:
    """Return one spoke, repeated round the hub. Each has a lit face over a darker flank."""
    flank = "#24272b" if dark_rim else "#5d636a"
    face, under = _spoke(design, rim)
    drawn = f'<path d="{under}" fill="{flank}"/>'
    lit = f'<path d="{face}"/>'
    turns = [360 / design.spokes * i for i in range(design.spokes)]
    low = sheet.group("spoke-flank", drawn)
    high = sheet.group("spoke", lit)
    stamps = "".join(f'<use href="{low}" transform="rotate({turn:g})"/>' for turn in turns)
    hub = _circle(rim * 0.24, fill=alloy)
    faces = "".join(f'<use href="{high}" transform="rotate({turn:g})"/>' for turn in turns)
    if design.style == "disc":
        hub = _circle(rim * 0.5, fill=alloy) + _circle(
            rim * 0.5, fill="none", stroke="#6b7177", stroke_width=0.8
        )
    shine = "#5b626a" if dark_rim else "#d5d9dd"
    return (
        f'{stamps}<g fill="{shine}" stroke="#2b2f33"'
        f' stroke-width=".4">{faces}</g>{hub}{_bolts(rim)}'
    )


def _bolts(rim: float) -> str:
    return "".join(
        f'<circle cx="{p.real:.1f}" cy="{p.imag:.1f}" r="{rim * 0.026:.1f}" fill="#3a3f45"/>'
        for p in (_polar(rim * 0.19, 72 * i + 36) for i in range(5))
    )


def _spoke(design: Wheel, rim: float) -> tuple[str, str]:
    """Return the spoke's lit face and the darker flank that shows beside it."""
    p, r = _polar, rim
    half = 180 / design.spokes
    if design.style == "twin":
        face = _d(
            p(r * 0.2, -half * 0.7),
            p(r * 0.96, -half * 0.50),
            p(r * 0.96, -half * 0.26),
            p(r * 0.2, -2),
        )
        face += _d(
            p(r * 0.2, 2),
            p(r * 0.96, half * 0.26),
            p(r * 0.96, half * 0.50),
            p(r * 0.2, half * 0.7),
        )
        under = _d(
            p(r * 0.2, -half), p(r * 0.97, -half * 0.56), p(r * 0.97, half * 0.56), p(r * 0.2, half)
        )
        under += _d(p(r * 0.42, 0), p(r * 0.97, half * 0.18), p(r * 0.97, -half * 0.18))
        return face, under.replace("Z", "Z")
    if design.style == "blade":
        face = _d(
            p(r * 0.2, -half * 0.9),
            p(r * 0.6, -half * 0.1),
            p(r * 0.96, half * 0.28),
            p(r * 0.96, half * 0.74),
            p(r * 0.55, half * 0.42),
            p(r * 0.2, half * 0.6),
        )
        under = _d(
            p(r * 0.2, -half),
            p(r * 0.6, -half * 0.42),
            p(r * 0.97, half * 0.1),
            p(r * 0.97, half * 0.8),
            p(r * 0.5, half * 0.5),
            p(r * 0.2, half),
        )
        return face, under
    if design.style == "cross":
        face = _d(
            p(r * 0.2, -half * 0.8),
            p(r * 0.56, -3),
            p(r * 0.96, -half * 0.72),
            p(r * 0.96, -half * 0.46),
            p(r * 0.68, 0),
            p(r * 0.96, half * 0.46),
            p(r * 0.96, half * 0.72),
            p(r * 0.56, 3),
            p(r * 0.2, half * 0.8),
        )
        under = _d(
            p(r * 0.2, -half),
            p(r * 0.5, -7),
            p(r * 0.97, -half * 0.86),
            p(r * 0.97, -half * 0.42),
            p(r * 0.74, 0),
            p(r * 0.97, half * 0.42),
            p(r * 0.97, half * 0.86),
            p(r * 0.5, 7),
            p(r * 0.2, half),
        )
        return face, under
    if design.style == "multi":
        face = _d(
            p(r * 0.2, -half * 0.6),
            p(r * 0.96, -half * 0.30),
            p(r * 0.96, half * 0.30),
            p(r * 0.2, half * 0.6),
        )
        under = _d(
            p(r * 0.2, -half), p(r * 0.97, -half * 0.5), p(r * 0.97, half * 0.5), p(r * 0.2, half)
        )
        return face, under
    if design.style == "petals":
        face = _d(
            p(r * 0.2, -half * 0.7),
            p(r * 0.7, -half * 0.62),
            p(r * 0.96, -half * 0.50),
            p(r * 0.96, half * 0.50),
            p(r * 0.7, half * 0.62),
            p(r * 0.2, half * 0.7),
        )
        face += _d(p(r * 0.52, 0), p(r * 0.88, half * 0.2), p(r * 0.88, -half * 0.2))
        under = _d(
            p(r * 0.2, -half), p(r * 0.97, -half * 0.66), p(r * 0.97, half * 0.66), p(r * 0.2, half)
        )
        return face, under
    if design.style == "disc":
        face = _d(
            p(r * 0.45, -half * 0.86),
            p(r * 0.93, -half * 0.78),
            p(r * 0.93, half * 0.50),
            p(r * 0.45, half * 0.62),
        )
        under = _d(p(r * 0.4, -half), p(r * 0.97, -half), p(r * 0.97, half * 0.8), p(r * 0.4, half))
        return face, under
    face = _d(
        p(r * 0.2, -half * 0.62),
        p(r * 0.5, -half * 0.24),
        p(r * 0.96, -half * 0.26),
        p(r * 0.96, half * 0.26),
        p(r * 0.5, half * 0.24),
        p(r * 0.2, half * 0.62),
    )
    under = _d(
        p(r * 0.2, -half),
        p(r * 0.5, -half * 0.42),
        p(r * 0.97, -half * 0.40),
        p(r * 0.97, half * 0.40),
        p(r * 0.5, half * 0.42),
        p(r * 0.2, half),
    )
    return face, under
