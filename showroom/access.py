"""The ways to a password that lead through a letter: an invitation, and a forgotten one."""

import asyncio

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import NotFound, ShowroomError
from showroom.ids import ShowroomId
from showroom.members import Member, StaffState, everybody
from showroom.passwords import Passwords
from showroom.staff import keep_password
from showroom.staff_links import LASTS_MS, Link, LinkKind, Seal, find_link, link_of, make_link
from showroom.tables import showrooms, staff
from showroom.team import Post

log = structlog.get_logger()

# Whoever asks again sooner has a letter on its way, and nobody's letter box is filled.
PAUSE_MS = 120_000
BY_LETTER = frozenset({LinkKind.INVITATION, LinkKind.RESET})


class Access:
    """Links that were sent by mail, and what they are exchanged for."""

    def __init__(
        self, database: Database, clock: Clock, passwords: Passwords, seal: Seal, post: Post
    ) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._seal = seal
        self._post = post
        self._writing: set[asyncio.Task[None]] = set()

    def forgotten(self, email: str) -> None:
        """Write to whoever has this address, if anybody has.

        It is done after the answer, so that neither what is answered nor how long it takes tells
        whether there is such an account.
        """
        task = asyncio.create_task(self._write(email.strip().lower()))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def settle(self) -> None:
        """Wait for the letters that are being written."""
        await asyncio.gather(*self._writing)

    async def opened(self, token: str) -> tuple[Link, Member]:
        """Return the link behind a token, and whose it is. Raises `NotFound`."""
        async with self._database.read() as connection:
            link = await find_link(connection, token, self._clock())
            if link is None or link.kind not in BY_LETTER:
                raise NotFound
            members = await everybody(connection)
        return link, next(one for one in members if one.person.id == link.staff_id)

    async def set_password(
        self, token: str, password: str, languages: tuple[str, ...] | None = None
    ) -> None:
        """Exchange a link for a password, once; all sessions and other links of its owner end.

        Raises `NotFound` for a link that does not hold, and `BadRequest` for the password.
        """
        await self.opened(token)  # hashing costs much: not for whoever guesses
        hashed = await self._passwords.hash(password)
        async with self._database.write() as connection:
            link = await find_link(connection, token, self._clock(), lock=True)
            if link is None or link.kind not in BY_LETTER:
                raise NotFound
            await keep_password(connection, link.staff_id, hashed)
            if link.kind is LinkKind.INVITATION and languages:
                await connection.execute(
                    sa.update(staff)
                    .where(staff.c.id == link.staff_id)
                    .values(languages=list(languages))
                )

    async def _write(self, email: str) -> None:
        try:
            async with self._database.write() as connection:
                await self._write_to(connection, email)
        except ShowroomError as error:
            log.warning("a letter could not be written", why=error.code)

    async def _write_to(self, connection: AsyncConnection, email: str) -> None:
        # Locked, so that of two requests at once one writes.
        members = await everybody(connection, lock=True)
        member = next((one for one in members if one.person.email == email), None)
        # Who is invited has a letter already, which managers may take back.
        if member is None or member.state is not StaffState.ACTIVE or not member.roles:
            return
        who, kind, now = member.person.id, LinkKind.RESET, self._clock()
        before = await link_of(connection, who, kind)
        if before and now - before.created_at < PAUSE_MS:
            return
        rooms = sa.select(showrooms.c.id).where(showrooms.c.id.in_(member.roles))
        first = await connection.scalar(rooms.order_by(showrooms.c.slug).limit(1))
        if first is None:
            return
        await self._post.drop(connection, who, kind)
        link = await make_link(connection, self._seal, who, kind, now)
        expires_at = now + LASTS_MS[kind]
        await self._post.send(connection, ShowroomId(first), who, kind, link, expires_at)
