"""The Orvanne range, drawn: every car of the demonstration, from every angle, in every paint."""

from __future__ import annotations

from showroom.demo.cars.draw import ANGLES, MODELS, PAINTS, draw_car

__all__ = ["ANGLES", "MODELS", "PAINTS", "draw_car"]
