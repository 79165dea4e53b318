"""Booked calls: kept for one advisor, who is kept free for them. A real Redis, virtual time."""

import pytest

from showroom.errors import AdvisorNotFree, HumanAvailable
from showroom.ids import ShowroomId
from tests.signaling.floor import Floor

GUEST, ALICE, BRUNO = ("customer", "jeanne"), ("advisor", "alice"), ("advisor", "bruno")


async def test_a_kept_call_rings_its_host_and_not_who_is_idle_longer(floor: Floor) -> None:
    await floor.advisor("bruno")
    await floor.advisor("alice")
    await floor.guest("jeanne", host="alice")
    assert (await floor.call("jeanne")).advisor == "alice"
    assert (await floor.of("bruno")).state == "available"


async def test_a_kept_call_waits_for_its_host_while_others_are_idle(floor: Floor) -> None:
    await floor.advisor("bruno")
    await floor.guest("jeanne", host="alice", starts_in=60)
    await floor.wait_here(100, GUEST, BRUNO)
    assert await floor.states("jeanne") == ["waiting"]
    await floor.advisor("alice")
    assert (await floor.call("jeanne")).advisor == "alice"


async def test_two_minutes_after_the_start_anybody_may_take_a_kept_call(floor: Floor) -> None:
    await floor.advisor("bruno")
    await floor.guest("jeanne", host="alice", starts_in=60)
    await floor.wait_here(179, GUEST, BRUNO)
    assert await floor.states("jeanne") == ["waiting"]
    await floor.wait(1)
    assert (await floor.call("jeanne")).advisor == "bruno"
    assert not (await floor.call("jeanne")).kept


async def test_a_guest_who_joins_late_is_everybodys_at_once(floor: Floor) -> None:
    await floor.advisor("bruno")
    await floor.guest("jeanne", host="alice", starts_in=-300)
    assert (await floor.call("jeanne")).advisor == "bruno"


async def test_a_visit_without_a_host_is_everybodys_at_once(floor: Floor) -> None:
    await floor.advisor("bruno")
    await floor.guest("jeanne", host=None, starts_in=300)
    assert (await floor.call("jeanne")).advisor == "bruno"


async def test_a_call_that_its_host_declines_goes_to_the_next_at_once(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.advisor("bruno")
    await floor.guest("jeanne", starts_in=300)
    await floor.decline("alice")
    assert (await floor.call("jeanne")).advisor == "bruno"
    assert (await floor.of("alice")).state == "available"


async def test_a_call_that_its_host_misses_goes_to_the_next_at_once(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.advisor("bruno")
    await floor.guest("jeanne", starts_in=300)
    await floor.wait(20.1)
    assert (await floor.call("jeanne")).advisor == "bruno"
    assert (await floor.of("alice")).away_reason == "missed_ring"


async def test_a_ring_at_the_host_goes_on_past_the_time_that_it_was_kept_for(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.advisor("bruno")
    await floor.guest("jeanne", starts_in=-115)
    await floor.wait(10)
    call = await floor.call("jeanne")
    assert (call.state, call.advisor, call.kept) == ("ringing", "alice", False)
    await floor.wait(11)
    assert (await floor.call("jeanne")).advisor == "bruno"


async def test_a_host_who_declined_is_asked_again_when_nobody_else_comes(floor: Floor) -> None:
    await floor.keep_free("alice", "visit-jeanne", 600)
    await floor.advisor("alice")
    await floor.guest("jeanne", starts_in=300)
    await floor.decline("alice")
    await floor.wait_here(59, GUEST, ALICE)
    assert await floor.states("jeanne") == ["waiting"]
    await floor.wait(2)
    assert (await floor.call("jeanne")).advisor == "alice"


async def test_a_booked_call_goes_before_all_who_wait_and_takes_no_walk_ins_advisor(
    floor: Floor,
) -> None:
    await floor.customer("patient")
    await floor.customer("broken", first=True)
    await floor.guest("jeanne", host="alice", starts_in=300)
    assert await floor.live.order(floor.showroom.id, "en") == ["jeanne", "broken", "patient"]
    await floor.advisor("bruno")
    assert await floor.states("patient", "broken", "jeanne") == ["waiting", "ringing", "waiting"]
    await floor.advisor("alice")
    assert await floor.states("patient", "jeanne") == ["waiting", "ringing"]


async def test_many_kept_calls_hide_nobody_who_waits_behind_them(floor: Floor) -> None:
    for n in range(20):
        await floor.guest(f"guest-{n}", host=f"host-{n}", starts_in=300)
    await floor.customer("walk-in")
    await floor.advisor("bruno")
    assert (await floor.call("walk-in")).advisor == "bruno"
    await floor.decline("bruno")
    for _ in range(5):
        seats = [("customer", f"guest-{n}") for n in range(20)]
        await floor.renew(("customer", "walk-in"), BRUNO, *seats)
        await floor.wait(15)
    assert (await floor.call("walk-in")).advisor == "bruno"


async def test_two_guests_of_one_host_are_received_in_the_order_of_their_visits(
    floor: Floor,
) -> None:
    await floor.guest("second", starts_in=600)
    await floor.guest("first", starts_in=-60)
    await floor.advisor("alice")
    assert await floor.states("first", "second") == ["ringing", "waiting"]
    await floor.talk("first", "alice")
    await floor.run("hang_up", id="first")
    await floor.outcome("first", "alice")
    assert await floor.states("first", "second") == ["closed", "ringing"]
    assert (await floor.call("second")).advisor == "alice"


async def test_a_guest_of_theirs_comes_before_a_walk_in_also_when_the_visit_is_late(
    floor: Floor,
) -> None:
    await floor.customer("walk-in")
    await floor.guest("jeanne", starts_in=-600)
    await floor.advisor("alice")
    assert await floor.states("walk-in", "jeanne") == ["waiting", "ringing"]


async def test_a_host_whose_page_is_gone_gets_the_call_when_it_is_back(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.lose("advisor", "alice")
    await floor.guest("jeanne", starts_in=60)
    assert await floor.states("jeanne") == ["waiting"]
    await floor.seat("advisor", "alice", sid="anew")
    assert (await floor.call("jeanne")).advisor == "alice"


async def test_a_guest_rings_no_host_whose_page_is_gone(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.customer("walk-in")
    await floor.lose("advisor", "alice")
    await floor.guest("jeanne", starts_in=60)
    await floor.run("leave", id="walk-in")
    assert (await floor.of("alice")).state == "available"
    assert await floor.states("jeanne") == ["waiting"]


async def test_a_call_that_is_late_waits_for_whoever_comes_next(floor: Floor) -> None:
    await floor.guest("jeanne", host="alice", starts_in=-100)
    await floor.customer("walk-in")
    await floor.wait(21)
    await floor.advisor("bruno")
    assert await floor.states("jeanne", "walk-in") == ["ringing", "waiting"]


async def test_a_guest_who_leaves_the_queue_is_forgotten_by_the_host(floor: Floor) -> None:
    await floor.guest("jeanne", starts_in=60)
    await floor.run("leave", id="jeanne")
    await floor.customer("walk-in")
    await floor.advisor("alice")
    assert await floor.states("jeanne", "walk-in") == ["closed", "ringing"]
    assert not await floor.redis.hget(f"vs:{{{floor.showroom.id}}}:adv:alice", "booked")


# ---------------------------------------------------------------- kept free


async def test_an_advisor_who_is_kept_free_shows_as_available_and_is_not_rung(
    floor: Floor,
) -> None:
    await floor.advisor("alice")
    await floor.keep_free("alice", "v", 300)
    await floor.customer("walk-in")
    assert await floor.states("walk-in") == ["waiting"]
    assert (await floor.of("alice")).state == "available"
    await floor.guest("jeanne")
    assert (await floor.call("jeanne")).advisor == "alice"


async def test_an_advisor_is_kept_free_until_a_time_and_then_gets_who_waits(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.keep_free("alice", "v", 300)
    await floor.customer("walk-in")
    walk_in = ("customer", "walk-in")
    await floor.wait_here(299, walk_in, ALICE)
    assert await floor.states("walk-in") == ["waiting"]
    await floor.wait(1)
    assert (await floor.call("walk-in")).advisor == "alice"
    assert not (await floor.of("alice")).kept_free


async def test_whoever_becomes_available_while_kept_free_is_not_rung_either(floor: Floor) -> None:
    await floor.keep_free("alice", "v", 300)
    await floor.customer("walk-in")
    await floor.advisor("alice")
    assert await floor.states("walk-in") == ["waiting"]
    await floor.lose("advisor", "alice")
    await floor.seat("advisor", "alice", sid="anew")
    assert await floor.states("walk-in") == ["waiting"]


async def test_keeping_free_again_changes_nothing_and_the_past_takes_it_back(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.keep_free("alice", "v", 300)
    feed = f"vs:{{{floor.showroom.id}}}:feed"
    hints = await floor.redis.xlen(feed)
    await floor.keep_free("alice", "v", 300)
    assert await floor.redis.xlen(feed) == hints
    await floor.customer("walk-in")
    await floor.keep_free("alice", "v", 0)
    assert (await floor.call("walk-in")).advisor == "alice"


async def test_of_two_visits_the_later_one_says_how_long_they_are_kept_free(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.keep_free("alice", "later", 300)
    await floor.keep_free("alice", "sooner", 100)
    await floor.customer("walk-in")
    await floor.wait_here(200, ("customer", "walk-in"), ALICE)
    assert await floor.states("walk-in") == ["waiting"]
    await floor.keep_free("alice", "later", 0)
    assert (await floor.call("walk-in")).advisor == "alice"


async def test_whose_guest_was_received_is_kept_free_no_longer(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.keep_free("alice", "visit-jeanne", 600)
    await floor.guest("jeanne")
    await floor.talk("jeanne", "alice")
    await floor.run("hang_up", id="jeanne")
    await floor.customer("walk-in")
    await floor.outcome("jeanne", "alice")
    assert (await floor.call("walk-in")).advisor == "alice"


async def test_a_host_whose_guest_a_colleague_received_takes_walk_ins_again(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.advisor("bruno")
    await floor.keep_free("alice", "visit-jeanne", 600)
    await floor.guest("jeanne")
    await floor.decline("alice")
    await floor.customer("walk-in")
    assert await floor.states("walk-in") == ["waiting"]
    await floor.accept("bruno")
    assert (await floor.call("walk-in")).advisor == "alice"


async def test_a_call_is_not_handed_over_to_who_is_kept_free(floor: Floor) -> None:
    await floor.advisor("bruno")
    await floor.customer("c1")
    await floor.talk("c1", "bruno")
    await floor.advisor("alice")
    await floor.keep_free("alice", "v", 300)
    assert not (await floor.of("alice")).could_take(await floor.call("c1"))
    with pytest.raises(AdvisorNotFree):
        await floor.run("transfer", advisor="bruno", id="c1", to="alice")
    assert await floor.states("c1") == ["live"]


# ---------------------------------------------------------------- stand-ins


async def test_a_stand_in_takes_a_booked_call_only_late_and_when_no_human_is_free(
    floor: Floor,
) -> None:
    await floor.advisor("robot", stand_in=True)
    await floor.guest("jeanne", starts_in=60)
    robot = ("advisor", "robot")
    await floor.wait_here(179, GUEST, robot)
    assert await floor.states("jeanne") == ["waiting"]
    await floor.wait(1)
    assert (await floor.call("jeanne")).advisor == "robot"


async def test_a_stand_in_leaves_a_late_guest_to_the_host_who_came_meanwhile(floor: Floor) -> None:
    await floor.advisor("robot", stand_in=True)
    await floor.guest("jeanne", starts_in=-300)
    await floor.keep_free("alice", "visit-jeanne", 600)
    await floor.advisor("alice")
    with pytest.raises(HumanAvailable):
        await floor.accept("robot")
    assert (await floor.call("jeanne")).advisor == "alice"


async def test_a_late_guest_goes_to_a_human_before_a_stand_in(floor: Floor) -> None:
    await floor.advisor("robot", stand_in=True)
    await floor.advisor("bruno")
    await floor.guest("jeanne", starts_in=-300)
    assert (await floor.call("jeanne")).advisor == "bruno"


# ---------------------------------------------------------------- what is told


async def test_who_is_kept_free_counts_as_on_duty_and_not_as_free(floor: Floor) -> None:
    await floor.advisor("alice")
    await floor.advisor("bruno")
    await floor.keep_free("alice", "v", 300)
    await floor.guest("jeanne", host="chloe", starts_in=60)
    counts = await floor.live.counts(floor.showroom.id, "en")
    assert (counts.free, counts.on_duty, counts.kept_free) == (1, 2, 1)
    assert (counts.waiting, counts.kept_calls) == (1, 1)
    await floor.run("leave", id="jeanne")
    await floor.wait_here(301, ALICE, BRUNO)
    counts = await floor.live.counts(floor.showroom.id, "en")
    assert (counts.on_duty, counts.kept_free, counts.kept_calls) == (2, 0, 0)


async def test_whoever_is_early_for_a_visit_has_not_waited_yet(floor: Floor) -> None:
    await floor.guest("jeanne", starts_in=300)
    call = await floor.call("jeanne")
    assert call.waited_ms(floor.now + 200_000) == 0
    assert call.waited_ms(floor.now + 310_000) == 10_000


async def test_closing_sends_nobody_home_who_booked(floor: Floor) -> None:
    await floor.customer("walk-in")
    await floor.guest("jeanne", starts_in=60)
    await floor.guest("late", starts_in=-300)
    await floor.run("sweep", languages=["en"], most=200, closed=True)
    assert await floor.states("walk-in", "jeanne", "late") == ["closed", "waiting", "waiting"]


async def test_the_facts_of_a_call_say_what_became_of_it(floor: Floor) -> None:
    room = floor.showroom.id
    await floor.advisor("alice")
    call = await floor.guest("jeanne")
    await floor.talk("jeanne", "alice")
    await floor.run("hang_up", id="jeanne")
    facts = await floor.live.call_facts(room, call)
    assert facts is not None
    assert (facts.state, facts.advisor) == ("wrap_up", "alice")
    assert (facts.accepted_at, facts.ended_at) == (floor.now, floor.now)
    assert facts.end_reason == "customer_hung_up"
    assert await floor.live.call_facts(a_foreign_room(), call) is None


def a_foreign_room() -> ShowroomId:
    return ShowroomId("another")
