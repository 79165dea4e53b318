"""The book of alarms: raised once, told, acknowledged, silenced, and cleared when it is over.

All of an alarm is in SQL, and what others hear of it is written in the same transaction, into the
outbox. So it makes no difference which node looks, nor whether it dies: the next one finds it as it
is, and whatever two do at once is done once.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from booking.alarms import rows
from booking.alarms.judging import Fact, Key
from booking.alarms.rows import Alarm, Silences
from booking.handoff.publishing import iso
from booking.handoff.topics import Publish, Topic
from showroom.alarms import AlarmKind
from showroom.audit import Deed, Entry, Subject, note
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import NotFound
from showroom.ids import ShowroomId, StaffId
from showroom.showrooms import Showroom

SILENCE_MS = 3_600_000


class Post(Protocol):
    """Writes to those whom a rule names, at most once in ten minutes."""

    async def __call__(
        self, connection: AsyncConnection, showroom: Showroom, alarm: Alarm
    ) -> None: ...


class Alarms:
    """The alarms of all showrooms."""

    def __init__(self, database: Database, publish: Publish, post: Post, clock: Clock) -> None:
        self._database = database
        self._publish = publish
        self._post = post
        self._clock = clock

    async def up_by_showroom(self) -> Mapping[ShowroomId, Sequence[Alarm]]:
        """Return what is up, by showroom, the oldest first."""
        async with self._database.read() as connection:
            return await rows.up_by_showroom(connection)

    async def of(self, showroom_id: ShowroomId, most: int = 0) -> tuple[Sequence[Alarm], Silences]:
        """Return a showroom's alarms that are up, or its `most` newest ones, and its silences."""
        async with self._database.read() as connection:
            found = (
                await rows.newest(connection, showroom_id, most)
                if most
                else await rows.up_in(connection, showroom_id)
            )
            return found, await rows.silences_of(connection, showroom_id, self._clock())

    async def settle(
        self, showroom: Showroom, up: Sequence[Alarm], wrong: Mapping[Key, Fact]
    ) -> bool:
        """Raise what is wrong and not up, clear what is up and not wrong, and tell of both.

        `up` is how it stood a moment ago. Returns whether anything has changed.
        """
        if {alarm.key for alarm in up} == wrong.keys() and not await self._to_tell(showroom, up):
            return False
        async with self._database.write() as connection:
            return await self._settle(connection, showroom, wrong)

    async def _to_tell(self, showroom: Showroom, up: Sequence[Alarm]) -> bool:
        """Say whether a silence is over of which nobody has heard what it kept."""
        untold = {one.kind for one in up if one.untold}
        if not untold:
            return False
        async with self._database.read() as connection:
            silenced = await rows.silences_of(connection, showroom.id, self._clock())
        return bool(untold - silenced.keys())

    async def _settle(
        self, connection: AsyncConnection, showroom: Showroom, wrong: Mapping[Key, Fact]
    ) -> bool:
        now = self._clock()
        standing = await rows.up_in(connection, showroom.id, lock=True)
        silenced = await rows.silences_of(connection, showroom.id, now)
        changed = False
        for alarm in standing:
            if alarm.key not in wrong:
                await self._clear(connection, showroom, alarm, silenced, now)
                changed = True
        known = {alarm.key: alarm for alarm in standing}
        for key, fact in wrong.items():
            found = known.get(key)
            if found is None:
                found = await rows.add(connection, showroom.id, key, fact, now)
                # None: another node was faster, and tells of it.
                changed |= found is not None
            if found is not None and found.untold and key.kind not in silenced:
                await self._tell(connection, showroom, found, now)
        return changed

    async def _tell(
        self, connection: AsyncConnection, showroom: Showroom, alarm: Alarm, now: int
    ) -> None:
        await rows.change(connection, alarm, told_at=now)
        await self._announce(connection, showroom, alarm, Topic.ALARM_RAISED)
        await self._post(connection, showroom, alarm)

    async def _clear(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        alarm: Alarm,
        silenced: Silences,
        now: int,
    ) -> None:
        await rows.change(connection, alarm, cleared_at=now)
        # Who heard nothing of it needs not hear that it is over.
        if alarm.told_at is None:
            return
        over = await rows.find(connection, showroom.id, alarm.id) or alarm
        await self._announce(connection, showroom, over, Topic.ALARM_CLEARED)
        if alarm.kind not in silenced:
            await self._post(connection, showroom, over)

    async def _announce(
        self, connection: AsyncConnection, showroom: Showroom, alarm: Alarm, topic: Topic
    ) -> None:
        if showroom.alarms.of(alarm.kind).webhook:
            data = alarm_data(showroom, alarm)
            await self._publish(connection, showroom.id, topic, alarm.id, data, None)

    async def acknowledge(self, showroom_id: ShowroomId, alarm_id: str, who: StaffId) -> None:
        """Note who has seen an alarm first. Raises `NotFound`."""
        now = self._clock()
        async with self._database.write() as connection:
            up = await rows.up_in(connection, showroom_id, lock=True)
            alarm = next((one for one in up if one.id == alarm_id), None)
            if alarm is None and await rows.find(connection, showroom_id, alarm_id) is None:
                raise NotFound
            # What is over meanwhile, or was seen by another, needs nobody any more.
            if alarm is None or alarm.acknowledged_at is not None:
                return
            await rows.change(connection, alarm, acknowledged_at=now, acknowledged_by=who)
            field = f"alarm_{alarm.kind}_acknowledged"
            await note(connection, _entry(showroom_id, now, who, field, False, True))

    async def silence(
        self, showroom_id: ShowroomId, kind: AlarmKind, silent: bool, who: StaffId
    ) -> bool:
        """Tell nobody of a kind for an hour, or end that; return whether it was silent."""
        now = self._clock()
        until = now + SILENCE_MS if silent else now
        async with self._database.write() as connection:
            before = (await rows.silences_of(connection, showroom_id, now)).get(kind)
            await rows.silence(connection, showroom_id, kind, until, who)
            field = f"alarm_{kind}_silent_until"
            after = until if silent else None
            await note(connection, _entry(showroom_id, now, who, field, before, after))
        return before is not None


def alarm_data(showroom: Showroom, alarm: Alarm) -> dict[str, Any]:
    """Return an alarm as others are told of it: nothing of who called."""
    over = alarm.cleared_at
    return {
        "id": alarm.id,
        "showroom": showroom.slug,
        "kind": alarm.kind.value,
        "endpoint": alarm.subject or None,
        "name": alarm.name or None,
        "numbers": dict(alarm.numbers),
        "since": iso(alarm.since_at),
        "raised_at": iso(alarm.raised_at),
        "cleared_at": None if over is None else iso(over),
        "lasted_s": None if over is None else (over - alarm.raised_at) // 1000,
    }


def _entry(
    showroom_id: ShowroomId, now: int, who: StaffId, field: str, before: Any, after: Any
) -> Entry:
    return Entry(
        showroom_id=showroom_id,
        happened_at=now,
        who=who,
        deed=Deed.CHANGED,
        subject=Subject.FLOOR,
        subject_id="alarms",
        before={} if before is None else {field: before},
        after={} if after is None else {field: after},
    )
