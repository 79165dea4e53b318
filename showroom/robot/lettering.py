"""Text with accents, drawn from outlines shipped with the package; no system font is needed.

`glyphs.npz` (licence: `glyphs.OFL.txt`) holds polygons in thousandths of the type size, y upwards
from the base line:

- `codes` (n,): the Unicode code points, rising; `advances` (n,): how far each moves the pen;
- `glyphs` (n + 1,): glyph i owns the contours `glyphs[i]` up to `glyphs[i + 1]`;
- `contours` (c + 1,): contour j owns the `points` (p, 2) from `contours[j]` up to the next.

It covers Latin with all European and Vietnamese accents, Greek, Cyrillic, and the currencies.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

_EM = 1000.0
_ASCENT, _DESCENT = 1.02, 0.28
_FINE = 4
_SUBPIXEL = 4  # bits
_MISSING = "\N{WHITE SQUARE}"


@cache
def _outlines() -> dict[str, tuple[float, list[NDArray[np.float64]]]]:
    """Every character's advance and contours, in ems."""
    with np.load(Path(__file__).with_name("glyphs.npz")) as stored:
        codes, advances, glyphs, contours, points = (
            stored[name] for name in ("codes", "advances", "glyphs", "contours", "points")
        )
    outlines = {}
    for index, code in enumerate(codes):
        spans = range(glyphs[index], glyphs[index + 1])
        outlines[chr(code)] = (
            float(advances[index]) / _EM,
            [points[contours[span] : contours[span + 1]] / _EM for span in spans],
        )
    box = np.array([(0.08, 0), (0.52, 0), (0.52, 0.7), (0.08, 0.7)])
    outlines[_MISSING] = (0.6, [box, 0.86 * (box - (0.3, 0.35)) + (0.3, 0.35)])
    return outlines


def lettering(text: str, size: float, *, spacing: float = 0.0) -> NDArray[np.uint8]:
    """Return the ink of one line of text, shape (h, w), 0 to 255.

    `size` is the type size in pixels; the base line lies `baseline(size)` below the upper edge.
    `spacing` widens the gaps between letters, in ems. A character without an outline is drawn as
    an empty box.
    """
    outlines = _outlines()
    polygons: list[NDArray[np.int32]] = []
    pen, scale = 0.04, size * _FINE * (1 << _SUBPIXEL)
    for character in unicodedata.normalize("NFC", text):
        advance, contours = outlines.get(character, outlines[_MISSING])
        for contour in contours:
            placed = np.stack([pen + contour[:, 0], _ASCENT - contour[:, 1]], axis=1)
            polygons.append(np.rint(placed * scale).astype(np.int32))
        pen += advance + spacing
    width = max(1, int(np.ceil((pen + 0.04) * size)))
    height = max(1, int(np.ceil((_ASCENT + _DESCENT) * size)))
    ink = np.zeros((height * _FINE, width * _FINE), dtype=np.uint8)
    if polygons:
        cv2.fillPoly(ink, polygons, 255, cv2.LINE_8, _SUBPIXEL)
    return np.asarray(cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def baseline(size: float) -> float:
    """How far the base line lies below the upper edge of `lettering`, in pixels."""
    return _ASCENT * size
