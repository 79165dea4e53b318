"""What the robot hears in a line of chat: whole words, and no car that nobody named."""

from typing import Any

import pytest

from showroom.robot.talk import named, say, topic

CARS: list[dict[str, Any]] = [
    {"id": "rive", "name": "Rive", "energy": "hybrid", "range_km": 900, "power_kw": 100},
    {"id": "crete", "name": "Crête", "energy": "electric", "range_km": 420, "power_kw": 150},
    {"id": "estran", "name": "Estran", "energy": "diesel", "range_km": None, "power_kw": 90},
]
REST = {
    "version": "", "price": 1, "currency": "EUR", "boot_litres": 1, "seats": 5, "paints": [],
    "equipment": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "car"),
    [
        ("Can I book a test drive?", None),
        ("Is it four-wheel drive?", None),
        ("Show me the Rive!", "rive"),
        ("la rive, s’il vous plaît", "rive"),
        ("And the CRÊTE?", "crete"),
        ("crete", "crete"),
    ],
)
def test_a_car_is_named_by_a_word_of_its_own(line: str, car: str | None) -> None:
    found = named(line, CARS)
    assert (found and found["id"]) == car


@pytest.mark.parametrize(
    ("line", "about"),
    [
        ("Is there an orange one?", "other"),
        ("Which colours are there?", "paint"),
        ("What does it cost?", "price"),
        ("Elle coûte combien ?", "price"),
        ("400km?", "range"),
        ("What about the range", "range"),
        ("How many seats has it?", "boot"),
        ("Breakfast", "other"),
    ],
)
def test_a_question_is_about_what_its_words_say(line: str, about: str) -> None:
    assert topic(line) == about


@pytest.mark.parametrize(
    ("car", "words"),
    [(1, "420 km on one charge"), (0, "900 km without a stop"), (2, "It has 90 kW")],
)
def test_only_an_electric_car_goes_on_a_charge(car: int, words: str) -> None:
    assert words in say("range", CARS[car] | REST, CARS, "en")
