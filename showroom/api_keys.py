"""Keys with which other programs use `/api/v1`: each for one showroom, for what its scopes name.

A key is shown once, when it is made; what is kept is its digest. Whoever revokes one is obeyed by
the next request: nothing of a key is remembered between two.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, fields
from enum import StrEnum

import sqlalchemy as sa
from pydantic import TypeAdapter

from showroom.audit import COMMAND_LINE, Subject, entry_of, note
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import BadRequest, NotFound
from showroom.ids import ApiKeyId, ShowroomId, new_id, token_digest
from showroom.lead_tables import api_keys

# By it people, and programs that look for secrets in the wrong places, know a key when they see it.
PREFIX = "lsr_"
RANDOM_BYTES = 24
LONGEST_KEY = 100
LONGEST_NAME = 100
# When keys were used last is written together and beside the requests, which wait for no writer.
FLUSH_SECONDS = 10


class Scope(StrEnum):
    """What a key is good for in its showroom."""

    STATUS_READ = "status:read"
    SLOTS_READ = "slots:read"
    BOOKINGS_READ = "bookings:read"
    BOOKINGS_WRITE = "bookings:write"
    LEADS_READ = "leads:read"
    LEADS_WRITE = "leads:write"
    VEHICLES_READ = "vehicles:read"
    VEHICLES_WRITE = "vehicles:write"
    DEALERS_READ = "dealers:read"
    DEALERS_WRITE = "dealers:write"
    RESERVATIONS_READ = "reservations:read"
    RESERVATIONS_WRITE = "reservations:write"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key. Times are UTC milliseconds; `used_at` may be some seconds behind."""

    id: ApiKeyId
    showroom_id: ShowroomId
    name: str
    scopes: tuple[Scope, ...]
    created_at: int
    used_at: int | None
    revoked_at: int | None


def scopes_of(text: str) -> frozenset[Scope]:
    """Return the scopes in `slots:read,bookings:write`. Raises `BadRequest` for what is none."""
    try:
        return frozenset(Scope(word.strip()) for word in text.split(",") if word.strip())
    except ValueError:
        known = ", ".join(Scope)
        raise BadRequest(f"One of these is no scope. There are: {known}.", "scopes") from None


STORED = TypeAdapter(ApiKey)
COLUMNS = [api_keys.c[field.name] for field in fields(ApiKey)]


class ApiKeys:
    """The keys of all showrooms. Managers' questions name the showroom.

    Each change is noted, with `who` made it (`showroom.audit`).
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._used: dict[ApiKeyId, int] = {}

    async def add(
        self,
        showroom_id: ShowroomId,
        name: str,
        scopes: Collection[Scope],
        *,
        who: str = COMMAND_LINE,
    ) -> tuple[ApiKey, str]:
        """Make a key; return what is kept of it, and the key itself, which nobody can read again.

        Raises `BadRequest` without a name or a scope.
        """
        name = " ".join(name.split())
        if not 0 < len(name) <= LONGEST_NAME:
            raise BadRequest(f"Give the key a name of 1 to {LONGEST_NAME} characters.", "name")
        if not scopes:
            raise BadRequest("Say what the key is good for: at least one scope.", "scopes")
        secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
        row = {
            "id": new_id(),
            "showroom_id": showroom_id,
            "name": name,
            "scopes": [scope.value for scope in Scope if scope in scopes],
            "created_at": self._clock(),
            "used_at": None,
            "revoked_at": None,
        }
        async with self._database.write() as connection:
            await connection.execute(
                sa.insert(api_keys).values(row | {"digest": token_digest(secret)})
            )
            key = STORED.validate_python(row)
            what = (Subject.KEY, key.id, None, {"name": name, "scopes": row["scopes"]})
            await note(connection, entry_of(showroom_id, self._clock(), who, *what))
        return key, secret

    async def of(self, showroom_id: ShowroomId) -> list[ApiKey]:
        """Return a showroom's keys, the newest first, with those that were revoked."""
        await self.flush()
        query = (
            sa.select(*COLUMNS)
            .where(api_keys.c.showroom_id == showroom_id)
            .order_by(api_keys.c.created_at.desc(), api_keys.c.id)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [STORED.validate_python(dict(row)) for row in rows]

    async def revoke(
        self, showroom_id: ShowroomId, key_id: ApiKeyId, *, who: str = COMMAND_LINE
    ) -> None:
        """End a key at once; a second time changes nothing.

        Raises `NotFound` for what is not this showroom's.
        """
        this = (api_keys.c.id == key_id, api_keys.c.showroom_id == showroom_id)
        async with self._database.write() as connection:
            query = sa.select(*COLUMNS).where(*this).with_for_update()
            row = (await connection.execute(query)).mappings().one_or_none()
            if row is None:
                raise NotFound("There is no such key in this showroom.")
            if row["revoked_at"] is not None:
                return
            now_ms = self._clock()
            await connection.execute(sa.update(api_keys).where(*this).values(revoked_at=now_ms))
            gone = {"name": row["name"], "scopes": row["scopes"]}
            entry = entry_of(showroom_id, now_ms, who, Subject.KEY, key_id, gone, None)
            await note(connection, entry)

    async def holder(self, secret: str) -> ApiKey | None:
        """Return the key that a program has shown; None if it is none, or revoked."""
        if not (secret.startswith(PREFIX) and secret.isascii()) or len(secret) > LONGEST_KEY:
            return None
        query = sa.select(*COLUMNS).where(
            api_keys.c.digest == token_digest(secret), api_keys.c.revoked_at.is_(None)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            return None
        key = STORED.validate_python(dict(row))
        self._used[key.id] = self._clock()
        return key

    async def flush(self) -> None:
        """Write when keys were used last. When it fails (`TryAgain`), their next use is written."""
        used, self._used = self._used, {}
        if not used:
            return
        change = sa.update(api_keys).where(api_keys.c.id == sa.bindparam("its_id"))
        # All in the same order, or two nodes could wait for each other.
        rows = [{"its_id": key, "used_at": at} for key, at in sorted(used.items())]
        async with self._database.write() as connection:
            await connection.execute(change, rows)
