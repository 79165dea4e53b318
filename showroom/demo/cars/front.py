"""The front, square on."""

from __future__ import annotations

from showroom.demo.cars import cockpit, fittings, lettering, stance
from showroom.demo.cars import face as square
from showroom.demo.cars.canvas import Sheet
from showroom.demo.cars.curves import trace
from showroom.demo.cars.paint import Shades
from showroom.demo.cars.shapes import Car


def draw_front(sheet: Sheet, car: Car, tones: Shades) -> None:
    """Draw the whole front, back to front."""
    front = car.front
    stance.square_on(sheet, car)
    stance.tyres(sheet, car, front)
    if car.open_top:
        cockpit.open_cabin(sheet, front, tones)
    draw_surface(sheet, car, tones)
    square.mirrors(sheet, front, tones, seen_from_behind=False)


def draw_surface(sheet: Sheet, car: Car, tones: Shades, *, turned: bool = False) -> None:
    """Draw paint, glass and lamps: all that lies on the body itself.

    ``turned`` when the near edge is not where the car ends but where its flank begins.
    """
    front = car.front
    lamp_top = max(trace(text).bounds()[3] for text in front.lamps)
    shape = square.body(sheet, car, front, tones, lamp_top, turned=turned)
    square.shut_lines(sheet, front, tones)
    if not car.open_top:
        square.glass(sheet, front)
    square.dark_parts(sheet, car, front, tones)
    _lamps(sheet, car)
    sheet.end()
    if not turned:
        square.edge(sheet, car, tones, shape)
    lettering.badge(sheet, front.badge)
    lettering.plate(sheet, front.plate)


def _lamps(sheet: Sheet, car: Car) -> None:
    front = car.front
    housings = square.both(front.lamps)
    _, low, _, high = housings[0].bounds()
    lens = sheet.linear(
        "lens",
        [(0, "#12161a", 1), (0.5, "#39434c", 1), (1, "#8c9aa5", 1)],
        complex(0, high),
        complex(0, low),
    )
    sheet.path(housings, fill=lens, stroke="#07090b", stroke_width=1.4)
    fittings.glow_shapes(sheet, square.both(front.lights), fittings.LAMP_WHITE, 2.8)
    if front.bars:
        fittings.glow_shapes(sheet, square.across(front.bars), fittings.LAMP_WHITE, 1.6)
