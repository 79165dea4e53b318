"""The team of a showroom: who may take on, change and shut out whom."""

from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa

from showroom.access import Access
from showroom.audit import AuditLog, Deed, Subject
from showroom.database import Database
from showroom.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    IllegalMove,
    LastAdministrator,
    NotFound,
    WrongCredentials,
)
from showroom.ids import ShowroomId, StaffId, StaffLinkId
from showroom.members import Member, StaffState
from showroom.passwords import Passwords
from showroom.staff import Session, SessionEnd
from showroom.staff_links import LinkKind, Seal
from showroom.staff_tables import staff_links
from showroom.team import Invitation, Team
from showroom.words import Role
from tests.samples import CHEAP, PASSWORD, saved_showroom, staff_of
from tests.virtual_clock import VirtualClock

ADA, MAX, ALICE = "ada@orvanne.example", "max@orvanne.example", "alice@orvanne.example"
NEW = "nora@orvanne.example"
ADVISOR, MANAGER = frozenset({Role.ADVISOR}), frozenset({Role.MANAGER})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
SECRET = "k" * 32
LONG = "another long password"


@dataclass
class Box:
    """Keeps the letters that are to go out."""

    letters: list[tuple[StaffId, LinkKind, StaffLinkId]] = field(default_factory=list)

    async def send(self, *letter: Any) -> None:
        _, _, who, kind, link, _ = letter
        self.letters.append((who, kind, link))

    async def drop(self, *letter: Any) -> None:
        self.letters = [one for one in self.letters if one[:2] != letter[1:]]


class Hall:
    """Paris with an administrator, a manager and an advisor; and Lyon, where Luc leads."""

    def __init__(self, database: Database, clock: VirtualClock) -> None:
        self.database, self.clock, self.box, self.seal = database, clock, Box(), Seal(SECRET)
        self.staff = staff_of(database, clock)
        self.team = Team(database, clock, self.seal, self.box)
        self.access = Access(database, clock, Passwords(CHEAP), self.seal, self.box)
        self.log = AuditLog(database)

    async def furnish(self) -> None:
        self.paris = await saved_showroom(self.database)
        self.lyon = await saved_showroom(self.database, "lyon")
        self.ada = await self.takes_on(ADA, Role.ADMINISTRATOR)
        self.max = await self.takes_on(MAX, Role.MANAGER)
        self.alice = await self.takes_on(ALICE, Role.ADVISOR)
        self.luc = await self.takes_on("luc@orvanne.example", Role.MANAGER, "lyon")

    async def takes_on(self, email: str, role: Role, slug: str = "paris") -> StaffId:
        return await self.staff.add(email, email.partition("@")[0], PASSWORD, {slug: role}, ["en"])

    async def invited(self, roles: frozenset[Role] = ADVISOR) -> StaffId:
        assert await self.team.invite(self.max, self.paris, wish(roles))
        return (await self.member(NEW)).person.id

    async def member(self, email: str, room: ShowroomId | None = None) -> Member:
        there = await self.team.of(room or self.paris)
        return next(one for one in there if one.person.email == email)

    def token(self) -> str:
        return self.seal.token(self.box.letters[-1][2])


def wish(roles: frozenset[Role] = ADVISOR, email: str = NEW, name: str = "Nora") -> Invitation:
    return Invitation(email, name, roles, ("fr",))


@pytest.fixture
async def hall(database: Database, clock: VirtualClock) -> Hall:
    hall = Hall(database, clock)
    await hall.furnish()
    return hall


async def test_who_is_invited_sets_a_password_and_languages_and_signs_in(hall: Hall) -> None:
    nora = await hall.invited()
    assert (await hall.member(NEW)).state is StaffState.INVITED
    with pytest.raises(WrongCredentials):
        await hall.staff.check(NEW, "")
    # The password behind which nobody stands opens no account that has none.
    with pytest.raises(WrongCredentials):
        await hall.staff.check(NEW, "nobody has this password")
    token = hall.token()
    await hall.access.set_password(token, LONG, ("en", "fr"))
    assert await hall.staff.check(NEW, LONG) == nora
    member = await hall.member(NEW)
    assert (member.state, member.person.languages) == (StaffState.ACTIVE, ("en", "fr"))
    with pytest.raises(NotFound):
        await hall.access.set_password(token, PASSWORD)


async def test_a_link_holds_seven_days_and_stands_nowhere(hall: Hall) -> None:
    await hall.invited()
    token = hall.token()
    async with hall.database.read() as connection:
        rows = (await connection.execute(sa.select(staff_links))).all()
    assert len(rows) == 1
    assert token not in str(rows)
    hall.clock.advance(days=7, seconds=-1)
    await hall.access.opened(token)
    hall.clock.advance(seconds=1)
    with pytest.raises(NotFound):
        await hall.access.opened(token)
    with pytest.raises(NotFound):
        await hall.access.opened("é")


async def test_an_invitation_sent_again_ends_the_one_before(hall: Hall) -> None:
    nora = await hall.invited()
    first = hall.token()
    hall.clock.advance(days=8)
    await hall.team.send_again(hall.ada, hall.paris, nora)
    assert len(hall.box.letters) == 1
    with pytest.raises(NotFound):
        await hall.access.opened(first)
    await hall.access.set_password(hall.token(), LONG)
    with pytest.raises(IllegalMove):
        await hall.team.send_again(hall.ada, hall.paris, nora)
    with pytest.raises(IllegalMove):
        await hall.team.take_back(hall.ada, hall.paris, nora)


async def test_an_invitation_taken_back_leaves_nobody_and_no_letter(hall: Hall) -> None:
    nora = await hall.invited()
    token = hall.token()
    await hall.team.take_back(hall.max, hall.paris, nora)
    assert hall.box.letters == []
    assert all(one.person.id != nora for one in await hall.team.of(hall.paris))
    with pytest.raises(NotFound):
        await hall.access.opened(token)
    [removed, added, *_] = [one.entry for one in await hall.log.page(hall.paris)]
    assert (added.deed, removed.deed) == (Deed.ADDED, Deed.REMOVED)
    assert removed.before["roles"] == ["advisor"]


async def test_a_second_invitation_to_the_same_address_is_refused(hall: Hall) -> None:
    await hall.invited()
    with pytest.raises(Conflict):
        await hall.team.invite(hall.max, hall.paris, wish(email=NEW.upper()))
    for wrong in (wish(name=" "), wish(name="x" * 101), wish(email="nora")):
        with pytest.raises(BadRequest):
            await hall.team.invite(hall.max, hall.paris, wrong)


async def test_who_works_elsewhere_gets_a_role_here_and_keeps_what_they_have(hall: Hall) -> None:
    assert not await hall.team.invite(hall.luc, hall.lyon, wish(email=ALICE, name="Other"))
    member = await hall.member(ALICE, hall.lyon)
    assert member.person.name == "alice"
    assert member.roles == {hall.paris: ADVISOR, hall.lyon: ADVISOR}
    assert hall.box.letters == []
    assert await hall.staff.check(ALICE, PASSWORD) == hall.alice
    assert await hall.log.page(hall.paris) == (), "Paris learns nothing of Lyon"


async def test_a_manager_makes_managers_and_no_administrators(hall: Hall) -> None:
    await hall.team.set_roles(hall.max, hall.paris, hall.alice, ADVISOR | MANAGER)
    for attempt in (
        hall.team.set_roles(hall.max, hall.paris, hall.alice, ADVISOR | ADMINISTRATOR),
        hall.team.set_roles(hall.max, hall.paris, hall.max, ADMINISTRATOR),
        hall.team.set_roles(hall.max, hall.paris, hall.ada, ADVISOR),
        hall.team.set_disabled(hall.max, hall.paris, hall.ada, True),
        hall.team.set_roles(hall.max, hall.paris, hall.ada, ADMINISTRATOR, ("fr",)),
        hall.team.invite(hall.max, hall.paris, wish(ADMINISTRATOR)),
        hall.team.invite(hall.alice, hall.lyon, wish()),
    ):
        with pytest.raises(Forbidden):
            await attempt
    assert (await hall.member(ADA)).roles == {hall.paris: ADMINISTRATOR}
    await hall.team.set_roles(hall.ada, hall.paris, hall.alice, ADMINISTRATOR)


async def test_languages_are_those_of_the_whole_account(hall: Hall) -> None:
    await hall.team.set_roles(hall.max, hall.paris, hall.alice, MANAGER, ("de", "fr"))
    member = await hall.member(ALICE)
    assert (member.person.languages, member.roles[hall.paris]) == (("de", "fr"), MANAGER)
    await hall.team.invite(hall.luc, hall.lyon, wish(email=ALICE))
    await hall.team.set_roles(hall.luc, hall.lyon, hall.alice, MANAGER, ("de", "fr"))
    with pytest.raises(Forbidden):
        await hall.team.set_roles(hall.luc, hall.lyon, hall.alice, MANAGER, ("it",))


async def test_an_advisor_changes_nobody(hall: Hall) -> None:
    for attempt in (
        hall.team.invite(hall.alice, hall.paris, wish()),
        hall.team.set_roles(hall.alice, hall.paris, hall.alice, MANAGER),
        hall.team.set_disabled(hall.alice, hall.paris, hall.max, True),
    ):
        with pytest.raises(Forbidden):
            await attempt
    assert await hall.log.page(hall.paris) == ()


async def test_a_manager_of_lyon_touches_nobody_of_paris(hall: Hall) -> None:
    nora = await hall.invited()
    before = await hall.team.of(hall.paris)
    for room, refusal in ((hall.paris, Forbidden), (hall.lyon, NotFound)):
        for attempt in (
            hall.team.set_roles(hall.luc, room, hall.alice, MANAGER),
            hall.team.set_roles(hall.luc, room, hall.alice, ADVISOR, ("it",)),
            hall.team.set_disabled(hall.luc, room, hall.alice, True),
            hall.team.send_again(hall.luc, room, nora),
            hall.team.take_back(hall.luc, room, nora),
        ):
            with pytest.raises(refusal):
                await attempt
    assert await hall.team.of(hall.paris) == before


async def test_an_account_of_two_showrooms_is_shut_out_by_who_leads_both(hall: Hall) -> None:
    await hall.team.invite(hall.luc, hall.lyon, wish(MANAGER, email=MAX))
    with pytest.raises(Forbidden):
        await hall.team.set_disabled(hall.luc, hall.lyon, hall.max, True)
    await hall.staff.grant("luc@orvanne.example", "paris", Role.MANAGER)
    await hall.team.set_disabled(hall.luc, hall.lyon, hall.max, True)
    for room in (hall.paris, hall.lyon):
        entry = (await hall.log.page(room))[0].entry
        assert (entry.who, entry.subject, entry.subject_id) == (hall.luc, Subject.STAFF, hall.max)
        assert (entry.before, entry.after) == ({"disabled": False}, {"disabled": True})


async def test_who_is_disabled_is_out_at_once_and_comes_back_with_the_old_password(
    hall: Hall,
) -> None:
    digest = (await session(hall, hall.alice)).digest
    await hall.team.set_disabled(hall.max, hall.paris, hall.alice, True)
    assert await hall.staff.ends({digest: hall.alice}) == {digest: SessionEnd.DISABLED}
    assert (await hall.member(ALICE)).state is StaffState.DISABLED
    await hall.team.set_disabled(hall.max, hall.paris, hall.alice, True)
    await hall.team.set_disabled(hall.max, hall.paris, hall.alice, False)
    assert await hall.staff.check(ALICE, PASSWORD) == hall.alice
    assert len(await hall.log.page(hall.paris)) == 2
    with pytest.raises(Forbidden):
        await hall.team.set_disabled(hall.max, hall.paris, hall.max, True)


async def test_a_role_that_is_taken_ends_what_it_had_opened(hall: Hall) -> None:
    kept = (await session(hall, hall.alice)).digest
    await hall.team.set_roles(hall.max, hall.paris, hall.alice, ADVISOR | MANAGER)
    assert await hall.staff.ends({kept: hall.alice}) == {}
    await hall.team.set_roles(hall.max, hall.paris, hall.alice, ADVISOR)
    assert await hall.staff.ends({kept: hall.alice}) == {kept: SessionEnd.SIGNED_OUT}


async def test_the_last_administrator_stays_one_until_there_is_another(hall: Hall) -> None:
    with pytest.raises(LastAdministrator):
        await hall.team.set_roles(hall.ada, hall.paris, hall.ada, MANAGER)
    # Somebody who has not accepted, or is shut out, is none yet.
    await hall.team.invite(hall.ada, hall.paris, wish(ADMINISTRATOR))
    with pytest.raises(LastAdministrator):
        await hall.team.set_roles(hall.ada, hall.paris, hall.ada, frozenset())
    await hall.access.set_password(hall.token(), LONG)
    await hall.team.set_roles(hall.ada, hall.paris, hall.ada, frozenset())
    assert all(one.person.id != hall.ada for one in await hall.team.of(hall.paris))


async def test_a_showroom_keeps_somebody_who_leads_it(hall: Hall) -> None:
    with pytest.raises(LastAdministrator):
        await hall.team.set_roles(hall.luc, hall.lyon, hall.luc, ADVISOR)


async def test_somebody_who_is_shut_out_meanwhile_changes_nothing(hall: Hall) -> None:
    await hall.staff.disable(MAX)
    with pytest.raises(Forbidden):
        await hall.team.set_roles(hall.max, hall.paris, hall.alice, ADVISOR, ("fr",))


async def test_when_somebody_signed_in_last_is_known(hall: Hall) -> None:
    assert (await hall.member(ALICE)).signed_in_at is None
    await session(hall, hall.alice)
    assert (await hall.member(ALICE)).signed_in_at == hall.clock()


async def test_a_forgotten_password_is_replaced_by_letter_once(hall: Hall) -> None:
    digest = (await session(hall, hall.alice)).digest
    await forgets(hall, " Alice@Orvanne.Example ")
    assert [one[:2] for one in hall.box.letters] == [(hall.alice, LinkKind.RESET)]
    token = hall.token()
    with pytest.raises(BadRequest):
        await hall.access.set_password(token, "short")
    await hall.access.set_password(token, LONG, ("it",))
    assert await hall.staff.check(ALICE, LONG) == hall.alice
    assert digest in await hall.staff.ends({digest: hall.alice})
    assert (await hall.member(ALICE)).person.languages == ("en",)
    with pytest.raises(NotFound):
        await hall.access.set_password(token, PASSWORD)


async def test_a_letter_box_is_not_filled_by_who_asks_again(hall: Hall) -> None:
    await forgets(hall, ALICE)
    first = hall.token()
    await forgets(hall, ALICE)
    assert hall.token() == first
    hall.clock.advance(seconds=120)
    await forgets(hall, ALICE)
    assert (len(hall.box.letters), hall.token() == first) == (1, False)
    hall.clock.advance(hours=1)
    with pytest.raises(NotFound):
        await hall.access.opened(hall.token())


async def test_no_letter_goes_to_strangers_the_invited_and_the_shut_out(hall: Hall) -> None:
    await hall.invited()
    await hall.staff.disable(ALICE)
    hall.box.letters.clear()
    for email in ("stranger@orvanne.example", NEW, ALICE, "", "\0", "\ud800"):
        await forgets(hall, email)
    assert hall.box.letters == []


async def test_a_link_to_a_new_password_ends_when_its_owner_is_shut_out(hall: Hall) -> None:
    await forgets(hall, ALICE)
    await hall.team.set_disabled(hall.max, hall.paris, hall.alice, True)
    await hall.team.set_disabled(hall.max, hall.paris, hall.alice, False)
    with pytest.raises(NotFound):
        await hall.access.set_password(hall.token(), LONG)


async def forgets(hall: Hall, email: str) -> None:
    hall.access.forgotten(email)
    await hall.access.settle()


async def session(hall: Hall, who: StaffId) -> Session:
    found = await hall.staff.session(await hall.staff.open_session(who, 12))
    assert found
    return found
