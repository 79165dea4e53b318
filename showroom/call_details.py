"""What figures don't keep and calls do: the cost of a poor line, and what customers said.

Both go through the calls of the period themselves, so they are for short ones.
"""

from typing import Any, NamedTuple

import sqlalchemy as sa

from showroom.asking import Where
from showroom.call_figures import CallFigures
from showroom.database import Database
from showroom.ids import CallId, ShowroomId, StaffId
from showroom.measures import MEASURES
from showroom.rollups import KEYS
from showroom.tables import calls
from showroom.words import Quality


class Remark(NamedTuple):
    """What a customer wrote of a call, and their stars from 1 to 5, if they gave any."""

    call: CallId
    created_at: int
    rating: int | None
    comment: str
    advisor: StaffId | None


class CallDetails:
    """Reads the calls of a showroom that were requested in [since, until), in milliseconds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_quality(
        self, showroom: ShowroomId, since_ms: int, until_ms: int, where: Where
    ) -> dict[Quality, CallFigures]:
        """Return what calls came to by the class of their line; without their waits."""
        query = (
            sa.select(calls.c.quality, *MEASURES.values())
            .where(*_asked(showroom, since_ms, until_ms, where), calls.c.quality.is_not(None))
            .group_by(calls.c.quality)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        found = {Quality(word): sums for word, *sums in rows}
        return {
            one: CallFigures.of(
                {name: int(n) for name, n in zip(MEASURES, found[one], strict=True)}, {}
            )
            for one in Quality
            if one in found
        }

    async def remarks(
        self, showroom: ShowroomId, since_ms: int, until_ms: int, where: Where, limit: int
    ) -> list[Remark]:
        """Return the latest remarks, newest first."""
        query = (
            sa.select(
                calls.c.id,
                calls.c.created_at,
                calls.c.rating,
                calls.c.comment,
                calls.c.advisor_id,
            )
            .where(*_asked(showroom, since_ms, until_ms, where), calls.c.comment != "")
            .order_by(calls.c.created_at.desc(), calls.c.id.desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [Remark(*row) for row in await connection.execute(query)]


def _asked(
    showroom: ShowroomId, since_ms: int, until_ms: int, where: Where
) -> list[sa.ColumnElement[Any]]:
    at = calls.c.created_at
    which: list[sa.ColumnElement[Any]] = [
        calls.c.showroom_id == showroom,
        at >= since_ms,
        at < until_ms,
    ]
    return which + [KEYS[name.value].in_(list(values)) for name, values in where.items()]
