"""Companions over real sockets: asking, being let in, and what they are told before and after."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from socketio.exceptions import ConnectionError as Refused

from signaling.pairing import prefix
from tests.houses import House, live_call
from tests.people import Companion, Customer, Employee, Person
from tests.samples import PASSWORD

ME = {"part": "companion", "name": "Maria", "state": "asking", "voice": "nobody", "hand": False}


@dataclass(frozen=True)
class Talk:
    """A customer and Alice in a live call, and the customer's link for others."""

    customer: Customer
    alice: Employee
    call: str
    link: str


@pytest.fixture
async def talk(house: House) -> AsyncIterator[Talk]:
    async with live_call(house) as (customer, alice, call):
        answer = await customer.send("invite")
        assert answer["ok"], answer
        yield Talk(customer, alice, call, answer["path"])


async def people_at(who: Person, *names: str) -> list[dict[str, Any]]:
    """Wait until this side's page shows these people and nobody else; return them."""
    state = await who.until_newest(
        "call_state", lambda call: [one["name"] for one in call["people"]] == list(names)
    )
    return list(state["people"])


def is_in(state: dict[str, Any]) -> bool:
    return bool(state["me"]["state"] == "in")


async def let_in(talk: Talk, companion: Companion, name: str = "Maria") -> str:
    """Bring a companion in; return who they are."""
    me = await companion.ask(talk.link, name)
    assert (await talk.alice.send("admit", person=me["id"], yes=True))["ok"]
    await companion.until_joined(is_in)
    return str(me["id"])


async def test_the_customer_s_page_hears_until_when_the_link_lets_people_in(talk: Talk) -> None:
    state = await talk.customer.until("call_state", lambda call: call["invited_until"] is not None)
    assert 7_190_000 < state["invited_until"] - state["now"] <= 7_200_000
    assert (await talk.customer.send("revoke_invitation"))["ok"]
    await talk.customer.until_newest("call_state", lambda call: call["invited_until"] is None)
    assert "invited_until" not in await talk.alice.until("call_state")


async def test_whoever_stands_at_the_door_is_told_nothing_of_the_call(
    house: House, talk: Talk
) -> None:
    async with house.companion() as maria:
        me = await maria.ask(talk.link, "Maria")
        assert {**ME, "id": me["id"]} == me
        for who in (talk.customer, talk.alice):
            assert await people_at(who, "Maria") == [me]
        await talk.customer.send("chat", id="k", text="between us")
        await talk.alice.send("point", x=0.5, y=0.5)
        await talk.alice.send("show_vehicle", vehicle="crete")
        await talk.customer.until("logged", lambda m: m["entry"]["kind"] == "vehicle")
        await talk.customer.until("pointed")
        for event, payload in (("chat", {"id": "x", "text": "hello"}), ("point", {"x": 0, "y": 0}),
                               ("raise_hand", {"up": True})):  # fmt: skip
            assert (await maria.send(event, **payload))["code"] == "not_found"
        assert (await maria.send("relay", turn=0, sdp="v=0"))["code"] == "illegal_move"
        # A later change reaches her page: so what came before it would have reached it, too.
        assert (await talk.alice.send("hold"))["ok"]
        held = await talk.customer.until("call_state", lambda call: call["held"])
        await maria.until_joined(lambda state: state["version"] >= held["version"])
        assert {event for event, _ in maria.heard} == {"joined_state"}
        for _, state in maria.heard:
            assert isinstance(state.pop("version"), int)
            assert isinstance(state.pop("now"), int)
            assert state == {
                "call": talk.call, "state": "live", "held": False, "me": me, "relay": None,
                "ice": None, "vehicle": None, "advisor": None, "customer": None, "people": [],
                "log": [], "live_at": None, "recording": None,
            }  # fmt: skip


async def test_whoever_is_let_in_sees_the_call_writes_and_points(house: House, talk: Talk) -> None:
    async with house.companion() as maria:
        await talk.customer.send("chat", id="k", text="before she came")
        me = await let_in(talk, maria)
        state = await maria.until_joined(is_in)
        assert (state["call"], state["state"], state["held"]) == (talk.call, "live", False)
        assert state["advisor"]["name"] == "Alice Martin"
        assert state["customer"]["name"] == ""
        assert state["ice"] is not None
        assert [line["text"] for line in state["log"]] == ["before she came"]
        assert [one["id"] for one in state["people"]] == [me]
        assert not state.keys() & {"notes", "rating", "visit", "queue", "waited_ms"}

        assert (await maria.send("chat", id="k", text="hello from Maria"))["ok"]
        for who in (talk.customer, talk.alice, maria):
            entry = (await who.until("logged", lambda m: m["entry"]["by"] == "companion"))["entry"]
            assert (entry["name"], entry["text"]) == ("Maria", "hello from Maria")
        assert (await maria.send("point", x=0.25, y=0.75))["ok"]
        for who in (talk.customer, talk.alice, maria):
            assert await who.until("pointed") == {"by": "companion", "x": 0.25, "y": 0.75}
        assert (await talk.alice.send("point", x=1, y=1))["ok"]
        assert (await maria.until("pointed", lambda m: m["by"] == "advisor"))["x"] == 1

        assert (await maria.send("raise_hand", up=True))["ok"]
        await talk.alice.until("call_state", lambda c: c["people"] and c["people"][0]["hand"])
        assert (await talk.customer.send("give_voice", person=me, yes=True))["ok"]
        await maria.until_joined(lambda s: s["me"]["voice"] == "all" and not s["me"]["hand"])
        assert (await maria.send("leave_call"))["ok"]
        assert await maria.until("not_in_call") == {"over": False}
        await people_at(talk.customer)
        await talk.alice.send("chat", id="later", text="now she is gone")
        await talk.customer.until("logged", lambda m: m["entry"]["id"] == "later")
        assert (await maria.send("chat", id="y", text="still"))["code"] == "not_found"
        assert maria.heard[-1][0] == "not_in_call"


async def test_what_only_sides_may_send_a_companion_may_not(house: House, talk: Talk) -> None:
    async with house.companion() as maria, house.companion() as noah:
        await let_in(talk, maria)
        me = (await noah.ask(talk.link, "Noah"))["id"]
        for event, payload in (
            ("admit", {"person": me, "yes": True}), ("give_voice", {"person": me, "yes": True}),
            ("invite", {}), ("revoke_invitation", {}), ("hang_up", {}), ("end_call", {}),
            ("hold", {}), ("connected", {"link": 1}), ("relink", {"link": 1}),
            ("signal", {"link": 1, "description": {"type": "offer", "sdp": "v=0"}}),
            ("settled", {"path": "relay", "number": 0}), ("save_notes", {"notes": "x"}),
            ("supervise", {"call": talk.call, "mode": "all"}), ("take_over", {}),
            ("media_state", {"microphone": True, "camera": True}),
        ):  # fmt: skip
            assert (await maria.send(event, **payload))["code"] == "bad_request", event
        assert (await talk.customer.until("call_state"))["state"] == "live"


async def test_the_same_page_and_another_come_back_to_the_same_place(
    house: House, talk: Talk
) -> None:
    async with house.companion() as maria:
        me = await let_in(talk, maria)
        for page in ("", "page-2"):
            await maria.come_back(page=page)
            state = await maria.until_joined()
            assert (state["me"]["id"], is_in(state)) == (me, True)
        # A second tab of the same browser takes the place.
        tab = Companion(house.url, "paris", "tab")
        await tab.http.close()
        tab.http, tab.socket = maria.http, maria.socket
        tab.socket = tab._new_socket()
        await tab.connect()
        await maria.until("replaced")
        assert is_in(await tab.until_joined())
        await asyncio.wait_for(maria.socket.wait(), 5)
        assert len(await people_at(talk.customer, "Maria")) == 1
        assert (await tab.send("chat", id="k", text="here"))["ok"]
        await tab.leave()


async def test_whoever_is_sent_away_hears_it_and_does_not_come_back(
    house: House, talk: Talk
) -> None:
    async with house.companion() as maria, house.companion() as noah:
        at_the_door = (await noah.ask(talk.link, "Noah"))["id"]
        inside = await let_in(talk, maria)
        for who, companion in ((at_the_door, noah), (inside, maria)):
            assert (await talk.customer.send("admit", person=who, yes=False))["ok"]
            assert await companion.until("not_in_call") == {"over": False}
            assert (await companion.send("raise_hand", up=True))["code"] == "not_found"
            assert (await companion.send("relay", turn=0, sdp="v=0"))["code"] == "not_found"
            with pytest.raises(Refused):
                await companion.come_back()
        for event in ("admit", "give_voice"):
            answer = await talk.alice.send(event, person=inside, yes=True)
            assert answer["code"] == "not_found"
        # With a link that still lets people in they may ask anew.
        assert (await maria.ask(talk.link, "Maria"))["id"] != inside


async def test_the_end_of_the_call_is_told_once_and_again_after_a_reload(
    house: House, talk: Talk
) -> None:
    async with house.companion() as maria, house.companion() as noah:
        await noah.ask(talk.link, "Noah")
        await let_in(talk, maria)
        assert (await talk.customer.send("hang_up"))["ok"]
        for companion in (maria, noah):
            assert await companion.until("not_in_call") == {"over": True}
        assert (await talk.alice.send("save_outcome", call=talk.call, outcome="interested"))["ok"]
        await talk.customer.until_call("closed")
        assert [event for event, _ in maria.heard].count("not_in_call") == 1
        await maria.come_back()
        assert await maria.until("not_in_call") == {"over": True}
        assert (await maria.send("chat", id="k", text="hello?"))["code"] == "not_found"
        async with house.companion() as late:
            assert (await late.knock(talk.link, "Late"))[0] == 404
            async with late.http.get(house.url + talk.link) as response:
                assert response.status == 404


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "\x00", "👩‍👩‍👧‍👦 Zoë", "محمد", "\u202egnol", "x" * 60, " Ana "],
)
async def test_a_name_in_any_writing_is_shown_as_it_is(house: House, talk: Talk, name: str) -> None:
    async with house.companion() as maria:
        shown = name.strip()
        assert (await maria.ask(talk.link, name))["name"] == shown
        await people_at(talk.alice, shown)


async def test_no_name_too_long_a_name_and_a_name_of_nothing_are_refused(
    house: House, talk: Talk
) -> None:
    async with house.companion() as maria:
        for name in ("", "   ", "\n\t", "x" * 61, "👩‍👩‍👧‍👦" * 60):
            status, answer = await maria.knock(talk.link, name)
            assert (status, answer["code"], answer["field"]) == (400, "bad_request", "name")
        for wrong in (None, 7, ["Maria"]):
            assert (await maria.knock(talk.link, wrong))[0] == 400  # type: ignore[arg-type]
    assert (await talk.alice.until("call_state"))["people"] == []


async def test_a_ticket_of_another_showroom_call_or_person_opens_nothing(
    house: House, talk: Talk
) -> None:
    async with house.companion() as maria, house.boss() as boss:
        me = await let_in(talk, maria)
        [cookie] = [one for one in maria.http.cookie_jar if one.key == "vs_companion"]
        room, call, who, secret = cookie.value.split(".")
        redis = house.node.shared.redis
        await redis.hset(f"{prefix(house.paris)}:people:other", who, "{}")
        await boss.watch("boss@example.com", PASSWORD)
        manager = (await boss.supervise(talk.call))["me"]["id"]
        for forged in (
            f"{room}.{call}.{who}.{'A' * 22}",
            # A manager has no secret: nobody can prove to be one by a cookie.
            f"{room}.{call}.{manager}.{secret}",
            f"{room}.{call}.{manager}.{'e3b0c44298fc1c149afbf4c8996fb924'}",
            f"{room}.{call}.unknown.{secret}",
            f"{room}.unknown.{who}.{secret}",
            f"elsewhere.{call}.{who}.{secret}",
            f"{room}.{call}.{who}",
            "",
            "....",
        ):
            async with house.companion() as thief:
                thief.http.cookie_jar.update_cookies({"vs_companion": forged})
                with pytest.raises(Refused):
                    await thief.connect()
        async with house.companion(showroom="lyon") as thief:
            thief.http.cookie_jar.update_cookies({"vs_companion": cookie.value})
            with pytest.raises(Refused):
                await thief.connect()
        assert [one["id"] for one in await people_at(talk.alice, "Maria", "Camille Roux")] == [
            me, manager,
        ]  # fmt: skip


async def test_the_door_has_ten_places_and_the_call_five(house: House, talk: Talk) -> None:
    crowd = [house.companion(f"page-{n}") for n in range(10)]
    try:
        ids = [(await one.ask(talk.link, f"P{n}"))["id"] for n, one in enumerate(crowd)]
        async with house.companion() as late:
            status, answer = await late.knock(talk.link, "Late")
            assert (status, answer["code"]) == (429, "too_many")
        answers = [await talk.alice.send("admit", person=who, yes=True) for who in ids[:6]]
        assert [answer.get("code") for answer in answers] == [None] * 5 + ["too_many"]
        voices = [await talk.alice.send("give_voice", person=who, yes=True) for who in ids[:3]]
        assert [answer.get("code") for answer in voices] == [None, None, "too_many"]
    finally:
        for one in crowd:
            await one.__aexit__()


async def test_offers_count_more_than_lines_against_a_socket_s_limit(
    house: House, talk: Talk
) -> None:
    async with house.companion() as maria:
        await let_in(talk, maria)
        answers = [await maria.send("relay", turn=0, sdp="v=0") for _ in range(20)]
        codes = [answer["code"] for answer in answers]
        assert codes[:6] == ["illegal_move"] * 6, "there is no relay yet"
        assert codes.count("too_many") > 5
