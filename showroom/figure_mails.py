"""Mails of figures that managers get again and again: who gets which page, and when the next one.

They go to whoever asked for them and to nobody else, and only while they lead the showroom.
"""

import base64
import hashlib
import hmac
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.audit import Subject, entry_of, note
from showroom.clock import Clock, to_datetime
from showroom.database import Database
from showroom.errors import NotFound, TooMany
from showroom.hours import instant
from showroom.ids import FigureMailId, ShowroomId, StaffId, new_id
from showroom.mail_tables import figure_mails
from showroom.showrooms import Showroom
from showroom.tables import staff, staff_roles
from showroom.words import Role

MOST = 20
LEADS = (Role.MANAGER, Role.ADMINISTRATOR)


class Rhythm(StrEnum):
    """How often, and what about."""

    DAILY = "daily"  # about the day before
    WEEKLY = "weekly"  # on Mondays, about the week before


@dataclass(frozen=True, slots=True)
class FigureMail:
    """A mail that goes again and again. `asked`: the filter of the page's address; `minute`: of the
    day by the showroom's clock; `next_at`: UTC milliseconds."""

    id: FigureMailId
    showroom_id: ShowroomId
    staff_id: StaffId
    page: str
    asked: str
    language: str
    rhythm: Rhythm
    minute: int
    created_at: int
    next_at: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a mail goes to."""

    name: str
    email: str


def next_time(rhythm: Rhythm, minute: int, zone: str, after_ms: int) -> int:
    """Return when such a mail is due for the first time after a moment."""
    day = to_datetime(after_ms).astimezone(ZoneInfo(zone)).date()
    while True:
        if rhythm is Rhythm.DAILY or day.weekday() == 0:
            at_ms = instant(day, minute, ZoneInfo(zone))
            if at_ms > after_ms:
                return at_ms
        day += timedelta(days=1)


def days_of(rhythm: Rhythm, zone: str, now_ms: int) -> tuple[date, date]:
    """Return the days that a mail of this moment is about: yesterday, or the week before."""
    today = to_datetime(now_ms).astimezone(ZoneInfo(zone)).date()
    if rhythm is Rhythm.DAILY:
        return today - timedelta(days=1), today - timedelta(days=1)
    monday = today - timedelta(days=today.weekday())
    return monday - timedelta(days=7), monday - timedelta(days=1)


class FigureMails:
    """The mails of all showrooms. `secret` is the server's key."""

    def __init__(self, database: Database, clock: Clock, secret: str) -> None:
        self._database = database
        self._clock = clock
        self._secret = secret.encode()

    def token(self, mail: FigureMailId) -> str:
        """Return what the address ends with at which a mail can be stopped without a password."""
        made = hmac.new(self._secret, b"figure mail:" + mail.encode(), hashlib.sha256).digest()
        return f"{mail}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"

    async def of(self, showroom_id: ShowroomId, staff_id: StaffId) -> list[FigureMail]:
        """Return somebody's mails of a showroom, the oldest first."""
        query = sa.select(figure_mails).where(
            figure_mails.c.showroom_id == showroom_id, figure_mails.c.staff_id == staff_id
        )
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by("created_at", "id"))
            return [_mail(row) for row in rows]

    async def add(
        self,
        showroom: Showroom,
        staff_id: StaffId,
        page: str,
        asked: str,
        language: str,
        rhythm: Rhythm,
        minute: int,
    ) -> FigureMail:
        """Begin a mail. Asking twice for the same changes nothing. Raises `TooMany`."""
        now = self._clock()
        mail = FigureMail(
            FigureMailId(new_id()), showroom.id, staff_id, page, asked, language, rhythm, minute,
            now, next_time(rhythm, minute, showroom.zone, now),
        )  # fmt: skip
        async with self._database.write() as connection:
            # One after the other: two windows must not both find room for the last one.
            mine = sa.select(staff.c.id).where(staff.c.id == staff_id).with_for_update()
            await connection.execute(mine)
            known = sa.select(figure_mails).where(figure_mails.c.staff_id == staff_id)
            had = [_mail(row) for row in await connection.execute(known)]
            for one in had:
                if _same(one) == _same(mail):
                    return one
            if len(had) >= MOST:
                raise TooMany
            await connection.execute(sa.insert(figure_mails).values(asdict(mail)))
            entry = entry_of(showroom.id, now, staff_id, Subject.MAIL, mail.id, None, _noted(mail))
            await note(connection, entry)
        return mail

    async def stop(self, showroom_id: ShowroomId, staff_id: StaffId, mail: FigureMailId) -> None:
        """End one of somebody's own mails; harmless when it is over. Raises `NotFound`."""
        async with self._database.write() as connection:
            found = await _one(connection, mail)
            if found and (found.showroom_id, found.staff_id) != (showroom_id, staff_id):
                raise NotFound
            if found:
                await self._end(connection, found, staff_id)

    async def behind(self, token: str) -> FigureMail | None:
        """Return the mail that a link stops; None when it is over. Raises `NotFound`."""
        mail = self._opened(token)
        async with self._database.read() as connection:
            return await _one(connection, mail)

    async def stop_by(self, token: str) -> None:
        """End the mail that a link stops; harmless when it is over. Raises `NotFound`."""
        mail = self._opened(token)
        async with self._database.write() as connection:
            if found := await _one(connection, mail):
                await self._end(connection, found, found.staff_id)

    async def reader(self, mail: FigureMail) -> Reader | None:
        """Return who gets a mail; who does not lead the showroom any more gets none, for good."""
        async with self._database.read() as connection:
            if found := await _reader(connection, mail):
                return found
        async with self._database.write() as connection:
            if await _one(connection, mail.id) and not await _reader(connection, mail):
                await self._end(connection, mail, mail.staff_id)
        return None

    async def get(self, mail: FigureMailId) -> FigureMail | None:
        """Return a mail, if it goes on."""
        async with self._database.read() as connection:
            return await _one(connection, mail)

    async def due(self) -> list[FigureMail]:
        """Return what is to be sent by now."""
        query = sa.select(figure_mails).where(figure_mails.c.next_at <= self._clock())
        async with self._database.read() as connection:
            return [_mail(row) for row in await connection.execute(query)]

    async def take(
        self, connection: AsyncConnection, mail: FigureMail, showroom: Showroom
    ) -> int | None:
        """Return the moment of a mail that is ours to send now, or None: it is another node's.

        In the transaction that puts it into the outbox. What was due while no node ran goes once.
        """
        now = self._clock()
        following = next_time(mail.rhythm, mail.minute, showroom.zone, now)
        taken = await connection.execute(
            sa.update(figure_mails)
            .where(figure_mails.c.id == mail.id, figure_mails.c.next_at == mail.next_at)
            .values(next_at=following)
        )
        return now if taken.rowcount == 1 else None

    def _opened(self, token: str) -> FigureMailId:
        mail = FigureMailId(token.rpartition(".")[0])
        if not token.isascii() or not hmac.compare_digest(self.token(mail), token):
            raise NotFound
        return mail

    async def _end(self, connection: AsyncConnection, mail: FigureMail, who: StaffId) -> None:
        gone = await connection.execute(sa.delete(figure_mails).where(figure_mails.c.id == mail.id))
        if gone.rowcount:
            now, before = self._clock(), _noted(mail)
            await note(
                connection,
                entry_of(mail.showroom_id, now, who, Subject.MAIL, mail.id, before, None),
            )


async def _one(connection: AsyncConnection, mail: FigureMailId) -> FigureMail | None:
    query = sa.select(figure_mails).where(figure_mails.c.id == mail)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _mail(row)


async def _reader(connection: AsyncConnection, mail: FigureMail) -> Reader | None:
    query = (
        sa.select(staff.c.name, staff.c.email)
        .select_from(staff.join(staff_roles))
        .where(
            staff.c.id == mail.staff_id,
            staff.c.disabled_at.is_(None),
            staff_roles.c.showroom_id == mail.showroom_id,
            staff_roles.c.role.in_([role.value for role in LEADS]),
        )
    )
    row = (await connection.execute(query)).first()
    return None if row is None else Reader(row.name, row.email)


def _mail(row: sa.Row[tuple[object, ...]]) -> FigureMail:
    known = dict(row._mapping)
    return FigureMail(**known | {"rhythm": Rhythm(known["rhythm"])})


def _same(mail: FigureMail) -> tuple[object, ...]:
    return mail.showroom_id, mail.page, mail.asked, mail.language, mail.rhythm, mail.minute


def _noted(mail: FigureMail) -> dict[str, str]:
    """Return what the log says of a mail."""
    time = f"{mail.minute // 60:02}:{mail.minute % 60:02}"
    return {"page": mail.page, "rhythm": mail.rhythm.value, "at": time}
