"""The parts every flank carries: handles, mirrors, lamps, seats, and the floor below."""

from __future__ import annotations

from showroom.demo.cars.canvas import Sheet
from showroom.demo.cars.curves import Shape, trace
from showroom.demo.cars.paint import Shades
from showroom.demo.cars.shapes import Car
from showroom.demo.cars.wheels import stamp, wheel

LAMP_WHITE = "#f4fbff"
LAMP_RED = "#ff2b39"


def wheels_seen_from_the_side(sheet: Sheet, car: Car) -> None:
    """Draw both near wheels."""
    reference = wheel(sheet, car.wheel)
    for axle in (car.front_axle, car.rear_axle):
        sheet.mark(stamp(reference, sheet.place(complex(axle, car.wheel.tyre))))


def handle(sheet: Sheet, at: complex, tones: Shades) -> None:
    """Draw a flush handle: a shallow recess and the bar in it."""
    x, y = at.real, at.imag
    sheet.path(
        trace(
            f"{x - 105},{y + 4} {x},{y + 26} {x + 105},{y + 14}! {x + 100},{y - 20} {x},{y - 20}"
            f" {x - 105},{y + 4}! z"
        ),
        fill=tones.black,
        fill_opacity=0.5,
    )
    sheet.path(
        trace(
            f"{x - 98},{y + 6} {x},{y + 24} {x + 98},{y + 15}! {x + 96},{y - 3} {x},{y + 3}"
            f" {x - 98},{y + 6}! z"
        ),
        fill=tones.bright,
    )


def side_mirror(sheet: Sheet, car: Car, tones: Shades) -> None:
    """Draw a door mirror on its foot, last of all: it stands proud of everything."""
    x, y = car.side.mirror.real, car.side.mirror.imag
    sheet.path(
        trace(f"{x + 30},{y - 35}! {x + 120},{y - 30}! {x + 95},{y + 40}! {x + 40},{y + 30}! z"),
        fill="#0b0c0e",
    )
    cap = sheet.linear(
        "mirror",
        [(0, tones.glint, 1), (0.4, tones.base, 1), (1, tones.deep, 1)],
        complex(0, y + 135),
        complex(0, y - 5),
    )
    sheet.path(
        trace(
            f"{x - 62},{y + 28}<100 {x - 10},{y + 112} {x + 95},{y + 122} {x + 128},{y + 95}!"
            f" {x + 122},{y + 20}!"
            f" {x + 30},{y + 2} {x - 62},{y + 28}! z"
        ),
        fill=cap,
        stroke=tones.black,
        stroke_width=0.8,
    )
    sheet.line(trace(f"{x - 55},{y + 34} {x + 30},{y + 14} {x + 122},{y + 28}!"), "#0b0c0e", 1.6)


def head_lamp(sheet: Sheet, car: Car) -> None:
    """Draw the headlamp's housing and the light in it, from the side."""
    side = car.side
    if side.head:
        left, _, right, _ = trace(side.head).bounds()
        lens = sheet.linear(
            "lens",
            [(0, "#dfe9ef", 1), (0.4, "#7f8d98", 1), (1, "#20262c", 1)],
            complex(left, 0),
            complex(right, 0),
        )
        sheet.path(trace(side.head), fill=lens, stroke="#0b0d10", stroke_width=1.1)
    glow(sheet, side.head_light, LAMP_WHITE, 2.6)


def tail_lamp(sheet: Sheet, car: Car) -> None:
    """Draw the tail lamp's housing and the light in it, from the side."""
    side = car.side
    if side.tail:
        left, _, right, _ = trace(side.tail).bounds()
        red = sheet.linear(
            "red",
            [(0, "#3d060c", 1), (0.5, "#8d0f1b", 1), (1, "#c5202d", 1)],
            complex(left, 0),
            complex(right, 0),
        )
        sheet.path(trace(side.tail), fill=red, stroke="#16060a", stroke_width=1.1)
    glow(sheet, side.tail_light, LAMP_RED, 2.4)


def glow(sheet: Sheet, lights: tuple[str, ...], colour: str, width: float) -> None:
    """Draw a line of light: a faint halo, the colour, and a hot core."""
    if lights:
        glow_shapes(sheet, [trace(text) for text in lights], colour, width)


def glow_shapes(sheet: Sheet, lines: list[Shape], colour: str, width: float) -> None:
    """Draw the same for lines already drawn."""
    sheet.begin(stroke_linecap="round", stroke_linejoin="round")
    sheet.line(lines, colour, width * 3, stroke_opacity=0.22)
    sheet.line(lines, colour, width)
    sheet.line(lines, "#fff", width * 0.4, stroke_opacity=0.9)
    sheet.end()


def reflections(sheet: Sheet, left: float, low: float, right: float, high: float) -> None:
    """Draw the slanting sheen that says 'glass'."""
    sheen = sheet.linear(
        "sheen",
        [(0, "#dfeaf2", 0.42), (0.5, "#dfeaf2", 0.10), (1, "#dfeaf2", 0.03)],
        complex(0, high),
        complex(0, low),
    )
    span, lean = right - left, (high - low) * 0.9
    for share, wide in ((0.14, 0.13), (0.31, 0.035), (0.60, 0.16), (0.80, 0.03)):
        x, w = left + span * share, span * wide
        sheet.slab(
            trace(f"{x},{low}! {x + w},{low}! {x + w + lean},{high}! {x + lean},{high}! z"),
            fill=sheen,
        )


def occupants_seats(sheet: Sheet, car: Car) -> None:
    """Draw headrests and seat shoulders behind the glass; an empty box would look like one."""
    seats = [
        trace(text)
        for p in car.side.headrests
        for x, y in ((p.real, p.imag),)
        for text in (
            f"{x - 28},{y + 30}! {x - 14},{y + 118}<80 {x + 14},{y + 142}! {x + 62},{y + 138}!"
            f" {x + 72},{y + 116}! {x + 52},{y + 36}! z",
            f"{x - 250},{y - 360}! {x - 80},{y - 30}<68 {x - 40},{y + 4}! {x + 70},{y + 14}!"
            f" {x + 88},{y - 16}! {x + 10},{y - 360}! z",
        )
    ]
    p = car.side.headrests[0]
    wheel_rim = trace(f"{p.real - 560},{p.imag - 250}! {p.real - 470},{p.imag - 40}!")
    sheet.line(wheel_rim, "#0a0c0f", 4, stroke_opacity=0.8, stroke_linecap="round")
    if seats:
        for seat in seats:
            sheet.slab(seat, fill="#0a0c0f", fill_opacity=0.72)
