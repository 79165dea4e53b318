"""How a car stands: the light and shadow on the ground, and the tyres seen end on."""

from __future__ import annotations

from showroom.demo.cars.canvas import SCALE, Sheet, number
from showroom.demo.cars.curves import trace
from showroom.demo.cars.shapes import Car, Face


def along(sheet: Sheet, length: float, front: float, rear: float, tyre: float) -> None:
    """Draw a pale pool to lift the car off a dark page, and a shadow to set it on a light one."""
    pool = sheet.radial("pool", [(0, "#8d949b", 0.42), (0.55, "#8d949b", 0.16), (1, "#8d949b", 0)])
    shadow = sheet.radial(
        "shadow", [(0, "#000", 0.85), (0.6, "#000", 0.55), (0.85, "#000", 0.18), (1, "#000", 0)]
    )
    left, right = sheet.place(complex(0, 0)), sheet.place(complex(length, 0))
    middle, half = (left.real + right.real) / 2, (right.real - left.real) / 2
    y = left.imag
    sheet.mark(_ellipse(middle, y + 4, half * 1.12, 40, pool))
    sheet.mark(_ellipse(middle, y + 1, half * 1.03, 15, shadow))
    for axle in (front, rear):
        x = sheet.place(complex(axle, 0)).real
        sheet.mark(_ellipse(x, y - 1, tyre * SCALE * 0.95, 6, shadow))


def _ellipse(x: float, y: float, rx: float, ry: float, fill: str) -> str:
    return (
        f'<ellipse cx="{number(x)}" cy="{number(y)}" rx="{number(rx)}" ry="{number(ry)}"'
        f' fill="{fill}"/>'
    )


def square_on(sheet: Sheet, car: Car) -> None:
    """Draw the light and the shadow under a car seen from its front or rear."""
    pool = sheet.radial("pool", [(0, "#8d949b", 0.42), (0.55, "#8d949b", 0.16), (1, "#8d949b", 0)])
    shadow = sheet.radial(
        "shadow", [(0, "#000", 0.9), (0.6, "#000", 0.6), (0.85, "#000", 0.2), (1, "#000", 0)]
    )
    at = sheet.place(0j)
    half = car.width / 2 * SCALE
    for rx, ry, dy, fill in ((half * 1.5, 36, 3, pool), (half * 1.13, 14, 0, shadow)):
        sheet.mark(
            f'<ellipse cx="{number(at.real)}" cy="{number(at.imag + dy)}" rx="{number(rx)}"'
            f' ry="{ry}" fill="{fill}"/>'
        )


def tyres(sheet: Sheet, car: Car, face: Face) -> None:
    """Draw the two tyres, running surface towards us, and the dark between them."""
    rubber = sheet.linear(
        "rubber",
        [
            (0, "#050607", 1),
            (0.18, "#1f2225", 1),
            (0.5, "#2b2e32", 1),
            (0.82, "#191b1e", 1),
            (1, "#040506", 1),
        ],
        complex(face.track - face.tyre_width / 2, 0),
        complex(face.track + face.tyre_width / 2, 0),
    )
    left, right = face.track - face.tyre_width / 2, face.track + face.tyre_width / 2
    low = car.side.sill
    sheet.path(
        trace(f"{-left},{low + 200}! {left},{low + 200}! {left},{low - 40}! {-left},{low - 40}! z"),
        fill="#070809",
    )
    tyre = trace(
        f"{left},{low + 260}! {left},60! {left + 25},8 {left + 55},0! {right - 45},0!"
        f" {right - 15},10 {right},70!"
        f" {right},{low + 260}! z"
    )
    grooves = [
        trace(f"{x},{low + 260}! {x},4!")
        for x in (face.track - 52, face.track - 18, face.track + 18, face.track + 52)
    ]
    sheet.begin()
    sheet.path(tyre, fill=rubber)
    sheet.line(grooves, "#000", 1.2, stroke_opacity=0.7)
    sheet.end()
    middle = number(2 * sheet.place(0j).real)
    sheet.begin(transform=f"matrix(-1 0 0 1 {middle} 0)")
    sheet.path(tyre, fill=rubber)
    sheet.line(grooves, "#000", 1.2, stroke_opacity=0.7)
    sheet.end()
