"""Who may change whom: rules over roles, without a database.

A manager changes advisors and managers of the showrooms that are theirs, an administrator all of
their staff. What concerns a whole account, in every showroom at once, takes somebody who may change
its owner in each of them.
"""

from collections.abc import Collection, Iterable, Mapping

from showroom.errors import Forbidden, LastAdministrator
from showroom.ids import ShowroomId
from showroom.staff_records import Person
from showroom.words import Role

Roles = Mapping[ShowroomId, frozenset[Role]]
NONE: frozenset[Role] = frozenset()
LEADS = frozenset({Role.MANAGER, Role.ADMINISTRATOR})


def may_lead(actor: Roles, room: ShowroomId, theirs: Collection[Role]) -> bool:
    """Say whether `actor` may change there somebody who has these roles, or gets them."""
    mine = actor.get(room, NONE)
    return bool(mine & LEADS) and (Role.ADMINISTRATOR not in theirs or Role.ADMINISTRATOR in mine)


def may_lead_whole(actor: Roles, person: Roles) -> bool:
    """Say whether `actor` may change what somebody is in all showrooms: one account, one lock."""
    return bool(person) and all(may_lead(actor, room, theirs) for room, theirs in person.items())


def may_administer(actor: Roles, person: Roles) -> bool:
    """Say whether `actor` is an administrator of every showroom that somebody works in."""
    return bool(person) and all(Role.ADMINISTRATOR in actor.get(room, NONE) for room in person)


def check_roles(
    actor: Roles, room: ShowroomId, before: frozenset[Role], after: frozenset[Role]
) -> None:
    """Raise `Forbidden` unless `actor` may turn `before` into `after` there."""
    if not may_lead(actor, room, before | after):
        raise Forbidden


def check_still_led(before: Iterable[Person], after: Iterable[Person]) -> None:
    """Raise `LastAdministrator` where nobody would be left who may change a showroom's staff.

    `before` and `after`: all who can sign in. A showroom that has an administrator keeps one.
    """
    kept = {(room, role) for room, role in _leads(after)}
    led = {room for room, _ in kept}
    for room, role in _leads(before):
        if room not in led or (role is Role.ADMINISTRATOR and (room, role) not in kept):
            raise LastAdministrator


def _leads(people: Iterable[Person]) -> set[tuple[ShowroomId, Role]]:
    return {
        (room, role)
        for person in people
        if not person.disabled
        for room, theirs in person.roles.items()
        for role in theirs & LEADS
    }
