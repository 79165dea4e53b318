"""Staff: who works here, how they prove it, and what they may do in which showroom."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.clock import Clock
from showroom.database import Database, insert
from showroom.errors import BadRequest, Conflict, NotFound, WrongCredentials
from showroom.factor_policy import factor_demanded, factor_given, factor_on
from showroom.factors import forget_factor
from showroom.ids import ShowroomId, StaffId, new_id, token_digest
from showroom.passwords import Passwords
from showroom.staff_links import end_links
from showroom.tables import follow_ups, showrooms, staff, staff_roles, staff_sessions
from showroom.words import Role

HOUR_MS = 3_600_000
# A session that ran out during a call is known for so long, so that the call may go on.
REMEMBERED_MS = 24 * HOUR_MS
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in. `digest` names the session without giving its token away."""

    digest: str
    staff_id: StaffId
    name: str
    email: str
    languages: tuple[str, ...]
    robot: bool
    roles: Mapping[ShowroomId, frozenset[Role]]
    # A showroom that they manage demands a second factor; this session has one behind it.
    factor_demanded: bool = False
    second_factor: bool = False

    @property
    def lacks_factor(self) -> bool:
        """Whether they set up a second factor before anything else."""
        return self.factor_demanded and not self.second_factor

    def manages(self, showroom: ShowroomId) -> bool:
        """Say whether they may do there what is a manager's."""
        return bool(self.roles.get(showroom, frozenset()) & {Role.MANAGER, Role.ADMINISTRATOR})


class SessionEnd(StrEnum):
    """Why a session is over."""

    EXPIRED = "expired"  # its hours have passed
    SIGNED_OUT = "signed_out"  # somebody ended it, on whatever page, or set a new password
    DISABLED = "disabled"  # the account was switched off
    FACTOR_NEEDED = "factor_needed"  # it goes on once they have set up a second factor


class Staff:
    """The accounts of all showrooms."""

    def __init__(
        self, database: Database, clock: Clock, passwords: Passwords | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords or Passwords()

    async def add(
        self,
        email: str,
        name: str,
        password: str,
        roles: Mapping[str, Role],
        languages: Iterable[str],
        robot: bool = False,
    ) -> StaffId:
        """Add somebody, with one role by showroom slug.

        Raises `BadRequest` for an address, name or password that can't be one, `Conflict` when
        the address is taken, `NotFound` for a showroom that does not exist.
        """
        address = normalised(email)
        if not 0 < len(name.strip()) <= LONGEST_NAME:
            raise BadRequest(f"A name has 1 to {LONGEST_NAME} characters.")
        staff_id = StaffId(new_id())
        row = {
            "id": staff_id,
            "email": address,
            "name": name.strip(),
            "password": await self._passwords.hash(password),
            "languages": list(languages),
            "robot": robot,
            "created_at": self._clock(),
            "disabled_at": None,
        }
        try:
            async with self._database.write() as connection:
                await connection.execute(sa.insert(staff).values(row))
                for slug, role in roles.items():
                    await _grant(connection, staff_id, slug, role)
        except IntegrityError as error:
            raise Conflict("There is an account with this e-mail address already.") from error
        return staff_id

    async def grant(self, email: str, slug: str, role: Role) -> None:
        """Give somebody one more role in a showroom; raises `NotFound`."""
        async with self._database.write() as connection:
            staff_id = await _id_of(connection, email)
            await _grant(connection, staff_id, slug, role)

    async def set_password(self, email: str, password: str) -> None:
        """Replace a password and end all sessions; raises `NotFound` and `BadRequest`."""
        hashed = await self._passwords.hash(password)
        async with self._database.write() as connection:
            staff_id = await _id_of(connection, email)
            await keep_password(connection, staff_id, hashed)

    async def reset_factor(self, email: str) -> None:
        """Remove a second factor that is lost, and end all sessions. Raises `NotFound`."""
        async with self._database.write() as connection:
            staff_id = await _id_of(connection, email)
            await forget_factor(connection, staff_id)
            await end_sessions(connection, staff_id)
            await end_links(connection, staff_id)

    async def disable(self, email: str) -> None:
        """Shut somebody out: no more sign-ins, and the sessions end now. Raises `NotFound`.

        The follow-ups that they had taken on are anybody's again.
        """
        async with self._database.write() as connection:
            await shut_out(connection, await _id_of(connection, email), self._clock())

    async def check(self, email: str, password: str) -> StaffId:
        """Return whose e-mail address and password these are; raises `WrongCredentials`.

        An unknown address costs as much time as a wrong password.
        """
        query = sa.select(staff.c.id, staff.c.password).where(
            staff.c.email == email.strip().lower(), staff.c.disabled_at.is_(None)
        )
        async with self._database.read() as connection:
            found = (await connection.execute(query)).one_or_none()
        if (
            not await self._passwords.matches(password, found.password if found else None)
            or not found
        ):
            raise WrongCredentials
        if self._passwords.outdated(found.password):
            await self._replace(StaffId(found.id), found.password, password)
        return StaffId(found.id)

    async def open_session(
        self, staff_id: StaffId, hours: int, *, second_factor: bool = False
    ) -> str:
        """Return the token of a new session; only its digest is kept. Old sessions are swept.

        `second_factor`: the company's sign-in has asked for one.
        """
        token = secrets.token_urlsafe(32)
        now = self._clock()
        async with self._database.write() as connection:
            await connection.execute(
                sa.delete(staff_sessions).where(staff_sessions.c.expires_at <= now - REMEMBERED_MS)
            )
            await connection.execute(
                sa.insert(staff_sessions).values(
                    digest=token_digest(token),
                    staff_id=staff_id,
                    created_at=now,
                    expires_at=now + hours * HOUR_MS,
                    second_factor=second_factor,
                )
            )
            await connection.execute(
                sa.update(staff).where(staff.c.id == staff_id).values(signed_in_at=now)
            )
        return token

    async def session(self, token: str) -> Session | None:
        """Return who is signed in with `token`; None when nobody is (any more)."""
        if not token.isascii():  # a made-up cookie: ours are, and others can't always be hashed
            return None
        query = (
            sa.select(
                staff,
                staff_roles.c.showroom_id,
                staff_roles.c.role,
                factor_demanded().label("demanded"),
                factor_given().label("given"),
                factor_on().label("factor_on"),
            )
            .select_from(staff.join(staff_sessions).outerjoin(staff_roles))
            .where(*self._valid(), staff_sessions.c.digest == token_digest(token))
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        if not rows:
            return None
        found = rows[0]
        if found.demanded and found.factor_on and not found.given:
            return None  # a password alone opened it, before there was a factor: they sign in anew
        roles: dict[ShowroomId, frozenset[Role]] = {}
        for row in rows:
            if row.showroom_id is not None:
                showroom_id = ShowroomId(row.showroom_id)
                roles[showroom_id] = roles.get(showroom_id, frozenset()) | {Role(row.role)}
        return Session(
            digest=token_digest(token),
            staff_id=StaffId(found.id),
            name=found.name,
            email=found.email,
            languages=tuple(found.languages),
            robot=found.robot,
            roles=roles,
            factor_demanded=found.demanded,
            second_factor=found.given,
        )

    async def close_session(self, token: str) -> None:
        """Sign out; harmless when the session is over already."""
        async with self._database.write() as connection:
            await connection.execute(
                sa.delete(staff_sessions).where(staff_sessions.c.digest == token_digest(token))
            )

    async def ends(self, sessions: Mapping[str, StaffId]) -> dict[str, SessionEnd]:
        """Return which of these sessions (digest -> whose) are over, and why, in one query."""
        if not sessions:
            return {}
        query = (
            sa.select(
                staff.c.id,
                staff_sessions.c.digest,
                staff_sessions.c.expires_at,
                sa.and_(factor_demanded(), sa.not_(factor_given())).label("lacks_factor"),
            )
            .select_from(staff.outerjoin(staff_sessions))
            .where(staff.c.disabled_at.is_(None), staff.c.id.in_(set(sessions.values())))
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        enabled = {row.id for row in rows}
        until = {row.digest: row.expires_at for row in rows}
        lacking = {row.digest for row in rows if row.lacks_factor}
        ends = {}
        for digest, staff_id in sessions.items():
            if staff_id not in enabled:
                ends[digest] = SessionEnd.DISABLED
            elif digest not in until:
                ends[digest] = SessionEnd.SIGNED_OUT
            elif until[digest] <= self._clock():
                ends[digest] = SessionEnd.EXPIRED
            elif digest in lacking:
                ends[digest] = SessionEnd.FACTOR_NEEDED
        return ends

    async def names(self, showroom_id: ShowroomId) -> dict[StaffId, str]:
        """Return the names of a showroom's staff, those who have left too: calls name them."""
        query = (
            sa.select(staff.c.id, staff.c.name)
            .join(staff_roles)
            .where(staff_roles.c.showroom_id == showroom_id)
            .distinct()
        )
        async with self._database.read() as connection:
            return {StaffId(row.id): row.name for row in await connection.execute(query)}

    def _valid(self) -> tuple[sa.ColumnElement[bool], ...]:
        return staff.c.disabled_at.is_(None), staff_sessions.c.expires_at > self._clock()

    async def _replace(self, staff_id: StaffId, old: str, password: str) -> None:
        """Hash a right password anew, unless somebody has changed it meanwhile."""
        new = await self._passwords.hash(password)
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(staff)
                .where(staff.c.id == staff_id, staff.c.password == old)
                .values(password=new)
            )


def normalised(email: str) -> str:
    """Return an e-mail address as accounts are looked up by it; raises `BadRequest`."""
    address = email.strip().lower()
    name, _, host = address.rpartition("@")
    if not name or "." not in host or len(address) > 254 or any(map(str.isspace, address)):
        raise BadRequest("An e-mail address looks like name@example.com.")
    return address


async def shut_out(connection: AsyncConnection, staff_id: StaffId, now_ms: int) -> None:
    """Do in the caller's transaction what `Staff.disable` does."""
    await connection.execute(
        sa.update(staff).where(staff.c.id == staff_id).values(disabled_at=now_ms)
    )
    await connection.execute(
        sa.update(follow_ups)
        .where(follow_ups.c.taken_by == staff_id, follow_ups.c.finished_at.is_(None))
        .values(taken_by=None, taken_at=None)
    )
    await end_sessions(connection, staff_id)
    await end_links(connection, staff_id)


async def keep_password(connection: AsyncConnection, staff_id: StaffId, hashed: str) -> None:
    """Replace a password in the caller's transaction: what the old one opened ends."""
    await connection.execute(sa.update(staff).where(staff.c.id == staff_id).values(password=hashed))
    await end_sessions(connection, staff_id)
    await end_links(connection, staff_id)


async def _id_of(connection: AsyncConnection, email: str) -> StaffId:
    query = sa.select(staff.c.id).where(staff.c.email == email.strip().lower())
    found = await connection.scalar(query)
    if found is None:
        raise NotFound("There is no account with this e-mail address.")
    return StaffId(found)


async def end_sessions(connection: AsyncConnection, staff_id: StaffId) -> None:
    """Sign somebody out everywhere, in the caller's transaction."""
    await connection.execute(sa.delete(staff_sessions).where(staff_sessions.c.staff_id == staff_id))


async def _grant(connection: AsyncConnection, staff_id: StaffId, slug: str, role: Role) -> None:
    showroom_id = await connection.scalar(sa.select(showrooms.c.id).where(showrooms.c.slug == slug))
    if showroom_id is None:
        raise NotFound(f"There is no showroom {slug!r}.")
    await connection.execute(
        insert(connection, staff_roles)
        .values(staff_id=staff_id, showroom_id=showroom_id, role=role.value)
        .on_conflict_do_nothing()
    )
