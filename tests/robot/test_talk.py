"""What the robot hears in a line of chat: whole words, and no car that nobody named."""

from typing import Any

import pytest

from showroom.robot.talk import caption, named, price_text, say, topic

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
    ("line", "language", "about"),
    [
        ("Is there an orange one?", "en", "other"),
        ("Which colours are there?", "en", "paint"),
        ("What does it cost?", "en", "price"),
        ("Elle coûte combien ?", "fr", "price"),
        ("Elle coûte combien ?", "en", "price"),
        ("400km?", "fr", "range"),
        ("What about the range", "xx", "range"),
        ("How many seats has it?", "en", "boot"),
        ("Breakfast", "en", "other"),
    ],
)
def test_a_question_is_about_what_its_words_say(line: str, language: str, about: str) -> None:
    assert topic(line, language) == about


@pytest.mark.parametrize(
    ("car", "words"),
    [(1, "420 km on one charge"), (0, "900 km without a stop"), (2, "It has 90 kW")],
)
def test_only_an_electric_car_goes_on_a_charge(car: int, words: str) -> None:
    assert words in say("range", CARS[car] | REST, CARS, "en")


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "€34,990"), ("fr", "34\u202f990\u00a0€"), ("xx", "€34,990")],
)
def test_a_price_is_written_as_the_language_writes_it(language: str, written: str) -> None:
    assert price_text({"price": 3_499_050, "currency": "EUR"}, language) == written


def test_what_it_lists_is_joined_as_the_language_joins() -> None:
    car = CARS[0] | REST | {"paints": [{"name": "bleu"}, {"name": "vert"}, {"name": "noir"}]}
    assert say("paint", car, CARS, "fr") == "Elle existe en bleu, vert et noir."
    assert say("other", car, CARS, "fr").endswith("Rive, Crête ou Estran.")
    assert say("paint", car, CARS, "xx") == "You can have it in bleu, vert and noir."


def test_the_picture_says_that_a_robot_speaks() -> None:
    assert [caption(one) for one in ("en", "fr", "xx")] == [
        "Robot advisor", "Robot-conseiller", "Robot advisor",
    ]  # fmt: skip
