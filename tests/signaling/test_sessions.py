"""Sessions that end while somebody works: at once, or when they are free, with a true reason."""

import asyncio

import pytest
import sqlalchemy as sa
from socketio.exceptions import ConnectionError as Refused

from showroom.ids import token_digest
from showroom.tables import staff_sessions
from signaling.pairing import prefix
from tests.houses import House, live_call
from tests.people import Employee
from tests.samples import PASSWORD, staff_of
from tests.virtual_clock import VirtualClock

ALICE, BRUNO = "alice@example.com", "bruno@example.com"


async def sign_out(who: Employee) -> None:
    """Sign out as the page's button does."""
    form = {"csrf": await who.csrf("/staff/login")}
    async with who.http.post(
        f"{who.url}/staff/logout", data=form, allow_redirects=False
    ) as response:
        assert response.status == 303


async def run_out(house: House, *people: Employee) -> None:
    """Let these sessions reach the end of their hours."""
    digests = [
        token_digest(cookie.value)
        for who in people
        for cookie in who.http.cookie_jar
        if cookie.key == "vs_staff"
    ]
    async with house.node.shared.database.write() as connection:
        await connection.execute(
            sa.update(staff_sessions)
            .where(staff_sessions.c.digest.in_(digests))
            .values(expires_at=house.node.shared.clock() - 1)
        )


async def is_shut_out(who: Employee) -> None:
    """Wait until this socket was told and closed."""
    async with asyncio.timeout(5):
        await who.socket.wait()
    assert "signed_out" in [event for event, _ in who.heard]


async def one_look(house: House, bruno: Employee) -> None:
    """Let the doorman look at all sessions once: Bruno came last and is shut out last."""
    assert await bruno.sign_in(BRUNO, PASSWORD) == 303
    await bruno.connect()
    await run_out(house, bruno)
    await is_shut_out(bruno)


async def away_reason(house: House, name: str) -> str:
    """Wait until this advisor is away; return why."""
    redis, start = house.node.shared.redis, prefix(house.paris)
    async with asyncio.timeout(5):
        while True:
            for who in map(str, await redis.smembers(f"{start}:advisors")):
                known = await redis.hgetall(f"{start}:adv:{who}")
                if known["name"] == name and known["state"] == "away":
                    return str(known["reason"])
            await asyncio.sleep(0.02)


async def test_a_session_that_runs_out_spares_the_ring_the_call_and_the_wrap_up(
    house: House,
) -> None:
    async with house.customer() as customer, house.employee() as alice:
        await alice.work(ALICE, PASSWORD)
        call = await customer.call()
        await alice.until_call("ringing")
        for _ in ("ring", "call", "wrap-up"):
            async with house.employee("b") as bruno:
                # His sign-in sweeps old sessions: hers must be known all the same.
                await run_out(house, alice)
                await one_look(house, bruno)
            state = (await alice.until("call_state"))["state"]
            if state == "ringing":
                link = (await alice.accept())["link"]
                assert (await customer.send("connected", link=link))["ok"]
                await alice.until_call("live")
            elif state == "live":
                assert (await alice.send("chat", id="k", text="I am still here"))["ok"]
                await customer.until("logged")
                assert (await alice.send("end_call"))["ok"]
                assert (await alice.until_call("wrap_up"))["end_reason"] == "advisor_ended"
        assert state == "wrap_up"
        saved = await alice.send("save_outcome", call=call, outcome="interested")
        assert saved["ok"]
        await is_shut_out(alice)
        assert await away_reason(house, "Alice Martin") == "signed_out"

        with pytest.raises(Refused):
            await alice.come_back()
        assert await alice.sign_in(ALICE, PASSWORD) == 303
        await alice.come_back()
        assert (await alice.until("advisor_state"))["away_reason"] == "signed_out"


async def test_a_session_that_runs_out_ends_at_once_for_who_is_free(house: House) -> None:
    async with house.employee() as alice, house.boss() as boss:
        await alice.work(ALICE, PASSWORD)
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        await boss.connect()
        await run_out(house, alice, boss)
        await is_shut_out(alice)
        await is_shut_out(boss)
        assert await away_reason(house, "Alice Martin") == "signed_out"


async def test_a_disabled_account_is_told_so(house: House) -> None:
    async with house.employee() as alice:
        await alice.work(ALICE, PASSWORD)
        await staff_of(house.node.shared.database, VirtualClock()).disable(ALICE)
        await is_shut_out(alice)
        assert await away_reason(house, "Alice Martin") == "disabled"


async def test_signing_out_ends_a_call_on_another_tab_of_the_same_browser(house: House) -> None:
    async with live_call(house) as (customer, alice, _):
        await sign_out(alice)
        await is_shut_out(alice)
        assert (await customer.until_call("wrap_up"))["end_reason"] == "advisor_gone"
        assert await away_reason(house, "Alice Martin") == "signed_out"


async def test_whoever_signs_out_and_leaves_the_page_is_away_at_once(house: House) -> None:
    async with live_call(house) as (customer, alice, _), house.employee("b") as bruno:
        await one_look(house, bruno)
        await sign_out(alice)
        await alice.leave()
        assert (await customer.until_call("wrap_up"))["end_reason"] == "advisor_gone"
        assert await away_reason(house, "Alice Martin") == "signed_out"


async def test_signing_out_in_one_browser_leaves_the_call_in_another_alone(house: House) -> None:
    async with house.employee("phone") as phone:
        await phone.work(ALICE, PASSWORD)
        async with live_call(house) as (customer, alice, call), house.employee("b") as bruno:
            await sign_out(phone)
            await one_look(house, bruno)
            assert (await alice.send("chat", id="k", text="I am still here"))["ok"]
            await customer.until("logged")
            assert (await alice.until("call_state"))["state"] == "live"
            assert (await alice.until("call_state"))["call"] == call


async def test_a_seat_that_another_page_has_taken_is_left_to_it(house: House) -> None:
    redis, start = house.node.shared.redis, prefix(house.paris)
    async with house.employee() as alice, house.employee("b") as bruno:
        await alice.work(ALICE, PASSWORD)
        [who] = map(str, await redis.smembers(f"{start}:advisors"))
        # On another node; this one has not heard of it yet.
        await redis.hset(f"{start}:adv:{who}", "sid", "a socket elsewhere")
        await sign_out(alice)
        await is_shut_out(alice)
        await one_look(house, bruno)
        assert await redis.hget(f"{start}:adv:{who}", "state") == "available"
