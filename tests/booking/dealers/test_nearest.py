"""Where a postcode is, and how far it is from there: by open data, or by the dealers themselves."""

from pathlib import Path
from typing import Any

import pytest

from booking.dealers.nearest import FOLDER, Point, Postcodes, by_distance, distance_km
from showroom.ids import ShowroomId
from tests.dealers import LYON, a_dealer

PARIS, MADRID, SYDNEY = Point(48.8566, 2.3522), Point(40.4168, -3.7038), Point(-33.8688, 151.2093)
ROOM = ShowroomId("room")


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        (PARIS, MADRID, 1053),
        (PARIS, SYDNEY, 16_960),
        (Point(0, 179.5), Point(0, -179.5), 111.2),  # across the line where the date changes
        (Point(0, 0), Point(0, 180), 20_015),
        (Point(90, 0), Point(90, 77), 0),
        (PARIS, PARIS, 0),
    ],
)
def test_distances_are_those_of_the_globe(one: Point, other: Point, km: float) -> None:
    assert distance_km(one, other) == pytest.approx(km, rel=0.005, abs=1e-6)
    assert distance_km(other, one) == pytest.approx(distance_km(one, other))


@pytest.mark.parametrize(
    ("postcode", "near"),
    [
        ("75011", PARIS),
        ("75116", PARIS),
        (" 7 5011", PARIS),
        ("69003", Point(45.76, 4.85)),
        ("06000", Point(43.7, 7.26)),
        ("20000", Point(41.92, 8.74)),
        ("97400", Point(-20.88, 55.45)),
        ("75999", PARIS),  # of a firm with much post: not listed, its neighbours are
        ("75", PARIS),
    ],
)
def test_a_postcode_of_france_is_where_its_people_live(postcode: str, near: Point) -> None:
    found = Postcodes().find("FR", postcode)
    assert found is not None
    assert distance_km(found, near) < 40


@pytest.mark.parametrize("postcode", ["", "7", "00123", "97", "9", "ZZZ", "99999", "٧٥٠٠١"])
def test_what_is_no_postcode_is_nowhere(postcode: str) -> None:
    assert Postcodes().find("FR", postcode) is None


def test_without_a_file_the_dealers_say_where_a_postcode_is() -> None:
    berlin = {"country": "DE", "postcode": "10115", "latitude": 52.5, "longitude": 13.4}
    munich = {"country": "DE", "postcode": "80331", "latitude": 48.1, "longitude": 11.6}
    london = {"country": "GB", "postcode": "SW1A 1AA", "latitude": 51.5, "longitude": -0.1}
    places: list[dict[str, Any]] = [berlin, munich, london]
    there = [a_dealer(ROOM, **place) for place in places]
    postcodes = Postcodes()
    assert postcodes.find("DE", "10115", there) == Point(52.5, 13.4)
    assert postcodes.find("DE", "80999", there) == Point(48.1, 11.6)
    assert postcodes.find("DE", "20095", there) is None
    assert postcodes.find("GB", "sw1a2aa", there) == Point(51.5, -0.1)
    # Another country's postcodes say nothing.
    assert postcodes.find("AT", "1011", there) is None


def test_a_beginning_that_is_all_over_the_country_says_nothing() -> None:
    far = [
        a_dealer(ROOM, country="SE", postcode="10001", latitude=59.3, longitude=18.0),
        a_dealer(ROOM, country="SE", postcode="10999", latitude=55.6, longitude=13.0),
    ]
    assert Postcodes().find("SE", "10500", far) is None


def test_another_file_adds_a_country(tmp_path: Path) -> None:
    (tmp_path / "be.csv").write_text("postcode,latitude,longitude\n1000,50.85,4.35\n")
    assert Postcodes(tmp_path).find("BE", "1000") == Point(50.85, 4.35)
    assert Postcodes(tmp_path).find("FR", "75001") is None


def test_the_nearest_comes_first() -> None:
    lyon, paris = a_dealer(ROOM, "l", **LYON), a_dealer(ROOM, "p")
    assert [one.code for one, _ in by_distance([lyon, paris], PARIS)] == ["p", "l"]


def test_each_postcode_stands_once_and_in_france() -> None:
    lines = (FOLDER / "fr.csv").read_text().splitlines()[1:]
    codes = [line.split(",")[0] for line in lines]
    assert len(set(codes)) == len(codes) > 5000
    assert all(len(code) == 5 and code.isdigit() for code in codes)
    for line in lines:
        code, latitude, longitude = line.split(",")
        if not code.startswith("97"):
            assert 41 < float(latitude) < 51.3, line
            assert -5.3 < float(longitude) < 9.7, line
