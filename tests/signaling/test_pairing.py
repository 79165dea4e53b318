"""Who rings whom, and what ends what: the script against a real Redis, in virtual time."""

import pytest

from showroom.errors import AdvisorNotFree, HumanAvailable, IllegalMove, NotFound
from tests.signaling.floor import Floor


async def test_a_call_rings_the_advisor_who_is_idle_longest(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.advisor("bruno")
    await floor.customer("c1")
    assert (await floor.call("c1")).advisor == "alice"
    assert (await floor.of("alice")).state == "ringing"
    assert (await floor.of("bruno")).state == "available"


async def test_a_call_waits_until_somebody_who_speaks_its_language_is_free(floor: Floor) -> None:
    await floor.advisor("alice", languages="fr")
    await floor.customer("c1", language="en")
    assert await floor.states("c1") == ["waiting"]
    await floor.advisor("bruno", languages="en,fr")
    assert (await floor.call("c1")).advisor == "bruno"


async def test_whoever_waits_longest_goes_first_over_all_languages(floor: Floor) -> None:
    await floor.customer("french", language="fr")
    await floor.customer("english", language="en")
    await floor.advisor("alice", languages="en,fr")
    assert await floor.states("french", "english") == ["ringing", "waiting"]


async def test_a_call_that_broke_goes_before_the_others(floor: Floor) -> None:
    await floor.customer("patient")
    await floor.customer("broken", first=True)
    await floor.advisor("alice")
    assert await floor.states("patient", "broken") == ["waiting", "ringing"]


async def test_an_unanswered_ring_goes_to_the_next_advisor(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.advisor("bruno")
    await floor.customer("c1")
    await floor.wait(20.1)
    assert (await floor.call("c1")).advisor == "bruno"
    alice = await floor.of("alice")
    assert (alice.state, alice.away_reason) == ("away", "missed_ring")
    assert await floor.live.missed_since(floor.showroom.id, alice.id, 0) == 1
    assert (await floor.call("c1")).missed == 1


async def test_a_ring_is_not_over_before_its_time(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.wait(19.9)
    assert (await floor.of("alice")).state == "ringing"


async def test_a_declined_call_goes_to_the_next_and_keeps_its_place(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.customer("c2")
    await floor.decline("alice")
    # Alice is free again and gets the other call; the first one is still the first in line.
    assert await floor.states("c1", "c2") == ["waiting", "ringing"]
    await floor.advisor("bruno")
    assert (await floor.call("c1")).advisor == "bruno"


async def test_a_call_that_all_have_declined_is_offered_again(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.decline("alice")
    await floor.renew(("customer", "c1"), ("advisor", "alice"))
    await floor.wait(30)
    assert await floor.states("c1") == ["waiting"]
    await floor.renew(("customer", "c1"), ("advisor", "alice"))
    await floor.wait(31)
    assert await floor.states("c1") == ["ringing"]


async def test_the_wrong_ring_number_accepts_nothing(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    ring = (await floor.of("alice")).ring
    with pytest.raises(IllegalMove):
        await floor.run("accept", advisor="alice", id="c1", ring=ring + 1)
    with pytest.raises(IllegalMove):
        await floor.run("accept", advisor="bruno", id="c1", ring=ring)
    assert await floor.states("c1") == ["ringing"]


async def test_a_call_is_live_when_the_first_side_is_connected(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    call = await floor.call("c1")
    assert (call.state, call.live_at) == ("live", floor.now)


async def test_a_call_that_connected_while_it_rang_is_live_at_the_accept(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    link = (await floor.call("c1")).link
    await floor.run("connected", side="advisor", advisor="alice", id="c1", link=link)
    assert await floor.states("c1") == ["ringing"]
    await floor.accept("alice")
    assert await floor.states("c1") == ["live"]


async def test_a_connection_of_an_older_link_does_not_count(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    link = (await floor.call("c1")).link
    await floor.run("relink", side="customer", id="c1", link=link)
    await floor.run("connected", side="customer", id="c1", link=link)
    await floor.accept("alice")
    assert await floor.states("c1") == ["connecting"]


async def test_a_call_without_a_connection_ends_honestly(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.accept("alice")
    await floor.wait(25)
    await floor.renew(("customer", "c1"))
    await floor.wait(20.1)
    call = await floor.call("c1")
    assert (call.state, call.end_reason) == ("wrap_up", "connect_failed")
    assert (await floor.of("alice")).state == "wrap_up"


async def test_a_customer_who_leaves_frees_the_advisor_who_rings(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.customer("c2")
    await floor.run("leave", id="c1")
    assert await floor.states("c1", "c2") == ["closed", "ringing"]
    assert (await floor.call("c1")).end_reason == "customer_left"


async def test_leaving_twice_is_refused_and_changes_nothing(floor: Floor) -> None:
    await floor.customer("c1")
    await floor.run("leave", id="c1")
    with pytest.raises(IllegalMove):
        await floor.run("leave", id="c1")
    with pytest.raises(IllegalMove):
        await floor.run("hang_up", id="c1")
    assert (await floor.call("c1")).end_reason == "customer_left"


async def test_a_finished_call_keeps_its_advisor_until_the_outcome(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    await floor.run("hang_up", id="c1")
    await floor.customer("c2")
    assert await floor.states("c1", "c2") == ["wrap_up", "waiting"]
    await floor.outcome("c1", "alice")
    assert await floor.states("c1", "c2") == ["closed", "ringing"]


async def test_saving_the_same_outcome_twice_is_no_error(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    await floor.run("end_call", advisor="alice", id="c1")
    await floor.outcome("c1", "alice")
    await floor.outcome("c1", "alice")
    with pytest.raises(NotFound):
        await floor.outcome("c1", "bruno")
    assert (await floor.of("alice")).state == "available"


async def test_a_wrap_up_that_nobody_fills_is_closed(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    await floor.run("end_call", advisor="alice", id="c1")
    await floor.wait(901)
    assert (await floor.call("c1")).state == "closed"
    alice = await floor.of("alice")
    assert (alice.state, alice.away_reason) == ("away", "wrap_up_expired")


async def test_an_advisor_in_a_call_can_neither_leave_nor_come(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.talk("c1", "alice")
    for op in ("go_away", "go_available"):
        with pytest.raises(IllegalMove):
            await floor.run(op, advisor="alice", reason="own_choice")
    assert (await floor.of("alice")).state == "busy"


async def test_going_away_passes_a_ring_on(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.advisor("bruno")
    await floor.customer("c1")
    await floor.run("go_away", advisor="alice", reason="own_choice")
    assert (await floor.of("alice")).state == "away"
    assert (await floor.call("c1")).advisor == "bruno"
    assert (await floor.call("c1")).missed == 0


async def test_a_stand_in_rings_only_while_no_human_is_available(floor: Floor) -> None:
    await floor.advisor("robot", stand_in=True)
    await floor.advisor("alice")
    await floor.customer("c1")
    await floor.customer("c2")
    assert (await floor.call("c1")).advisor == "alice"
    assert (await floor.call("c2")).advisor == "robot"


async def test_a_stand_in_gives_the_call_to_a_human_who_came_meanwhile(floor: Floor) -> None:
    await floor.advisor("robot", stand_in=True)
    await floor.customer("c1")
    await floor.advisor("alice")
    with pytest.raises(HumanAvailable):
        await floor.accept("robot")
    assert (await floor.call("c1")).advisor == "alice"
    assert (await floor.of("robot")).state == "available"


class TestTransfer:
    """Another advisor takes a running call over."""

    async def live(self, floor: Floor) -> None:
        await floor.advisor("alice")
        await floor.advisor("bruno")
        await floor.customer("c1")
        await floor.talk("c1", "alice")
        await floor.run("transfer", advisor="alice", id="c1", to="bruno")

    async def test_the_call_goes_on_while_the_colleague_rings(self, floor: Floor) -> None:
        await self.live(floor)
        call = await floor.call("c1")
        assert (call.state, call.advisor, call.transfer_to) == ("live", "alice", "bruno")
        assert (await floor.of("bruno")).state == "ringing"

    async def test_an_accept_hands_the_call_over_on_a_new_link(self, floor: Floor) -> None:
        await self.live(floor)
        before = await floor.call("c1")
        await floor.accept("bruno")
        call = await floor.call("c1")
        assert (call.state, call.advisor, call.transfer_to) == ("connecting", "bruno", None)
        assert call.link == before.link + 1
        assert (await floor.of("alice")).state == "available"
        assert (await floor.of("bruno")).state == "busy"

    async def test_a_decline_leaves_the_call_where_it_was(self, floor: Floor) -> None:
        await self.live(floor)
        await floor.decline("bruno")
        call = await floor.call("c1")
        assert (call.state, call.advisor, call.transfer_to) == ("live", "alice", None)
        assert (await floor.of("bruno")).state == "available"

    async def test_a_missed_transfer_makes_the_colleague_away(self, floor: Floor) -> None:
        await self.live(floor)
        await floor.wait(20.1)
        assert (await floor.call("c1")).transfer_to is None
        assert (await floor.of("bruno")).away_reason == "missed_ring"

    async def test_the_end_of_the_call_stops_the_colleagues_ring(self, floor: Floor) -> None:
        await self.live(floor)
        await floor.run("hang_up", id="c1")
        assert (await floor.of("bruno")).state == "available"
        assert (await floor.of("alice")).state == "wrap_up"

    async def test_a_busy_colleague_is_refused(self, floor: Floor) -> None:
        await self.live(floor)
        await floor.accept("bruno")
        await floor.customer("c2")
        await floor.talk("c2", "alice")
        with pytest.raises(AdvisorNotFree):
            await floor.run("transfer", advisor="alice", id="c2", to="bruno")


class TestSeats:
    """Sockets come and go; calls stay for a while."""

    async def test_a_customer_who_vanishes_from_the_queue_is_let_go_after_30_s(
        self, floor: Floor
    ) -> None:
        await floor.customer("c1")
        await floor.lose("customer", "c1")
        await floor.wait(29.9)
        assert await floor.states("c1") == ["waiting"]
        await floor.wait(0.2)
        assert (await floor.call("c1")).end_reason == "customer_lost"

    async def test_a_customer_who_vanishes_in_a_call_is_let_go_after_60_s(
        self, floor: Floor
    ) -> None:
        await floor.advisor("alice")
        await floor.customer("c1")
        await floor.talk("c1", "alice")
        await floor.lose("customer", "c1")
        await floor.renew(("advisor", "alice"))
        await floor.wait(59.9)
        assert await floor.states("c1") == ["live"]
        await floor.wait(0.2)
        assert (await floor.call("c1")).end_reason == "customer_gone"

    async def test_an_advisor_who_vanishes_in_a_call_ends_it_after_75_s(self, floor: Floor) -> None:
        await floor.advisor("alice")
        await floor.customer("c1")
        await floor.talk("c1", "alice")
        await floor.lose("advisor", "alice")
        await floor.wait(35)
        await floor.renew(("customer", "c1"))
        await floor.wait(39.9)
        assert await floor.states("c1") == ["live"]
        await floor.wait(0.2)
        assert (await floor.call("c1")).end_reason == "advisor_gone"

    async def test_an_advisor_without_a_socket_is_not_rung_but_keeps_their_word(
        self, floor: Floor
    ) -> None:
        await floor.advisor("alice")
        await floor.lose("advisor", "alice")
        await floor.customer("c1")
        assert await floor.states("c1") == ["waiting"]
        assert (await floor.of("alice")).state == "available"
        await floor.seat("advisor", "alice", sid="new")
        assert await floor.states("c1") == ["ringing"]

    async def test_an_available_advisor_who_stays_away_for_75_s_is_away(self, floor: Floor) -> None:
        await floor.advisor("alice")
        await floor.lose("advisor", "alice")
        await floor.wait(75.1)
        assert (await floor.of("alice")).away_reason == "connection_lost"

    async def test_seats_of_a_node_that_died_end_by_themselves(self, floor: Floor) -> None:
        await floor.advisor("alice")
        await floor.customer("c1")
        await floor.talk("c1", "alice")
        for _ in range(30):  # only Alice's node is still alive
            await floor.wait(5)
            await floor.renew(("advisor", "alice"))
        assert (await floor.call("c1")).end_reason == "customer_gone"
        assert (await floor.of("alice")).state == "wrap_up"

    async def test_a_seat_that_is_renewed_never_ends(self, floor: Floor) -> None:
        await floor.customer("c1")
        for _ in range(30):
            await floor.wait(5)
            assert await floor.renew(("customer", "c1")) == []
        assert await floor.states("c1") == ["waiting"]

    async def test_a_newer_socket_replaces_the_older(self, floor: Floor) -> None:
        await floor.customer("c1")
        await floor.seat("customer", "c1", sid="newer", page="page-c1")
        assert await floor.renew(("customer", "c1")) == ["sid-c1"]
        await floor.lose("customer", "c1")  # the older one goes: it must not take the seat along
        await floor.wait(31)
        assert (await floor.call("c1")).present

    async def test_a_reloaded_page_gets_a_new_link_and_a_reconnected_one_does_not(
        self, floor: Floor
    ) -> None:
        await floor.advisor("alice")
        await floor.customer("c1")
        await floor.talk("c1", "alice")
        link = (await floor.call("c1")).link
        await floor.seat("customer", "c1", sid="again", page="page-c1")
        assert (await floor.call("c1")).link == link
        await floor.seat("customer", "c1", sid="again2", page="reloaded")
        assert (await floor.call("c1")).link == link + 1
        await floor.seat("advisor", "alice", sid="again3", page="reloaded")
        assert (await floor.call("c1")).link == link + 2

    async def test_a_disabled_advisor_loses_ring_and_call_at_once(self, floor: Floor) -> None:
        await floor.advisor("alice")
        await floor.customer("c1")
        await floor.talk("c1", "alice")
        await floor.run("sign_off", advisor="alice", reason="disabled")
        assert (await floor.call("c1")).end_reason == "advisor_gone"
        assert (await floor.of("alice")).away_reason == "disabled"
        await floor.wait(901)
        assert await floor.states("c1") == ["closed"]


class TestBoth:
    """What both sides send."""

    async def test_signals_pass_only_on_the_present_link(self, floor: Floor) -> None:
        await floor.advisor("alice")
        await floor.customer("c1")
        link = (await floor.call("c1")).link
        feed = f"vs:{{{floor.showroom.id}}}:feed"
        before = await floor.redis.xlen(feed)
        for number in (link - 1, link):
            await floor.run(
                "pass", side="customer", id="c1", link=number, event="signal", data="{}"
            )
        assert await floor.redis.xlen(feed) == before + 1
        with pytest.raises(IllegalMove):
            await floor.run(
                "pass", side="advisor", advisor="bruno", id="c1", link=link, event="s", data="{}"
            )

    async def test_a_mark_passes_only_after_the_accept(self, floor: Floor) -> None:
        await floor.advisor("alice")
        await floor.customer("c1")
        with pytest.raises(IllegalMove):
            await floor.run("pass", side="customer", id="c1", both=True, event="p", data="{}")
        await floor.accept("alice")
        await floor.run("pass", side="customer", id="c1", both=True, event="p", data="{}")

    async def test_a_chat_line_sent_twice_stands_in_the_log_once(self, floor: Floor) -> None:
        await floor.advisor("alice")
        await floor.customer("c1")
        await floor.accept("alice")
        for _ in range(2):
            data = {"id": "k", "text": "Hello"}
            await floor.run("say", side="customer", id="c1", kind="chat", key="k", data=data)
        lines = await floor.live.log(floor.showroom.id, (await floor.call("c1")).id)
        assert [line.data["text"] for line in lines if line.kind == "chat"] == ["Hello"]

    async def test_hold_and_resume_are_moves_of_a_live_call(self, floor: Floor) -> None:
        await floor.advisor("alice")
        await floor.customer("c1")
        with pytest.raises(IllegalMove):
            await floor.run("hold", advisor="alice", id="c1", held=True)
        await floor.talk("c1", "alice")
        await floor.run("hold", advisor="alice", id="c1", held=True)
        assert (await floor.call("c1")).held
        await floor.run("hold", advisor="alice", id="c1", held=False)
        assert not (await floor.call("c1")).held

    async def test_only_a_call_that_was_accepted_can_be_rated(self, floor: Floor) -> None:
        rating = {"states": ["wrap_up", "closed"], "accepted": True, "fields": {"rating": "5"}}
        await floor.customer("left")
        await floor.run("leave", id="left")
        with pytest.raises(IllegalMove):
            await floor.run("note", id="left", **rating)
        await floor.advisor("alice")
        await floor.customer("c1")
        await floor.talk("c1", "alice")
        await floor.run("hang_up", id="c1")
        await floor.run("note", id="c1", **rating)
        assert (await floor.call("c1")).rating == 5


async def test_an_ended_call_stays_until_sql_has_its_newest_version(floor: Floor) -> None:
    await floor.customer("c1")
    await floor.run("leave", id="c1")
    call = await floor.call("c1")
    await floor.run("saved", id="c1", version=call.version - 1, keep_s=10)
    assert await floor.live.unsaved(floor.showroom.id) == ["c1"]
    await floor.run("saved", id="c1", version=call.version, keep_s=10)
    assert await floor.live.unsaved(floor.showroom.id) == []
    assert 0 < await floor.redis.ttl(f"vs:{{{floor.showroom.id}}}:call:c1") <= 10
