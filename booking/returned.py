"""Mail that came back: whoever mistyped their address would wait for a letter that never comes."""

from collections.abc import Collection

import sqlalchemy as sa

from booking.delivery import Ending
from booking.letters import KIND
from showroom.database import Database
from showroom.ids import AppointmentId, ShowroomId
from showroom.tables import outbox

TRIED = (Ending.DELIVERED.value, Ending.FAILED.value)


class Returned:
    """What the outbox knows of letters that no mail server took."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(
        self, showroom_id: ShowroomId, visits: Collection[AppointmentId]
    ) -> frozenset[AppointmentId]:
        """Return those of the visits of whose letters the last one was refused for good."""
        if not visits:
            return frozenset()
        last = (
            sa.select(sa.func.max(outbox.c.number))
            .where(
                outbox.c.showroom_id == showroom_id,
                outbox.c.kind == KIND,
                outbox.c.subject_id.in_(visits),
                outbox.c.result.in_(TRIED),
            )
            .group_by(outbox.c.subject_id)
        )
        query = sa.select(outbox.c.subject_id).where(
            outbox.c.number.in_(last), outbox.c.result == Ending.FAILED.value
        )
        async with self._database.read() as connection:
            return frozenset(map(AppointmentId, (await connection.scalars(query)).all()))
