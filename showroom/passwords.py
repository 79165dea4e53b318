"""Passwords, hashed with Argon2id (RFC 9106), off the event loop and a few at a time."""

import asyncio
import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from showroom.errors import BadRequest

SHORTEST = 12
# Argon2 reads all of it: a megabyte as a password would be a way to keep the server busy.
LONGEST = 256
# Each needs 64 MiB and a core for the best part of 0.1 s.
AT_ONCE = 2


class Passwords:
    """Hashes and checks passwords. The event loop goes on meanwhile; further callers queue."""

    def __init__(self, hasher: PasswordHasher | None = None, at_once: int = AT_ONCE) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(at_once)

    async def hash(self, password: str) -> str:
        """Return what may be stored of `password`; raises `BadRequest` for a bad length."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise BadRequest(f"A password has {SHORTEST} to {LONGEST} characters.")
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, _typed(password))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Say whether `password` is the one behind `stored`.

        Without a `stored` hash, or with an empty one, the answer is False after the same work, so
        that the time it takes does not tell whether there is such an account.
        """
        if len(password) > LONGEST:
            return False
        async with self._turns:
            return await asyncio.to_thread(self._matches, password, stored)

    def outdated(self, stored: str) -> bool:
        """Say whether `stored` was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _matches(self, password: str, stored: str | None) -> bool:
        try:
            self._hasher.verify(stored or self._nobody, _typed(password))
        except (Argon2Error, InvalidHashError):
            return False
        return bool(stored)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this password")


def _typed(password: str) -> bytes:
    """Return the same bytes for what two keyboards write differently (NIST SP 800-63B §5.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")
