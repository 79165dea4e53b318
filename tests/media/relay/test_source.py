"""A source goes on without holes, whatever its publishers send and whoever they are."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.relay.source import HISTORY, REMEMBERED_PADDING
from tests.media.relay.lines import Line, Publisher, Studio

PADDING = b""


def steps(line: Line) -> list[int]:
    """Return how far each packet's number is from the one before it."""
    numbers = [one.index for one in line.opened()]
    return [later - before for before, later in itertools.pairwise(numbers)]


def texts(line: Line) -> list[bytes]:
    return [one.payload for one in line.opened()]


@pytest.mark.parametrize("start", [0, 65_500])
def test_packets_go_out_in_their_order_under_numbers_of_their_own(start: int) -> None:
    studio, publisher = Studio(), Publisher()
    line = studio.line()
    for ahead in range(100):
        studio.send(publisher, start + ahead, b"key" if ahead == 0 else b"%d" % ahead)
    assert texts(line) == [b"key", *(b"%d" % ahead for ahead in range(1, 100))]
    assert steps(line) == [1] * 99
    packets = [one.packet for one in line.opened()]
    assert {(one.ssrc, one.payload_type) for one in packets} == {(0xABCD, 100)}
    times = [one.timestamp for one in packets]
    assert {(b - a) & 0xFFFFFFFF for a, b in itertools.pairwise(times)} == {900}


def test_nothing_goes_out_before_a_keyframe_which_is_asked_for() -> None:
    studio, publisher = Studio(), Publisher()
    line = studio.line()
    studio.send(publisher, 1, b"inter")
    assert (texts(line), publisher.asked) == ([], 1)
    studio.send(publisher, 2, b"key")
    studio.send(publisher, 3, b"inter")
    assert texts(line) == [b"key", b"inter"]


def test_of_a_voice_nothing_is_asked_and_it_begins_at_once() -> None:
    studio, publisher = Studio("audio"), Publisher()
    line = studio.line(send_time_id=0)
    studio.send(publisher, 1, b"hello")
    assert (texts(line), publisher.asked) == ([b"hello"], 0)
    assert line.opened()[0].packet.extensions is not None


def test_where_padding_was_there_is_no_hole() -> None:
    studio, publisher = Studio(), Publisher()
    line = studio.line()
    studio.send(publisher, 65_533, b"key")
    for ahead in range(1, 40):
        studio.send(publisher, 65_533 + ahead, PADDING if ahead % 4 else b"%d" % ahead)
    assert steps(line) == [1] * 9


def test_a_loss_stays_a_hole_and_what_comes_late_fills_it() -> None:
    studio, publisher = Studio(), Publisher()
    line = studio.line()
    for number in (1, 2, 5, 6):
        studio.send(publisher, number, b"key%d" % number)
    assert steps(line) == [1, 3, 1]
    studio.send(publisher, 4, b"late")
    assert steps(line) == [1, 3, 1, -2]


def test_a_late_packet_finds_its_place_behind_padding_that_came_before_it() -> None:
    studio, publisher = Studio(), Publisher()
    line = studio.line()
    studio.send(publisher, 10, b"key")
    studio.send(publisher, 11, PADDING)
    studio.send(publisher, 13, PADDING)
    studio.send(publisher, 14, b"after")
    studio.send(publisher, 12, b"late")
    assert [(one.payload, one.index - line.opened()[0].index) for one in line.opened()] == [
        (b"key", 0),
        (b"after", 2),
        (b"late", 1),
    ]


def test_padding_that_comes_late_moves_nothing_and_takes_nobodys_number() -> None:
    studio, publisher = Studio(), Publisher()
    line = studio.line()
    for number, payload in ((1, b"key"), (4, b"a"), (2, PADDING), (5, b"b"), (3, b"c"), (2, b"x")):
        studio.send(publisher, number, payload)
    places = {one.payload: one.index - line.opened()[0].index for one in line.opened()}
    assert places == {b"key": 0, b"a": 3, b"b": 4, b"c": 2, b"x": 1}


def test_after_much_padding_late_packets_still_find_their_place() -> None:
    studio, publisher = Studio(), Publisher()
    line = studio.line()
    studio.send(publisher, 0, b"key")
    for number in range(1, 2 * REMEMBERED_PADDING):
        studio.send(publisher, number, PADDING)
    start = 2 * REMEMBERED_PADDING
    for number in (start, start + 2, start + 1):
        studio.send(publisher, number, b"%d" % number)
    assert steps(line) == [1, 2, -1]


def test_what_is_older_than_all_padding_that_is_remembered_is_not_guessed_at() -> None:
    studio, publisher = Studio(), Publisher()
    line = studio.line()
    studio.send(publisher, 0, b"key")
    studio.send(publisher, 2, b"two")
    for number in range(3, 5 + REMEMBERED_PADDING):
        studio.send(publisher, number, PADDING)
    studio.send(publisher, 1, b"late")
    assert texts(line) == [b"key", b"two"]


@pytest.mark.parametrize("again", [5, 4, 3])
def test_a_number_that_was_used_is_never_used_for_something_else(again: int) -> None:
    studio, publisher = Studio(), Publisher()
    line = studio.line()
    for number in (1, 2, 3, 4, 5):
        studio.send(publisher, number, b"key" if number == 1 else b"%d" % number)
    studio.send(publisher, again, b"other")
    studio.send(publisher, again, PADDING)
    studio.send(publisher, 6, b"six")
    assert texts(line) == [b"key", b"2", b"3", b"4", b"5", b"six"]
    assert steps(line) == [1] * 5


def test_what_is_older_than_the_history_is_dropped() -> None:
    studio, publisher = Studio(), Publisher()
    line = studio.line()
    studio.send(publisher, 0, b"key")
    studio.send(publisher, HISTORY + 20, b"far")
    studio.send(publisher, 10, b"old")
    # A leap back of half of all numbers is where a receiver can't tell back from ahead.
    studio.send(publisher, HISTORY + 20 - 0x8000, b"half")
    assert texts(line) == [b"key", b"far"]


def test_what_a_tap_hears_is_what_goes_out() -> None:
    studio, publisher = Studio(), Publisher()
    heard: list[bytes] = []
    studio.source.taps.append(lambda entry: heard.append(entry.payload))
    for number in range(5):
        studio.send(publisher, number, b"key" if number % 2 == 0 else PADDING)
    assert heard == [b"key"] * 3


# ---------------------------------------------------------------- another publisher


def test_a_newer_publisher_takes_over_at_its_keyframe_and_the_older_goes_on_until_then() -> None:
    studio, older, newer = Studio(), Publisher(1), Publisher(2)
    line = studio.line()
    studio.send(older, 100, b"key old")
    studio.send(newer, 7, b"inter new")
    assert newer.asked == 1
    studio.send(older, 101, b"inter old")
    studio.send(newer, 8, b"key new")
    studio.send(older, 102, b"inter old, too late")
    studio.send(older, 103, b"key old, too late")
    studio.send(newer, 9, b"inter new")
    assert texts(line) == [b"key old", b"inter old", b"key new", b"inter new"]
    assert steps(line) == [1] * 3
    times = [one.packet.timestamp for one in line.opened()]
    passed = [(b - a) & 0xFFFFFFFF for a, b in itertools.pairwise(times)]
    assert passed[0] == 900
    assert 0 < passed[1] <= 90_000  # as much as passed on the clock
    assert passed[2] == 900


def test_when_a_publisher_is_gone_any_other_may_go_on() -> None:
    studio, older, newer = Studio(), Publisher(1), Publisher(2)
    line = studio.line()
    studio.send(newer, 1, b"key new")
    studio.source.release(newer)
    studio.source.release(older)
    studio.send(older, 500, b"inter old")
    studio.send(older, 501, b"key old")
    assert texts(line) == [b"key new", b"key old"]
    assert steps(line) == [1]


def test_a_packet_of_the_new_stream_from_before_its_keyframe_is_not_let_in_later() -> None:
    studio, older, newer = Studio(), Publisher(1), Publisher(2)
    line = studio.line()
    studio.send(older, 50, b"key old")
    studio.send(newer, 10, b"key new")
    studio.send(newer, 9, b"before")
    assert texts(line) == [b"key old", b"key new"]


# ---------------------------------------------------------------- those who get it


def test_each_joins_at_a_keyframe_and_gets_all_from_there() -> None:
    studio, publisher = Studio(), Publisher()
    first = studio.line()
    for number in range(5):
        studio.send(publisher, number, b"key" if number == 0 else b"inter")
    second = studio.line(send_time_id=0)
    assert publisher.asked == 1
    studio.send(publisher, 5, b"inter")
    studio.send(publisher, 4, b"key once more")
    assert texts(second) == []
    for number in range(6, 9):
        studio.send(publisher, number, b"key2" if number == 6 else b"inter")
    assert texts(second) == [b"key2", b"inter", b"inter"]
    assert len(texts(first)) == 9
    studio.send(publisher, 9, b"inter")
    assert steps(second) == [1] * 3


def test_whoever_joined_does_not_get_what_is_late_from_before() -> None:
    studio, publisher = Studio(), Publisher()
    studio.line()
    studio.send(publisher, 1, b"key")
    line = studio.line()
    studio.send(publisher, 3, b"key")
    studio.send(publisher, 2, b"late")
    assert texts(line) == [b"key"]


@given(st.lists(st.integers(0, 2), min_size=1, max_size=40))
def test_a_place_that_changes_its_source_goes_on_in_number_and_time(choices: list[int]) -> None:
    studios = [Studio(), Studio(), Studio()]
    publishers = [Publisher(), Publisher(), Publisher()]
    line = Line()
    numbers = [65_530, 3, 32_000]
    current: Studio | None = None
    now = 10.0
    for choice in choices:
        studio = studios[choice]
        if studio is not current:
            if current:
                current.source.remove(line.outlet)
            studio.source.add(line.outlet)
            current = studio
        for one in studios:  # all of them go on, seen or not
            one.now = now
        for index, one in enumerate(studios):
            numbers[index] += 1
            one.send(publishers[index], numbers[index], b"key")
        now += 0.04
    assert len(line.opened()) == len(choices)
    assert steps(line) == [1] * (len(choices) - 1)
    times = [one.packet.timestamp for one in line.opened()]
    for before, after in itertools.pairwise(times):
        assert 0 < (after - before) & 0xFFFFFFFF <= 4 * 900


def test_a_pause_leaves_no_hole_and_ends_with_a_keyframe() -> None:
    studio, publisher = Studio(), Publisher()
    line, other = studio.line(), studio.line()
    studio.send(publisher, 1, b"key")
    line.outlet.pause(True)
    line.outlet.pause(True)
    studio.send(publisher, 2, b"key")
    asked = publisher.asked
    line.outlet.pause(False)
    assert publisher.asked == asked + 1
    studio.send(publisher, 3, b"inter")
    studio.send(publisher, 4, b"key2")
    assert texts(line) == [b"key", b"key2"]
    assert steps(line) == [1]
    assert len(texts(other)) == 4


def test_whoever_can_not_be_sent_to_keeps_nobody_else_waiting() -> None:
    studio, publisher = Studio(), Publisher()
    full, line = studio.line(), studio.line()

    def refuse(_: memoryview) -> None:
        raise BlockingIOError

    full.outlet.send = refuse
    studio.send(publisher, 1, b"key")
    assert texts(line) == [b"key"]


def test_a_report_counts_what_went_out_here_over_all_sources() -> None:
    one, other, publisher, second = Studio(), Studio(), Publisher(), Publisher()
    for number in range(10):
        one.send(publisher, number, b"key")
    line = one.line()
    for number in range(10, 15):
        one.send(publisher, number, b"key!!")
    one.source.remove(line.outlet)
    one.send(publisher, 15, b"key")
    other.source.add(line.outlet)
    other.send(second, 1, b"key")
    assert line.outlet.counts() == (6, 5 * 5 + 3) == (len(line.sent), 28)


# ---------------------------------------------------------------- what was missed


def test_what_was_missed_comes_again_byte_by_byte() -> None:
    studio, publisher = Studio(), Publisher()
    line = studio.line()
    for number in range(65_000, 65_000 + HISTORY + 10):
        studio.send(publisher, number, b"key" if number == 65_000 else b"%d" % number)
    for one in line.opened()[-HISTORY + 24 :]:
        assert line.resend(one.packet.sequence_number) == one.protected
    assert line.resend(line.opened()[0].packet.sequence_number) is None
    assert line.resend(line.opened()[-1].packet.sequence_number + 1) is None


def test_what_came_before_this_source_began_here_is_never_sent_again() -> None:
    studio, publisher = Studio(), Publisher()
    studio.line()
    for number in range(20):
        studio.send(publisher, number, b"key")
    line = studio.line()
    studio.send(publisher, 20, b"key")
    first = line.opened()[0].packet.sequence_number
    assert line.resend(first) is not None
    assert all(line.resend(first - back) is None for back in range(1, 20))
    line.outlet.pause(True)
    assert line.resend(first) is None
