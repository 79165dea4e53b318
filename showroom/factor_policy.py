"""The policy that managers need a second factor: whom it concerns, and who has given one.

Both are asked with each request and each second of a socket, so a policy holds for the sessions
that it finds open. Whoever manages several showrooms follows the strictest.
"""

import sqlalchemy as sa

from showroom.staff_tables import staff_factors
from showroom.tables import showrooms, staff, staff_roles, staff_sessions
from showroom.words import Role

LEADS = (Role.MANAGER, Role.ADMINISTRATOR)


def factor_demanded() -> sa.ColumnElement[bool]:
    """Say of a row of `staff` whether a showroom that they manage demands a second factor."""
    demands = showrooms.c.policy["require_factor"].as_boolean()
    return (
        sa.select(sa.literal(1))
        .select_from(staff_roles.join(showrooms))
        .where(staff_roles.c.staff_id == staff.c.id, staff_roles.c.role.in_(LEADS), demands)
        .correlate(staff)
        .exists()
    )


def factor_given() -> sa.ColumnElement[bool]:
    """Say of a row of `staff` and a session whether there is a second factor behind the session.

    It was opened by a code of their own factor or turned that on, or the company's sign-in said
    that it asked for one. A password alone that opened one before proves nothing afterwards.
    """
    asked = _own(staff_factors.c.confirmed_at <= staff_sessions.c.created_at)
    return sa.or_(asked, sa.func.coalesce(staff_sessions.c.second_factor, sa.false()))


def factor_on() -> sa.ColumnElement[bool]:
    """Say of a row of `staff` whether they have a second factor of their own."""
    return _own(staff_factors.c.confirmed_at.is_not(None))


def _own(which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return (
        sa.select(sa.literal(1))
        .where(staff_factors.c.staff_id == staff.c.id, which)
        .correlate(staff, staff_sessions)
        .exists()
    )
