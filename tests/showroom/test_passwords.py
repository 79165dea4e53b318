"""Password hashes: Argon2id, never on the event loop, the same work for everybody."""

import asyncio
import threading

import pytest
from argon2 import PasswordHasher

from showroom.errors import BadRequest
from showroom.passwords import Passwords
from tests.samples import CHEAP, PASSWORD


class Watched(PasswordHasher):
    """Argon2 that notes which thread works, how many at once, and on which hash."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.threads: set[int] = set()
        self.verified: list[str | bytes] = []
        self.at_work = self.most_at_work = 0
        self._lock = threading.Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002
        with self._lock:
            self.at_work += 1
            self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            self.threads.add(threading.get_ident())
            self.verified.append(hash)
            return super().verify(hash, password)
        finally:
            with self._lock:
                self.at_work -= 1


async def test_a_password_is_kept_as_argon2id() -> None:
    assert (await Passwords().hash(PASSWORD)).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_only_the_right_password_matches() -> None:
    passwords = Passwords(CHEAP)
    stored = await passwords.hash(PASSWORD)
    assert await passwords.matches(PASSWORD, stored)
    assert not await passwords.matches("another password", stored)
    assert not await passwords.matches(PASSWORD, "not a hash")


async def test_a_password_is_the_same_from_every_keyboard() -> None:
    passwords = Passwords(CHEAP)
    assert await passwords.matches(
        "Cre\u0302te et cafe\u0301", await passwords.hash("Crête et café")
    )
    assert not await passwords.matches("\ud800 \0", await passwords.hash("Crête et café"))


async def test_nobody_s_password_costs_the_same_work_and_never_matches() -> None:
    hasher = Watched()
    passwords = Passwords(hasher)
    for guess in (PASSWORD, "nobody has this password"):
        assert not await passwords.matches(guess, None)
    assert len(hasher.verified) == 2
    assert not passwords.outdated(str(hasher.verified[0]))


async def test_hashing_happens_off_the_event_loop_and_two_at_a_time() -> None:
    hasher = Watched()
    passwords = Passwords(hasher, at_once=2)
    stored = await passwords.hash(PASSWORD)
    assert all(await asyncio.gather(*(passwords.matches(PASSWORD, stored) for _ in range(20))))
    assert threading.get_ident() not in hasher.threads
    assert hasher.most_at_work <= 2


async def test_a_password_is_neither_short_nor_a_megabyte_long() -> None:
    hasher = Watched()
    passwords = Passwords(hasher)
    for wrong in ("short", "x" * 257):
        with pytest.raises(BadRequest):
            await passwords.hash(wrong)
    assert not await passwords.matches("x" * 1_000_000, "anything")
    assert hasher.verified == []
