"""Requests that are sent twice are done once: what was answered is kept by the caller's key for it.

After draft-ietf-httpapi-idempotency-key-header. The first request claims its key before it is
carried out and leaves its answer there; the same request again gets that answer. A claim runs out
by itself, so a node that died with one blocks nobody: whoever carries a request out once more
makes what it makes under the id that the first one had for it (`Claim.id`), and finds it there.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.clock import Clock
from showroom.database import Database, insert
from showroom.ids import ShowroomId
from showroom.lead_tables import idempotent_requests as table

KEPT_MS = 24 * 3_600_000
# No request may take longer: whoever comes after that carries it out again.
CLAIM_MS = 60_000


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry a request out, until `CLAIM_MS` after `claimed_at` (UTC ms).

    `request` is the digest of what it says, `created_at` when it came first.
    """

    digest: str
    request: str
    created_at: int
    claimed_at: int

    @property
    def id(self) -> str:
        """The id of what the request makes, whoever carries it out: 128 bits of a digest.

        Whoever uses the key again after a day asks for something else, and must not find this.
        """
        made = digest_of(self.digest, self.request, str(self.created_at))
        return urlsafe_b64encode(bytes.fromhex(made)[:16]).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered the first time."""

    status: int
    headers: Mapping[str, str]
    body: str


class StillRunning(Exception):
    """Somebody carries this very request out right now."""

    def __init__(self, retry_after: int) -> None:
        """`retry_after`: seconds until it is over or its claim runs out."""
        super().__init__("this request is being carried out")
        self.retry_after = retry_after


class OtherRequest(Exception):
    """The key was used for a request that says something else."""


class Repetitions:
    """The answers of the last 24 hours."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def claim(
        self, showroom_id: ShowroomId, caller: str, place: str, key: str, request: str
    ) -> Claim | KeptAnswer:
        """Claim a request, or return what was answered to it.

        `place` is method and address, `key` what the caller chose for it, `request` the digest of
        all that it says. Raises `StillRunning` and `OtherRequest`.
        """
        now = self._clock()
        claim = Claim(digest_of(caller, place, key), request, created_at=now, claimed_at=now)
        row: dict[str, object] = {
            "digest": claim.digest,
            "showroom_id": showroom_id,
            "request": request,
            "status": None,
            "headers": {},
            "body": "",
            "created_at": now,
            "claimed_at": now,
        }
        async with self._database.write() as connection:
            added = await connection.execute(
                insert(connection, table).values(row).on_conflict_do_nothing()
            )
            return claim if added.rowcount else await self._again(connection, claim, row)

    async def _again(
        self, connection: AsyncConnection, claim: Claim, row: dict[str, object]
    ) -> Claim | KeptAnswer:
        here = table.c.digest == claim.digest
        query = sa.select(table).where(here).with_for_update()
        known = (await connection.execute(query)).one_or_none()
        if known is None:
            raise StillRunning(1)  # it was swept this very moment
        # What is there is changed, never replaced: who waits for its lock must find it.
        if known.created_at <= claim.created_at - KEPT_MS:
            await connection.execute(sa.update(table).where(here).values(row))
            return claim
        if known.request != claim.request:
            raise OtherRequest
        if known.status is not None:
            return KeptAnswer(known.status, known.headers, known.body)
        if (left_ms := known.claimed_at + CLAIM_MS - claim.claimed_at) > 0:
            raise StillRunning(-(-left_ms // 1000))
        await connection.execute(sa.update(table).where(here).values(claimed_at=claim.claimed_at))
        return replace(claim, created_at=known.created_at)

    async def keep(self, claim: Claim, answer: KeptAnswer) -> None:
        """Keep what was answered. Whoever lost the claim meanwhile changes nothing."""
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(table)
                .where(*_held(claim))
                .values(status=answer.status, headers=dict(answer.headers), body=answer.body)
            )

    async def give_up(self, claim: Claim) -> None:
        """Let the next one try at once: there was no answer that is worth keeping.

        The row stays. What failed may be done all the same, and the next one must find it.
        """
        async with self._database.write() as connection:
            await connection.execute(sa.update(table).where(*_held(claim)).values(claimed_at=0))

    async def sweep(self) -> None:
        """Forget what is older than a day."""
        async with self._database.write() as connection:
            await connection.execute(
                sa.delete(table).where(table.c.created_at <= self._clock() - KEPT_MS)
            )


def digest_of(*parts: str) -> str:
    """Return the SHA-256 of some texts, in hexadecimal; where one ends matters."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()


def _held(claim: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        table.c.digest == claim.digest,
        table.c.claimed_at == claim.claimed_at,
        table.c.status.is_(None),
    )
