"""The picture: does it move, does every car look like itself, can its text be read?"""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import numpy as np
import pytest

from showroom.robot.body import STYLES, car
from showroom.robot.lettering import lettering
from showroom.robot.mesh import Material
from showroom.robot.painter import Camera, Painter
from showroom.robot.silhouettes import SILHOUETTES
from showroom.robot.turntable import Turntable

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SIZE = (320, 180)
SIDE_ON = np.pi / 2


def turntable(**changes: str) -> Turntable:
    words = {"name": "Crête", "price": "24 990 €", "body": "hatch", "paint": "#b3121f"} | changes
    return Turntable(**words, width=SIZE[0], height=SIZE[1])


def silhouette(style: str) -> np.ndarray:
    """Where the car is, from the side: a mask of one fixed view."""
    camera = Camera(distance=9, height=1, target=0.6, focal=400, centre=(160, 90))
    drawn = Painter(car(style), "#808080", camera, SIZE).draw(SIDE_ON)
    assert drawn is not None
    mask = np.zeros((SIZE[1], SIZE[0]), dtype=bool)
    height, width = drawn.image.shape[:2]
    mask[drawn.y : drawn.y + height, drawn.x : drawn.x + width] = drawn.image[:, :, 3] > 127
    return mask


def test_a_picture_has_the_size_that_was_asked_for() -> None:
    picture = turntable().draw(0, NOON)
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    assert picture.dtype == np.uint8


def test_the_car_turns() -> None:
    table = turntable()
    assert np.mean(table.draw(0, NOON) != table.draw(2, NOON)) > 0.05


def test_two_frames_differ_though_the_car_has_come_full_circle() -> None:
    table = turntable()
    first = table.draw(0, NOON)
    second = table.draw(26, NOON + timedelta(seconds=26))
    assert np.any(first != second)


def test_the_same_instant_gives_the_same_picture() -> None:
    assert np.array_equal(turntable().draw(3, NOON), turntable().draw(3, NOON))


def test_the_clock_shows_every_second() -> None:
    table = turntable()
    corner = (slice(0, 40), slice(SIZE[0] // 2, None))
    pictures = [table.draw(0, NOON + timedelta(seconds=n))[corner] for n in range(3)]
    assert all(np.any(a != b) for a, b in combinations(pictures, 2))


@pytest.mark.parametrize("words", [{"name": "Sicile"}, {"price": "31 500 €"}, {"caption": "Hallo"}])
def test_every_label_changes_the_picture(words: dict[str, str]) -> None:
    assert np.any(turntable().draw(0, NOON) != turntable(**words).draw(0, NOON))


def test_a_long_name_still_fits() -> None:
    picture = turntable(name="Grand Tourisme Élégance " * 6).draw(0, NOON)
    plain = turntable(name="").draw(0, NOON)
    changed = np.any(picture != plain, axis=2)
    assert changed.any()
    assert not changed[:, -8:].any()


def test_paint_colours_the_car() -> None:
    red = turntable(paint="#c01010").draw(0, NOON).astype(int)
    blue = turntable(paint="#1010c0").draw(0, NOON).astype(int)
    assert (red[:, :, 2] - red[:, :, 0]).sum() > 0 > (blue[:, :, 2] - blue[:, :, 0]).sum()


@pytest.mark.parametrize("paint", ["red", "#12", "#gggggg", ""])
def test_a_paint_that_is_no_colour_is_refused(paint: str) -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        turntable(paint=paint)


def test_an_unknown_body_is_refused() -> None:
    with pytest.raises(KeyError):
        turntable(body="hovercraft")


def test_every_body_style_has_its_own_silhouette() -> None:
    masks = {style: silhouette(style) for style in STYLES}
    for one, other in combinations(STYLES, 2):
        apart = np.sum(masks[one] ^ masks[other]) / np.sum(masks[one] | masks[other])
        assert apart > 0.03, f"{one} looks like {other}"


@pytest.mark.parametrize("style", STYLES)
def test_a_mesh_is_as_large_as_its_silhouette_says(style: str) -> None:
    mesh, shape = car(style), SILHOUETTES[style]
    painted = mesh.vertices[mesh.faces[mesh.of(Material.PAINT)]].reshape(-1, 3)
    assert np.ptp(painted[:, 0]) == pytest.approx(shape.length, abs=0.05)
    assert painted[:, 2].max() == pytest.approx(max(z for _, z in shape.top), abs=0.03)
    assert mesh.vertices[:, 2].min() >= -1e-4


@pytest.mark.parametrize("style", STYLES)
def test_a_mesh_has_every_material_and_unit_normals(style: str) -> None:
    mesh = car(style)
    optional = {Material.GLASS, Material.RAIL, Material.SEAT}
    expected = set(Material) - optional
    assert expected <= {Material(number) for number in mesh.materials}
    assert np.allclose(np.linalg.norm(mesh.facets, axis=1), 1, atol=1e-3)
    assert np.isfinite(mesh.normals).all()


@pytest.mark.parametrize("style", STYLES)
def test_a_car_is_the_same_from_both_sides(style: str) -> None:
    camera = Camera(distance=9, height=1, target=0.6, focal=400, centre=(159.5, 90))
    painter = Painter(car(style), "#808080", camera, SIZE)
    left, right = painter.draw(SIDE_ON), painter.draw(-SIDE_ON)
    assert left is not None
    assert right is not None
    assert abs(left.image.shape[1] - right.image.shape[1]) <= 2
    assert np.sum(left.image[:, :, 3] > 0) == pytest.approx(
        np.sum(right.image[:, :, 3] > 0), rel=0.02
    )


def test_a_car_out_of_the_picture_is_not_drawn() -> None:
    camera = Camera(distance=9, height=1, target=0.6, focal=400, centre=(-5000, 90))
    painter = Painter(car("city"), "#808080", camera, SIZE)
    assert painter.draw(0) is None
    assert painter.draw_reflection(0, 0.4) is None


@pytest.mark.parametrize(("accented", "plain"), [("Crête", "Crete"), ("Škoda", "Skoda")])
def test_accents_are_drawn(accented: str, plain: str) -> None:
    with_accent, without = lettering(accented, 40), lettering(plain, 40)
    assert with_accent.shape == without.shape
    assert with_accent.astype(int).sum() > without.astype(int).sum()


def test_composed_and_decomposed_accents_look_the_same() -> None:
    assert np.array_equal(lettering("Cr\u00eate", 30), lettering("Cre\u0302te", 30))


@pytest.mark.parametrize("sign", "€£ßøŁőžçñÅΩЖếâ\u2013\u2019")
def test_a_european_character_has_an_outline(sign: str) -> None:
    box = lettering("\ue000", 40)
    drawn = lettering(sign, 40)
    assert drawn.max() > 200
    assert not np.array_equal(drawn, box)


def test_a_character_without_an_outline_is_a_box() -> None:
    assert lettering("\ue000", 40).max() == 255
    assert np.array_equal(lettering("\ue000", 40), lettering("\ue001", 40))
