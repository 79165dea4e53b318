"""While a call runs its pages get new TURN credentials in time; once it has ended they get none."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.houses import House, live_call, open_house
from tests.nodes import node_settings
from tests.people import Payload, Person
from tests.samples import PASSWORD

LIVES_S = 3


@pytest.fixture
async def house(tmp_path: Path, redis: Redis, redis_url: str) -> AsyncIterator[House]:
    """A house whose credentials live for a moment: nobody waits for minutes here."""
    relay = {"turn_urls": "turn:127.0.0.1:3478", "turn_secret": "s"}
    settings = node_settings(tmp_path, redis_url=redis_url, **relay)
    hurried = settings.model_copy(update={"turn_ttl_seconds": LIVES_S})
    async with open_house(hurried) as opened:
        yield opened


def expiry(call: Payload) -> int:
    """Return when the credentials of this state expire, in seconds since the epoch."""
    return int(call["ice"]["servers"][0]["username"].split(":")[0])


async def renewed(person: Person, before: Payload) -> Payload:
    """Wait for the same state of the call with credentials that last longer."""
    return await person.until(
        "call_state", lambda c: c["version"] == before["version"] and expiry(c) > expiry(before)
    )


async def test_both_sides_get_new_credentials_while_nothing_else_changes(house: House) -> None:
    async with live_call(house) as (customer, alice, call):
        for person in (customer, alice):
            again = await renewed(person, await person.until_call("live"))
            third = await renewed(person, again)
            assert third["call"] == call
            assert third["ice"]["servers"][0]["username"].endswith(f":{call}")


async def test_a_call_that_is_over_and_who_has_none_get_nothing(house: House) -> None:
    async with house.employee("page-9") as bruno, live_call(house) as (customer, alice, _):
        await bruno.work("bruno@example.com", PASSWORD)
        assert (await customer.send("hang_up"))["ok"]
        over = await alice.until_call("wrap_up")
        assert over["ice"] is None
        quiet = len(bruno.heard)
        async with house.customer("page-3", showroom="lyon") as other:
            # By the time this one's was renewed twice, the others' would have been.
            await other.call()
            async with house.employee("page-4", showroom="lyon") as lea:
                await lea.work("lea@example.com", PASSWORD)
                ringing = await other.until_call("ringing")
                await renewed(other, await renewed(other, ringing))
        assert [e for e, _ in bruno.heard[quiet:] if e in ("no_call", "call_state")] == []
        told = [p for e, p in alice.heard if e == "call_state" and p["state"] == "wrap_up"]
        assert [one["ice"] for one in told] == [None] * len(told)
