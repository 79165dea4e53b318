"""The members of teams, and one change to them: judged, written and noted in one transaction."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.audit import Deed, Entry, Subject, difference, note
from showroom.authority import Roles, check_still_led, may_lead_whole
from showroom.errors import Forbidden, NotFound
from showroom.ids import ShowroomId, StaffId
from showroom.staff_links import LinkKind
from showroom.staff_records import Person, change_person, people_by_email
from showroom.staff_tables import staff_factors, staff_links
from showroom.tables import staff


class StaffState(StrEnum):
    """Where an account stands."""

    INVITED = "invited"  # no password was set, and nobody has signed in by a company account
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works here. Moments in UTC milliseconds; None is never."""

    person: Person
    state: StaffState
    signed_in_at: int | None
    invited_until: int | None  # also when that has passed; None without an invitation
    second_factor: bool

    @property
    def roles(self) -> Roles:
        return self.person.roles


async def everybody(connection: AsyncConnection, *, lock: bool = False) -> list[Member]:
    """Return all accounts by e-mail address; `lock` keeps other writers off them."""
    people = await people_by_email(connection, lock=lock)
    invited = sa.and_(
        staff_links.c.staff_id == staff.c.id, staff_links.c.kind == LinkKind.INVITATION.value
    )
    query = (
        sa.select(
            staff.c.email,
            staff.c.password,
            staff.c.signed_in_at,
            staff_links.c.expires_at,
            staff_factors.c.confirmed_at,
        )
        .select_from(staff.outerjoin(staff_links, invited).outerjoin(staff_factors))
        .order_by(staff.c.email)
    )
    return [
        Member(
            person=people[row.email],
            state=_state(people[row.email], bool(row.password or row.signed_in_at)),
            signed_in_at=row.signed_in_at,
            invited_until=row.expires_at,
            second_factor=row.confirmed_at is not None,
        )
        for row in await connection.execute(query)
        if row.email in people
    ]


def _state(person: Person, came: bool) -> StaffState:
    if person.disabled:
        return StaffState.DISABLED
    return StaffState.ACTIVE if came else StaffState.INVITED


class TeamChange:
    """What somebody changes of the staff. Begin it inside a transaction."""

    def __init__(
        self, connection: AsyncConnection, members: list[Member], actor: Person, now_ms: int
    ) -> None:
        self.connection = connection
        self.members = members
        self.actor = actor
        self.now = now_ms

    @classmethod
    async def begin(cls, connection: AsyncConnection, actor: StaffId, now_ms: int) -> Self:
        """Lock the staff, and read what `actor` may do by now. Raises `Forbidden`."""
        members = await everybody(connection, lock=True)
        for member in members:
            if member.person.id == actor and member.state is not StaffState.DISABLED:
                return cls(connection, members, member.person, now_ms)
        raise Forbidden

    def by_email(self, address: str) -> Person | None:
        """Return whose account has this e-mail address, wherever they work."""
        return next((one.person for one in self.members if one.person.email == address), None)

    def on_team(self, room: ShowroomId, who: StaffId) -> Member:
        """Return somebody of this showroom's team. Raises `NotFound`."""
        for member in self.members:
            if member.person.id == who and room in member.roles:
                return member
        raise NotFound

    def whole(self, room: ShowroomId, who: StaffId) -> Member:
        """Return somebody whose account the actor may change as a whole.

        Raises `NotFound` for who is not on this showroom's team, and `Forbidden`.
        """
        member = self.on_team(room, who)
        if not may_lead_whole(self.actor.roles, member.roles):
            raise Forbidden("This takes somebody who leads every showroom that they work in.")
        return member

    async def write(self, before: Person, after: Person) -> None:
        """Make somebody what `after` says. Raises `LastAdministrator`."""
        others = [
            one.person
            for one in self.members
            if one.state is StaffState.ACTIVE and one.person.id != before.id
        ]
        ready = any(
            one.person.id == before.id and one.state is not StaffState.INVITED
            for one in self.members
        )
        if ready:
            check_still_led([*others, before], [*others, after])
        await change_person(self.connection, before, after, self.now)
        await self.note(before, after)

    async def note(self, before: Person | None, after: Person | None) -> None:
        """Note somebody's change in the log of each showroom; neither learns of the others."""
        rooms = {*(before.roles if before else ()), *(after.roles if after else ())}
        deed = Deed.ADDED if before is None else Deed.REMOVED if after is None else Deed.CHANGED
        who = (after or before or self.actor).id
        for room in sorted(rooms):
            await self._entry(room, deed, who, _seen_from(room, before), _seen_from(room, after))

    async def note_field(self, person: Person, field: str, before: Any, after: Any) -> None:
        """Note in the same places what is no part of a `Person`."""
        for room in sorted(person.roles):
            await self._entry(room, Deed.CHANGED, person.id, {field: before}, {field: after})

    async def _entry(
        self,
        room: ShowroomId,
        deed: Deed,
        who: StaffId,
        before: dict[str, Any],
        after: dict[str, Any],
    ) -> None:
        changes = difference(before, after)
        entry = Entry(
            showroom_id=room,
            happened_at=self.now,
            who=self.actor.id,
            deed=deed,
            subject=Subject.STAFF,
            subject_id=who,
            before={one.path: one.before for one in changes if one.before is not None},
            after={one.path: one.after for one in changes if one.after is not None},
        )
        await note(self.connection, entry)


def _seen_from(room: ShowroomId, person: Person | None) -> dict[str, Any]:
    # As a settings file notes it: without the address, which is their name in a letter box.
    if person is None or room not in person.roles:
        return {}
    return {
        "name": person.name,
        "languages": list(person.languages),
        "robot": person.robot,
        "disabled": person.disabled,
        "roles": sorted(role.value for role in person.roles[room]),
    }
