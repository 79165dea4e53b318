"""Which letter a customer gets when, and until when it is true.

A letter is a row of the outbox and holds no word of its text: it is written when it is sent, from
what the appointment is by then. A letter about something that has changed is dropped.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from booking import calendar
from booking.outbox import Outbox
from showroom.clock import DAY_MS, Clock
from showroom.ids import ShowroomId, StaffId
from showroom.showrooms import Showroom
from showroom.words import AppointmentEvent, AppointmentState

KIND = "mail"
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


class Topic(StrEnum):
    """What a letter is about: an `AppointmentEvent`, or a reminder."""

    BOOKED = "booked"
    RESCHEDULED = "rescheduled"
    REASSIGNED = "reassigned"
    CANCELLED = "cancelled"
    CALLED_OFF = "called_off"
    NO_SHOW = "no_show"
    HOST_NO_SHOW = "host_no_show"
    REMINDER_DAY = "reminder_day"
    REMINDER_HOUR = "reminder_hour"
    REMINDER_SOON = "reminder_soon"


# How long before the start each goes out, and until when it is worth sending.
REMINDERS = (
    (Topic.REMINDER_DAY, DAY_MS, HOUR_MS),
    (Topic.REMINDER_HOUR, HOUR_MS, 10 * MINUTE_MS),
    (Topic.REMINDER_SOON, 10 * MINUTE_MS, 0),
)
_COMING = frozenset({AppointmentState.BOOKED, AppointmentState.WAITING, AppointmentState.LIVE})
# In which states a letter is still true.
TRUE_IN: Mapping[Topic, frozenset[AppointmentState]] = {
    Topic.BOOKED: _COMING,
    Topic.RESCHEDULED: _COMING,
    Topic.REASSIGNED: _COMING,
    Topic.CANCELLED: frozenset({AppointmentState.CANCELLED}),
    Topic.CALLED_OFF: frozenset({AppointmentState.CANCELLED}),
    Topic.NO_SHOW: frozenset({AppointmentState.NO_SHOW}),
    Topic.HOST_NO_SHOW: frozenset({AppointmentState.HOST_NO_SHOW}),
    Topic.REMINDER_DAY: frozenset({AppointmentState.BOOKED}),
    Topic.REMINDER_HOUR: frozenset({AppointmentState.BOOKED}),
    Topic.REMINDER_SOON: frozenset({AppointmentState.BOOKED}),
}


class Visit(calendar.Entry, Protocol):
    """What letters need of an appointment. `zone` is the customer's (IANA)."""

    @property
    def showroom_id(self) -> ShowroomId: ...
    @property
    def token(self) -> str: ...
    @property
    def advisor_id(self) -> StaffId | None: ...
    @property
    def named(self) -> bool: ...
    @property
    def language(self) -> str: ...
    @property
    def zone(self) -> str: ...


class Letters:
    """Puts letters into the outbox, in the transaction that makes them true."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    async def announce(
        self,
        connection: AsyncConnection,
        _showroom: Showroom,
        visit: Visit,
        event: AppointmentEvent,
    ) -> None:
        """Tell the customer what happened to `visit`, if they can be reached by mail."""
        if visit.email is None:
            return
        topic = Topic(event.value)
        if topic is Topic.REASSIGNED:
            if visit.named:
                await self._outbox.drop(connection, KIND, visit.id, topic)
                await self._add(connection, visit, topic)
            return
        # The new letter says all that holds now; what was not sent yet would only contradict it.
        await self._outbox.drop(connection, KIND, visit.id)
        await self._add(connection, visit, topic)
        if topic in {Topic.BOOKED, Topic.RESCHEDULED}:
            await self._add_reminders(connection, visit)

    async def _add(self, connection: AsyncConnection, visit: Visit, topic: Topic) -> None:
        now = self._clock()
        await self._outbox.add(
            connection,
            visit.showroom_id,
            KIND,
            topic,
            visit.id,
            _version(visit),
            now,
            _useless_from(topic, visit, now),
        )

    async def _add_reminders(self, connection: AsyncConnection, visit: Visit) -> None:
        for topic, before, until in REMINDERS:
            at = visit.starts_at - before
            if at > self._clock():
                await self._outbox.add(
                    connection,
                    visit.showroom_id,
                    KIND,
                    topic,
                    visit.id,
                    _version(visit),
                    at,
                    visit.starts_at - until,
                )


def still_true(topic: Topic, visit: Visit, payload: Mapping[str, Any]) -> bool:
    """Say whether a letter written for `payload`'s version of a visit may go out as it is now."""
    return visit.state in TRUE_IN[topic] and _version(visit) == payload


def _version(visit: Visit) -> dict[str, Any]:
    return {"sequence": visit.sequence}


def _useless_from(topic: Topic, visit: Visit, now: int) -> int | None:
    match topic:
        case Topic.CALLED_OFF:
            return None  # an apology is due however late
        case Topic.NO_SHOW | Topic.HOST_NO_SHOW:
            return now + DAY_MS
        case _:
            return visit.ends_at
