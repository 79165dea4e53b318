"""A publisher reads from our feedback when each of its packets came.

The reader below is written from draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1 alone.
"""

import struct
from dataclasses import dataclass

from hypothesis import example, given
from hypothesis import strategies as st

from media.relay.transport_cc import MOST_PACKETS, TransportFeedback

TICK = 250e-6
REFERENCE = 64e-3
# The reference time has 24 bits of 64 ms.
PERIOD = REFERENCE * (1 << 24)


@dataclass(frozen=True)
class Message:
    """A message as its receiver reads it. `came`: seconds, None for what did not come."""

    sender: int
    media: int
    base: int
    count: int
    reference: float
    came: dict[int, float | None]


def read(data: bytes) -> Message:
    first, kind, words, sender, media = struct.unpack_from("!BBHLL", data)
    assert (first, kind) == (2 << 6 | 15, 205)
    assert len(data) == 4 * (words + 1)
    base, packets, last = struct.unpack_from("!HHL", data, 12)
    symbols: list[int] = []
    at = 20
    while len(symbols) < packets:
        (chunk,) = struct.unpack_from("!H", data, at)
        at += 2
        if not chunk >> 15:
            symbols += [chunk >> 13 & 3] * (chunk & 0x1FFF)
        elif chunk >> 14 & 1:
            symbols += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:
            symbols += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    reference = (last >> 8) * REFERENCE
    now, came = reference, dict[int, float | None]()
    for ahead, symbol in enumerate(symbols[:packets]):
        assert symbol != 3
        number = (base + ahead) & 0xFFFF
        if symbol == 0:
            came[number] = None
            continue
        (delta,) = struct.unpack_from("!B" if symbol == 1 else "!h", data, at)
        at += symbol  # one byte or two
        now += delta * TICK
        came[number] = now
    assert not any(data[at:]), "what follows is padding"
    assert len(data) - at < 4
    return Message(sender, media, base, last & 0xFF, reference, came)


def apart(one: float, other: float) -> float:
    """Return how far two times are from one another, on a clock that wraps."""
    return abs((one - other + PERIOD / 2) % PERIOD - PERIOD / 2)


def told(feedback: TransportFeedback) -> list[Message]:
    messages = []
    while data := feedback.build(11, 22):
        messages.append(read(data))
    return messages


def test_nothing_came_and_nothing_is_told() -> None:
    assert TransportFeedback().build(1, 2) is None


@given(
    st.integers(0, 0xFFFF),
    st.floats(0, 3 * PERIOD),
    # What each next packet is: lost, or how long after the one before it came, in seconds.
    st.lists(st.none() | st.floats(0, 0.5), min_size=1, max_size=60),
)
@example(0xFFFE, PERIOD - 0.01, [0.0] * 10)
@example(0, 0.0639999, [0.0])
def test_each_packet_is_told_of_to_a_quarter_of_a_millisecond(
    start: int, begin: float, steps: list[float | None]
) -> None:
    feedback, now, came = TransportFeedback(), begin, {start: begin}
    feedback.add(start, begin)
    for ahead, step in enumerate(steps, 1):
        if step is None:
            continue
        now += step
        came[(start + ahead) & 0xFFFF] = now
        feedback.add((start + ahead) & 0xFFFF, now)
    messages = told(feedback)
    heard = {number: at for one in messages for number, at in one.came.items()}
    assert messages[0].base == start
    assert {number for number, at in heard.items() if at is not None} == set(came)
    for number, at in came.items():
        got = heard[number]
        assert got is not None
        assert apart(got, at) <= TICK
    assert [one.count for one in messages] == list(range(len(messages)))
    assert {(one.sender, one.media) for one in messages} == {(11, 22)}


@given(st.permutations(range(12)))
def test_packets_that_overtook_one_another_are_told_of_in_the_order_of_their_numbers(
    order: list[int],
) -> None:
    feedback = TransportFeedback()
    feedback.add(99, 5.0)
    for place, number in enumerate(order):
        feedback.add(100 + number, 5.0 + place / 100)
    (message,) = told(feedback)
    for place, number in enumerate(order):
        at = message.came[100 + number]
        assert at is not None
        assert apart(at, 5.0 + place / 100) <= TICK


def test_many_packets_are_told_of_in_several_messages_that_adjoin() -> None:
    feedback = TransportFeedback()
    for number in range(3 * MOST_PACKETS + 5):
        feedback.add(number, number / 1000)
    messages = told(feedback)
    assert [len(one.came) for one in messages] == [MOST_PACKETS] * 3 + [5]
    assert [one.base for one in messages] == [0, 400, 800, 1200]


def test_a_hole_wider_than_a_message_is_told_of_with_times_that_go_on() -> None:
    feedback = TransportFeedback()
    feedback.add(0, 1000.0)
    assert feedback.build(1, 2)
    feedback.add(2 * MOST_PACKETS, 1001.0)
    messages = told(feedback)
    assert sum(len(one.came) for one in messages) == 2 * MOST_PACKETS
    for one in messages:
        assert apart(one.reference, 1001.0) < 2 * REFERENCE


def test_after_a_long_silence_the_rest_begins_a_message_of_its_own() -> None:
    feedback = TransportFeedback()
    feedback.add(1, 10.0)
    feedback.add(3, 30.0)
    first, second = told(feedback)
    assert (set(first.came), set(second.came)) == ({1, 2}, {3})
    at = second.came[3]
    assert at is not None
    assert apart(at, 30.0) <= TICK


def test_long_runs_are_short_on_the_wire() -> None:
    feedback = TransportFeedback()
    for number in range(200):
        feedback.add(number, 1.0 + number / 10_000)
    data = feedback.build(1, 2)
    assert data
    # A header, one run, a delta for each.
    assert len(data) <= 20 + 2 + 200 + 3


def test_what_was_told_of_is_told_of_once_and_what_comes_later_never() -> None:
    feedback = TransportFeedback()
    feedback.add(10, 1.0)
    feedback.add(12, 1.1)
    (message,) = told(feedback)
    assert message.came[11] is None
    feedback.add(11, 1.2)
    feedback.add(10, 1.2)
    assert feedback.build(1, 2) is None
    feedback.add(13, 1.3)
    (message,) = told(feedback)
    assert set(message.came) == {13}


def test_the_count_of_messages_wraps_at_eight_bits() -> None:
    feedback, counts = TransportFeedback(), []
    for number in range(300):
        feedback.add(number, number / 10)
        counts += [one.count for one in told(feedback)]
    assert counts == [number % 256 for number in range(300)]


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.floats(0, 100)), max_size=40))
def test_whatever_numbers_come_it_comes_to_an_end(packets: list[tuple[int, float]]) -> None:
    feedback = TransportFeedback()
    for number, now in packets:
        feedback.add(number, now)
    messages = told(feedback)
    assert len(messages) <= len(packets) + (1 << 15) // MOST_PACKETS + 1
