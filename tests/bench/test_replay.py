"""The proof that nobody was paired twice is worth something only if it finds who was."""

from typing import Any

from bench.figures import percentile
from bench.replay import replay


def entry(at: int, kind: str, advisor: str = "") -> dict[str, Any]:
    return {"at": at, "kind": kind, "data": {"advisor": advisor} if advisor else {}}


def call(advisor: str, since: int, until: int) -> list[dict[str, Any]]:
    return [
        entry(since, "request"),
        entry(since, "ring", advisor),
        entry(since + 1, "accept", advisor),
        entry(until - 1, "end"),
        entry(until, "close"),
    ]


def test_calls_one_after_the_other_are_no_double() -> None:
    verdict = replay([("a", call("alice", 0, 10)), ("b", call("alice", 10, 20))])
    assert (verdict.calls, verdict.pairings, verdict.doubles) == (2, 2, [])


def test_an_advisor_in_two_calls_at_once_is_found() -> None:
    verdict = replay([("a", call("alice", 0, 10)), ("b", call("alice", 9, 20))])
    assert verdict.doubles == ["alice was in a and in b at once"]


def test_a_call_that_never_closes_keeps_its_advisor() -> None:
    still = [entry(0, "ring", "alice"), entry(1, "accept", "alice")]
    assert replay([("a", still), ("b", call("alice", 50, 60))]).doubles


def test_a_call_that_rings_twice_at_once_is_found() -> None:
    log = [entry(0, "ring", "alice"), entry(1, "ring", "bruno")]
    assert replay([("a", log)]).doubles == ["a rang at two advisors at once"]


def test_an_accept_without_a_ring_is_found() -> None:
    log = [entry(0, "ring", "alice"), entry(1, "accept", "bruno")]
    assert replay([("a", log)]).doubles == ["a was accepted by one for whom it did not ring"]


def test_two_accepts_of_one_call_are_found() -> None:
    log = [*call("alice", 0, 10), entry(11, "ring", "bruno"), entry(12, "accept", "bruno")]
    assert replay([("a", log)]).doubles == ["a was accepted 2 times"]


def test_a_declined_ring_frees_the_advisor_for_another_call() -> None:
    declined = [entry(0, "ring", "alice"), entry(5, "decline", "alice"), entry(5, "ring", "bruno")]
    assert replay([("a", declined), ("b", call("alice", 5, 9))]).doubles == []


def test_a_percentile_is_a_sample_that_was_measured() -> None:
    samples = [float(n) for n in range(1, 21)]
    assert (percentile(samples, 0.5), percentile(samples, 0.95)) == (10, 19)
    assert percentile([7.0], 0.99) == 7
