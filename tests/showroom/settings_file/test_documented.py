"""docs/settings-file.md is true: its example can be applied, and it names all that there is."""

import re
from pathlib import Path

import pytest

from booking.handoff.endpoint import EndpointKind
from showroom.database import Database
from showroom.settings_file.people_tables import DEALER, ENDPOINT, STAFF
from showroom.settings_file.reading import Fields
from showroom.settings_file.showroom_tables import (
    ALARMS,
    POLICY,
    SHOWROOM,
    SHOWROOM_NEEDS,
    VEHICLE,
    VEHICLE_NEEDS,
    VISITS,
)
from showroom.words import Role
from tests.showroom.settings_file.samples import exported, files_of, parsed
from tests.virtual_clock import VirtualClock

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs/settings-file.md").read_text()
DEALERS_TEXT = (ROOT / "docs/dealers.md").read_text()


def example() -> str:
    found = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert found
    return found[1]


def section(heading: str) -> str:
    """Return what stands under a heading, until the next one."""
    return TEXT.partition(f"\n### `{heading}`")[2].partition("\n### ")[0]


async def test_the_example_makes_a_showroom_and_then_changes_nothing(
    database: Database, clock: VirtualClock
) -> None:
    files = files_of(database, clock)
    done = await files.apply(parsed(example()))
    assert done.lines == (
        "showroom nice · added",
        "dealer 06-01 of nice · added",
        "vehicle crete of nice · added",
        "endpoint Online store of nice · added",
        "staff nina@example.com · added as advisor, manager of nice",
    )
    again = await files.apply(parsed(example()))
    # A number as people write it is kept as it is dialled: the same number.
    assert again.lines == ()
    assert parsed(await exported(files))["staff"] == parsed(example())["staff"]


def test_the_example_names_every_field() -> None:
    (room,) = parsed(example())["showrooms"]
    assert room.keys() == {*SHOWROOM, "vehicles", "dealers", "endpoints"}
    assert room["policy"].keys() == POLICY.keys()
    assert room["visits"].keys() == VISITS.keys()
    assert {kind: list(rule) for kind, rule in room["alarms"].items()} == {
        kind: list(rule) for kind, rule in ALARMS.items()
    }
    for name, fields in (("vehicles", VEHICLE), ("dealers", DEALER), ("endpoints", ENDPOINT)):
        assert room[name][0].keys() == fields.keys()
    assert parsed(example())["staff"][0].keys() == STAFF.keys()


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        ("[showrooms.policy]", POLICY),
        ("[showrooms.visits]", VISITS),
        (
            "[showrooms.alarms]",
            {name: one for rule in ALARMS.values() for name, one in rule.items()},
        ),
        ("[[showrooms.vehicles]]", VEHICLE),
        ("[[staff]]", STAFF),
    ],
)
def test_every_field_is_described(heading: str, fields: Fields) -> None:
    described = re.findall(r"^\| (`[^|]+) \|", section(heading), re.MULTILINE)
    named = {name for cell in described for name in re.findall(r"`(\w+)`", cell)}
    assert named == set(fields)


def test_what_is_needed_is_said() -> None:
    for heading, needs in (
        ("[[showrooms]]", {name.split(".")[0] for name in SHOWROOM_NEEDS}),
        ("[[showrooms.vehicles]]", set(VEHICLE_NEEDS)),
    ):
        rows = re.findall(r"^\| (`[^|]+) \| needed \|", section(heading), re.MULTILINE)
        named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
        assert named == {*needs, "slug"}


def test_the_words_of_others_are_named() -> None:
    for kind in EndpointKind:
        assert f"`{kind.value}`" in section("[[showrooms.endpoints]]")
    for role in Role:
        assert f"`{role.value}`" in section("[[staff]]")
    for field in DEALER.keys() - {"closed"}:
        assert f"| `{field}` |" in DEALERS_TEXT
