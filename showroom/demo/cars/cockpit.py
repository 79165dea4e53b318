"""What shows of an open car's inside: seats, screen, hoops."""

from __future__ import annotations

from showroom.demo.cars.canvas import Sheet
from showroom.demo.cars.curves import trace
from showroom.demo.cars.face import whole
from showroom.demo.cars.paint import Shades
from showroom.demo.cars.shapes import Car, Face


def cabin(sheet: Sheet, car: Car, tones: Shades) -> None:
    """Draw an open car's windscreen and seats, from the side; the body comes over them."""
    side = car.side
    for p in side.headrests:
        x, y = p.real, p.imag
        leather = sheet.linear(
            "leather",
            [(0, "#c08a5a", 1), (0.5, "#8b5a34", 1), (1, "#4a2d18", 1)],
            complex(x - 150, 0),
            complex(x + 190, 0),
        )
        sheet.path(
            trace(
                f"{x - 150},{y - 330}! {x - 90},{y - 60} {x - 72},{y + 90} {x - 10},{y + 150}"
                f" {x + 70},{y + 130}"
                f" {x + 110},{y} {x + 220},{y - 330}! z"
            ),
            fill=leather,
            stroke="#2a180c",
            stroke_width=1,
        )
        sheet.line(
            trace(f"{x - 80},{y - 20} {x},{y + 8} {x + 98},{y - 8}"),
            "#2a180c",
            1,
            stroke_opacity=0.7,
        )
    for text in side.panes:
        sheet.path(
            trace(text), fill="#aebfca", fill_opacity=0.30, stroke="#6d7a84", stroke_width=0.8
        )
    for text in (side.screen,):
        sheet.path(trace(text), fill="#121417", stroke=tones.light, stroke_width=1)
    for rail in side.rails:
        sheet.path(trace(rail), fill="#1b1e22", stroke="#9aa2a9", stroke_width=0.8)


def open_cabin(sheet: Sheet, face: Face, tones: Shades) -> None:
    """Draw an open car: a windscreen frame to look through, and two seats."""
    left, low, right, _ = whole(face.glass).bounds()
    for x in ((left - right) * 0.25, (right - left) * 0.25):
        seat(sheet, x, low)
    open_screen(sheet, face, tones)


def seat(sheet: Sheet, x: float, low: float) -> None:
    """Draw a leather seat, seen from ahead, its shoulders at ``low`` + 90."""
    leather = sheet.linear(
        f"leather{x:.0f}",
        [(0, "#5a3820", 1), (0.5, "#b07a48", 1), (1, "#5a3820", 1)],
        complex(x - 210, low),
        complex(x + 210, low),
    )
    sheet.path(
        trace(
            f"{x - 215},{low - 60}! {x - 205},{low + 90} {x - 120},{low + 170}!"
            f" {x - 105},{low + 225}"
            f" {x},{low + 245} {x + 105},{low + 225} {x + 120},{low + 170}! {x + 205},{low + 90}"
            f" {x + 215},{low - 60}! z"
        ),
        fill=leather,
        stroke="#2a180c",
        stroke_width=1,
    )
    sheet.line(
        trace(f"{x - 120},{low + 168} {x},{low + 150} {x + 120},{low + 168}"), "#2a180c", 1.2
    )


def open_screen(sheet: Sheet, face: Face, tones: Shades) -> None:
    """Draw the frameless-looking screen of an open car."""
    screen = whole(face.glass)
    sheet.path(screen, fill="#b5c6d1", fill_opacity=0.26)
    sheet.line(screen, "#111315", 5.5)
    sheet.line(screen, tones.light, 1.2)
