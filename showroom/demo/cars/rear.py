"""The rear, square on."""

from __future__ import annotations

from showroom.demo.cars import cockpit, fittings, lettering, stance
from showroom.demo.cars import face as square
from showroom.demo.cars.canvas import Sheet
from showroom.demo.cars.curves import trace
from showroom.demo.cars.paint import Shades
from showroom.demo.cars.shapes import Car


def draw_rear(sheet: Sheet, car: Car, tones: Shades) -> None:
    """Draw the whole rear, back to front."""
    rear = car.rear
    stance.square_on(sheet, car)
    stance.tyres(sheet, car, rear)
    if car.open_top:
        cockpit.open_cabin(sheet, rear, tones)
    lamp_top = max(trace(text).bounds()[3] for text in rear.lamps)
    shape = square.body(sheet, car, rear, tones, lamp_top + 30)
    square.shut_lines(sheet, rear, tones)
    if not car.open_top:
        square.glass(sheet, rear)
        top = trace(rear.glass).bounds()[3]
        fittings.glow_shapes(
            sheet, [trace(f"-150,{top - 30}! 150,{top - 30}!")], fittings.LAMP_RED, 1.8
        )
    square.dark_parts(sheet, car, rear, tones)
    _lamps(sheet, car)
    sheet.end()
    square.edge(sheet, car, tones, shape)
    square.mirrors(sheet, rear, tones, seen_from_behind=True)
    lettering.plate(sheet, rear.plate)
    lettering.wordmark(sheet, rear.wordmark, tones)


def _lamps(sheet: Sheet, car: Car) -> None:
    rear = car.rear
    housings = square.both(rear.lamps)
    _, low, _, high = housings[0].bounds()
    red = sheet.linear(
        "red",
        [(0, "#a81521", 1), (0.5, "#640a14", 1), (1, "#2c0509", 1)],
        complex(0, high),
        complex(0, low),
    )
    sheet.path(housings, fill=red, stroke="#14060a", stroke_width=1.3)
    fittings.glow_shapes(sheet, square.both(rear.lights), fittings.LAMP_RED, 2.8)
    if rear.bars:
        fittings.glow_shapes(sheet, square.across(rear.bars), fittings.LAMP_RED, 2)
