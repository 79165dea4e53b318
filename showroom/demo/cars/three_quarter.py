"""Three quarters from the front: the flank and the front, laid on the solid body."""

from __future__ import annotations

from showroom.demo.cars import cockpit, face, fittings, front, side
from showroom.demo.cars.canvas import SCALE, Sheet, number
from showroom.demo.cars.curves import arc, circle, trace
from showroom.demo.cars.paint import Shades
from showroom.demo.cars.shapes import Car
from showroom.demo.cars.solid import Solid
from showroom.demo.cars.wheels import wheel


def draw_three_quarter(sheet: Sheet, car: Car, tones: Shades) -> None:
    """Draw the whole car, back to front."""
    solid = Solid(car)
    sheet.bent = True
    _floor(sheet, car, solid)
    _far_side(sheet, car, solid, tones)
    if car.open_top:
        _cockpit(sheet, car, solid, tones)
    _flank(sheet, car, solid, tones)
    _wheels(sheet, car, solid)
    _front(sheet, car, solid, tones)
    if car.open_top:
        sheet.part = "o"
        sheet.slope = 0.0
        sheet.place = solid.windscreen()
        cockpit.open_screen(sheet, car.front, tones)
    _near_mirror(sheet, car, solid, tones)


def _slope(sheet: Sheet, a: complex, b: complex) -> float:
    """Return how level lines run on the sheet between two points of the current drawing."""
    run = sheet.place(b) - sheet.place(a)
    return run.imag / run.real


def _as_is(p: complex) -> complex:
    """Return a point unchanged: it is in pixels already."""
    return p


def _floor(sheet: Sheet, car: Car, solid: Solid) -> None:
    sheet.part = "g"
    sheet.place = solid.ground()
    half, length = car.width / 2, car.length
    pool = sheet.radial("pool", [(0, "#8d949b", 0.42), (0.55, "#8d949b", 0.16), (1, "#8d949b", 0)])
    centre = sheet.place(complex(length / 2, 0))
    sheet.mark(
        f'<ellipse cx="{number(centre.real)}" cy="{number(centre.imag + 10)}" rx="585" ry="86"'
        f' fill="{pool}"/>'
    )
    for short, spread, inset, opacity in (("wide", 11, 30.0, 0.42), ("tight", 5, 200.0, 0.7)):
        a, b, w = 120 + inset, length - 60 - inset, half - inset
        sheet.path(
            trace(f"{a},{-w * 0.9}! {a - 60},0 {a},{w * 0.9}! {b},{w}! {b},{-w}! z"),
            fill="#000",
            fill_opacity=opacity,
            filter=sheet.soft(short, spread),
        )


def _far_side(sheet: Sheet, car: Car, solid: Solid, tones: Shades) -> None:
    """Draw what shows past the near flank: far tyres, floor pan, roof, the other mirror."""
    sheet.part = "b"
    radius, half = car.wheel.tyre, car.width / 2
    for axle in (car.front_axle, car.rear_axle):
        for z in (-half + 30, -half + 250):
            sheet.place = solid.upright(z)
            sheet.path(
                circle(complex(axle, radius), radius),
                fill="#0b0c0e",
                stroke="#26292d",
                stroke_width=0.8,
            )
    low = car.side.sill
    sheet.place = solid.upright(half * 0.8)
    sheet.path(
        trace(
            f"{car.front_axle},{low + 100}! {car.rear_axle},{low + 100}!"
            f" {car.rear_axle},{low - 55}! {car.front_axle},{low - 55}! z"
        ),
        fill="#060708",
    )
    if not car.open_top:
        # The middle of the roof stands a little above its near edge.
        sheet.place = solid.upright(0)
        sheet.path(trace(car.side.top), fill="#24282d" if car.side.roof else tones.light)
    sheet.place = solid.across(car.side.mirror.real + 40)
    face.mirrors(sheet, car.front, tones, seen_from_behind=False, only=-1)


def _cockpit(sheet: Sheet, car: Car, solid: Solid, tones: Shades) -> None:
    """Draw an open car between its screen and its tail: deck, well, seats, hoops."""
    sheet.part = "c"
    wide, top = car.width * 0.405, trace(car.side.top)
    start = trace(car.side.screen).curves[0][0].real
    rim = [p for p in top.points(8) if p.real > start and p.imag > 640]
    near = " ".join(f"{p.real:.0f},{p.imag:.0f}" for p in rim)
    sheet.place = solid.upright(-wide)
    deck = sheet.linear(
        "deck",
        [(0, tones.bright, 1), (0.4, tones.light, 1), (1, tones.base, 1)],
        complex(3000, 960),
        complex(3000, 700),
    )
    sheet.path(
        trace(f"{near} {rim[-1].real:.0f},400! {start:.0f},400! z"),
        fill=deck,
        stroke=tones.black,
        stroke_width=0.8,
    )
    back = max(rim, key=lambda p: p.imag)
    behind = [p for p in rim if p.real > back.real - 620]
    edge = [solid.see((p.real, p.imag, -wide)) for p in behind]
    edge += [solid.see((p.real, p.imag - 4, wide)) for p in reversed(behind)]
    lid = trace(" ".join(f"{p.real:.1f},{p.imag:.1f}!" for p in edge) + " z")
    sheet.place = _as_is
    sheet.path(lid, fill=tones.light)
    sheet.place = solid.level(880)
    sheet.path(
        trace(
            f"{start + 40},{-wide + 60}! {back.real - 620},{-wide + 70}!"
            f" {back.real - 500},{-wide + 220} {back.real - 500},{wide - 220}"
            f" {back.real - 620},{wide}! {start + 40},{wide}! z"
        ),
        fill="#0d0b0a",
        stroke="#2b2623",
        stroke_width=1.4,
    )
    for x, z in ((2480.0, -330.0), (2480.0, 330.0)):
        for rail in car.side.rails:
            sheet.place = solid.upright(z)
            sheet.path(
                trace(rail).shifted(dx=20), fill="#1b1e22", stroke="#9aa2a9", stroke_width=0.8
            )
        sheet.part = f"c{z:.0f}"
        sheet.place = solid.across(x)
        cockpit.seat(sheet, z, 800)


def _flank(sheet: Sheet, car: Car, solid: Solid, tones: Shades) -> None:
    sheet.part = "s"
    sheet.place = solid.flank()
    sheet.slope = _slope(sheet, complex(car.length * 0.3, 560), complex(car.length * 0.8, 560))
    side.underneath(sheet, car)
    body = side.outline(car)
    if car.side.rails and not car.open_top:
        # Before the paint, which hides their feet.
        sheet.path(
            [trace(rail).shifted(dy=-24) for rail in car.side.rails[-1:]],
            fill="#15171a",
            stroke="#8c949b",
            stroke_width=0.7,
        )
    side.painted(sheet, car, tones, body, turned=True)
    side.lines(sheet, car, tones, turned=True)
    if car.side.glass:
        side.glasshouse(sheet, car, turned=True)
    side.trim(sheet, car, tones, turned=True)
    fittings.tail_lamp(sheet, car)
    sheet.end()
    # Two edges that meet let the page through between them: this one runs under the next.
    top = min(car.height, trace(car.front.body).bounds()[3]) - 30
    heights = [car.side.sill + 20 + (top - car.side.sill - 20) * i / 16 for i in range(17)]
    seam = trace(" ".join(f"{solid.seam(y) + 2:.0f},{y:.0f}" for y in heights))
    sheet.line(seam, f"url(#{sheet.name('body')})", 3)
    if car.side.roof:
        dark = sheet.linear(
            "dark",
            [(0, "#1d2024", 1), (0.16, "#1d2024", 1), (0.17, "#1d2024", 0)],
            complex(car.length / 2, car.height),
            complex(car.length / 2, 0),
        )
        sheet.line(body, dark, 5)
    lit = sheet.linear(
        "edge",
        [(0, tones.glint, 0.9), (0.28, tones.glint, 0.2), (0.36, tones.glint, 0)],
        complex(car.length / 2, car.height),
        complex(car.length / 2, 0),
    )
    sheet.line(body, lit, 1)


def _wheels(sheet: Sheet, car: Car, solid: Solid) -> None:
    """Draw the near wheels: a band of rubber behind a face seen at an angle."""
    sheet.part = "w"
    radius, half = car.wheel.tyre, car.width / 2
    reference = wheel(sheet, car.wheel)
    half = solid.half_width(radius) + 8
    for axle in (car.front_axle, car.rear_axle):
        hub = complex(axle, radius)
        sheet.place = solid.flank()
        low = car.side.sill + 30
        inside = arc(hub, car.wheel.arch, -40, 220).then(
            trace(
                f"{axle - radius - 300},{low}! {axle - radius - 300},-90!"
                f" {axle + radius + 300},-90!"
                f" {axle + radius + 300},{low}!"
            )
        )
        sheet.begin(clip_path=sheet.clip(f"arch{axle:.0f}", inside))
        housing = arc(hub, car.wheel.arch + 20, -10, 190)
        sheet.place = solid.upright(half - 90)
        sheet.path(housing.then(), fill="#060708")
        for z, fill in ((half - 250, "#08090a"), (half - 120, "#101214"), (half - 60, "#1a1c1f")):
            sheet.place = solid.upright(z)
            sheet.path(circle(hub, radius), fill=fill)
        sheet.end()
        place = solid.upright(half - 28)
        at, right, up = place(hub), place(hub + 1), place(hub + 1j)
        along, rise = (right - at) / SCALE, -(up - at) / SCALE
        sheet.mark(
            f'<use href="{reference}" transform="matrix({along.real:.3f} {along.imag:.3f}'
            f" {rise.real:.3f}"
            f' {rise.imag:.3f} {number(at.real)} {number(at.imag)})"/>'
        )


def _front(sheet: Sheet, car: Car, solid: Solid, tones: Shades) -> None:
    sheet.part = "f"
    sheet.place = solid.front()
    half = car.width / 2
    sheet.slope = _slope(sheet, complex(-half * 0.7, 560), complex(half * 0.7, 560))
    front.draw_surface(sheet, car, tones, turned=True)
    far = sheet.linear(
        "far",
        [(0, tones.glint, 0.8), (0.45, tones.glint, 0.5), (0.7, tones.glint, 0)],
        complex(-half, 600),
        complex(half, 900),
    )
    sheet.line(face.whole(car.front.body), far, 1)
    sheet.bent = True


def _near_mirror(sheet: Sheet, car: Car, solid: Solid, tones: Shades) -> None:
    sheet.part = "m"
    sheet.slope = 0.0
    sheet.place = solid.across(car.side.mirror.real + 40)
    face.mirrors(sheet, car.front, tones, seen_from_behind=False, only=1)
