"""What the robot says: plain answers from the car's own data, in the customer's language."""

import re
from collections.abc import Iterable
from typing import Any

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "hello": "Hello, I am the robot advisor and stand in until a human is free.",
        "turn": "This is the {name}, {version}, from {price}. Ask me anything about it.",
        "price": "The {name} costs {price} as {version}.",
        "range": "It goes {range} km on one charge and has {power} kW.",
        "fuel_range": "It goes {range} km without a stop and has {power} kW.",
        "power": "It has {power} kW.",
        "boot": "The boot takes {boot} litres, and there are {seats} seats.",
        "paint": "You can have it in {paints}.",
        "equipment": "Among other things it has: {equipment}.",
        "other": "I can tell you about price, range, boot, colours and equipment, or show you "
        "another car: {cars}.",
    },
    "fr": {
        "hello": "Bonjour, je suis le robot-conseiller et je remplace un humain pour l’instant.",
        "turn": "Voici la {name}, {version}, à partir de {price}. Posez-moi vos questions.",
        "price": "La {name} coûte {price} en version {version}.",
        "range": "Elle parcourt {range} km avec une charge et développe {power} kW.",
        "fuel_range": "Elle parcourt {range} km sans s’arrêter et développe {power} kW.",
        "power": "Elle développe {power} kW.",
        "boot": "Le coffre contient {boot} litres et il y a {seats} places.",
        "paint": "Elle existe en {paints}.",
        "equipment": "Elle offre entre autres : {equipment}.",
        "other": "Je peux parler du prix, de l’autonomie, du coffre, des couleurs et de "
        "l’équipement, ou montrer une autre voiture : {cars}.",
    },
}
TOPICS = {
    "price": ("price", "cost", "how much", "prix", "coût", "coûte", "combien"),
    "range": ("range", "far", "km", "battery", "charge", "charging", "autonomie", "batterie"),
    "boot": ("boot", "trunk", "seat", "space", "luggage", "coffre", "place", "bagage"),
    "paint": ("colour", "color", "paint", "couleur", "peinture", "teinte"),
    "equipment": ("equipment", "option", "feature", "équipement", "equipement"),
    "power": ("power", "kw", "engine", "fast", "puissance", "moteur"),
}


def price_text(vehicle: dict[str, Any], language: str) -> str:
    """Return a price as the language writes it, without the hundredths."""
    whole = f"{vehicle['price'] // 100:,}"
    sign = {"EUR": "€", "GBP": "£"}.get(vehicle["currency"], vehicle["currency"])
    if language == "en":
        return f"{sign}{whole}"
    return f"{whole.replace(',', ' ')} {sign}"


def named(text: str, vehicles: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the vehicle that a line of chat names, if it names one."""
    return next((v for v in vehicles if _says(text, (v["name"], v["id"]))), None)


def topic(text: str) -> str:
    """Return what a question is about, or `other`."""
    return next((t for t, words in TOPICS.items() if _says(text, words)), "other")


def _says(text: str, words: Iterable[str]) -> bool:
    """Say whether one of these words stands in a text, also in the plural: no part of another."""
    either = "|".join(map(re.escape, words))
    return re.search(rf"(?<![^\W\d])(?:{either})s?(?![^\W\d])", text, re.IGNORECASE) is not None


def say(key: str, vehicle: dict[str, Any], vehicles: list[dict[str, Any]], language: str) -> str:
    """Return one of the robot's lines about a vehicle."""
    texts = TEXTS.get(language, TEXTS["en"])
    if key == "range" and not vehicle["range_km"]:
        key = "power"
    elif key == "range" and vehicle["energy"] != "electric":
        key = "fuel_range"
    return texts[key].format(
        name=vehicle["name"],
        version=vehicle["version"],
        price=price_text(vehicle, language),
        range=vehicle["range_km"],
        power=vehicle["power_kw"],
        boot=vehicle["boot_litres"],
        seats=vehicle["seats"],
        paints=", ".join(paint["name"] for paint in vehicle["paints"]),
        equipment=", ".join(vehicle["equipment"][:4]),
        cars=", ".join(car["name"] for car in vehicles),
    )[:500]
