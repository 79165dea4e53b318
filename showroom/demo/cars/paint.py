"""Paints: their names, and the light and shade each one takes."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Paint:
    """One colour of the range. ``hex`` is what a swatch shows."""

    slug: str
    en: str
    fr: str
    hex: str


@dataclass(frozen=True)
class Shades:
    """The tones of one paint, from the deepest shadow to the glint of the flake."""

    black: str
    deep: str
    shade: str
    base: str
    light: str
    bright: str
    glint: str


PAINTS: dict[str, Paint] = {
    paint.slug: paint
    for paint in (
        Paint("embrun", "Sea-spray white", "Blanc Embrun", "#e9e8e3"),
        Paint("encre", "Ink black", "Noir Encre", "#1a1d23"),
        Paint("ardoise", "Slate grey", "Gris Ardoise", "#626b75"),
        Paint("brume", "Mist silver", "Argent Brume", "#b3bac0"),
        Paint("large", "Offshore blue", "Bleu Large", "#1d4678"),
        Paint("givre", "Frost blue", "Bleu Givre", "#9dbdd0"),
        Paint("pinede", "Pinewood green", "Vert Pinède", "#1f4b40"),
        Paint("lichen", "Lichen green", "Vert Lichen", "#8a9a80"),
        Paint("dune", "Dune sand", "Sable Dune", "#c4b08d"),
        Paint("falaise", "Cliff ochre", "Ocre Falaise", "#b4692c"),
        Paint("genet", "Broom yellow", "Jaune Genêt", "#e3b324"),
        Paint("corail", "Coral", "Corail", "#dd5f48"),
        Paint("grenat", "Garnet red", "Grenat Vendange", "#8e1525"),
    )
}

_NIGHT = (0.03, 0.035, 0.05)


def _channels(code: str) -> tuple[float, float, float]:
    r, g, b = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return r, g, b


def mix(code: str, towards: tuple[float, float, float], share: float) -> str:
    """``code`` with ``share`` of another colour in it, mixed as light mixes (gamma 2.2)."""
    mixed = (
        ((1 - share) * a**2.2 + share * b**2.2) ** (1 / 2.2)
        for a, b in zip(_channels(code), towards, strict=True)
    )
    return "#" + "".join(f"{round(255 * c):02x}" for c in mixed)


def luminance(code: str) -> float:
    """Return relative luminance, 0..1 (WCAG weights)."""
    r, g, b = (math.pow(c, 2.2) for c in _channels(code))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def shades(paint: Paint) -> Shades:
    """Return the tones of a paint. Dark paints get a cooler, stronger glint, as real ones do."""
    code = paint.hex
    r, g, b = _channels(code)
    strongest = max(r, g, b)
    # A highlight on yellow is still yellow: tint the light, or saturated paints turn to milk.
    tint = (0.35 + 0.6 * r / strongest, 0.38 + 0.59 * g / strongest, 0.42 + 0.57 * b / strongest)
    dark = 1 - min(1.0, luminance(code) * 2.2)
    return Shades(
        black=mix(code, _NIGHT, 0.93),
        deep=mix(code, _NIGHT, 0.80 - 0.12 * (1 - dark)),
        shade=mix(code, _NIGHT, 0.50 - 0.16 * (1 - dark)),
        base=code,
        light=mix(code, tint, 0.10 + 0.26 * (1 - dark)),
        bright=mix(code, tint, 0.30 + 0.32 * (1 - dark)),
        glint=mix(code, (0.97, 0.985, 1.0), 0.62 + 0.25 * (1 - dark)),
    )
