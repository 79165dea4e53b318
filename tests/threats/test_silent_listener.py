"""Nobody hears a call unseen (threat 16): not before they are announced, nor after they have left.

The relay is real: a worker on the node's Redis, and connections that carry sound.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from media.relay.worker import Worker
from signaling import gateway
from signaling.limits import Bucket
from tests.houses import House, live_call
from tests.people import Boss, Customer, Employee, Person
from tests.relays import an_offer, page_on_relay, worker_here
from tests.samples import PASSWORD
from tests.signaling.test_sessions import sign_out
from tests.threats.conftest import Report

BOSS = "boss@example.com"
STEPS = 200


@dataclass(frozen=True)
class Talk:
    """A live call beside a worker, and a manager who has signed in."""

    customer: Customer
    alice: Employee
    call: str
    boss: Boss
    worker: Worker

    async def in_room(self, *who: str) -> None:
        """Wait until these, and nobody else, are in the relay's room; nobody: there is no room."""
        async with asyncio.timeout(10):
            while True:
                room = self.worker.rooms.get(self.call)
                here = {name.partition("-")[0] for name in room.participants} if room else set()
                if here == set(who):
                    return
                await asyncio.sleep(0.02)


@pytest.fixture
async def talk(house: House) -> AsyncIterator[Talk]:
    async with (
        worker_here(house.node.shared.redis, "w1") as worker,
        live_call(house) as (customer, alice, call),
        house.boss() as boss,
    ):
        await boss.watch(BOSS, PASSWORD)
        yield Talk(customer, alice, call, boss, worker)


async def on_relay(who: Person) -> int:
    """Wait until this side's page is told to connect to the relay; return the turn."""
    state = await who.until_newest("call_state", lambda call: call["relay"] is not None)
    return int(state["relay"]["turn"])


@asynccontextmanager
async def connected(who: Person, turn: int) -> AsyncIterator[Any]:
    """Yield a page of somebody that is connected to the relay."""

    async def ask(sdp: str) -> str:
        answer = await who.send("relay", turn=turn, sdp=sdp)
        assert answer["ok"], answer
        return str(answer["sdp"])

    async with page_on_relay(ask) as page:
        yield page


async def names(who: Person, boss: str, voice: str = "") -> None:
    """Wait until the newest state of this side's page names a manager."""

    def fits(state: dict[str, Any]) -> bool:
        found = [one for one in state["people"] if one["id"] == boss]
        return bool(found) and voice in ("", found[0]["voice"])

    async with asyncio.timeout(2):
        await who.until_newest("call_state", fits)


async def test_joining_unannounced_is_impossible_in_whatever_order_it_is_tried(
    house: House, talk: Talk, figure: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "Bucket", lambda: Bucket(rate=1e9, burst=1e9))
    chance, offer, boss = random.Random(16), await an_offer(), talk.boss
    answered = refused = 0
    await boss.come_back()  # a socket without a limit
    async with house.companion() as maria:
        me = (await maria.ask((await talk.customer.send("invite"))["path"], "Maria"))["id"]
        assert (await boss.send("relay", turn=0, sdp=offer))["code"] == "not_found"
        assert (await talk.alice.send("admit", person=me, yes=True))["ok"]
        turn = await on_relay(talk.customer)
        manager = ""
        for _ in range(STEPS):
            match chance.randrange(24):
                case 0 | 1 | 6 | 7:
                    mode = chance.choice(("nobody", "advisor", "all"))
                    which = chance.choice((talk.call, talk.call, "unknown"))
                    if (await boss.send("supervise", call=which, mode=mode))["ok"]:
                        manager = (await boss.until("joined_state"))["me"]["id"]
                case 2 | 8:
                    await boss.send("leave_call")
                case 3:
                    await boss.come_back()
                case 4:
                    await boss.send("admit", person=manager or me, yes=True)
                case 5:
                    await boss.send("settled", path="relay", number=turn)
                case _:
                    more = chance.choice(({}, {}, {"rank": chance.randrange(5)}))
                    turns = (turn, turn, turn, turn + 1, 0)
                    given = {"turn": chance.choice(turns), "sdp": offer, **more}
                    if not (await boss.send("relay", **given))["ok"]:
                        refused += 1
                        continue
                    answered += 1
                    for side in (talk.customer, talk.alice):
                        await names(side, manager)
        assert (await boss.send("supervise", call=talk.call, mode="nobody"))["ok"]
        assert (await boss.send("leave_call"))["ok"]
        assert (await boss.send("relay", turn=turn, sdp=offer))["code"] == "not_found"
    assert min(answered, refused) > 10
    figure(f"{STEPS} steps of a manager: {answered} offers answered, each of one whom both sides"
           f" saw; {refused} refused")  # fmt: skip


async def test_whoever_leaves_is_put_out_of_the_room_while_the_sides_are_still_in_it(
    talk: Talk,
) -> None:
    """The manager's page keeps its connection; the sides never say that they have gone back."""
    await talk.boss.supervise(talk.call)
    turn = await on_relay(talk.customer)
    async with (
        connected(talk.customer, turn),
        connected(talk.alice, turn),
        connected(talk.boss, turn) as listener,
    ):
        await listener.hears()
        await talk.in_room("customer", "a", "m")
        assert (await talk.boss.send("leave_call"))["ok"]
        await listener.is_put_out()
        await talk.in_room("customer", "a")
        state = await talk.customer.until_newest("call_state", lambda c: not c["people"])
        assert state["relay"], "the room is still there for those who go back"


async def test_whoever_is_shut_out_or_sent_away_hears_no_more(house: House, talk: Talk) -> None:
    await talk.boss.supervise(talk.call)
    turn = await on_relay(talk.customer)
    async with house.companion() as maria:
        me = (await maria.ask((await talk.customer.send("invite"))["path"], "Maria"))["id"]
        answer = await maria.send("relay", turn=turn, sdp=await an_offer())
        assert answer["code"] == "not_found"
        assert (await talk.customer.send("admit", person=me, yes=True))["ok"]
        async with (
            connected(talk.customer, turn),
            connected(talk.boss, turn) as listener,
            connected(maria, turn) as friend,
        ):
            await listener.hears()
            await friend.hears()
            await sign_out(talk.boss)
            async with asyncio.timeout(2.5):
                await listener.is_put_out()
            assert (await talk.customer.send("admit", person=me, yes=False))["ok"]
            await friend.is_put_out()
            await talk.in_room("customer")


async def test_whoever_hands_a_call_over_hears_no_more_of_it(house: House, talk: Talk) -> None:
    await talk.boss.supervise(talk.call)
    turn = await on_relay(talk.customer)
    async with house.employee("b") as bruno:
        await bruno.work("bruno@example.com", PASSWORD)
        async with connected(talk.customer, turn), connected(talk.alice, turn) as before:
            await before.hears()
            colleague = (await talk.alice.send("list_colleagues"))["colleagues"][0]["id"]
            assert (await talk.alice.send("transfer", advisor=colleague))["ok"]
            await bruno.accept()
            await before.is_put_out()
            answer = await talk.alice.send("relay", turn=turn, sdp=await an_offer())
            assert answer["code"] == "illegal_move"
            async with connected(bruno, turn) as after:
                await after.hears()


async def test_the_end_of_a_call_ends_what_its_manager_hears(talk: Talk) -> None:
    await talk.boss.supervise(talk.call)
    turn = await on_relay(talk.customer)
    async with connected(talk.customer, turn), connected(talk.boss, turn) as listener:
        await listener.hears()
        assert (await talk.customer.send("hang_up"))["ok"]
        await listener.is_put_out()
        await talk.in_room()


async def test_a_place_that_was_given_late_is_none_when_it_was_taken_back_meanwhile(
    talk: Talk,
) -> None:
    """A manager offers and leaves at once, on two pages: whatever comes first, they are out."""
    offer = await an_offer()
    for _ in range(10):
        await talk.boss.supervise(talk.call)
        turn = await on_relay(talk.customer)
        second = Boss(talk.boss.url)
        await second.http.close()
        second.http = talk.boss.http
        second.socket = second._new_socket()
        await second.connect()
        await second.supervise(talk.call)
        await asyncio.gather(
            second.send("relay", turn=turn, sdp=offer), talk.boss.send("leave_call")
        )
        await second.leave()
        await talk.in_room()
