"""What the front and the rear have in common: a symmetrical body seen square on."""

from __future__ import annotations

from showroom.demo.cars.canvas import Sheet, Stop
from showroom.demo.cars.curves import Shape, trace
from showroom.demo.cars.paint import Shades
from showroom.demo.cars.shapes import Car, Face


def half_line(text: str) -> Shape:
    """Return a half line, level where it meets the middle, or the two would make a beak."""
    first, *inner, last = text.split()
    if first.startswith("0,") and "<" not in first:
        first = first.rstrip("!") + "<0"
    if last.startswith("0,") and "<" not in last:
        last = last.rstrip("!") + "<180"
    return trace(" ".join((first, *inner, last)))


def whole(text: str) -> Shape:
    """Return a half line from the middle outwards and back, with its mirror image, closed."""
    half = half_line(text)
    return half.then(half.mirrored().backwards())


def both(texts: tuple[str, ...]) -> list[Shape]:
    """Return each shape and its mirror image, joined where both ends are in the middle."""
    found: list[Shape] = []
    for text in texts:
        shape = half_line(text)
        if abs(shape.curves[0][0].real) < 1 and abs(shape.curves[-1][3].real) < 1:
            found.append(whole(text))
        else:
            found += [shape, shape.mirrored()]
    return found


def across(texts: tuple[str, ...]) -> list[Shape]:
    """Return half lines joined to their mirror images through the middle, left open."""
    found: list[Shape] = []
    for text in texts:
        half = half_line(text)
        found.append(Shape((*half.mirrored().backwards().curves, *half.curves)))
    return found


def body(
    sheet: Sheet, car: Car, face: Face, tones: Shades, waist: float, *, turned: bool = False
) -> Shape:
    """Draw the painted body and return its outline; leaves its clip open.

    ``waist`` is the height where it stops facing the sky.
    """
    shape = whole(face.body)
    half, low = car.width / 2, car.side.sill
    top = shape.bounds()[3]

    def at(y: float) -> float:
        return max(0.0, min(1.0, (top - y) / (top - low)))

    fill = sheet.linear(
        "body",
        [
            (0, tones.bright, 1),
            (at(waist + 230), tones.light, 1),
            (at(waist + 30), tones.bright, 1),
            (at(waist - 25), tones.base, 1),
            (at(waist - 230), tones.base, 1),
            (at(waist - 420), tones.shade, 1),
            (at(low + 60), tones.deep, 1),
            (1, tones.black, 1),
        ],
        complex(0, top),
        complex(0, low),
    )
    sheet.path(shape, fill=fill)
    sheet.begin(clip_path=sheet.clip("clip", shape))
    falls: list[Stop] = [
        (0, tones.black, 0.6),
        (0.1, tones.deep, 0.35),
        (0.4, tones.deep, 0.04),
        (0.65, tones.glint, 0.14),
        (0.9, tones.glint, 0.04),
        (1, tones.glint, 0.0),
    ]
    sides = sheet.linear(
        "sides",
        falls
        if turned
        else [
            (0, tones.black, 0.75),
            (0.07, tones.deep, 0.45),
            (0.2, tones.deep, 0.06),
            (0.34, tones.glint, 0.16),
            (0.5, tones.glint, 0.05),
            (0.66, tones.glint, 0.16),
            (0.8, tones.deep, 0.06),
            (0.93, tones.deep, 0.45),
            (1, tones.black, 0.75),
        ],
        complex(-half, 0),
        complex(half, 0),
    )
    sheet.path(shape, fill=sides)
    if car.side.roof:
        line = (
            trace(car.side.roof).curves[0][0].imag
            if face is car.front
            else trace(car.side.roof).bounds()[1] + 40
        )
        gloss = sheet.linear(
            "roof",
            [(0, "#59616a", 1), (0.3, "#24282d", 1), (1, "#0c0d0f", 1)],
            complex(0, top),
            complex(0, line),
        )
        sheet.path(
            trace(
                f"{-half},{line - 20}! 0,{line + 10} {half},{line - 20}! {half},{top + 50}!"
                f" {-half},{top + 50}! z"
            ),
            fill=gloss,
        )
    sheet.begin(filter=sheet.soft("soft", 4))
    creases = both(face.creases)
    sheet.line(creases, tones.glint, 8, stroke_opacity=0.55, transform="translate(0 -3.5)")
    sheet.line(creases, tones.deep, 10, stroke_opacity=0.45, transform="translate(0 6.5)")
    if not turned:
        sheet.line(shape, tones.glint, 8, stroke_opacity=0.35)
    sheet.end()
    sheet.line(creases, tones.glint, 1, stroke_opacity=0.6)
    sheet.path(
        trace(f"{-half},{low + 34} 0,{low + 44} {half},{low + 34}! {half},0! {-half},0! z"),
        fill="#0d0f11",
    )
    return shape


def glass(sheet: Sheet, face: Face) -> None:
    """Draw the screen, a sheen across it, and the sliver of side glass beyond the pillar."""
    screen = whole(face.glass)
    left, low, right, high = screen.bounds()
    glaze = sheet.linear(
        "glass",
        [(0, "#0d1115", 1), (0.45, "#252d34", 1), (1, "#5a6670", 1)],
        complex(0, high),
        complex(0, low),
    )
    if face.side_glass:
        sheet.path(both((face.side_glass,)), fill="#14181c", stroke="#07080a", stroke_width=0.8)
    sheet.path(screen, fill=glaze, stroke="#07080a", stroke_width=2.4)
    sheet.begin(clip_path=sheet.clip("screen", screen))
    seat = (right - left) * 0.24
    for x in (-seat, seat):
        sheet.slab(
            trace(
                f"{x - 170},{low}! {x - 160},{low + 110} {x - 90},{low + 165}!"
                f" {x - 85},{low + 250} {x},{low + 268}"
                f" {x + 85},{low + 250} {x + 90},{low + 165}! {x + 160},{low + 110}"
                f" {x + 170},{low}! z"
            ),
            fill="#090b0e",
            fill_opacity=0.6,
        )
    sheen = sheet.linear(
        "sheen", [(0, "#e6f0f7", 0.40), (1, "#e6f0f7", 0.03)], complex(0, high), complex(0, low)
    )
    lean = (high - low) * 0.8
    for share, wide in ((0.12, 0.20), (0.36, 0.03), (0.66, 0.08)):
        x, w = left + (right - left) * share, (right - left) * wide
        sheet.slab(
            trace(f"{x},{low}! {x + w},{low}! {x + w + lean},{high}! {x + lean},{high}! z"),
            fill=sheen,
        )
    sheet.end()
    sheet.line(screen, "#9aa7b1", 0.7, stroke_opacity=0.55)


def dark_parts(sheet: Sheet, car: Car, face: Face, tones: Shades) -> None:
    """Draw intakes, grille and diffuser, each with a lit lower lip."""
    if face.dark:
        parts = both(face.dark)
        _, low, _, high = parts[0].bounds()
        depth = sheet.linear(
            "depth",
            [(0, "#050607", 1), (0.6, "#15181b", 1), (1, "#2d3136", 1)],
            complex(0, high),
            complex(0, low),
        )
        sheet.path(parts, fill=depth, stroke=tones.black, stroke_width=1.2)
        sheet.begin(clip_path=sheet.clip("intakes", *parts))
        half = car.width / 2
        slats = [
            trace(f"{-half},{y}! {half},{y}!") for y in range(int(low) + 26, int(high) + 40, 40)
        ]
        sheet.slab(slats, fill="none", stroke="#3a4046", stroke_width=1.3, stroke_opacity=0.55)
        sheet.end()
        sheet.line(parts, tones.glint, 0.7, stroke_opacity=0.28, transform="translate(0 1)")
    if face.grille:
        parts = both(face.grille)
        _, low, _, high = parts[0].bounds()
        mesh = sheet.linear(
            "mesh",
            [(0, "#31363b", 1), (0.5, "#14171a", 1), (1, "#08090a", 1)],
            complex(0, high),
            complex(0, low),
        )
        sheet.path(parts, fill=mesh, stroke="#b9c1c8", stroke_width=1.1)


def shut_lines(sheet: Sheet, face: Face, tones: Shades) -> None:
    """Draw bonnet or boot edges."""
    gaps = both(face.shut)
    sheet.line(gaps, tones.glint, 0.9, stroke_opacity=0.45, transform="translate(0 1.3)")
    sheet.line(gaps, tones.black, 1.5, stroke_opacity=0.85)


def edge(sheet: Sheet, car: Car, tones: Shades, shape: Shape) -> None:
    """Draw the outline, lit from above."""
    top = shape.bounds()[3]
    lit = sheet.linear(
        "rim-light",
        [(0, tones.glint, 0.9), (0.6, tones.glint, 0.4), (1, tones.glint, 0)],
        complex(0, top),
        complex(0, car.side.sill + 200),
    )
    sheet.line(shape, tones.black, 1, stroke_opacity=0.6)
    sheet.line(shape, lit, 1.1)


def mirrors(sheet: Sheet, face: Face, tones: Shades, seen_from_behind: bool, only: int = 0) -> None:
    """Draw door mirrors: both, or the one on the near (1) or far (-1) side."""
    right, left = both((face.mirror,))
    shapes = [right, left] if only == 0 else [right] if only > 0 else [left]
    _, low, _, high = shapes[0].bounds()
    cap = sheet.linear(
        "mirror",
        [(0, tones.glint, 1), (0.45, tones.base, 1), (1, tones.deep, 1)],
        complex(0, high),
        complex(0, low),
    )
    sheet.path(shapes, fill=cap, stroke=tones.black, stroke_width=0.8)
    if seen_from_behind:
        for shape in shapes:
            x0, down, x1, up = shape.bounds()
            a, b, c, d = x0 + 22, x1 - 22, down + 20, up - 20
            sheet.path(
                trace(
                    f"{a},{(c + d) / 2}<90 {(a + b) / 2},{d}<0 {b},{(c + d) / 2}<-90"
                    f" {(a + b) / 2},{c}<180 {a},{(c + d) / 2}<90"
                ),
                fill="#4a5660",
                stroke="#0b0c0e",
                stroke_width=1,
            )
