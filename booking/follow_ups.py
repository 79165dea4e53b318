"""Follow-ups: customers whom an advisor should call.

They asked to, nobody answered, or their visit was called off and no letter can tell them.

Two advisors see the same list; the database decides who has an item, in one statement.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.contact import parse_name
from booking.ledger import Appointment
from showroom.clock import Clock
from showroom.database import Database, insert
from showroom.errors import AlreadyTaken, NotFound
from showroom.ids import CallId, FollowUpId, ShowroomId, StaffId, new_id
from showroom.showrooms import Showroom
from showroom.tables import follow_ups
from showroom.words import AppointmentEvent, FollowUpKind


@dataclass(frozen=True, slots=True)
class OpenFollowUp:
    """A follow-up that nobody has finished; `at` in UTC milliseconds, `phone` in E.164."""

    id: FollowUpId
    kind: FollowUpKind
    name: str
    phone: str | None
    language: str
    vehicle: str | None
    at: int
    taken_by: StaffId | None


@dataclass(frozen=True, slots=True)
class CallBack:
    """A wish to be called back: `phone` in E.164, `at` in UTC milliseconds.

    `origin` is where the customer came from, as strangers' flat text.
    """

    id: FollowUpId
    showroom_id: ShowroomId
    name: str
    phone: str
    language: str
    vehicle: str | None
    consent_text_version: str
    at: int
    origin: Mapping[str, str]


# Hears of each wish to be called back, in the transaction of the connection.
Asked = Callable[[AsyncConnection, CallBack], Awaitable[None]]


# Hears, in the same way, of each follow-up that somebody has finished.
Finished = Callable[[AsyncConnection, ShowroomId, FollowUpId, StaffId], Awaitable[None]]


async def nobody_hears(_connection: AsyncConnection, *_: object) -> None:
    """Keep follow-ups for their own sake."""


class FollowUps:
    """The follow-ups of all showrooms; every question names the showroom that asks."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        asked: Asked = nobody_hears,
        finished: Finished = nobody_hears,
    ) -> None:
        self._database = database
        self._clock = clock
        self._asked = asked
        self._finished = finished

    async def add_call_back(
        self,
        showroom_id: ShowroomId,
        name: str,
        phone: str,
        language: str,
        vehicle: str | None,
        consent_text_version: str,
        call_id: CallId | None,
        origin: Mapping[str, str] | None = None,
    ) -> FollowUpId:
        """Keep somebody's wish to be called back; `phone` as `parse_phone` returns it.

        `consent_text_version` names the text that the customer agreed to. Who asks again before
        anybody has called (a second tap, a lost answer) stays one item, with what they said last.
        Raises `BadRequest` for what is no name.
        """
        row = _row(showroom_id, FollowUpKind.CALL_BACK, language, vehicle, self._clock())
        row |= {
            "name": parse_name(name),
            "phone": phone,
            "consent_text_version": consent_text_version,
            "call_id": call_id,
        }
        again = (
            sa.update(follow_ups)
            .where(
                follow_ups.c.showroom_id == showroom_id,
                follow_ups.c.kind == FollowUpKind.CALL_BACK.value,
                follow_ups.c.phone == phone,
                follow_ups.c.taken_by.is_(None),
                follow_ups.c.finished_at.is_(None),
            )
            .values({key: row[key] for key in row.keys() - {"id", "created_at"}})
            .returning(follow_ups.c.id)
        )
        async with self._database.write() as connection:
            known = await connection.scalar(again)
            if known is None:
                await connection.execute(sa.insert(follow_ups).values(row))
            call_back = CallBack(
                id=FollowUpId(known or row["id"]),
                showroom_id=showroom_id,
                name=row["name"],
                phone=phone,
                language=language,
                vehicle=vehicle,
                consent_text_version=consent_text_version,
                at=row["created_at"],
                origin=origin or {},
            )
            await self._asked(connection, call_back)
        return call_back.id

    async def add_missed_call(
        self,
        showroom_id: ShowroomId,
        call_id: CallId,
        language: str,
        vehicle: str | None,
        at: int,
    ) -> None:
        """Keep a call that ended in the queue; repeating it changes nothing.

        A customer who left a number while they waited is on the list already, so their call is
        not kept a second time.
        """
        row = _row(showroom_id, FollowUpKind.MISSED_CALL, language, vehicle, at)
        row["call_id"] = call_id
        known = sa.select(follow_ups.c.id).where(
            follow_ups.c.call_id == call_id, follow_ups.c.showroom_id == showroom_id
        )
        async with self._database.write() as connection:
            if await connection.scalar(known.limit(1)) is None:
                await connection.execute(
                    insert(connection, follow_ups).values(row).on_conflict_do_nothing()
                )

    async def visit_announced(
        self,
        connection: AsyncConnection,
        _showroom: Showroom,
        visit: Appointment,
        event: AppointmentEvent,
    ) -> None:
        """Keep whose visit was called off and who gets no letter. This is an `Announce`."""
        if not untold(visit, event):
            return
        row = _row(
            visit.showroom_id,
            FollowUpKind.CALLED_OFF,
            visit.language,
            visit.vehicle,
            self._clock(),
        )
        # A visit is called off only once: its id will do, and leads find the follow-up by it.
        row |= {"id": visit.id, "name": visit.name, "phone": visit.phone}
        await connection.execute(sa.insert(follow_ups).values(row))

    async def open_items(self, showroom_id: ShowroomId) -> list[OpenFollowUp]:
        """Return what is still to do, oldest first."""
        query = (
            sa.select(follow_ups)
            .where(follow_ups.c.showroom_id == showroom_id, follow_ups.c.finished_at.is_(None))
            .order_by(follow_ups.c.created_at, follow_ups.c.id)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [
            OpenFollowUp(
                id=FollowUpId(row.id),
                kind=FollowUpKind(row.kind),
                name=row.name,
                phone=row.phone,
                language=row.language,
                vehicle=row.vehicle,
                at=row.created_at,
                taken_by=None if row.taken_by is None else StaffId(row.taken_by),
            )
            for row in rows
        ]

    async def take(
        self, showroom_id: ShowroomId, follow_up_id: FollowUpId, staff_id: StaffId
    ) -> None:
        """Take a follow-up on. Of many who try at once exactly one has it, until it is released.

        Raises `AlreadyTaken` when it is somebody else's or finished, `NotFound` when it is not
        this showroom's.
        """
        free_or_mine = follow_ups.c.taken_by.is_(None) | (follow_ups.c.taken_by == staff_id)
        async with self._database.write() as connection:
            changed = await connection.execute(
                sa.update(follow_ups)
                .where(
                    *_is(showroom_id, follow_up_id),
                    free_or_mine,
                    follow_ups.c.finished_at.is_(None),
                )
                .values(
                    taken_by=staff_id,
                    taken_at=sa.func.coalesce(follow_ups.c.taken_at, self._clock()),
                )
            )
            if not changed.rowcount:
                await _refuse(connection, showroom_id, follow_up_id)

    async def finish(
        self, showroom_id: ShowroomId, follow_up_id: FollowUpId, staff_id: StaffId
    ) -> None:
        """Mark a follow-up of mine, or of nobody's, as done; repeating it changes nothing.

        Raises `AlreadyTaken` when it is somebody else's, `NotFound` when it is not this
        showroom's.
        """
        mine = follow_ups.c.taken_by == staff_id
        now = self._clock()
        async with self._database.write() as connection:
            done = await connection.execute(
                sa.update(follow_ups)
                .where(
                    *_is(showroom_id, follow_up_id),
                    follow_ups.c.taken_by.is_(None) | mine,
                    follow_ups.c.finished_at.is_(None),
                )
                .values(
                    taken_by=staff_id,
                    taken_at=sa.func.coalesce(follow_ups.c.taken_at, now),
                    finished_by=staff_id,
                    finished_at=now,
                )
            )
            if done.rowcount:
                await self._finished(connection, showroom_id, follow_up_id, staff_id)
                return
            own = sa.select(follow_ups.c.id).where(*_is(showroom_id, follow_up_id), mine)
            if await connection.scalar(own) is None:
                await _refuse(connection, showroom_id, follow_up_id)

    async def release(
        self, showroom_id: ShowroomId, follow_up_id: FollowUpId, staff_id: StaffId | None
    ) -> None:
        """Give an open follow-up of mine back to all, or with None anybody's.

        Repeating it changes nothing. Raises `AlreadyTaken` when it is somebody else's or finished,
        `NotFound` when it is not this showroom's.
        """
        mine = follow_ups.c.taken_by.is_(None) | (follow_ups.c.taken_by == staff_id)
        async with self._database.write() as connection:
            changed = await connection.execute(
                sa.update(follow_ups)
                .where(
                    *_is(showroom_id, follow_up_id),
                    sa.true() if staff_id is None else mine,
                    follow_ups.c.finished_at.is_(None),
                )
                .values(taken_by=None, taken_at=None)
            )
            if not changed.rowcount:
                await _refuse(connection, showroom_id, follow_up_id)


def untold(visit: Appointment, event: AppointmentEvent) -> bool:
    """Say whether the customer must hear of `event` by phone: no letter goes without an address."""
    return event is AppointmentEvent.CALLED_OFF and visit.email is None


def _row(
    showroom_id: ShowroomId, kind: FollowUpKind, language: str, vehicle: str | None, at: int
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "showroom_id": showroom_id,
        "kind": kind.value,
        "name": "",
        "language": language,
        "vehicle": vehicle,
        "created_at": at,
    }


def _is(showroom_id: ShowroomId, follow_up_id: FollowUpId) -> tuple[sa.ColumnElement[bool], ...]:
    return follow_ups.c.id == follow_up_id, follow_ups.c.showroom_id == showroom_id


async def _refuse(
    connection: AsyncConnection, showroom_id: ShowroomId, follow_up_id: FollowUpId
) -> None:
    query = sa.select(follow_ups.c.id).where(*_is(showroom_id, follow_up_id))
    if await connection.scalar(query) is None:
        raise NotFound
    raise AlreadyTaken
