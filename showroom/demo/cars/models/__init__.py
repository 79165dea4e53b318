"""The range, smallest car first: one module a model."""

from __future__ import annotations

from showroom.demo.cars.models import brise, crete, estran, halte, nuage, rive, sillage
from showroom.demo.cars.shapes import Car

CARS: dict[str, Car] = {
    module.CAR.slug: module.CAR for module in (nuage, rive, sillage, crete, estran, halte, brise)
}
