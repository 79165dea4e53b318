"""Alarms as rows: read, raised, cleared. What runs here runs in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.alarms.judging import Fact, Key
from showroom.alarm_tables import UP, alarm_silences, alarms
from showroom.alarms import AlarmKind
from showroom.database import insert
from showroom.ids import ShowroomId, StaffId, new_id


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. Moments in UTC milliseconds; `since_at` is since when what is wrong was so.

    `told_at`: when others were told of it first, which may be later where it was silenced.
    `mail_at`: when a letter about it goes out, or went last.
    """

    id: str
    showroom_id: ShowroomId
    kind: AlarmKind
    subject: str
    name: str
    numbers: Mapping[str, int]
    since_at: int
    raised_at: int
    told_at: int | None
    mail_at: int | None
    acknowledged_at: int | None
    acknowledged_by: StaffId | None
    cleared_at: int | None

    @property
    def key(self) -> Key:
        """What there is at most one of that is up."""
        return Key(self.kind, self.subject)

    @property
    def untold(self) -> bool:
        """Whether nobody was told of it, and nobody has seen it."""
        return self.told_at is None and self.acknowledged_at is None


Silences = Mapping[AlarmKind, int]
STORED = TypeAdapter(Alarm)
COLUMNS = [alarms.c[one.name] for one in fields(Alarm)]


async def up_by_showroom(connection: AsyncConnection) -> dict[ShowroomId, list[Alarm]]:
    """Return all alarms that are up, the oldest first."""
    found: dict[ShowroomId, list[Alarm]] = {}
    query = sa.select(*COLUMNS).where(alarms.c.cleared_at.is_(None))
    for alarm in await _read(connection, query.order_by(alarms.c.raised_at, alarms.c.id)):
        found.setdefault(alarm.showroom_id, []).append(alarm)
    return found


async def up_in(
    connection: AsyncConnection, showroom_id: ShowroomId, *, lock: bool = False
) -> list[Alarm]:
    """Return a showroom's alarms that are up, the oldest first."""
    here = (alarms.c.showroom_id == showroom_id, alarms.c.cleared_at.is_(None))
    query = sa.select(*COLUMNS).where(*here).order_by(alarms.c.raised_at, alarms.c.id)
    return await _read(connection, query.with_for_update() if lock else query)


async def newest(
    connection: AsyncConnection, showroom_id: ShowroomId, limit: int
) -> Sequence[Alarm]:
    """Return the newest alarms of a showroom, up or not."""
    query = sa.select(*COLUMNS).where(alarms.c.showroom_id == showroom_id)
    query = query.order_by(alarms.c.raised_at.desc(), alarms.c.id.desc()).limit(limit)
    return await _read(connection, query)


async def last_of(connection: AsyncConnection, showroom_id: ShowroomId, key: Key) -> Alarm | None:
    """Return the newest alarm of one key."""
    query = sa.select(*COLUMNS).where(
        alarms.c.showroom_id == showroom_id,
        alarms.c.kind == key.kind.value,
        alarms.c.subject == key.subject,
    )
    query = query.order_by(alarms.c.raised_at.desc(), alarms.c.id.desc()).limit(1)
    found = await _read(connection, query)
    return found[0] if found else None


async def find(connection: AsyncConnection, showroom_id: ShowroomId, alarm_id: str) -> Alarm | None:
    """Return one alarm of a showroom, or None."""
    query = sa.select(*COLUMNS).where(alarms.c.showroom_id == showroom_id, alarms.c.id == alarm_id)
    found = await _read(connection, query)
    return found[0] if found else None


async def add(
    connection: AsyncConnection, showroom_id: ShowroomId, key: Key, fact: Fact, now_ms: int
) -> Alarm | None:
    """Raise an alarm; None when somebody else has just done so."""
    alarm_id = new_id()
    row = {
        "id": alarm_id,
        "showroom_id": showroom_id,
        "kind": key.kind.value,
        "subject": key.subject,
        "name": fact.name,
        "numbers": dict(fact.numbers),
        "since_at": fact.since,
        "raised_at": now_ms,
    }
    added = await connection.execute(
        insert(connection, alarms)
        .values(row)
        .on_conflict_do_nothing(index_elements=["showroom_id", "kind", "subject"], index_where=UP)
    )
    if not added.rowcount:
        return None
    return await find(connection, showroom_id, alarm_id)


async def change(connection: AsyncConnection, alarm: Alarm, **values: object) -> None:
    """Set fields of one alarm."""
    which = (alarms.c.id == alarm.id, alarms.c.showroom_id == alarm.showroom_id)
    await connection.execute(sa.update(alarms).where(*which).values(**values))


async def last_mail(connection: AsyncConnection, showroom_id: ShowroomId, key: Key) -> int | None:
    """Return when the last letter about alarms of one key goes out, or went; None for none."""
    query = sa.select(sa.func.max(alarms.c.mail_at)).where(
        alarms.c.showroom_id == showroom_id,
        alarms.c.kind == key.kind.value,
        alarms.c.subject == key.subject,
    )
    found: int | None = await connection.scalar(query)
    return found


async def silences_of(
    connection: AsyncConnection, showroom_id: ShowroomId, now_ms: int
) -> dict[AlarmKind, int]:
    """Return until when (UTC ms) kinds are silenced, of those that are."""
    c = alarm_silences.c
    query = sa.select(c.kind, c.until_at).where(c.showroom_id == showroom_id, c.until_at > now_ms)
    return {AlarmKind(kind): until for kind, until in await connection.execute(query)}


async def silence(
    connection: AsyncConnection,
    showroom_id: ShowroomId,
    kind: AlarmKind,
    until_ms: int,
    staff_id: StaffId,
) -> None:
    """Silence a kind until then; a moment that is over ends a silence."""
    row = {"showroom_id": showroom_id, "kind": kind.value}
    set_to = {"until_at": until_ms, "staff_id": staff_id}
    await connection.execute(
        insert(connection, alarm_silences)
        .values(row | set_to)
        .on_conflict_do_update(index_elements=["showroom_id", "kind"], set_=set_to)
    )


async def _read(connection: AsyncConnection, query: sa.Select[tuple[object, ...]]) -> list[Alarm]:
    found = await connection.execute(query)
    return [STORED.validate_python(dict(row)) for row in found.mappings()]
