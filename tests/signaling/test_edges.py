"""Edges of the pairing rules that are easily lost: limits, graces, closing time."""

import pytest

from showroom.errors import TooMany
from signaling import pairing
from tests.signaling.floor import Floor


async def test_whose_page_was_lost_while_it_rang_has_the_grace_of_a_call_once_accepted(
    floor: Floor,
) -> None:
    await floor.advisor("anna")
    await floor.customer("c1")
    await floor.lose("customer", "c1")
    await floor.accept("anna")
    await floor.wait(40)  # longer than the queue's grace of 30 s, shorter than a call's of 60 s
    assert await floor.states("c1") == ["connecting"]
    await floor.run("connected", side="advisor", advisor="anna", id="c1", link=1)
    await floor.wait(30)
    assert (await floor.call("c1")).end_reason == "customer_gone"


async def test_whoever_is_away_keeps_their_socket(floor: Floor) -> None:
    await floor.advisor("anna")
    await floor.run("go_away", advisor="anna", reason="own_choice")
    for _ in range(30):
        await floor.wait(5)
        assert await floor.renew(("advisor", "anna")) == []
    assert (await floor.of("anna")).present


async def test_an_advisor_who_takes_long_over_the_notes_keeps_their_socket(floor: Floor) -> None:
    await floor.advisor("anna")
    await floor.customer("c1")
    await floor.talk("c1", "anna")
    await floor.run("end_call", advisor="anna", id="c1")
    for _ in range(30):
        await floor.wait(5)
        assert await floor.renew(("advisor", "anna")) == []
    assert (await floor.of("anna")).present


async def test_a_second_page_of_a_call_that_is_over_is_not_sent_away(floor: Floor) -> None:
    await floor.advisor("anna")
    await floor.customer("c1")
    await floor.talk("c1", "anna")
    second = [["customer", "c1", "socket-of-a-second-page"]]
    assert await floor.run("renew_seats", seats=second) == ["socket-of-a-second-page"]
    await floor.run("hang_up", id="c1")
    assert await floor.run("renew_seats", seats=second) == []


async def test_a_line_that_is_refused_is_refused_again_and_one_that_is_kept_is_kept_once(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await floor.advisor("anna")
    await floor.customer("c1")
    await floor.talk("c1", "anna")
    said = len(await floor.live.log(floor.showroom.id, (await floor.call("c1")).id))
    monkeypatch.setattr(pairing, "LOG_LIMIT", said + 1)

    async def say(key: str) -> None:
        line = {"side": "customer", "id": "c1", "kind": "chat", "key": key, "data": {"id": key}}
        await floor.run("say", **line)

    await say("one")
    await say("one")
    for _ in range(2):
        with pytest.raises(TooMany):
            await say("two")
    await say("one")
    log = await floor.live.log(floor.showroom.id, (await floor.call("c1")).id)
    assert [line.data["id"] for line in log if line.kind == "chat"] == ["one"]


async def sweep(floor: Floor, closed: bool) -> int:
    """Sweep once; return in how many milliseconds to look again."""
    languages = list(floor.showroom.languages)
    _, wait = await floor.run("sweep", languages=languages, most=200, closed=closed)
    return int(wait)


async def test_closing_sends_home_who_waits_for_nobody(floor: Floor) -> None:
    await floor.advisor("anna", languages="fr")
    await floor.customer("taken", language="fr")
    await floor.accept("anna")
    await floor.customer("french", language="fr")
    await floor.customer("english", language="en")
    await sweep(floor, closed=False)
    assert await floor.states("french", "english") == ["waiting", "waiting"]
    await sweep(floor, closed=True)
    # Anna is on duty and speaks French: she still takes who came in time.
    assert await floor.states("french", "english") == ["waiting", "closed"]
    assert (await floor.call("english")).end_reason == "showroom_closed"
    await sweep(floor, closed=True)
    assert await floor.states("taken", "french") == ["connecting", "waiting"]


async def test_the_sweep_says_when_to_look_again(floor: Floor) -> None:
    assert await sweep(floor, closed=False) > 60_000
    await floor.advisor("anna")
    assert await sweep(floor, closed=False) == 85_000  # the grace of her seat, and its lease
    await floor.customer("c1")
    assert await sweep(floor, closed=False) == 20_000  # the ring
    await floor.customer("c2")
    assert await sweep(floor, closed=False) == 0  # somebody waits
