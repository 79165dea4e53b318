"""Private calendar feeds: an advisor's visits at a secret address, for their own calendar.

Calendars can't sign in, so whoever has the address may read (threat 10): it holds 256 random bits,
only a digest of it is kept, a new one replaces the old, and it can be revoked. What stands in the
feed has no address and no number of a customer (`booking.calendar.feed`).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from booking import calendar
from booking.writing import Writer
from showroom.clock import DAY_MS, Clock
from showroom.database import Database, insert
from showroom.errors import NotFound
from showroom.ids import ShowroomId, StaffId, token_digest
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import calendar_feeds, staff, staff_roles
from showroom.vehicles import Vehicles
from showroom.words import Role

# What a calendar is given: it keeps no more than this of the past, and nobody books further ahead.
PAST_MS, AHEAD_MS = 30 * DAY_MS, 400 * DAY_MS


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Whose feed it is: an advisor in one showroom, with the languages that they speak."""

    showroom_id: ShowroomId
    staff_id: StaffId
    languages: tuple[str, ...]


class Feeds:
    """The addresses of all feeds, as digests."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, showroom_id: ShowroomId, staff_id: StaffId) -> str:
        """Return the secret of a new address; it can't be read again, and ends the old one."""
        secret = secrets.token_urlsafe(32)
        kept = {"digest": token_digest(secret), "created_at": self._clock()}
        async with self._database.write() as connection:
            await connection.execute(
                insert(connection, calendar_feeds)
                .values(showroom_id=showroom_id, staff_id=staff_id, **kept)
                .on_conflict_do_update(index_elements=["showroom_id", "staff_id"], set_=kept)
            )
        return secret

    async def revoke(self, showroom_id: ShowroomId, staff_id: StaffId) -> None:
        """Let the address lead nowhere; harmless when there is none."""
        async with self._database.write() as connection:
            await connection.execute(sa.delete(calendar_feeds).where(*_of(showroom_id, staff_id)))

    async def since(self, showroom_id: ShowroomId, staff_id: StaffId) -> int | None:
        """Return when the address was made, in UTC milliseconds; None: there is none."""
        query = sa.select(calendar_feeds.c.created_at).where(*_of(showroom_id, staff_id))
        async with self._database.read() as connection:
            found: int | None = await connection.scalar(query)
        return found

    async def subscriber(self, secret: str) -> Subscriber:
        """Return whose feed a secret opens.

        Raises `NotFound` for one that is unknown or revoked, and for somebody who doesn't work
        there as an advisor any more.
        """
        if not secret.isascii():  # a made-up address: ours are, and others can't always be hashed
            raise NotFound
        feed = calendar_feeds.c
        query = (
            sa.select(feed.showroom_id, feed.staff_id, staff.c.languages)
            .select_from(calendar_feeds.join(staff))
            .join(
                staff_roles,
                sa.and_(
                    staff_roles.c.staff_id == feed.staff_id,
                    staff_roles.c.showroom_id == feed.showroom_id,
                    staff_roles.c.role == Role.ADVISOR.value,
                ),
            )
            .where(feed.digest == token_digest(secret), staff.c.disabled_at.is_(None))
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound
        return Subscriber(ShowroomId(row.showroom_id), StaffId(row.staff_id), tuple(row.languages))


class Visits(Protocol):
    """Knows an advisor's visits in a stretch of time (`booking.appointments.Appointments`)."""

    async def of(
        self, showroom_id: ShowroomId, from_ms: int, until_ms: int, advisor: StaffId | None = None
    ) -> Sequence[calendar.Entry]: ...


class FeedWriter:
    """Writes the feeds' files. `address` is where this server's pages are, `sender` its mail's."""

    def __init__(
        self,
        feeds: Feeds,
        visits: Visits,
        showrooms: Showrooms,
        vehicles: Vehicles,
        writer: Writer,
        address: str,
        sender: str,
        clock: Clock,
    ) -> None:
        self._feeds = feeds
        self._visits = visits
        self._showrooms = showrooms
        self._vehicles = vehicles
        self._writer = writer
        self._address = address
        self._sender = sender
        self._clock = clock

    async def write(self, secret: str) -> bytes:
        """Return the calendar (RFC 5545) behind a secret; raises `NotFound`."""
        who = await self._feeds.subscriber(secret)
        showroom = await self._showrooms.by_id(who.showroom_id)
        now = self._clock()
        visits = await self._visits.of(showroom.id, now - PAST_MS, now + AHEAD_MS, who.staff_id)
        return calendar.feed(
            showroom,
            visits,
            self._writer.feed_title(showroom, _language(showroom, who)),
            {car.slug: car.name for car in await self._vehicles.of(showroom.id)},
            f"{self._address}/advisor/agenda?showroom={showroom.slug}",
            self._sender,
            now,
        )


def _of(
    showroom_id: ShowroomId, staff_id: StaffId
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    feed = calendar_feeds.c
    return feed.showroom_id == showroom_id, feed.staff_id == staff_id


def _language(showroom: Showroom, who: Subscriber) -> str:
    """Return the first of the showroom's languages that the advisor speaks."""
    return next((one for one in showroom.languages if one in who.languages), showroom.languages[0])
