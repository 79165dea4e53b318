"""The flank: a body under studio light, glass, shut lines, lamps and wheels.

Everything goes through ``sheet.place``, so the same drawing can be laid on a flat
sheet or wrapped round a body seen at an angle.
"""

from __future__ import annotations

import math

from showroom.demo.cars import cockpit, fittings, stance
from showroom.demo.cars.canvas import SCALE, Sheet
from showroom.demo.cars.curves import Shape, arc, circle, trace
from showroom.demo.cars.paint import Shades
from showroom.demo.cars.shapes import Car


def outline(car: Car) -> Shape:
    """Return the closed silhouette of the body, wheel arches cut out."""
    side, wheel = car.side, car.wheel
    top = trace(side.top)
    rear, front = (
        _arch(complex(axle, wheel.tyre), wheel.arch, side.sill)
        for axle in (car.rear_axle, car.front_axle)
    )
    return top.then(rear, front, Shape((_join(front.curves[-1][3], top.curves[0][0]),)))


def down(millimetres: float) -> str:
    """Return a shift down the sheet. Moving a drawn line costs less than drawing it again."""
    return f"translate(0 {millimetres * SCALE:.1f})"


def _join(a: complex, b: complex) -> tuple[complex, complex, complex, complex]:
    return a, a + (b - a) / 3, b - (b - a) / 3, b


def _arch(centre: complex, radius: float, sill: float) -> Shape:
    """Return the arch from its rear foot, over the wheel, to its front foot."""
    foot = math.degrees(math.asin((sill - centre.imag) / radius))
    return arc(centre, radius, foot, 180 - foot)


def draw_side(sheet: Sheet, car: Car, tones: Shades) -> None:
    """Draw the whole flank, back to front."""
    stance.along(sheet, car.length, car.front_axle, car.rear_axle, car.wheel.tyre)
    body = outline(car)
    underneath(sheet, car)
    if car.open_top:
        cockpit.cabin(sheet, car, tones)
    painted(sheet, car, tones, body)
    lines(sheet, car, tones)
    if car.side.glass:
        glasshouse(sheet, car)
    trim(sheet, car, tones)
    fittings.head_lamp(sheet, car)
    fittings.tail_lamp(sheet, car)
    sheet.end()
    edge(sheet, car, tones, body)
    fittings.wheels_seen_from_the_side(sheet, car)
    fittings.side_mirror(sheet, car, tones)


def underneath(sheet: Sheet, car: Car) -> None:
    """Draw what shows in the arches and under the sill: shadow, not page."""
    wheel = car.wheel
    sheet.slab(
        [
            circle(complex(axle, wheel.tyre), wheel.arch + 4)
            for axle in (car.front_axle, car.rear_axle)
        ],
        fill="#060708",
    )
    low = car.side.sill
    a, b = car.front_axle, car.rear_axle
    sheet.path(
        trace(f"{a},{low + 90}! {b},{low + 90}! {b},{low - 45}! {a},{low - 45}! z"), fill="#08090a"
    )


def painted(sheet: Sheet, car: Car, tones: Shades, body: Shape, *, turned: bool = False) -> None:
    """Paint under a softbox: sky on the shoulders, horizon on the doors, road below.

    ``turned`` when the car does not end where the flank does. Leaves its clip open.
    """
    side, length = car.side, car.length
    shoulder, lower = trace(side.shoulder), trace(side.lower)
    belt = shoulder.curves[len(shoulder.curves) // 2][0].imag
    span = car.height - side.sill

    def at(y: float) -> float:
        return max(0.0, min(1.0, (car.height - y) / span))

    fill = sheet.linear(
        "body",
        [
            (0, tones.bright, 1),
            (at(belt + 120), tones.light, 1),
            (at(belt + 5), tones.base, 1),
            (at(belt - 130), tones.base, 1),
            (at(belt - 330), tones.shade, 1),
            (at(side.sill + 90), tones.deep, 1),
            (1, tones.black, 1),
        ],
        complex(0, car.height),
        complex(0, side.sill),
    )
    sheet.path(body, fill=fill)
    sheet.begin(clip_path=sheet.clip("clip", body))
    soft = sheet.soft("soft", 5)
    sheet.begin(filter=soft)
    sheet.line(shoulder, tones.deep, 15, stroke_opacity=0.5, transform=down(52))
    sheet.line(shoulder, tones.glint, 9, stroke_opacity=0.75, transform=down(-34))
    horizon = shoulder.shifted(dy=-105).then(
        trace(
            f"{length},{lower.bounds()[3] + 120} {length / 2},{lower.bounds()[1] + 165}"
            f" 0,{lower.bounds()[1] + 200}"
        )
    )
    sheet.slab(horizon, fill=tones.bright, fill_opacity=0.20)
    sheet.line(shoulder, tones.bright, 12, stroke_opacity=0.25, transform=down(165))
    sheet.line(lower, tones.bright, 11, stroke_opacity=0.55, transform=down(-34))
    sheet.line(lower, tones.black, 18, stroke_opacity=0.6, transform=down(44))
    for axle in (car.front_axle, car.rear_axle):
        lip = arc(complex(axle, car.wheel.tyre), car.wheel.arch + 26, 22, 158)
        sheet.line(lip, tones.glint, 7, stroke_opacity=0.5)
        sheet.line(
            arc(complex(axle, car.wheel.tyre), car.wheel.arch + 95, 10, 170),
            tones.deep,
            9,
            stroke_opacity=0.22,
        )
    if not turned:
        sheet.line(trace(side.top), tones.glint, 13, stroke_opacity=0.8)
    sheet.end()
    ends = (
        [("tail-end", length, length - 380.0)]
        if turned
        else [("nose", 0.0, 420.0), ("tail-end", length, length - 380.0)]
    )
    for short, start, end in ends:
        dark = sheet.linear(
            short,
            [(0, tones.black, 0.62), (0.35, tones.deep, 0.3), (1, tones.deep, 0)],
            complex(start, belt),
            complex(end, belt),
        )
        sheet.path(body, fill=dark)
    sheet.line(shoulder, tones.glint, 1.3, stroke_opacity=0.85)
    sheet.line(shoulder, tones.black, 1.4, stroke_opacity=0.35, transform=down(9))
    sheet.line(lower, tones.glint, 1, stroke_opacity=0.55)
    sheet.line(lower, tones.black, 1.2, stroke_opacity=0.4, transform=down(7))


def lines(sheet: Sheet, car: Car, tones: Shades, *, turned: bool = False) -> None:
    """Draw shut lines: a dark gap with a lit edge, or they read as pen strokes."""
    side = car.side
    texts = (
        side.doors
        if turned
        else (*side.doors, *side.bumpers, *((side.bonnet,) if side.bonnet else ()))
    )
    gaps = [trace(text) for text in texts]
    sheet.line(gaps, tones.glint, 0.9, stroke_opacity=0.45, transform="translate(1.5 .4)")
    sheet.line(gaps, tones.black, 1.5, stroke_opacity=0.9)
    if side.flap:
        sheet.line(circle(side.flap, 68), tones.black, 1, stroke_opacity=0.6)
    for handle in side.handles:
        fittings.handle(sheet, handle, tones)


def glasshouse(sheet: Sheet, car: Car, *, turned: bool = False) -> None:
    """Draw the roof if it is dark, screens seen edge on, the panes and what is behind them."""
    side = car.side
    if side.roof:
        gloss = sheet.linear(
            "roof",
            [(0, "#59616a", 1), (0.35, "#1d2024", 1), (1, "#0c0d0f", 1)],
            complex(0, car.height),
            complex(0, car.height - 420),
        )
        sheet.path(trace(side.roof), fill=gloss)
    glaze = sheet.linear(
        "glass",
        [(0, "#0f1317", 1), (0.3, "#1b2127", 1), (0.72, "#3a444d", 1), (1, "#56626c", 1)],
        complex(0, car.height - 40),
        complex(0, trace(side.glass).bounds()[1]),
    )
    for text in (side.screen, side.backlight):
        if text and not turned:
            sheet.path(trace(text), fill=glaze, stroke="#07080a", stroke_width=1.2)
    frame = trace(side.glass)
    sheet.path(frame, fill="#08090b")
    sheet.line(frame, "#aab2b9", 1.6, stroke_opacity=0.85)
    sheet.line(frame, "#08090b", 0.9, transform="translate(0 .9)")
    panes = [trace(text) for text in side.panes]
    sheet.path(panes, fill=glaze)
    sheet.begin(clip_path=sheet.clip("panes", *panes))
    fittings.occupants_seats(sheet, car)
    left, low, right, high = frame.bounds()
    fittings.reflections(sheet, left, low, right, high)
    sheet.end()
    sheet.line(panes, "#8fa0ad", 0.7, stroke_opacity=0.5)


def trim(sheet: Sheet, car: Car, tones: Shades, *, turned: bool = False) -> None:
    """Draw sills, cladding, rails: the parts that are not painted."""
    side, wheel = car.side, car.wheel
    plastic = sheet.linear(
        "trim",
        [(0, "#3b3f44", 1), (0.25, "#26292d", 1), (1, "#0d0e10", 1)],
        complex(0, side.sill + 190),
        complex(0, side.sill),
    )
    a, b = car.front_axle, car.rear_axle
    if side.cladding:
        height = side.sill + side.cladding
        sheet.path(trace(f"{a},{height}! {b},{height}! {b},0! {a},0! z"), fill=plastic)
        for axle in (a, b):
            ring = arc(complex(axle, wheel.tyre), wheel.arch + side.cladding * 0.26, -12, 192)
            sheet.line(ring, "#1f2225", side.cladding * 0.13, stroke_linecap="butt")
            sheet.line(
                arc(complex(axle, wheel.tyre), wheel.arch + side.cladding * 0.54, 15, 165),
                "#6a7077",
                0.9,
                stroke_opacity=0.8,
            )
        sheet.line(
            trace(f"{a + wheel.arch},{height}! {b - wheel.arch},{height}!"),
            "#6a7077",
            0.9,
            stroke_opacity=0.7,
        )
    else:
        height = side.sill + 46
        sheet.path(trace(f"{a},{height}! {b},{height}! {b},0! {a},0! z"), fill=plastic)
        sheet.line(trace(f"{a},{height}! {b},{height}!"), tones.black, 1, stroke_opacity=0.7)
    # The skirt carries on under the nose and rises into the diffuser behind.
    chin = side.sill + (side.cladding or 46)
    rise = side.cladding * 0.5 + 130
    if side.cladding or not turned:
        sheet.path(
            trace(f"-50,{chin + 20}! {a - 500},{chin}! {a},{chin}! {a},0! -50,0! z"), fill=plastic
        )
    sheet.path(
        trace(
            f"{b},{chin}! {b + 480},{chin + 10} {car.length - 60},{side.sill + rise}!"
            f" {car.length + 90},{side.sill + rise}! {car.length + 50},0! {b},0! z"
        ),
        fill=plastic,
    )
    for vent in side.vents[1:] if turned else side.vents:
        sheet.path(trace(vent), fill="#0b0c0e", stroke=tones.black, stroke_width=0.8)


def edge(sheet: Sheet, car: Car, tones: Shades, body: Shape) -> None:
    """Draw a fine outline, lit from above, so a dark car parts from a dark page."""
    sheet.line(body, tones.black, 0.8, stroke_opacity=0.55)
    lit = sheet.linear(
        "rim-light",
        [(0, tones.glint, 0.95), (0.55, tones.glint, 0.45), (1, tones.glint, 0)],
        complex(0, car.height),
        complex(0, car.side.sill + 250),
    )
    sheet.line(trace(car.side.top), lit, 1.2)
    for rail in car.side.rails:
        sheet.path(trace(rail), fill="#15171a", stroke="#8c949b", stroke_width=0.7)
