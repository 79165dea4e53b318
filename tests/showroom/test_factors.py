"""The second factor: the codes of RFC 6238, each right once, and codes on paper."""

import asyncio

import pyotp
import pytest
import sqlalchemy as sa

from showroom.database import Database
from showroom.errors import Forbidden, IllegalMove, NotFound, WrongCode
from showroom.factors import Factors
from showroom.ids import StaffId
from showroom.staff import SessionEnd
from showroom.staff_tables import staff_factors, staff_recovery_codes
from showroom.words import Role
from tests.samples import saved_advisor, saved_showroom
from tests.showroom.test_team import ALICE, Hall, session
from tests.virtual_clock import VirtualClock

SECRET = "k" * 32


@pytest.fixture
def factors(database: Database, clock: VirtualClock) -> Factors:
    return Factors(database, clock, SECRET)


async def somebody(database: Database) -> StaffId:
    await saved_showroom(database)
    return await saved_advisor(database)


class Phone:
    """An authenticator app, by its own clock."""

    def __init__(self, secret: str, clock: VirtualClock) -> None:
        self._app, self._clock = pyotp.TOTP(secret), clock

    def code(self, seconds: int = 0) -> str:
        return self._app.at(self._clock() // 1000 + seconds)


async def turned_on(
    factors: Factors, who: StaffId, clock: VirtualClock
) -> tuple[Phone, tuple[str, ...]]:
    await factors.begin(who)
    secret = (await factors.of(who)).secret
    assert secret
    phone = Phone(secret, clock)
    codes = await factors.confirm(who, phone.code())
    clock.advance(seconds=30)
    return phone, codes


async def signs_in(factors: Factors, who: StaffId, code: str) -> StaffId:
    token = await factors.first_step(who)
    assert token
    return await factors.second_step(token, code)


async def test_a_code_confirms_it_and_is_asked_for_from_then_on(
    database: Database, factors: Factors, clock: VirtualClock
) -> None:
    alice = await somebody(database)
    assert await factors.first_step(alice) is None
    await factors.begin(alice)
    assert await factors.first_step(alice) is None, "nobody is shut out by half of it"
    for wrong in ("000000", "", "é", "\ud800"):
        with pytest.raises(WrongCode):
            await factors.confirm(alice, wrong)
    phone, codes = await turned_on(factors, alice, clock)
    found = await factors.of(alice)
    assert (found.on, found.secret, found.codes_left, len(set(codes))) == (True, None, 10, 10)
    assert await signs_in(factors, alice, phone.code()) == alice
    with pytest.raises(IllegalMove):
        await factors.begin(alice)
    with pytest.raises(IllegalMove):
        await factors.confirm(alice, phone.code())


async def test_neither_a_used_code_nor_an_older_one_is_right_again(
    database: Database, factors: Factors, clock: VirtualClock
) -> None:
    alice = await somebody(database)
    phone, _ = await turned_on(factors, alice, clock)
    clock.advance(seconds=60)
    older, code = phone.code(-30), phone.code()
    assert await signs_in(factors, alice, code) == alice
    for used in (code, older):
        with pytest.raises(WrongCode):
            await signs_in(factors, alice, used)
    clock.advance(seconds=30)
    assert await signs_in(factors, alice, phone.code()) == alice


async def test_of_two_at_once_with_one_code_one_gets_in(
    database: Database, factors: Factors, clock: VirtualClock
) -> None:
    alice = await somebody(database)
    phone, _ = await turned_on(factors, alice, clock)
    token = await factors.first_step(alice)
    assert token
    tries = [factors.second_step(token, phone.code()) for _ in range(4)]
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert [one for one in found if not isinstance(one, Exception)] == [alice]


async def test_a_phone_s_clock_may_be_half_a_minute_off_and_no_more(
    database: Database, factors: Factors, clock: VirtualClock
) -> None:
    alice = await somebody(database)
    phone, _ = await turned_on(factors, alice, clock)
    clock.advance(seconds=600)
    for seconds in (-60, 60):
        with pytest.raises(WrongCode):
            await signs_in(factors, alice, phone.code(seconds))
    for seconds in (-30, 30):
        assert await signs_in(factors, alice, phone.code(seconds)) == alice


async def test_a_recovery_code_lets_its_owner_in_once(
    database: Database, factors: Factors, clock: VirtualClock
) -> None:
    alice = await somebody(database)
    bruno = await saved_advisor(database, "bruno@orvanne.example")
    _, codes = await turned_on(factors, alice, clock)
    await turned_on(factors, bruno, clock)
    with pytest.raises(WrongCode):
        await signs_in(factors, bruno, codes[0])
    assert await signs_in(factors, alice, f" {codes[0].replace('-', '')} ") == alice
    with pytest.raises(WrongCode):
        await signs_in(factors, alice, codes[0])
    assert (await factors.of(alice)).codes_left == 9


async def test_the_second_step_holds_ten_minutes_and_works_once(
    database: Database, factors: Factors, clock: VirtualClock
) -> None:
    alice = await somebody(database)
    phone, _ = await turned_on(factors, alice, clock)
    token = await factors.first_step(alice)
    assert token
    await factors.second_step(token, phone.code())
    clock.advance(seconds=30)
    with pytest.raises(NotFound):
        await factors.second_step(token, phone.code())
    token = await factors.first_step(alice)
    assert token
    clock.advance(seconds=600)
    with pytest.raises(NotFound):
        await factors.half_way(token)


async def test_a_copy_of_the_database_makes_no_codes(
    database: Database, factors: Factors, clock: VirtualClock
) -> None:
    alice = await somebody(database)
    await factors.begin(alice)
    secret = (await factors.of(alice)).secret
    assert secret
    codes = await factors.confirm(alice, Phone(secret, clock).code())
    async with database.read() as connection:
        rows = [
            *await connection.execute(sa.select(staff_factors)),
            *await connection.execute(sa.select(staff_recovery_codes)),
        ]
    assert all(known not in str(rows) for known in (secret, *codes, codes[0].replace("-", "")))
    clock.advance(seconds=30)
    thief = Factors(database, clock, "x" * 32)
    with pytest.raises(WrongCode):
        await signs_in(thief, alice, Phone(secret, clock).code())


async def test_a_sealed_secret_is_good_for_its_owner_alone(
    database: Database, factors: Factors, clock: VirtualClock
) -> None:
    alice = await somebody(database)
    bruno = await saved_advisor(database, "bruno@orvanne.example")
    phone, _ = await turned_on(factors, alice, clock)
    await turned_on(factors, bruno, clock)
    async with database.write() as connection:
        mine = await connection.scalar(
            sa.select(staff_factors.c.sealed).where(staff_factors.c.staff_id == alice)
        )
        await connection.execute(sa.update(staff_factors).values(sealed=mine))
    with pytest.raises(WrongCode):
        await signs_in(factors, bruno, phone.code())


async def test_it_is_turned_off_with_a_code_only(
    database: Database, factors: Factors, clock: VirtualClock
) -> None:
    alice = await somebody(database)
    phone, codes = await turned_on(factors, alice, clock)
    with pytest.raises(WrongCode):
        await factors.remove(alice, "000000")
    await factors.remove(alice, phone.code())
    assert not (await factors.of(alice)).on
    _, fresh = await turned_on(factors, alice, clock)
    with pytest.raises(WrongCode):
        await signs_in(factors, alice, codes[0])
    assert await signs_in(factors, alice, fresh[0]) == alice


async def test_an_administrator_resets_it_and_a_manager_does_not(
    database: Database, factors: Factors, clock: VirtualClock
) -> None:
    hall = Hall(database, clock)
    await hall.furnish()
    with pytest.raises(IllegalMove):
        await hall.team.reset_factor(hall.ada, hall.paris, hall.alice)
    await turned_on(factors, hall.alice, clock)
    assert (await hall.member(ALICE)).second_factor
    digest = (await session(hall, hall.alice)).digest
    for actor in (hall.max, hall.luc, hall.alice):
        with pytest.raises(Forbidden):
            await hall.team.reset_factor(actor, hall.paris, hall.alice)
    await hall.staff.grant(ALICE, "lyon", Role.ADVISOR)
    with pytest.raises(Forbidden):
        await hall.team.reset_factor(hall.ada, hall.paris, hall.alice)
    await hall.staff.grant("ada@orvanne.example", "lyon", Role.ADMINISTRATOR)
    await hall.team.reset_factor(hall.ada, hall.paris, hall.alice)
    assert await factors.first_step(hall.alice) is None
    assert await hall.staff.ends({digest: hall.alice}) == {digest: SessionEnd.SIGNED_OUT}
    entry = (await hall.log.page(hall.paris))[0].entry
    assert (entry.who, entry.before, entry.after) == (
        hall.ada,
        {"second_factor": True},
        {"second_factor": False},
    )


async def test_an_operator_resets_it_where_there_is_no_administrator(
    database: Database, factors: Factors, clock: VirtualClock
) -> None:
    hall = Hall(database, clock)
    await hall.furnish()
    await turned_on(factors, hall.luc, clock)
    await hall.staff.reset_factor("luc@orvanne.example")
    assert await factors.first_step(hall.luc) is None
    with pytest.raises(NotFound):
        await hall.staff.reset_factor("nobody@orvanne.example")
