"""The second factor: codes of a phone that hold for half a minute (RFC 6238), and codes on paper.

What a phone's codes are made from is sealed with the server's key, for its owner alone: a copy of
the database makes no codes, and nobody can put their own in somebody else's place.
"""

import base64
import secrets
from dataclasses import dataclass

import pyotp
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.clock import Clock
from showroom.database import Database, insert
from showroom.errors import IllegalMove, NotFound, WrongCode
from showroom.ids import StaffId, token_digest
from showroom.staff_links import LinkKind, Seal, end_links, find_link, make_link
from showroom.staff_tables import staff_factors, staff_recovery_codes
from showroom.tables import staff_sessions

STEP_S = 30
# A phone's clock may be so many steps off (RFC 6238, 5.2 recommends at most one).
DRIFT = 1
RECOVERY_CODES = 10
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Factor:
    """How somebody's second factor stands. `secret`: only until it is confirmed, as base32."""

    on: bool
    secret: str | None
    codes_left: int


class Factors:
    """The second factors of all staff. `secret` is the server's key."""

    def __init__(self, database: Database, clock: Clock, secret: str) -> None:
        self._database = database
        self._clock = clock
        self._seal = Seal(secret)
        key = HKDF(SHA256(), length=32, salt=None, info=b"second factors of staff")
        self._cipher = AESGCM(key.derive(secret.encode()))

    async def of(self, who: StaffId) -> Factor:
        """Return how somebody's stands."""
        codes = sa.select(sa.func.count()).where(staff_recovery_codes.c.staff_id == who)
        async with self._database.read() as connection:
            row = (await connection.execute(_row(who))).one_or_none()
            left = await connection.scalar(codes) or 0
        if row is None:
            return Factor(on=False, secret=None, codes_left=0)
        on = row.confirmed_at is not None
        return Factor(on, None if on else self._open(who, row.sealed), left)

    async def begin(self, who: StaffId) -> None:
        """Make a secret for somebody's phone. Raises `IllegalMove` when a factor is on."""
        row = {
            "sealed": self._close(who, pyotp.random_base32()),
            "created_at": self._clock(),
            "last_step": 0,
        }
        async with self._database.write() as connection:
            made = await connection.execute(
                insert(connection, staff_factors)
                .values(staff_id=who, **row)
                .on_conflict_do_update(
                    index_elements=["staff_id"],
                    set_=row,
                    where=staff_factors.c.confirmed_at.is_(None),
                )
            )
            if made.rowcount == 0:
                raise IllegalMove("The second factor is on already.")

    async def confirm(self, who: StaffId, code: str, session: str = "") -> tuple[str, ...]:
        """Turn a factor on by its first code; return the recovery codes, which are kept nowhere.

        `session` is the digest of the one in which it is done: it has proven the factor with that.
        Raises `WrongCode`, and `IllegalMove` when nothing was begun.
        """
        codes = tuple(_on_paper() for _ in range(RECOVERY_CODES))
        async with self._database.write() as connection:
            row = (await connection.execute(_row(who).with_for_update())).one_or_none()
            if row is None or row.confirmed_at is not None:
                raise IllegalMove("Begin anew.")
            await self._use(connection, row, code)
            await connection.execute(
                sa.update(staff_factors)
                .where(staff_factors.c.staff_id == who)
                .values(confirmed_at=self._clock())
            )
            await connection.execute(
                sa.update(staff_sessions)
                .where(staff_sessions.c.staff_id == who, staff_sessions.c.digest == session)
                .values(second_factor=True)
            )
            rows = [{"staff_id": who, "digest": token_digest(_bare(one))} for one in codes]
            await connection.execute(sa.insert(staff_recovery_codes), rows)
        return codes

    async def remove(self, who: StaffId, code: str) -> None:
        """Turn a factor off by one of its codes. Raises `WrongCode`."""
        async with self._database.write() as connection:
            await self._check(connection, who, code)
            await forget_factor(connection, who)

    async def first_step(self, who: StaffId) -> str | None:
        """Return a token for the second step of a sign-in; None when there is no second factor."""
        if not (await self.of(who)).on:
            return None
        async with self._database.write() as connection:
            kind, now = LinkKind.SECOND_STEP, self._clock()
            return self._seal.token(await make_link(connection, self._seal, who, kind, now))

    async def half_way(self, token: str) -> StaffId:
        """Return who is in the midst of a sign-in. Raises `NotFound`."""
        async with self._database.read() as connection:
            link = await find_link(connection, token, self._clock())
        if link is None or link.kind is not LinkKind.SECOND_STEP:
            raise NotFound
        return link.staff_id

    async def second_step(self, token: str, code: str) -> StaffId:
        """Return who has signed in, once. Raises `WrongCode`, and `NotFound` for the token."""
        async with self._database.write() as connection:
            link = await find_link(connection, token, self._clock(), lock=True)
            if link is None or link.kind is not LinkKind.SECOND_STEP:
                raise NotFound
            await self._check(connection, link.staff_id, code)
            await end_links(connection, link.staff_id, LinkKind.SECOND_STEP)
        return link.staff_id

    async def _check(self, connection: AsyncConnection, who: StaffId, code: str) -> None:
        """Use up a phone's code, or one on paper."""
        row = (await connection.execute(_row(who).with_for_update())).one_or_none()
        if row is None or row.confirmed_at is None:
            raise WrongCode
        bare = _bare(code)
        if len(bare) > 6 and bare.isascii():
            spent = await connection.execute(
                sa.delete(staff_recovery_codes).where(
                    staff_recovery_codes.c.staff_id == who,
                    staff_recovery_codes.c.digest == token_digest(bare),
                )
            )
            if spent.rowcount == 1:
                return
        await self._use(connection, row, bare)

    async def _use(self, connection: AsyncConnection, row: sa.Row[tuple[str]], code: str) -> None:
        """Use up a phone's code: neither it nor an older one is right again (RFC 6238, 5.2)."""
        phone = pyotp.TOTP(self._open(StaffId(row.staff_id), row.sealed))
        now = self._clock() // 1000 // STEP_S
        typed = _bare(code)
        for step in range(now - DRIFT, now + DRIFT + 1):
            right = pyotp.utils.strings_equal(typed, phone.at(step * STEP_S))
            if right and step > row.last_step:
                await connection.execute(
                    sa.update(staff_factors)
                    .where(staff_factors.c.staff_id == row.staff_id)
                    .values(last_step=step)
                )
                return
        raise WrongCode

    def _close(self, who: StaffId, secret: str) -> str:
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher.encrypt(nonce, secret.encode(), who.encode())
        return base64.b64encode(nonce + sealed).decode()

    def _open(self, who: StaffId, sealed: str) -> str:
        raw = base64.b64decode(sealed)
        try:
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], who.encode()).decode()
        except InvalidTag:
            # Sealed under another key of the server's: an administrator can reset it.
            raise WrongCode from None


async def forget_factor(connection: AsyncConnection, who: StaffId) -> bool:
    """Remove somebody's second factor in the caller's transaction; say whether it was on."""
    await connection.execute(
        sa.delete(staff_recovery_codes).where(staff_recovery_codes.c.staff_id == who)
    )
    found = await connection.execute(
        sa.delete(staff_factors)
        .where(staff_factors.c.staff_id == who)
        .returning(staff_factors.c.confirmed_at)
    )
    # What it has proven, it proves no more.
    await connection.execute(
        sa.update(staff_sessions)
        .where(staff_sessions.c.staff_id == who)
        .values(second_factor=False)
    )
    return any(row.confirmed_at is not None for row in found)


def _row(who: StaffId) -> sa.Select[tuple[str]]:
    return sa.select(staff_factors).where(staff_factors.c.staff_id == who)


def _on_paper() -> str:
    """Return 80 random bits in digits, as a phone's keys for numbers type them."""
    text = f"{secrets.randbelow(10**24):024}"
    return "-".join(text[i : i + 4] for i in range(0, 24, 4))


def _bare(code: str) -> str:
    return "".join(sign for sign in code if sign.isalnum())
