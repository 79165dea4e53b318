"""The team of a showroom, as its managers see and change it: invited, changed, shut out.

Every change is judged by the roles that hold while it is written, and stands in the audit log of
each showroom that it concerns, in the same transaction.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.authority import check_roles, may_administer
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import BadRequest, Conflict, Forbidden, IllegalMove
from showroom.factors import forget_factor
from showroom.ids import ShowroomId, StaffId, StaffLinkId, new_id
from showroom.members import Member, StaffState, TeamChange, everybody
from showroom.staff import LONGEST_NAME, end_sessions, normalised
from showroom.staff_links import LASTS_MS, LinkKind, Seal, end_links, make_link
from showroom.staff_records import Person, add_person
from showroom.tables import staff
from showroom.words import Role

LASTS = LASTS_MS[LinkKind.INVITATION]


class Post(Protocol):
    """Sends letters to staff, from the transaction that makes them true."""

    async def send(
        self,
        connection: AsyncConnection,
        showroom_id: ShowroomId,
        staff_id: StaffId,
        kind: LinkKind,
        link: StaffLinkId,
        expires_at: int,
    ) -> None: ...
    async def drop(
        self, connection: AsyncConnection, staff_id: StaffId, kind: LinkKind
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom a manager invites. `roles`: at least one; `languages`: none until they say."""

    email: str
    name: str
    roles: frozenset[Role]
    languages: tuple[str, ...]


class Team:
    """The staff of all showrooms; each question and each change names the showroom."""

    def __init__(self, database: Database, clock: Clock, seal: Seal, post: Post) -> None:
        self._database = database
        self._clock = clock
        self._seal = seal
        self._post = post

    async def of(self, room: ShowroomId) -> list[Member]:
        """Return a showroom's team by name, those who are shut out last."""
        async with self._database.read() as connection:
            there = [one for one in await everybody(connection) if room in one.person.roles]
        return sorted(
            there, key=lambda one: (one.person.disabled, one.person.name.casefold(), one.person.id)
        )

    async def invite(self, actor: StaffId, room: ShowroomId, wish: Invitation) -> bool:
        """Take somebody on, and write to them; return whether a letter is sent.

        Somebody who works elsewhere has an account already, and gets roles here. Raises
        `BadRequest`, `Forbidden`, and `Conflict` for who is here already.
        """
        address, name = normalised(wish.email), wish.name.strip()
        if not 0 < len(name) <= LONGEST_NAME:
            raise BadRequest(f"A name has 1 to {LONGEST_NAME} characters.", "name")
        try:
            async with self._database.write() as connection:
                work = await TeamChange.begin(connection, actor, self._clock())
                check_roles(work.actor.roles, room, frozenset(), wish.roles)
                known = work.by_email(address)
                if known is not None:
                    if room in known.roles:
                        raise Conflict("Somebody with this address is on the team already.")
                    after = replace(known, roles={**known.roles, room: wish.roles})
                    await work.write(known, after)
                    return False
                person = Person(
                    id=StaffId(new_id()),
                    email=address,
                    name=name,
                    languages=wish.languages,
                    robot=False,
                    disabled=False,
                    roles={room: wish.roles},
                )
                await add_person(connection, person, "", work.now)
                await work.note(None, person)
                await self._write_to(connection, room, person.id)
        except IntegrityError as error:
            raise Conflict("Somebody with this address was invited just now.") from error
        return True

    async def send_again(self, actor: StaffId, room: ShowroomId, who: StaffId) -> None:
        """Write a new invitation; the one before is good for nothing. Raises `IllegalMove`."""
        async with self._database.write() as connection:
            work = await TeamChange.begin(connection, actor, self._clock())
            member = work.whole(room, who)
            if member.state is not StaffState.INVITED:
                raise IllegalMove("They have accepted already.")
            await self._write_to(connection, room, who)
            await work.note_field(
                member.person, "invited_until", member.invited_until, work.now + LASTS
            )

    async def take_back(self, actor: StaffId, room: ShowroomId, who: StaffId) -> None:
        """Remove somebody who has not accepted yet. Raises `IllegalMove`."""
        async with self._database.write() as connection:
            work = await TeamChange.begin(connection, actor, self._clock())
            member = work.whole(room, who)
            if member.state is not StaffState.INVITED:
                raise IllegalMove("They have accepted already. Disable the account instead.")
            await work.note(member.person, None)
            await self._post.drop(connection, who, LinkKind.INVITATION)
            await connection.execute(sa.delete(staff).where(staff.c.id == who))

    async def set_roles(
        self,
        actor: StaffId,
        room: ShowroomId,
        who: StaffId,
        roles: frozenset[Role],
        languages: tuple[str, ...] | None = None,
    ) -> None:
        """Give somebody these roles in a showroom; none removes them from its team.

        `languages` are of the whole account, and stay without it. Who loses a role is signed out,
        because what is open was let in by it. Raises `NotFound`, `Forbidden`, `LastAdministrator`.
        """
        async with self._database.write() as connection:
            work = await TeamChange.begin(connection, actor, self._clock())
            person = work.on_team(room, who).person
            check_roles(work.actor.roles, room, person.roles[room], roles)
            others = {one: theirs for one, theirs in person.roles.items() if one != room}
            after = replace(person, roles={**others, room: roles} if roles else others)
            if languages is not None and languages != person.languages:
                work.whole(room, who)
                after = replace(after, languages=languages)
            await work.write(person, after)

    async def set_disabled(
        self, actor: StaffId, room: ShowroomId, who: StaffId, disabled: bool
    ) -> None:
        """Shut somebody out at once, or let them in again; not oneself.

        Raises `NotFound`, `Forbidden`, `LastAdministrator`.
        """
        async with self._database.write() as connection:
            work = await TeamChange.begin(connection, actor, self._clock())
            person = work.whole(room, who).person
            if who == actor:
                raise Forbidden("Ask a colleague to disable your account.")
            if person.disabled != disabled:
                await work.write(person, replace(person, disabled=disabled))

    async def reset_factor(self, actor: StaffId, room: ShowroomId, who: StaffId) -> None:
        """Remove a second factor that somebody has lost, and sign them out. For administrators.

        Raises `NotFound`, `Forbidden`, and `IllegalMove` where there is none.
        """
        async with self._database.write() as connection:
            work = await TeamChange.begin(connection, actor, self._clock())
            person = work.whole(room, who).person
            if not may_administer(work.actor.roles, person.roles):
                raise Forbidden("Ask an administrator.")
            if not await forget_factor(connection, who):
                raise IllegalMove("There is no second factor.")
            await end_sessions(connection, who)
            await end_links(connection, who)
            await work.note_field(person, "second_factor", True, False)

    async def _write_to(self, connection: AsyncConnection, room: ShowroomId, who: StaffId) -> None:
        now = self._clock()
        await self._post.drop(connection, who, LinkKind.INVITATION)
        link = await make_link(connection, self._seal, who, LinkKind.INVITATION, now)
        await self._post.send(connection, room, who, LinkKind.INVITATION, link, now + LASTS)
