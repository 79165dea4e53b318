"""The demo's data: complete, the same at each start, and its passwords are the owner's alone."""

import json
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from booking.dealers.directory import DealerKind, Dealers
from booking.store.secrets import StoreSecrets
from showroom.asking import Figures, Key
from showroom.call_figures import CallFigures
from showroom.clock import DAY_MS, system_clock
from showroom.database import Database
from showroom.days import days_of, today
from showroom.demo.seed import CATALOGUE, HISTORY, SIGN_INS, SLUG, SignIn, seed
from showroom.figure_tables import call_rollups, call_waits
from showroom.ids import StaffId
from showroom.passwords import Passwords
from showroom.showrooms import Showrooms
from showroom.staff import Staff
from showroom.texts import LANGUAGES
from showroom.vehicles import Vehicles
from showroom.words import Dimension, Role
from tests.samples import CHEAP

STATIC = Path(__file__).parents[3] / "web" / "static"


@pytest.fixture
async def sign_ins(database: Database, tmp_path: Path) -> list[SignIn]:
    return await seed(database, tmp_path, passwords=Passwords(CHEAP))


async def test_the_showroom_is_always_open_in_all_languages(
    database: Database, sign_ins: list[SignIn]
) -> None:
    showroom = await Showrooms(database).by_slug(SLUG)
    assert showroom.name == "Orvanne Live — Paris"
    assert showroom.languages[:2] == ("en", "fr")
    assert set(showroom.languages) == set(LANGUAGES)
    assert showroom.opening(system_clock()).until is None
    assert showroom.opening(system_clock()).open


async def test_its_calls_may_be_recorded(database: Database, sign_ins: list[SignIn]) -> None:
    assert (await Showrooms(database).by_slug(SLUG)).policy.recording


async def test_its_store_is_its_own_and_shares_a_secret_that_a_second_start_keeps(
    database: Database, tmp_path: Path, sign_ins: list[SignIn]
) -> None:
    showrooms, secrets = Showrooms(database), StoreSecrets(database, system_clock)
    showroom = await showrooms.by_slug(SLUG)
    assert showroom.store.url.startswith(f"/demo/store?showroom={SLUG}&")
    known = await secrets.of(showroom.id)
    assert len(known) == 1
    await seed(database, tmp_path, passwords=Passwords(CHEAP))
    assert await secrets.of(showroom.id) == known


async def test_there_are_dealers_and_agents_all_over_france(
    database: Database, sign_ins: list[SignIn]
) -> None:
    showroom = await Showrooms(database).by_slug(SLUG)
    dealers = Dealers(database, system_clock)
    there = await dealers.open(showroom.id)
    assert len(there) >= 12
    assert {one.kind for one in there} == set(DealerKind)
    # Each is where its own postcode is.
    for dealer in there:
        near = await dealers.nearest(showroom.id, "FR", dealer.postcode)
        assert dealer.code in [one.dealer.code for one in near if one.km < 10]


async def test_the_range_is_the_catalogue_s_with_words_and_pictures_for_each_car(
    database: Database, sign_ins: list[SignIn]
) -> None:
    showroom = await Showrooms(database).by_slug(SLUG)
    vehicles = await Vehicles(database).of(showroom.id)
    assert len(vehicles) >= 6
    assert [vehicle.slug for vehicle in vehicles] == [
        entry["slug"] for entry in json.loads(CATALOGUE.read_text())
    ]
    for vehicle in vehicles:
        assert set(LANGUAGES) <= set(vehicle.tagline) == set(vehicle.equipment)
        for picture in vehicle.pictures:
            assert (STATIC / picture.path).is_file(), picture.path


async def test_the_figures_have_ten_weeks_behind_them_once(
    database: Database, sign_ins: list[SignIn], tmp_path: Path
) -> None:
    showroom = await Showrooms(database).by_slug(SLUG)
    begun = days_of(showroom.zone, today(showroom.zone, system_clock()), 1)[0].from_ms

    async def told() -> dict[Key, CallFigures]:
        asked = Figures(database).figures
        return await asked(showroom, begun - 80 * DAY_MS, begun + DAY_MS, Dimension.ADVISOR)

    found = await told()
    assert sum(one.offered for one in found.values()) == HISTORY
    names = await Staff(database, system_clock).names(showroom.id)
    assert {names[StaffId(str(key))] for key in found if key} == {"Alice Martin", "Bruno Keller"}
    # Today is the visitor's own.
    assert (await Figures(database).figures(showroom, begun, begun + DAY_MS))[""].offered == 0
    await seed(database, tmp_path, passwords=Passwords(CHEAP))
    assert await told() == found
    # A start that died before it had counted them is made good by the next.
    async with database.write() as connection:
        await connection.execute(sa.delete(call_rollups))
        await connection.execute(sa.delete(call_waits))
    await seed(database, tmp_path, passwords=Passwords(CHEAP))
    assert await told() == found


async def test_everybody_can_sign_in_with_what_was_printed(
    database: Database, sign_ins: list[SignIn]
) -> None:
    staff = Staff(database, system_clock, Passwords(CHEAP))
    assert [role for _, _, role in sign_ins] == ["manager", "advisor", "advisor", "robot"]
    for email, password, role in sign_ins:
        session = await staff.session(
            await staff.open_session(await staff.check(email, password), 1)
        )
        assert session is not None
        assert session.robot is (role == "robot")
        (roles,) = session.roles.values()
        assert roles == {Role.MANAGER if role == "manager" else Role.ADVISOR}


async def test_a_second_start_changes_nothing_and_prints_the_same(
    database: Database, sign_ins: list[SignIn], tmp_path: Path
) -> None:
    before = await Showrooms(database).by_slug(SLUG)
    assert await seed(database, tmp_path, passwords=Passwords(CHEAP)) == sign_ins
    assert await Showrooms(database).by_slug(SLUG) == before


async def test_the_passwords_are_kept_where_only_their_owner_reads_them(
    sign_ins: list[SignIn], tmp_path: Path
) -> None:
    assert stat.S_IMODE((tmp_path / SIGN_INS).stat().st_mode) == 0o600
    assert len({password for _, password, _ in sign_ins}) == len(sign_ins)


async def test_a_lost_file_means_new_passwords_that_work(
    database: Database, sign_ins: list[SignIn], tmp_path: Path
) -> None:
    (tmp_path / SIGN_INS).unlink()
    again = await seed(database, tmp_path, passwords=Passwords(CHEAP))
    assert again != sign_ins
    staff = Staff(database, system_clock, Passwords(CHEAP))
    for email, password, _ in again:
        await staff.check(email, password)
