"""The range's pictures and its catalogue say the same things."""

from __future__ import annotations

import functools
import json
import re
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from showroom.demo import cars
from showroom.demo.cars import ANGLES, MODELS, PAINTS
from showroom.demo.cars.__main__ import write_all
from showroom.demo.cars.curves import trace
from showroom.demo.cars.models import CARS
from showroom.demo.cars.side import outline
from showroom.texts import LANGUAGES

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "web" / "static"
CATALOGUE: list[dict[str, Any]] = json.loads(
    (ROOT / "showroom" / "demo" / "catalogue.json").read_text(encoding="utf-8")
)
PICTURES = [
    (model, angle, paint.slug) for model in MODELS for angle in ANGLES for paint in PAINTS[model]
]
SVG = "{http://www.w3.org/2000/svg}"

one_of_each_view = pytest.mark.parametrize(("model", "angle"), list(product(MODELS, ANGLES)))


# Each picture is drawn once for all tests.
draw_car = functools.cache(cars.draw_car)


def first_paint(model: str) -> str:
    return PAINTS[model][0].slug


def test_every_committed_picture_is_what_the_code_draws_now() -> None:
    folder = STATIC / "vehicles"
    expected = {f"{model}-{angle}-{paint}.svg" for model, angle, paint in PICTURES}
    assert {path.name for path in folder.glob("*.svg")} == expected
    stale = [
        name
        for model, angle, paint in PICTURES
        if (folder / (name := f"{model}-{angle}-{paint}.svg")).read_text(encoding="utf-8")
        != draw_car(model, angle, paint)
    ]
    assert not stale, "run: python -m showroom.demo.cars web/static/vehicles"


def test_the_command_writes_one_file_for_every_picture(tmp_path: Path) -> None:
    assert write_all(tmp_path) == len(list(tmp_path.iterdir())) == len(PICTURES)


def test_the_pictures_are_small_enough_for_a_phone() -> None:
    sizes = {path.stem: path.stat().st_size for path in (STATIC / "vehicles").glob("*.svg")}
    # Three quarters shows two sides of the car, and is drawn with both.
    assert all(
        size < (36_000 if "-three_quarter-" in name else 25_000) for name, size in sizes.items()
    )
    assert sum(sizes.values()) < 2_500_000


@one_of_each_view
def test_a_picture_is_xml_with_a_title_and_nothing_that_runs_or_fetches(
    model: str, angle: str
) -> None:
    text = draw_car(model, angle, first_paint(model))
    root = ElementTree.fromstring(text)
    title = root.find(f"{SVG}title")
    assert title is not None
    assert CARS[model].name in (title.text or "")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == title.get("id")
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert not tags & {"script", "image", "foreignObject", "style", "a"}
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert not name.endswith("href") or value.startswith("#")
            assert all(ref.startswith("#") for ref in re.findall(r"url\(([^)]*)\)", value))


@one_of_each_view
def test_every_reference_in_a_picture_is_defined_in_it(model: str, angle: str) -> None:
    text = draw_car(model, angle, first_paint(model))
    defined = re.findall(r'\bid="([^"]+)"', text)
    assert len(defined) == len(set(defined))
    assert set(re.findall(r"url\(#([^)]+)\)", text)) | set(
        re.findall(r'href="#([^"]+)"', text)
    ) <= set(defined)


def test_no_two_pictures_share_an_id() -> None:
    seen: set[str] = set()
    for picture in PICTURES:
        ids = set(re.findall(r'\bid="([^"]+)"', draw_car(*picture)))
        assert not ids & seen
        seen |= ids


def test_every_picture_has_the_same_frame() -> None:
    frames = {ElementTree.fromstring(draw_car(*picture)).get("viewBox") for picture in PICTURES}
    assert frames == {"0 0 1200 520"}


@pytest.mark.parametrize("model", MODELS)
def test_a_side_outline_is_as_long_and_as_high_as_the_car(model: str) -> None:
    car = CARS[model]
    left, bottom, right, top = outline(car).bounds()
    assert right - left == pytest.approx(car.length, abs=30)
    assert bottom == pytest.approx(car.side.sill, abs=12)
    if not car.open_top:
        assert top == pytest.approx(car.height, abs=20)


@pytest.mark.parametrize("model", MODELS)
def test_a_face_is_as_wide_as_the_car(model: str) -> None:
    car = CARS[model]
    for face in (car.front, car.rear):
        assert 2 * trace(face.body).bounds()[2] == pytest.approx(car.width, abs=30)


def test_the_drawn_lengths_are_in_the_order_the_catalogue_gives() -> None:
    drawn = {model: outline(CARS[model]).bounds() for model in MODELS}
    by_drawing = sorted(MODELS, key=lambda model: drawn[model][2] - drawn[model][0])
    by_catalogue = [v["slug"] for v in sorted(CATALOGUE, key=lambda v: int(v["length_mm"]))]
    assert by_drawing == by_catalogue


def test_no_two_models_share_a_silhouette() -> None:
    def profile(model: str) -> list[float]:
        """Height over length at nine stations, the car's own size taken out."""
        points = outline(CARS[model]).points()
        length = CARS[model].length
        return [
            max(p.imag for p in points if abs(p.real / length - station / 10) < 0.06)
            / CARS[model].height
            for station in range(1, 10)
        ]

    profiles = {model: profile(model) for model in MODELS}
    for a, b in product(MODELS, MODELS):
        if a < b:
            gap = max(abs(x - y) for x, y in zip(profiles[a], profiles[b], strict=True))
            assert gap > 0.025, (a, b)


def test_the_catalogue_lists_the_models_and_their_paints() -> None:
    assert [v["slug"] for v in CATALOGUE] == list(MODELS)
    for vehicle in CATALOGUE:
        expected = [(p.slug, p.en, p.fr, p.hex) for p in PAINTS[vehicle["slug"]]]
        assert [
            (one["slug"], one["name"]["en"], one["name"]["fr"], one["hex"])
            for one in vehicle["paints"]
        ] == expected
        assert len(expected) >= 4
        assert vehicle["name"] == CARS[vehicle["slug"]].name
        assert vehicle["length_mm"] == CARS[vehicle["slug"]].length


def test_the_catalogue_s_pictures_exist_and_are_all_of_them() -> None:
    listed = [(v["slug"], p["angle"], p["paint"]) for v in CATALOGUE for p in v["pictures"]]
    assert sorted(listed) == sorted(PICTURES)
    for vehicle in CATALOGUE:
        for picture in vehicle["pictures"]:
            assert (STATIC / picture["path"]).is_file()


def test_the_catalogue_says_as_much_in_every_language_as_in_english() -> None:
    for vehicle in CATALOGUE:
        assert set(LANGUAGES) <= vehicle["tagline"].keys() == vehicle["equipment"].keys()
        assert {6 <= len(one) <= 8 for one in vehicle["equipment"].values()} == {True}
        assert len({len(one) for one in vehicle["equipment"].values()}) == 1
        assert len(set(vehicle["tagline"].values())) == len(vehicle["tagline"])
        for paint in vehicle["paints"]:
            assert paint["name"].keys() == vehicle["tagline"].keys()
        assert isinstance(vehicle["price"], int)
        assert vehicle["currency"] == "EUR"
        assert vehicle["energy"] in {"electric", "hybrid"}
        assert vehicle["stock"] in {"in stock", "to order"}


def test_a_car_paint_or_angle_the_range_does_not_have_is_refused() -> None:
    for wrong in (
        ("nimbus", "side", "corail"),
        ("nuage", "above", "corail"),
        ("nuage", "side", "tartan"),
    ):
        with pytest.raises(KeyError):
            draw_car(*wrong)
