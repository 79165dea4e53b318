"""The sheet a car is drawn on: pixels, gradients, and ids nobody else will use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from xml.sax.saxutils import escape

from showroom.demo.cars.curves import Curve, Placing, Shape, bend

WIDTH, HEIGHT = 1200, 520
SCALE = 0.215
"""Pixels per millimetre, the same for every model, so the van is really longer."""

GROUND = 468
"""Where the tyres stand, in pixels from the top."""

Stop = tuple[float, str, float]
"""Offset 0..1, colour, opacity."""

Attribute = str | float


def number(value: float) -> str:
    """Return a coordinate with one decimal and nothing it does not need."""
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def _pairs(points: Sequence[complex]) -> str:
    """Join coordinates; a minus sign, or a second point, is separator enough."""
    out = ""
    for p in points:
        for value in (p.real, p.imag):
            text = number(value)
            if text.startswith(("0.", "-0.")):
                text = text.replace("0.", ".", 1)
            last = out.rpartition(" ")[2].rpartition("-")[2]
            joined = not out or text.startswith("-") or (text.startswith(".") and "." in last)
            out += text if joined else f" {text}"
    return out


def _rounded(p: complex) -> complex:
    return complex(round(p.real, 1), round(p.imag, 1))


def _each(curve: Curve, place: Placing) -> Curve:
    a, b, c, d = curve
    return place(a), place(b), place(c), place(d)


def _along(part: complex, line: complex) -> bool:
    """Return whether ``part`` points the way ``line`` does."""
    return abs((part * line.conjugate()).imag) < 1e-6 * (abs(line) ** 2 + 1)


def attributes(given: dict[str, Attribute]) -> str:
    """Return SVG attributes; ``stroke_width`` becomes ``stroke-width``."""
    return "".join(
        f' {name.replace("_", "-")}="' + (value if isinstance(value, str) else f"{value:g}") + '"'
        for name, value in given.items()
    )


class Sheet:
    """Collects definitions and marks, then prints one standalone SVG.

    ``key`` begins every id, so several pictures can be inlined in one page.
    ``place`` turns a drawing's millimetres into pixels and may be swapped while drawing;
    say ``bent`` when it does not keep straight lines straight, and give each such
    drawing its own ``part`` of the ids and the ``slope`` (pixels down per pixel right)
    at which its level lines run, so that level gradients can follow them.
    """

    def __init__(self, key: str, title: str, place: Placing) -> None:
        self.key = key
        self.title = title
        self.place = place
        self.bent = False
        self.part = ""
        self.slope = 0.0
        self._defs: list[str] = []
        self._marks: list[str] = []
        self._names: set[str] = set()

    def name(self, short: str) -> str:
        """Return an id for this sheet only."""
        return f"{self.key}-{self.part}{short}"

    def _define(self, short: str, markup: str) -> str:
        if self.part + short not in self._names:
            self._names.add(self.part + short)
            self._defs.append(markup)
        return f"url(#{self.name(short)})"

    def linear(
        self,
        short: str,
        stops: Sequence[Stop],
        start: complex,
        end: complex,
        *,
        placed: bool = True,
    ) -> str:
        """Define a linear gradient between two points in the drawing's coordinates."""
        a, b = (self.place(start), self.place(end)) if placed else (start, end)
        if placed and self.slope and start.real == end.real:
            drop = (b - a).imag - self.slope * (b - a).real
            b = a + drop / (1 + self.slope**2) * complex(-self.slope, 1)
        return self._define(
            short,
            f'<linearGradient id="{self.name(short)}" gradientUnits="userSpaceOnUse"'
            f' x1="{number(a.real)}"'
            f' y1="{number(a.imag)}" x2="{number(b.real)}" y2="{number(b.imag)}">{_stops(stops)}'
            "</linearGradient>",
        )

    def radial(self, short: str, stops: Sequence[Stop]) -> str:
        """Define a radial gradient that fills the box of whatever wears it."""
        return self._define(
            short, f'<radialGradient id="{self.name(short)}">{_stops(stops)}</radialGradient>'
        )

    def clip(self, short: str, *shapes: Shape) -> str:
        """Define a clipping outline, or several as one."""
        d = "".join(self.d(one) for one in shapes)
        return self._define(short, f'<clipPath id="{self.name(short)}"><path d="{d}"/></clipPath>')

    def soft(self, short: str, spread: float) -> str:
        """Define a small blur, in pixels. Used sparingly: reflections only."""
        return self._define(
            short,
            f'<filter id="{self.name(short)}" filterUnits="userSpaceOnUse" x="0" y="0"'
            f' width="{WIDTH}" height="{HEIGHT}">'
            f'<feGaussianBlur stdDeviation="{spread:g}"/></filter>',
        )

    def group(self, short: str, markup: str) -> str:
        """Define a drawing to be stamped several times; return its reference for ``use``."""
        self._define(short, f'<g id="{self.name(short)}">{markup}</g>')
        return f"#{self.name(short)}"

    def d(self, shape: Shape) -> str:
        """Return path data of a shape, placed; relative, in tenths of a pixel, to stay small."""
        place = self.place
        pen = _rounded(place(shape.curves[0][0]))
        out = [f"M{_pairs([pen])}"]
        for curve in shape.curves:
            pieces = bend(curve, place) if self.bent else [_each(curve, place)]
            for a, b, c, e in pieces:
                if _along(b - a, e - a) and _along(c - a, e - a):
                    end = _rounded(e)
                    if end != pen:
                        out.append(f"l{_pairs([end - pen])}")
                else:
                    stops = [_rounded(p) for p in (b, c, e)]
                    out.append(f"c{_pairs([stop - pen for stop in stops])}")
                    end = stops[2]
                pen = end
        return "".join(out) + ("z" if shape.closed else "")

    def path(self, shape: Shape | Sequence[Shape], **given: Attribute) -> None:
        """Draw a shape, or several as one path (holes by ``fill_rule``)."""
        shapes = [shape] if isinstance(shape, Shape) else shape
        self.mark(f'<path d="{"".join(self.d(one) for one in shapes)}"{attributes(given)}/>')

    def slab(self, shape: Shape | Sequence[Shape], **given: Attribute) -> None:
        """Draw a rough area that a clip will trim: not worth bending exactly."""
        bent, self.bent = self.bent, False
        self.path(shape, **given)
        self.bent = bent

    def line(
        self, shape: Shape | Sequence[Shape], colour: str, width: float, **given: Attribute
    ) -> None:
        """Draw a shape as a stroke of ``width`` pixels."""
        self.path(shape, fill="none", stroke=colour, stroke_width=width, **given)

    def mark(self, markup: str) -> None:
        """Add markup as it is."""
        self._marks.append(markup)

    def begin(self, **given: Attribute) -> None:
        """Open a group."""
        self.mark(f"<g{attributes(given)}>")

    def end(self) -> None:
        """Close the group opened last."""
        self.mark("</g>")

    def _shared(self, markup: str) -> str:
        """Keep an outline drawn twice once, and stamp it: half the file, same picture."""
        counts = Counter(re.findall(r'<path d="([^"]{60,})"', markup))
        defs = ""
        for d, times in counts.items():
            if times > 1:
                short = f"{self.key}-o{len(defs) and defs.count('<path')}"
                defs += f'<path id="{short}" d="{d}"/>'
                markup = markup.replace(f'<path d="{d}"', f'<use href="#{short}"')
        return markup.replace("<defs>", f"<defs>{defs}", 1)

    def svg(self) -> str:
        """Return the whole picture."""
        self.part = ""
        label = self.name("title")
        return self._shared(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
            f' aria-labelledby="{label}"><title id="{label}">{escape(self.title)}</title>'
            f"<defs>{''.join(self._defs)}</defs>{''.join(self._marks)}</svg>\n"
        )


def _stops(stops: Sequence[Stop]) -> str:
    return "".join(
        f'<stop offset="{offset:.2g}" stop-color="{colour}"'
        + (f' stop-opacity="{opacity:g}"' if opacity < 1 else "")
        + "/>"
        for offset, colour, opacity in stops
    )
