"""Staff as settings see them: who they are and what they may do where, but not how they sign in."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.database import insert
from showroom.ids import ShowroomId, StaffId
from showroom.staff import end_sessions, shut_out
from showroom.tables import staff, staff_roles
from showroom.words import Role


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff. `email` is in lower case; `roles` has no showroom without any."""

    id: StaffId
    email: str
    name: str
    languages: tuple[str, ...]
    robot: bool
    disabled: bool
    roles: Mapping[ShowroomId, frozenset[Role]]


async def people_by_email(connection: AsyncConnection, *, lock: bool = False) -> dict[str, Person]:
    """Return everybody by e-mail address, in its order; `lock` keeps other writers off them."""
    query = sa.select(staff).order_by(staff.c.email)
    rows = (await connection.execute(query.with_for_update() if lock else query)).all()
    roles: dict[str, dict[ShowroomId, frozenset[Role]]] = {}
    for row in await connection.execute(sa.select(staff_roles)):
        theirs = roles.setdefault(row.staff_id, {})
        room = ShowroomId(row.showroom_id)
        theirs[room] = theirs.get(room, frozenset()) | {Role(row.role)}
    return {
        row.email: Person(
            id=StaffId(row.id),
            email=row.email,
            name=row.name,
            languages=tuple(row.languages),
            robot=row.robot,
            disabled=row.disabled_at is not None,
            roles=roles.get(row.id, {}),
        )
        for row in rows
    }


async def add_person(
    connection: AsyncConnection, person: Person, password_hash: str, now_ms: int
) -> None:
    """Add somebody in the caller's transaction, who signs in by the password behind the hash."""
    await connection.execute(
        sa.insert(staff).values(
            id=person.id,
            email=person.email,
            name=person.name,
            password=password_hash,
            languages=list(person.languages),
            robot=person.robot,
            created_at=now_ms,
            disabled_at=now_ms if person.disabled else None,
        )
    )
    await _grant(connection, person.id, _pairs(person))


async def change_person(
    connection: AsyncConnection, before: Person, after: Person, now_ms: int
) -> None:
    """Make somebody what `after` says. Who is disabled by that is shut out at once."""
    values = {
        "name": after.name,
        "languages": list(after.languages),
        "robot": after.robot,
    }
    await connection.execute(sa.update(staff).where(staff.c.id == before.id).values(values))
    if after.disabled and not before.disabled:
        await shut_out(connection, before.id, now_ms)
    elif before.disabled and not after.disabled:
        await connection.execute(
            sa.update(staff).where(staff.c.id == before.id).values(disabled_at=None)
        )
    # Role by role: what somebody else grants meanwhile is not taken back.
    taken = sorted(_pairs(before) - _pairs(after))
    if taken:
        # What is open was let in by the role that is gone.
        await end_sessions(connection, before.id)
    for room, role in taken:
        await connection.execute(
            sa.delete(staff_roles).where(
                staff_roles.c.staff_id == before.id,
                staff_roles.c.showroom_id == room,
                staff_roles.c.role == role.value,
            )
        )
    await _grant(connection, before.id, _pairs(after) - _pairs(before))


def _pairs(person: Person) -> set[tuple[ShowroomId, Role]]:
    return {(room, role) for room, theirs in person.roles.items() for role in theirs}


async def _grant(
    connection: AsyncConnection, staff_id: StaffId, roles: Collection[tuple[ShowroomId, Role]]
) -> None:
    for room, role in sorted(roles):
        await connection.execute(
            insert(connection, staff_roles)
            .values(staff_id=staff_id, showroom_id=room, role=role.value)
            .on_conflict_do_nothing()
        )
