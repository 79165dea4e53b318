"""Staff: who signs in, what they may do, and how they are shut out."""

from dataclasses import replace

import pyotp
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from showroom.database import Database
from showroom.errors import BadRequest, Conflict, NotFound, WrongCredentials
from showroom.factors import Factors
from showroom.ids import token_digest
from showroom.passwords import Passwords
from showroom.showrooms import Policy, Showrooms
from showroom.staff import SessionEnd, Staff
from showroom.tables import staff as accounts
from showroom.tables import staff_sessions
from showroom.words import Role
from tests.samples import PASSWORD, a_showroom, saved_advisor, saved_showroom, staff_of
from tests.virtual_clock import VirtualClock

ALICE = "alice@orvanne.example"


@pytest.fixture
def staff(database: Database, clock: VirtualClock) -> Staff:
    return staff_of(database, clock)


async def test_the_right_password_says_who_somebody_is(database: Database, staff: Staff) -> None:
    await saved_showroom(database)
    alice = await saved_advisor(database)
    assert await staff.check(ALICE, PASSWORD) == alice
    assert await staff.check(" Alice@Orvanne.Example ", PASSWORD) == alice


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ALICE, "another long password"),
        (ALICE, ""),
        ("nobody@orvanne.example", PASSWORD),
        ("", ""),
        ("\0", PASSWORD),
        ("\ud800", "\ud800"),
    ],
)
async def test_anything_else_is_refused_with_the_same_words(
    database: Database, staff: Staff, email: str, password: str
) -> None:
    await saved_showroom(database)
    await saved_advisor(database)
    with pytest.raises(WrongCredentials) as refused:
        await staff.check(email, password)
    assert refused.value.message == WrongCredentials.default


async def test_a_session_carries_the_roles_of_each_showroom(
    database: Database, staff: Staff
) -> None:
    paris, lyon = await saved_showroom(database), await saved_showroom(database, "lyon")
    await saved_showroom(database, "nantes")
    alice = await saved_advisor(database)
    await staff.grant(ALICE, "lyon", Role.ADVISOR)
    await staff.grant(ALICE, "lyon", Role.MANAGER)
    session = await staff.session(await staff.open_session(alice, 12))
    assert session is not None
    assert (session.staff_id, session.name, session.email) == (alice, "Alice Martin", ALICE)
    assert (session.languages, session.robot) == (("en", "fr"), False)
    assert session.roles == {paris: {Role.ADVISOR}, lyon: {Role.ADVISOR, Role.MANAGER}}


async def test_somebody_without_a_role_can_sign_in_and_may_do_nothing(staff: Staff) -> None:
    guest = await staff.add("guest@orvanne.example", "Guest", PASSWORD, {}, ["en"])
    session = await staff.session(await staff.open_session(guest, 12))
    assert session is not None
    assert session.roles == {}


async def test_the_token_itself_is_kept_nowhere(database: Database, staff: Staff) -> None:
    await saved_showroom(database)
    token = await staff.open_session(await saved_advisor(database), 12)
    async with database.read() as connection:
        kept = (await connection.scalars(sa.select(staff_sessions.c.digest))).all()
    assert kept == [token_digest(token)]


async def test_a_made_up_token_is_nobody(staff: Staff) -> None:
    for token in ("made up", "", "é", "\ud800", "\0"):
        assert await staff.session(token) is None


async def test_a_session_ends_after_its_hours(
    database: Database, staff: Staff, clock: VirtualClock
) -> None:
    await saved_showroom(database)
    alice = await saved_advisor(database)
    token = await staff.open_session(alice, 12)
    clock.advance(hours=12, seconds=-1)
    assert await staff.session(token) is not None
    assert await staff.ends({token_digest(token): alice}) == {}
    clock.advance(seconds=1)
    assert await staff.session(token) is None
    assert await staff.ends({token_digest(token): alice}) == {
        token_digest(token): SessionEnd.EXPIRED
    }


async def test_a_session_that_ran_out_is_known_for_a_day_and_then_swept(
    database: Database, staff: Staff, clock: VirtualClock
) -> None:
    await saved_showroom(database)
    alice = await saved_advisor(database)
    digest = token_digest(await staff.open_session(alice, 12))
    clock.advance(hours=12 + 24, seconds=-1)
    await staff.open_session(alice, 12)
    assert await staff.ends({digest: alice}) == {digest: SessionEnd.EXPIRED}
    clock.advance(seconds=1)
    await staff.open_session(alice, 12)
    assert await staff.ends({digest: alice}) == {digest: SessionEnd.SIGNED_OUT}


async def test_signing_out_ends_this_session_only(database: Database, staff: Staff) -> None:
    await saved_showroom(database)
    alice = await saved_advisor(database)
    phone, desk = await staff.open_session(alice, 12), await staff.open_session(alice, 12)
    await staff.close_session(phone)
    await staff.close_session(phone)
    assert await staff.session(phone) is None
    assert await staff.session(desk) is not None
    sessions = {token_digest(token): alice for token in (phone, desk)}
    assert await staff.ends(sessions) == {token_digest(phone): SessionEnd.SIGNED_OUT}


async def test_disabling_somebody_ends_all_sessions_and_further_sign_ins(
    database: Database, staff: Staff
) -> None:
    await saved_showroom(database)
    alice = await saved_advisor(database)
    bruno = await saved_advisor(database, "bruno@orvanne.example")
    sessions = {
        token_digest(await staff.open_session(who, 12)): who for who in (alice, alice, bruno)
    }
    await staff.disable(ALICE)
    hers = [digest for digest, who in sessions.items() if who == alice]
    assert await staff.ends(sessions) == dict.fromkeys(hers, SessionEnd.DISABLED)
    with pytest.raises(WrongCredentials):
        await staff.check(ALICE, PASSWORD)


async def test_a_new_password_replaces_the_old_one_and_ends_all_sessions(
    database: Database, staff: Staff
) -> None:
    await saved_showroom(database)
    alice = await saved_advisor(database)
    token = await staff.open_session(alice, 12)
    await staff.set_password(ALICE, "a new long password")
    assert await staff.session(token) is None
    assert await staff.check(ALICE, "a new long password") == alice
    with pytest.raises(WrongCredentials):
        await staff.check(ALICE, PASSWORD)


async def test_nobody_asks_about_no_sessions(staff: Staff) -> None:
    assert await staff.ends({}) == {}


async def test_the_names_are_those_of_one_showroom_and_of_who_has_left(
    database: Database, staff: Staff
) -> None:
    paris, lyon = await saved_showroom(database), await saved_showroom(database, "lyon")
    alice = await saved_advisor(database)
    await saved_advisor(database, "luc@orvanne.example", "lyon")
    await staff.grant(ALICE, "paris", Role.MANAGER)
    await staff.disable(ALICE)
    assert await staff.names(paris) == {alice: "Alice Martin"}
    assert len(await staff.names(lyon)) == 1


async def test_an_address_belongs_to_one_account(database: Database, staff: Staff) -> None:
    await saved_showroom(database)
    await saved_advisor(database)
    with pytest.raises(Conflict):
        await saved_advisor(database, ALICE.upper())


@pytest.mark.parametrize(
    ("email", "password"),
    [("alice", PASSWORD), ("a b@c.example", PASSWORD), (ALICE, "too short"), (ALICE, "x" * 257)],
)
async def test_an_account_needs_an_address_and_a_password_of_a_fair_length(
    staff: Staff, email: str, password: str
) -> None:
    with pytest.raises(BadRequest):
        await staff.add(email, "Alice", password, {}, ["en"])


async def test_an_unknown_showroom_adds_nobody(staff: Staff) -> None:
    with pytest.raises(NotFound):
        await staff.add(ALICE, "Alice", PASSWORD, {"atlantis": Role.ADVISOR}, ["en"])
    with pytest.raises(NotFound):
        await staff.disable(ALICE)


async def test_a_hash_with_old_parameters_is_replaced_at_the_next_sign_in(
    database: Database, staff: Staff, clock: VirtualClock
) -> None:
    await saved_showroom(database)
    alice = await saved_advisor(database)
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert await Staff(database, clock, stronger).check(ALICE, PASSWORD) == alice
    async with database.read() as connection:
        kept = await connection.scalar(sa.select(accounts.c.password))
    assert kept is not None
    assert kept.startswith("$argon2id$v=19$m=16,t=2,p=1$")
    assert await staff.check(ALICE, PASSWORD) == alice


async def test_a_session_knows_that_a_showroom_it_manages_demands_a_second_factor(
    database: Database, staff: Staff, clock: VirtualClock
) -> None:
    await saved_showroom(database)
    lyon = replace(a_showroom("lyon"), policy=Policy(require_factor=True))
    await Showrooms(database).save(lyon)
    alice = await saved_advisor(database)
    await staff.grant(ALICE, "lyon", Role.ADVISOR)
    tokens = [await staff.open_session(alice, 1), await staff.open_session(alice, 1)]
    tokens.append(await staff.open_session(alice, 1, second_factor=True))

    async def lacking() -> list[bool]:
        found = [await staff.session(token) for token in tokens]
        ends = await staff.ends({token_digest(token): alice for token in tokens})
        told = [ends.get(token_digest(token)) is SessionEnd.FACTOR_NEEDED for token in tokens]
        assert told == [one is None or one.lacks_factor for one in found]
        return told

    assert await lacking() == [False, False, False]
    await staff.grant(ALICE, "lyon", Role.MANAGER)
    assert await lacking() == [True, True, False], "the company asked at the third sign-in"
    factors = Factors(database, clock, "the server's key")
    await factors.begin(alice)
    assert await lacking() == [True, True, False], "one that is not confirmed is none"
    secret = (await factors.of(alice)).secret
    assert secret
    clock.advance(seconds=1)
    code = pyotp.TOTP(secret).at(clock() // 1000)
    await factors.confirm(alice, code, token_digest(tokens[0]))
    assert await lacking() == [False, True, False], "a password alone had opened the second"
    assert await staff.session(tokens[1]) is None, "there they sign in anew"
    tokens.append(await staff.open_session(alice, 1))
    assert await lacking() == [False, True, False, False]
