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
    """Say of a row of `staff` and a session whether there is a second factor behind them.

    It is one of their own, which every sign-in asks for, or the company's sign-in said of this
    session that it asked.
    """
    own = (
        sa.select(sa.literal(1))
        .where(staff_factors.c.staff_id == staff.c.id, staff_factors.c.confirmed_at.is_not(None))
        .correlate(staff)
        .exists()
    )
    return sa.or_(own, sa.func.coalesce(staff_sessions.c.second_factor, sa.false()))
