"""What went wrong in a call: each rule, on a line that was fine but for one thing."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.findings import (
    JOINED_MS,
    LEAST_FROZEN_MS,
    LEAST_MS,
    LONG_WAIT_MS,
    MOST,
    SILENT_MS,
    SLOW_START_MS,
    UPLINK,
    Finding,
    Trouble,
    findings,
)
from media.quality import CONCEALED, LOSS, ROUND_TRIP_MS, KeptSample
from showroom.calls import CallEvent, CallRecord
from showroom.ids import CallId, ShowroomId
from showroom.words import CallState, EndReason, Side
from tests.media.test_quality import FINE
from tests.virtual_clock import START_MS
from web.curves import MOST_ROWS

CALL = CallRecord(
    id=CallId("c"),
    showroom_id=ShowroomId("s"),
    version=1,
    state=CallState.CLOSED,
    language="en",
    vehicle=None,
    created_at=START_MS,
    answered_at=START_MS + 4_000,
    live_at=START_MS + 5_000,
    ended_at=START_MS + 125_000,
    end_reason=EndReason.CUSTOMER_HUNG_UP,
    waited_ms=4_000,
)
LIVE = START_MS + 5_000


def line(side: Side, number: int = 24, /, **bad: Any) -> list[KeptSample]:
    """Return a side's samples, one each 5 s; `bad` has other values by sample, for each field."""
    samples = []
    for n in range(number):
        changes = {name: values[n] for name, values in bad.items() if n in values}
        sample = replace(FINE, side=side, sampled_at=LIVE + 5_000 * (n + 1))
        samples.append(replace(sample, **changes))
    return samples


def found(
    samples: Sequence[KeptSample] = (), events: Sequence[CallEvent] = (), **changes: Any
) -> list[Finding]:
    return findings(replace(CALL, **changes), events, samples)


def at(seq: int, kind: str, after_ms: int = 1_000, **data: Any) -> CallEvent:
    return CallEvent(seq, START_MS + after_ms, kind, "system", data)


def test_a_call_that_went_well_has_nothing_to_say() -> None:
    events = [at(0, "request"), at(1, "ring"), at(2, "accept"), at(3, "connect"), at(4, "end")]
    assert found([*line(Side.CUSTOMER), *line(Side.ADVISOR)], events) == []
    assert found() == []


def test_an_uplink_that_fell_is_told_by_its_lowest_and_its_length() -> None:
    narrow = dict.fromkeys(range(4, 12), "bandwidth")
    rates = dict.fromkeys(range(4, 12), 300000) | {7: 180_000}
    samples = line(Side.ADVISOR, limitation=narrow, bitrate_out=rates)
    right = Finding(Trouble.UPLINK, LIVE + 20_000, 40_000, 180_000, Side.ADVISOR)
    assert found(samples) == [right]
    # Little is sent where little is needed, and a large picture is no trouble.
    assert found(line(Side.ADVISOR, bitrate_out=rates)) == []
    assert (
        found(line(Side.ADVISOR, limitation=narrow, bitrate_out=dict.fromkeys(narrow, 10**6))) == []
    )


@pytest.mark.parametrize(
    ("field", "value", "trouble"),
    [
        ("loss", 0.09, Trouble.LOSS),
        ("round_trip_ms", 501.0, Trouble.DELAY),
        ("concealed", 0.11, Trouble.SOUND),
    ],
)
def test_what_is_poor_for_ten_seconds_is_told_and_what_is_poor_for_five_is_not(
    field: str, value: float, trouble: Trouble
) -> None:
    right = Finding(trouble, LIVE + 10_000, 10_000, value, Side.CUSTOMER)
    assert found(line(Side.CUSTOMER, **{field: {2: value, 3: value}})) == [right]
    assert found(line(Side.CUSTOMER, **{field: {2: value}})) == []
    # At the limit it is fair still.
    limit = {"loss": 0.08, "round_trip_ms": 500.0, "concealed": 0.10}[field]
    assert found(line(Side.CUSTOMER, **{field: {2: limit, 3: limit}})) == []


def test_a_round_trip_that_nobody_knows_is_no_trouble() -> None:
    assert found(line(Side.CUSTOMER, round_trip_ms=dict.fromkeys(range(24)))) == []


def test_a_picture_that_stood_still_is_added_up_and_blinks_are_left_out() -> None:
    (one,) = found(line(Side.CUSTOMER, frozen_ms={3: 4_000, 4: 2_000}))
    assert (one.trouble, one.worst, one.side) == (Trouble.FROZEN, 6_000, Side.CUSTOMER)
    assert found(line(Side.CUSTOMER, frozen_ms={3: 900, 12: 900})) == []
    # Where no picture is sent, none stands still.
    frozen = {3: 4_000, 4: 2_000}
    assert found(line(Side.CUSTOMER, frozen_ms=frozen, width=dict.fromkeys(frozen, 0))) == []


def test_trouble_with_a_short_recovery_is_one_and_with_a_long_one_two() -> None:
    lost = dict.fromkeys((1, 2, 5, 6), 0.2)  # fine for ten seconds between
    assert [one.lasted_ms for one in found(line(Side.CUSTOMER, loss=lost))] == [30_000]
    lost = dict.fromkeys((1, 2, 6, 7), 0.2)
    assert [one.lasted_ms for one in found(line(Side.CUSTOMER, loss=lost))] == [10_000] * 2


def test_a_silent_page_is_told_unless_the_call_was_on_hold() -> None:
    samples = [one for n, one in enumerate(line(Side.CUSTOMER)) if not 6 <= n < 12]
    right = Finding(Trouble.SILENT, LIVE + 30_000, 30_000, side=Side.CUSTOMER)
    assert found(samples) == [right]
    assert found(samples, [at(5, "hold", 36_000), at(6, "resume", 64_000)]) == []


def test_a_line_through_turn_or_over_tcp_and_a_slow_device_are_told() -> None:
    samples = [
        *line(Side.CUSTOMER, relayed=dict.fromkeys(range(24), True)),
        *line(Side.ADVISOR, relayed=dict.fromkeys(range(24), True)),
    ]
    # One sentence about the call: neither side knows whose network it is.
    assert found(samples) == [Finding(Trouble.RELAYED, LIVE)]
    assert found(line(Side.CUSTOMER, tcp={2: True, 3: True})) == [
        Finding(Trouble.TCP, LIVE + 10_000, 10_000, 1, Side.CUSTOMER)
    ]
    # One that found its way past it later is none.
    assert found(line(Side.CUSTOMER, relayed=dict.fromkeys(range(23), True))) == []
    (one,) = found(line(Side.ADVISOR, limitation={3: "cpu", 4: "cpu"}))
    assert (one.trouble, one.lasted_ms) == (Trouble.DEVICE, 10_000)


def test_the_log_tells_of_rings_connections_and_recordings() -> None:
    events = [
        at(1, "miss", 1_000),
        at(2, "transfer_miss", 2_000),
        at(3, "miss", 3_000),
        at(4, "decline", 4_000),
        at(5, "relink", 5_000),
        at(6, "recording_stopped", 6_000, why="full"),
        at(7, "recording_stopped", 7_000, why="stopped"),
    ]
    assert [(one.trouble, one.at_ms - START_MS, one.worst) for one in found((), events)] == [
        (Trouble.MISSED, 1_000, 3),
        (Trouble.DECLINED, 4_000, 1),
        (Trouble.RELINKED, 5_000, 1),
        (Trouble.RECORDING, 6_000, 0),
    ]


def test_a_long_wait_a_slow_start_and_a_broken_end_are_told() -> None:
    assert found(waited_ms=60_000) == []
    assert found(waited_ms=60_001)[0].trouble is Trouble.WAITED
    assert found(live_at=START_MS + 9_000) == []
    assert found(live_at=START_MS + 9_001) == [Finding(Trouble.SLOW_START, START_MS + 4_000, 5_001)]
    assert found(end_reason=EndReason.CUSTOMER_GONE)[0].trouble is Trouble.ENDED
    assert found(end_reason=EndReason.ADVISOR_ENDED) == []


def test_the_document_names_every_trouble_and_every_limit() -> None:
    document = (Path(__file__).parents[2] / "docs" / "quality.md").read_text()
    part = document.partition("## What went wrong in a call")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) == [one.value for one in Trouble]
    for text in (
        f"for more than {LONG_WAIT_MS // 1000} s",
        f"it took more than {SLOW_START_MS // 1000} s",
        f"below {UPLINK // 1000} kbit/s",
        f"more than {LOSS.fair:.0%} of the packets".replace("%", " %"),
        f"more than {ROUND_TRIP_MS.fair} ms",
        f"for {LEAST_FROZEN_MS // 1000} s or more",
        f"more than {CONCEALED.fair:.0%} of the sound".replace("%", " %"),
        f"no sample came for {SILENT_MS // 1000} s",
        f"lasted {LEAST_MS // 1000} s or more",
        f"{JOINED_MS // 1000} s or less between",
        f"{MOST} sentences",
        f"{MOST_ROWS} rows",
    ):
        assert text in part.replace("\n  ", " ").replace("\n", " "), text


def test_of_much_trouble_what_lasted_longest_is_told_in_order() -> None:
    samples = line(Side.CUSTOMER, 200, loss={n: 0.2 for n in range(200) if n % 8 < 2})
    samples[0:2] = line(Side.CUSTOMER, 2)
    lost = {n: replace(one, loss=0.2) for n, one in enumerate(samples) if 100 <= n < 120}
    samples = [lost.get(n, one) for n, one in enumerate(samples)]
    told = found(samples)
    assert len(told) == MOST
    assert max(one.lasted_ms for one in told) >= 100_000
    assert [one.at_ms for one in told] == sorted(one.at_ms for one in told)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([Side.CUSTOMER, Side.ADVISOR]),
            st.integers(0, 600_000),
            st.floats(0.1, 60),
            st.floats(0, 1),
            st.one_of(st.none(), st.floats(0, 60_000)),
            st.integers(0, 60_000),
            st.sampled_from(["none", "cpu", "bandwidth", "other"]),
        ),
        max_size=40,
    )
)
def test_whatever_pages_measured_it_can_be_told(
    made: list[tuple[Side, int, float, float, float | None, int, str]],
) -> None:
    samples = sorted(
        (
            replace(
                FINE, side=side, sampled_at=LIVE + after, seconds=seconds, loss=loss,
                round_trip_ms=trip, frozen_ms=frozen, limitation=limitation,
            )
            for side, after, seconds, loss, trip, frozen, limitation in made
        ),
        key=lambda one: one.sampled_at,
    )  # fmt: skip
    told = found(samples)
    assert len(told) <= MOST + 2
    assert all(one.lasted_ms >= 0 for one in told)
