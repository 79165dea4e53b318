"""The store's secrets: shown once, two during a rotation, each showroom's its own."""

import asyncio
import base64

import pytest

from booking.store.secrets import StoreSecrets
from showroom.audit import AuditLog
from showroom.database import Database
from showroom.errors import IllegalMove, NotFound
from showroom.showrooms import Showroom, Showrooms
from tests.samples import a_showroom


async def test_there_is_none_before_the_first(showroom: Showroom, secrets: StoreSecrets) -> None:
    assert await secrets.of(showroom.id) == ()
    with pytest.raises(NotFound):
        await secrets.retire(showroom.id)


async def test_a_secret_has_256_bits_as_the_specification_writes_them(
    showroom: Showroom, secrets: StoreSecrets
) -> None:
    made = await secrets.rotate(showroom.id)
    assert made.startswith("whsec_")
    assert len(base64.b64decode(made.removeprefix("whsec_"))) == 32


async def test_the_one_before_holds_until_it_is_retired(
    showroom: Showroom, secrets: StoreSecrets
) -> None:
    first, second = [await secrets.rotate(showroom.id) for _ in range(2)]
    assert await secrets.of(showroom.id) == (second, first)
    with pytest.raises(IllegalMove, match="Retire the old one"):
        await secrets.rotate(showroom.id)
    assert await secrets.of(showroom.id) == (second, first)
    for _ in range(2):
        await secrets.retire(showroom.id)
        assert await secrets.of(showroom.id) == (second,)
    third = await secrets.rotate(showroom.id)
    assert await secrets.of(showroom.id) == (third, second)


async def test_the_log_tells_how_many_hold_and_none_of_them(
    database: Database, showroom: Showroom, secrets: StoreSecrets
) -> None:
    made = [await secrets.rotate(showroom.id) for _ in range(2)]
    for _ in range(2):
        await secrets.retire(showroom.id)
    log = await AuditLog(database).page(showroom.id)
    path = "store.signing_keys"
    assert [(one.before[path], one.after[path]) for _, one in log] == [(2, 1), (1, 2), (0, 1)]
    assert not any(one in repr(log) for one in made)


async def test_two_first_ones_at_once_both_hold(showroom: Showroom, secrets: StoreSecrets) -> None:
    made = await asyncio.gather(secrets.rotate(showroom.id), secrets.rotate(showroom.id))
    assert set(await secrets.of(showroom.id)) == set(made)


async def test_a_showroom_has_its_own(
    database: Database, showroom: Showroom, secrets: StoreSecrets
) -> None:
    other = a_showroom("lyon")
    await Showrooms(database).save(other)
    mine = await secrets.rotate(showroom.id)
    theirs = await secrets.rotate(other.id)
    await secrets.retire(other.id)
    assert await secrets.of(showroom.id) == (mine,)
    assert await secrets.of(other.id) == (theirs,)
