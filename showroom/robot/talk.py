"""What the robot says: plain answers from the car's own data, in the customer's language."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from babel.lists import format_list

from showroom.prices import price
from showroom.texts import CATALOGUES, LANGUAGES, Words, home_of

WORDS = Words(CATALOGUES)
TOPICS = ("price", "range", "boot", "paint", "equipment", "power")


def caption(language: str) -> str:
    """Return what stands in the picture."""
    return WORDS.translator(language)("robot.caption")


def price_text(vehicle: dict[str, Any], language: str) -> str:
    """Return a price as the language writes it, without the hundredths."""
    whole = vehicle["price"] // 100 * 100
    return price(whole, vehicle["currency"], home_of(language))


def named(text: str, vehicles: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the vehicle that a line of chat names, if it names one."""
    return next((v for v in vehicles if _says(text, (v["name"], v["id"]))), None)


def topic(text: str, language: str) -> str:
    """Return what a question is about, or `other`: by the language's words, else by any's."""
    for one in (language, *LANGUAGES):
        t = WORDS.translator(one)
        for name in TOPICS:
            if _says(text, t(f"robot.topic.{name}").split(", ")):
                return name
    return "other"


def _says(text: str, words: Iterable[str]) -> bool:
    """Say whether one of these words stands in a text, also in the plural: no part of another."""
    either = "|".join(map(re.escape, words))
    return re.search(rf"(?<![^\W\d])(?:{either})s?(?![^\W\d])", text, re.IGNORECASE) is not None


def say(key: str, vehicle: dict[str, Any], vehicles: list[dict[str, Any]], language: str) -> str:
    """Return one of the robot's lines about a vehicle."""
    if key == "range" and not vehicle["range_km"]:
        key = "power"
    elif key == "range" and vehicle["energy"] != "electric":
        key = "fuel_range"

    def listed(names: Sequence[str], style: str = "standard") -> str:
        return format_list(names, style, home_of(language))  # type: ignore[arg-type]

    return WORDS.translator(language)(
        f"robot.says.{key}",
        name=vehicle["name"],
        version=vehicle["version"],
        price=price_text(vehicle, language),
        range=vehicle["range_km"],
        power=vehicle["power_kw"],
        boot=vehicle["boot_litres"],
        seats=vehicle["seats"],
        paints=listed([paint["name"] for paint in vehicle["paints"]]),
        equipment=listed(vehicle["equipment"][:4]),
        cars=listed([car["name"] for car in vehicles], "or"),
    )[:500]
