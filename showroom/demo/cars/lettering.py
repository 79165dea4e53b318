"""What is written on a car: its plate, its maker's mark and name."""

from __future__ import annotations

from showroom.demo.cars.canvas import SCALE, Sheet, number
from showroom.demo.cars.curves import trace
from showroom.demo.cars.paint import Shades, luminance


def lying(sheet: Sheet, at: complex) -> str:
    """Return the transform that lays lettering on the drawing at a point."""
    p = sheet.place(at)
    right, up = (
        (sheet.place(at + 240) - sheet.place(at - 240)) / (480 * SCALE),
        (p - sheet.place(at + 40j)) / (40 * SCALE),
    )
    return (
        f"matrix({right.real:.3f} {right.imag:.3f} {up.real:.3f} {up.imag:.3f} {number(p.real)}"
        f" {number(p.imag)})"
    )


def plate(sheet: Sheet, at: float) -> None:
    """Draw a number plate that nobody else has."""
    half, tall = 245.0, 50.0
    sheet.path(
        trace(
            f"{-half},{at + tall}! {half},{at + tall}! {half},{at - tall}! {-half},{at - tall}! z"
        ),
        fill="#f3f4f1",
        stroke="#2a2d31",
        stroke_width=1.2,
        stroke_linejoin="round",
    )
    sheet.mark(
        f'<text transform="{lying(sheet, complex(0, at - 28))}"'
        ' font-family="Helvetica,Arial,sans-serif" font-size="14.5"'
        ' font-weight="700" letter-spacing="1.9" text-anchor="middle"'
        ' fill="#23262a">OR·VAN·NE</text>'
    )


def badge(sheet: Sheet, at: float) -> None:
    """Draw the Orvanne mark: a river's bend in a ring."""
    ring = trace(f"-62,{at}<90 0,{at + 44}<0 62,{at}<-90 0,{at - 44}<180 -62,{at}<90")
    metal = sheet.linear(
        "metal",
        [(0, "#fdfefe", 1), (0.5, "#aeb6bd", 1), (1, "#6a7178", 1)],
        complex(0, at + 44),
        complex(0, at - 44),
    )
    sheet.path(ring, fill="#101316", stroke=metal, stroke_width=2)
    sheet.line(
        trace(f"-40,{at - 12} -12,{at + 14} 12,{at - 12} 40,{at + 14}"),
        metal,
        2,
        stroke_linecap="round",
    )


def wordmark(sheet: Sheet, at: float, tones: Shades) -> None:
    """Draw the maker's name, letter by letter, as cars wear it now."""
    p = sheet.place(complex(0, at))
    # Bright letters vanish on pale paint, so they are smoked there.
    letters, relief = (
        ("#2d3238", tones.glint) if luminance(tones.base) > 0.3 else ("#e8ecef", tones.black)
    )
    for dy, colour in ((1.0, relief), (0.0, letters)):
        sheet.mark(
            f'<text x="{number(p.real + 4)}" y="{number(p.imag + dy)}"'
            ' font-family="Helvetica,Arial,sans-serif"'
            ' font-size="12.5" font-weight="600" letter-spacing="8" text-anchor="middle"'
            f' fill="{colour}">ORVANNE</text>'
        )
