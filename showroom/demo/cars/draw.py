"""From a model, an angle and a paint to a standalone picture."""

from __future__ import annotations

from showroom.demo.cars.canvas import GROUND, SCALE, WIDTH, Sheet
from showroom.demo.cars.curves import Placing
from showroom.demo.cars.front import draw_front
from showroom.demo.cars.models import CARS
from showroom.demo.cars.paint import PAINTS as EVERY_PAINT
from showroom.demo.cars.paint import Paint, shades
from showroom.demo.cars.rear import draw_rear
from showroom.demo.cars.side import draw_side
from showroom.demo.cars.three_quarter import draw_three_quarter

MODELS: tuple[str, ...] = tuple(CARS)
"""Slugs, smallest car first."""

ANGLES: tuple[str, ...] = ("three_quarter", "side", "front", "rear")

PAINTS: dict[str, tuple[Paint, ...]] = {
    slug: tuple(EVERY_PAINT[paint] for paint in car.paints) for slug, car in CARS.items()
}
"""The paints each model comes in, its launch colour first."""

_SEEN = {
    "side": "from the side",
    "front": "from the front",
    "rear": "from the rear",
    "three_quarter": "three quarters from the front",
}


def draw_car(model: str, angle: str, paint: str) -> str:
    """Return one SVG document: ``model`` seen from ``angle`` in ``paint``.

    Raises KeyError for a model, angle or paint the range does not have.
    """
    car, view = CARS[model], _SEEN[angle]
    colour = {one.slug: one for one in PAINTS[model]}[paint]
    title = f"Orvanne {car.name} in {colour.en}, {view}"
    # Ids are repeated a hundred times in a picture: car, view and paint in four characters.
    key = f"o{MODELS.index(model)}{angle[0]}{car.paints.index(paint)}"
    sheet = Sheet(key, title, _flat(car.length / 2 if angle == "side" else 0))
    tones = shades(colour)
    if angle == "side":
        draw_side(sheet, car, tones)
    elif angle == "three_quarter":
        draw_three_quarter(sheet, car, tones)
    elif angle == "front":
        draw_front(sheet, car, tones)
    else:
        draw_rear(sheet, car, tones)
    return sheet.svg()


def _flat(middle: float) -> Placing:
    """Return the placing seen square on, with ``middle`` on the sheet's centre line."""

    def place(p: complex) -> complex:
        return complex(WIDTH / 2 + (p.real - middle) * SCALE, GROUND - p.imag * SCALE)

    return place
