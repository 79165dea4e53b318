"""Malformed messages: each is acknowledged or refused, and none leaves a trace (threat 5)."""

import asyncio
import io
import json
import random
import resource
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from signaling import gateway
from signaling.driver import FRAME, StrictPacket, Unreadable
from signaling.limits import Bucket
from signaling.messages import COMMANDS, Command
from tests.houses import House, live_call
from tests.samples import PASSWORD
from tests.threats.conftest import Report
from tests.threats.frames import STRANGE, broken_frames, raw_socket, seat, strange_payload

EVENTS = 100_000
BATCH = 250
NAMES = [command.event for command in COMMANDS]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(COMMANDS), JSON)
def test_a_command_is_parsed_or_refused_and_never_crashes(
    kind: type[Command], payload: object
) -> None:
    sentence = "`whole`"
    try:
        kind.model_validate(payload)
    except ValidationError as error:
        sentence = gateway.explain(error)
    assert sentence.startswith("`")


@given(st.text() | st.text(alphabet='0123456789-/,[]{}":customeradvisor '))
def test_a_packet_is_read_or_unreadable_and_nothing_else(text: str) -> None:
    try:
        packet = StrictPacket(encoded_packet=text)
    except Unreadable:
        return
    assert packet.packet_type in (0, 1, 2)


@given(st.text(max_size=5))
def test_a_frame_that_is_let_in_is_read_by_engine_io_without_its_own_json(text: str) -> None:
    if FRAME.fullmatch(text):
        assert text in ("1", "3") or (text[0] == "4" and text[1] in "012")


async def test_a_broken_frame_is_refused_and_the_node_says_nothing_about_it(
    house: House, written: io.StringIO, figure: Report
) -> None:
    closed = answered = 0
    async with live_call(house) as (customer, _, call), aiohttp.ClientSession() as http:
        for seated in (True, False):
            for frame in broken_frames():
                async with raw_socket(http, house.url) as socket:
                    if seated:
                        await seat(socket)
                    if await _survives(socket, frame):
                        answered += 1
                    else:
                        closed += 1
        assert (await customer.send("chat", id="k", text="still here"))["ok"]
        assert (await customer.until_call("live"))["call"] == call
    assert "Traceback" not in written.getvalue()
    figure(f"{closed + answered} broken frames: {closed} hung up on, {answered} answered")


async def _survives(socket: aiohttp.ClientWebSocketResponse, frame: str | bytes) -> bool:
    """Say whether the socket still gets an answer after `frame`; False when it was closed."""
    try:
        await (socket.send_bytes(frame) if isinstance(frame, bytes) else socket.send_str(frame))
        await socket.send_str("40/nowhere,{}")
    except ConnectionError:
        return False
    async with asyncio.timeout(10):
        while True:
            message = await socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                return False
            if message.data.startswith("44/nowhere"):
                return True


async def test_100_000_malformed_events_are_each_answered_and_leave_no_traceback(
    house: House, written: io.StringIO, figure: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The limit of each socket would stop nearly all of them at the door; here all get in.
    monkeypatch.setattr(gateway, "Bucket", lambda: Bucket(rate=1e9, burst=1e9))
    chance = random.Random(5)
    codes: dict[str, int] = {}
    resident = []
    async with (
        live_call(house) as (customer, alice, call),
        house.customer("alone") as stranger,
        house.companion() as maria,
        house.boss() as boss,
        AsyncExitStack() as stack,
    ):
        me = (await maria.ask((await customer.send("invite"))["path"], "Maria"))["id"]
        assert (await alice.send("admit", person=me, yes=True))["ok"]
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        one, other, nobody, friend, listener = [
            await stack.enter_async_context(raw_socket(who.http, house.url))
            for who in (customer, alice, stranger, maria, boss)
        ]
        sockets = [(one, "/customer"), (other, "/advisor"), (nobody, "/customer")]
        sockets += [(friend, "/companion"), (listener, "/manager")]
        for socket, space in sockets:
            await seat(socket, space)
        [answer] = await _fire(listener, "/manager", [supervise(call)])
        assert answer["ok"], answer
        for n in range(EVENTS // BATCH):
            for answer in await _fire(*sockets[n % 5], [_event(chance) for _ in range(BATCH)]):
                word = "ok" if answer["ok"] else str(answer["code"])
                codes[word] = codes.get(word, 0) + 1
            if n in (EVENTS // BATCH // 4, EVENTS // BATCH - 1):
                resident.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        await alice.come_back()
        await customer.come_back()
        assert (await alice.send("save_notes", notes="still here"))["ok"]
        state = await customer.until_call("live")
        assert (state["call"], len(state["people"])) == (call, 2)
        assert (await alice.send("chat", id="last", text="are you there?"))["ok"]
        await heard_of(friend, "last")
        await heard_of(listener, "last")
    assert sum(codes.values()) == EVENTS
    assert "crashed" not in codes
    assert codes["bad_request"] > EVENTS // 2
    assert "Traceback" not in written.getvalue()
    assert resident[1] - resident[0] < 60_000, "kB more after the last 75,000"
    figure(f"{EVENTS} events: {codes}, 0 tracebacks, +{resident[1] - resident[0]} kB")


def supervise(call: str) -> tuple[str, Any]:
    return "supervise", {"call": call, "mode": "nobody"}


async def heard_of(socket: aiohttp.ClientWebSocketResponse, text: str) -> None:
    """Wait until a frame with this text comes."""
    async with asyncio.timeout(10):
        while text not in (frame := await socket.receive_str()):
            if frame == "2":
                await socket.send_str("3")


def _event(chance: random.Random) -> tuple[str, Any]:
    if not chance.randrange(20):
        return chance.choice(("", "connect", "disconnect", "*", "__proto__", "x" * 500)), {}
    kind = chance.choice(COMMANDS)
    # Nothing here may end the call by being right.
    fields = {name: chance.choice(STRANGE) for name in kind.model_fields} or {"x": 1}
    return kind.event, strange_payload(chance, fields) or [1]


async def _fire(
    socket: aiohttp.ClientWebSocketResponse, space: str, events: list[tuple[str, Any]]
) -> list[dict[str, Any]]:
    """Send events without waiting in between; return their acknowledgements."""
    for n, event in enumerate(events):
        await socket.send_str(f"42{space},{n}{json.dumps(event)}")
    answers: dict[int, dict[str, Any]] = {}
    start = f"43{space},"
    async with asyncio.timeout(30):
        while len(answers) < len(events):
            text = await socket.receive_str()
            if text == "2":
                await socket.send_str("3")
            elif text.startswith(start):
                number, _, rest = text[len(start) :].partition("[")
                assert int(number) not in answers
                answers[int(number)] = json.loads(f"[{rest}")[0]
    return list(answers.values())


async def test_the_bucket_refuses_a_flood_and_answers_each_message(
    house: House, figure: Report
) -> None:
    async with (
        aiohttp.ClientSession() as http,
        raw_socket(http, house.url) as flood,
        house.customer() as calm,
    ):
        await seat(flood)
        await calm.connect()
        answers = await _fire(flood, "/customer", [("point", {"x": 0, "y": 0})] * 5000)
        refused = sum(answer["code"] == "too_many" for answer in answers)
        assert refused > 4500
        assert (await calm.send("leave_queue"))["code"] == "not_found"
        figure(f"5000 messages in a flood: {refused} refused with too_many, all acknowledged")


async def test_a_socket_that_connects_again_and_again_is_closed(
    house: House, written: io.StringIO
) -> None:
    async with aiohttp.ClientSession() as http:
        async with raw_socket(http, house.url) as socket:
            for _ in range(50):
                await socket.send_str('40/customer,{"showroom":"nowhere","page":"p"}')
            answers = [message.data async for message in socket]
            assert sum(str(answer).startswith("44/customer") for answer in answers) == 5
        async with raw_socket(http, house.url) as socket:
            await seat(socket)
            await seat_again(socket)
    assert "Traceback" not in written.getvalue()


async def seat_again(socket: aiohttp.ClientWebSocketResponse) -> None:
    await socket.send_str("40/customer," + json.dumps({"showroom": "paris", "page": "page-x"}))
    async with asyncio.timeout(5):
        assert [m async for m in socket if str(m.data).startswith("40/")] == []
